"""One connection to the next hop (smarthost), used for mail after mail.

In: an envelope, recipients, bytes for DATA. Out: a reply for each recipient. Fails: HopTrouble, after which the connection
is to be closed; whoever had no reply yet is tried again.

aiosmtplib brings the connection, TLS and login; MAIL, RCPT and DATA are spoken through its protocol in one write where
the hop allows pipelining (RFC 2920), and the bytes are not touched.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from dataclasses import dataclass

import aiosmtplib
from aiosmtplib.errors import SMTPException

from gateway.errors import BadConfig
from gateway.model import Recipient
from gateway.settings import RelaySettings


class HopTrouble(Exception):
    """The next hop went away or spoke nonsense; `after_data` tells that the mail may have been taken all the same."""

    def __init__(self, what: str, *, after_data: bool = False) -> None:
        super().__init__(what)
        self.what = what
        self.after_data = after_data


@dataclass(frozen=True, slots=True)
class Reply:
    """What the next hop said, its text shortened."""

    code: int
    text: str

    @property
    def line(self) -> str:
        """Code and text, as the ledger keeps it."""
        return f"{self.code} {self.text}"[:200]


class Smarthost:
    """A connection that is made when it is needed."""

    def __init__(self, settings: RelaySettings, hostname: str) -> None:
        self._settings = settings
        self._hostname = hostname
        self._smtp: aiosmtplib.SMTP | None = None

    async def send(
        self, sender: str, parameters: Sequence[str], recipients: Sequence[Recipient], data: bytes
    ) -> list[Reply]:
        """Hand over a mail; give the reply for each recipient.

        Raises: HopTrouble.
        """
        after_data = False
        try:
            async with asyncio.timeout(self._settings.timeout_seconds * 2):
                smtp = await self._connected()
                if not data.isascii() and not smtp.supports_extension("8bitmime"):
                    return [Reply(554, "5.6.3 next hop takes no 8-bit content")] * len(recipients)
                if not all(
                    address.isascii() for address in (sender, *(r.address for r in recipients))
                ) and not smtp.supports_extension("smtputf8"):
                    return [Reply(553, "5.6.7 next hop takes no UTF-8 addresses")] * len(recipients)
                mail = await self._say(f"MAIL FROM:<{sender}>{self._words(smtp, parameters)}")
                if mail.code != 250:
                    await self._say("RSET")
                    return [mail] * len(recipients)
                replies = [
                    await self._say(f"RCPT TO:<{r.address}>{self._words(smtp, r.parameters)}")
                    for r in recipients
                ]
                if not any(reply.code in (250, 251) for reply in replies):
                    await self._say("RSET")
                    return replies
                start = await self._say("DATA")
                if start.code != 354:
                    await self._say("RSET")
                    return [start if reply.code in (250, 251) else reply for reply in replies]
                after_data = True
                end = await self._data(data)
                return [end if reply.code in (250, 251) else reply for reply in replies]
        except (SMTPException, OSError, TimeoutError, ValueError, ssl.SSLError) as error:
            self.drop()
            raise HopTrouble(type(error).__name__, after_data=after_data) from error

    def drop(self) -> None:
        """Close the connection without a word."""
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None

    async def close(self) -> None:
        """Take leave."""
        if self._smtp is not None and self._smtp.is_connected:
            try:
                await self._smtp.quit(timeout=2)
            except (SMTPException, OSError, TimeoutError):
                self.drop()
        self._smtp = None

    async def _connected(self) -> aiosmtplib.SMTP:
        if self._smtp is not None and self._smtp.is_connected:
            return self._smtp
        settings = self._settings
        smtp = aiosmtplib.SMTP(
            hostname=settings.host,
            port=settings.port,
            local_hostname=self._hostname,
            timeout=settings.timeout_seconds,
            use_tls=False,
            start_tls={"required": True, "opportunistic": None, "none": False}[settings.tls],
            tls_context=_context(settings),
        )
        await smtp.connect()
        await smtp.ehlo()
        if settings.username and settings.password_file:
            await smtp.login(settings.username, _password(settings))
        self._smtp = smtp
        return smtp

    async def _say(self, line: str) -> Reply:
        if self._smtp is None or self._smtp.protocol is None:
            raise aiosmtplib.SMTPServerDisconnected("not connected")
        response = await self._smtp.protocol.execute_command(
            line.encode("utf-8"), timeout=self._settings.timeout_seconds
        )
        return Reply(int(response.code), " ".join(response.message.split()))

    async def _data(self, data: bytes) -> Reply:
        """Send the bytes as they are: aiosmtplib's own DATA would rewrite line ends."""
        if self._smtp is None or self._smtp.protocol is None:
            raise aiosmtplib.SMTPServerDisconnected("not connected")
        self._smtp.protocol.write(data)  # nobody else speaks on this connection
        response = await self._smtp.protocol.read_response(timeout=self._settings.timeout_seconds)
        return Reply(int(response.code), " ".join(response.message.split()))

    @staticmethod
    def _words(smtp: aiosmtplib.SMTP, parameters: Sequence[str]) -> str:
        """Give the parameters that the next hop understands."""
        understood = []
        for word in parameters:
            key = word.split("=", 1)[0]
            extension = {"BODY": "8bitmime", "SMTPUTF8": "smtputf8"}.get(key, "dsn")
            if smtp.supports_extension(extension):
                understood.append(word)
        return "".join(f" {word}" for word in understood)


def _context(settings: RelaySettings) -> ssl.SSLContext | None:
    if settings.tls == "none":
        return None
    context = ssl.create_default_context()
    if settings.tls == "opportunistic":  # RFC 7435: some protection beats none
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _password(settings: RelaySettings) -> str:
    if settings.password_file is None:
        raise BadConfig(file="-", key="relay.password_file", remedy="give the file that holds the password")
    return settings.password_file.read_text(encoding="utf-8").rstrip("\r\n")
