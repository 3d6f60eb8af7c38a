"""SMTP lines to and from the next hop: commands out, replies in, several at a time (RFC 2920).

In: a transport on which TLS and login are done. Out: replies. Fails: Garbage, Gone, TimeoutError, OSError.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import regex

LINE_BYTES = 8192
REPLY_LINES = 100
CHUNK_BYTES = 1 << 18

_REPLY = regex.compile(rb"([2-5][0-9]{2})(?:([ -])(.*))?\r?\n", regex.DOTALL)
_CONTROL = regex.compile(r"[\x00-\x1f\x7f]")


class Garbage(Exception):
    """What came is no SMTP reply."""


class Gone(Exception):
    """The next hop hung up."""


class Unspeakable(Exception):
    """A command with a control character in it: it could be read as two."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the next hop said, harmless and on one line."""

    code: int
    text: str

    def __str__(self) -> str:
        return f"{self.code} {self.text}"[:200]

    @property
    def good(self) -> bool:
        """Whether it is a 2xx."""
        return self.code // 100 == 2

    @property
    def leave(self) -> bool:
        """Whether the next hop closes the connection with it (RFC 5321, 3.8)."""
        return self.code == 421


class Wire:
    """One connection's lines."""

    def __init__(self, transport: asyncio.Transport) -> None:
        loop = asyncio.get_running_loop()
        self._reader = asyncio.StreamReader(limit=LINE_BYTES, loop=loop)
        protocol = asyncio.StreamReaderProtocol(self._reader, loop=loop)
        transport.set_protocol(protocol)
        protocol.connection_made(transport)
        transport.resume_reading()
        self._transport = transport
        self._writer = asyncio.StreamWriter(transport, protocol, self._reader, loop)

    @property
    def usable(self) -> bool:
        """Whether the next hop is still there, as far as one can know without asking."""
        return (
            not self._transport.is_closing()
            and not self._reader.at_eof()
            and self._reader.exception() is None
        )

    def say(self, commands: Sequence[str]) -> None:
        """Write commands, all at once.

        Raises: Unspeakable, before anything is written.
        """
        if any(_CONTROL.search(command) for command in commands):
            raise Unspeakable
        self._writer.write("".join(f"{command}\r\n" for command in commands).encode())

    async def write(self, data: bytes | memoryview, seconds: float) -> None:
        """Write bytes as they are, a piece at a time, each within so many seconds."""
        for start in range(0, len(data), CHUNK_BYTES):
            self._writer.write(data[start : start + CHUNK_BYTES])
            async with asyncio.timeout(seconds):
                await self._writer.drain()

    async def reply(self, seconds: float) -> Reply:
        """Read one reply of one or more lines (RFC 5321, 4.2.1)."""
        texts: list[bytes] = []
        code = b""
        async with asyncio.timeout(seconds):
            for _ in range(REPLY_LINES):
                try:
                    line = await self._reader.readuntil(b"\n")
                except asyncio.IncompleteReadError as error:
                    raise Gone from error
                except asyncio.LimitOverrunError as error:
                    raise Garbage from error
                match = _REPLY.fullmatch(line)
                if match is None or code not in (b"", match[1]):
                    raise Garbage
                code = match[1]
                texts.append(match[3] or b"")
                if match[2] != b"-":
                    return Reply(int(code), _one_line(texts))
        raise Garbage

    def drop(self) -> None:
        """Hang up at once."""
        self._transport.abort()


def _one_line(texts: Sequence[bytes]) -> str:
    return " ".join(_CONTROL.sub(" ", b" ".join(texts).decode("utf-8", "replace")).split())
