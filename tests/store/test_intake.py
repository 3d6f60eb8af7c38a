"""Accepting: nothing is said to be kept before it is, and what is kept is whole."""

from __future__ import annotations

import asyncio
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select

from gateway.errors import NotNow
from gateway.model import Recipient
from gateway.store import deliveries, events, intake, mails, schema
from tests.store.mail import ATTACHMENT, counted, envelope, letter, send_of, undone

BULK = {"tool": True}


async def accepted(database, *contents: bytes, **who) -> list[str]:
    """Hand in mails at once, as many connections do; give their ids."""
    entrance = intake.Intake(database, BULK)
    try:
        return await asyncio.gather(*(entrance.accept(envelope(**who), content) for content in contents))
    finally:
        await entrance.close()


def whole(database, mail_id: str) -> bytes:
    with database.read() as tx:
        return mails.whole(tx, mails.get(tx, mail_id))


async def test_what_was_accepted_is_there_for_whoever_opens_the_database(fresh):
    settings_ = fresh.settings()
    (mail_id,) = await accepted(fresh.open(settings_), letter())
    assert whole(fresh.open(settings_), mail_id) == letter()


async def test_the_id_is_given_after_the_commit_and_not_before(database):
    at_commit: list[bool] = []
    entrance = intake.Intake(database, BULK)
    waiting = asyncio.ensure_future(entrance.accept(envelope(), letter()))
    event.listen(database.engine, "commit", lambda _: at_commit.append(waiting.done()))
    mail_id = await waiting
    await entrance.close()
    assert at_commit == [False]
    assert whole(database, mail_id) == letter()


@pytest.mark.parametrize(
    "table", [schema.mails, schema.deliveries, schema.events, schema.sends, schema.chain_head]
)
async def test_a_failure_at_any_statement_keeps_nothing_and_says_later(database, table):
    def failing(_connection, _cursor, statement, *_):
        if f" {table.name} " in statement and statement.startswith(("INSERT", "UPDATE")):
            raise OSError

    event.listen(database.engine, "before_cursor_execute", failing)
    with pytest.raises(NotNow) as refused:
        await accepted(database, letter())
    assert refused.value.reply.startswith("451 4.3.0")
    event.remove(database.engine, "before_cursor_execute", failing)
    for emptied in (schema.mails, schema.sends, schema.deliveries, schema.blobs):
        assert counted(database, emptied) == 0
    assert len(await accepted(database, letter())) == 1


async def test_a_commit_that_fails_says_later(database):
    def failing(_connection):
        raise OSError

    event.listen(database.engine, "commit", failing)
    with pytest.raises(NotNow):
        await accepted(database, letter())
    event.remove(database.engine, "commit", failing)
    assert counted(database, schema.mails) == 0


async def test_one_mail_that_cannot_be_kept_does_not_take_others_with_it(database):
    entrance = intake.Intake(database, BULK)
    bad = envelope(helo="\ud800")  # no database takes that
    outcomes = await asyncio.gather(
        *(entrance.accept(envelope() if n != 3 else bad, letter(n)) for n in range(8)), return_exceptions=True
    )
    await entrance.close()
    assert [n for n, outcome in enumerate(outcomes) if isinstance(outcome, NotNow)] == [3]
    assert counted(database, schema.mails) == 7


async def test_many_mails_share_commits(database):
    commits: list[int] = []
    event.listen(database.engine, "commit", lambda _: commits.append(1))
    ids = await accepted(database, *(letter(n) for n in range(200)))
    assert len(set(ids)) == counted(database, schema.mails) == 200
    assert len(commits) < 50
    assert len({send_of(database, mail_id) for mail_id in ids}) == 1


def test_threads_and_connections_of_their_own_lose_nothing(fresh):
    settings_ = fresh.settings()
    found: list[str] = []

    def one(number: int) -> None:
        contents = [letter(number * 100 + n, attachment=ATTACHMENT * 200) for n in range(25)]
        found.extend(asyncio.run(accepted(fresh.open(settings_), *contents)))

    threads = [threading.Thread(target=one, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    database = fresh.open(settings_)
    assert len(set(found)) == counted(database, schema.mails) == 200
    assert counted(database, schema.sends) == 1
    assert counted(database, schema.blobs) == 1
    with database.read() as tx:
        assert events.verify(tx) is None
        send = tx.execute(select(schema.sends)).one()
    assert (send.mails, send.recipients) == (200, 200)


async def test_the_same_part_is_kept_once(database):
    await accepted(database, *(letter(n, attachment=ATTACHMENT * 500) for n in range(30)))
    await accepted(database, *(letter(n, attachment=ATTACHMENT * 500) for n in range(30)))
    await accepted(database, letter(attachment=ATTACHMENT * 501))
    assert counted(database, schema.blobs) == 2


async def test_each_recipient_is_a_delivery_with_his_parameters(database):
    to = (
        Recipient(address="a@example.com", parameters=("NOTIFY=NEVER",)),
        Recipient(address="b@example.com"),
    )
    entrance = intake.Intake(database, BULK)
    who = envelope()
    mail_id = await entrance.accept(
        type(who)(client="tool", submitter="u", sender="", recipients=to, tls=True), letter()
    )
    await entrance.close()
    with database.read() as tx:
        stored = mails.get(tx, mail_id)
        waiting = deliveries.of_send(tx, stored.send_id)
    assert stored.envelope.recipients == to
    assert stored.envelope.tls and stored.envelope.submitter == "u" and stored.envelope.sender == ""
    assert [(d.recipient, d.status, d.attempts) for d in waiting] == [
        (to[0], "waiting", 0),
        (to[1], "waiting", 0),
    ]


CONTENT = st.binary(max_size=300).map(lambda b: (letter() + b + b"\r\n" + b * 60)[:60_000])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(contents=st.lists(CONTENT, min_size=1, max_size=4))
def test_any_bytes_come_back_as_they_came(database, contents):
    ids = asyncio.run(accepted(database, *contents))
    assert [whole(database, mail_id) for mail_id in ids] == contents


async def test_a_mail_that_was_changed_in_the_database_shows(database):
    (mail_id,) = await accepted(database, letter(attachment=ATTACHMENT * 500))
    for change in (
        schema.mails.update().values(skeleton=letter()),
        schema.mails.update().values(segments=""),
        schema.blobs.update().values(raw=b"x"),
        schema.blobs.delete(),
    ):
        with undone(database) as tx:
            tx.execute(change)
            with pytest.raises(mails.pieces.Damaged):
                mails.whole(tx, mails.get(tx, mail_id))
    assert whole(database, mail_id) == letter(attachment=ATTACHMENT * 500)
