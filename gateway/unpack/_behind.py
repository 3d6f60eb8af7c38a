"""What stands behind the end of a picture: its reader never sees it, who renames the file does.

In: bytes and what picture they are. Out: the bytes behind its end. Fails: never; a picture without an end has nothing behind it.
"""

from __future__ import annotations

from collections.abc import Iterator

import regex

# A marker of JPEG (B.1.1.2) in the coded data: neither a stuffed byte nor a restart, nor filling.
_MARKER = regex.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_COLOURS = 0x80  # of GIF: a table of colours follows


def behind(raw: bytes, media_type: str) -> bytes:
    """Give what is behind the end."""
    try:
        match media_type:
            case "image/png":
                return raw[_png_end(raw) :]
            case "image/gif":
                return raw[_gif_end(raw) :]
            case "image/jpeg":
                return raw[_jpeg_end(raw) :]
            case "image/bmp":
                return raw[int.from_bytes(raw[2:6], "little") or len(raw) :]
            case "image/webp":
                return raw[int.from_bytes(raw[4:8], "little") + 8 :]
            case _:
                return b""
    except IndexError:
        return b""


def png_chunks(raw: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Walk the chunks (PNG, 5.3): what each is, where its data begins and where it ends, check sum included."""
    at = 8
    while at + 12 <= len(raw):
        start, kind = at + 8, raw[at + 4 : at + 8]
        at = start + int.from_bytes(raw[at : at + 4], "big") + 4
        yield kind, start, at
        if kind == b"IEND":
            return


def _png_end(raw: bytes) -> int:
    return next((end for kind, _, end in png_chunks(raw) if kind == b"IEND"), len(raw))


def _gif_end(raw: bytes) -> int:
    """Walk the blocks (GIF89a, appendix B)."""
    at = 13 + _colours(raw[10])
    while raw[at] != 0x3B:
        if raw[at] == 0x2C:
            at += 11 + _colours(raw[at + 9])
        else:
            at += 2
        while raw[at]:  # blocks of data, each behind its length
            at += 1 + raw[at]
        at += 1
    return at + 1


def _colours(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & _COLOURS else 0


def _jpeg_end(raw: bytes) -> int:
    """Walk the segments, and over the data that is coded between them (JPEG, B.2)."""
    at = 2
    while (found := _MARKER.search(raw, at)) is not None:
        at = int(found.end())
        marker = raw[at - 1]
        if marker == 0xD9:
            return at
        if marker != 0x01:  # of all others here the length follows
            at += int.from_bytes(raw[at : at + 2], "big")
    return len(raw)
