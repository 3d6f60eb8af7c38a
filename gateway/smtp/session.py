"""The commands: greeting, TLS, login, and one mail after the other.

In: commands with their arguments. Out: mails to the acceptor; 250 once they are durable. Fails: as replies.py has it.
"""

from __future__ import annotations

import asyncio
import math
import mmap
from dataclasses import dataclass, field

import structlog

from gateway.errors import NotNow, Refused
from gateway.metrics import MAILS_ACCEPTED, MAILS_REFUSED
from gateway.model import Envelope, Recipient
from gateway.settings import ClientSettings
from gateway.smtp import replies
from gateway.smtp.address import BadArgument, check_recipient, check_sender, split_path
from gateway.smtp.connection import Connection
from gateway.smtp.content import Fault, Incoming, hops
from gateway.smtp.door import Door
from gateway.smtp.inbox import HungUp
from gateway.smtp.login import MECHANISMS, BadLogin, Credentials
from gateway.smtp.parameters import MAIL_SHAPES, RCPT_SHAPES, parse_parameters, passed_on

log = structlog.get_logger()

MAX_LOGINS = 3
WRONG_LOGIN_SECONDS = 1.0  # the second failure waits for two of them, the third for three
FLOOR_BYTES_A_SECOND = 500  # slower mails hold a place that others need
FLOOR_AFTER_SECONDS = 300
ENDLESS = (
    4  # a mail that is too big is read on, for its 552 to be heard, but only up to so many times the limit
)
MAX_HELO = 255

FAULTS = {
    Fault.BARE_NEWLINE: (replies.BARE_NEWLINE, "bare-newline"),
    Fault.TOO_BIG: (replies.TOO_BIG, "size"),
    Fault.NO_SPACE: (replies.NO_SPACE, "space"),
}


@dataclass(slots=True, kw_only=True)
class Transaction:
    """A mail as far as its envelope has come."""

    client: ClientSettings
    sender: str
    parameters: dict[str, str]
    recipients: list[Recipient] = field(default_factory=list)

    @property
    def smtputf8(self) -> bool:
        """Whether addresses may be of any script."""
        return "SMTPUTF8" in self.parameters


class Session(Connection):
    """One client at work. The methods smtp_… are the commands, as aiosmtpd finds them."""

    def __init__(self, door: Door, *, implicit_tls: bool = False) -> None:
        self._transaction: Transaction | None = None
        self._login = ""
        self._failed_logins = 0
        self._helo = ""
        self._extended = False
        super().__init__(door, implicit_tls=implicit_tls)

    @property
    def in_transaction(self) -> bool:
        """Whether a mail is on its way."""
        return self._transaction is not None

    def identify(self) -> None:
        """Begin anew: no greeting, no login, no mail."""
        super().identify()
        self._transaction, self._login, self._helo, self._extended = None, "", "", False

    def _set_rset_state(self) -> None:
        self._transaction = None

    def _refuse(self, text: str, reason: str) -> None:
        MAILS_REFUSED.labels(reason).inc()
        self.reply(text)

    # --- greeting ---

    async def smtp_HELO(self, arg: str | None) -> None:
        """Greet as in 1982."""
        if self._greeted(arg, extended=False):
            self.reply(f"250 {self.hostname}")

    async def smtp_EHLO(self, arg: str | None) -> None:
        """Greet, and say what is spoken here (RFC 5321, 4.1.1.1)."""
        if not self._greeted(arg, extended=True):
            return
        words = [
            self.hostname,
            f"SIZE {self._door.settings.max_bytes}",
            "8BITMIME",
            "SMTPUTF8",
            "PIPELINING",
            "ENHANCEDSTATUSCODES",
            "DSN",
        ]
        if self.tls_context is not None and not self.is_tls:
            words.append("STARTTLS")
        if self.is_tls and self._door.clients.by_login:
            words.append("AUTH PLAIN LOGIN")
        self.reply("\r\n".join([*(f"250-{word}" for word in words[:-1]), f"250 {words[-1]}"]))

    def _greeted(self, name: str | None, *, extended: bool) -> bool:
        if not name or len(name) > MAX_HELO or not name.isascii() or not name.isprintable():
            self.reply_error(replies.BAD_HELO)
            return False
        self._helo, self._extended, self._transaction = name, extended, None
        return True

    async def smtp_STARTTLS(self, arg: str | None) -> None:
        """Encrypt; what was said before counts for nothing, and what came too early is thrown away (RFC 3207, 4.2)."""
        if arg:
            self.reply(replies.NO_ARGUMENT)
        elif self.is_tls:
            self.reply_error(replies.TLS_ALREADY)
        elif self.tls_context is None:
            self.reply(replies.NOT_IMPLEMENTED)
        else:
            await super().smtp_STARTTLS(None)
            if self.transport.is_closing():
                raise HungUp

    # --- login ---

    async def smtp_AUTH(self, arg: str | None) -> None:
        """Log in, with few tries for a connection (RFC 4954)."""
        mechanism, _, initial = (arg or "").partition(" ")
        if not self._extended:
            self.reply_error(replies.GREET_FIRST)
        elif not self.is_tls:
            self.reply_error(replies.TLS_FIRST)
        elif not self._door.clients.by_login:
            self.reply_error(replies.NOT_IMPLEMENTED)
        elif self._login or self._transaction is not None:
            self.reply_error(replies.LOGGED_IN_ALREADY if self._login else replies.NOT_NOW_IN_MAIL)
        elif mechanism.upper() not in MECHANISMS:
            self.reply_error(replies.UNKNOWN_MECHANISM)
        else:
            try:
                await self._log_in(await MECHANISMS[mechanism.upper()](initial.strip(), self._next_line))
            except BadLogin as error:
                self.reply_error(error.reply)

    async def _log_in(self, credentials: Credentials) -> None:
        client = await self._door.clients.logged_in(credentials.name, credentials.password)
        if client is not None:
            self._client, self._login = client, credentials.name
            self.reply(replies.AUTHENTICATED)
            return
        self._failed_logins += 1
        await asyncio.sleep(WRONG_LOGIN_SECONDS * self._failed_logins)
        self._refuse(replies.WRONG_LOGIN, "login")
        if self._failed_logins >= MAX_LOGINS:
            self.end(replies.TOO_MANY_LOGINS)

    # --- one mail ---

    async def smtp_MAIL(self, arg: str | None) -> None:
        """Begin a mail."""
        if not self._helo:
            self.reply_error(replies.GREET_FIRST)
        elif self._transaction is not None:
            self.reply_error(replies.NESTED_MAIL)
        elif self._client is None:
            MAILS_REFUSED.labels("client").inc()
            self.reply_error(replies.LOGIN_FIRST if self._door.clients.by_login else replies.NOT_ALLOWED)
        else:
            try:
                self._transaction = self._begun(arg, self._client)
            except BadArgument as error:
                self._refuse(error.reply, "sender")
                return
            if int(self._transaction.parameters.get("SIZE", "0")) > self._door.settings.max_bytes:
                self._transaction = None
                self._refuse(replies.TOO_BIG, "size")
                return
            self.reply(replies.SENDER_OK)

    def _begun(self, arg: str | None, client: ClientSettings) -> Transaction:
        path, rest = split_path(arg, "FROM:")
        parameters = parse_parameters(rest, MAIL_SHAPES if self._extended else {})
        transaction = Transaction(client=client, sender=path, parameters=parameters)
        check_sender(path, smtputf8=transaction.smtputf8)
        return transaction

    async def smtp_RCPT(self, arg: str | None) -> None:
        """Take one recipient more."""
        transaction = self._transaction
        if transaction is None:
            self.reply_error(replies.MAIL_FIRST)
        elif len(transaction.recipients) >= self._door.settings.max_recipients:
            self._refuse(replies.TOO_MANY_RECIPIENTS, "recipients")
        else:
            try:
                path, rest = split_path(arg, "TO:")
                parameters = parse_parameters(rest, RCPT_SHAPES if self._extended else {})
                check_recipient(path, smtputf8=transaction.smtputf8)
            except BadArgument as error:
                self._refuse(error.reply, "recipient")
                return
            transaction.recipients.append(Recipient(address=path, parameters=passed_on(parameters)))
            self.reply(replies.RECIPIENT_OK)

    async def smtp_DATA(self, arg: str | None) -> None:
        """Take the content, and answer for the mail."""
        transaction = self._transaction
        if arg:
            self.reply_error(replies.NO_ARGUMENT)
        elif transaction is None:
            self.reply_error(replies.MAIL_FIRST)
        elif not transaction.recipients:
            self.reply_error(replies.NO_RECIPIENTS)
        else:
            self.reply(replies.GO_AHEAD)
            await self.flush()
            incoming = Incoming(
                max_bytes=self._door.settings.max_bytes,
                normalise=transaction.client.bare_newline == "normalise",
                folder=self._door.spool_folder,
            )
            try:
                if await self._read(incoming):
                    await self._answer(transaction, incoming)
            finally:
                incoming.close()
                self._transaction = None

    async def _read(self, incoming: Incoming) -> bool:
        """Read to the end of the content; if there is no use in waiting for it, end the connection: what follows is no command."""
        started = self.loop.time()
        try:
            while (rest := incoming.feed(await self._inbox.block())) is None:
                self._reset_timeout()
                slowest = FLOOR_AFTER_SECONDS + incoming.received / FLOOR_BYTES_A_SECOND
                if self.loop.time() - started > slowest:
                    MAILS_REFUSED.labels("slow").inc()
                    self.end(replies.TOO_SLOW)
                    return False
                if incoming.received > ENDLESS * self._door.settings.max_bytes:
                    MAILS_REFUSED.labels("size").inc()
                    self.end(replies.TOO_BIG)
                    return False
        except (HungUp, OSError):
            raise
        except Exception as error:  # noqa: BLE001 - a bug within the content: where the mail ends is not known any more
            await self.handle_exception(error)
            self.end(replies.LOST_TRACK)
            return False
        self._inbox.unread(rest)
        return True

    async def _answer(self, transaction: Transaction, incoming: Incoming) -> None:
        content = incoming.content()
        if content is None:
            self._refuse(*FAULTS[incoming.fault or Fault.NO_SPACE])
        elif hops(content) > self._door.settings.max_hops:
            self._refuse(replies.LOOP, "loop")
        else:
            await self._keep(self._envelope(transaction), content)

    def _envelope(self, transaction: Transaction) -> Envelope:
        return Envelope(
            client=transaction.client.name,
            submitter=self._login or transaction.client.name,
            sender=transaction.sender,
            recipients=tuple(transaction.recipients),
            parameters=passed_on(transaction.parameters),
            peer=self._peer,
            helo=self._helo,
            tls=self.is_tls,
        )

    async def _keep(self, envelope: Envelope, content: bytes | mmap.mmap) -> None:
        """Have a mail made durable. Neither a time-out nor a client that hangs up comes between: nothing cancels this."""
        self._keeping, self._deadline = True, math.inf
        try:
            mail_id = await self._door.acceptor.accept(envelope, content, under_way=self._door.under_way)
        except (Refused, NotNow) as error:
            self._refuse(error.reply, error.reason)
        except Exception as error:  # noqa: BLE001 - whatever it was, the mail is not known to be kept
            self.reply(await self.handle_exception(error))
        else:
            self._errors = 0
            MAILS_ACCEPTED.labels(envelope.client).inc()
            self.reply(replies.held(mail_id))
            if self.transport.is_closing():  # kept, but the client will not hear of it and may send it again
                log.warning("smtp.unheard", mail=mail_id, client=envelope.client)
        finally:
            self._keeping = False
            self._reset_timeout()

    # --- the rest ---

    async def smtp_RSET(self, arg: str | None) -> None:
        """Forget the mail."""
        if arg:
            self.reply(replies.NO_ARGUMENT)
        else:
            self._transaction = None
            self.reply(replies.OK)

    async def smtp_NOOP(self, arg: str | None) -> None:  # noqa: ARG002 - RFC 5321, 4.1.1.9: it may have one
        """Do nothing."""
        self.reply(replies.OK)

    async def smtp_VRFY(self, arg: str | None) -> None:  # noqa: ARG002 - we say the same of everybody
        """Say neither yes nor no (RFC 5321, 3.5.3)."""
        self.reply(replies.CANNOT_VERIFY)

    async def smtp_EXPN(self, arg: str | None) -> None:  # noqa: ARG002 - we tell of no list
        """Tell nothing."""
        self.reply(replies.NOT_IMPLEMENTED)

    async def smtp_HELP(self, arg: str | None) -> None:  # noqa: ARG002 - it is all in the RFC
        """Point to the RFC."""
        self.reply(replies.HELP)

    async def smtp_QUIT(self, arg: str | None) -> None:
        """Say good-bye."""
        if arg:
            self.reply(replies.NO_ARGUMENT)
        else:
            self.end(replies.BYE)
