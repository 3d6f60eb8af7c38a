"""The files of the store: for their owner alone, and never sealed with another key than the one they began with."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gateway.errors import BadConfig
from gateway.settings import StoreSettings
from gateway.store import database as database_module
from gateway.store.database import open_database
from gateway.store.migrate import migrate


@pytest.fixture
def anybody():
    """Let new files be read by all, as many systems do."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def test_nobody_else_reads_what_is_stored(tmp_path, anybody):
    opened = open_database(StoreSettings(url=f"sqlite:///{tmp_path}/s.db"))
    migrate(opened)
    made = sorted(tmp_path.iterdir())
    assert {"s.db", "s.db-wal", "s.db-shm", "seal.key"} <= {file.name for file in made}
    assert {file.name: file.stat().st_mode & 0o077 for file in made} == {file.name: 0 for file in made}
    opened.close()


def test_a_lost_key_is_not_replaced_where_a_chain_has_begun(fresh):
    settings = fresh.settings(empty=True)
    migrate(fresh.open(settings))
    key = Path(str(settings.seal_key_file))
    kept = key.read_bytes()
    key.unlink()
    with pytest.raises(BadConfig, match="restore the key from the backup"):
        open_database(settings)
    assert not key.exists()
    key.write_bytes(kept)
    fresh.open(settings)


def test_the_first_start_makes_a_key_whole_or_not_at_all(fresh, monkeypatch):
    settings = fresh.settings(empty=True)
    key = Path(str(settings.seal_key_file))
    key.unlink()

    def fails(_file: int) -> None:
        raise OSError("no space")

    with monkeypatch.context() as patched:
        patched.setattr(database_module.os, "fsync", fails)
        with pytest.raises(OSError, match="no space"):
            open_database(settings)
    assert not key.exists() and not list(key.parent.glob(f"{key.name}.*"))
    fresh.open(settings)
    assert (len(key.read_bytes()), key.stat().st_mode & 0o777) == (32, 0o600)
