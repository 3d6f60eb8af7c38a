"""What a client has sent, taken as command lines or as blocks of content.

In: a StreamReader. Out: lines, blocks. Fails: HungUp at the end of input, LineTooLong; OSError where the connection broke.

Memory is flat whatever comes: a line that is too long is reported as soon as that is certain, and its rest is thrown away.
"""

from __future__ import annotations

import asyncio

BLOCK_BYTES = 256 << 10  # as much as asyncio takes from a socket at once
MAX_SKIPPED_BYTES = 16 << 20


class HungUp(Exception):
    """The client will send no more."""


class LineTooLong(Exception):
    """A command line is longer than allowed; the next call reads on behind it."""


class Inbox:
    """Bytes that have come and were not read yet."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader
        self._raw = b""
        self._at = 0
        self._skipping = False

    @property
    def has_line(self) -> bool:
        """Whether a line is here already: the client has pipelined (RFC 2920)."""
        return self._raw.find(b"\n", self._at) >= 0

    async def line(self, max_bytes: int) -> bytes:
        """Give the next line with its end.

        Raises: LineTooLong, HungUp, OSError.
        """
        if self._skipping:
            await self._skip()
        end = self._raw.find(b"\n", self._at)
        while end < 0:
            if len(self._raw) - self._at > max_bytes:
                self.clear()
                self._skipping = True
                raise LineTooLong
            self._raw = self.rest() + await self._more()
            end = self._raw.find(b"\n")
        line = self._raw[self._at : end + 1]
        self._at = end + 1
        if len(line) > max_bytes:
            raise LineTooLong
        return line

    async def block(self) -> bytes:
        """Give all that is here, or the next that comes.

        Raises: HungUp, OSError.
        """
        return self.rest() or await self._more()

    def rest(self) -> bytes:
        """Take all that is here."""
        rest = self._raw[self._at :]
        self.clear()
        return rest

    def unread(self, raw: bytes) -> None:
        """Put back what stood behind a mail: commands that came with it."""
        self._raw, self._at = raw + self.rest(), 0

    def clear(self) -> None:
        """Throw away what is here."""
        self._raw, self._at = b"", 0

    async def _skip(self) -> None:
        skipped = 0
        while (end := (raw := await self.block()).find(b"\n")) < 0:
            skipped += len(raw)
            if skipped > MAX_SKIPPED_BYTES:
                raise HungUp
        self._skipping = False
        self.unread(raw[end + 1 :])

    async def _more(self) -> bytes:
        raw = await self._reader.read(BLOCK_BYTES)
        if not raw:
            raise HungUp
        return raw
