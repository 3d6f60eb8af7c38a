"""What a client has sent, taken as command lines or as blocks of content.

In: bytes as a transport gives them. Out: lines, blocks. Fails: HungUp at the end of input, LineTooLong; OSError where the
connection broke.

Memory is flat whatever comes: who sends more than is being read is made to wait, and a line that is too long is reported as
soon as that is certain, and its rest is thrown away. No StreamReader, which copies each byte twice more.
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

    def __init__(self, transport: asyncio.ReadTransport) -> None:
        self._transport = transport
        self._raw = b""
        self._at = 0
        self._skipping = False
        self._paused = False
        self._end: Exception | None = None
        self._waiter: asyncio.Future[None] | None = None

    # --- what the connection tells ---

    def put(self, raw: bytes) -> None:
        """Take what has come."""
        if self._end is not None:
            return
        self._raw, self._at = self._raw[self._at :] + raw, 0
        if len(self._raw) - self._at > BLOCK_BYTES and not self._paused:
            self._paused = True
            self._transport.pause_reading()
        self._wake()

    def end(self, why: Exception) -> None:
        """Take that no more will come; what is here may still be read."""
        self._end = self._end or why
        self._wake()

    def begin_anew(self, transport: asyncio.ReadTransport) -> None:
        """Forget what came before the line was encrypted (RFC 3207, 4.2)."""
        self.clear()
        self._transport, self._paused, self._skipping = transport, False, False

    # --- what the conversation takes ---

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
        while (end := self._raw.find(b"\n", self._at)) < 0:
            if len(self._raw) - self._at > max_bytes:
                self.clear()
                self._skipping = True
                raise LineTooLong
            await self._more()
        line = self._raw[self._at : end + 1]
        self._at = end + 1
        if len(line) > max_bytes:
            raise LineTooLong
        return line

    async def block(self) -> bytes:
        """Give all that is here, or the next that comes.

        Raises: HungUp, OSError.
        """
        while self._at == len(self._raw):
            await self._more()
        return self._rest()

    def unread(self, raw: bytes) -> None:
        """Put back what stood behind a mail: commands that came with it."""
        self._raw, self._at = raw + self._rest(), 0

    def clear(self) -> None:
        """Throw away what is here."""
        self._raw, self._at = b"", 0

    def _rest(self) -> bytes:
        rest = self._raw[self._at :]
        self.clear()
        return rest

    async def _skip(self) -> None:
        skipped = 0
        while (end := (raw := await self.block()).find(b"\n")) < 0:
            skipped += len(raw)
            if skipped > MAX_SKIPPED_BYTES:
                raise HungUp
        self._skipping = False
        self.unread(raw[end + 1 :])

    async def _more(self) -> None:
        """Wait for more than is here."""
        if self._end is not None:
            raise self._end
        if self._paused:
            self._paused = False
            self._transport.resume_reading()
        self._waiter = asyncio.get_running_loop().create_future()
        await self._waiter

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
