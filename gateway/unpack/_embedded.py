"""What stands in a text in another dress: uuencoded files, base64 that nobody declared, armour, parts of a mail.

In: the bytes of a text. Out: Sources, and gaps for what is seen and cannot be read. Fails: never.

Many readers offer such a file as an attachment though no header tells of it. Base64 counts only where it decodes to
something: many lines of it are signatures and keys.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import regex

from gateway.model import Gap, GapReason
from gateway.unpack._budget import Budget
from gateway.unpack._encoding import decode
from gateway.unpack._media_type import MAIL, OCTETS, PGP, TEXT, own_opinion
from gateway.unpack._source import Source
from gateway.unpack._transfer import from_base64, from_uuencode

_UU_BEGIN = regex.compile(rb"(?m)^begin(-base64)?[ \t]+[0-7]{3,4}[ \t]+([^\r\n]{1,1000})\r?\n")
_UU_END = regex.compile(rb"(?m)^(?:end|====)[ \t]*\r?$")
_BASE64_LINE = rb"(?:[A-Za-z0-9+/_-]{4}){10,}"
# Lines as the search for base64 sees them: blanks aside, of its signs, of anything else.
_SHAPE = bytes(
    sign if sign in b"\r\n" else 0x41 if sign in b"+/_-" or bytes((sign,)).isalnum() else 0x2E
    for sign in range(256)
)
_RUN = b"A" * 12
_PIECE_BYTES = 1 << 20
_BASE64 = regex.compile(
    rb"(?m)^[ \t]*+((?:" + _BASE64_LINE + rb"[ \t]*+\r?\n[ \t]*+)*[A-Za-z0-9+/_-]{12,}+={0,2})[ \t]*+\r?$"
)
_ALONE = regex.compile(rb"\s*+(?:[A-Za-z0-9+/]{4}\s*+){4,}+[A-Za-z0-9+/=\s]{0,8}")
_PART = regex.compile(
    rb"(?mi)^--([^\r\n]{1,200}?)[ \t]*+\r?\n(?:[!-9;-~]+[ \t]*:[^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n){0,9}){0,20}?"
    rb"content-(?:type|transfer-encoding|disposition)[ \t]*:"
)
_ARMOUR = (
    (regex.compile(rb"(?m)^-----BEGIN PGP MESSAGE"), PGP, GapReason.ENCRYPTED),
    (regex.compile(rb"(?m)^=ybegin [^\r\n]*\bname="), "application/x-yenc", GapReason.UNKNOWN),
    (
        regex.compile(rb"(?m)^\(This file must be converted with BinHex"),
        "application/mac-binhex40",
        GapReason.UNKNOWN,
    ),
)
MIN_BASE64_BYTES = 48


def embedded(source: Source, budget: Budget) -> Iterator[Source | Gap]:
    """Give what is in a text beside the text."""
    raw = source.raw
    for pattern, media_type, reason in _ARMOUR:
        if pattern.search(raw):
            yield Gap(path=source.path, media_type=media_type, reason=reason)
    if b"begin" in raw:
        yield from _uuencoded(source, budget)
    yield from _base64(source, budget)
    yield from parts_in(source, budget)


def parts_in(source: Source, budget: Budget) -> Iterator[Source | Gap]:
    """Give a text as the mail that it is to a reader who finds parts in it: lines with dashes, and fields below."""
    found = _PART.search(source.raw)
    if found is None:
        return
    budget.spend_member()
    boundary = found[1].replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    head = b'Content-Type: multipart/mixed; boundary="' + boundary + b'"\r\n\r\n'
    yield Gap(path=source.path, media_type=MAIL, reason=GapReason.AMBIGUOUS)
    yield replace(source.child(head + source.raw, "parts"), declared=MAIL)


def _uuencoded(source: Source, budget: Budget) -> Iterator[Source | Gap]:
    """Give files between "begin 644 name" and "end" (POSIX, uuencode); what never ends is read as far as it goes."""
    begin = _UU_BEGIN.search(source.raw)
    while begin is not None:
        end = _UU_END.search(source.raw, begin.end())
        body = source.raw[begin.start() : end.end() if end else len(source.raw)]
        raw, clean = from_base64(body[begin.end() - begin.start() : -4]) if begin[1] else from_uuencode(body)
        if raw:
            budget.spend_member()
            yield source.child(raw, decode(begin[2]).text.strip())
            if not clean:
                yield Gap(path=source.path, media_type=OCTETS, reason=GapReason.CORRUPT)
        begin = _UU_BEGIN.search(source.raw, end.end()) if end else None


def _base64(source: Source, budget: Budget) -> Iterator[Source | Gap]:
    """Give base64 that decodes to something that has a format; none but who looks for it reads it, so it is a gap besides."""
    for number, found in enumerate(_runs(source.raw), 1):
        raw, _ = from_base64(found.translate(bytes.maketrans(b"-_", b"+/")))
        if len(raw) < MIN_BASE64_BYTES or own_opinion(raw) == OCTETS:
            continue
        budget.spend_member()
        yield Gap(path=source.path, media_type=TEXT, reason=GapReason.AMBIGUOUS)
        yield source.child(raw, f"base64 {number}")


def _runs(raw: bytes) -> Iterator[bytes]:
    if _ALONE.fullmatch(raw):
        yield raw
        return
    if not _has_run(raw):
        return
    for found in _BASE64.finditer(raw):
        yield found[1]


def _has_run(raw: bytes) -> bool:
    """Tell whether any line begins as base64 does; that passes over a long list twenty times as fast as the pattern."""
    for start in range(0, len(raw), _PIECE_BYTES):
        # From the line's end before the piece, and on into the next one: what lies on the border is in both.
        piece = raw[max(0, start - 1) : start + _PIECE_BYTES + 64].translate(_SHAPE, b" \t\r")
        if piece.startswith(_RUN) or b"\n" + _RUN in piece:
            return True
    return False
