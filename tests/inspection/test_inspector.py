"""The inspector: each part once, whoever carries it; a worker's own trouble is nobody's answer but that send's."""

from __future__ import annotations

import asyncio

import pytest
from prometheus_client import REGISTRY

from gateway import metrics
from gateway.inspection.allowance import Allowance
from gateway.inspection.inspector import Flood, Inspector
from gateway.inspection.sandbox import Closed, Died, NotStarted
from gateway.model import GapReason, Outcome, Part
from gateway.store import mails, schema
from gateway.unpack import UNPACKERS
from tests.inspection.workers import inspect, waiting
from tests.store.mail import counted, enter, letter, send_of

ATTACHMENT = b"c2VjcmV0,\r\n" * 900  # large enough to be kept once for all mails


def parts(database, mail_id: str) -> list[Part]:
    """Give the parts of a send's mails but their texts."""
    with database.read() as tx:
        keys = [key for content in mails.contents(tx, send_of(database, mail_id)) for key in content.parts]
        return [part for found in mails.inspections(tx, keys).values() for part in found.parts]


def campaign(database, subject: str, *, count: int = 1) -> str:
    """Enter mails that carry the same attachment as one send; give the id of one of them."""
    return enter(
        database,
        *(letter(number, subject=subject, attachment=ATTACHMENT) for number in range(count)),
        sender=f"{subject}@example.jp",
    )[0]


def test_a_part_of_many_mails_is_inspected_once(database, workers):
    campaign(database, "one", count=30)
    inspect(database, workers)
    campaign(database, "two", count=30)
    inspect(database, workers)
    assert workers.did["ReadPart"] == 1


@pytest.mark.parametrize("reason", [GapReason.CRASHED, GapReason.TIMEOUT])
def test_a_part_that_kills_a_worker_once_is_a_gap_in_that_send_alone(database, workers, reason):
    workers.dies_of_parts = [Died(reason)]
    first = campaign(database, "one", count=3)
    inspect(database, workers)
    assert [(part.outcome, part.gap) for part in parts(database, first)] == [(Outcome.GAP, reason)]
    second = campaign(database, "two", count=3)
    inspect(database, workers)
    assert GapReason.CRASHED not in {part.gap for part in parts(database, second)}
    assert GapReason.TIMEOUT not in {part.gap for part in parts(database, second)}
    assert [part.gap for part in parts(database, first)] == [reason]  # it was judged on this


def test_a_part_that_always_kills_is_tried_once_a_send(database, workers):
    workers.dies_of_parts = [Died(GapReason.CRASHED) for _ in range(9)]
    first = campaign(database, "one", count=3)
    inspect(database, workers)
    enter(database, letter(9, subject="one", attachment=ATTACHMENT), sender="one@example.jp")
    inspect(database, workers)
    assert workers.did["ReadPart"] == 1
    second = campaign(database, "two")
    inspect(database, workers)
    assert workers.did["ReadPart"] == 2
    for mail_id in (first, second):
        assert {part.gap for part in parts(database, mail_id)} == {GapReason.CRASHED}


def test_what_was_read_once_is_the_answer_for_a_send_that_had_trouble_with_it(database, workers):
    workers.dies_of_parts = [Died(GapReason.CRASHED)]
    campaign(database, "one")
    inspect(database, workers)
    campaign(database, "two")
    inspect(database, workers)
    enter(database, letter(9, subject="one", attachment=ATTACHMENT), sender="one@example.jp")
    inspect(database, workers)
    assert workers.did["ReadPart"] == 2


def test_mails_that_kill_a_worker_together_are_read_one_by_one(database, workers):
    workers.dies_of_mails = 2
    mail_id = campaign(database, "one", count=5)
    inspect(database, workers)
    with database.read() as tx:
        owns = [content.own for content in mails.contents(tx, send_of(database, mail_id))]
        found = mails.inspections(tx, owns)
    assert all(part.gap is None for one in found.values() for part in one.parts)


def test_a_mail_that_kills_its_worker_alone_is_a_gap(database, workers):
    workers.dies_of_mails = 1
    mail_id = campaign(database, "one")
    inspect(database, workers)
    with database.read() as tx:
        [content] = mails.contents(tx, send_of(database, mail_id))
        [own] = mails.inspections(tx, [content.own]).values()
    assert [part.gap for part in own.parts] == [GapReason.TIMEOUT]


def test_a_send_that_has_taken_its_allowance_is_a_gap_and_others_are_inspected(database, workers):
    workers.seconds_a_job = 5.0
    first, allowance = campaign(database, "one"), Allowance(8)
    inspect(database, workers, allowance=allowance)  # two jobs: its texts and its part
    assert GapReason.TIMEOUT not in {part.gap for part in parts(database, first)}
    later = enter(
        database, letter(9, subject="one", attachment=ATTACHMENT[:-11] + b"Cg==\r\n"), sender="one@example.jp"
    )
    inspect(database, workers, allowance=allowance)
    assert send_of(database, later[0]) == send_of(database, first)
    with database.read() as tx:
        owns = [content.own for content in mails.contents(tx, send_of(database, first))]
        gaps = [part.gap for one in mails.inspections(tx, owns).values() for part in one.parts]
    assert GapReason.TIMEOUT in gaps
    second = campaign(database, "two")
    inspect(database, workers, allowance=allowance)
    assert GapReason.TIMEOUT not in {part.gap for part in parts(database, second)}


def test_a_part_is_not_begun_by_a_send_that_has_taken_its_allowance(database, workers):
    workers.seconds_a_job = 5.0
    first, allowance = campaign(database, "one"), Allowance(4)
    inspect(database, workers, allowance=allowance)
    assert [part.gap for part in parts(database, first)] == [GapReason.TIMEOUT]
    assert workers.did["ReadPart"] == 0


@pytest.mark.parametrize("trouble", [Closed, NotStarted])
def test_what_no_worker_has_seen_is_no_gap_but_waits(database, workers, trouble):
    workers.dies_of_parts = [trouble() for _ in range(9)]
    campaign(database, "one")
    with pytest.raises(TimeoutError):
        asyncio.run(_for_a_second(database, workers))
    assert waiting(database) == 1 and counted(database, schema.inspections) == 0


async def _for_a_second(database, workers) -> None:
    stop = asyncio.Event()
    async with asyncio.timeout(1):
        await Inspector(database, workers, b"s" * 32, allowance=Allowance(60)).run(stop)


def test_what_a_header_calls_a_part_is_no_label(database, workers):
    head = b"From: s@example.jp\r\nTo: r@example.com\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
    for named in (b"multipart/yamada-taro-090-1234-5678", b"text/yamada-taro", b"message/yamada-taro"):
        enter(database, head + b"Content-Type: " + named + b"\r\n\r\nabc\r\n", bulk=False)
    inspect(database, workers)
    labels = {
        sample.labels.get("media_type", "") for family in REGISTRY.collect() for sample in family.samples
    }
    assert metrics.OTHER in labels and not any("yamada" in label for label in labels)


def test_what_can_be_opened_has_a_label_of_its_own():
    known = {media_type for unpacker in UNPACKERS for media_type in unpacker.media_types}
    assert {name for name in known if metrics.media_type_label(name) == metrics.OTHER} == set()


def looks(*newest: int) -> list[bool]:
    """Look ten times a second; tell which times accepting goes first."""
    flood = Flood()
    return [flood.goes_first(number, look / 10) for look, number in enumerate(newest)]


def test_mails_are_read_at_once_while_few_come_in():
    assert looks(*range(0, 1000, 50)) == [False] * 20


def test_mails_that_pour_in_are_read_when_they_pause():
    assert looks(300, 600, 900, 901, 901) == [True, True, True, False, False]


def test_mails_that_never_cease_to_pour_in_are_read_after_two_seconds():
    assert looks(*range(300, 9300, 300)) == [True] * 20 + [False] * 10
