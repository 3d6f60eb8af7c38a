"""What is past its term goes: of finished sends alone, and nothing that anybody still needs."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from gateway.delivery import DeliveryStatus
from gateway.errors import Stale
from gateway.model import Choice, Inspection, State
from gateway.retention import Retention
from gateway.review import states
from gateway.settings import RetentionSettings
from gateway.store import deliveries, events, intake, mails, schema, sends
from gateway.store import retention as rows
from gateway.store.pieces import Damaged
from tests.store.mail import ATTACHMENT, counted, enter, envelope, letter, now, put, send, undone

SETTINGS = RetentionSettings(quarantine_days=30, evidence_days=100)
ZIP, OTHER = ATTACHMENT * 500, b"OTHER" + ATTACHMENT * 500


def later(days: float):
    return now() + timedelta(days=days)


def over(database, *contents: bytes, state: State = State.DONE, at=None) -> str:
    """Enter a send that is over."""
    send_id = put(database, state, *(contents or (letter(1, attachment=ZIP), letter(2, attachment=ZIP))))
    with database.write("test") as tx:
        tx.execute(update(schema.sends).where(schema.sends.c.id == send_id).values(finished_at=at or now()))
        mine = schema.deliveries.c.send_id == send_id
        tx.execute(update(schema.deliveries).where(mine).values(status=DeliveryStatus.DELIVERED))
        tx.execute(
            update(schema.mails).where(schema.mails.c.send_id == send_id).values(own=b"o" * 32, parts="[]")
        )
        mails.keep_inspections(tx, {b"o" * 32: Inspection()})
    return send_id


def clear_up(database, *, days: float, steps: int | None = None, retention: Retention | None = None) -> None:
    """Do a round, as it would be done so many days later; break it off after so many steps."""
    for number, _ in enumerate(
        (retention or Retention(database, SETTINGS, clock=lambda: later(days))).steps(), 1
    ):
        if number == steps:
            return


def stored(database, send_id: str) -> list[mails.StoredMail]:
    with database.read() as tx:
        return mails.samples(tx, send_id, limit=10)


def readable(database, send_id: str) -> bool:
    with database.read() as tx:
        return all(mails.whole(tx, mail) for mail in mails.samples(tx, send_id, limit=10))


@pytest.mark.parametrize("act", list(states.Act))
def test_the_time_at_which_a_send_is_over_is_written_down(database, act):
    for (before, known), after in states.TABLE.items():
        if known is not act:
            continue
        send_id = put(database, before, letter(subject=f"{before} {act} " * 9))
        with database.write("test") as tx:
            sends.apply(tx, states.move(sends.get(tx, send_id), act, actor="x", now=now()))
            found = tx.execute(
                select(schema.sends.c.finished_at).where(schema.sends.c.id == send_id)
            ).scalar_one()
        assert (found is not None) is (after in states.TERMINAL)


def test_mails_of_a_finished_send_go_when_their_term_is_over_and_not_before(database):
    send_id = over(database)
    clear_up(database, days=29)
    assert readable(database, send_id)
    assert counted(database, schema.blobs) == 1
    clear_up(database, days=31)
    assert [mail.is_purged for mail in stored(database, send_id)] == [True, True]
    assert counted(database, schema.blobs) == 0
    with database.read() as tx:
        assert deliveries.tally(tx, send_id) == {"delivered": 2}
        told = events.of_send(tx, send_id)[-1]
        assert (told.kind, dict(told.facts)) == ("send.contents_purged", {"mails": 2})
        assert events.verify(tx) is None
    entries = counted(database, schema.events)
    clear_up(database, days=32)
    assert counted(database, schema.events) == entries


@pytest.mark.parametrize("state", [state for state in State if state not in states.TERMINAL])
def test_of_a_send_that_is_not_over_nothing_ever_goes(database, state):
    send_id = over(database, state=state, at=later(-5000))
    clear_up(database, days=5000)
    assert readable(database, send_id)
    assert counted(database, schema.mails) == 2


@pytest.mark.parametrize("status", [DeliveryStatus.WAITING, DeliveryStatus.SENDING])
def test_what_may_still_be_on_its_way_keeps_its_mail(database, status):
    send_id = over(database, state=State.WITHDRAWN)
    with database.write("test") as tx:
        first = select(schema.deliveries.c.id).limit(1).scalar_subquery()
        tx.execute(update(schema.deliveries).where(schema.deliveries.c.id == first).values(status=status))
    clear_up(database, days=5000)
    assert readable(database, send_id)


def test_a_part_that_another_mail_has_too_stays(database):
    old = over(database, letter(1, attachment=ZIP), letter(2, attachment=OTHER))
    held = put(database, State.HELD, letter(3, attachment=ZIP, subject="quite another one " * 3))
    clear_up(database, days=31)
    assert all(mail.is_purged for mail in stored(database, old))
    assert readable(database, held)
    assert counted(database, schema.blobs) == 1


async def test_a_part_that_comes_again_at_any_moment_is_kept_again(database):
    entrance = intake.Intake(database, {"tool": True})
    await entrance.accept(envelope(), letter(1, attachment=ZIP))
    await entrance.accept(envelope(), letter(2, attachment=OTHER))
    with database.write("test") as tx:
        tx.execute(update(schema.sends).values(state=State.EXPIRED, finished_at=now()))
        tx.execute(update(schema.deliveries).values(status=DeliveryStatus.CANCELLED))
    retention = Retention(database, SETTINGS, clock=lambda: later(31))
    steps = retention.steps()
    assert next(steps)  # the mails are empty now, their parts still there
    first = await entrance.accept(envelope(), letter(3, attachment=ZIP))
    for _ in steps:
        pass
    second = await entrance.accept(envelope(), letter(4, attachment=OTHER))
    await entrance.close()
    with database.read() as tx:
        assert mails.whole(tx, mails.get(tx, first)) == letter(3, attachment=ZIP)
        assert mails.whole(tx, mails.get(tx, second)) == letter(4, attachment=OTHER)


def test_a_part_that_comes_again_after_the_search_for_parts_is_kept(database):
    over(database)
    retention = Retention(database, SETTINGS, clock=lambda: later(31))
    for _ in retention._empty(stored_send(database)):
        pass
    with database.read() as tx:
        found = rows.unneeded(tx, rows.BLOBS)
    assert len(found.keys) == 1
    again = enter(database, letter(9, attachment=ZIP))[0]
    with database.write("test") as tx:
        rows.remove(tx, rows.BLOBS, found, 0, 5)
    with database.read() as tx:
        assert mails.whole(tx, mails.get(tx, again)) == letter(9, attachment=ZIP)


def stored_send(database) -> str:
    with database.read() as tx:
        return tx.execute(select(schema.sends.c.id)).scalar_one()


def test_a_round_that_was_broken_off_is_taken_up_again(database, monkeypatch):
    monkeypatch.setattr("gateway.retention.ROWS_A_STEP", 2)
    send_id = over(database, *(letter(n, attachment=ZIP) for n in range(5)))
    for done in range(1, 4):
        clear_up(database, days=31, steps=1)
        assert sum(mail.is_purged for mail in stored(database, send_id)) == min(5, 2 * done)
    assert counted(database, schema.blobs) == 1  # each round ended before it came to the parts
    clear_up(database, days=31)
    assert counted(database, schema.blobs) == 0


def test_evidence_goes_when_its_own_term_is_over_and_events_stay(database, monkeypatch):
    monkeypatch.setattr("gateway.retention.ROWS_A_STEP", 3)
    send_id, held = over(database), put(database, State.HELD, letter(subject="quite another one " * 3))
    with database.write("test") as tx:
        for who in ("hanako", "taro"):
            approval = sends.Approval(
                send_id=send_id, reviewer=who, choice=Choice.APPROVE, seen="", comment="", at=now()
            )
            sends.add_approval(tx, sends.get(tx, send_id), approval)
    clear_up(database, days=31)
    clear_up(database, days=99)
    assert send(database, send_id).state is State.DONE
    for steps in (1, 1, 1, None):
        clear_up(database, days=101, steps=steps)
    assert {table: counted(database, table) for table in (schema.sends, schema.mails, schema.approvals)} == {
        schema.sends: 1,
        schema.mails: 1,
        schema.approvals: 0,
    }
    assert send(database, held).state is State.HELD
    with database.read() as tx:
        assert [event.kind for event in events.of_send(tx, send_id)][-2:] == [
            "send.contents_purged",
            "send.evidence_purged",
        ]
        assert events.verify(tx) is None


def test_inspections_of_no_mail_go(database):
    over(database)
    waiting = put(database, State.OPEN, letter(subject="quite another one " * 3))
    kept = mails.InspectedMail(mail_id=only_mail(database, waiting), own=b"q" * 32, parts=(b"p" * 32,))
    with database.write("test") as tx:
        mails.keep_inspections(tx, {b"p" * 32: Inspection(), b"q" * 32: Inspection()}, [kept])
    clear_up(database, days=31)
    assert counted(database, schema.inspections) == 3
    clear_up(database, days=101)
    with database.read() as tx:
        assert set(tx.execute(select(schema.inspections.c.key)).scalars()) == {b"p" * 32, b"q" * 32}


def test_an_inspection_that_a_mail_came_to_need_after_the_search_is_kept(database):
    waiting = put(database)
    kept = mails.InspectedMail(mail_id=only_mail(database, waiting), own=b"q" * 32, parts=(b"p" * 32,))
    with database.write("test") as tx:
        mails.keep_inspections(tx, {b"p" * 32: Inspection(), b"r" * 32: Inspection()})
    with database.read() as tx:
        found = rows.unneeded(tx, rows.INSPECTIONS)
    assert set(found.keys) == {b"p" * 32, b"r" * 32}
    with database.write("test") as tx:
        mails.keep_inspections(tx, {b"q" * 32: Inspection()}, [kept])
    with database.write("test") as tx:
        rows.remove(tx, rows.INSPECTIONS, found, 0, 5)
    with database.read() as tx:
        assert set(mails.inspections(tx, [b"p" * 32, b"q" * 32, b"r" * 32])) == {b"p" * 32, b"q" * 32}


def test_a_mail_whose_inspection_went_before_it_was_marked_stays_to_be_inspected(database):
    waiting = put(database)
    marked = mails.InspectedMail(mail_id=only_mail(database, waiting), own=b"q" * 32, parts=(b"p" * 32,))
    with pytest.raises(Stale), database.write("test") as tx:
        mails.keep_inspections(tx, {b"q" * 32: Inspection()}, [marked])
    with database.read() as tx:
        assert sends.inspected_wholly(tx, [waiting]) == set()


def only_mail(database, send_id: str) -> str:
    (mail,) = stored(database, send_id)
    return mail.id


def test_nothing_of_a_purged_mail_stands_in_the_file(fresh):
    if fresh.kind != "sqlite":
        return  # there VACUUM sees to it, in its time
    settings = fresh.settings()
    database = fresh.open(settings)
    over(database, letter(1, attachment=ZIP, subject="a very secret subject"))
    over(database, letter(2, subject="another very secret subject"))
    clear_up(database, days=31)
    database.engine.dispose()  # the last connection takes the log with it
    raw = Path(database.engine.url.database).read_bytes()
    assert b"very secret subject" not in raw
    assert ZIP[:60] not in raw


def test_an_emptied_mail_is_not_taken_for_a_purged_one_where_it_is_to_leave(database):
    send_id = over(database, letter())
    with undone(database) as tx:
        tx.execute(update(schema.mails).values(skeleton=b""))
        (mail,) = mails.samples(tx, send_id, limit=1)
        assert mail.is_purged
        with pytest.raises(Damaged):
            mails.whole(tx, mail)
    (empty,) = (
        mail for mail in stored(database, over(database, b"", state=State.OPEN)) if not mail.skeleton.raw
    )
    assert not empty.is_purged


async def test_it_runs_until_it_is_told_to_stop(database):
    send_id = over(database)
    stop = asyncio.Event()
    task = asyncio.create_task(Retention(database, SETTINGS, clock=lambda: later(31)).run(stop))
    async with asyncio.timeout(10):
        while not all(mail.is_purged for mail in stored(database, send_id)):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        stop.set()
        await task


async def test_trouble_is_told_and_leaves_everything(database, monkeypatch):
    send_id = over(database)
    monkeypatch.setattr("gateway.store.retention.remove_contents", lambda *_, **__: 1 / 0)
    stop = asyncio.Event()
    task = asyncio.create_task(Retention(database, SETTINGS, clock=lambda: later(31)).run(stop))
    await asyncio.sleep(0.3)
    stop.set()
    await task
    assert readable(database, send_id)
