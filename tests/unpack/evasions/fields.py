"""Tricks in the fields of a part, and round them: its transfer encoding, its type, where its header ends."""

from __future__ import annotations

from tests.unpack.evasions.load import (
    CTE,
    IN_BASE64,
    NOTE,
    SENT,
    ZIP,
    Law,
    Load,
    Trick,
    attached,
    mixed,
    uneven,
)
from tests.unpack.mails import part

LEGAL, TOLERATED, HOSTILE = Law.LEGAL, Law.TOLERATED, Law.HOSTILE
BROKEN = "Ullrich, MIME is broken (BSides Munich 2022)"
INBOX = "Inbox Invasion (CCS 2024)"
CORSAIRE = "Corsaire, Multiple vendor MIME (2004)"

# The transfer encoding, said in so many ways; the body is base64.
_ENCODINGS = (
    ("no blank", "RFC 5322, 2.2", LEGAL, f"{CTE}:base64"),
    ("a tab", "RFC 5322, 2.2.2", LEGAL, f"{CTE}:\tbase64"),
    ("another case", "RFC 2045, 6.1", LEGAL, f"{CTE}: BaSe64"),
    ("a field name in another case", "RFC 5322, 1.2.2", LEGAL, f"{CTE.upper()}: base64"),
    ("folded", "RFC 5322, 2.2.3", LEGAL, f"{CTE}:\r\n base64"),
    ("folded by a tab", "RFC 5322, 2.2.3", LEGAL, f"{CTE}:\r\n\tbase64"),
    ("folded behind", "RFC 5322, 2.2.3", LEGAL, f"{CTE}: base64\r\n (x)"),
    ("blanks behind", "RFC 5322, 2.2.3", LEGAL, f"{CTE}: base64   "),
    ("2,000 blanks before", BROKEN, TOLERATED, f"{CTE}: {' ' * 2000}base64"),
    ("a comment before", "RFC 2045, 5.1", LEGAL, f"{CTE}: (xx) base64"),
    ("a comment behind", "RFC 2045, 5.1", LEGAL, f"{CTE}: base64 (xx)"),
    ("a comment in a comment", "RFC 5322, 3.2.2", LEGAL, f"{CTE}: (a (7bit) b) base64"),
    ("a comment with a bracket escaped", "RFC 5322, 3.2.2", LEGAL, rf"{CTE}: (a\) 7bit) base64"),
    ("a comment folded", "RFC 5322, 3.2.2", LEGAL, f"{CTE}: (a\r\n b) base64"),
    ("a comment with another encoding", "RFC 5322, 3.2.2", LEGAL, f"{CTE}: (quoted-printable) base64"),
    ("the same twice", INBOX, TOLERATED, f"{CTE}: base64\r\n{CTE}: base64"),
    ("a semicolon behind", BROKEN, TOLERATED, f"{CTE}: base64;"),
    ("folded twice, a blank line between", "RFC 5322, 4.2", LEGAL, f"{CTE}:\r\n \r\n base64"),
    ("a vertical tab", BROKEN, HOSTILE, f"{CTE}:\x0bbase64"),
    ("a form feed", BROKEN, HOSTILE, f"{CTE}:\x0cbase64"),
    ("a carriage return", BROKEN, HOSTILE, f"{CTE}:\rbase64"),
    ("a NUL before", INBOX, HOSTILE, f"{CTE}: \0base64"),
    ("a NUL inside", INBOX, HOSTILE, f"{CTE}: bas\0e64"),
    ("a NUL behind", INBOX, HOSTILE, f"{CTE}: base64\0"),
    ("x-base64", BROKEN, HOSTILE, f"{CTE}: x-base64"),
    ("in quotes", BROKEN, HOSTILE, f'{CTE}: "base64"'),
    ("escaped", BROKEN, HOSTILE, rf"{CTE}: base\64"),
    ("an encoded word, B", "RFC 2047, 5", HOSTILE, f"{CTE}: =?utf-8?B?YmFzZTY0?="),
    ("an encoded word, Q", "RFC 2047, 5", HOSTILE, f"{CTE}: =?utf-8?Q?base64?="),
    ("a comment inside", BROKEN, HOSTILE, f"{CTE}: bas()e64"),
    ("a folded comment inside", BROKEN, HOSTILE, f"{CTE}: bas(\r\n )e64"),
    ("a comment that never ends", INBOX, HOSTILE, f"{CTE}: (base64"),
    ("a word before", BROKEN, HOSTILE, f"{CTE}: xx base64"),
    ("a word behind", BROKEN, HOSTILE, f"{CTE}: base64 xx"),
    ("letters before", BROKEN, HOSTILE, f"{CTE}: xxbase64"),
    ("letters behind", BROKEN, HOSTILE, f"{CTE}: base64xx"),
    ("a comma behind", BROKEN, HOSTILE, f"{CTE}: base64,"),
    ("a comma before", BROKEN, HOSTILE, f"{CTE}: ,base64"),
    ("a semicolon before", BROKEN, HOSTILE, f"{CTE}: ;base64"),
    ("a parameter behind", INBOX, TOLERATED, f"{CTE}: base64; x=y"),
    ("a blank before the colon", "RFC 5322, 4.5", HOSTILE, f"{CTE} : base64"),
    ("two colons", BROKEN, HOSTILE, f"{CTE}:: base64"),
    ("a colon before", BROKEN, HOSTILE, f": {CTE}: base64"),
    ("no colon", BROKEN, HOSTILE, f"{CTE} base64"),
    ("a carriage return before the name", BROKEN, HOSTILE, f"\r{CTE}: base64"),
    ("behind a carriage return", BROKEN, HOSTILE, f"X-Foo: bar\r{CTE}: base64"),
    ("behind a line feed", BROKEN, HOSTILE, f"X-Foo: bar\n{CTE}: base64"),
    ("in a continued line", BROKEN, HOSTILE, f"X-Foo: bar\r\n {CTE}: base64"),
    ("in a continued line of no field", BROKEN, HOSTILE, f"X-Foo-bar\r\n {CTE}: base64"),
    ("abbreviated", BROKEN, HOSTILE, f"{CTE}: base"),
    ("of another name", INBOX, HOSTILE, "Content-Encoding: base64"),
    ("an underscore in its name", INBOX, HOSTILE, "Content_Transfer_Encoding: base64"),
    ("a soft hyphen in its name", INBOX, HOSTILE, "Content-Transfer-\u00adEncoding: base64"),
    ("full-width", INBOX, HOSTILE, f"{CTE}: ｂａｓｅ６４"),
    ("base64, then quoted-printable", CORSAIRE, HOSTILE, f"{CTE}: base64\r\n{CTE}: quoted-printable"),
    ("quoted-printable, then base64", CORSAIRE, HOSTILE, f"{CTE}: quoted-printable\r\n{CTE}: base64"),
    ("7bit, then base64", CORSAIRE, HOSTILE, f"{CTE}: 7bit\r\n{CTE}: base64"),
    ("base64, then 7bit", CORSAIRE, HOSTILE, f"{CTE}: base64\r\n{CTE}: 7bit"),
    ("8bit, 7bit, binary, base64", INBOX, HOSTILE, "\r\n".join(f"{CTE}: {e}" for e in ("8bit", "7bit", "binary", "base64"))),
    ("five and then base64", INBOX, HOSTILE, "\r\n".join(f"{CTE}: {e}" for e in ("a", "b", "c", "d", "e", "base64"))),
    ("nothing, then base64", BROKEN, HOSTILE, f"{CTE}:\r\n{CTE}: base64"),
    ("base64, then nothing", BROKEN, HOSTILE, f"{CTE}: base64\r\n{CTE}:"),
    ("junk, then base64", BROKEN, HOSTILE, f"{CTE}: xxx\r\n{CTE}: base64"),
    ("base64, then junk", BROKEN, HOSTILE, f"{CTE}: base64\r\n{CTE}: xxx"),
    ("two on a line", BROKEN, HOSTILE, f"{CTE}: quoted-printable base64"),
    ("two on a line, the other way", BROKEN, HOSTILE, f"{CTE}: base64 quoted-printable"),
    ("two with a comma", BROKEN, HOSTILE, f"{CTE}: quoted-printable,base64"),
    ("two with a comma, the other way", BROKEN, HOSTILE, f"{CTE}: base64,quoted-printable"),
    ("behind a line of junk", BROKEN, HOSTILE, f"no field at all\r\n{IN_BASE64}"),
    ("behind a line of controls", BROKEN, HOSTILE, f"\x01\x02\x03\r\n{IN_BASE64}"),
    ("behind a blank line with a blank", BROKEN, HOSTILE, f" \r\n{IN_BASE64}"),
    ("behind a line of a colon", BROKEN, HOSTILE, f":\r\n{IN_BASE64}"),
    ("behind 2,100 fields", INBOX, HOSTILE, "X: y\r\n" * 2100 + IN_BASE64),
    ("uuencode, and it is base64", INBOX, HOSTILE, f"{CTE}: x-uuencode"),
    ("missing", INBOX, HOSTILE, "X: y"),
)  # fmt: skip

# The type of the part: what it is called, or that it is called nothing; the body is base64.
_TYPES = (
    ("none", "RFC 2045, 5.2", LEGAL, "X: y"),
    ("octets", "RFC 2046, 4.5.1", LEGAL, "Content-Type: application/octet-stream"),
    ("folded everywhere", "RFC 5322, 2.2.3", LEGAL, "Content-Type:\r\n application/zip\r\n ;\r\n name=\r\n list.zip"),
    ("another case", "RFC 2045, 5.1", LEGAL, "CONTENT-TYPE: APPLICATION/ZIP; NAME=LIST.ZIP"),
    ("a comment", "RFC 2045, 5.1", LEGAL, "Content-Type: application/zip (text/plain); name=list.zip"),
    ("unknown parameters", "RFC 2045, 5.1", LEGAL, 'Content-Type: application/zip; x="a;b=c"; name=list.zip; y=z'),
    ("x-zip", "RFC 2045, 6.3", LEGAL, "Content-Type: application/x-zip-compressed; name=list.zip"),
    ("unknown", "RFC 2046, 4.5", LEGAL, "Content-Type: x-unknown/x-thing"),
    ("blanks round the slash", INBOX, HOSTILE, "Content-Type: application / zip"),
    ("no subtype", INBOX, HOSTILE, "Content-Type: application"),
    ("nothing behind the colon", INBOX, TOLERATED, "Content-Type:"),
    ("a semicolon at the end", INBOX, TOLERATED, "Content-Type: application/zip; name=list.zip;"),
    ("two semicolons", INBOX, TOLERATED, "Content-Type: application/zip;; name=list.zip"),
    ("text", INBOX, HOSTILE, "Content-Type: text/plain"),
    ("a page", INBOX, HOSTILE, "Content-Type: text/html"),
    ("a picture", INBOX, HOSTILE, "Content-Type: image/png; name=list.png"),
    ("a calendar", INBOX, HOSTILE, "Content-Type: text/calendar"),
    ("a signature", INBOX, HOSTILE, "Content-Type: application/pgp-signature"),
    ("an S/MIME signature", INBOX, HOSTILE, "Content-Type: application/pkcs7-signature; name=smime.p7s"),
    ("a multipart without parts", BROKEN, HOSTILE, "Content-Type: multipart/mixed; boundary=inner"),
    ("a multipart of no kind", BROKEN, HOSTILE, "Content-Type: multipart/; boundary=inner"),
    ("multipart and no slash", BROKEN, HOSTILE, "Content-Type: multipart; boundary=inner"),
    ("x-multipart", BROKEN, HOSTILE, "Content-Type: x-multipart/mixed; boundary=inner"),
    ("a multipart without boundary", BROKEN, HOSTILE, "Content-Type: multipart/mixed"),
    ("a single part with a boundary", BROKEN, LEGAL, "Content-Type: application/zip; boundary=inner"),
    ("multipart first, ZIP second", CORSAIRE, HOSTILE, f"Content-Type: multipart/mixed; boundary=inner\r\n{ZIP}"),
    ("ZIP first, multipart second", CORSAIRE, HOSTILE, f"{ZIP}\r\nContent-Type: multipart/mixed; boundary=inner"),
    ("text first, ZIP second", CORSAIRE, HOSTILE, f"Content-Type: text/plain\r\n{ZIP}"),
    ("ZIP first, text second", CORSAIRE, HOSTILE, f"{ZIP}\r\nContent-Type: text/plain"),
    ("the same twice", CORSAIRE, TOLERATED, f"{ZIP}\r\n{ZIP}"),
    ("six of them", INBOX, HOSTILE, "\r\n".join(f"Content-Type: text/x-{n}" for n in range(5)) + f"\r\n{ZIP}"),
    ("a mail", INBOX, HOSTILE, "Content-Type: message/rfc822"),
    ("a report of delivery", INBOX, HOSTILE, "Content-Type: message/delivery-status"),
    ("an encoded word", "RFC 2047, 5", HOSTILE, "Content-Type: =?utf-8?q?application/zip?="),
    ("a charset that is none", INBOX, TOLERATED, "Content-Type: application/zip; charset=x-none; name=list.zip"),
    ("a raw name", INBOX, TOLERATED, "Content-Type: application/zip; name=名簿.zip"),
)  # fmt: skip

# Where the header ends and the body begins: what stands between them.
_BETWEEN = (
    ("nothing", HOSTILE, b""),
    ("a blank line with a blank", HOSTILE, b" \r\n"),
    ("two of them", HOSTILE, b" \r\n \r\n"),
    ("a blank line with a tab", HOSTILE, b"\t\r\n"),
    ("a line with a vertical tab", HOSTILE, b"\x0b\r\n"),
    ("a line feed", TOLERATED, b"\n"),
    ("a carriage return", HOSTILE, b"\r"),
    ("two carriage returns", HOSTILE, b"\r\r\n"),
    ("two blank lines", LEGAL, b"\r\n\r\n"),
    ("ten blank lines", LEGAL, b"\r\n" * 10),
    ("junk, then a blank line", HOSTILE, b"ABCD\r\n\r\n"),
    ("ended base64, then a blank line", HOSTILE, b"ABC=\r\n\r\n"),
    ("junk, then a line with a blank", HOSTILE, b"ABCD\r\n \r\n"),
    ("junk on a line", HOSTILE, b"ABCD\r\n"),
    ("junk in two pieces", HOSTILE, b"ABC=\r\nABC=\r\n\r\n"),
    ("a NUL", HOSTILE, b"\0\r\n\r\n"),
)


def _said(name: str, source: str, law: Law, line: str) -> Trick:
    return Trick(f"encoding: {name}", source, law, lambda load: attached(load, ZIP, SENT, line))


def _called(name: str, source: str, law: Law, line: str) -> Trick:
    return Trick(f"type: {name}", source, law, lambda load: attached(load, line, IN_BASE64))


def _parted(name: str, law: Law, between: bytes) -> Trick:
    def build(load: Load) -> bytes:
        head = f"{ZIP}\r\n{SENT}\r\n{IN_BASE64}\r\n".encode()
        return mixed(NOTE, head + between + uneven(load.zip))

    return Trick(f"end of the header: {name}", BROKEN, law, build)


def _first_line(name: str, line: bytes) -> Trick:
    def build(load: Load) -> bytes:
        return mixed(NOTE, line + part(ZIP, SENT, IN_BASE64, body=uneven(load.zip)))

    return Trick(f"start of the header: {name}", BROKEN, HOSTILE, build)


TRICKS = (
    *(_said(*row) for row in _ENCODINGS),
    *(_called(*row) for row in _TYPES),
    *(_parted(*row) for row in _BETWEEN),
    _first_line("a carriage return", b"\r"),
    _first_line("a blank line", b"\r\n"),
    _first_line("a vertical tab", b"\x0b"),
    _first_line("a line with a blank", b" \r\n"),
    _first_line("a line with a colon", b":\r\n"),
    _first_line("a byte order mark", b"\xef\xbb\xbf"),
    _first_line("a line of a mailbox", b"From a@example.jp Sat Nov 21 12:00:00 2026\r\n"),
)
