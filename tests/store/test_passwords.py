"""Passwords that opened something: sealed, bound to their send, gone with its contents; and who told them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography.exceptions import InvalidTag
from sqlalchemy import select, update

from gateway.errors import Stale
from gateway.model import Approval, Choice, Event, Exposure, Inspection, State
from gateway.retention import Retention
from gateway.settings import RetentionSettings
from gateway.store import codec, mails, passwords, schema, sends
from gateway.store.passwords import Password, Source
from tests.store.mail import counted, enter, letter, now, put, send, send_of

TOLD = Password(value="Kx9!tR-2 さくら", source=Source.MAIL, told_by="teller")
LISTED = Password(value="everybodys", source=Source.LIST)


def keep(database, send_id: str, *fitted: Password) -> bool:
    with database.write("test") as tx:
        return passwords.keep(tx, send_id, fitted, now=now())


def kept(database, send_id: str) -> list[Password]:
    with database.read() as tx:
        return passwords.of_send(tx, send_id)


def test_a_password_is_kept_once_and_given_again(database):
    send_id = put(database)
    assert keep(database, send_id, TOLD, LISTED, TOLD)
    assert not keep(database, send_id, LISTED, TOLD)
    assert kept(database, send_id) == [TOLD, LISTED]
    assert kept(database, put(database, State.OPEN, letter(1, subject="other"))) == []


def test_nothing_of_it_stands_in_the_row_or_in_what_is_printed(database):
    send_id = put(database)
    keep(database, send_id, TOLD)
    with database.read() as tx:
        row = tx.execute(select(schema.passwords)).one()
    assert b"Kx9" not in row.sealed and "Kx9" not in repr(kept(database, send_id))


def test_a_password_put_to_another_send_cannot_be_unsealed(database):
    one, other = put(database), put(database, State.OPEN, letter(1, subject="other"))
    assert one != other
    keep(database, one, TOLD)
    with database.write("test") as tx:
        tx.execute(update(schema.passwords).values(send_id=other))
    with pytest.raises(InvalidTag):
        kept(database, other)


def test_a_password_goes_with_the_contents_that_it_opens_and_who_told_it_stays_as_long_as_the_send(database):
    send_id = put(database, State.DONE)
    keep(database, send_id, TOLD)
    with database.write("test") as tx:
        tx.execute(update(schema.sends).values(finished_at=now()))
        tx.execute(update(schema.deliveries).values(status="delivered"))
        tx.execute(update(schema.mails).values(own=b"o" * 32, parts="[]"))
    settings = RetentionSettings(quarantine_days=30, evidence_days=100)
    for _ in Retention(database, settings, clock=lambda: now() + timedelta(days=31)).steps():
        pass
    assert kept(database, send_id) == []
    with database.read() as tx:
        assert [one.send_id for one in passwords.opened_by(tx, send_id)] == ["teller"]
    for _ in Retention(database, settings, clock=lambda: now() + timedelta(days=101)).steps():
        pass
    assert counted(database, schema.passwords) == 0


def test_a_send_tells_of_others_that_are_held_or_rejected_and_not_of_itself(database):
    tells = {}
    told = [put(database, State.OPEN, letter(1, subject=state)) for state in State]
    teller = put(database, State.OPEN, letter(1, subject="teller"))
    for send_id in told:
        keep(database, send_id, Password(value="x", source=Source.MAIL, told_by=teller))
    keep(database, teller, Password(value="x", source=Source.MAIL, told_by=teller))
    for state, send_id in zip(State, told, strict=True):
        with database.write("test") as tx:
            tx.execute(update(schema.sends).values(state=State.DONE))
            tx.execute(update(schema.sends).where(schema.sends.c.id == send_id).values(state=state))
            tells[state] = passwords.tells(tx, teller)
            assert {one.send_id for one in passwords.told_of(tx, teller)} == set(told)
    assert {state for state, number in tells.items() if number} == {State.HELD, State.REJECTED}


def with_gaps(database, send_id: str, **gaps: int) -> None:
    exposure = Exposure(
        mails=1, recipients=1, records=0, people=0, households=0, minors=0, items={}, sensitive=(), overlap=0,
        reportable=False, gaps=gaps,
    )  # fmt: skip
    with database.write("test") as tx:
        values = {"exposure": codec.exposure_to_text(exposure), "finished_at": now()}
        tx.execute(update(schema.sends).where(schema.sends.c.id == send_id).values(**values))


def test_locked_sends_are_those_held_or_lately_rejected_with_something_encrypted(database):
    held, rejected, other = (
        put(database, state, letter(1, subject=f"{state} locked"))
        for state in (State.HELD, State.REJECTED, State.DONE)
    )
    clean = put(database, State.HELD, letter(1, subject="not locked"))
    for send_id in (held, rejected, other):
        with_gaps(database, send_id, ENCRYPTED=1, IMAGE=2)
    with_gaps(database, clean, IMAGE=1)
    with database.read() as tx:
        lately = {one.id for one in sends.locked(tx, since=now() - timedelta(days=1))}
        long_ago = {one.id for one in sends.locked(tx, since=now() + timedelta(days=1))}
    assert (lately, long_ago) == ({held, rejected}, {held})


def test_a_reopened_send_has_no_digest_until_it_is_judged_again(database):
    send_id = put(database, State.HELD)
    before = send(database, send_id)
    with database.write("test") as tx:
        sends.reopened(tx, before, Event(kind="send.unlocked", at=now(), actor="sekisho", send_id=send_id))
        assert [one.id for one in sends.to_judge_again(tx)] == [send_id]
    with pytest.raises(Stale), database.write("test") as tx:
        sends.reopened(tx, before, Event(kind="send.unlocked", at=now(), actor="sekisho", send_id=send_id))


def test_a_decision_on_what_stood_before_makes_room_for_one_on_what_stands(database):
    send_id = put(database, State.HELD)
    for seen in ("a" * 64, "b" * 64):
        approval = Approval(
            send_id=send_id, reviewer="hanako", choice=Choice.APPROVE, seen=seen, comment="", at=now()
        )
        with database.write("test") as tx:
            sends.add_approval(tx, send(database, send_id), approval)
    with database.read() as tx:
        assert [one.seen for one in sends.approvals(tx, send_id)] == ["b" * 64]


def test_a_part_is_replaced_in_all_mails_of_its_send_and_in_no_other(database):
    attachment = b"QUJDREVG" * 2000 + b"\r\n"
    one = put(database, State.OPEN, *(letter(n, subject="one", attachment=attachment) for n in range(3)))
    other = put(database, State.OPEN, letter(1, subject="other", attachment=attachment))
    old, beside, new = (letter_of * 32 for letter_of in (b"o", b"b", b"n"))
    with database.write("test") as tx:
        mails.keep_inspections(tx, {key: Inspection(records=key[0]) for key in (old, beside, new)})
        tx.execute(update(schema.mails).values(own=beside, parts=f'["{beside.hex()}", "{old.hex()}"]'))
        mails.replace_part(tx, one, old, by=new)
    with database.read() as tx:
        assert [content.parts for content in mails.contents(tx, one)] == [(beside, new)]
        assert [content.parts for content in mails.contents(tx, other)] == [(beside, old)]
        assert mails.carrier(tx, one, old) is None


def test_the_newest_mails_of_a_sender_are_found_by_whichever_client(database):
    at = [now() - timedelta(minutes=minutes) for minutes in (60, 40, 20, 0)]
    own = send_of(database, enter(database, letter(1, subject="own"), bulk=False, at=at[1])[0])
    found = {
        "near": send_of(database, enter(database, letter(2, subject="near"), bulk=False, at=at[2])[0]),
        "by another": send_of(
            database, enter(database, letter(3, subject="x"), client="outlook", at=at[3])[0]
        ),
    }
    enter(database, letter(4, subject="old"), bulk=False, at=now() - timedelta(days=9))
    enter(database, letter(5, subject="else"), sender="t@example.jp", bulk=False)
    with database.read() as tx:
        locked = sends.get(tx, own)
        which = sends.of_sender(locked, ("tool", "outlook"), since=now() - timedelta(days=3))
        newest = mails.of_sender(tx, which, sends=10, mails_each=5, largest=10_000)
        number, last = sends.activity(tx, locked, ("tool", "outlook"), since=now() - timedelta(days=3))
        nobody = mails.of_sender(tx, which, sends=10, mails_each=5, largest=10)
    assert [mail.send_id for mail in newest] == [found["by another"], found["near"], own]
    assert (number, last) == (3, at[3]) and nobody == []
