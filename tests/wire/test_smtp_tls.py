"""TLS and logins: what is offered when, what is forgotten, and what a wrong password costs."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from base64 import b64encode
from contextlib import suppress

import pytest
from argon2 import PasswordHasher

from gateway.errors import BadConfig
from gateway.settings import ClientSettings
from gateway.smtp import session
from tests.wire.smtp_gateway import LOCAL, certificate, connected, running, trusting

MAIL = b"Subject: x\r\n\r\nhello\r\n.\r\n"
PASSWORD = "開けゴマ"


def plain(name: str, password: str) -> str:
    return b64encode(f"\0{name}\0{password}".encode()).decode()


@pytest.fixture
def paths(tmp_path):
    cert, key = certificate(tmp_path)
    (tmp_path / "plain").write_text(PASSWORD + "\n")
    hasher = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
    (tmp_path / "hashed").write_text(hasher.hash(PASSWORD) + "\n")
    return {"tls_cert": cert, "tls_key": key}


@pytest.fixture
def tool(tmp_path):
    return ClientSettings(name="tool", username="tool@example.jp", password_file=tmp_path / "hashed")


@pytest.fixture
def simple(tmp_path):
    return ClientSettings(name="simple", username="simple", password_file=tmp_path / "plain")


@pytest.fixture
def implicit(paths, tool, simple):
    return running(listen=(), listen_tls=("127.0.0.1:0",), clients=[tool, simple], **paths)


@pytest.fixture
def trust(paths):
    return trusting(paths["tls_cert"])


async def upgraded(client, trust):
    assert (await client.say("STARTTLS")).startswith("220")
    await client.writer.start_tls(trust, server_hostname="127.0.0.1")


async def test_starttls_offers_logins_and_forgets_what_was_said(paths, tool, trust):
    async with running(clients=[tool], **paths) as gate, gate.client() as client:
        before = await client.say("EHLO tool.example")
        assert "STARTTLS" in before
        assert "AUTH" not in before
        assert (await client.say(f"AUTH PLAIN {plain('tool@example.jp', PASSWORD)}")).startswith("538")
        await upgraded(client, trust)
        assert (await client.say("MAIL FROM:<a@example.jp>")).startswith("503")
        after = await client.say("EHLO tool.example")
        assert "AUTH PLAIN LOGIN" in after
        assert "STARTTLS" not in after
        assert (await client.say("STARTTLS")).startswith("503")
        assert (await client.say("MAIL FROM:<a@example.jp>")).startswith("530 5.7.0")
        assert (await client.say(f"AUTH PLAIN {plain('tool@example.jp', PASSWORD)}")).startswith("235")
        assert (await client.mail(MAIL)).startswith("250")
        envelope = gate.kept.mails[0][0]
        assert (envelope.client, envelope.submitter, envelope.tls) == ("tool", "tool@example.jp", True)


async def test_commands_injected_before_tls_are_thrown_away(paths, trust):
    async with running(clients=[LOCAL], **paths) as gate, gate.client() as client:
        client.send(b"STARTTLS\r\nMAIL FROM:<evil@example.jp>\r\nRCPT TO:<b@example.jp>\r\n")
        assert (await client.reply()).startswith("220")
        await client.writer.start_tls(trust, server_hostname="127.0.0.1")
        assert (await client.say("NOOP")).startswith("250")
        assert (await client.say("RCPT TO:<b@example.jp>")).startswith("503")


async def test_a_mail_begun_in_the_clear_is_forgotten(paths, trust):
    async with running(clients=[LOCAL], **paths) as gate, gate.client() as client:
        await client.say("MAIL FROM:<a@example.jp>")
        await upgraded(client, trust)
        assert (await client.say("RCPT TO:<b@example.jp>")).startswith("503")
        await client.say("EHLO tool.example")
        assert (await client.mail(MAIL)).startswith("250")
        assert gate.kept.mails[0][0].tls


async def test_smtplib_starttls_and_login(paths, tmp_path, trust):
    def send(port):
        with smtplib.SMTP("127.0.0.1", port) as smtp:
            smtp.starttls(context=trust)
            smtp.login("tool", "sesame")
            smtp.sendmail("a@example.jp", ["b@example.jp"], b"Subject: x\r\n\r\nhello\r\n")

    (tmp_path / "ascii").write_text("sesame\n")
    tool = ClientSettings(name="tool", username="tool", password_file=tmp_path / "ascii")
    async with running(clients=[tool], **paths) as gate:
        await asyncio.to_thread(send, gate.port)
        assert gate.kept.mails[0][0].submitter == "tool"


async def test_implicit_tls_offers_logins_at_once(implicit, trust):
    async with implicit as gate, connected(gate.port, greet=False, tls=trust) as client:
        await client.reply()
        words = await client.say("EHLO tool.example")
        assert "AUTH PLAIN LOGIN" in words
        assert "STARTTLS" not in words
        assert (await client.say("AUTH LOGIN")) == "334 VXNlcm5hbWU6"
        assert (await client.say(b64encode(b"simple"))) == "334 UGFzc3dvcmQ6"
        assert (await client.say(b64encode(PASSWORD.encode()))).startswith("235")
        assert (await client.say("AUTH LOGIN")).startswith("503")
        assert (await client.mail(MAIL)).startswith("250")
        assert gate.kept.mails[0][0].client == "simple"


async def test_half_of_a_login_is_no_login(implicit, trust):
    async with implicit as gate, connected(gate.port, tls=trust) as client:
        for lines, code in (
            (["AUTH PLAIN", "*"], "501 5.7.0"),
            (["AUTH PLAIN", "%%%"], "501 5.5.2"),
            (["AUTH PLAIN =", ""], "501 5.5.2"),
            (["AUTH LOGIN", b64encode(b"simple"), "*"], "501 5.7.0"),
            (["AUTH CRAM-MD5"], "504 5.5.4"),
            (["AUTH"], "504 5.5.4"),
            (["AUTH PLAIN " + b64encode(b"boss\0simple\0x").decode()], "535 5.7.8"),
        ):
            replies = [await client.say(line) for line in lines if line != ""]
            assert replies[-1].startswith(code + " "), lines
        assert (await client.say("MAIL FROM:<a@example.jp>")).startswith("530")


async def test_wrong_passwords_wait_and_then_end_the_connection(implicit, trust, monkeypatch):
    monkeypatch.setattr(session, "WRONG_LOGIN_SECONDS", 0.01)
    async with implicit as gate, connected(gate.port, tls=trust) as client:
        assert (await client.say(f"AUTH PLAIN {plain('tool@example.jp', 'x')}")).startswith("535 5.7.8")
        assert (await client.say(f"AUTH PLAIN {plain('simple', '')}")).startswith("535 5.7.8")
        assert (await client.say(f"AUTH PLAIN {plain('nobody', PASSWORD)}")).startswith("535 5.7.8")
        assert (await client.reply()).startswith("421 4.7.0")
        assert await client.is_closed()


async def test_a_failed_handshake_gives_its_place_back(paths):
    async with running(clients=[LOCAL], **paths) as gate:
        async with gate.client() as client:
            assert (await client.say("STARTTLS")).startswith("220")
            client.send(b"this is not TLS\r\n" * 10)
            with suppress(OSError):
                await asyncio.wait_for(client.reader.read(), 5)  # an alert, and the end
        await asyncio.wait_for(gate.listener.door.emptied.wait(), 5)


async def test_a_client_that_leaves_during_the_handshake_gives_its_place_back(paths):
    async with running(clients=[LOCAL], **paths) as gate:
        async with gate.client() as client:
            assert (await client.say("STARTTLS")).startswith("220")
        await asyncio.wait_for(gate.listener.door.emptied.wait(), 5)


async def test_old_tls_is_not_spoken(implicit, trust):
    trust.maximum_version = ssl.TLSVersion.TLSv1_2
    trust.minimum_version = ssl.TLSVersion.TLSv1_2
    async with implicit as gate, connected(gate.port, tls=trust) as client:
        assert (await client.say("NOOP")).startswith("250")
    assert gate.listener.door.tls_context.minimum_version == ssl.TLSVersion.TLSv1_2


@pytest.mark.parametrize(
    "content", [None, "", "\n", "$argon2id$broken\n"], ids=["missing", "empty", "blank", "half a hash"]
)
async def test_a_password_file_that_is_no_use_is_a_mistake_in_the_config(content, tmp_path, paths):
    file = tmp_path / "password"
    if content is not None:
        file.write_text(content)
    client = ClientSettings(name="tool", username="tool", password_file=file)
    with pytest.raises(BadConfig, match=r"client\.tool\.password_file"):
        async with running(clients=[client], **paths):
            pass


async def test_a_certificate_that_is_no_use_is_a_mistake_in_the_config(tmp_path):
    (tmp_path / "cert.pem").write_text("nothing")
    with pytest.raises(BadConfig, match="tls_cert"):
        async with running(tls_cert=tmp_path / "cert.pem"):
            pass
