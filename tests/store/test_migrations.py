"""The schema: up from nothing, up again, and the same in both databases as the program believes."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select

from gateway.model import Event, State
from gateway.review import approvals
from gateway.store import accounts, deliveries, events, mails, schema, sends
from gateway.store.migrate import current, migrate, newest
from gateway.store.schema import Instant, metadata
from tests.store import older
from tests.store.mail import enter, letter, now


def test_a_new_database_is_brought_to_the_newest_version(fresh):
    database = fresh.database(empty=True)
    assert current(database) is None
    assert migrate(database) == newest() == current(database)


def test_migrating_again_changes_nothing(fresh):
    database = fresh.database()
    assert current(database) == newest()
    assert migrate(database) == newest()


def test_a_chain_begins_with_the_database(fresh):
    database = fresh.database()
    with database.read() as tx:
        assert [entry.event.kind for entry in events.sealed(tx)] == ["chain.begun"]
        assert events.verify(tx) is None


def test_an_older_database_keeps_its_chain_and_begins_it_once(fresh):
    database = fresh.database(empty=True)
    older.to_version(database, "0001")
    with database.write("test") as tx:
        events.append(tx, *(Event(kind="told", at=now(), actor="x", facts={"n": n}) for n in range(3)))
    for _ in range(2):
        migrate(database)
    with database.read() as tx:
        assert [(entry.seq, entry.event.kind) for entry in events.sealed(tx)][2:] == [
            (3, "told"),
            (4, "chain.begun"),
        ]
        assert events.verify(tx) is None


def test_the_migrations_make_the_schema_that_the_program_uses(fresh):
    def types_differ(context, inspected, column, found, wanted):
        return False if isinstance(wanted, Instant) else None

    with fresh.database().read() as tx:
        options = {"compare_type": types_differ, "render_as_batch": True}
        assert compare_metadata(MigrationContext.configure(tx.connection, opts=options), metadata) == []


OLDER = [f"{version:04}" for version in range(1, int(newest() or 0))]
STATES = {"clean": State.DONE, "held": State.HELD, "refused": State.REJECTED, "waiting": State.OPEN}


@pytest.fixture(params=OLDER)
def upgraded(fresh, request):
    database = fresh.database(empty=True)
    older.fill(database, request.param)
    assert migrate(database) == newest()
    return database


def test_an_older_database_keeps_every_mail_decision_and_event(upgraded):
    with upgraded.read() as tx:
        assert events.verify(tx) is None
        found = {send.sender.partition("@")[0]: send for send in sends.listed(tx)}
        assert {name: send.state for name, send in found.items()} == STATES
        for name, send in found.items():
            stored = mails.samples(tx, send.id, limit=10)
            assert len(stored) == send.mails == sum(deliveries.tally(tx, send.id).values())
            for number, mail in enumerate(stored):
                assert mail.envelope.recipients[0].address == f"{name}{number}@example.com"
                assert f"Dear reader {number}\r\n".encode() in mails.whole(tx, mail)
            if name != "waiting":
                contents = mails.contents(tx, send.id)
                keys = {key for content in contents for key in (content.own, *content.parts)}
                assert set(mails.inspections(tx, keys)) == keys
        held = found["held"]
        assert held.verdict and held.exposure and held.exposure.people == 80
        (approval,) = sends.approvals(tx, held.id)
        assert approvals.tally(held, [approval], accounts.by_name(tx), needed=2).missing == 1
        known = accounts.recognised(tx, older.TOKENS["jiro"], accounts.Sort.TOKEN, now=now())
        assert known and known.account.name == "jiro"


def test_an_older_database_takes_new_mail_and_tells_its_chain(upgraded):
    enter(upgraded, letter())
    with upgraded.read() as tx:
        assert events.verify(tx) is None
        assert len(sends.listed(tx)) == len(STATES) + 1


def test_the_terms_of_what_was_over_begin_with_the_upgrade(upgraded):
    with upgraded.read() as tx:
        rows = tx.execute(select(schema.sends.c.state, schema.sends.c.finished_at))
        ended = {State(state): at for state, at in rows}
    assert {state for state, at in ended.items() if at} == {State.DONE, State.REJECTED}
