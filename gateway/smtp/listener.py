"""The sockets that mail tools connect to, and how they are closed without losing what is on its way.

In: settings, an acceptor. Out: a Listener. Fails: BadConfig for a certificate, or where an address cannot be had.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from gateway.errors import BadConfig
from gateway.remedies import not_to_be_had
from gateway.settings import Settings, SmtpSettings, WebSettings
from gateway.smtp.clients import Clients
from gateway.smtp.door import Acceptor, Door
from gateway.smtp.session import Session

BACKLOG = 512
DRAIN_SECONDS = 5.0  # for mails that are on their way
KEEP_SECONDS = 25.0  # for mails that the acceptor has: their clients shall hear what became of them
HANDSHAKE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Listener:
    """Open sockets and who came in through them."""

    servers: tuple[asyncio.Server, ...]
    door: Door
    ports: tuple[int, ...]

    async def close(self) -> None:
        """Let nobody in any more; let mails on their way finish for a while, then mails that are being kept."""
        self.door.closing = True
        for server in self.servers:
            server.close()
        self._send_home(at_once=False)
        await self._emptied(DRAIN_SECONDS)
        self._send_home(at_once=True)
        await self._emptied(KEEP_SECONDS)
        self.door.clients.close()

    def _send_home(self, *, at_once: bool) -> None:
        for connection in tuple(self.door.inside):
            connection.go_home(at_once=at_once)

    async def _emptied(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self.door.inside:
                    await self.door.emptied.wait()


async def listen(
    settings: Settings, acceptor: Acceptor, *, reuse_port: bool = False, spool_folder: Path | None = None
) -> Listener:
    """Open the sockets of [smtp]; with `reuse_port` several processes share them.

    Raises: BadConfig.
    """
    logging.getLogger("mail.log").setLevel(logging.WARNING)  # below that aiosmtpd logs addresses and lines
    context = check_smtp(settings)
    door = Door(
        settings=settings.smtp,
        clients=Clients(settings.client),
        acceptor=acceptor,
        tls_context=context,
        spool_folder=spool_folder,
    )

    def starttls() -> Session:
        return Session(door)

    def implicit_tls() -> Session:
        return Session(door, implicit_tls=True)

    servers: list[asyncio.Server] = []
    try:
        for address in settings.smtp.listen:
            servers += [await _open(address, starttls, key="smtp.listen", reuse_port=reuse_port)]
        for address in settings.smtp.listen_tls:
            servers += [
                await _open(
                    address, implicit_tls, key="smtp.listen_tls", reuse_port=reuse_port, context=context
                )
            ]
    except BadConfig:
        for server in servers:
            server.close()
        raise
    ports = tuple(server.sockets[0].getsockname()[1] for server in servers)
    return Listener(tuple(servers), door, ports)


def check_smtp(settings: Settings) -> ssl.SSLContext | None:
    """See that each way in can be used; give what TLS needs, if there is a certificate.

    Raises: BadConfig.
    """
    context = tls_context(settings.smtp, "smtp")
    _check_reachable(settings, context)
    return context


def tls_context(settings: SmtpSettings | WebSettings, section: str) -> ssl.SSLContext | None:
    """Read the certificate of a section, if there is one; the key may stand in the same file.

    Raises: BadConfig.
    """
    if settings.tls_cert is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(settings.tls_cert, settings.tls_key, password="")  # never ask a terminal
    except (OSError, ssl.SSLError) as error:
        remedy = (
            "PEM の証明書と、対になるパスフレーズのない鍵を tls_cert と tls_key に指定してください"
            " / give a certificate in PEM and its key, without a pass phrase, as tls_cert and tls_key"
        )
        raise BadConfig(file=str(settings.tls_cert), key=f"{section}.tls_cert", remedy=remedy) from error
    return context


def _check_reachable(settings: Settings, context: ssl.SSLContext | None) -> None:
    """See that each way in can be used: a password is only ever taken under TLS (RFC 4954, 4)."""
    if context is not None:
        return
    if settings.smtp.listen_tls:
        remedy = "tls_cert と tls_key も必要です / give tls_cert and tls_key as well"
        raise BadConfig(file="-", key="smtp.listen_tls", remedy=remedy)
    for client in settings.client:
        if client.username and not client.networks:
            remedy = (
                "ログインには TLS が必要です。smtp.tls_cert と smtp.tls_key か、networks を指定してください"
                " / a login needs TLS: give smtp.tls_cert and smtp.tls_key, or the client's networks"
            )
            raise BadConfig(file="-", key=f"client.{client.name}.username", remedy=remedy)


async def _open(
    address: str,
    session: Callable[[], Session],
    *,
    key: str,
    reuse_port: bool,
    context: ssl.SSLContext | None = None,
) -> asyncio.Server:
    host, _, port = address.rpartition(":")
    try:
        return await asyncio.get_running_loop().create_server(
            session,
            host.strip("[]"),
            int(port),
            ssl=context,
            ssl_handshake_timeout=HANDSHAKE_SECONDS if context is not None else None,
            reuse_port=reuse_port or None,
            backlog=BACKLOG,
        )
    except OSError as error:
        raise BadConfig(file="-", key=key, remedy=not_to_be_had(address)) from error
