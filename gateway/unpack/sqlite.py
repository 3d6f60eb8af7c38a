"""SQLite databases.

In: application/vnd.sqlite3. Out: a Table for each table. Fails: Unreadable.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from itertools import chain

from gateway.model import Container, GapReason, Leaf, Table
from gateway.unpack._budget import Budget, Unreadable
from gateway.unpack._media_type import SQLITE
from gateway.unpack._source import Source, label, unless_bare

MAX_STEPS = 200  # of a million instructions of SQLite's machine
STEP = 1_000_000


class _Sqlite:
    media_types = frozenset({SQLITE})

    def unpack(self, source: Source, media_type: str, budget: Budget) -> Iterator[Leaf | Source]:
        """Open a database, in memory; views and triggers are not run."""
        yield Container(path=source.path, media_type=media_type)
        database = sqlite3.connect(":memory:")
        steps = iter(range(MAX_STEPS))
        database.set_progress_handler(lambda: next(steps, None) is None, STEP)
        database.text_factory = lambda raw: raw.decode("utf-8", "replace")
        try:
            # A database in WAL mode says so at 18 and 19, and cannot be opened in memory before it says otherwise.
            database.deserialize(source.raw[:18] + b"\x01\x01" + source.raw[20:])
            database.execute("PRAGMA trusted_schema = OFF")
            names = database.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
            )
            tables = (_table(source, database, name, budget) for (name,) in names.fetchall())
            yield from unless_bare(chain.from_iterable(tables), source, media_type)
        except sqlite3.DatabaseError as error:
            raise Unreadable(GapReason.CORRUPT) from error
        finally:
            database.close()


UNPACKER = _Sqlite()


def _table(
    source: Source, database: sqlite3.Connection, name: str, budget: Budget
) -> Iterator[Leaf | Source]:
    import pandas as pd  # noqa: PLC0415 - for those only who have tables

    budget.spend_member()
    quoted = name.replace('"', '""')
    cursor = database.execute(f'SELECT * FROM "{quoted}"')  # noqa: S608 - a quoted name
    columns = [one[0] for one in cursor.description]
    rows: list[list[str]] = []
    for row in cursor:
        budget.spend_bytes(sum(len(cell) if isinstance(cell, str | bytes) else 8 for cell in row))
        rows.append([_cell(cell) for cell in row])
        for cell in row:
            if isinstance(cell, bytes) and cell:
                budget.spend_member()
                yield source.child(cell, f"{name} {len(rows)}")
    if rows:
        frame = pd.DataFrame(rows, columns=pd.Index(columns, dtype=object), dtype=object)
        yield Table(
            path=(*source.path, label(name)), media_type=SQLITE, encoding=None, frame=frame, header=True
        )


def _cell(value: object) -> str:
    return "" if value is None or isinstance(value, bytes) else str(value)
