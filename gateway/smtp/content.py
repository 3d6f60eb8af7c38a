"""The bytes of a mail on their way in: from behind DATA to CRLF.CRLF, by blocks and never by lines.

In: blocks as the network cut them. Out: the mail, its dots unstuffed, in a Spool; what stands behind its end.
Fails: OSError of the spool becomes a Fault; the mail is then read to its end all the same, for the reply to be heard.

Nothing but CRLF.CRLF ends a mail (RFC 5321, 4.1.1.4), so no second mail can be smuggled in behind LF.LF or CR.CR. A line has
no length here. A pattern, or a loop over lines, would cost more than everything else that happens to a mail, so blocks are
looked at by bytes methods alone, in windows: to see that a window has no dot costs nothing, and base64 has none.
"""

from __future__ import annotations

import enum
import io
import mmap
from pathlib import Path

from gateway.smtp.spool import Spool

END = b"\r\n.\r\n"
WINDOW_BYTES = 16 << 10
_FIRST_LINE_START = b"\r\n"  # DATA's own line end: a dot may stand on the very first line
MAX_TRACE_BYTES = (
    256 << 10
)  # trace lines stand on top (RFC 5321, 4.4); a header is not searched further than this


class Fault(enum.Enum):
    """Why a mail is not kept."""

    BARE_NEWLINE = enum.auto()  # bare CR, bare LF, or NUL (RFC 5321, 2.3.8)
    TOO_BIG = enum.auto()
    NO_SPACE = enum.auto()  # ours


class Incoming:
    """One mail, as far as it has come."""

    def __init__(self, *, max_bytes: int, normalise: bool, folder: Path | None = None) -> None:
        self.fault: Fault | None = None
        self.received = 0
        self._max_bytes = max_bytes
        self._normalise = normalise
        self._spool = Spool(folder)
        self._tail = _FIRST_LINE_START  # what may still become a part of END
        self._at_start = True
        self._at_line_start = False

    def feed(self, block: bytes) -> bytes | None:
        """Take a block; give what stands behind the mail's end, None while the end has not come."""
        self.received += len(block)
        for start in range(0, len(block), WINDOW_BYTES):
            rest = self._look(self._tail + block[start : start + WINDOW_BYTES])
            if rest is not None:
                return rest + block[start + WINDOW_BYTES :]
        return None

    def _look(self, window: bytes) -> bytes | None:
        """Take a window, but for what may be the beginning of the end; give what stands behind the end."""
        end = window.find(END) if b"." in window else -1
        if end >= 0:
            self._take(window[: end + len(_FIRST_LINE_START)])
            return window[end + len(END) :]
        cut = max(len(window) - len(END) + 1, 0)
        if cut and window[cut - 1 : cut + 1] == b"\r\n":
            cut -= 1  # a CRLF is never divided: each piece can be judged by itself
        self._tail = window[cut:]
        self._take(window[:cut])
        return None

    def content(self) -> bytes | mmap.mmap | None:
        """Give the mail; None where it has a fault."""
        if self.fault is None:
            try:
                return self._spool.content()
            except OSError:
                self.fault = Fault.NO_SPACE
        return None

    def close(self) -> None:
        """Let go of what was spooled; a content that was given stays readable."""
        self._spool.close()

    def _take(self, piece: bytes) -> None:
        if self.fault is not None or not piece:
            return
        if not _straight(piece):
            if not self._normalise or b"\0" in piece:
                self._fail(Fault.BARE_NEWLINE)
                return
            piece = _normalised(
                piece
            )  # before the dots: they were stuffed by a tool that takes LF for a line end
        stuffed = self._at_line_start and piece.startswith(b".")
        self._at_line_start = piece.endswith(b"\r\n")
        if b"." in piece:
            piece = piece.replace(
                b"\r\n.", b"\r\n"
            )  # RFC 5321, 4.5.2: the first dot goes, whatever follows it
        if self._at_start:
            piece, self._at_start = piece[len(_FIRST_LINE_START) :], False
        elif stuffed:
            piece = piece[1:]
        if self._spool.length + len(piece) > self._max_bytes:
            self._fail(Fault.TOO_BIG)
            return
        try:
            self._spool.add(piece)
        except OSError:
            self._fail(Fault.NO_SPACE)

    def _fail(self, fault: Fault) -> None:
        self.fault = fault
        self._spool.close()


def hops(content: bytes | mmap.mmap) -> int:
    """Count the trace lines of the header: each relay added one (RFC 5321, 6.3)."""
    head = b"\r\n" + content[:MAX_TRACE_BYTES]
    end = head.find(b"\r\n\r\n")
    return (head if end < 0 else head[:end]).lower().count(b"\r\nreceived:")


def _straight(piece: bytes) -> bool:
    """Tell whether every CR and LF is half of a CRLF, and no NUL is there."""
    decoder = io.IncrementalNewlineDecoder(
        None, translate=False
    )  # a third of the cost of counting CR, LF and CRLF
    decoder.decode(piece.decode("latin-1"), final=True)
    return decoder.newlines in (None, "\r\n") and b"\0" not in piece


def _normalised(piece: bytes) -> bytes:
    return piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
