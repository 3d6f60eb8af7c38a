"""Who sent what could not be delivered is told: once for each failure, and again only where a kill leaves it unknown."""

from __future__ import annotations

import asyncio
import smtplib
import threading
import time

import pytest

from gateway.model import State
from gateway.relay import relay, reporter
from gateway.store import dsns
from gateway.store.database import open_database
from gateway.store.migrate import migrate
from tests.wire.program import Program, RecordingHop
from tests.wire.program import until as wait_until
from tests.wire.relay_hop import Hop, now, put, running, settings_for, state_of, told, until


@pytest.fixture
def database(tmp_path):
    from gateway.settings import StoreSettings

    opened = open_database(StoreSettings(url=f"sqlite:///{tmp_path}/s.db"))
    migrate(opened)
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    monkeypatch.setattr(reporter, "POLL_SECONDS", 0.05)


def waiting(database) -> list[dsns.Dsn]:
    with database.read() as tx:
        return tx.execute(dsns.select(dsns._dsns)).all()


REFUSED = ("b@example.com", "x", 1), ("b@example.com!", "5xx", 1)


@pytest.mark.parametrize("what", ["4xx", "421", "drop", "hang", "garbage"])
@pytest.mark.parametrize("stage", ["data", "dot"])
async def test_a_notice_comes_again_until_it_is_taken(database, stage, what):
    put(database, ["b@example.com"])
    async with (
        Hop(faults=[*REFUSED, (stage, what, 2)]) as hop,
        running(database, settings_for(hop.port)),
    ):
        await until(lambda: hop.taken and not waiting(database), 12)
    ((sender, recipients, content),) = hop.taken
    assert (sender, recipients) == ("", ["s@example.jp"])
    assert b"delivery-status" in content


async def test_a_notice_that_nobody_takes_is_told_to_the_chain_and_comes_to_an_end(database):
    send_id = put(database, ["b@example.com"])
    async with Hop(faults=[("mail", "5xx", 9)]) as hop, running(database, settings_for(hop.port)):
        await until(lambda: "dsn.undeliverable" in told(database, send_id))
    assert hop.taken == waiting(database) == []
    assert told(database, send_id)["dsn.undeliverable"]["code"] == 554
    assert sum(command.startswith("MAIL FROM:<>") for command in hop.commands) == 1


@pytest.mark.parametrize("offered", [True, False])
async def test_a_sender_in_utf8_is_told_where_the_next_hop_takes_it_and_else_the_chain_is(database, offered):
    send_id = put(database, ["b@example.com"], sender="太郎@example.jp", parameters=("SMTPUTF8",))
    offers = ("PIPELINING", "8BITMIME", *(["SMTPUTF8"] if offered else []))
    async with Hop(offers=offers, faults=REFUSED) as hop, running(database, settings_for(hop.port)):
        await until(lambda: hop.taken or "dsn.undeliverable" in told(database, send_id))
    if offered:
        ((sender, recipients, content),) = hop.taken
        assert (sender, recipients) == ("", ["太郎@example.jp"])
        assert "To: 太郎@example.jp".encode() in content
        assert any(one.startswith("MAIL FROM:<>") and "SMTPUTF8" in one for one in hop.commands)
    else:
        assert told(database, send_id)["dsn.undeliverable"]["code"] == 553 and not hop.taken


async def test_a_notice_is_not_tried_for_ever(database):
    send_id = put(database, ["b@example.com"])
    hop = Hop(faults=[*REFUSED, ("data", "4xx", 99)])
    async with hop, running(database, settings_for(hop.port, give_up_hours=1.5 / 3600)):
        await until(lambda: "dsn.undeliverable" in told(database, send_id))
    assert waiting(database) == []


async def test_what_is_kept_with_the_failure_is_sent_by_the_next_worker(database, monkeypatch):
    monkeypatch.setattr(relay, "GRACE_SECONDS", 0.2)
    send_id = put(database, ["b@example.com"])
    hop = Hop(faults=[*REFUSED, ("data", "hang", 1)])
    async with hop:
        async with running(database, settings_for(hop.port, timeout_seconds=30)):
            await until(lambda: hop.commands.count("DATA") == 2)  # of the mail, of the notice
            assert state_of(database, send_id) is State.DONE
            assert len(waiting(database)) == 1
        assert hop.taken == []
        async with running(database, settings_for(hop.port)):
            await until(lambda: hop.taken and not waiting(database))
    assert len(hop.taken) == 1


async def test_one_that_cannot_be_sent_does_not_keep_the_others_waiting(database, monkeypatch):
    monkeypatch.setattr(reporter, "CLAIMS", 1)
    with database.write("test") as tx:
        for content in (b"no end", b"Subject: x\r\n"):
            dsn = dsns.Dsn(mail_id="m", send_id="s", address="s@example.jp", content=content)
            dsns.add(tx, [dsn], now=now())
    async with Hop() as hop, running(database, settings_for(hop.port)):
        await until(lambda: len(hop.taken) == 1)
    assert [row.attempts for row in waiting(database)] >= [1]


class RefusingHop(RecordingHop):
    """Knows nobody whose name begins with "gone"; `at_notice` is asked what to say to a notice, and may take its time."""

    def __init__(self) -> None:
        super().__init__()
        self.at_notice = lambda: "250 2.0.0 Ok"
        self.at_recipient = lambda: None

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:
        if address.startswith("gone"):
            await asyncio.to_thread(self.at_recipient)
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server, session, envelope) -> str:
        answer = await super().handle_DATA(server, session, envelope)
        return answer if envelope.mail_from != "<>" else await asyncio.to_thread(self.at_notice)

    def notices(self, number: int) -> int:
        return sum(
            f"gone{number}@example.com".encode() in content for content in self.contents["s@example.jp"]
        )


@pytest.fixture
def hop():
    hop = RefusingHop()
    hop.start()
    yield hop
    hop.stop()


@pytest.fixture
def program(tmp_path, hop):
    program = Program(tmp_path, next_hop_port=hop.port, quiet_seconds=0.3)
    program.add_people()
    program.start()
    yield program
    hop.at_notice = lambda: "250 2.0.0 Ok"
    program.stop()


def hand_in(program: Program, numbers: range) -> None:
    with smtplib.SMTP("127.0.0.1", program.smtp_port, timeout=20) as smtp:
        for number in numbers:
            text = f"Subject: the news\r\nTo: <gone{number}@example.com>\r\n\r\nDear reader {number}\r\n"
            smtp.sendmail("s@example.jp", [f"gone{number}@example.com"], text.encode())


@pytest.mark.parametrize("taken", [False, True], ids=["before it was taken", "after it was taken"])
def test_a_kill_while_the_sender_is_being_told_loses_no_notice(program, hop, taken):
    begun, over = threading.Event(), threading.Event()

    def interrupted() -> str:
        if not taken:
            hop.contents["s@example.jp"].pop()
        begun.set()
        over.wait(30)
        return "451 4.3.0 too late"

    hop.at_notice = interrupted
    hand_in(program, range(1))
    assert begun.wait(30)
    program.kill()
    hop.at_notice = lambda: "250 2.0.0 Ok"
    over.set()
    program.start()
    wait_until(lambda: hop.notices(0) == 1 + taken)
    time.sleep(2)
    assert hop.notices(0) == 1 + taken


def test_kills_at_any_moment_of_a_failure_lose_no_notice(program, hop):
    """Each kill comes a little later after the next hop's refusal: before, in and after the ledger's commit."""
    for kill, seconds in enumerate((0.0, 0.03, 0.1)):
        refused = threading.Event()
        hop.at_recipient = refused.set
        hand_in(program, range(kill * 3, kill * 3 + 3))
        assert refused.wait(30)
        time.sleep(seconds)
        program.kill()
        program.start()
    wait_until(lambda: all(hop.notices(number) for number in range(9)), seconds=60)
    assert program.run("audit", "verify").stdout.strip() == "OK"
