"""The schema: up from nothing, up again, and the same in both databases as the program believes."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from gateway.store.migrate import current, migrate, newest
from gateway.store.schema import Instant, metadata


def test_a_new_database_is_brought_to_the_newest_version(fresh):
    database = fresh.database(empty=True)
    assert current(database) is None
    assert migrate(database) == newest() == current(database)


def test_migrating_again_changes_nothing(fresh):
    database = fresh.database()
    assert current(database) == newest()
    assert migrate(database) == newest()


def test_the_migrations_make_the_schema_that_the_program_uses(fresh):
    def types_differ(context, inspected, column, found, wanted):
        return False if isinstance(wanted, Instant) else None

    with fresh.database().read() as tx:
        options = {"compare_type": types_differ, "render_as_batch": True}
        assert compare_metadata(MigrationContext.configure(tx.connection, opts=options), metadata) == []
