"""What reviewers look at, and what is said where there is nothing to look at."""

from __future__ import annotations

import asyncio
import time

import pytest
from sqlalchemy import update

from gateway.errors import NotFound
from gateway.inspection import evidence
from gateway.inspection.evidence import Numbered, Reader, Unshown
from gateway.inspection.jobs import Evidence
from gateway.inspection.sandbox import Died
from gateway.model import GapReason
from gateway.store import mails, schema
from tests.inspection.workers import Workers, inspect
from tests.store.mail import enter, letter, send_of


@pytest.fixture
def send_id(database, workers) -> str:
    [first, *_] = enter(database, letter(1), letter(2), letter(3))
    inspect(database, workers)
    return send_of(database, first)


@pytest.fixture
def body(database, send_id) -> Numbered:
    with database.read() as tx:
        return Numbered(mails.contents(tx, send_id)[0].own, 0)


def change(database, send_id: str, **values: object) -> None:
    with database.write("test") as tx:
        tx.execute(update(schema.mails).where(schema.mails.c.send_id == send_id).values(**values))


def test_a_part_is_shown_by_its_shape_and_as_it_is(database, workers, send_id, body):
    reader = Reader(database, workers)
    masked = asyncio.run(reader.masked(send_id, [body]))[body]
    revealed = asyncio.run(reader.revealed(send_id, body))
    assert isinstance(masked, Evidence) and isinstance(revealed, Evidence)
    assert "".join(piece.text for piece in revealed.pieces).startswith("Dear reader 1,")
    assert "".join(piece.text for piece in masked.pieces).startswith("xxxx xxxxxx #,")


def test_shapes_are_read_once_and_values_each_time(database, workers, send_id, body):
    reader = Reader(database, workers)
    for _ in range(3):
        asyncio.run(reader.masked(send_id, [body]))
    assert workers.did["ReadEvidence"] == 1
    asyncio.run(reader.revealed(send_id, body))
    asyncio.run(reader.revealed(send_id, body))
    assert workers.did["ReadEvidence"] == 3


def test_what_mails_share_is_shown(database, workers, send_id):
    template = asyncio.run(Reader(database, workers).template(send_id))
    assert not isinstance(template, Unshown)
    assert "".join(text for text, _ in template).startswith("Dear reader ,")


class Broken(Workers):
    """Workers that die, or answer what is no answer."""

    def __init__(self, answer: bytes | None) -> None:
        super().__init__()
        self._answer = answer

    def run(self, job, *, seconds=None):
        if self._answer is None:
            raise Died(GapReason.CRASHED)
        return self._answer


@pytest.mark.parametrize("answer", [None, b"", b"{}", b'{"path": 1}', b'"secret"', b"null"])
def test_a_worker_that_fails_shows_nothing(database, send_id, body, answer):
    reader = Reader(database, Broken(answer))
    assert asyncio.run(reader.revealed(send_id, body)) is Unshown.FAILED
    assert asyncio.run(reader.masked(send_id, [body])) == {body: Unshown.FAILED}
    assert asyncio.run(reader.template(send_id)) is Unshown.FAILED


def test_an_answer_about_another_part_is_not_shown(database, send_id, body):
    reader = Reader(database, Broken(b'{"path": ["else.csv"], "outcome": "text", "pieces": [["x", null]]}'))
    assert asyncio.run(reader.revealed(send_id, body)) is Unshown.FAILED


def test_mails_without_contents_say_so(database, workers, send_id, body):
    reader = Reader(database, workers)
    asyncio.run(reader.masked(send_id, [body]))
    change(database, send_id, skeleton=b"", segments="")
    assert asyncio.run(reader.masked(send_id, [body])) == {body: Unshown.PURGED}
    assert asyncio.run(reader.revealed(send_id, body)) is Unshown.PURGED
    assert asyncio.run(reader.template(send_id)) is Unshown.PURGED


def test_mails_that_were_changed_are_not_shown(database, workers, send_id, body):
    change(database, send_id, skeleton=letter(9))
    reader = Reader(database, workers)
    assert asyncio.run(reader.revealed(send_id, body)) is Unshown.FAILED
    assert asyncio.run(reader.template(send_id)) is Unshown.FAILED


def test_a_page_waits_for_nobody_longer_than_it_may(database, workers, send_id, body, monkeypatch):
    monkeypatch.setattr(evidence, "WAIT_SECONDS", 0.2)

    async def beside_a_slow_one() -> dict[Numbered, Evidence | Unshown]:
        reader = Reader(database, workers)
        slow = asyncio.create_task(reader._do(time.sleep, 0.6))
        await asyncio.sleep(0.05)
        shown = await reader.masked(send_id, [body])
        await slow
        return shown

    assert asyncio.run(beside_a_slow_one()) == {body: Unshown.FAILED}


@pytest.mark.parametrize("name", ["", "x", "0" * 64, f"{'0' * 64}.x", f"{'g' * 64}.0", f"{'0' * 64}.٣"])
def test_a_part_has_one_name(name):
    with pytest.raises(NotFound):
        Numbered.from_text(name)


def test_the_name_of_a_part_leads_back_to_it(body):
    assert Numbered.from_text(str(body)) == body
