"""A store and workers for each test of inspection."""

from __future__ import annotations

import pytest

from gateway.settings import StoreSettings
from gateway.store.database import open_database
from gateway.store.migrate import migrate
from tests.inspection.workers import Workers


@pytest.fixture
def database(tmp_path):
    database = open_database(StoreSettings(url=f"sqlite:///{tmp_path}/store.db"))
    migrate(database)
    yield database
    database.close()


@pytest.fixture
def workers():
    return Workers()
