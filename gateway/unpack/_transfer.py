"""Transfer encodings: how bytes are wrapped to go through mail.

In: a leaf's bytes as mailed. Out: Sources, and a gap besides where two readers might unwrap them in two ways. Fails: never.

RFC 2045, 6 (base64, quoted-printable); uuencode, which no RFC standardises, as POSIX has it.
"""

from __future__ import annotations

import binascii
from collections.abc import Iterator

import regex

from gateway.model import GapReason

# What is no encoding, and how it is misspelt: readers show such bodies as they stand.
IDENTITY = frozenset(
    {"7bit", "8bit", "binary", "", "7-bit", "8-bit", "7 bit", "8 bit", "7bits", "8bits", "none"}
    | {"utf-8", "us-ascii", "iso-8859-1", "iso-2022-jp", "shift_jis"}  # a charset, in the wrong field
)
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_SPACE = b" \t\r\n"
_FOREIGN = bytes(set(range(256)) - set(_ALPHABET + b"="))
_FOREIGN_LINE = regex.compile(rb"(?m)^[^\r\n]*[^A-Za-z0-9+/=\s][^\r\n]*")
# But for what no escape could be: an attribute in HTML that nobody escaped says the same to everybody.
_BAD_ESCAPE = regex.compile(
    rb"=(?![0-9A-Fa-f]{2}|[ \t]*+(?:\r?\n|\Z)|[\"'<>#&/?;_.,:-]|(?<=[A-Za-z]=)[G-Zg-z])"
)
_KNOWN = regex.compile(r"base64|quoted-printable|uue")

Reading = tuple[bytes, GapReason | None]


def readings(encoded: bytes, transfer_encoding: str) -> Iterator[Reading]:
    """Unwrap bytes; damage is read as far as it goes, an encoding nobody knows as it stands and as what it resembles."""
    if transfer_encoding in IDENTITY:
        yield encoded, None
    elif transfer_encoding == "base64":
        raw, clean = from_base64(encoded)
        yield raw, None if clean else GapReason.CORRUPT
        stray = b"\n".join(_FOREIGN_LINE.findall(encoded)) if not clean else b""
        if stray:
            yield stray, None
    elif transfer_encoding == "quoted-printable":
        yield from_quoted_printable(encoded), GapReason.CORRUPT if _BAD_ESCAPE.search(encoded) else None
    elif transfer_encoding in ("x-uuencode", "uuencode", "x-uue"):
        raw, clean = from_uuencode(encoded)
        yield raw, None if clean else GapReason.CORRUPT
    else:
        yield encoded, GapReason.UNKNOWN
        resembles = _KNOWN.search(transfer_encoding)
        if resembles:
            known = "x-uuencode" if resembles[0] == "uue" else resembles[0]
            yield from readings(encoded, known)


_HAS_SPACE = regex.compile(rb"[ \t\r\n]")
_HAS_FOREIGN = regex.compile(rb"[^A-Za-z0-9+/=]")


def from_base64(encoded: bytes) -> tuple[bytes, bool]:
    """Decode what is of the alphabet; anything else between, or a length that no encoder makes, is damage (RFC 2045, 6.8).

    Padding ends a run: some readers stop there, others go on, so the rest is read and is damage, too. That it is left out
    at the end hides nothing (RFC 4648, 3.2).
    """
    # What is mailed may be long: it is copied only where something is to be left out.
    pure = encoded.translate(None, _SPACE) if _HAS_SPACE.search(encoded) else encoded
    length = len(pure)
    pure = pure.translate(None, _FOREIGN) if _HAS_FOREIGN.search(pure) else pure
    count = len(pure)
    runs = [run for run in pure.split(b"=") if run]
    del pure
    padding = count - len(runs[0]) if runs else count
    whole_run = bool(runs) and (len(runs[0]) + padding) % 4 in ((0,) if padding else (0, 2, 3))
    clean = count == length and len(runs) <= 1 and (whole_run or not count)
    whole = (run[: len(run) & ~3] if len(run) % 4 == 1 else run for run in runs)
    return b"".join(binascii.a2b_base64(run + b"=" * (-len(run) % 4)) for run in whole), clean


def from_quoted_printable(encoded: bytes) -> bytes:
    """Decode; white space at the end of a line was put there on the way (RFC 2045, 6.7, rule 3)."""
    return binascii.a2b_qp(_TRAILING.sub(rb"\1", encoded))


_TRAILING = regex.compile(rb"[ \t]++(\r?\n|\Z)")


def is_uuencoded(body: bytes) -> bool:
    """Tell whether a text begins as uuencode: its first line is as long as its first sign says."""
    line = body.lstrip().split(b"\n", 1)[0].rstrip(b"\r")
    said = ((line[0] - 32) & 63) if line else 0
    length = -(-said // 3) * 4
    return said > 0 and length <= len(line) - 1 + 2 <= length + 4 and min(line) >= 0x20 and max(line) <= 0x60


_XX = b"+-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_XX_TO_UU = bytes.maketrans(_XX, bytes(range(0x20, 0x60)))


def is_xxencoded(body: bytes) -> bool:
    """Tell whether a text begins as xxencode: uuencode in the letters that survive everywhere."""
    line = body.lstrip().split(b"\n", 1)[0].rstrip(b"\r")
    return bool(line) and not line.translate(None, _XX) and is_uuencoded(line.translate(_XX_TO_UU))


def from_xxencode(body: bytes) -> bytes:
    """Decode lines of xxencode."""
    return from_uuencode(b"begin\n" + body.translate(_XX_TO_UU) + b"\nend")[0]


def from_uuencode(encoded: bytes) -> tuple[bytes, bool]:
    """Decode the lines between "begin" and "end"; tell whether both were there and all between is sound."""
    out: list[bytes] = []
    inside = False
    for line in encoded.splitlines():
        if line.lower().startswith((b"begin ", b"begin\t")) or line == b"begin":
            inside = True
        elif line.strip().lower() == b"end" and inside:
            return b"".join(out), True
        elif inside:
            try:
                out.append(_uu_line(line))
            except binascii.Error:
                return b"".join(out), False
    return b"".join(out), False


def _uu_line(line: bytes) -> bytes:
    """Decode one line; some encoders put a check character or spaces after what its first character counts."""
    if not line:
        return b""
    letters = (((line[0] - 32) & 63) * 4 + 5) // 3
    return binascii.a2b_uu(line[:letters])
