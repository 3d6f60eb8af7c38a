"""The bytes of a mail on their way in: from after DATA to CRLF.CRLF, by blocks and never by lines.

In: a StreamReader. Out: Content. Fails: ConnectionError where the client went away; the refusals stand in Content.

A line has no length here, memory is flat, and nothing but CRLF.CRLF ends a mail (RFC 5321, 4.1.1.4), so there is no second
mail to be smuggled in behind LF.LF or CR.CR.
"""

from __future__ import annotations

import asyncio
import mmap
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

BLOCK_BYTES = 256 << 10
IN_MEMORY_BYTES = 1 << 20
END = b"\r\n.\r\n"


@dataclass(frozen=True, slots=True)
class Content:
    """A mail as it came, dots unstuffed; `raw` is None where it is refused."""

    raw: bytes | mmap.mmap | None
    length: int
    bare_newline: bool = False  # bare CR, bare LF or NUL (RFC 5321, 2.3.8)


class Spool:
    """Collects a mail, in memory while it is small, in an unlinked temporary file when it is not."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._file: IO[bytes] | None = None
        self.length = 0

    def add(self, piece: bytes) -> None:
        """Take the next bytes."""
        self.length += len(piece)
        if self._file is not None:
            self._file.write(piece)
            return
        self._pieces.append(piece)
        if self.length > IN_MEMORY_BYTES:
            self._file = tempfile.TemporaryFile(prefix="sekisho-")  # noqa: SIM115 - lives as long as the spool
            self._file.writelines(self._pieces)
            self._pieces.clear()

    def content(self) -> bytes | mmap.mmap:
        """Give what was collected."""
        if self._file is None:
            return self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
        self._file.flush()
        return mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)

    def close(self) -> None:
        """Let go of the file; what `content` gave stays readable."""
        if self._file is not None:
            self._file.close()


async def read_content(
    reader: asyncio.StreamReader, *, max_bytes: int, normalise: bool, alive: Callable[[int], None]
) -> Content:
    """Read a mail to its end; what comes after it (pipelined commands) stays in the reader.

    `alive` is told the bytes so far after each block, and raises where they come too slowly.
    """
    spool = Spool()
    bare = False
    too_big = False
    total = 0
    carry = b"\r\n"  # the line end before the first line is DATA's own
    skip = 2
    try:
        while True:
            block = await reader.read(BLOCK_BYTES)
            if not block:
                raise ConnectionResetError("gone inside DATA")
            total += len(block)
            alive(total)
            data = carry + block
            end = data.find(END)
            cut = end + 2 if end >= 0 else _safe_cut(data)
            piece, carry = data[:cut], data[cut:]
            if piece:
                crooked = not _straight(piece)
                bare = bare or (crooked and (not normalise or b"\0" in piece))
                if b"\r\n." in piece:
                    piece = piece.replace(b"\r\n.", b"\r\n")
                if crooked and normalise:
                    piece = piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
                too_big = too_big or spool.length + len(piece) > max_bytes + 2
                if not (bare or too_big):
                    spool.add(piece[skip:] if skip else piece)
                skip = 0
            if end >= 0:
                _put_back(reader, carry[len(END) - 2 :])
                break
        if bare or too_big:
            return Content(None, total, bare_newline=bare and not too_big)
        return Content(spool.content(), spool.length)
    finally:
        spool.close()


def _straight(piece: bytes) -> bool:
    """Tell whether every CR and LF is half of a CRLF, and no NUL is there; counting costs no time beside a pattern."""
    lines = piece.count(b"\r\n")
    return piece.count(b"\n") == lines and piece.count(b"\r") == lines and b"\0" not in piece


def _safe_cut(data: bytes) -> int:
    """Give how much may be passed on: what is kept could still become the end, or a line end and its dot."""
    cut = max(0, len(data) - (len(END) - 1))
    if data[max(0, cut - 2) : cut] == b"\r\n":
        return cut - 2
    return cut - 1 if data[max(0, cut - 1) : cut] == b"\r" else cut


def _put_back(reader: asyncio.StreamReader, rest: bytes) -> None:
    if rest:
        reader._buffer[:0] = rest  # type: ignore[attr-defined]  # noqa: SLF001 - asyncio has no other way to unread
