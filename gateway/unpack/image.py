"""Pictures: nobody here reads what they show, so they are gaps; but for icons, on which nothing can be read.

In: an image. Out: the texts that a PNG carries beside its pixels. Fails: Unreadable (IMAGE), for all that could show a list.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from gateway.model import Container, Gap, GapReason, Leaf, Text
from gateway.unpack._budget import Budget, Unreadable
from gateway.unpack._encoding import decode
from gateway.unpack._media_type import IMAGES
from gateway.unpack._source import Source

ICON_PIXELS = 32  # each way: two characters of a name, if that
ICON_BYTES = 8192
PNG, GIF = "image/png", "image/gif"
TEXTS = (b"tEXt", b"zTXt", b"iTXt")
STRAY_BYTES = 4  # behind the end


class _Image:
    media_types = IMAGES

    def unpack(self, source: Source, media_type: str, budget: Budget) -> Iterator[Leaf | Source]:
        """Look at a picture from outside."""
        texts: list[str] = []
        end = _read_png(source.raw, texts, budget) if media_type == PNG else len(source.raw)
        if texts:
            yield Text(path=source.path, media_type=media_type, encoding=None, content="\n".join(texts))
        if len(source.raw) > end + STRAY_BYTES:
            yield Gap(path=source.path, media_type=media_type, reason=GapReason.AMBIGUOUS)
        if not _is_icon(source.raw, media_type):
            raise Unreadable(GapReason.IMAGE)
        yield Container(path=source.path, media_type=media_type)


UNPACKER = _Image()


def _is_icon(raw: bytes, media_type: str) -> bool:
    width = height = 0
    if media_type == PNG and raw[12:16] == b"IHDR" and len(raw) >= 24:
        width, height = struct.unpack_from(">II", raw, 16)
    elif media_type == GIF and len(raw) >= 10:
        width, height = struct.unpack_from("<HH", raw, 6)
    return 0 < width <= ICON_PIXELS and 0 < height <= ICON_PIXELS and len(raw) <= ICON_BYTES


def _read_png(raw: bytes, texts: list[str], budget: Budget) -> int:
    """Walk the chunks (PNG, 11.3.3), note the texts; give where the last ends."""
    at = 8
    while at + 12 <= len(raw):
        length, kind = int.from_bytes(raw[at : at + 4], "big"), raw[at + 4 : at + 8]
        body = raw[at + 8 : at + 8 + length]
        at += 12 + length
        if kind in TEXTS:
            texts.append(_chunk_text(kind, body, budget))
        if kind == b"IEND":
            return at
    return len(raw)


def _chunk_text(kind: bytes, body: bytes, budget: Budget) -> str:
    keyword, _, rest = body.partition(b"\0")
    packed = kind == b"zTXt"
    if kind == b"iTXt":
        packed = rest[:1] == b"\1"
        rest = rest[2:].split(b"\0", 2)[-1]
    elif packed:
        rest = rest[1:]
    if packed:
        rest = zlib.decompressobj().decompress(rest, budget.room(len(body)))
    return f"{decode(keyword).text}: {decode(rest).text}"
