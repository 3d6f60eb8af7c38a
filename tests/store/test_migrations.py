"""The schema: up from nothing, up again, and the same in both databases as the program believes."""

from __future__ import annotations

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from gateway.model import Event
from gateway.store import events
from gateway.store.migrate import _config, current, migrate, newest
from gateway.store.schema import Instant, metadata
from tests.store.mail import now


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
    with database.write("test") as tx:
        config = _config()
        config.attributes.update(connection=tx.connection, transaction=tx)
        command.upgrade(config, "0001")
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
