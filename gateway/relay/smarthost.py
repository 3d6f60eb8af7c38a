"""One connection to the next hop (smarthost), used for mail after mail.

In: an envelope, recipients, bytes for DATA. Out: a reply for each recipient. Fails: HopTrouble, with the connection
dropped; whoever had no reply is tried again.

aiosmtplib connects, starts TLS and logs in. The mails themselves go by wire.py: aiosmtplib loses replies that come
together, as they do with pipelining, and its DATA would rewrite line ends.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import aiosmtplib
import regex
from aiosmtplib.errors import SMTPException

from gateway.errors import BadConfig
from gateway.model import Recipient
from gateway.relay.wire import Garbage, Gone, Reply, Unspeakable, Wire
from gateway.settings import RelaySettings

TRANSACTION_RECIPIENTS = 100  # RFC 5321, 4.5.3.1.8: every server takes so many
END_OF_DATA_TIMES = (
    10  # RFC 5321, 4.5.3.2.6: the wait after the dot is long, since to break it off makes copies
)
SUBMISSIONS_PORT = 465  # RFC 8314: TLS from the first byte
OURS_TO_MEND = frozenset({500, 501, 502, 503, 504, 530, 534, 535, 538})  # they speak of us, not of the mail
TOO_MUCH = frozenset({552})  # RFC 5321, 4.5.3.1.10: to RCPT it means too many recipients, for now
_HEADERS_END = b"\r\n\r\n"
_ENHANCED = regex.compile(r"[245]\.\d{1,3}\.\d{1,3}\b")

TROUBLES = (SMTPException, OSError, TimeoutError, ValueError, Garbage, Gone, BadConfig)


class HopTrouble(Exception):
    """The next hop cannot be used: `connecting` tells that no mail was begun, `ambiguous` that it may have been taken."""

    def __init__(self, what: str, *, connecting: bool = False, ambiguous: bool = False) -> None:
        super().__init__(what)
        self.what = what
        self.connecting = connecting
        self.ambiguous = ambiguous


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """A mail on its way: who, to whom, and the bytes that follow DATA."""

    sender: str
    parameters: tuple[str, ...]
    recipients: tuple[Recipient, ...]
    data: bytes


class Smarthost:
    """A connection that is made when it is needed."""

    def __init__(self, settings: RelaySettings, hostname: str) -> None:
        self._settings = settings
        self._hostname = hostname
        self._seconds = settings.timeout_seconds
        self._wire: Wire | None = None
        self._offers: frozenset[str] = frozenset()
        self._ambiguous = False

    @property
    def connected(self) -> bool:
        """Whether there is a connection."""
        return self._wire is not None and self._wire.usable

    async def send(self, mail: Handover) -> list[Reply]:
        """Hand over a mail; give the reply for each recipient.

        Raises: HopTrouble.
        """
        fresh = not self.connected
        try:
            replies = await self._attempt(mail)
        except HopTrouble as trouble:
            # A connection that lay idle was closed meanwhile: nothing of this mail was taken, so ask again.
            if fresh or trouble.connecting or trouble.ambiguous:
                raise
            return await self._attempt(mail)
        if not fresh and all(reply.leave for reply in replies):
            return await self._attempt(mail)
        return replies

    async def close(self) -> None:
        """Take leave."""
        if self._wire is not None and self.connected:
            try:
                self._wire.say(["QUIT"])
                await self._wire.reply(min(2, self._seconds))
            except TROUBLES:
                pass
        self.drop()

    def drop(self) -> None:
        """Hang up."""
        if self._wire is not None:
            self._wire.drop()
            self._wire = None

    @property
    def ambiguous(self) -> bool:
        """Whether a mail's end was written and no reply has come yet."""
        return self._ambiguous

    async def _attempt(self, mail: Handover) -> list[Reply]:
        self._ambiguous = False
        try:
            wire = await self._connected()
        except TROUBLES as error:
            self.drop()
            raise HopTrouble(_named(error), connecting=True) from error
        refusals = [self._unfit(mail, recipient) for recipient in mail.recipients]
        asked = [r for r, refusal in zip(mail.recipients, refusals, strict=True) if refusal is None]
        try:
            answers = iter(await self._transaction(wire, mail, asked) if asked else ())
        except Unspeakable:
            return [Reply(553, "5.1.3 control character in an address or parameter")] * len(mail.recipients)
        except TROUBLES as error:
            ambiguous, self._ambiguous = self._ambiguous, False
            self.drop()
            raise HopTrouble(_named(error), ambiguous=ambiguous) from error
        except BaseException:  # cancelled in the middle: the connection is of no use any more
            self.drop()
            raise
        return [refusal or next(answers) for refusal in refusals]

    async def _transaction(self, wire: Wire, mail: Handover, recipients: Sequence[Recipient]) -> list[Reply]:
        """Speak MAIL, RCPT, DATA and the mail itself."""
        commands = [f"MAIL FROM:<{mail.sender}>{self._mail_words(mail)}"]
        commands += [f"RCPT TO:<{r.address}>{self._words(r.parameters)}" for r in recipients]
        commands.append("DATA")
        replies = [_kind(reply) for reply in await self._spoken(wire, commands)]
        mailed, answers, start = replies[0], replies[1:-1], replies[-1]
        if not mailed.good:
            answers = [mailed] * len(recipients)
        answers = [Reply(452, a.text) if a.code in TOO_MUCH and mailed.good else a for a in answers]
        taken = any(answer.good for answer in answers)
        if start.code == 354 and not taken:
            self.drop()  # RFC 2920, 3.1 wants a lone dot here; we never end a mail that nobody is to get
            return answers
        if start.code != 354:
            if start.good:
                raise Garbage
            answers = [start if answer.good else answer for answer in answers]
            await self._reset(wire, [mailed, *answers, start])
            return answers
        last = max(0, len(mail.data) - 5)
        view = memoryview(mail.data)
        await wire.write(view[:last], self._seconds)
        self._ambiguous = True  # from here on the next hop may have it
        await wire.write(view[last:], self._seconds)
        end = _kind(await wire.reply(self._seconds * END_OF_DATA_TIMES))
        if end.code // 100 == 3:
            raise Garbage
        self._ambiguous = False
        if end.leave:
            self.drop()
        return [end if answer.good else answer for answer in answers]

    async def _spoken(self, wire: Wire, commands: Sequence[str]) -> list[Reply]:
        """Say the commands and hear the replies: at once where the next hop pipelines, else one by one."""
        if "pipelining" in self._offers:
            wire.say(commands)
            return [await wire.reply(self._seconds) for _ in commands]
        replies: list[Reply] = []
        for command in commands:
            if replies and not replies[0].good:
                replies.append(replies[0])
            elif command == "DATA" and not any(reply.good for reply in replies[1:]):
                replies.append(Reply(554, "5.5.1 no recipients"))  # not asked: nobody is left
            else:
                wire.say([command])
                replies.append(await wire.reply(self._seconds))
            if replies[-1].leave:
                replies += [replies[-1]] * (len(commands) - len(replies))
                break
        return replies

    async def _reset(self, wire: Wire, heard: Sequence[Reply]) -> None:
        """End a transaction that came to nothing, or hang up."""
        if any(reply.leave for reply in heard):
            self.drop()
            return
        try:
            wire.say(["RSET"])
            if not (await wire.reply(self._seconds)).good:
                self.drop()
        except TROUBLES:
            self.drop()  # what was answered before stands

    async def _connected(self) -> Wire:
        if self._wire is not None and self._wire.usable:
            return self._wire
        self.drop()
        settings = self._settings
        implicit = settings.port == SUBMISSIONS_PORT and settings.tls != "none"
        start_tls = {"required": True, "opportunistic": None, "none": False}[settings.tls]
        smtp = aiosmtplib.SMTP(
            hostname=settings.host,
            port=settings.port,
            local_hostname=self._hostname,
            timeout=self._seconds,
            use_tls=implicit,
            start_tls=False if implicit else start_tls,
            tls_context=None if settings.tls == "none" else _context(settings),
        )
        try:
            await smtp.connect()
            if smtp.is_ehlo_or_helo_needed:
                await _hello(smtp)
            await self._login(smtp)
            offers = frozenset(smtp.esmtp_extensions)
            self._wire = Wire(_transport(smtp))
        except BaseException:
            smtp.close()
            raise
        self._offers = offers
        return self._wire

    async def _login(self, smtp: aiosmtplib.SMTP) -> None:
        settings = self._settings
        if not settings.username:
            return
        if settings.tls != "none" and smtp.get_transport_info("sslcontext") is None:
            raise BadConfig(
                file="-",
                key="relay.tls",
                remedy="次のサーバーに TLS がないので、パスワードを送りません / the next hop offers no TLS: no password goes in clear",
            )
        await smtp.login(settings.username, _password(settings))

    def _unfit(self, mail: Handover, recipient: Recipient) -> Reply | None:
        """Tell why the next hop cannot take this at all (RFC 6152, 3; RFC 6531, 3.2)."""
        if "8bitmime" not in self._offers and not mail.data.isascii():
            return Reply(554, "5.6.3 the next hop takes no 8-bit content")
        if "smtputf8" in self._offers:
            return None
        if not (mail.sender.isascii() and recipient.address.isascii()):
            return Reply(553, "5.6.7 the next hop takes no UTF-8 addresses")
        headers = mail.data.partition(_HEADERS_END)[0]
        if "SMTPUTF8" in mail.parameters and not headers.isascii():
            return Reply(554, "5.6.9 the next hop takes no UTF-8 header fields")
        return None

    def _mail_words(self, mail: Handover) -> str:
        """Give the parameters of MAIL: BODY by what the bytes are, the rest as it came."""
        words = [word for word in mail.parameters if not word.upper().startswith(("BODY=", "SIZE="))]
        if "8bitmime" in self._offers:
            words.append("BODY=7BIT" if mail.data.isascii() else "BODY=8BITMIME")
        if "size" in self._offers:
            words.append(f"SIZE={len(mail.data)}")
        if "SMTPUTF8" not in words and not all(
            a.isascii() for a in (mail.sender, *(r.address for r in mail.recipients))
        ):
            words.append("SMTPUTF8")
        return self._words(words)

    def _words(self, parameters: Sequence[str]) -> str:
        """Give the parameters that the next hop understands."""
        extensions = {"BODY": "8bitmime", "SIZE": "size", "SMTPUTF8": "smtputf8"}
        return "".join(
            f" {w}" for w in parameters if extensions.get(w.split("=", 1)[0].upper(), "dsn") in self._offers
        )


def _transport(smtp: aiosmtplib.SMTP) -> asyncio.Transport:
    if smtp.transport is None:
        raise Gone
    return cast("asyncio.Transport", smtp.transport)


async def _hello(smtp: aiosmtplib.SMTP) -> None:
    try:
        await smtp.ehlo()
    except aiosmtplib.SMTPHeloError:
        await smtp.helo()


def _kind(reply: Reply) -> Reply:
    """Make a refusal that speaks of our configuration, not of the mail, a temporary one; the code stays in the text."""
    return (
        Reply(451, f"({reply.code}) {reply.text}")
        if reply.code in OURS_TO_MEND and not _about_mail(reply)
        else reply
    )


def _about_mail(reply: Reply) -> bool:
    """Tell whether the enhanced code (RFC 3463) is one of addresses, mailboxes, content or policy."""
    found = _ENHANCED.match(reply.text)
    return (
        found is not None
        and found[0].split(".")[1] in {"1", "2", "6", "7"}
        and reply.code not in {530, 534, 535, 538}
    )


def _named(error: BaseException) -> str:
    """Name an error without its text, which could show an address."""
    code = getattr(error, "code", None)
    return f"{type(error).__name__} {code}" if isinstance(code, int) else type(error).__name__


def _context(settings: RelaySettings) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if settings.tls == "opportunistic":  # RFC 7435: some protection beats none
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _password(settings: RelaySettings) -> str:
    if settings.password_file is None:
        raise BadConfig(
            file="-",
            key="relay.password_file",
            remedy="パスワードのファイルを指定してください / give the file that holds the password",
        )
    return settings.password_file.read_text(encoding="utf-8").rstrip("\r\n")
