"""What stands in a text in another dress: uuencoded files, base64 that nobody declared, armour, parts of a mail.

In: the bytes of a text, or of a page. Out: Sources, and gaps for what is seen and cannot be read. Fails: never.

Many readers offer such a file as an attachment though no header tells of it. Base64 counts only where it decodes to
something: many lines of it are signatures and keys. What an answer quotes is looked at without the marks of the quote.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import chain

import regex

from gateway.model import Gap, GapReason
from gateway.unpack._budget import Budget
from gateway.unpack._encoding import decode
from gateway.unpack._media_type import IMAGES, MAIL, OCTETS, PGP, TEXT, own_opinion
from gateway.unpack._source import Source
from gateway.unpack._transfer import (
    from_base64,
    from_quoted_printable,
    from_uuencode,
    from_xxencode,
    is_uuencoded,
    is_xxencoded,
)

_UU_BEGIN = regex.compile(
    rb"(?mi)^[ \t]*+begin(-base64)?[ \t]++(?:[0-7]{3,6}[ \t]++)?([^\r\n]{0,1000}+)\r?\n(?:[ \t]*+\r?\n)*+"
)
_UU_END = regex.compile(rb"(?mi)^[ \t]*+(?:end|====)[ \t]*+\r?$")
_QUOTED = regex.compile(rb"(?m)^(?:[>|][ \t]?)++")
_BASE64_LINE = rb"(?:[A-Za-z0-9+/_-]{4}){10,}"
# Lines as the search for base64 sees them: blanks aside, of its signs, of anything else.
_SHAPE = bytes(
    sign if sign in b"\r\n" else 0x41 if sign in b"+/_-" or bytes((sign,)).isalnum() else 0x2E
    for sign in range(256)
)
_RUN = b"A" * 12
_PIECE_BYTES = 1 << 20
_BASE64 = regex.compile(
    rb"(?m)^[ \t]*+((?:" + _BASE64_LINE + rb"[ \t]*+\r?\n[ \t]*+)*[A-Za-z0-9+/_-]{12,}+={0,6})[ \t]*+\r?$"
)
_NOT_ALONE = regex.compile(rb"[^A-Za-z0-9+/=\s]")
_INSIDE = regex.compile(
    rb"(?<=[^\sA-Za-z0-9+/_-])[A-Za-z0-9+/_-]{64,}+(?:\r?\n[ \t][A-Za-z0-9+/_-]++)*+={0,6}"
)
_LONG_RUN = b"A" * 64
_HEX = regex.compile(rb"[0-9A-Fa-f]+")
_BASE32 = regex.compile(rb"[A-Z2-7]+")
_ASCII85 = regex.compile(rb"<~[!-uz\s]{60,}+~>")
_ESCAPES = regex.compile(rb"(?:=[0-9A-F]{2}|=\r?\n){6,}+")
MIN_ESCAPED_BYTES = 60  # from which on a text is taken for quoted-printable
_PART = regex.compile(
    rb"(?mi)^--([^\r\n]{1,200}?)[ \t]*+\r?\n(?:[!-9;-~]+[ \t]*:[^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n){0,9}){0,20}?"
    rb"content-(?:type|transfer-encoding|disposition)[ \t]*:"
)
_ARMOUR = (
    (regex.compile(rb"-----BEGIN PGP MESSAGE-----[ \t]*+(?:[\r\n<]|\\n)"), PGP, GapReason.ENCRYPTED),
    (regex.compile(rb"(?m)^=ybegin [^\r\n]*\bname="), "application/x-yenc", GapReason.UNKNOWN),
    (
        regex.compile(rb"(?m)^\(This file must be converted with BinHex"),
        "application/mac-binhex40",
        GapReason.UNKNOWN,
    ),
)
MIN_ALONE, MAX_PADDING = 16, 8
MIN_BASE64_BYTES = 48


def embedded(source: Source, budget: Budget) -> Iterator[Source | Gap]:
    """Give what is in a text beside the text."""
    for raw in _unquoted(source.raw):
        yield from _armoured(source, raw)
        yield from _uuencoded(source, raw, budget)
        yield from _base64(source, raw, budget)
    yield from _inside_lines(source, budget)
    yield from parts_in(source, budget)


def embedded_in_page(source: Source, budget: Budget) -> Iterator[Source | Gap]:
    """Give what is in a page beside the page."""
    yield from _armoured(source, source.raw)
    yield from _uuencoded(source, source.raw, budget)
    yield from (found for found in _base64(source, source.raw, budget) if isinstance(found, Source))
    yield from _inside_lines(source, budget)
    yield from parts_in(source, budget)


def _unquoted(raw: bytes) -> Iterator[bytes]:
    """Give a text, and without the marks of a quote where it has any."""
    yield raw
    if raw.startswith((b"> ", b"| ")) or b"\n> " in raw or b"\n| " in raw:
        yield _QUOTED.sub(b"", raw)


def _armoured(source: Source, raw: bytes) -> Iterator[Gap]:
    for pattern, media_type, reason in _ARMOUR:
        if pattern.search(raw):
            yield Gap(path=source.path, media_type=media_type, reason=reason)


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


def _uuencoded(source: Source, raw: bytes, budget: Budget) -> Iterator[Source | Gap]:
    """Give files between "begin 644 name" and "end" (POSIX, uuencode); what never ends is read as far as it goes."""
    begin = _UU_BEGIN.search(raw) if b"begin" in raw or b"BEGIN" in raw or b"Begin" in raw else None
    while begin is not None:
        end = _UU_END.search(raw, begin.end())
        body = raw[begin.end() : end.start() if end else len(raw)]
        if begin[1]:
            file, clean = from_base64(body)
        elif is_uuencoded(body):
            file, clean = from_uuencode(b"begin\n" + body + (b"\nend" if end else b""))
        elif is_xxencoded(body):
            file, clean = from_xxencode(body), True
        else:  # a sentence that begins so
            begin = _UU_BEGIN.search(raw, begin.end())
            continue
        if file:
            budget.spend_member()
            yield source.child(file, decode(begin[2]).text.strip() or "begin")
            if not clean:
                yield Gap(path=source.path, media_type=OCTETS, reason=GapReason.CORRUPT)
        begin = _UU_BEGIN.search(raw, end.end()) if end else None


def _base64(source: Source, raw: bytes, budget: Budget) -> Iterator[Source | Gap]:
    """Give base64 that decodes to something that has a format; none but who looks for it reads it, so it is a gap besides."""
    if b"begin-base64 " in raw:
        raw = _UU_BASE64.sub(b"", raw)
    for number, found in enumerate(_runs(raw), 1):
        # What is too short for a file whatever it is in is not decoded: a list has one in each line.
        for file in _decoded(found) if len(found) >= MIN_BASE64_BYTES * 4 // 3 else ():
            if len(file) < MIN_BASE64_BYTES or own_opinion(file) == OCTETS:
                continue
            budget.spend_member()
            yield Gap(path=source.path, media_type=TEXT, reason=GapReason.AMBIGUOUS)
            yield source.child(file, f"base64 {number}")


def _decoded(found: bytes) -> Iterator[bytes]:
    """Undo base64, and what looks like it: hexadecimal, base32 (RFC 4648)."""
    # A run may be as long as what was mailed: it is not copied without need.
    yield from_base64(found.translate(_URL_SAFE) if b"-" in found or b"_" in found else found)[0]
    letters = b"".join(found.split())  # itself, where there is no white space
    if _HEX.fullmatch(letters) and len(letters) % 2 == 0:
        yield bytes.fromhex(letters.decode())
    elif _BASE32.fullmatch(stripped := letters.rstrip(b"=")):
        with suppress(binascii.Error):
            yield base64.b32decode(stripped + b"=" * (-len(stripped) % 8))


_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_UU_BASE64 = regex.compile(rb"(?msi)^begin-base64 .*?^====[ \t]*+\r?$")


def _inside_lines(source: Source, budget: Budget) -> Iterator[Source]:
    """Give files that stand inside a line: a value in JSON, a string of a script, a data: URI; and escapes that nobody declared.

    That is how tokens in links look, too, so it is no gap; and pictures are what pages have there.
    """
    raw = source.raw
    runs = (found[0] for found in _INSIDE.finditer(raw)) if _has_long_run(raw) else ()
    files = (
        (f"base64 in a line {number}", file) for number, run in enumerate(runs, 1) for file in _decoded(run)
    )
    others = _ASCII85.finditer(raw) if b"<~" in raw else ()
    for name, file in chain(files, (("ascii85", _from_ascii85(found[0])) for found in others)):
        if len(file) >= MIN_BASE64_BYTES and own_opinion(file) not in (OCTETS, *IMAGES):
            budget.spend_member()
            yield source.child(file, name)
    if b"=E" in raw and sum(len(found[0]) for found in _ESCAPES.finditer(raw)) >= MIN_ESCAPED_BYTES:
        budget.spend_member()
        yield source.child(from_quoted_printable(raw), "quoted-printable")


def _from_ascii85(found: bytes) -> bytes:
    try:
        return base64.a85decode(found, adobe=True)
    except ValueError:
        return b""


def _has_long_run(raw: bytes) -> bool:
    return any(
        _LONG_RUN in raw[start : start + _PIECE_BYTES + len(_LONG_RUN)].translate(_SHAPE)
        for start in range(0, len(raw), _PIECE_BYTES)
    )


def _runs(raw: bytes) -> Iterator[bytes]:
    if _is_alone(raw):
        yield raw
        return
    if not _has_run(raw):
        return
    for found in _BASE64.finditer(raw):
        yield found[1]


def _is_alone(raw: bytes) -> bool:
    """Tell whether a text is nothing but base64; by its words, since a pattern would note each four letters of a long one."""
    if _NOT_ALONE.search(raw):
        return False
    *words, last = raw.split() or [b""]
    bare = last.rstrip(b"=")
    return (
        sum(map(len, words)) + len(bare) >= MIN_ALONE
        and len(last) - len(bare) <= MAX_PADDING
        and not any(len(word) % 4 or b"=" in word for word in words)
        and b"=" not in bare
    )


def _has_run(raw: bytes) -> bool:
    """Tell whether any line begins as base64 does; that passes over a long list twenty times as fast as the pattern."""
    for start in range(0, len(raw), _PIECE_BYTES):
        # From the line's end before the piece, and on into the next one: what lies on the border is in both.
        piece = raw[max(0, start - 1) : start + _PIECE_BYTES + 64].translate(_SHAPE, b" \t\r")
        if piece.startswith(_RUN) or b"\n" + _RUN in piece:
            return True
    return False
