"""The sockets that mail tools connect to.

In: settings, an acceptor. Out: a Listener. Fails: OSError where an address cannot be had, BadConfig for a certificate.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from dataclasses import dataclass

from gateway.errors import BadConfig
from gateway.settings import Settings, SmtpSettings
from gateway.smtp.clients import Clients
from gateway.smtp.session import Acceptor, Conversation, Door

BACKLOG = 512
CLOSE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Listener:
    """Open sockets and who came in through them."""

    servers: tuple[asyncio.Server, ...]
    door: Door

    @property
    def ports(self) -> tuple[int, ...]:
        """The ports listened on."""
        return tuple(server.sockets[0].getsockname()[1] for server in self.servers)

    async def close(self) -> None:
        """Let nobody in any more; wait for the mails that are being kept."""
        self.door.closing = True
        for server in self.servers:
            server.close()
        for conversation in tuple(self.door.inside):
            conversation.leave()
        deadline = asyncio.get_running_loop().time() + CLOSE_SECONDS
        while self.door.inside and asyncio.get_running_loop().time() < deadline:  # noqa: ASYNC110 - a moment, once
            await asyncio.sleep(0.02)


async def listen(settings: Settings, acceptor: Acceptor, *, reuse_port: bool = False) -> Listener:
    """Open the sockets of [smtp]; with `reuse_port` several processes share them."""
    logging.getLogger("mail.log").setLevel(logging.WARNING)  # aiosmtpd logs addresses and lines below that
    context = tls_context(settings.smtp)
    door = Door(
        settings=settings.smtp, clients=Clients(settings.client), acceptor=acceptor, tls_context=context
    )
    loop = asyncio.get_running_loop()
    servers = []
    for address in settings.smtp.listen:
        host, port = _split(address)
        servers.append(
            await loop.create_server(
                lambda: Conversation(door), host, port, reuse_port=reuse_port, backlog=BACKLOG
            )
        )
    for address in settings.smtp.listen_tls:
        if context is None:
            raise BadConfig(file="-", key="smtp.listen_tls", remedy="give tls_cert and tls_key as well")
        host, port = _split(address)
        servers.append(
            await loop.create_server(
                lambda: Conversation(door, implicit_tls=True),
                host,
                port,
                ssl=context,
                reuse_port=reuse_port,
                backlog=BACKLOG,
            )
        )
    return Listener(tuple(servers), door)


def tls_context(settings: SmtpSettings) -> ssl.SSLContext | None:
    """Read the certificate, if there is one.

    Raises: BadConfig.
    """
    if settings.tls_cert is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(settings.tls_cert, settings.tls_key)
    except (OSError, ssl.SSLError) as error:
        raise BadConfig(
            file=str(settings.tls_cert),
            key="smtp.tls_cert",
            remedy="certificate and key cannot be used together",
        ) from error
    return context


def _split(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)
