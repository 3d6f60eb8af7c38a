"""One SMTP conversation: aiosmtpd's, with its own DATA, its own addresses, limits and replies.

In: a socket. Out: mails handed to the acceptor, 250 after it kept them. Fails: never with an exception's text; trouble of
ours is 451, and the mail tool comes again.
"""

from __future__ import annotations

import asyncio
import collections
import mmap
import ssl
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Any, Protocol

import structlog
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword, Session

from gateway.errors import NotNow, Refused
from gateway.metrics import MAILS_ACCEPTED, MAILS_REFUSED
from gateway.model import Envelope, Recipient
from gateway.settings import ClientSettings, SmtpSettings
from gateway.smtp.address import MAIL_KEYS, RCPT_KEYS, BadArgument, parse
from gateway.smtp.clients import Clients
from gateway.smtp.content import read_content

log = structlog.get_logger()

COMMAND_BYTES = 4096
FAILED_LOGINS = 3
SLOWEST_BYTES_A_SECOND = 500
PATIENCE_SECONDS = 300


class Acceptor(Protocol):
    """Who keeps mails."""

    def accept(self, envelope: Envelope, content: bytes | mmap.mmap) -> Awaitable[str]:
        """Make a mail durable; give its id. Raises: NotNow, Refused."""
        ...


@dataclass(slots=True)
class Door:
    """Who is inside: what all conversations of a process share."""

    settings: SmtpSettings
    clients: Clients
    acceptor: Acceptor
    tls_context: ssl.SSLContext | None
    inside: set[Conversation] = field(default_factory=set)
    by_peer: collections.Counter[str] = field(default_factory=collections.Counter)
    closing: bool = False

    def lets_in(self, peer: str) -> bool:
        """Tell whether one more may come in from there."""
        return (
            not self.closing
            and len(self.inside) < self.settings.max_connections
            and self.by_peer[peer] < self.settings.max_connections_per_peer
        )


class Conversation(SMTP):
    """One connection of one mail tool."""

    line_length_limit = 64 << 10  # of the reader's buffer; commands have their own limit, and mails none
    command_size_limit = COMMAND_BYTES

    def __init__(self, door: Door, *, implicit_tls: bool = False) -> None:
        self.command_size_limits = collections.defaultdict(
            lambda: COMMAND_BYTES
        )  # aiosmtpd shares one among all connections
        super().__init__(
            None,
            data_size_limit=door.settings.max_bytes,
            enable_SMTPUTF8=True,
            hostname=door.settings.hostname,
            ident="ESMTP Sekisho",
            tls_context=None if implicit_tls else door.tls_context,
            timeout=door.settings.timeout_seconds,
            auth_require_tls=not implicit_tls,
            authenticator=self._check_login,
            loop=asyncio.get_running_loop(),
        )
        self._door = door
        self._implicit_tls = implicit_tls
        self._client: ClientSettings | None = None
        self._submitter = ""
        self._mail: dict[str, str] | None = None  # the parameters of MAIL, while a transaction is open
        self._sender = ""
        self._recipients: list[Recipient] = []
        self._peer = ""
        self._commands = 0
        self._failed_logins = 0
        self._keeping = False  # the acceptor has the mail, and only it can say how that ends
        self._turned_away = False

    # --- the connection ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let a peer in, or turn it away; after STARTTLS start anew."""
        if self._original_transport is None:
            peername = transport.get_extra_info("peername") or ("",)
            self._peer = str(peername[0])
            if not self._door.lets_in(self._peer):
                self._turned_away = True
                MAILS_REFUSED.labels("connections").inc()
                if isinstance(transport, asyncio.WriteTransport):
                    transport.write(b"421 4.7.0 Too many connections, try again later\r\n")
                    transport.close()
                return
            self._door.inside.add(self)
            self._door.by_peer[self._peer] += 1
        self._client = self._door.clients.at(self._peer)
        self._submitter = self._client.name if self._client else ""
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """Forget a peer."""
        if self._turned_away:
            return
        if self in self._door.inside:
            self._door.inside.discard(self)
            self._door.by_peer -= collections.Counter({self._peer: 1})
        super().connection_lost(error)

    def eof_received(self) -> bool | None:
        """Hear that no more will come; a mail that is being kept is still answered (it may be read by a half-closed peer)."""
        if self._turned_away:
            return False
        if self._keeping:
            self._reader.feed_eof()
            return not self._is_tls
        result: bool | None = super().eof_received()
        return result

    async def push(self, status: str | bytes) -> None:
        """Reply; while the peer has pipelined more, the replies go out together."""
        raw = status.encode("utf-8", "replace") if isinstance(status, str) else status
        self._writer.write(raw + b"\r\n")
        await self._writer.drain()

    async def handle_exception(self, error: Exception) -> str:
        """Say that the fault is ours, and nothing of it."""
        log.error("smtp.failed", error=type(error).__name__)
        MAILS_REFUSED.labels("bug").inc()
        return "451 4.3.0 Trouble on our side, please try again later"

    def leave(self) -> None:
        """Close an idle conversation; one that keeps a mail ends by itself."""
        if self.transport is not None and not self._keeping:
            self._writer.write(b"421 4.3.2 Service shutting down\r\n")
            self.transport.close()

    def _current(self) -> Session:
        if self.session is None:
            raise RuntimeError("a command before a connection")
        return self.session

    @property
    def _is_tls(self) -> bool:
        return self._implicit_tls or self._tls_protocol is not None

    def _set_rset_state(self) -> None:
        super()._set_rset_state()  # type: ignore[no-untyped-call]
        self._mail, self._sender, self._recipients = None, "", []

    # --- who ---

    def _check_login(
        self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any
    ) -> AuthResult:
        client = (
            self._door.clients.logged_in(data.login, data.password)
            if isinstance(data, LoginPassword)
            else None
        )
        if client is None:
            self._failed_logins += 1
            MAILS_REFUSED.labels("login").inc()
            return AuthResult(
                success=False, handled=False, message="535 5.7.8 Authentication credentials invalid"
            )
        self._client, self._submitter = client, data.login.decode("utf-8", "replace")
        return AuthResult(success=True, auth_data=data)

    async def smtp_AUTH(self, arg: str) -> None:
        """Log in, a few tries a connection."""
        await super().smtp_AUTH(arg)
        if self._failed_logins >= FAILED_LOGINS:
            await self._hang_up("421 4.7.0 Too many failed logins")

    async def smtp_EHLO(self, hostname: str) -> None:
        """Say what we can do (RFC 5321, 4.1.1.1)."""
        if not hostname:
            await self.push("501 5.5.4 Syntax: EHLO hostname")
            return
        self._set_rset_state()
        self._current().extended_smtp = True
        self._current().host_name = hostname
        words = [
            self.hostname,
            f"SIZE {self._door.settings.max_bytes}",
            "8BITMIME",
            "SMTPUTF8",
            "PIPELINING",
            "ENHANCEDSTATUSCODES",
            "DSN",
        ]
        if self.tls_context and not self._tls_protocol:
            words.append("STARTTLS")
        if self._is_tls and self._door.clients.by_login:
            words.append("AUTH LOGIN PLAIN")
        await self.push("\r\n".join([*(f"250-{word}" for word in words[:-1]), f"250 {words[-1]}"]))

    async def smtp_VRFY(self, arg: str) -> None:  # noqa: ARG002
        """Say neither yes nor no (RFC 5321, 3.5.3)."""
        await self.push("252 2.5.2 Cannot verify, but will take mail")

    async def smtp_HELP(self, arg: str) -> None:  # noqa: ARG002
        """Point to the RFC."""
        await self.push("214 2.0.0 See RFC 5321")

    # --- one mail ---

    async def smtp_MAIL(self, arg: str | None) -> None:
        """Open a transaction."""
        self._commands += 1
        if self._commands > self._door.settings.max_commands:
            await self._hang_up("421 4.7.0 Too many commands")
        elif not self._current().host_name:
            await self.push("503 5.5.1 Send EHLO first")
        elif self._client is None:
            MAILS_REFUSED.labels("client").inc()
            login = "530 5.7.0 Authentication required"
            await self.push(login if self._door.clients.by_login else "550 5.7.1 This client may not relay")
        elif self._mail is not None:
            await self.push("503 5.5.1 Nested MAIL command")
        else:
            await self._open(arg)

    async def _open(self, arg: str | None) -> None:
        try:
            sender, parameters = parse(arg, "FROM:", MAIL_KEYS, null_allowed=True)
            size = int(parameters.get("SIZE", "0")) if parameters.get("SIZE", "0").isdecimal() else -1
            if size < 0 or parameters.get("BODY", "7BIT").upper() not in ("7BIT", "8BITMIME"):
                raise BadArgument("501 5.5.4 Bad parameter")
            if not sender.isascii() and "SMTPUTF8" not in parameters:
                raise BadArgument("553 5.6.7 Address needs SMTPUTF8")
        except BadArgument as error:
            await self.push(error.reply)
            return
        if size > self._door.settings.max_bytes:
            MAILS_REFUSED.labels("size").inc()
            await self.push("552 5.3.4 Message too big")
            return
        self._mail, self._sender, self._recipients = parameters, sender, []
        await self.push("250 2.1.0 Ok")

    async def smtp_RCPT(self, arg: str | None) -> None:
        """Take a recipient."""
        if self._mail is None:
            await self.push("503 5.5.1 Need MAIL command")
            return
        if len(self._recipients) >= self._door.settings.max_recipients:
            MAILS_REFUSED.labels("recipients").inc()
            await self.push("452 4.5.3 Too many recipients")
            return
        try:
            address, parameters = parse(arg, "TO:", RCPT_KEYS, null_allowed=False)
            if not address.isascii() and "SMTPUTF8" not in self._mail:
                raise BadArgument("553 5.6.7 Address needs SMTPUTF8")
        except BadArgument as error:
            await self.push(error.reply)
            return
        self._recipients.append(Recipient(address=address, parameters=_words(parameters)))
        await self.push("250 2.1.5 Ok")

    async def smtp_DATA(self, arg: str | None) -> None:
        """Take a mail, and answer for it."""
        if arg:
            await self.push("501 5.5.4 Syntax: DATA")
        elif self._mail is None or not self._recipients:
            await self.push(
                "503 5.5.1 Need RCPT command" if self._mail is not None else "503 5.5.1 Need MAIL command"
            )
        else:
            await self.push("354 End data with <CR><LF>.<CR><LF>")
            reply = await self._take()
            self._set_rset_state()
            self._reset_timeout()
            await self.push(reply)

    async def _take(self) -> str:
        """Read the mail, have it kept, and give the reply."""
        client = self._client
        if client is None or self._mail is None:
            raise RuntimeError("DATA outside a transaction")
        started = self.loop.time()

        def alive(total: int) -> None:
            self._reset_timeout()
            if total < SLOWEST_BYTES_A_SECOND * (self.loop.time() - started - PATIENCE_SECONDS):
                raise ConnectionResetError("too slow")

        max_bytes = self._door.settings.max_bytes
        content = await read_content(
            self._reader, max_bytes=max_bytes, normalise=client.bare_newline == "normalise", alive=alive
        )
        if content.bare_newline:
            return self._refused("550 5.6.11 Bare CR, bare LF or NUL in content", "bare-newline")
        if content.raw is None or content.length > max_bytes:
            return self._refused("552 5.3.4 Message too big", "size")
        if _hops(content.raw) > self._door.settings.max_hops:
            return self._refused("554 5.4.6 Too many hops, there is a loop", "loop")
        envelope = Envelope(
            client=client.name,
            submitter=self._submitter,
            sender=self._sender,
            recipients=tuple(self._recipients),
            parameters=_words(
                {
                    key: value
                    for key, value in self._mail.items()
                    if key in ("BODY", "SMTPUTF8", "RET", "ENVID")
                }
            ),
            peer=self._peer,
            helo=str(self._current().host_name),
            tls=self._is_tls,
        )
        return await self._keep(envelope, content.raw)

    async def _keep(self, envelope: Envelope, raw: bytes | mmap.mmap) -> str:
        """Hand a mail over; from here on neither a time-out nor a peer that hangs up may come between."""
        if self._timeout_handle is not None:
            self._timeout_handle.cancel()
        self._keeping = True
        try:
            mail_id = await asyncio.shield(asyncio.ensure_future(self._door.acceptor.accept(envelope, raw)))
        except Refused as error:
            return self._refused(error.reply, error.reason)
        except NotNow as error:
            return self._refused(error.reply, error.reason)
        except Exception as error:  # noqa: BLE001 - whatever it was, the mail is not known to be kept
            return await self.handle_exception(error)
        finally:
            self._keeping = False
        MAILS_ACCEPTED.labels(envelope.client).inc()
        return f"250 2.0.0 held as {mail_id}"

    def _refused(self, reply: str, reason: str) -> str:
        MAILS_REFUSED.labels(reason).inc()
        return reply

    async def _hang_up(self, reply: str) -> None:
        await self.push(reply)
        if self.transport is not None:
            self.transport.close()


def _words(parameters: dict[str, str]) -> tuple[str, ...]:
    return tuple(f"{key}={value}" if value else key for key, value in parameters.items())


def _hops(raw: bytes | mmap.mmap) -> int:
    """Count the Received lines of the header (RFC 5321, 6.3)."""
    end = raw.find(b"\r\n\r\n")
    head = b"\r\n" + bytes(raw[: end if end >= 0 else len(raw)]).lower()
    return head.count(b"\r\nreceived:")
