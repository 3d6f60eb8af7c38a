"""Bring the schema of a database to the version that this program knows.

In: a Database. Out: nothing. Fails: alembic's CommandError where a newer program was here before.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from gateway.store.database import Database


def migrate(database: Database) -> str:
    """Run what has not run yet, in one transaction; give the version reached."""
    with database.write("migrate") as tx:
        config = _config()
        config.attributes.update(connection=tx.connection, transaction=tx)
        command.upgrade(config, "head")
    return current(database) or "-"


def current(database: Database) -> str | None:
    """Give the version that the database is at."""
    with database.read() as tx:
        return MigrationContext.configure(tx.connection).get_current_revision()


def newest() -> str | None:
    """Give the version that this program knows."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    return config
