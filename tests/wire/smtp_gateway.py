"""A listener on loopback with an acceptor that remembers, and a client that says exactly what it is told."""

from __future__ import annotations

import asyncio
import datetime as dt
import ssl
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gateway.model import Envelope
from gateway.settings import ClientSettings, Settings, SmtpSettings
from gateway.smtp.listener import Listener, listen

LOCAL = ClientSettings(name="mail-merge", networks=("127.0.0.0/8",))


class Remembering:
    """Keeps mails in memory; fails or waits where it is told to."""

    def __init__(self) -> None:
        self.mails: list[tuple[Envelope, bytes]] = []
        self.failure: Exception | None = None
        self.open = asyncio.Event()
        self.open.set()
        self.asked = asyncio.Event()
        self.keeps = True

    async def accept(self, envelope, content, *, under_way):
        self.asked.set()
        await self.open.wait()
        if self.failure is not None:
            raise self.failure
        self.mails.append((envelope, content[:] if self.keeps else b""))
        return f"mail-{len(self.mails)}"


class Client:
    """A raw SMTP client."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    def send(self, raw: bytes) -> None:
        self.writer.write(raw)

    async def reply(self) -> str:
        lines = []
        while True:
            line = await asyncio.wait_for(self.reader.readline(), 10)
            if not line:
                raise EOFError
            lines.append(line.decode().rstrip("\r\n"))
            if line[3:4] != b"-":
                return "\n".join(lines)

    async def say(self, command: str | bytes) -> str:
        self.send((command.encode() if isinstance(command, str) else command) + b"\r\n")
        return await self.reply()

    async def begin(self, *, sender: str = "<a@example.jp>", recipients: Iterable[str] = ("<b@example.jp>",)):
        assert (await self.say(f"MAIL FROM:{sender}")).startswith("250")
        for recipient in recipients:
            assert (await self.say(f"RCPT TO:{recipient}")).startswith("250")
        assert (await self.say("DATA")).startswith("354")

    async def mail(self, raw: bytes) -> str:
        """Send content as it stands, and the end."""
        await self.begin()
        self.send(raw)
        await self.writer.drain()
        return await self.reply()

    async def is_closed(self) -> bool:
        return await asyncio.wait_for(self.reader.read(), 10) == b""

    async def close(self) -> None:
        self.writer.close()
        with suppress(OSError, ssl.SSLError):
            await self.writer.wait_closed()


@asynccontextmanager
async def connected(
    port: int, *, greet: bool = True, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Client]:
    client = Client(*await asyncio.open_connection("127.0.0.1", port, ssl=tls))
    try:
        if greet:
            assert (await client.reply()).startswith("220")
            assert (await client.say("EHLO tool.example")).startswith("250")
        yield client
    finally:
        await client.close()


class Running:
    """A listener, its acceptor, and a way in."""

    def __init__(self, listener: Listener, kept: Remembering) -> None:
        self.listener, self.kept = listener, kept

    @property
    def port(self) -> int:
        return self.listener.ports[0]

    def client(self, **how):
        return connected(self.port, **how)


@asynccontextmanager
async def running(
    *, clients: Iterable[ClientSettings] = (LOCAL,), spool: Path | None = None, reuse: bool = False, **smtp
) -> AsyncIterator[Running]:
    settings = Settings(
        smtp=SmtpSettings(**{"listen": ("127.0.0.1:0",), "hostname": "gate.example", **smtp}),
        client=tuple(clients),
    )
    kept = Remembering()
    listener = await listen(settings, kept, spool_folder=spool, reuse_port=reuse)
    try:
        yield Running(listener, kept)
    finally:
        kept.open.set()
        await listener.close()


def certificate(folder: Path) -> tuple[Path, Path]:
    """Write a throw-away certificate and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "gate.example")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    cert_file, key_file = folder / "cert.pem", folder / "key.pem"
    cert_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return cert_file, key_file


def trusting(cert: Path) -> ssl.SSLContext:
    """Give a client's context that trusts that certificate."""
    return ssl.create_default_context(cafile=cert)
