"""One connection of a mail tool: greeting, command lines, replies, time-outs, its end.

In: a socket. Out: commands, one after the other, to the smtp_… methods of Session. Fails: never; a bug is answered with 451.

aiosmtpd gives the protocol, TLS and the session; its loop over commands is replaced: it cancels a command when the client
half-closes the connection (a mail may then be stored without an answer), lets one client's lines grow without bounds, and
answers errors with their text. Here nothing cancels a command. A connection ends because its input does.
"""

from __future__ import annotations

import asyncio
import math
from contextlib import suppress
from typing import cast

import structlog
from aiosmtpd.smtp import SMTP, TLSSetupException

from gateway.metrics import MAILS_REFUSED
from gateway.settings import ClientSettings
from gateway.smtp import replies
from gateway.smtp.door import Door
from gateway.smtp.inbox import HungUp, Inbox, LineTooLong

log = structlog.get_logger()

COMMAND_BYTES = 4096
AUTH_BYTES = 12288  # RFC 4954, 4
MAX_ERRORS = 20  # commands that no mail tool sends; an accepted mail clears them
FAREWELL_SECONDS = 5.0  # for the last reply to go out
HTTP = frozenset(
    {"GET", "POST", "PUT", "HEAD", "OPTIONS", "CONNECT"}
)  # a browser that was made to talk to this port


class Connection(SMTP):
    """A socket and its conversation."""

    transport: asyncio.WriteTransport
    _inbox: Inbox
    line_length_limit = 64 << 10  # what is read ahead of us; lines have limits of their own

    def __init__(self, door: Door, *, implicit_tls: bool = False) -> None:
        super().__init__(
            None,
            hostname=door.settings.hostname,
            ident="ESMTP Sekisho",
            tls_context=None if implicit_tls else door.tls_context,
            timeout=door.settings.timeout_seconds,
            loop=asyncio.get_running_loop(),
        )
        self._door = door
        self._implicit_tls = implicit_tls
        self._outbox: list[bytes] = []
        self._peer = ""
        self._client: ClientSettings | None = None
        self._deadline = math.inf
        self._farewell: asyncio.TimerHandle | None = None
        self._let_in = False
        self._ended = False
        self._commands = 0
        self._errors = 0
        self._keeping = False  # the acceptor has a mail, and only it can say how that ends

    @property
    def is_tls(self) -> bool:
        """Whether the line is encrypted."""
        return self._implicit_tls or self._tls_protocol is not None

    @property
    def in_transaction(self) -> bool:
        """Whether a mail is on its way."""
        return False

    def identify(self) -> None:
        """Take the client for what its address says."""
        self._client = self._door.clients.at(self._peer)

    # --- what asyncio tells ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let a client in, or turn it away. After STARTTLS: forget all that was said before (RFC 3207, 4.2)."""
        if self._original_transport is None:
            peer = transport.get_extra_info("peername") or ("",)
            self._peer = str(peer[0])
            self._let_in = self._door.enter(self, self._peer)
            if not self._let_in:
                MAILS_REFUSED.labels("connections").inc()
                self.transport = cast("asyncio.WriteTransport", transport)
                self.hang_up(replies.TOO_MANY_CONNECTIONS)
                return
            self._inbox = Inbox(cast("asyncio.ReadTransport", transport))
        else:
            self._inbox.begin_anew(cast("asyncio.ReadTransport", transport))
        self.identify()
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """Hear what the client says."""
        if self._let_in:
            self._inbox.put(data)

    def eof_received(self) -> bool:
        """Hear that no more will come; what has come is still answered, for the client may only have half-closed."""
        if self._let_in:
            self._inbox.end(HungUp())
        return self._let_in and not self.is_tls

    def connection_lost(self, error: Exception | None) -> None:
        """Hear that the connection is gone; the conversation ends when it next reads or writes."""
        for timer in (self._timeout_handle, self._farewell):
            if timer is not None:
                timer.cancel()
        if self._original_transport is not None:
            self._original_transport.close()
        if self._let_in and error is not None:
            self._break_off(error)
        elif self._let_in:
            self._inbox.end(HungUp())
        asyncio.StreamReaderProtocol.connection_lost(self, error)

    # --- time ---

    def _reset_timeout(self, duration: float | None = None) -> None:
        """Wait from now. One timer looks at a deadline that moves: a timer for each command would cost more."""
        self._deadline = self.loop.time() + (duration or self._timeout_duration)
        if self._timeout_handle is None:
            self._timeout_handle = self.loop.call_at(self._deadline, self._look_at_deadline)

    def _look_at_deadline(self) -> None:
        now = self.loop.time()
        if self._deadline <= now:
            self.hang_up(replies.TIMED_OUT)
        else:
            self._timeout_handle = self.loop.call_at(
                min(self._deadline, now + self._timeout_duration), self._look_at_deadline
            )

    # --- replies ---

    def reply(self, text: str) -> None:
        """Answer a command; the answers to pipelined commands go out together (RFC 2920, 3.2)."""
        self._outbox.append(text.encode() + b"\r\n")

    async def flush(self) -> None:
        """Send what was answered. Raises: OSError."""
        if self._outbox:
            self._writer.write(b"".join(self._outbox))
            self._outbox.clear()
            if self.transport.get_write_buffer_size():
                await self._writer.drain()

    async def push(self, status: str | bytes) -> None:
        """Answer at once; aiosmtpd's way."""
        self._outbox.append((status.encode() if isinstance(status, str) else status) + b"\r\n")
        await self.flush()

    def reply_error(self, text: str) -> None:
        """Answer a command that no mail tool sends; many of them end the connection."""
        self._errors += 1
        self.reply(text)
        if self._errors >= MAX_ERRORS:
            self.end(replies.TOO_MANY_ERRORS)

    def end(self, text: str) -> None:
        """Answer and let the conversation end here."""
        self.reply(text)
        self._ended = True

    def hang_up(self, text: str) -> None:
        """End a conversation from outside: it waits for the client, and shall wait no longer."""
        if not self.transport.is_closing():
            self.transport.write(text.encode() + b"\r\n")
        self._close()
        if self._let_in:
            self._break_off(HungUp())

    def _break_off(self, why: Exception) -> None:
        """Let the conversation end when it next reads or writes."""
        self._inbox.clear()
        self._inbox.end(why)
        self._reader.set_exception(why)  # the writer asks it

    def _close(self) -> None:
        """Close, and do not wait for ever for a client that does not read."""
        if not self.transport.is_closing():
            self.transport.close()
            self._farewell = self.loop.call_later(FAREWELL_SECONDS, self.transport.abort)

    def go_home(self, *, at_once: bool) -> None:
        """End an idle conversation; with `at_once` also one within a mail, but never one whose mail is being kept."""
        if not self._keeping and (at_once or not self.in_transaction):
            self.hang_up(replies.SHUTTING_DOWN)

    # --- the conversation ---

    async def _handle_client(self) -> None:
        try:
            self.reply(f"220 {self.hostname} {self.__ident__}")
            await self._converse()
            await self.flush()
        except (HungUp, OSError):
            pass  # the client is gone: an event of every day
        except TLSSetupException:
            self._close()
            # asyncio tells a protocol only of connections whose handshake was completed.
            self.connection_lost(None)
        except Exception as error:  # noqa: BLE001 - a bug ends one connection, and says no more than its name
            log.error("smtp.failed", error=type(error).__name__)  # noqa: TRY400 - a trace could show values
        finally:
            self._close()
            with suppress(OSError):
                async with asyncio.timeout(2 * FAREWELL_SECONDS):
                    await self._writer.wait_closed()
            self._door.leave(self, self._peer)

    async def _converse(self) -> None:
        while not self._ended:
            if not self._inbox.has_line:
                await self.flush()
            if self._door.closing and not self.in_transaction:
                self.end(replies.SHUTTING_DOWN)
                return
            self._reset_timeout()
            try:
                await self._obey(await self._inbox.line(AUTH_BYTES))
            except LineTooLong:
                self.reply_error(replies.LINE_TOO_LONG)
            except (HungUp, OSError, TLSSetupException):
                raise
            except Exception as error:  # noqa: BLE001 - whatever it was, it is our fault
                self.reply(await self.handle_exception(error))

    async def _obey(self, line: bytes) -> None:
        """Carry out one command."""
        self._commands += 1
        verb, _, argument = line.rstrip(b"\r\n").partition(b" ")
        command = verb.decode("ascii", "replace").upper()
        method = self._smtp_methods.get(command)
        if self._commands > self._door.settings.max_commands:
            self.end(replies.TOO_MANY_COMMANDS)
        elif not self._is_whole(line):
            self.reply_error(replies.BAD_LINE)
        elif len(line) > COMMAND_BYTES and command != "AUTH":
            self.reply_error(replies.LINE_TOO_LONG)
        elif method is not None:
            # Bytes that are not UTF-8 become lone surrogates, which no check lets through.
            await method(argument.strip(b" ").decode("utf-8", "surrogateescape") or None)
        elif command in HTTP:
            self.end(replies.NOT_HTTP)
        else:
            self.reply_error(replies.UNKNOWN_COMMAND)

    def _is_whole(self, line: bytes) -> bool:
        """Tell whether a command ends with CRLF and holds none of its bytes (RFC 5321, 2.3.8)."""
        if (
            self._client is not None
            and self._client.bare_newline == "normalise"
            and not line.endswith(b"\r\n")
        ):
            line = line[:-1] + b"\r\n"
        return line.endswith(b"\r\n") and line.count(b"\r") == 1 and b"\0" not in line

    async def handle_exception(self, error: Exception) -> str:
        """Say that the fault is ours, and nothing of it."""
        log.error("smtp.failed", error=type(error).__name__)
        MAILS_REFUSED.labels("bug").inc()
        return replies.TROUBLE

    async def _next_line(self, text: str) -> bytes:
        """Send a reply and give the line that answers it."""
        self.reply(text)
        await self.flush()
        self._reset_timeout()
        return await self._inbox.line(AUTH_BYTES)
