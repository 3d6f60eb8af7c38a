"""How large a picture is, by its header alone: what nobody reads is still told by that.

In: the bytes of a picture. Out: width and height in pixels, zeros where the header does not say. Fails: never.
"""

from __future__ import annotations

import struct

# JPEG, B.1.1.3: what begins a frame; 0xC4, 0xC8 and 0xCC are no such markers.
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def size_of(raw: bytes, media_type: str) -> tuple[int, int]:
    """Give width and height."""
    try:
        match media_type:
            case "image/png":
                return struct.unpack_from(">II", raw, 16)
            case "image/gif":
                return struct.unpack_from("<HH", raw, 6)
            case "image/bmp":
                width, height = struct.unpack_from("<ii", raw, 18)
                return abs(width), abs(height)  # upside down, if it is less than nothing
            case "image/webp":
                return _webp(raw)
            case "image/jpeg":
                return _jpeg(raw)
            case _:
                return 0, 0
    except (struct.error, IndexError):
        return 0, 0


def _webp(raw: bytes) -> tuple[int, int]:
    """Read the first chunk (RFC 9649, 2.5 to 2.7)."""
    kind = raw[12:16]
    if kind == b"VP8X":
        return 1 + int.from_bytes(raw[24:27], "little"), 1 + int.from_bytes(raw[27:30], "little")
    if kind == b"VP8L":
        bits = int.from_bytes(raw[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", raw, 26)
        return width & 0x3FFF, height & 0x3FFF
    return 0, 0


def _jpeg(raw: bytes) -> tuple[int, int]:
    """Walk the segments up to the first frame."""
    at = 2
    while at + 9 < len(raw) and raw[at] == 0xFF:
        marker = raw[at + 1]
        if marker in _JPEG_FRAMES:
            height, width = struct.unpack_from(">HH", raw, at + 5)
            return width, height
        at += 1 if marker == 0xFF else 2 + int.from_bytes(raw[at + 2 : at + 4], "big")
    return 0, 0
