"""SMTP smuggling (SEC Consult 2023; CVE-2023-51764, -51765, -51766, CVE-2024-27305): one mail at most, nothing crooked kept."""

from __future__ import annotations

import itertools

import pytest

from gateway.settings import ClientSettings
from tests.wire.smtp_gateway import running

SECOND = b"MAIL FROM:<evil@example.jp>\r\nRCPT TO:<victim@example.jp>\r\nDATA\r\nSubject: smuggled\r\n\r\nx\r\n.\r\n"
LINE_ENDS = [b"\n", b"\r", b"\r\n", b"\r\r\n", b"\n\r", b"\r\0\n", b"\0\r\n", b"\n\n"]
FALSE_ENDS = [a + b"." + b for a, b in itertools.product(LINE_ENDS, repeat=2) if (a, b) != (b"\r\n", b"\r\n")]
KEPT_BY_NORMALISING = ClientSettings(name="old", networks=("127.0.0.1/32",), bare_newline="normalise")


@pytest.mark.parametrize("false_end", FALSE_ENDS, ids=repr)
async def test_nothing_but_crlf_dot_crlf_ends_a_mail(false_end):
    async with running() as gate, gate.client() as client:
        await client.begin()
        client.send(b"Subject: x\r\n\r\nhello" + false_end + SECOND)
        assert (await client.reply()).startswith("550 5.6.11 ")
        if false_end.endswith(
            b"\r\n.\r\n"
        ):  # the end was real: what follows are commands, asked for in the open
            assert [(await client.reply())[:3] for _ in range(4)] == ["250", "250", "354", "250"]
            assert [mail[0].sender for mail in gate.kept.mails] == ["evil@example.jp"]
        else:
            assert (await client.say("NOOP")).startswith("250")
            assert gate.kept.mails == []


@pytest.mark.parametrize("false_end", [end for end in FALSE_ENDS if b"\0" not in end], ids=repr)
async def test_a_normalising_client_sends_one_mail_without_bare_newlines(false_end):
    async with running(clients=[KEPT_BY_NORMALISING]) as gate, gate.client() as client:
        await client.begin()
        client.send(b"Subject: x\r\n\r\nhello" + false_end + b"MAIL FROM:<evil@example.jp>\r\n.\r\n")
        replies = [await client.reply()]
        assert replies[0].startswith("250 2.0.0 held as ")
        (envelope, content) = gate.kept.mails[0]
        assert envelope.sender == "a@example.jp"
        assert content.count(b"\r") == content.count(b"\n") == content.count(b"\r\n")
        assert b"\r\n.\r\n" not in content


async def test_a_normalising_client_may_not_send_nul():
    async with running(clients=[KEPT_BY_NORMALISING]) as gate, gate.client() as client:
        assert (await client.mail(b"a\0b\r\n.\r\n")).startswith("550 5.6.11 ")
        assert gate.kept.mails == []


async def test_a_command_ends_with_crlf_only():
    async with running() as gate, gate.client() as client:
        client.send(b"NOOP\n")
        assert (await client.reply()).startswith("500 ")
        client.send(b"NOOP\rNOOP\r\n")
        assert (await client.reply()).startswith("500 ")
        client.send(b"NO\0OP\r\n")
        assert (await client.reply()).startswith("500 ")
    async with running(clients=[KEPT_BY_NORMALISING]) as gate, gate.client() as client:
        client.send(b"NOOP\n")
        assert (await client.reply()).startswith("250 ")


async def test_a_browser_is_sent_away():
    async with running() as gate, gate.client(greet=False) as client:
        await client.reply()
        assert (await client.say("POST / HTTP/1.1")).startswith("500 ")
        assert await client.is_closed()
