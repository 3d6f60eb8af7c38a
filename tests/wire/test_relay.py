"""The relay against next hops that behave, misbehave and die."""

import asyncio
import json
from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import update
from structlog.testing import capture_logs

from gateway.delivery import DeliveryStatus
from gateway.model import Recipient, State
from gateway.relay import relay as relay_module
from gateway.review import states
from gateway.settings import Settings
from gateway.store import deliveries, schema
from gateway.store.database import open_database
from gateway.store.migrate import migrate
from tests.wire.relay_hop import (
    CONTENT,
    FINAL,
    Hop,
    act,
    free_port,
    ledger,
    now,
    put,
    running,
    settings_for,
    state_of,
    told,
    until,
)


@pytest.fixture
def database(tmp_path):
    from gateway.settings import StoreSettings

    opened = open_database(StoreSettings(url=f"sqlite:///{tmp_path}/s.db"))
    migrate(opened)
    yield opened
    opened.close()


TO = ("a@example.com", "b@example.com", "c@example.com")


@pytest.mark.parametrize("offers", [("PIPELINING",), ()], ids=["pipelining", "one-by-one"])
@pytest.mark.parametrize("what", ["4xx", "5xx", "421", "drop", "hang", "garbage"])
@pytest.mark.parametrize("stage", ["connect", "ehlo", "mail", "rcpt", "data", "dot"])
async def test_whatever_goes_wrong_nothing_is_lost_and_nobody_gets_two(
    database, stage, what, offers, monkeypatch
):
    monkeypatch.setattr("gateway.relay.relay.FIRST_PAUSE_SECONDS", 0.05)
    send_id = put(database, TO)
    async with (
        Hop(offers=offers, faults=[(stage, what, 1)]) as hop,
        running(database, settings_for(hop.port)),
    ):
        await until(lambda: state_of(database, send_id) is State.DONE, 12)
    settled = ledger(database, send_id)
    assert all(d.status in FINAL for d in settled.values())
    for address, delivery in settled.items():
        assert hop.copies().get(address, 0) == (1 if delivery.status is DeliveryStatus.DELIVERED else 0)
    failed = [d for d in settled.values() if d.status is DeliveryStatus.FAILED]
    expected = {"mail": 3, "rcpt": 1, "data": 3, "dot": 3}.get(stage, 0) if what == "5xx" else 0
    assert len(failed) == expected


async def test_accept_and_drop_makes_one_more_copy_and_is_told(database):
    send_id = put(database, TO)
    async with Hop(faults=[("accept-and-drop", "x", 1)]) as hop, running(database, settings_for(hop.port)):
        await until(lambda: state_of(database, send_id) is State.DONE)
    assert hop.copies() == dict.fromkeys(TO, 2)
    assert told(database, send_id)["delivery.ambiguous"] == {"recipients": 3}


async def test_one_recipient_refused_for_now_is_tried_again_alone(database):
    send_id = put(database, TO)
    async with (
        Hop(faults=[("b@example.com", "x", 1), ("b@example.com!", "4xx", 1)]) as hop,
        running(database, settings_for(hop.port)),
    ):
        await until(lambda: state_of(database, send_id) is State.DONE)
    assert [sorted(r) for _, r, _ in hop.taken] == [["a@example.com", "c@example.com"], ["b@example.com"]]


async def test_a_refusal_for_good_is_told_to_the_sender_and_the_chain(database):
    send_id = put(database, TO)
    async with (
        Hop(faults=[("b@example.com", "x", 1), ("b@example.com!", "5xx", 1)]) as hop,
        running(database, settings_for(hop.port)),
    ):
        await until(lambda: state_of(database, send_id) is State.DONE and len(hop.taken) == 2)
    (notice,) = [one for one in hop.taken if one[0] == ""]
    assert notice[1] == ["s@example.jp"]
    assert b"b@example.com" in notice[2]
    facts = told(database, send_id)
    assert facts["delivery.failed"] == {"recipients": 1, "refused": 1}
    assert facts["send.done"] == {"delivered": 2, "failed": 1}
    assert "@" not in json.dumps({k: dict(v) for k, v in facts.items() if k.startswith("delivery")})


async def test_giving_up_ends_as_failed_and_the_null_sender_is_told_nothing(database):
    send_id = put(database, sender="")
    async with (
        Hop(faults=[("rcpt", "4xx", 99)]) as hop,
        running(database, settings_for(hop.port, give_up_hours=1.5 / 3600)),
    ):
        await until(lambda: state_of(database, send_id) is State.DONE)
    (delivery,) = ledger(database, send_id).values()
    assert delivery.status is DeliveryStatus.FAILED
    assert delivery.reply.startswith("given up after 3 tries")
    assert hop.taken == []


UNRELEASED = [s for s in State if s not in (State.RELEASING, State.CLEARED)]


@pytest.mark.parametrize("state", UNRELEASED)
async def test_what_was_not_released_gives_no_claims_and_stays(database, state):
    send_id = put(database, TO, number=3, state=state)
    with database.write("test") as tx:
        assert (
            deliveries.claim(tx, send_id, now=now(), lease_until=now() + timedelta(hours=1), limit=99) == []
        )
    async with Hop() as hop, running(database, settings_for(hop.port)):
        await asyncio.sleep(0.4)
    assert hop.taken == []
    assert state_of(database, send_id) is state


async def test_without_a_next_hop_nothing_moves(database):
    send_id = put(database)
    async with running(database, Settings()):
        await asyncio.sleep(0.3)
    assert state_of(database, send_id) is State.CLEARED


async def test_what_was_cleared_long_ago_goes_only_when_somebody_resumes_it(database):
    late, lately = put(database), put(database, ["b@example.com"])
    old = now() - timedelta(hours=100)
    with database.write("test") as tx:
        tx.execute(update(schema.sends).where(schema.sends.c.id == late).values(opened_at=old))
    with capture_logs() as lines:
        async with Hop() as hop, running(database, settings_for(hop.port, release={"waves": [1, 1]})):
            await until(lambda: state_of(database, lately) is State.DONE)
            assert state_of(database, late) is State.STOPPED and len(hop.taken) == 1
            act(database, late, states.Act.RESUME)
            await until(lambda: state_of(database, late) is State.DONE)
    assert hop.copies() == {"a@example.com": 1, "b@example.com": 1}
    assert [line["sends"] for line in lines if line["event"] == "relay.cleared_long_ago"] == [1]


async def test_after_a_stop_at_most_one_more_mail_a_connection_leaves_and_resume_sends_the_rest(database):
    send_id = put(database, number=60)
    async with Hop(slow=0.03) as hop, running(database, settings_for(hop.port)):
        await until(lambda: len(hop.taken) >= 5)
        act(database, send_id, states.Act.STOP)
        gone = len(hop.taken)
        await asyncio.sleep(0.6)
        assert len(hop.taken) - gone <= 2
        act(database, send_id, states.Act.RESUME)
        await until(lambda: state_of(database, send_id) is State.DONE)
    assert len(hop.taken) == 60


async def test_what_is_withdrawn_while_it_is_in_hand_is_cancelled(database):
    send_id = put(database, number=60)
    async with Hop(slow=0.05) as hop, running(database, settings_for(hop.port)):
        await until(lambda: len(hop.taken) >= 3)
        act(database, send_id, states.Act.WITHDRAW)
        await asyncio.sleep(0.6)
    with database.read() as tx:
        tally = deliveries.tally(tx, send_id)
    assert tally == {DeliveryStatus.DELIVERED: len(hop.taken), DeliveryStatus.CANCELLED: 60 - len(hop.taken)}


async def test_waves_hold_back_and_retries_do_not_wait_for_the_next_wave(database):
    send_id = put(database, number=10)
    release = {"waves": [2, 3], "wave_seconds": 2}
    async with (
        Hop(faults=[("rcpt", "4xx", 2)]) as hop,
        running(database, settings_for(hop.port, release=release)),
    ):
        await asyncio.sleep(0.6)
        assert hop.taken == []
        await until(lambda: len(hop.taken) == 2, 1.3)
        await until(lambda: len(hop.taken) == 5, 2)
        await until(lambda: state_of(database, send_id) is State.DONE, 6)
    assert len(hop.taken) == 10


async def test_a_worker_that_died_leaves_its_claims_to_the_next(database):
    send_id = put(database, TO, state=State.RELEASING)
    with database.write("test") as tx:
        assert deliveries.claim(tx, send_id, now=now(), lease_until=now() + timedelta(hours=1), limit=99)
    async with Hop() as hop, running(database, settings_for(hop.port)):
        await until(lambda: state_of(database, send_id) is State.DONE)
    assert hop.copies() == dict.fromkeys(TO, 1)


async def test_a_wait_written_by_a_clock_that_ran_ahead_is_cut_short(database):
    send_id = put(database, state=State.RELEASING)
    with database.write("test") as tx:
        tx.execute(update(schema.deliveries).values(next_attempt_at=now() + timedelta(days=400), attempts=1))
    async with Hop() as hop, running(database, settings_for(hop.port)):
        await until(lambda: state_of(database, send_id) is State.DONE)


async def test_a_mail_that_was_changed_in_the_store_does_not_leave(database):
    send_id = put(database)
    with database.write("test") as tx:
        tx.execute(update(schema.mails).values(skeleton=CONTENT.replace(b"body", b"evil")))
    async with Hop() as hop, running(database, settings_for(hop.port)):
        await until(lambda: "delivery.damaged" in told(database, send_id))
    assert hop.taken == []
    assert state_of(database, send_id) is State.RELEASING


async def test_eight_bit_content_does_not_go_where_it_is_not_understood(database):
    send_id = put(
        database, content="Subject: x\r\n\r\n名簿\r\n".encode(), parameters=("BODY=8BITMIME",), sender=""
    )
    async with Hop(offers=()) as hop, running(database, settings_for(hop.port)):
        await until(lambda: state_of(database, send_id) is State.DONE)
    (delivery,) = ledger(database, send_id).values()
    assert delivery.reply.startswith("554 5.6.3")
    assert hop.taken == []


async def test_parameters_are_handed_on_where_they_are_understood(database):
    to = Recipient(address="a@example.com", parameters=("NOTIFY=FAILURE", "ORCPT=rfc822;A@example.com"))
    for offers, mail, rcpt in (
        (
            ("DSN", "8BITMIME"),
            "MAIL FROM:<s@example.jp> RET=HDRS ENVID=e1 BODY=7BIT",
            "RCPT TO:<a@example.com> NOTIFY=FAILURE ORCPT=rfc822;A@example.com",
        ),
        ((), "MAIL FROM:<s@example.jp>", "RCPT TO:<a@example.com>"),
    ):
        send_id = put(database, (to,), parameters=("BODY=7BIT", "RET=HDRS", "ENVID=e1"))
        async with Hop(offers=offers) as hop, running(database, settings_for(hop.port)):
            await until(lambda i=send_id: state_of(database, i) is State.DONE)
        assert mail in hop.commands
        assert rcpt in hop.commands


async def test_a_connection_that_was_closed_while_idle_costs_no_try(database, monkeypatch):
    first = put(database, content=CONTENT)
    async with Hop() as hop, running(database, settings_for(hop.port, connections=1)):
        await until(lambda: state_of(database, first) is State.DONE)
        for writer in list(hop.writers):
            writer.transport.abort()
        second = put(database, content=CONTENT.replace(b"hello", b"quite another subject"))
        await until(lambda: state_of(database, second) is State.DONE)
    assert [d.attempts for d in ledger(database, second).values()] == [1]


async def test_a_next_hop_that_comes_back_gets_everything(database, monkeypatch):
    monkeypatch.setattr(relay_module, "FIRST_PAUSE_SECONDS", 0.1)
    send_id = put(database, number=30)
    async with Hop() as hop:
        port = hop.port
    async with running(database, settings_for(port)):
        await asyncio.sleep(0.5)
        assert not any(d.status in FINAL for d in ledger(database, send_id).values())
        again = Hop()
        again.server = await asyncio.start_server(again.serve, "127.0.0.1", port)
        await until(lambda: state_of(database, send_id) is State.DONE, 15)
        await again.__aexit__()
    assert len(again.taken) == 30


async def test_a_store_in_trouble_loses_nothing_and_sends_nothing_twice(database, monkeypatch):
    send_id = put(database, number=20)
    settle, calls = deliveries.settle, []

    def failing(tx, results):
        calls.append(1)
        if len(calls) in (2, 3):
            raise OSError
        settle(tx, results)

    monkeypatch.setattr(relay_module, "FIRST_PAUSE_SECONDS", 0.05)
    monkeypatch.setattr(deliveries, "settle", failing)
    async with Hop() as hop, running(database, settings_for(hop.port)):
        await until(lambda: state_of(database, send_id) is State.DONE)
    assert len(hop.taken) == 20


class Sink:
    def __init__(self):
        self.contents = []

    async def handle_DATA(self, server, session, envelope):
        self.contents.append(envelope.original_content)
        return "250 ok"


LINES = st.lists(st.binary(max_size=60).map(lambda b: b.translate(None, b"\r\n\0")), min_size=1, max_size=30)


@hypothesis_settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(lines=LINES)
def test_bytes_arrive_as_they_came_but_for_one_line(tmp_path_factory, lines):
    from gateway.settings import StoreSettings

    content = b"".join(line + b"\r\n" for line in lines) + b"\r\n" + b"x" * 70 + b"\r\n.\r\n" * 2000
    opened = open_database(StoreSettings(url=f"sqlite:///{tmp_path_factory.mktemp('db')}/s.db"))
    migrate(opened)
    sink = Sink()
    controller = Controller(sink, hostname="127.0.0.1", port=0, ready_timeout=5)
    controller.port = free_port()
    controller.start()
    try:
        send_id = put(opened, content=content)

        async def go():
            async with running(opened, settings_for(controller.port, timeout_seconds=5)):
                await until(lambda: state_of(opened, send_id) is State.DONE)

        asyncio.run(go())
    finally:
        controller.stop()
        opened.close()
    (got,) = sink.contents
    line, _, rest = got.partition(b"+0000\r\n")
    assert line.startswith(b"Received: from x ([127.0.0.1])\r\n")
    assert rest == content
