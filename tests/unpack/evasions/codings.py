"""Tricks in the body of a part: base64, quoted-printable and the older codings, with damage and with junk."""

from __future__ import annotations

import base64
import binascii
import gzip
import re
from collections.abc import Callable

from tests.unpack.evasions.load import (
    CTE,
    EIGHT_BIT,
    IN_BASE64,
    NOTE,
    SENT,
    UTF8,
    ZIP,
    Law,
    Load,
    Trick,
    attached,
    letter,
    mixed,
    uneven,
)
from tests.unpack.mails import part

LEGAL, TOLERATED, HOSTILE = Law.LEGAL, Law.TOLERATED, Law.HOSTILE
BROKEN = "Ullrich, MIME is broken (BSides Munich 2022)"
INBOX = "Inbox Invasion (CCS 2024)"
POSIX = "POSIX, uuencode"
GORDANO = "Gordano, malformed MIME"


def _sub(pattern: str, by: str) -> Callable[[bytes], bytes]:
    return lambda text: re.sub(pattern.encode(), by.encode(), text)


def _lines_of(length: int, end: str) -> Callable[[bytes], bytes]:
    """Cut base64 in lines of a length, each with something behind it."""
    return lambda text: re.sub(rb"(.{1,%d})" % length, rb"\1" + end.encode(), text.replace(b"\r\n", b""))


def _in_two(left_over: int) -> Callable[[bytes], bytes]:
    """Encode two halves one after the other; the first leaves bytes over, so that padding stands in the middle."""

    def encode(raw: bytes) -> bytes:
        half = len(raw) // 6 * 3 + left_over
        return base64.encodebytes(raw[:half]) + base64.encodebytes(raw[half:])

    return encode


def _by_bytes(size: int, change: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    """Encode a few bytes at a time, each with its own padding."""
    return lambda raw: b"\r\n".join(
        change(base64.b64encode(raw[at : at + size])) for at in range(0, len(raw), size)
    )


_DECOY = base64.encodebytes(b"PK\x05\x06" + bytes(18))

# What is done to base64 in lines of 76 (or to the bytes themselves, where that is said).
_BASE64 = (
    ("lines of 76", "RFC 2045, 6.8", LEGAL, bytes),
    ("one line", "RFC 2045, 6.8", TOLERATED, _sub("\r\n", "")),
    ("lines of 4", "RFC 2045, 6.8", LEGAL, _lines_of(4, "\r\n")),
    ("lines of 3", "RFC 2045, 6.8", LEGAL, _lines_of(3, "\r\n")),
    ("lines of 5", "RFC 2045, 6.8", LEGAL, _lines_of(5, "\r\n")),
    ("lines of 1", "RFC 2045, 6.8", LEGAL, _lines_of(1, "\r\n")),
    ("empty lines", "RFC 2045, 6.8", LEGAL, _sub("\r\n", "\r\n\r\n")),
    ("a blank behind each sign", "RFC 2045, 6.8", LEGAL, _sub("(.)", r"\1 ")),
    ("a tab behind each sign", "RFC 2045, 6.8", LEGAL, _sub("(.)", r"\1\t")),
    ("blanks before each line", "RFC 2045, 6.8", LEGAL, _sub("(?m)^", "   ")),
    ("line feeds", "RFC 2045, 6.8", TOLERATED, _sub("\r\n", "\n")),
    ("no padding", "RFC 4648, 3.2", TOLERATED, _sub("=", "")),
    ("an empty line, then a signature of a mailing list", INBOX, TOLERATED, lambda text: text + b"\r\n_______\r\nlist mailing list\r\n"),
    ("a vertical tab behind each sign", "RFC 2045, 6.8", HOSTILE, _sub("(.)", "\\1\x0b")),
    ("a carriage return behind each sign", BROKEN, HOSTILE, _sub("(.)", "\\1\r")),
    ("a NUL behind each sign", INBOX, HOSTILE, _sub("(.)", "\\1\0")),
    *(
        (f"{sign} behind each sign", "RFC 2045, 6.8", HOSTILE, _sub("(.)", rf"\1{sign}"))
        for sign in ("#", ":", ".", "%", "-", "_", "!", "é", "　")
    ),
    ("letters behind four signs", BROKEN, HOSTILE, _lines_of(4, "X\r\n")),
    ("two letters behind four signs", BROKEN, HOSTILE, _lines_of(4, "XX\r\n")),
    ("three letters behind four signs", BROKEN, HOSTILE, _lines_of(4, "XXX\r\n")),
    ("padding behind four signs", BROKEN, HOSTILE, _lines_of(4, "=\r\n")),
    ("a junk line behind four signs", BROKEN, HOSTILE, _sub("(?m)^(....)", "\\1#klmnopqr89abcdef\r\n")),
    ("a junk line behind three signs", BROKEN, HOSTILE, _sub("(?m)^(...)", "\\1#klmnopqr89abcdef\r\n")),
    ("one letter before", BROKEN, HOSTILE, lambda text: b"A\r\n\r\n" + text),
    ("two letters before", BROKEN, HOSTILE, lambda text: b"AB\r\n\r\n" + text),
    ("three letters before", BROKEN, HOSTILE, lambda text: b"ABC\r\n\r\n" + text),
    ("padding before", BROKEN, HOSTILE, lambda text: b"=\r\n" + text),
    ("four of padding before", BROKEN, HOSTILE, lambda text: b"====\r\n" + text),
    ("padding at each line's beginning", BROKEN, HOSTILE, _sub("(?m)^", "=")),
    ("four of padding at each line's beginning", BROKEN, HOSTILE, _sub("(?m)^", "====")),
    ("padding at each line's end", BROKEN, HOSTILE, _sub("\r\n", "=\r\n")),
    ("padding behind four signs, no line", BROKEN, HOSTILE, _sub(r"([\w+/]{4})", r"\1=")),
    ("padding inside four signs", BROKEN, HOSTILE, _sub(r"([\w+/]{2})([\w+/]{2})", r"\1=\2")),
    ("padding for A", BROKEN, HOSTILE, _sub(r"A(?=.*[\w+/]{4})", "=")),
    ("padding too many", BROKEN, HOSTILE, lambda text: text.rstrip() + b"=\r\n"),
    ("another archive behind", BROKEN, HOSTILE, lambda text: text.rstrip() + b"====\r\n" + _DECOY),
    ("another archive before", BROKEN, HOSTILE, lambda text: _DECOY + text),
    ("a comment line", INBOX, HOSTILE, lambda text: b"(this is base64)\r\n" + text),
    ("a line of uuencode around", BROKEN, HOSTILE, lambda text: b"begin-base64 744 x.pdf\r\n" + text + b"====\r\n"),
    ("the alphabet for addresses", "RFC 4648, 5", HOSTILE, lambda text: text.replace(b"+", b"-").replace(b"/", b"_")),
    ("the last line cut", INBOX, HOSTILE, lambda text: text.rstrip().rstrip(b"=")[:-1]),
    ("in HTML", INBOX, HOSTILE, lambda text: b"<pre>\r\n" + text + b"</pre>\r\n"),
    ("in UTF-16", INBOX, HOSTILE, lambda text: b"\xff\xfe" + text.decode().encode("utf-16-le")),
    ("a second header before", INBOX, HOSTILE, lambda text: b"X-Foo: bar\r\n\r\n" + text),
)  # fmt: skip
_BYTES = (
    ("in two halves, =", BROKEN, HOSTILE, _in_two(2)),
    ("in two halves, ==", BROKEN, HOSTILE, _in_two(1)),
    ("two bytes at a time", BROKEN, HOSTILE, _by_bytes(2, bytes)),
    ("two bytes at a time, = first", BROKEN, HOSTILE, _by_bytes(2, lambda text: b"=" + text.rstrip(b"="))),
    ("two bytes at a time, = second", BROKEN, HOSTILE, _by_bytes(2, lambda text: text[:1] + b"=" + text[1:3])),
    ("two bytes at a time, = third", BROKEN, HOSTILE, _by_bytes(2, lambda text: text[:2] + b"=" + text[2:3])),
    ("a byte at a time, a = missing", BROKEN, HOSTILE, _by_bytes(1, lambda text: text[:3])),
    ("a byte at a time, = on a line", BROKEN, HOSTILE, _by_bytes(1, lambda text: text[:3] + b"\r\n" + text[3:])),
    ("base64 of base64", INBOX, HOSTILE, lambda raw: base64.encodebytes(base64.encodebytes(raw))),
    ("not base64", INBOX, HOSTILE, bytes),
)  # fmt: skip


def _qp(raw: bytes, sign: str = "={:02X}", keep: bytes = b"", end: str = "=\r\n") -> bytes:
    """Write quoted-printable, each byte escaped but those to be kept, in lines of twenty."""
    signs = [chr(byte) if byte in keep else sign.format(byte) for byte in raw]
    return end.join("".join(signs[at : at + 20]) for at in range(0, len(signs), 20)).encode()


_LETTERS = b"abcdefghijklmnopqrstuvwxyz0123456789,-.@ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_QP = (
    ("all escaped", "RFC 2045, 6.7", LEGAL, _qp),
    ("letters as they are", "RFC 2045, 6.7", LEGAL, lambda raw: _qp(raw, keep=_LETTERS)),
    ("a soft line end behind each byte", "RFC 2045, 6.7", LEGAL, lambda raw: b"".join(b"=%02X=\r\n" % byte for byte in raw)),
    ("soft line ends with blanks", "RFC 2045, 6.7", LEGAL, lambda raw: _qp(raw, end="= \t\r\n")),
    ("line ends as they are", "RFC 2045, 6.7", LEGAL, lambda raw: _qp(raw, keep=_LETTERS + b"\r\n", end="")),
    ("one line", "RFC 2045, 6.7", TOLERATED, lambda raw: _qp(raw, end="")),
    ("small letters", "RFC 2045, 6.7", TOLERATED, lambda raw: _qp(raw, sign="={:02x}")),
    ("bytes beyond ASCII as they are", "RFC 2045, 6.7", TOLERATED, lambda raw: raw.replace(b"=", b"=3D")),
    ("blanks at the ends of lines", "RFC 2045, 6.7", TOLERATED, lambda raw: raw.replace(b"\r\n", b" \r\n")),
    ("line feeds", "RFC 2045, 6.7", TOLERATED, lambda raw: _qp(raw, end="=\n")),
    ("a = before each escape", BROKEN, HOSTILE, lambda raw: _qp(raw, sign="=={:02X}")),
    ("a digit before each escape", BROKEN, HOSTILE, lambda raw: _qp(raw, sign="=0={:02X}")),
    ("=XX before each line", BROKEN, HOSTILE, lambda raw: _qp(raw, end="=\r\n=XX")),
    ("a blank behind =", BROKEN, HOSTILE, lambda raw: _qp(raw, sign="= ={:02X}")),
    ("an escaped letter", BROKEN, HOSTILE, lambda raw: raw.replace(b"e", b"=e").replace(b"0", b"=0")),
    ("x-quoted-printable", BROKEN, HOSTILE, _qp),
)  # fmt: skip
_QP_FIELDS = {"x-quoted-printable": f"{CTE}: x-quoted-printable"}


def _base64(name: str, source: str, law: Law, change: Callable[[bytes], bytes]) -> Trick:
    def build(load: Load) -> bytes:
        text = base64.encodebytes(load.zip).replace(b"\n", b"\r\n")
        return attached(load, ZIP, SENT, IN_BASE64, body=change(text))

    return Trick(f"base64: {name}", source, law, build)


def _bytes(name: str, source: str, law: Law, encode: Callable[[bytes], bytes]) -> Trick:
    return Trick(
        f"base64: {name}",
        source,
        law,
        lambda load: attached(load, ZIP, SENT, IN_BASE64, body=encode(load.zip)),
    )


CSV = ("Content-Type: text/csv; charset=utf-8", "Content-Disposition: attachment; filename=list.csv")


def _quoted(name: str, source: str, law: Law, encode: Callable[[bytes], bytes]) -> Trick:
    field = _QP_FIELDS.get(name, f"{CTE}: quoted-printable")
    return Trick(
        f"quoted-printable: {name}",
        source,
        law,
        lambda load: attached(load, *CSV, field, body=encode(load.csv)),
    )


def uuencoded(
    raw: bytes, name: str = "list.zip", begin: str = "begin 644 ", end: str = "`\r\nend\r\n"
) -> bytes:
    lines = b"".join(
        binascii.b2a_uu(raw[at : at + 45]).replace(b"\n", b"\r\n") for at in range(0, len(raw), 45)
    )
    return (f"{begin}{name}\r\n" if begin else "").encode() + lines + end.encode()


_XX = bytes.maketrans(
    bytes(range(0x20, 0x61)), b"+-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+"
)


def yencoded(raw: bytes) -> bytes:
    signs = bytes((byte + 42) & 0xFF for byte in raw)
    for special in b"=\0\r\n":
        signs = signs.replace(bytes([special]), b"=" + bytes([(special + 64) & 0xFF]))
    return b"=ybegin line=10000 size=%d name=list.zip\r\n%b\r\n=yend size=%d\r\n" % (
        len(raw),
        signs,
        len(raw),
    )


def _uu(encoding: str) -> Trick:
    return Trick(
        f"encoding: {encoding}",
        POSIX,
        HOSTILE,
        lambda load: attached(load, ZIP, SENT, f"{CTE}: {encoding}", body=uuencoded(load.zip)),
    )


def _in_letter(name: str, source: str, law: Law, write: Callable[[bytes], bytes]) -> Trick:
    """Put the ZIP into the letter itself."""
    return Trick(
        f"in the letter: {name}",
        source,
        law,
        lambda load: mixed(part(*UTF8, body=b"x\r\n\r\n" + write(load.zip) + b"\r\ny\r\n")),
    )


TRICKS = (
    *(_base64(*row) for row in _BASE64),
    *(_bytes(*row) for row in _BYTES),
    *(_quoted(*row) for row in _QP),
    *(_uu(encoding) for encoding in ("uuencode", "x-uuencode", "uue", "x-uue", "x-uu", "X-UUENCODE")),
    Trick("encoding: x-uuencode, no end", POSIX, HOSTILE,
          lambda load: attached(load, ZIP, SENT, f"{CTE}: x-uuencode", body=uuencoded(load.zip, end=""))),
    Trick("encoding: x-uuencode, no beginning", BROKEN, HOSTILE,
          lambda load: attached(load, ZIP, SENT, f"{CTE}: x-uuencode", body=uuencoded(load.zip, begin="", name=""))),
    *(
        Trick(f"encoding: {encoding}", BROKEN, HOSTILE,
              lambda load, encoding=encoding: attached(load, ZIP, SENT, f"{CTE}: {encoding}", body=base64.encodebytes(gzip.compress(load.zip))))
        for encoding in ("gzip64", "x-gzip64")
    ),
    Trick("encoding: x-yencode", BROKEN, HOSTILE,
          lambda load: attached(load, ZIP, SENT, f"{CTE}: x-yencode", body=yencoded(load.zip))),
    Trick("encoding: binhex", BROKEN, HOSTILE,
          lambda load: attached(load, ZIP, SENT, f"{CTE}: binhex", body=b"(This file must be converted with BinHex 4.0)\r\n:" + base64.b64encode(load.zip) + b":\r\n")),
    Trick("encoding: binary", "RFC 2045, 6.2", LEGAL,
          lambda load: attached(load, ZIP, SENT, f"{CTE}: binary", body=load.zip)),
    Trick("encoding: 8bit, and it is bytes", "RFC 2045, 6.2", HOSTILE,
          lambda load: attached(load, ZIP, SENT, EIGHT_BIT, body=load.zip)),
    Trick("encoding: none, and it is bytes", "RFC 2045, 6.1", HOSTILE,
          lambda load: attached(load, ZIP, SENT, body=load.zip)),
    _in_letter("uuencode", POSIX, LEGAL, uuencoded),
    _in_letter("uuencode without an end", POSIX, HOSTILE, lambda raw: uuencoded(raw, end="")),
    _in_letter("uuencode, begin-base64", POSIX, LEGAL, lambda raw: b"begin-base64 644 list.zip\r\n" + base64.encodebytes(raw).replace(b"\n", b"\r\n") + b"====\r\n"),
    _in_letter("uuencode with blank lines", GORDANO, HOSTILE, lambda raw: uuencoded(raw).replace(b"\r\n", b"\r\n\r\n")),
    _in_letter("uuencode with blanks for graves", POSIX, LEGAL, lambda raw: uuencoded(raw).replace(b"`", b" ")),
    _in_letter("uuencode with a blank before begin", GORDANO, HOSTILE, lambda raw: b" " + uuencoded(raw)),
    _in_letter("uuencode with no mode", GORDANO, HOSTILE, lambda raw: uuencoded(raw, begin="begin ")),
    _in_letter("uuencode with a long mode", POSIX, HOSTILE, lambda raw: uuencoded(raw, begin="begin 100644 ")),
    _in_letter("uuencode, BEGIN", GORDANO, HOSTILE, lambda raw: uuencoded(raw, begin="BEGIN 644 ")),
    _in_letter("uuencode, a blank for a name", GORDANO, HOSTILE, lambda raw: uuencoded(raw, name=" ")),
    _in_letter("uuencode, quoted by an answer", GORDANO, HOSTILE, lambda raw: b"> " + uuencoded(raw).replace(b"\r\n", b"\r\n> ")),
    _in_letter("uuencode, twice", POSIX, LEGAL, lambda raw: uuencoded(b"x" * 50, name="a.txt") + uuencoded(raw)),
    _in_letter("xxencode", "Kermit, xxencode", HOSTILE, lambda raw: b"begin 644 list.zip\r\n" + uuencoded(raw, begin="", name="", end="").translate(_XX) + b"+\r\nend\r\n"),
    _in_letter("yEnc", "yEnc 1.3", HOSTILE, yencoded),
    _in_letter("BinHex", "RFC 1741", HOSTILE, lambda raw: b"(This file must be converted with BinHex 4.0)\r\n:" + base64.b64encode(raw) + b":\r\n"),
    _in_letter("base64 and no more", INBOX, HOSTILE, lambda raw: base64.encodebytes(raw).replace(b"\n", b"\r\n")),
    _in_letter("base64 in short lines", INBOX, HOSTILE, uneven),
    _in_letter("base64 on one line", INBOX, HOSTILE, base64.b64encode),
    _in_letter("base64, quoted by an answer", INBOX, HOSTILE, lambda raw: b"> " + base64.encodebytes(raw).replace(b"\n", b"\r\n> ")),
    _in_letter("hexadecimal", "RFC 4648, 8", HOSTILE, lambda raw: raw.hex().encode()),
    _in_letter("base32", "RFC 4648, 6", HOSTILE, base64.b32encode),
    _in_letter("ASCII85", "Adobe, PostScript", HOSTILE, lambda raw: base64.a85encode(raw, adobe=True, wrapcol=76)),
    _in_letter("a data: URI", "RFC 2397", HOSTILE, lambda raw: b"data:application/zip;base64," + base64.b64encode(raw)),
    _in_letter("fields and base64, without a boundary", INBOX, HOSTILE, lambda raw: part(ZIP, SENT, IN_BASE64, body=uneven(raw))),
    _in_letter("a part with its boundary", INBOX, HOSTILE, lambda raw: b"--inner\r\n" + part(ZIP, SENT, IN_BASE64, body=uneven(raw)) + b"--inner--\r\n"),
    Trick("quoted-printable: a letter", "RFC 2045, 6.7", LEGAL,
          lambda load: letter(load, UTF8[0], f"{CTE}: quoted-printable", encode=lambda text: _qp(text.encode()))),
    *(
        Trick(f"encoding: {said}, of a letter", "RFC 2045, 6.2", TOLERATED, lambda load, said=said: letter(load, UTF8[0], f"{CTE}: {said}"))
        for said in ("8-bit", "8 bit", "8bits", "utf-8", "none")
    ),
    Trick("quoted-printable: attributes that nobody escaped", "RFC 2045, 6.7", TOLERATED,
          lambda load: letter(load, "Content-Type: text/html; charset=utf-8", f"{CTE}: quoted-printable", encode=lambda text: b'<html><body class="x"><p width=w>' + _qp(text.replace("\r\n", "<br>").encode()) + b"</p></body></html>")),
    Trick("base64: a letter that says it is quoted-printable", INBOX, HOSTILE,
          lambda load: letter(load, UTF8[0], f"{CTE}: quoted-printable", encode=lambda text: uneven(text.encode()))),
    Trick("quoted-printable: a letter that says nothing", INBOX, HOSTILE,
          lambda load: letter(load, UTF8[0], encode=lambda text: _qp(text.encode()))),
    Trick("quoted-printable: a part that says nothing", INBOX, HOSTILE,
          lambda load: mixed(NOTE, part(*CSV, body=_qp(load.csv)))),
)  # fmt: skip
