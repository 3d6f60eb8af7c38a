"""Each test of the store runs twice: against a file, and against a PostgreSQL server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gateway.store.database import Database
from tests.store.servers import Fresh, postgresql_server, program


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    if not program("postgres"):
        pytest.skip("PostgreSQL's server is not installed")
    with postgresql_server() as folder:
        yield folder


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def databases(request, tmp_path_factory) -> Fresh:
    server = request.getfixturevalue("postgresql") if request.param == "postgresql" else None
    return Fresh(tmp_path_factory.mktemp(request.param), server)


@pytest.fixture
def fresh(databases: Fresh) -> Iterator[Fresh]:
    yield databases
    databases.close()


@pytest.fixture
def database(fresh: Fresh) -> Database:
    return fresh.database()
