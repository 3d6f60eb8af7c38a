"""Tricks with the tree of parts: what lies in what, where it stops, and what stands outside of it."""

from __future__ import annotations

import base64
from collections.abc import Callable

from tests.unpack.evasions.load import (
    CTE,
    IN_BASE64,
    NOTE,
    SENT,
    TO,
    UTF8,
    ZIP,
    Law,
    Load,
    Trick,
    mixed,
    parts_of,
    uneven,
    zipped,
)
from tests.unpack.mails import multipart, part

LEGAL, TOLERATED, HOSTILE = Law.LEGAL, Law.TOLERATED, Law.HOSTILE
BROKEN = "Ullrich, MIME is broken (BSides Munich 2022)"
INBOX = "Inbox Invasion (CCS 2024)"
RFC2046 = "RFC 2046"
MAIL = "Content-Type: message/rfc822"
FROM = ("From: c@example.jp", "To: d@example.jp", "Subject: y", "MIME-Version: 1.0")


def _inner(load: Load, *fields: str) -> bytes:
    return multipart(*parts_of(load), boundary="inner", more=fields or FROM)


def _said(load: Load, field: str) -> tuple[str, ...]:
    """Give a header that says the words in one of its fields."""
    said = base64.b64encode("; ".join(load.words.splitlines()).encode()).decode()
    return (*FROM[:2], f"{field}: =?utf-8?B?{said}?=", FROM[3])


def _all_escaped(raw: bytes) -> bytes:
    return b"".join(b"=%02X=\r\n" % byte for byte in raw)


def _two(outer: str, inner: str, *, fields: str = "") -> Callable[[Load], bytes]:
    """Put a multipart with one boundary into one with another."""

    def build(load: Load) -> bytes:
        body = multipart(*parts_of(load), boundary=inner, more=(fields,) if fields else ())
        return mixed(body, boundary=outer)

    return build


def _nested(depth: int) -> Callable[[Load], bytes]:
    def build(load: Load) -> bytes:
        raw = multipart(*parts_of(load), boundary="b0")
        for level in range(1, depth):
            raw = multipart(raw, boundary=f"b{level}")
        return "\r\n".join(TO).encode() + b"\r\n" + raw

    return build


def _mails(depth: int, *fields: str) -> Callable[[Load], bytes]:
    def build(load: Load) -> bytes:
        raw = _inner(load)
        for level in range(depth):
            body = uneven(raw) if IN_BASE64 in fields else raw
            raw = multipart(NOTE, part(MAIL, *fields, body=body), boundary=f"b{level}", more=FROM)
        return raw

    return build


def _after_fake_end(load: Load) -> bytes:
    inner = multipart(part(*UTF8, body="x"), boundary="outer")
    return mixed(inner, *parts_of(load))


def _outer_line_in_base64(load: Load) -> bytes:
    body = multipart(
        NOTE, part(ZIP, SENT, IN_BASE64, body=b"--###+\r\n" + uneven(load.zip)), boundary="inner"
    )
    return mixed(body, boundary="###+")


def _unended_inner(load: Load) -> bytes:
    return mixed(multipart(*parts_of(load), boundary="inner").replace(b"--inner--", b""), NOTE)


def _many(number: int) -> Callable[[Load], bytes]:
    return lambda load: mixed(*(part(*UTF8, body=f"{n}") for n in range(number)), zipped(load))


def _cut_in_two(load: Load) -> bytes:
    """Cut the base64 in two parts, as a reader that joins neighbours would put it together."""
    text = uneven(load.zip)
    half = text.index(b"\r\n", len(text) // 2) + 2
    return mixed(NOTE, part(ZIP, SENT, IN_BASE64, body=text[:half]), part(ZIP, IN_BASE64, body=text[half:]))


def _whole(*fields: str) -> Callable[[Load], bytes]:
    return lambda load: part(*TO, *fields, IN_BASE64, body=uneven(load.zip))


def _mailbox(load: Load) -> bytes:
    line = b"From c@example.jp Sat Nov 21 12:00:00 2026\r\n"
    return line + part(*FROM, *UTF8, body="x\r\n\r\n") + line + _inner(load)


TRICKS = (
    Trick("tree: nothing but the file", "RFC 2045, 5", LEGAL, _whole(ZIP, SENT)),
    Trick("tree: nothing but the file, without a name", "RFC 2045, 5", LEGAL, _whole("Content-Type: application/octet-stream")),
    Trick("tree: the file first", RFC2046, LEGAL, lambda load: mixed(zipped(load), NOTE)),
    Trick("tree: a part without a header", "RFC 2046, 5.1", LEGAL, lambda load: mixed(b"\r\nx", zipped(load))),
    Trick("tree: an empty part", "RFC 2046, 5.1", LEGAL, lambda load: mixed(b"", zipped(load))),
    Trick("tree: letter, page, picture and file", "RFC 2387", LEGAL,
          lambda load: mixed(multipart(NOTE, part("Content-Type: text/html; charset=utf-8", body="<p>x</p>"), kind="alternative", boundary="inner"), zipped(load))),
    Trick("tree: the last alternative", "RFC 2046, 5.1.4", LEGAL, lambda load: multipart(*parts_of(load), kind="alternative", more=TO)),
    Trick("tree: the first alternative", "RFC 2046, 5.1.4", LEGAL, lambda load: multipart(zipped(load), NOTE, kind="alternative", more=TO)),
    Trick("tree: a digest", "RFC 2046, 5.1.5", LEGAL, lambda load: multipart(b"\r\n" + _inner(load), kind="digest", more=TO)),
    Trick("tree: a digest of a part that is no mail", "RFC 2046, 5.1.5", LEGAL, lambda load: multipart(zipped(load), kind="digest", more=TO)),
    Trick("tree: 20 multiparts in each other", RFC2046, LEGAL, _nested(20)),
    Trick("tree: 90 multiparts in each other", RFC2046, LEGAL, _nested(90)),
    Trick("tree: 500 multiparts in each other", INBOX, HOSTILE, _nested(500)),
    Trick("tree: 200 parts", RFC2046, LEGAL, _many(200)),
    Trick("tree: 5,000 parts", INBOX, HOSTILE, _many(5000)),
    Trick("tree: 12,000 parts", INBOX, HOSTILE, _many(12000)),
    Trick("tree: the inner boundary begins as the outer", "RFC 2046, 5.1.1", LEGAL, _two("out", "outer")),
    Trick("tree: the outer boundary begins as the inner", "RFC 2046, 5.1.1", HOSTILE, _two("outer", "out")),
    Trick("tree: one boundary for both", BROKEN, HOSTILE, _two("outer", "outer")),
    Trick("tree: the end of the outer is the inner", BROKEN, HOSTILE, _two("outer", "outer--")),
    Trick("tree: behind what ended early", BROKEN, HOSTILE, _after_fake_end),
    Trick("tree: the outer line in the base64", BROKEN, HOSTILE, _outer_line_in_base64),
    Trick("tree: an inner part that does not end", "RFC 2046, 5.1.2", TOLERATED, _unended_inner),
    Trick("tree: in the preamble", BROKEN, HOSTILE, lambda load: mixed(NOTE).replace(b"--outer", b"--x\r\n" + zipped(load) + b"\r\n--outer", 1)),
    Trick("tree: in the preamble, without a line", BROKEN, HOSTILE, lambda load: mixed(NOTE).replace(b"--outer", zipped(load) + b"\r\n--outer", 1)),
    Trick("tree: in the epilogue", BROKEN, HOSTILE, lambda load: mixed(NOTE) + b"--outer\r\n" + zipped(load)),
    Trick("tree: in the epilogue, without a line", BROKEN, HOSTILE, lambda load: mixed(NOTE) + zipped(load)),
    Trick("tree: in the epilogue, a second mail", INBOX, HOSTILE, lambda load: mixed(NOTE) + b"\r\n" + _inner(load)),
    Trick("tree: words in the preamble", "RFC 2046, 5.1.1", LEGAL, lambda load: mixed(NOTE).replace(b"--outer", load.words.encode() + b"--outer", 1)),
    Trick("tree: words in the epilogue", "RFC 2046, 5.1.1", LEGAL, lambda load: mixed(NOTE) + load.words.encode()),
    Trick("tree: cut in two parts", INBOX, HOSTILE, _cut_in_two),
    Trick("tree: a transfer encoding for all of it", "RFC 2045, 6.4", HOSTILE,
          lambda load: part(*TO, "Content-Type: multipart/mixed; boundary=inner", IN_BASE64, body=uneven(_inner(load).split(b"\r\n\r\n", 1)[1]))),
    Trick("mail in it: as it is", RFC2046, LEGAL, lambda load: mixed(NOTE, part(MAIL, body=_inner(load)))),
    Trick("mail in it: with a name", RFC2046, LEGAL, lambda load: mixed(NOTE, part(f"{MAIL}; name=x.eml", "Content-Disposition: attachment; filename=x.eml", body=_inner(load)))),
    Trick("mail in it: all there is", RFC2046, LEGAL, lambda load: part(*TO, MAIL, body=_inner(load))),
    Trick("mail in it: 20 deep", RFC2046, LEGAL, _mails(20)),
    Trick("mail in it: 60 deep", INBOX, HOSTILE, _mails(60)),
    Trick("mail in it: 18 deep, in base64", INBOX, HOSTILE, _mails(18, IN_BASE64)),
    Trick("mail in it: 22 deep, in base64", INBOX, HOSTILE, _mails(22, IN_BASE64)),
    Trick("mail in it: words in its subject", RFC2046, LEGAL, lambda load: mixed(NOTE, part(MAIL, body=part(*_said(load, "Subject"), *UTF8, body="x")))),
    Trick("mail in it: words in its own field", RFC2046, LEGAL, lambda load: mixed(NOTE, part(MAIL, body=part(*_said(load, "X-Foo"), *UTF8, body="x")))),
    Trick("mail in it: words in its subject, in base64", RFC2046, LEGAL,
          lambda load: mixed(NOTE, part("Content-Type: application/octet-stream; name=x.eml", IN_BASE64, body=uneven(part(*_said(load, "Subject"), *UTF8, body="x"))))),
    Trick("mail in it: words in the subject of a digest", "RFC 2046, 5.1.5", LEGAL,
          lambda load: multipart(b"\r\n" + part(*_said(load, "Subject"), *UTF8, body="x"), kind="digest", more=TO)),
    Trick("mail in it: words in the header that came back", "RFC 6522", LEGAL,
          lambda load: multipart(NOTE, part("Content-Type: text/rfc822-headers", body="\r\n".join(_said(load, "Subject"))), kind="report", more=TO)),
    Trick("mail in it: in quoted-printable", "RFC 2046, 5.2.1", HOSTILE, lambda load: mixed(NOTE, part(MAIL, f"{CTE}: quoted-printable", body=_all_escaped(_inner(load))))),
    Trick("tree: quoted-printable for all of it", "RFC 2045, 6.4", HOSTILE,
          lambda load: part(*TO, "Content-Type: multipart/mixed; boundary=inner", f"{CTE}: quoted-printable", body=_all_escaped(_inner(load).split(b"\r\n\r\n", 1)[1]))),
    Trick("part: words in its description", "RFC 2045, 8", LEGAL, lambda load: mixed(NOTE, *(part(f"Content-Description: {line}", *UTF8, body="x") for line in load.words.splitlines()))),
    Trick("part: words in its own fields", "RFC 2045, 9", HOSTILE, lambda load: mixed(NOTE, *(part(f"X-Foo: {line}", *UTF8, body="x") for line in load.words.splitlines()))),
    Trick("part: words in its name", "RFC 2183", LEGAL, lambda load: mixed(NOTE, *(part("Content-Type: application/octet-stream", f'Content-Disposition: attachment; filename="{line}.txt"', body="x") for line in load.words.splitlines()))),
    Trick("mail in it: in base64", "RFC 2046, 5.2.1", TOLERATED, lambda load: mixed(NOTE, part(MAIL, IN_BASE64, body=uneven(_inner(load))))),
    Trick("mail in it: global", "RFC 6532", LEGAL, lambda load: mixed(NOTE, part("Content-Type: message/global", body=_inner(load)))),
    Trick("mail in it: global, in base64", "RFC 6532, 3.7", LEGAL, lambda load: mixed(NOTE, part("Content-Type: message/global", IN_BASE64, body=uneven(_inner(load))))),
    Trick("mail in it: as octets", BROKEN, LEGAL, lambda load: mixed(NOTE, part("Content-Type: application/octet-stream; name=x.eml", IN_BASE64, body=uneven(_inner(load))))),
    Trick("mail in it: as text", BROKEN, HOSTILE, lambda load: mixed(NOTE, part("Content-Type: text/plain; name=x.txt", IN_BASE64, body=uneven(_inner(load))))),
    Trick("mail in it: without a header", INBOX, TOLERATED, lambda load: mixed(NOTE, part(MAIL, body=b"\r\n" + load.words.encode()))),
    Trick("mail in it: blank lines before", INBOX, HOSTILE, lambda load: mixed(NOTE, part(MAIL, body=b"\r\n\r\n" + _inner(load)))),
    Trick("mail in it: a mailbox of two", "RFC 4155", LEGAL, lambda load: mixed(NOTE, part("Content-Type: application/mbox; name=x.mbox", IN_BASE64, body=uneven(_mailbox(load))))),
    Trick("mail in it: a report of delivery", "RFC 6522", LEGAL,
          lambda load: multipart(NOTE, part("Content-Type: message/delivery-status", body="Reporting-MTA: dns; mx.example.jp\r\n\r\nFinal-Recipient: rfc822; b@example.jp\r\nAction: failed\r\nStatus: 5.0.0\r\n"), part(MAIL, body=_inner(load)), kind="report", more=TO)),
    Trick("mail in it: its header alone", "RFC 6522", LEGAL,
          lambda load: mixed(NOTE, part("Content-Type: text/rfc822-headers; charset=utf-8", body="Subject: x\r\nTo: d@example.jp\r\n\r\n"), zipped(load))),
    Trick("elsewhere: a piece of a mail", "RFC 2046, 5.2.2", HOSTILE, lambda load: part(*TO, 'Content-Type: message/partial; id="x"; number=1; total=2', body=_inner(load))),
    Trick("elsewhere: the second piece of a mail", "RFC 2046, 5.2.2", HOSTILE, lambda load: part(*TO, 'Content-Type: message/partial; id="x"; number=2; total=2', body=uneven(load.zip))),
    Trick("elsewhere: by URL", "RFC 2017", HOSTILE, lambda load: mixed(NOTE, part('Content-Type: message/external-body; access-type=URL; URL="https://example.jp/x"', body=zipped(load)))),
    Trick("elsewhere: by file", "RFC 2046, 5.2.3", HOSTILE, lambda load: mixed(NOTE, part("Content-Type: message/external-body; access-type=local-file; name=x", body=zipped(load)))),
    Trick("header: none at all", "RFC 5322, 3.5", HOSTILE, lambda load: b"\r\n" + load.words.encode()),
    Trick("header: no blank line behind", "RFC 5322, 2.1", HOSTILE, lambda load: b"Subject: x\r\n" + load.words.encode()),
    Trick("header: a line of a mailbox first", "RFC 4155", TOLERATED, lambda load: b"From a@example.jp Sat Nov 21 12:00:00 2026\r\n" + mixed(*parts_of(load))),
    Trick("header: a line of no field", INBOX, HOSTILE, lambda load: b"junk\r\n" + mixed(*parts_of(load))),
    Trick("header: blank lines first", INBOX, HOSTILE, lambda load: b"\r\n\r\n" + mixed(*parts_of(load))),
    Trick("header: a byte order mark first", INBOX, HOSTILE, lambda load: b"\xef\xbb\xbf" + mixed(*parts_of(load))),
    Trick("header: 400 lines of trace first", "RFC 5321, 4.4", LEGAL, lambda load: b"Received: from a by b; Sat, 21 Nov 2026 12:00:00 +0900\r\n" * 60 + mixed(*parts_of(load))),
    Trick("header: a line of 100,000 signs", "RFC 5322, 2.1.1", TOLERATED, lambda load: part(*TO, f"X-Foo: {'a' * 100_000}", *UTF8, body=load.words)),
    Trick("line ends: line feeds", "RFC 5321, 2.3.8", TOLERATED, lambda load: mixed(*parts_of(load)).replace(b"\r\n", b"\n")),
    Trick("line ends: carriage returns", "RFC 5321, 2.3.8", HOSTILE, lambda load: mixed(*parts_of(load)).replace(b"\r\n", b"\r")),
    Trick("line ends: both, and a carriage return", "RFC 5321, 2.3.8", HOSTILE, lambda load: mixed(*parts_of(load)).replace(b"\r\n", b"\r\r\n")),
    Trick("line ends: in the header line feeds", "RFC 5321, 2.3.8", HOSTILE, lambda load: (raw := mixed(*parts_of(load)))[: raw.index(b"\r\n\r\n")].replace(b"\r\n", b"\n") + raw[raw.index(b"\r\n\r\n") :]),
    Trick("line ends: a dot alone", "RFC 5321, 4.5.2", LEGAL, lambda load: part(*TO, *UTF8, body="x\r\n.\r\n" + load.words)),
    Trick("encrypted: half of it in the clear", "RFC 1847", HOSTILE, lambda load: multipart(part("Content-Type: application/pgp-encrypted", body="Version: 1\r\n"), zipped(load), kind="encrypted", more=TO)),
    Trick("fields: quoted in the letter", INBOX, LEGAL, lambda load: part(*TO, *UTF8, body=f"Subject: y\r\nContent-Type: text/plain\r\n{CTE}: 8bit\r\n\r\n{load.words}")),
)  # fmt: skip
