"""Transfer encodings: how bytes are wrapped to go through mail.

In: a leaf's bytes as mailed. Out: Sources, and a gap besides where two readers might unwrap them in two ways. Fails: never.

RFC 2045, 6 (base64, quoted-printable); uuencode, which no RFC standardises, as POSIX has it.
"""

from __future__ import annotations

import binascii
from collections.abc import Iterator

import regex

from gateway.model import GapReason

IDENTITY = frozenset({"7bit", "8bit", "binary", ""})
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_SPACE = b" \t\r\n"
_FOREIGN = bytes(set(range(256)) - set(_ALPHABET + b"="))
_FOREIGN_LINE = regex.compile(rb"(?m)^[^\r\n]*[^A-Za-z0-9+/=\s][^\r\n]*")
_BAD_ESCAPE = regex.compile(rb"=(?![0-9A-Fa-f]{2}|[ \t]*+(?:\r?\n|\Z))")
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
        yield binascii.a2b_qp(encoded), GapReason.CORRUPT if _BAD_ESCAPE.search(encoded) else None
    elif transfer_encoding in ("x-uuencode", "uuencode", "x-uue"):
        raw, clean = from_uuencode(encoded)
        yield raw, None if clean else GapReason.CORRUPT
    else:
        yield encoded, GapReason.UNKNOWN
        resembles = _KNOWN.search(transfer_encoding)
        if resembles:
            known = "x-uuencode" if resembles[0] == "uue" else resembles[0]
            yield from readings(encoded, known)


def from_base64(encoded: bytes) -> tuple[bytes, bool]:
    """Decode what is of the alphabet; anything else between, or a length that no encoder makes, is damage (RFC 2045, 6.8).

    Padding ends a run: some readers stop there, others go on, so the rest is read and is damage, too.
    """
    letters = encoded.translate(None, _SPACE)
    pure = letters.translate(None, _FOREIGN)
    runs = [run for run in pure.split(b"=") if run]
    clean = len(pure) == len(letters) and len(letters) % 4 == 0 and len(runs) <= 1
    whole = (run[: len(run) & ~3] if len(run) % 4 == 1 else run for run in runs)
    return b"".join(binascii.a2b_base64(run + b"=" * (-len(run) % 4)) for run in whole), clean


def from_uuencode(encoded: bytes) -> tuple[bytes, bool]:
    """Decode the lines between "begin" and "end"; tell whether both were there and all between is sound."""
    out: list[bytes] = []
    inside = False
    for line in encoded.splitlines():
        if line.startswith(b"begin "):
            inside = True
        elif line.strip() == b"end" and inside:
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
