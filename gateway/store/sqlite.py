"""What SQLite alone needs: turns to write, settings of a connection, an end to its write-ahead log.

In: a file. Out: connections as the store wants them. Fails: sqlite3's errors.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection

FOLD_SECONDS = 0.1  # those who accept mail wait no longer for it


class Turns:
    """Whose turn it is to write to a SQLite file, among the threads and processes that do.

    SQLite itself lets those who wait sleep for ever longer and look again; the kernel wakes the next at once.
    """

    def __init__(self, file: Path) -> None:
        self._file = open(file, "w", opener=lambda path, flags: os.open(path, flags, 0o600))  # noqa: SIM115
        self._here = threading.Lock()

    @contextmanager
    def take(self) -> Iterator[None]:
        """Wait for the turn, and give it on at the end; one that dies gives it on as well."""
        with self._here:
            fcntl.flock(self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


def tune(connection: sqlite3.Connection, _record: object) -> None:
    """Set what each SQLite connection needs: WAL, and FULL, since NORMAL loses acknowledged mail with the power."""
    connection.isolation_level = None  # we say BEGIN ourselves
    for pragma in (
        "page_size=8192",  # with 4096 a third of each page is left over by small mails
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",  # what is removed stands nowhere in the file
        "wal_autocheckpoint=1000",
        "cache_size=-16000",
    ):
        connection.execute(f"PRAGMA {pragma}")


def begin(connection: Connection) -> None:
    """Take the write lock at once: two that read first and then both write would stand in each other's way."""
    write = connection.get_execution_options().get("sekisho_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def fold(file: Path, turns: Turns) -> None:
    """Bring what the write-ahead log holds into the file, and cut the log off; while somebody reads it stays as it is."""
    write_ahead = file.with_name(f"{file.name}-wal")
    if not write_ahead.exists() or not write_ahead.stat().st_size:
        return
    with closing(sqlite3.connect(file, timeout=FOLD_SECONDS, isolation_level=None)) as connection:
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)")  # the long part; others may write meanwhile
        with turns.take():
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
