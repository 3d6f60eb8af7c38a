"""A database as version 0001 of the schema left it, with mails in every state: what an upgrade finds.

older/0001.jsonl holds its rows as that version's own program wrote them, sealed with the key of `KEY`: a send that is done,
one held with the first of two approvals, one rejected, one open with mails that nobody has inspected.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path

from alembic import command
from sqlalchemy import MetaData, text

from gateway.store.database import Database
from gateway.store.migrate import _config

KEY = b"k" * 32
ROWS = Path(__file__).with_name("older") / "0001.jsonl"
TOKENS = {
    "hanako": "J45czHIT03LXxpJs3UMM0BfE0GXdzM3CUCL_vlxR0D0",
    "jiro": "kPlZXqq0bb6gDw2oeHBZCOAK_liQKjx1gghG93CDNH0",
}


def fill(database: Database, version: str) -> None:
    """Make an empty database one of an older version."""
    to_version(database, "0001")
    metadata = MetaData()
    metadata.reflect(database.engine)
    with database.write("test") as tx:
        for line in ROWS.read_text(encoding="utf-8").splitlines():
            table, row = json.loads(line)
            tx.execute(metadata.tables[table].insert(), {name: _value(value) for name, value in row.items()})
        if tx.dialect.name == "postgresql":
            for table, key in (("mails", "number"), ("deliveries", "id")):
                tx.execute(text(f"SELECT setval('{table}_{key}_seq', (SELECT max({key}) FROM {table}))"))
    to_version(database, version)


def to_version(database: Database, version: str) -> None:
    with database.write("test") as tx:
        config = _config()
        config.attributes.update(connection=tx.connection, transaction=tx)
        command.upgrade(config, version)


def _value(value: object) -> object:
    return base64.b64decode(value["base64"]) if isinstance(value, dict) else value
