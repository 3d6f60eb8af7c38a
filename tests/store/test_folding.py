"""The write-ahead log: it does not stay large, and nobody notices when it goes."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from gateway.store import mails, schema
from gateway.store.intake import Intake
from tests.store.mail import envelope, letter


@pytest.fixture
async def full(fresh):
    """Give a database whose log holds a mail."""
    database = fresh.database()
    intake = Intake(database, {"tool": True})
    await intake.accept(envelope(), letter())
    await intake.close()
    return database


def log_bytes(database) -> int:
    if database.engine.dialect.name != "sqlite":
        return 0
    return Path(f"{database.engine.url.database}-wal").stat().st_size


def number_of_mails(tx) -> int:
    return len(tx.execute(select(schema.mails.c.id)).all())


async def test_folding_empties_the_log_and_keeps_the_mail(full):
    full.fold()
    assert log_bytes(full) == 0
    with full.read() as tx:
        (mail_id,) = tx.execute(select(schema.mails.c.id)).scalars()
        assert mails.whole(tx, mails.get(tx, mail_id)) == letter()


async def test_one_who_reads_is_not_disturbed_and_the_log_goes_later(full):
    with full.read() as tx:
        assert number_of_mails(tx) == 1
        intake = Intake(full, {"tool": True})
        await intake.accept(envelope(), letter())
        full.fold()
        assert number_of_mails(tx) == 1
        await intake.accept(envelope(), letter())
        await intake.close()
    full.fold()
    assert log_bytes(full) == 0
    with full.read() as tx:
        assert number_of_mails(tx) == 3
