"""The program meets a database that an older version left: what was held stays held, and is decided and sent as it was."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from gateway.store.database import open_database
from gateway.store.migrate import newest
from tests.store import older
from tests.store.servers import postgresql_server
from tests.store.servers import program as server_program
from tests.wire.program import Program, RecordingHop, running, until


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/sekisho.db"
        return
    if not server_program("postgres"):
        pytest.skip("PostgreSQL's server is not installed")
    with postgresql_server() as socket:
        with psycopg.connect(host=socket, user="sekisho", dbname="postgres", autocommit=True) as connection:
            connection.execute("CREATE DATABASE older")
        yield f"postgresql://sekisho@/older?host={socket}"


@pytest.fixture
def hop() -> Iterator[RecordingHop]:
    hop = RecordingHop()
    hop.start()
    yield hop
    hop.stop()


@pytest.fixture
def program(url, hop, tmp_path: Path) -> Program:
    more = "[review]\nexpire_hours = 87600\n"  # the send has been held since the day its database was made
    program = Program(tmp_path, url=url, next_hop_port=hop.port, more=more)
    (tmp_path / "seal.key").write_bytes(older.KEY)
    database = open_database(program.store)
    older.fill(database, "0001")
    database.close()
    program.tokens = older.TOKENS
    return program


def test_migrate_brings_it_to_the_newest_version_and_says_so(program):
    for _ in range(2):
        assert program.run("migrate").stdout.strip() == newest()
    assert program.run("audit", "verify").stdout.strip() == "OK"


def test_serve_inspects_what_waits_and_sends_what_was_held_after_the_second_approval(program, hop):
    with running(program):
        until(lambda: hop.received["waiting1@example.com"])
        (held,) = program.sends("jiro", "HELD")
        assert hop.received.keys() <= {"waiting0@example.com", "waiting1@example.com"}
        seen = program.call(f"sends/{held['id']}", "jiro")[1]["seen"]
        decision = {"decision": "approve", "seen": seen, "comment": "looked at"}
        assert program.call(f"sends/{held['id']}/approvals", "hanako", decision)[0] == 403
        assert program.call(f"sends/{held['id']}/approvals", "jiro", decision)[0] == 200
        until(lambda: hop.received["held1@example.com"])
        until(lambda: len(program.sends("jiro", "DONE")) == 3)
    assert dict(hop.received) == dict.fromkeys(
        (f"{name}{number}@example.com" for name in ("held", "waiting") for number in range(2)), 1
    )
    assert program.run("audit", "verify").stdout.strip() == "OK"
