"""Limits: nobody takes the gateway for himself, and each refusal says which limit it was."""

from __future__ import annotations

import asyncio
import resource
import time

import pytest

from gateway.errors import BadConfig
from gateway.settings import ClientSettings
from gateway.smtp import connection, listener, session
from tests.wire.smtp_gateway import running

MAIL = b"Subject: x\r\n\r\nhello\r\n.\r\n"


def grown_mib(before: int) -> float:
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


async def test_an_announced_size_over_the_limit_is_refused_at_mail():
    async with running(max_bytes=2000) as gate, gate.client() as client:
        assert (await client.say("MAIL FROM:<a@example.jp> SIZE=2001")).startswith("552 5.3.4")
        assert (await client.say("MAIL FROM:<a@example.jp> SIZE=2000")).startswith("250")


async def test_a_mail_over_the_limit_is_refused_at_its_end_and_the_next_is_taken():
    async with running(max_bytes=2000) as gate, gate.client() as client:
        assert (await client.mail(b"x" * 2001 + b"\r\n.\r\n")).startswith("552 5.3.4")
        assert (await client.mail(MAIL)).startswith("250")
        assert len(gate.kept.mails) == 1


async def test_an_endless_mail_ends_the_connection():
    async with running(max_bytes=2000) as gate, gate.client() as client:
        await client.begin()
        client.send(b"x" * 9000)
        assert (await client.reply()).startswith("552 5.3.4")


async def test_31_megabytes_of_empty_lines_take_no_memory():
    async with running(max_bytes=40 << 20) as gate, gate.client() as client:
        gate.kept.keeps = False
        await client.begin()
        block = b"\r\n" * (128 << 10)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        started = time.perf_counter()
        for _ in range(124):
            client.send(block)
            await client.writer.drain()
        client.send(b".\r\n")
        assert (await client.reply()).startswith("250")
        assert time.perf_counter() - started < 20
        assert grown_mib(before) < 64  # the mail itself lies in a mapped file, whose pages may be counted


async def test_recipients_over_the_limit_are_put_off():
    async with running(max_recipients=100) as gate, gate.client() as client:
        await client.say("MAIL FROM:<a@example.jp>")
        for number in range(100):
            assert (await client.say(f"RCPT TO:<b{number}@example.jp>")).startswith("250")
        assert (await client.say("RCPT TO:<c@example.jp>")).startswith("452 4.5.3")
        await client.say("DATA")
        client.send(MAIL)
        assert (await client.reply()).startswith("250")
        assert len(gate.kept.mails[0][0].recipients) == 100


async def test_a_mail_that_goes_round_in_circles_is_refused():
    async with running(max_hops=3) as gate, gate.client() as client:
        trace = b"Received: from a by b\r\n"
        assert (await client.mail(trace * 3 + MAIL)).startswith("250")
        assert (await client.mail(trace * 4 + MAIL)).startswith("554 5.4.6")


async def test_connections_over_the_limit_are_turned_away_and_places_are_given_back():
    async with running(max_connections=2) as gate:
        async with gate.client(), gate.client(), gate.client(greet=False) as third:
            assert (await third.reply()).startswith("421 4.7.0")
            assert await third.is_closed()
        await asyncio.wait_for(gate.listener.door.emptied.wait(), 5)
        async with gate.client() as client:
            assert (await client.mail(MAIL)).startswith("250")
        await asyncio.wait_for(gate.listener.door.emptied.wait(), 5)
        assert not gate.listener.door.by_peer


async def test_one_peer_may_not_take_all_connections():
    async with running(max_connections_per_peer=1) as gate, gate.client(), gate.client(greet=False) as second:
        assert (await second.reply()).startswith("421 4.7.0")


async def test_commands_over_the_limit_end_the_connection():
    async with running(max_commands=10) as gate, gate.client() as client:
        for _ in range(9):
            assert (await client.say("NOOP")).startswith("250")
        assert (await client.say("NOOP")).startswith("421 4.7.0")
        assert await client.is_closed()


async def test_many_errors_end_the_connection_but_bad_recipients_do_not():
    async with running() as gate, gate.client() as client:
        await client.say("MAIL FROM:<a@example.jp>")
        for _ in range(3 * connection.MAX_ERRORS):
            assert (await client.say("RCPT TO:<bad address>")).startswith("553")
        for _ in range(connection.MAX_ERRORS - 1):
            assert (await client.say("FOO")).startswith("500")
        client.send(b"FOO\r\n")
        assert [(await client.reply())[:3] for _ in range(2)] == ["500", "421"]
        assert await client.is_closed()


@pytest.mark.parametrize("length", [5_000, 65_536, 4 << 20])
async def test_a_long_command_line_is_refused_and_read_over(length):
    async with running() as gate, gate.client() as client:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        client.send(b"NOOP ")
        for _ in range(length // 1000):
            client.send(b"x" * 1000)
            await client.writer.drain()
        client.send(b"\r\n")
        assert (await client.reply()).startswith("500 5.5.2")
        assert (await client.say("NOOP")).startswith("250")
        assert grown_mib(before) < 16


async def test_a_line_without_end_is_refused_before_its_end():
    async with running() as gate, gate.client() as client:
        client.send(b"x" * 65536)
        assert (await client.reply()).startswith("500 5.5.2")


async def test_a_silent_client_is_told_and_closed():
    async with running(timeout_seconds=1) as gate, gate.client() as client:
        assert (await client.reply()).startswith("421 4.4.2")
        assert await client.is_closed()


async def test_a_client_silent_within_content_is_closed_but_a_slow_commit_is_not():
    async with running(timeout_seconds=1) as gate, gate.client() as silent, gate.client() as patient:
        await silent.begin()
        silent.send(b"Subject: x\r\n")
        gate.kept.open.clear()
        await patient.begin()
        patient.send(MAIL)
        assert (await silent.reply()).startswith("421 4.4.2")
        await asyncio.sleep(0.3)
        gate.kept.open.set()
        assert (await patient.reply()).startswith("250")
        assert len(gate.kept.mails) == 1


async def test_a_mail_below_the_floor_is_given_up(monkeypatch):
    monkeypatch.setattr(session, "FLOOR_AFTER_SECONDS", 0.1)
    async with running() as gate, gate.client() as client:
        await client.begin()
        for _ in range(4):
            client.send(b"x")
            await asyncio.sleep(0.05)
        assert (await client.reply()).startswith("421 4.4.2")
        assert gate.kept.mails == []


async def test_closing_lets_a_mail_on_its_way_finish_and_sends_the_idle_home():
    async with running() as gate, gate.client() as idle, gate.client() as busy:
        await busy.begin()
        closing = asyncio.create_task(gate.listener.close())
        assert (await idle.reply()).startswith("421 4.3.2")
        busy.send(MAIL)
        assert (await busy.reply()).startswith("250")
        assert (await busy.reply()).startswith("421 4.3.2")
        await closing
        assert len(gate.kept.mails) == 1


async def test_closing_waits_only_so_long(monkeypatch):
    monkeypatch.setattr(listener, "DRAIN_SECONDS", 0.05)
    async with running() as gate, gate.client() as busy:
        await busy.begin()
        await gate.listener.close()
        assert (await busy.reply()).startswith("421 4.3.2")


async def test_slow_clients_do_not_slow_the_others():
    async with running(max_connections_per_peer=200) as gate:
        slow = [await asyncio.open_connection("127.0.0.1", gate.port) for _ in range(150)]
        started = time.perf_counter()
        async with gate.client() as client:
            assert (await client.mail(MAIL)).startswith("250")
        assert time.perf_counter() - started < 5
        for _, writer in slow:
            writer.close()


async def test_two_listeners_share_a_port():
    async with running() as gate:
        pass
    async with (
        running(listen=(f"127.0.0.1:{gate.port}",), reuse=True) as first,
        running(listen=(f"127.0.0.1:{first.port}",), reuse=True) as second,
    ):
        assert first.port == second.port


async def test_a_login_that_could_never_be_used_is_a_mistake_in_the_config(tmp_path):
    file = tmp_path / "password"
    file.write_text("secret\n")
    client = ClientSettings(name="tool", username="tool", password_file=file)
    with pytest.raises(BadConfig, match="needs TLS"):
        async with running(clients=[client]):
            pass
    with pytest.raises(BadConfig, match="listen_tls"):
        async with running(listen_tls=("127.0.0.1:0",)):
            pass
