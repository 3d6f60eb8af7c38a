"""One compressed file: gzip (RFC 1952), bzip2, xz, Zstandard.

In: a stream, or several behind one another. Out: what is in it, as one Source. Fails: Unreadable.
"""

from __future__ import annotations

import bz2
import io
import lzma
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import regex

from gateway.model import Container, Gap, GapReason, Leaf
from gateway.unpack._budget import BLOCK_BYTES, Budget, Unreadable
from gateway.unpack._source import Source
from gateway.unpack._zstd import zstd_decompressor

_DECOMPRESSORS: dict[str, Callable[[], Any]] = {
    "application/gzip": lambda: zlib.decompressobj(wbits=31),
    "application/x-bzip2": bz2.BZ2Decompressor,
    "application/x-xz": lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ),
    "application/zstd": zstd_decompressor,
}
_ENDING = regex.compile(r"\.(?:gz|bz2|xz|zst)$", regex.I)
_TAR_ENDING = regex.compile(r"\.(?:tgz|tbz2?|txz|tzst)$", regex.I)


class _Compressed:
    media_types = frozenset(_DECOMPRESSORS)

    def unpack(self, source: Source, media_type: str, budget: Budget) -> Iterator[Leaf | Source]:
        """Open a file."""
        yield Container(path=source.path, media_type=media_type)
        content, rest, whole = _decompressed(source.raw, _DECOMPRESSORS[media_type], budget)
        if not whole:
            yield Gap(path=source.path, media_type=media_type, reason=GapReason.CORRUPT)
        elif rest.strip(b"\0"):
            yield Gap(path=source.path, media_type=media_type, reason=GapReason.AMBIGUOUS)
            yield source.child(rest, "behind the end")
        name = _TAR_ENDING.sub(".tar", _ENDING.sub("", source.name or ""))
        yield source.child(content, name or "content")


UNPACKER = _Compressed()


def _decompressed(raw: bytes, make: Callable[[], Any], budget: Budget) -> tuple[bytes, bytes, bool]:
    """Decompress stream after stream. Gives what comes out, what stands behind the last, and whether all was sound."""
    room = budget.room(len(raw))
    out = io.BytesIO()  # gives what it holds without a second copy of it
    rest = raw
    while rest.strip(b"\0"):
        stream = make()
        before = out.tell()
        try:
            for piece in _pieces(stream, rest):
                if out.tell() + len(piece) > room:
                    raise Unreadable(GapReason.TOO_BIG)
                out.write(piece)
        except (zlib.error, OSError, EOFError, ValueError, lzma.LZMAError):
            return _upto(out, before), rest, before > 0
        except Unreadable:
            raise
        except Exception as error:  # zstd's own error, whose name depends on where it comes from
            if before:
                return _upto(out, before), rest, True
            raise Unreadable(GapReason.CORRUPT) from error
        if not stream.eof:
            return out.getvalue(), b"", False
        rest = stream.unused_data
    return out.getvalue(), b"", True


def _pieces(stream: Any, raw: bytes) -> Iterator[bytes]:
    """Yield what comes out of a stream, block by block, to its end or to that of its bytes."""
    piece = stream.decompress(raw, BLOCK_BYTES)
    while piece:
        yield piece
        if stream.eof:
            return
        piece = stream.decompress(getattr(stream, "unconsumed_tail", b""), BLOCK_BYTES)


def _upto(out: io.BytesIO, length: int) -> bytes:
    """Give what came out before a stream that is none."""
    out.truncate(length)
    return out.getvalue()
