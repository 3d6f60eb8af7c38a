"""What a mail tool says and hears: envelopes, replies, parameters, pipelining, and whose fault it is."""

from __future__ import annotations

import asyncio
import smtplib

import pytest

from gateway.errors import NotNow, Refused
from gateway.model import Recipient
from gateway.settings import ClientSettings
from gateway.smtp.session import Session
from tests.wire.smtp_gateway import LOCAL, running

FOREIGN = ClientSettings(name="elsewhere", networks=("192.0.2.0/24",))
MAIL = b"Subject: x\r\n\r\nhello\r\n.\r\n"


def test_no_command_is_left_to_aiosmtpd():
    commands = {name for name in dir(Session) if name.startswith("smtp_")}
    assert commands == {name for name in vars(Session) if name.startswith("smtp_")}


async def test_smtplib_sends_a_mail_and_the_acceptor_has_it_byte_for_byte():
    content = "Subject: 名簿\r\n\r\n.dot\r\n..two\r\nend\r\n".encode()

    def send(port):
        with smtplib.SMTP("127.0.0.1", port) as smtp:
            return smtp.sendmail("a@example.jp", ["b@example.jp", "c@example.jp"], content, ["BODY=8BITMIME"])

    async with running() as gate:
        assert await asyncio.to_thread(send, gate.port) == {}
        envelope, raw = gate.kept.mails[0]
        assert raw == content
        assert (envelope.client, envelope.submitter, envelope.sender) == (
            "mail-merge",
            "mail-merge",
            "a@example.jp",
        )
        assert [recipient.address for recipient in envelope.recipients] == ["b@example.jp", "c@example.jp"]
        assert envelope.parameters == ("BODY=8BITMIME",)
        assert (envelope.peer, envelope.tls) == ("127.0.0.1", False)


async def test_250_names_the_mail_and_comes_only_after_it_was_kept():
    async with running() as gate, gate.client() as client:
        gate.kept.open.clear()
        await client.begin()
        client.send(MAIL)
        await asyncio.wait_for(gate.kept.asked.wait(), 5)
        reply = asyncio.create_task(client.reply())
        assert not (await asyncio.wait({reply}, timeout=0.05))[0]
        gate.kept.open.set()
        assert await reply == "250 2.0.0 held as mail-1"


async def test_ehlo_names_what_is_spoken_and_nothing_else():
    async with running(max_bytes=5000) as gate, gate.client(greet=False) as client:
        assert await client.reply() == "220 gate.example ESMTP Sekisho"
        lines = [line[4:] for line in (await client.say("EHLO tool.example")).split("\n")]
        assert lines == [
            "gate.example",
            "SIZE 5000",
            "8BITMIME",
            "SMTPUTF8",
            "PIPELINING",
            "ENHANCEDSTATUSCODES",
            "DSN",
        ]
        assert (await client.say("BDAT 5 LAST")).startswith("500 ")


async def test_dsn_parameters_keep_their_case():
    async with running() as gate, gate.client() as client:
        await client.begin(
            sender="<> size=100 ret=HDRS ENVID=QQ314159+2BxY body=8bitmime AUTH=<>",
            recipients=[
                "<b@example.jp> NOTIFY=SUCCESS,delay ORCPT=rfc822;Bob@Example.jp",
                "<c@example.jp> NOTIFY=NEVER",
            ],
        )
        client.send(MAIL)
        assert (await client.reply()).startswith("250")
        envelope = gate.kept.mails[0][0]
        assert envelope.sender == ""
        assert envelope.parameters == ("RET=HDRS", "ENVID=QQ314159+2BxY", "BODY=8bitmime")
        assert envelope.recipients[0] == Recipient(
            address="b@example.jp", parameters=("NOTIFY=SUCCESS,delay", "ORCPT=rfc822;Bob@Example.jp")
        )


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("MAIL FROM:<a@example.jp> X=1", "555 5.5.4"),
        ("MAIL FROM:<a@example.jp> NOTIFY=NEVER", "555 5.5.4"),
        ("MAIL FROM:<a@example.jp> BODY=BINARYMIME", "501 5.5.4"),
        ("MAIL FROM:<a@example.jp> SIZE=big", "501 5.5.4"),
        ("MAIL FROM:<a@example.jp> SIZE=-1", "501 5.5.4"),
        ("MAIL FROM:<a@example.jp> SIZE=1 SIZE=1", "501 5.5.4"),
        ("MAIL FROM:<a@example.jp> SMTPUTF8=yes", "501 5.5.4"),
        ("MAIL FROM:<a@example.jp> ENVID=a+zz", "501 5.5.4"),
        ("MAIL FROM:<a@example.jp> RET=", "501 5.5.4"),
        ("MAIL FROM:<a@example.jp> SIZE=99999999999", "552 5.3.4"),
        ("MAIL FROM:a@example.jp", "501 5.5.4"),
        ("MAIL <a@example.jp>", "501 5.5.4"),
        ("MAIL", "501 5.5.4"),
        ("MAIL FROM:<山田@example.jp>", "553 5.6.7"),
        ("RCPT TO:<b@example.jp>", "503 5.5.1"),
        ("DATA", "503 5.5.1"),
        ("VRFY b@example.jp", "252 2.5.2"),
        ("EXPN staff", "502 5.5.1"),
        ("STARTTLS", "502 5.5.1"),
        ("AUTH PLAIN AGEAYg==", "538 5.7.11"),
        ("NOOP whatever", "250 2.0.0"),
        ("RSET", "250 2.0.0"),
        ("HELP", "214 2.0.0"),
        ("XCLIENT ADDR=1.2.3.4", "500 5.5.2"),
        ("", "500 5.5.2"),
        ("山田", "500 5.5.2"),
        ("QUIT", "221 2.0.0"),
    ],
)
async def test_replies(command, code):
    async with running() as gate, gate.client() as client:
        assert (await client.say(command)).startswith(code + " ")


@pytest.mark.parametrize(
    "address",
    [
        b"a..b.@docomo.ne.jp",
        b".a@docomo.ne.jp",
        b"a+b=c%d!e@example.jp",
        b"b@[192.0.2.1]",
        b"b@[IPv6:2001:db8::1]",
        b'"b"@example.jp',
        b"postmaster",
        b"x" * 64 + b"@example.jp",
        b"b@host_with_underscore",
    ],
    ids=repr,
)
async def test_addresses_that_are_taken_as_they_are(address):
    async with running() as gate, gate.client() as client:
        await client.say("MAIL FROM:<>")
        assert (await client.say(b"RCPT TO:<" + address + b">")).startswith("250")
        await client.say("DATA")
        await client.say(MAIL[:-2])
        assert gate.kept.mails[0][0].recipients[0].address == address.decode()


async def test_a_source_route_is_left_out():
    async with running() as gate, gate.client() as client:
        await client.begin(recipients=["<@one.example,@two.example:b@example.jp>"])
        client.send(MAIL)
        await client.reply()
        assert gate.kept.mails[0][0].recipients[0].address == "b@example.jp"


@pytest.mark.parametrize(
    "address",
    [
        *(b"b" + bytes([byte]) + b"c@example.jp" for byte in b'\x01\x0b\x0c\x1b \x7f<>,;:()[]@"\\\x80\xff'),
        b"b@exam ple.jp",
        b"b@example..jp",
        b"b@.example.jp",
        b"b@example.jp.",
        b"b@",
        b"@example.jp",
        b"b",
        b'"b\rc"@example.jp',
        b'"b c"@example.jp',
        "b\u202ec@example.jp".encode(),
        "b\u0085c@example.jp".encode(),
        b"x" * 320 + b"@example.jp",
        b"b@" + b"x" * 300,
        b"",
    ],
    ids=repr,
)
async def test_addresses_that_another_server_could_misread_are_refused(address):
    async with running() as gate, gate.client() as client:
        await client.say("MAIL FROM:<> SMTPUTF8")
        assert (await client.say(b"RCPT TO:<" + address + b">")).startswith(("501", "553", "500"))
        assert (await client.say(b"DATA")).startswith("554")


async def test_addresses_of_any_script_need_smtputf8_and_valid_utf8():
    async with running() as gate, gate.client() as client:
        await client.say("MAIL FROM:<a@example.jp>")
        assert (await client.say("RCPT TO:<山田@例え.jp>")).startswith("553 5.6.7")
        await client.say("RSET")
        await client.begin(sender="<山田@例え.jp> SMTPUTF8 BODY=8BITMIME", recipients=["<鈴木@例え.jp>"])
        client.send(MAIL)
        await client.reply()
        envelope = gate.kept.mails[0][0]
        assert (envelope.sender, envelope.recipients[0].address) == ("山田@例え.jp", "鈴木@例え.jp")
        assert envelope.parameters == ("SMTPUTF8", "BODY=8BITMIME")


async def test_an_unknown_client_is_refused_whatever_it_asks():
    async with running(clients=[FOREIGN]) as gate, gate.client() as client:
        for address in ("<b@example.jp>", "<b%example.jp@gate.example>", "<@gate.example:b@example.jp>"):
            assert (await client.say(f"MAIL FROM:{address}")).startswith("550 5.7.1")
            assert (await client.say(f"RCPT TO:{address}")).startswith("503")
        assert (await client.say("DATA")).startswith("503")


async def test_the_narrowest_network_names_the_client():
    narrow = ClientSettings(name="narrow", networks=("127.0.0.1/32",))
    async with running(clients=[LOCAL, narrow]) as gate, gate.client() as client:
        await client.mail(MAIL)
        assert gate.kept.mails[0][0].client == "narrow"


async def test_pipelined_commands_are_all_answered_in_order():
    async with running() as gate, gate.client(greet=False) as client:
        await client.reply()
        client.send(b"EHLO tool.example\r\n")
        await client.reply()
        client.send(b"MAIL FROM:<a@example.jp>\r\nRCPT TO:<b@example.jp>\r\nRCPT TO:<>\r\nDATA\r\n")
        assert [(await client.reply())[:3] for _ in range(4)] == ["250", "250", "553", "354"]
        client.send(MAIL + b"MAIL FROM:<c@example.jp>\r\nRCPT TO:<d@example.jp>\r\nDATA\r\n")
        assert [(await client.reply())[:3] for _ in range(4)] == ["250", "250", "250", "354"]
        client.send(MAIL + b"QUIT\r\n")
        assert [(await client.reply())[:3] for _ in range(2)] == ["250", "221"]
        assert await client.is_closed()
        assert [envelope.sender for envelope, _ in gate.kept.mails] == ["a@example.jp", "c@example.jp"]


async def test_all_recipients_refused_means_no_354():
    async with running() as gate, gate.client() as client:
        client.send(b"MAIL FROM:<a@example.jp>\r\nRCPT TO:<>\r\nDATA\r\n")
        assert [(await client.reply())[:3] for _ in range(3)] == ["250", "553", "554"]
        assert gate.kept.mails == []


async def test_a_line_of_any_length_is_content():
    content = b"Subject: x\r\n\r\n" + b"x" * 3_000_000 + b"\r\n"
    async with running() as gate, gate.client() as client:
        assert (await client.mail(content + b".\r\n")).startswith("250")
        assert gate.kept.mails[0][1] == content


async def test_helo_knows_no_parameters():
    async with running() as gate, gate.client(greet=False) as client:
        await client.reply()
        assert (await client.say("MAIL FROM:<a@example.jp>")).startswith("503")
        assert (await client.say("HELO")).startswith("501")
        assert await client.say("HELO tool") == "250 gate.example"
        assert (await client.say("MAIL FROM:<a@example.jp> SIZE=5")).startswith("555")
        assert (await client.mail(MAIL)).startswith("250")


@pytest.mark.parametrize(
    ("failure", "reply"),
    [
        (RuntimeError("secret: yamada@example.jp"), "451 4.3.0 Trouble on our side, please try again later"),
        (OSError(28, "No space left"), "451 4.3.0 Trouble on our side, please try again later"),
        (NotNow("452 4.3.1 No space", reason="space"), "452 4.3.1 No space"),
        (Refused("550 5.7.1 Not this one", reason="policy"), "550 5.7.1 Not this one"),
    ],
    ids=["bug", "io", "not now", "refused"],
)
async def test_a_failing_acceptor_never_shows_and_the_connection_goes_on(failure, reply):
    async with running() as gate, gate.client() as client:
        gate.kept.failure = failure
        assert await client.mail(MAIL) == reply
        gate.kept.failure = None
        assert (await client.mail(MAIL)).startswith("250")


async def test_no_space_to_spool_is_452(tmp_path):
    async with running(spool=tmp_path / "missing") as gate, gate.client() as client:
        assert (await client.mail(b"x" * 2_000_000 + b"\r\n.\r\n")).startswith("452 4.3.1")
        assert (await client.mail(MAIL)).startswith("250")


async def test_a_bug_in_a_command_is_451_without_its_text(monkeypatch):
    def broken(*_args, **_more):
        raise RuntimeError("secret")

    async with running() as gate, gate.client() as client:
        monkeypatch.setattr("gateway.smtp.session.split_path", broken)
        assert await client.say("MAIL FROM:<a@example.jp>") == (
            "451 4.3.0 Trouble on our side, please try again later"
        )


async def test_a_bug_within_content_ends_the_connection(monkeypatch):
    async with running() as gate, gate.client() as client:
        await client.begin()
        monkeypatch.setattr("gateway.smtp.content._straight", None)
        client.send(b"Subject: x\r\n\r\n" + b"NOOP\r\n" * 10)
        assert (await client.reply()).startswith("421 4.3.0")
        assert await client.is_closed()
        assert gate.kept.mails == []


async def test_a_client_that_half_closes_hears_what_became_of_its_mail():
    async with running() as gate, gate.client() as client:
        gate.kept.open.clear()
        await client.begin()
        client.send(MAIL)
        client.writer.write_eof()
        await asyncio.wait_for(gate.kept.asked.wait(), 5)
        await asyncio.sleep(0.02)
        gate.kept.open.set()
        assert await client.reply() == "250 2.0.0 held as mail-1"
        assert await client.is_closed()


async def test_a_client_that_is_gone_during_the_commit_loses_no_mail():
    async with running() as gate:
        gate.kept.open.clear()
        async with gate.client() as client:
            await client.begin()
            client.send(MAIL)
            await asyncio.wait_for(gate.kept.asked.wait(), 5)
            client.writer.transport.abort()
        await asyncio.sleep(0.02)
        gate.kept.open.set()
        while gate.listener.door.inside:
            await gate.listener.door.emptied.wait()
        assert len(gate.kept.mails) == 1


@pytest.mark.parametrize("ending", ["eof", "reset"])
async def test_a_connection_cut_within_content_keeps_nothing(ending):
    async with running() as gate:
        async with gate.client() as client:
            await client.begin()
            client.send(b"Subject: x\r\n\r\nhello\r\n.\r")
            await client.writer.drain()
            await asyncio.sleep(0.02)
            if ending == "eof":
                client.writer.write_eof()
                assert await client.is_closed()
            else:
                client.writer.transport.abort()
        await asyncio.wait_for(gate.listener.door.emptied.wait(), 5)
        assert gate.kept.mails == []
