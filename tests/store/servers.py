"""Databases to test against: a file for SQLite, a throw-away server for PostgreSQL, where its programs are installed."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg

from gateway.settings import StoreSettings
from gateway.store.database import Database, open_database
from gateway.store.migrate import migrate

NUMBERS = count(1)


def program(name: str) -> str | None:
    """Find a program of the PostgreSQL server; Debian keeps them off PATH."""
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return shutil.which(name) or (str(installed[-1]) if installed else None)


@contextmanager
def postgresql_server() -> Iterator[str]:
    """Run a server in a folder of its own, on a socket alone; give the folder of its socket."""
    initdb, postgres = program("initdb"), program("postgres")
    assert initdb and postgres
    folder = tempfile.mkdtemp(prefix="sekisho-pg-")
    person: dict[str, str] = {}
    if os.geteuid() == 0:  # PostgreSQL does not run as root
        names = {entry.pw_name for entry in pwd.getpwall()}
        person = {"user": "postgres" if "postgres" in names else "nobody"}
        shutil.chown(folder, person["user"])
    data = f"{folder}/data"
    process = None
    try:
        command = [initdb, "-D", data, "-U", "sekisho", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"]
        subprocess.run(command, check=True, capture_output=True, cwd=folder, **person)
        with Path(folder, "log").open("wb") as log:
            options = [
                "-c",
                "listen_addresses=",
                "-c",
                f"unix_socket_directories={folder}",
                "-c",
                "fsync=off",
            ]
            process = subprocess.Popen(
                [postgres, "-D", data, *options], stdout=log, stderr=log, cwd=folder, **person
            )
        for _ in range(300):
            try:
                psycopg.connect(host=folder, user="sekisho", dbname="postgres").close()
                break
            except psycopg.OperationalError:
                assert process.poll() is None, Path(folder, "log").read_text(errors="replace")
                time.sleep(0.1)
        yield folder
    finally:
        if process is not None:
            process.send_signal(2)  # fast: clients are cut off
            process.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


class Fresh:
    """Gives new databases, their schema up to date or empty, of one of the two kinds."""

    def __init__(self, folder: Path, server: str | None = None) -> None:
        self.folder, self.server = folder, server
        self.kind = "sqlite" if server is None else "postgresql"
        self._made: list[Database] = []
        self._template: str | None = None

    def settings(self, *, empty: bool = False) -> StoreSettings:
        """Give the settings of a database that nobody else has."""
        number = next(NUMBERS)
        key = self.folder / f"{number}.key"
        key.write_bytes(b"k" * 32)
        template = None if empty else self._migrated()
        if self.server is None:
            file = self.folder / f"{number}.db"
            if template is not None:
                shutil.copy(template, file)
            return StoreSettings(url=f"sqlite:///{file}", seal_key_file=key)
        name = f"s{os.getpid()}_{number}"
        self._administer(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else ""))
        return StoreSettings(url=f"postgresql://sekisho@/{name}?host={self.server}", seal_key_file=key)

    def database(self, *, empty: bool = False) -> Database:
        """Open a database that nobody else has."""
        return self.open(self.settings(empty=empty))

    def open(self, settings: StoreSettings) -> Database:
        """Open a database; it is closed with this."""
        opened = open_database(settings)
        self._made.append(opened)
        return opened

    def close(self) -> None:
        """Close what was opened."""
        for database in self._made:
            database.close()
        self._made.clear()

    def _migrated(self) -> str:
        """Migrate one database, to be copied: migrating takes longer than most tests."""
        if self._template is None:
            settings = self.settings(empty=True)
            database = open_database(settings)
            migrate(database)
            if self.server is None:
                with database.engine.connect() as connection:
                    connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            self._template = str(database.engine.url.database)
            database.close()
        return self._template

    def _administer(self, statement: str) -> None:
        with psycopg.connect(
            host=self.server, user="sekisho", dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(statement)
