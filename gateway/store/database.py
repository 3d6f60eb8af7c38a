"""One database, SQLite or PostgreSQL, and transactions on it.

In: a URL and the key of the event chain. Out: Transaction. Fails: SQLAlchemy's errors; a full disk as NotNow.

All code of the store is written against SQLAlchemy Core and runs in threads; nothing here is asynchronous. Whoever
writes has the database to himself until he is done, in SQLite and in PostgreSQL alike: what he read stays true.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    CursorResult,
    Dialect,
    Engine,
    Executable,
    create_engine,
    event,
    inspect,
    make_url,
    select,
)
from sqlalchemy.exc import ArgumentError, OperationalError

from gateway.errors import BadConfig, NotNow
from gateway.metrics import STORE_SECONDS
from gateway.settings import StoreSettings
from gateway.store import schema, sqlite

BUSY_SECONDS = 30
POSTGRESQL_TURN = (  # one who waits for another's turn waits no longer than with SQLite
    f"SET LOCAL lock_timeout = '{BUSY_SECONDS}s'; SELECT pg_advisory_xact_lock(7215031022)"
)
POSTGRESQL_FULL = frozenset({"53100", "53000"})  # disk_full, insufficient_resources


@dataclass(frozen=True, slots=True)
class Transaction:
    """One transaction: all of it, or nothing; it carries the key that seals its events."""

    connection: Connection
    seal_key: bytes

    def execute(self, statement: Executable, parameters: Any = None) -> CursorResult[*tuple[Any, ...]]:
        """Run a statement."""
        return self.connection.execute(statement, parameters)

    @property
    def dialect(self) -> Dialect:
        """The database spoken to."""
        return self.connection.dialect

    def derived_key(self, purpose: bytes) -> bytes:
        """Give a key for another purpose than sealing events, made from the one key there is to keep safe."""
        return derived_key(self.seal_key, purpose)


class Database:
    """The engine and its two ways in: `read` and `write`."""

    def __init__(self, engine: Engine, seal_key: bytes, turns: sqlite.Turns | None = None) -> None:
        self.engine = engine
        self._seal_key = seal_key
        self._turns = turns
        self._postgresql = engine.dialect.name == "postgresql"

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """Give a transaction that sees one state of the database and changes nothing."""
        with self.engine.connect() as connection:
            if self._postgresql:
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            yield Transaction(connection, self._seal_key)

    @contextmanager
    def write(self, operation: str) -> Iterator[Transaction]:
        """Give a transaction that is durable when the block ends, and undone if it raises.

        Raises: NotNow where the disk is full.
        """
        started = time.perf_counter()
        try:
            with (
                self._turns.take() if self._turns else nullcontext(),
                self.engine.connect().execution_options(sekisho_write=True) as connection,
                connection.begin(),
            ):
                if self._postgresql:
                    connection.exec_driver_sql(POSTGRESQL_TURN)
                yield Transaction(connection, self._seal_key)
        except OperationalError as error:
            if _is_full(error):
                raise NotNow("452 4.3.1 Insufficient system storage", reason="no-space") from error
            raise
        finally:
            STORE_SECONDS.labels(operation).observe(time.perf_counter() - started)

    def derived_key(self, purpose: bytes) -> bytes:
        """Give a key for another purpose than sealing, made from the one key there is to keep safe."""
        return derived_key(self._seal_key, purpose)

    @property
    def people_secret(self) -> bytes:
        """The secret under which people are hashed."""
        return self.derived_key(b"people")

    def fold(self) -> None:
        """Fold SQLite's write-ahead log into its file, where one is; PostgreSQL sees to its own."""
        if self._turns is not None:
            sqlite.fold(Path(self.engine.url.database or ""), self._turns)

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()
        if self._turns is not None:
            self._turns.close()


def open_database(settings: StoreSettings) -> Database:
    """Open, and for SQLite make, the database of the settings.

    Raises: BadConfig where the URL or the key cannot be used.
    """
    url = check_url(settings)
    if url.get_backend_name() == "postgresql":
        engine = create_engine(url, isolation_level="READ COMMITTED", pool_size=8, pool_pre_ping=True)
        return Database(engine, _seal_key(settings.seal_key_file or Path("sekisho-data/seal.key"), engine))
    file = Path(url.database or "")
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with suppress(FileExistsError):  # its -wal and -shm get the same mode from SQLite
        os.close(os.open(file, os.O_CREAT | os.O_EXCL, 0o600))
    engine = create_engine(
        url, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False}, pool_size=8
    )
    event.listen(engine, "connect", sqlite.tune)
    event.listen(engine, "begin", sqlite.begin)
    key = _seal_key(settings.seal_key_file or file.with_name("seal.key"), engine)
    return Database(engine, key, sqlite.Turns(file.with_suffix(".turns")))


def derived_key(key: bytes, purpose: bytes) -> bytes:
    """Derive a key for one purpose (RFC 7693, keyed)."""
    return hashlib.blake2b(purpose, key=key[:64], digest_size=32).digest()


def check_url(settings: StoreSettings) -> URL:
    """Read the URL and see that such a database can be spoken to; nothing is opened.

    Raises: BadConfig.
    """
    remedy = None
    try:
        url = make_url(settings.url)
    except ArgumentError as error:
        remedy = "データベースの URL ではありません / not a URL of a database; use sqlite:///file or postgresql://user@host/name"
        raise BadConfig(file="-", key="store.url", remedy=remedy) from error
    match url.get_backend_name():
        case "sqlite":
            if not url.database or url.database == ":memory:":
                remedy = "ファイルを指定してください / name a file: sqlite:///folder/sekisho.db"
        case "postgresql":
            url = url.set(drivername="postgresql+psycopg")
            try:
                url.get_dialect().import_dbapi()
            except ImportError:  # an extra, since most installations have one file and no server
                remedy = "PostgreSQL のドライバーが要ります / PostgreSQL needs its driver: .venv/bin/pip install '.[postgresql]' (Sekisho のフォルダで / in its folder)"
        case _:
            remedy = "次の形にしてください / use sqlite:///file or postgresql://user@host/name"
    if remedy is not None:
        raise BadConfig(file="-", key="store.url", remedy=remedy)
    return url


def _is_full(error: OperationalError) -> bool:
    """Tell whether it was for want of space."""
    if isinstance(error.orig, sqlite3.Error):
        return error.orig.sqlite_errorcode & 0xFF == sqlite3.SQLITE_FULL
    return getattr(error.orig, "sqlstate", None) in POSTGRESQL_FULL


def _seal_key(file: Path, engine: Engine) -> bytes:
    """Read the key of the event chain; make it where no chain has begun: one that was lost is not replaced.

    Raises: BadConfig.
    """
    if not file.exists():
        if _chain_has_begun(engine) and not file.exists():  # not made meanwhile by a process that began it
            remedy = (
                "データベースを封じた鍵がありません。控えから戻してください"
                " / the key is missing, and the database was sealed with it; restore the key from the backup"
            )
            raise BadConfig(file=str(file), key="store.seal_key_file", remedy=remedy)
        _make_key(file)
    key = file.read_bytes()
    if len(key) < 32:
        raise BadConfig(
            file=str(file),
            key="store.seal_key_file",
            remedy="鍵が 32 バイトより短いです。控えから戻してください / the key is shorter than 32 bytes; restore it from a backup",
        )
    return key


def _chain_has_begun(engine: Engine) -> bool:
    """Tell whether there are sealed events."""
    try:
        with engine.connect() as connection:
            if not inspect(connection).has_table(schema.chain_head.name):
                return False
            return connection.execute(select(schema.chain_head.c.id).limit(1)).first() is not None
    finally:
        engine.dispose()  # the caller may give up


def _make_key(file: Path) -> None:
    """Make a key, all of it or none, unless another process was faster."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with NamedTemporaryFile(dir=file.parent, prefix=f"{file.name}.") as made:  # of mode 0600
        made.write(secrets.token_bytes(32))
        made.flush()
        os.fsync(made.fileno())
        with suppress(FileExistsError):
            os.link(made.name, file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
