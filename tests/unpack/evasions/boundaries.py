"""Tricks with boundaries: how they are named in the header, and how they stand in the body."""

from __future__ import annotations

from collections.abc import Callable

from tests.unpack.evasions.load import NOTE, TO, Law, Load, Trick, parts_of, zipped
from tests.unpack.mails import part

LEGAL, TOLERATED, HOSTILE = Law.LEGAL, Law.TOLERATED, Law.HOSTILE
BROKEN = "Ullrich, MIME is broken (BSides Munich 2022)"
INBOX = "Inbox Invasion (CCS 2024)"
RFC2231 = "RFC 2231"

# What stands in the header behind "multipart/mixed", and the boundary in the body.
_NAMED = (
    ("plain", "RFC 2046, 5.1.1", LEGAL, "; boundary=out_er", "out_er"),
    ("in quotes", "RFC 2046, 5.1.1", LEGAL, '; boundary="out er"', "out er"),
    ("all that may be in one", "RFC 2046, 5.1.1", LEGAL, '; boundary="=_\'()+_,-./:=? x"', "=_'()+_,-./:=? x"),
    ("70 characters", "RFC 2046, 5.1.1", LEGAL, f"; boundary={'o' * 70}", "o" * 70),
    ("dashes at its beginning", "RFC 2046, 5.1.1", LEGAL, "; boundary=----outer", "----outer"),
    ("one character", "RFC 2046, 5.1.1", LEGAL, "; boundary=o", "o"),
    ("folded before", "RFC 5322, 2.2.3", LEGAL, ";\r\n boundary=outer", "outer"),
    ("folded twice", "RFC 5322, 4.2", LEGAL, ";\r\n \r\n boundary=outer", "outer"),
    ("the last of many", "RFC 2045, 5.1", LEGAL, '; charset=utf-8; type="a/b"; x="boundary=inner"; boundary=outer', "outer"),
    ("another case", "RFC 2045, 5.1", LEGAL, "; BOUNDARY=outer", "outer"),
    ("a comment before the name", "RFC 2045, 5.1", LEGAL, "; (boundary=inner) boundary=outer", "outer"),
    ("a comment behind the name", "RFC 2045, 5.1", LEGAL, "; boundary()=outer", "outer"),
    ("a comment before the value", "RFC 2045, 5.1", LEGAL, "; boundary=()outer", "outer"),
    ("a comment behind the value", "RFC 2045, 5.1", LEGAL, "; boundary=outer()", "outer"),
    ("a comment with another", "RFC 2045, 5.1", LEGAL, "; boundary=(boundary=inner)outer", "outer"),
    ("a comment behind the type", "RFC 2045, 5.1", LEGAL, " (x); boundary=outer", "outer"),
    ("escaped in quotes", "RFC 5322, 3.2.4", LEGAL, r'; boundary="out\er"', "outer"),
    ("blanks round =", BROKEN, TOLERATED, "; boundary = outer", "outer"),
    ("a blank behind =", BROKEN, TOLERATED, "; boundary= outer", "outer"),
    ("a tab behind =", BROKEN, TOLERATED, "; boundary=\touter", "outer"),
    ("folded behind =", BROKEN, TOLERATED, "; boundary=\r\n outer", "outer"),
    ("folded before =", BROKEN, TOLERATED, "; boundary\r\n =outer", "outer"),
    ("71 characters", "RFC 2046, 5.1.1", TOLERATED, f"; boundary={'o' * 71}", "o" * 71),
    ("300 characters", "RFC 2046, 5.1.1", TOLERATED, f"; boundary={'o' * 300}", "o" * 300),
    ("no quotes round what needs them", "RFC 2045, 5.1", TOLERATED, "; boundary==_=outer", "=_=outer"),
    ("a slash without quotes", "RFC 2045, 5.1", TOLERATED, "; boundary=a/b:c", "a/b:c"),
    ("a semicolon at the end", INBOX, TOLERATED, "; boundary=outer;", "outer"),
    ("no blank before it", INBOX, LEGAL, ";boundary=outer", "outer"),
    ("two semicolons", INBOX, TOLERATED, ";; boundary=outer", "outer"),
    ("the same twice", INBOX, TOLERATED, "; boundary=outer; boundary=outer", "outer"),
    ("Japanese", "RFC 2046, 5.1.1", HOSTILE, "; boundary=境界", "境界"),
    ("in single quotes", BROKEN, HOSTILE, "; boundary='outer'", "outer"),
    ("in single quotes, both", BROKEN, HOSTILE, "; boundary='outer'", "'outer'"),
    ("escaped without quotes", BROKEN, HOSTILE, r"; boundary=out\er", "outer"),
    ("escaped without quotes, both", BROKEN, HOSTILE, r"; boundary=out\er", r"out\er"),
    ("escaped behind =", BROKEN, HOSTILE, r"; boundary=\outer", "outer"),
    ("escaped before =", BROKEN, HOSTILE, r"; boundary\=outer", "outer"),
    ("a name cut", BROKEN, HOSTILE, "; oundary=outer", "outer"),
    ("an escaped name", BROKEN, HOSTILE, r"; bou\ndary=outer", "outer"),
    ("a comment in the name", BROKEN, HOSTILE, "; boun()dary=outer", "outer"),
    ("a comment in the value", BROKEN, HOSTILE, "; boundary=out()er", "outer"),
    ("a comment in the value, its first half", BROKEN, HOSTILE, "; boundary=out()er", "out"),
    ("a comment in the value, all of it", BROKEN, HOSTILE, "; boundary=out()er", "out()er"),
    ("a comment behind the value, too", BROKEN, HOSTILE, "; boundary=outer()", "outer()"),
    ("the other in a comment", BROKEN, HOSTILE, "; boundary=(boundary=inner)outer", "inner"),
    ("all in a comment", BROKEN, HOSTILE, "; ( boundary=outer )", "outer"),
    ("all in a comment that is not closed", BROKEN, HOSTILE, "; (() boundary=outer )", "outer"),
    ("no semicolon", BROKEN, HOSTILE, "  boundary=outer", "outer"),
    ("a comma", BROKEN, HOSTILE, ", boundary=outer", "outer"),
    ("no semicolon behind another", BROKEN, HOSTILE, "; type=x boundary=outer", "outer"),
    ("a quote behind another", BROKEN, HOSTILE, '; type=x"boundary=outer', "outer"),
    ("an escaped semicolon", BROKEN, HOSTILE, r"; type=x\;boundary=outer", "outer"),
    ("in the quotes of another", BROKEN, HOSTILE, '; type="x;boundary=outer"', "outer"),
    ("in the quotes of another, with the quote", BROKEN, HOSTILE, '; type="x;boundary=outer"', 'outer"'),
    ("in quotes that never end", BROKEN, HOSTILE, '; type="x;boundary=outer', "outer"),
    ("behind an escaped quote in quotes", BROKEN, HOSTILE, r'; type="x\";boundary=outer', "outer"),
    ("behind an escaped quote", BROKEN, HOSTILE, r'; type=x\";boundary=outer', "outer"),
    ("twice named, the name", BROKEN, HOSTILE, "; boundary=boundary=outer", "boundary"),
    ("twice named, the value", BROKEN, HOSTILE, "; boundary=boundary=outer", "outer"),
    ("twice named, both", BROKEN, HOSTILE, "; boundary=boundary=outer", "boundary=outer"),
    ("named in quotes", BROKEN, HOSTILE, '; "boundary=outer"', "outer"),
    ("named in quotes with blanks", BROKEN, HOSTILE, '; " boundary=outer "', "outer"),
    ("a semicolon escaped, cut", BROKEN, HOSTILE, r"; boundary=out\;er", "out"),
    ("a semicolon escaped", BROKEN, HOSTILE, r"; boundary=out\;er", "out;er"),
    ("a semicolon escaped, both", BROKEN, HOSTILE, r"; boundary=out\;er", r"out\;er"),
    ("a semicolon, cut", BROKEN, HOSTILE, "; boundary=out;er", "out"),
    ("a semicolon", BROKEN, HOSTILE, "; boundary=out;er", "out;er"),
    ("quotes in the middle", BROKEN, HOSTILE, '; boundary=out"er"', 'out"er"'),
    ("quotes in the middle, before", BROKEN, HOSTILE, '; boundary=out"er"', "out"),
    ("quotes in the middle, inside", BROKEN, HOSTILE, '; boundary=out"er"', "er"),
    ("quotes in the middle, without", BROKEN, HOSTILE, '; boundary=out"er"', "outer"),
    ("quotes escaped in the middle", BROKEN, HOSTILE, r'; boundary=out\"er\"', 'out"er"'),
    ("quotes escaped in the middle, kept", BROKEN, HOSTILE, r'; boundary=out\"er\"', r"out\"er\""),
    ("quotes at the beginning", BROKEN, HOSTILE, '; boundary="out"er', "outer"),
    ("quotes at the beginning, inside", BROKEN, HOSTILE, '; boundary="out"er', "out"),
    ("quotes that do not end", BROKEN, HOSTILE, '; boundary="outer', "outer"),
    ("quotes that do not end, kept", BROKEN, HOSTILE, '; boundary="outer', '"outer'),
    ("folded in quotes", BROKEN, HOSTILE, '; boundary="out\r\n er"', "out er"),
    ("a blank before it in quotes", BROKEN, HOSTILE, '; boundary=" outer"', " outer"),
    ("a blank behind it in quotes", BROKEN, HOSTILE, '; boundary="outer "', "outer"),
    ("a carriage return in quotes", BROKEN, HOSTILE, '; boundary="outer\r"', "outer"),
    ("empty", BROKEN, HOSTILE, '; boundary=""', ""),
    ("a blank", BROKEN, HOSTILE, '; boundary=" "', " "),
    ("none", BROKEN, HOSTILE, "", "outer"),
    ("another than in the body", BROKEN, HOSTILE, "; boundary=inner", "outer"),
    ("another case in the body", INBOX, HOSTILE, "; boundary=OUTER", "outer"),
    ("a NUL in it", INBOX, HOSTILE, "; boundary=out\0er", "outer"),
    ("a NUL in it, its first half", INBOX, HOSTILE, "; boundary=out\0er", "out"),
    ("two, the first", BROKEN, HOSTILE, "; boundary=outer; boundary=inner", "outer"),
    ("two, the second", BROKEN, HOSTILE, "; boundary=inner; boundary=outer", "outer"),
    ("six, the last", INBOX, HOSTILE, "".join(f"; boundary=b{n}" for n in range(5)) + "; boundary=outer", "outer"),
    ("an encoded word, Q", "RFC 2047, 5", HOSTILE, '; boundary="=?us-ascii?Q?outer?="', "outer"),
    ("an encoded word, B", "RFC 2047, 5", HOSTILE, '; boundary="=?us-ascii?B?b3V0ZXI=?="', "outer"),
    ("extended", RFC2231, LEGAL, "; boundary*=''outer", "outer"),
    ("extended, with charset and language", RFC2231, LEGAL, "; boundary*=us-ascii'en'outer", "outer"),
    ("extended, with percents", RFC2231, LEGAL, "; boundary*=us-ascii''%6Futer", "outer"),
    ("in pieces", RFC2231, LEGAL, "; boundary*0=out; boundary*1=er", "outer"),
    ("in pieces, misordered", RFC2231, LEGAL, "; boundary*1=er; boundary*0=out", "outer"),
    ("in quoted pieces", RFC2231, LEGAL, '; boundary*0="out"; boundary*1="er"', "outer"),
    ("in eleven pieces", RFC2231, LEGAL, "".join(f"; boundary*{n}={n % 10}" for n in range(11)), "01234567890"),
    ("in one piece", RFC2231, LEGAL, "; boundary*0=outer", "outer"),
    ("in one extended piece", RFC2231, LEGAL, "; boundary*0*=''outer", "outer"),
    ("in extended pieces", RFC2231, LEGAL, "; boundary*0*=''out; boundary*1*=%65r", "outer"),
    ("in pieces of both kinds", RFC2231, LEGAL, "; boundary*0*=us-ascii''o%75t; boundary*1=er", "outer"),
    ("in UTF-16", RFC2231, HOSTILE, "; boundary*=UTF-16LE''o%00u%00t%00e%00r%00", "outer"),
    ("pieces that begin with 1", RFC2231, HOSTILE, "; boundary*1=out; boundary*2=er", "outer"),
    ("a piece left out", RFC2231, HOSTILE, "; boundary*0=out; boundary*2=er", "outer"),
    ("a piece left out, the first alone", RFC2231, HOSTILE, "; boundary*0=out; boundary*2=er", "out"),
    ("a piece with a leading nought", RFC2231, HOSTILE, "; boundary*00=out; boundary*01=er", "outer"),
    ("a piece given twice", BROKEN, HOSTILE, "; boundary*0=out; boundary*0=in; boundary*1=er", "outer"),
    ("a piece given twice, the second", BROKEN, HOSTILE, "; boundary*0=in; boundary*0=out; boundary*1=er", "outer"),
    ("plain and extended, the plain", BROKEN, HOSTILE, "; boundary=outer; boundary*=''inner", "outer"),
    ("plain and extended, the extended", BROKEN, HOSTILE, "; boundary=inner; boundary*=''outer", "outer"),
    ("extended and plain, the plain", BROKEN, HOSTILE, "; boundary*=''inner; boundary=outer", "outer"),
    ("plain and in pieces", BROKEN, HOSTILE, "; boundary=inner; boundary*0=out; boundary*1=er", "outer"),
    ("plain and in pieces, the plain", BROKEN, HOSTILE, "; boundary=outer; boundary*0=in; boundary*1=ner", "outer"),
    ("extended without quotes", RFC2231, HOSTILE, "; boundary*=outer", "outer"),
    ("not extended, with percents", RFC2231, HOSTILE, "; boundary=%6Futer", "outer"),
    ("not extended, with percents, as it is", RFC2231, LEGAL, "; boundary=%6Futer", "%6Futer"),
)  # fmt: skip

# What stands before "; boundary=outer" in place of "Content-Type: multipart/mixed".
_MULTIPART = (
    ("alternative", "RFC 2046, 5.1.4", LEGAL, "Content-Type: multipart/alternative"),
    ("related", "RFC 2387", LEGAL, "Content-Type: multipart/related"),
    ("parallel", "RFC 2046, 5.1.6", LEGAL, "Content-Type: multipart/parallel"),
    ("report", "RFC 6522", LEGAL, "Content-Type: multipart/report"),
    ("signed", "RFC 1847", LEGAL, "Content-Type: multipart/signed"),
    ("form-data", "RFC 7578", LEGAL, "Content-Type: multipart/form-data"),
    ("an unknown one", "RFC 2046, 5.1.3", LEGAL, "Content-Type: multipart/x-unknown"),
    ("another case", "RFC 2045, 5.1", LEGAL, "Content-Type: MULtiPart/MixeD"),
    ("folded", "RFC 5322, 2.2.3", LEGAL, "Content-Type:\r\n multipart/mixed"),
    ("a comment before", "RFC 2045, 5.1", LEGAL, "Content-Type: () multipart/mixed"),
    ("a transfer encoding besides", "RFC 2045, 6.4", LEGAL, "Content-Transfer-Encoding: 8bit\r\nContent-Type: multipart/mixed"),
    ("no version of MIME", "RFC 2045, 4", TOLERATED, "X-Y: z\r\nContent-Type: multipart/mixed"),
    ("encrypted", "RFC 1847", HOSTILE, "Content-Type: multipart/encrypted"),
    ("folded twice", "RFC 5322, 4.2", LEGAL, "Content-Type:\r\n \r\n multipart/mixed"),
    ("a blank before the colon", "RFC 5322, 4.5", HOSTILE, "Content-Type : multipart/mixed"),
    ("two colons", BROKEN, HOSTILE, "Content-Type:: multipart/mixed"),
    ("behind a carriage return", BROKEN, HOSTILE, "X-Foo:bar\rContent-Type: multipart/mixed"),
    ("in a continued line, a blank before its colon", BROKEN, HOSTILE, "X-Foo :bar\r\n Content-Type: multipart/mixed"),
    ("in a continued line, a blank in its name", BROKEN, HOSTILE, "X-Foo Bar:bar\r\n Content-Type: multipart/mixed"),
    ("in a continued line of no field", BROKEN, HOSTILE, "X-Foo-bar\r\n Content-Type: multipart/mixed"),
    ("escaped", BROKEN, HOSTILE, r"Content-Type: multi\part/mixed"),
    ("a comment inside", BROKEN, HOSTILE, "Content-Type: multipar()t/mixed"),
    ("cut", BROKEN, HOSTILE, "Content-Type: ultipart/mixed"),
    ("singlepart", BROKEN, HOSTILE, "Content-Type: singlepart/mixed"),
    ("x-multipart", BROKEN, HOSTILE, "Content-Type: x-multipart/mixed"),
    ("no slash", BROKEN, HOSTILE, "Content-Type: multipart"),
    ("an encoded word", "RFC 2047, 5", HOSTILE, "Content-Type: =?utf-8?B?bXVsdGlwYXJ0?=/mixed"),
    ("in quotes", BROKEN, HOSTILE, 'Content-Type: "multipart/mixed"'),
    ("blanks round the slash", INBOX, HOSTILE, "Content-Type: multipart / mixed"),
    ("no type at all", BROKEN, HOSTILE, "Content-Type: boundary=outer"),
    ("plain text", INBOX, HOSTILE, "Content-Type: text/plain"),
    ("a page", INBOX, HOSTILE, "Content-Type: text/html"),
    ("octets", INBOX, HOSTILE, "Content-Type: application/octet-stream"),
    ("text first", BROKEN, HOSTILE, "Content-Type: text/plain\r\nContent-Type: multipart/mixed"),
    ("text second", BROKEN, HOSTILE, "Content-Type: multipart/mixed; boundary=outer\r\nContent-Type: text/plain"),
    ("base64 of it all, which it is not", BROKEN, HOSTILE, "Content-Transfer-Encoding: base64\r\nContent-Type: multipart/mixed"),
    ("no type but a boundary elsewhere", INBOX, HOSTILE, "X-Content-Type: multipart/mixed"),
)  # fmt: skip


def _mail(content_type: str, body: bytes) -> bytes:
    return part(*TO, content_type, body=body)


def _body(load: Load, boundary: str) -> bytes:
    line = b"--" + boundary.encode()
    return b"".join(line + b"\r\n" + one + b"\r\n" for one in parts_of(load)) + line + b"--\r\n"


def _named(name: str, source: str, law: Law, parameters: str, boundary: str) -> Trick:
    return Trick(
        f"boundary: {name}",
        source,
        law,
        lambda load: _mail(f"Content-Type: multipart/mixed{parameters}", _body(load, boundary)),
    )


def _multipart(name: str, source: str, law: Law, field: str) -> Trick:
    return Trick(
        f"multipart: {name}",
        source,
        law,
        lambda load: _mail(f"{field}; boundary=outer", _body(load, "outer")),
    )


def _lines(name: str, source: str, law: Law, change: Callable[[bytes], bytes]) -> Trick:
    """Change the boundary lines of a mail that is as it should be."""
    return Trick(
        f"boundary line: {name}",
        source,
        law,
        lambda load: _mail("Content-Type: multipart/mixed; boundary=outer", change(_body(load, "outer"))),
    )


def _put(old: bytes, new: bytes, times: int = -1) -> Callable[[bytes], bytes]:
    return lambda body: body.replace(old, new, times)


def _with_part_after(body: bytes) -> bytes:
    note, rest = body.split(b"--outer\r\n", 2)[1:]
    return b"--outer\r\n" + note + b"--outer--\r\n--outer\r\n" + rest


LINE = b"--outer\r\n"
TRICKS = (
    *(_named(*row) for row in _NAMED),
    *(_multipart(*row) for row in _MULTIPART),
    _lines("a blank behind", "RFC 2046, 5.1.1", LEGAL, _put(LINE, b"--outer \r\n")),
    _lines("blanks and tabs behind", "RFC 2046, 5.1.1", LEGAL, _put(LINE, b"--outer \t \r\n")),
    _lines("blanks behind the last", "RFC 2046, 5.1.1", LEGAL, _put(b"--outer--", b"--outer-- \t")),
    _lines("no line end behind the last", "RFC 2046, 5.1.1", LEGAL, lambda body: body.rstrip()),
    _lines("a preamble and an epilogue", "RFC 2046, 5.1.1", LEGAL, lambda body: b"This is MIME.\r\n" + body + b"the end\r\n"),
    _lines("a preamble that names it", "RFC 2046, 5.1.1", LEGAL, lambda body: b"Parts begin with --outer\r\n" + body),
    _lines("a line that begins with dashes in a text", "RFC 2046, 5.1.1", LEGAL, _put(NOTE, NOTE + b"\r\n-- \r\nSekisho\r\n--\r\n")),
    _lines("something behind", BROKEN, HOSTILE, _put(LINE, b"--outerX\r\n")),
    _lines("something behind a blank", BROKEN, HOSTILE, _put(LINE, b"--outer X\r\n")),
    _lines("a dash behind", BROKEN, HOSTILE, _put(LINE, b"--outer-\r\n")),
    _lines("a vertical tab behind", BROKEN, HOSTILE, _put(LINE, b"--outer\x0b\r\n")),
    _lines("a NUL behind", INBOX, HOSTILE, _put(LINE, b"--outer\0\r\n")),
    _lines("a comment behind", INBOX, HOSTILE, _put(LINE, b"--outer (x)\r\n")),
    _lines("a carriage return before", BROKEN, HOSTILE, _put(LINE, b"\r--outer\r\n")),
    _lines("a blank before", BROKEN, HOSTILE, _put(LINE, b" --outer\r\n")),
    _lines("a carriage return for its end", BROKEN, HOSTILE, _put(LINE, b"--outer\r")),
    _lines("a line feed for its end", BROKEN, TOLERATED, _put(LINE, b"--outer\n")),
    _lines("one dash", INBOX, HOSTILE, _put(LINE, b"-outer\r\n")),
    _lines("three dashes", INBOX, HOSTILE, _put(LINE, b"---outer\r\n")),
    _lines("another case", INBOX, HOSTILE, _put(LINE, b"--OUTER\r\n")),
    _lines("the last one missing", "RFC 2046, 5.1.2", TOLERATED, _put(b"--outer--\r\n", b"")),
    _lines("the last one is the first", BROKEN, HOSTILE, lambda body: b"--outer--\r\n" + body),
    _lines("the last one comes before the part", BROKEN, HOSTILE, _with_part_after),
    _lines("no dashes at the last one", INBOX, TOLERATED, _put(b"--outer--\r\n", LINE)),
    _lines("one dash at the last one", INBOX, HOSTILE, _put(b"--outer--\r\n", b"--outer-\r\n")),
    _lines("something behind the last one", INBOX, HOSTILE, _put(b"--outer--\r\n", b"--outer--x\r\n")),
    _lines("in a preamble, of another", BROKEN, HOSTILE, lambda body: b"--fake\r\nContent-Type: text/plain\r\n\r\n" + body + b"--fake--\r\n"),
    Trick("boundary line: in the header, closing", BROKEN, HOSTILE,
          lambda load: _mail("Content-Type: multipart/mixed; boundary=outer\r\n--outer--", _body(load, "outer"))),
    Trick("boundary line: in the header", BROKEN, HOSTILE,
          lambda load: _mail("Content-Type: multipart/mixed; boundary=outer\r\n--outer", zipped(load) + b"\r\n--outer--\r\n")),
    Trick("boundary line: right behind the header", BROKEN, HOSTILE,
          lambda load: part(*TO, "Content-Type: multipart/mixed; boundary=outer").rstrip() + b"\r\n" + _body(load, "outer")),
)  # fmt: skip
