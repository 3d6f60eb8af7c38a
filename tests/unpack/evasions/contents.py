"""Tricks with what a part is: pages that hide their words, other wrappings of mail, files in files."""

from __future__ import annotations

import base64
import gzip
import html
import io
import re
import tarfile
import zipfile
from collections.abc import Callable

from tests.unpack import dresses
from tests.unpack.documents import package
from tests.unpack.evasions.codings import uuencoded
from tests.unpack.evasions.load import (
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
from tests.unpack.test_mail_forms import PGP, compressed, enveloped, signed, smime

LEGAL, TOLERATED, HOSTILE = Law.LEGAL, Law.TOLERATED, Law.HOSTILE
INBOX = "Inbox Invasion (CCS 2024)"
HTML = "Content-Type: text/html; charset=utf-8"
SALTING = "hidden text salting (Talos 2025)"


def _page(name: str, source: str, law: Law, write: Callable[[str], str]) -> Trick:
    return Trick(
        f"page: {name}",
        source,
        law,
        lambda load: part(*TO, HTML, "Content-Transfer-Encoding: 8bit", body=write(load.words)),
    )


def _lines(before: str, after: str) -> Callable[[str], str]:
    """Write a page with each line of the letter in a pair of tags."""
    return lambda words: "<html><body>" + "".join(
        f"{before}{html.escape(line)}{after}\r\n" for line in words.splitlines()
    ) + "</body></html>"  # fmt: skip


def _between_letters(inside: str) -> Callable[[str], str]:
    return lambda words: "<html><body>" + "<br>".join(
        inside.join(html.escape(sign) for sign in line) for line in words.splitlines()
    ) + "</body></html>"  # fmt: skip


def _uri(words: str) -> str:
    page = base64.b64encode(f"<p>{'</p><p>'.join(words.splitlines())}</p>".encode()).decode()
    return f'<html><body><iframe src="data:text/html;charset=utf-8;base64,{page}"></iframe></body></html>'


def _percent_uri(words: str) -> str:
    page = "".join(f"%{byte:02X}" for byte in words.encode())
    return f'<html><body><a href="data:text/plain;charset=utf-8,{page}">x</a></body></html>'


def _file(name: str, source: str, law: Law, file_name: str, wrap: Callable[[Load], bytes], media_type: str = "application/octet-stream") -> Trick:  # fmt: skip
    """Send a file that is made of the load."""

    def build(load: Load) -> bytes:
        fields = (
            f"Content-Type: {media_type}; name={file_name}",
            f"Content-Disposition: attachment; filename={file_name}",
        )
        return mixed(NOTE, part(*fields, IN_BASE64, body=uneven(wrap(load))))

    return Trick(f"file: {name}", source, law, build)


def _tar(load: Load) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        member = tarfile.TarInfo("list.csv")
        member.size = len(load.csv)
        archive.addfile(member, io.BytesIO(load.csv))
    return out.getvalue()


def _two_in_one(load: Load) -> bytes:
    return dresses.in_zip(b"x", "a.txt") + load.zip


def _locked_comment(load: Load) -> bytes:
    """Put one ZIP into the comment of another."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", "x")
        archive.comment = load.zip
    return out.getvalue()


def _mime_page(load: Load) -> bytes:
    """Write a page saved by a browser (MHTML)."""
    return multipart(
        part(HTML, body="<p>x</p>"), zipped(load), kind="related", more=("MIME-Version: 1.0", "From: x")
    )


def _calendar(load: Load) -> bytes:
    said = load.words.replace("\r\n", "\\n")
    return part(*TO, "Content-Type: text/calendar; charset=utf-8; method=REQUEST", "Content-Transfer-Encoding: 8bit",
                body=f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nSUMMARY:x\r\nDESCRIPTION:{said}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")  # fmt: skip


def _attached_to_event(load: Load) -> bytes:
    lines = base64.b64encode(load.zip).decode()
    folded = "\r\n ".join(lines[at : at + 70] for at in range(0, len(lines), 70))
    return f"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:x\r\nATTACH;ENCODING=BASE64;VALUE=BINARY:\r\n {folded}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n".encode()


_GIF = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;"


def _inline(media_type: str) -> Callable[[Load], bytes]:
    return lambda load: part(
        *TO, f"Content-Type: {media_type}; charset=utf-8", "Content-Transfer-Encoding: 8bit", body=load.words
    )


TRICKS = (
    _page("paragraphs", "HTML", LEGAL, _lines("<p>", "</p>")),
    _page("a table", "HTML", LEGAL, _lines("<table><tr><td>", "</td></tr></table>")),
    _page("not shown", SALTING, HOSTILE, _lines('<p style="display:none">', "</p>")),
    _page("of no size", SALTING, HOSTILE, _lines('<p style="font-size:0">', "</p>")),
    _page("in white", SALTING, HOSTILE, _lines('<p style="color:#fff">', "</p>")),
    _page("in a comment", INBOX, HOSTILE, _lines("<!-- ", " -->")),
    _page("in a conditional comment", INBOX, HOSTILE, _lines("<!--[if mso]><p>", "</p><![endif]-->")),
    _page("in a title", "HTML", LEGAL, _lines('<p title="', '">x</p>')),
    _page("in the words for a picture", "HTML", LEGAL, _lines('<img src="cid:x" alt="', '">')),
    _page("in a field of a form", "HTML", LEGAL, _lines('<input value="', '">')),
    _page("in a hidden field of a form", "HTML", LEGAL, _lines('<input type=hidden value="', '">')),
    _page("in a script", INBOX, HOSTILE, _lines("<script>x('", "')</script>")),
    _page("in a style", INBOX, HOSTILE, _lines("<style>p:after{content:'", "'}</style>")),
    _page("in a template", "HTML", HOSTILE, _lines("<template>", "</template>")),
    _page("in what is for no script", "HTML", LEGAL, _lines("<noscript>", "</noscript>")),
    _page("in an attribute of one's own", "HTML", HOSTILE, _lines('<p data-x="', '">x</p>')),
    _page("in a description", "HTML", LEGAL, lambda words: f'<html><head><meta name="description" content="{html.escape(words)}"></head><body>x</body></html>'),
    _page("in a text field", "HTML", LEGAL, lambda words: f"<html><body><textarea>{words}</textarea></body></html>"),
    _page("in a link to write to", "RFC 6068", HOSTILE, _lines('<a href="mailto:x@example.jp?body=', '">x</a>')),
    _page("in references by number", "HTML", LEGAL, lambda words: "<html><body>" + "<br>".join("".join(f"&#{ord(sign)};" for sign in line) for line in words.splitlines())),
    _page("in references in hexadecimal", "HTML", LEGAL, lambda words: "<html><body>" + "<br>".join("".join(f"&#x{ord(sign):x}" for sign in line) for line in words.splitlines())),
    _page("bold letters", "HTML", LEGAL, lambda words: "<html><body>" + "<br>".join("".join(f"<b>{html.escape(sign)}</b>" for sign in line) for line in words.splitlines())),
    _page("comments between letters", SALTING, HOSTILE, _between_letters("<!-- x -->")),
    _page("empty tags between letters", SALTING, HOSTILE, _between_letters("<span></span>")),
    _page("zero-width signs between letters", SALTING, HOSTILE, _between_letters("&zwnj;")),
    _page("words that are not shown between letters", SALTING, HOSTILE, _between_letters('<i style="display:none">q</i>')),
    _page("a data: URI in a frame", "RFC 2397", HOSTILE, _uri),
    _page("a data: URI in a link, in percents", "RFC 2397", HOSTILE, _percent_uri),
    _page("in the source of a frame", "HTML", LEGAL, lambda words: f'<html><body><iframe srcdoc="{html.escape(words)}"></iframe></body></html>'),
    _page("no tag at all", "HTML", LEGAL, lambda words: words.replace("\r\n", "<br>")),
    _page("never closed", "HTML", LEGAL, lambda words: "<html><body><div><p>" + "<p>".join(words.splitlines())),
    _page("behind the end", "HTML", LEGAL, lambda words: "<html><body>x</body></html>" + "<br>".join(words.splitlines())),
    _page("behind a comment that does not end", INBOX, HOSTILE, lambda words: "<html><body>x<!-- " + "<br>".join(words.splitlines())),
    _page("in a picture of vectors", "SVG 2", LEGAL, _lines("<svg><text>", "</text></svg>")),
    _page("in an object", "RFC 2397", HOSTILE, lambda words: _uri(words).replace("iframe src", "object data")),
    _page("uuencode in it", "POSIX, uuencode", HOSTILE, lambda words: f"<html><body><pre>\r\n{uuencoded(words.encode()).decode()}</pre></body></html>"),
    _page("base64 in it", INBOX, HOSTILE, lambda words: f"<html><body><p>x</p>\r\n{base64.encodebytes(words.encode()).decode()}</body></html>"),
    Trick("page: a ZIP that a script makes", "MITRE ATT&CK T1027.006", HOSTILE, lambda load: part(*TO, HTML, body=f'<html><body>x<script>var b = "{base64.b64encode(load.zip).decode()}"; save(atob(b));</script></body></html>')),
    Trick("page: a ZIP as a data: URI", "RFC 2397", HOSTILE, lambda load: part(*TO, HTML, body=f'<html><body><a href="data:application/zip;base64,{base64.b64encode(load.zip).decode()}">x</a></body></html>')),
    Trick("page: PGP in it", "RFC 9580", HOSTILE, lambda load: part(*TO, HTML, body=f"<html><body><pre>\r\n{PGP}</pre></body></html>")),
    Trick("page: a part in it", INBOX, HOSTILE, lambda load: part(*TO, HTML, body=b"<p>x</p>\r\n--inner\r\n" + zipped(load) + b"--inner--\r\n")),
    _page("a NUL in its tags", INBOX, HOSTILE, lambda words: "<ht\0ml><bo\0dy>" + "<br>".join(words.splitlines())),
    Trick("page: says it is text", INBOX, HOSTILE, lambda load: part(*TO, *UTF8, body=_lines("<p>", "</p>")(load.words))),
    Trick("page: only in the page, not in the text", "RFC 2046, 5.1.4", LEGAL, lambda load: multipart(NOTE, part(HTML, body=_lines("<p>", "</p>")(load.words)), kind="alternative", more=TO)),
    Trick("page: only in the text, not in the page", "RFC 2046, 5.1.4", LEGAL, lambda load: multipart(part(*UTF8, body=load.words), part(HTML, body="<p>x</p>"), kind="alternative", more=TO)),
    Trick("text: for a watch", "AMP for Email", LEGAL, _inline("text/x-amp-html")),
    Trick("text: enriched", "RFC 1896", LEGAL, _inline("text/enriched")),
    Trick("text: markdown", "RFC 7763", LEGAL, _inline("text/markdown")),
    Trick("text: unknown", "RFC 2046, 4.1.4", LEGAL, _inline("text/x-unknown")),
    Trick("text: XML", "RFC 7303", LEGAL, lambda load: part(*TO, "Content-Type: text/xml; charset=utf-8", "Content-Transfer-Encoding: 8bit", body=f"<?xml version='1.0' encoding='utf-8'?><a>{load.words}</a>")),
    Trick("text: flowed", "RFC 3676", LEGAL, lambda load: part(*TO, "Content-Type: text/plain; charset=utf-8; format=flowed", "Content-Transfer-Encoding: 8bit", body=load.words.replace(" ", " \r\n"))),
    Trick("text: flowed, and blanks go", "RFC 3676", LEGAL, lambda load: part(*TO, "Content-Type: text/plain; charset=utf-8; format=flowed; delsp=yes", "Content-Transfer-Encoding: 8bit", body=re.sub("(?<=0)0(?=0-)", "0 \r\n", load.words))),
    Trick("text: line ends written as letters", "RFC 8259, 7", TOLERATED, lambda load: part(*TO, *UTF8, body='{"text": "' + load.words.replace("\r\n", "\\n") + '"}')),
    Trick("text: a calendar", "RFC 5545", LEGAL, _calendar),
    Trick("text: answered", "RFC 3676, 4.5", LEGAL, lambda load: part(*TO, *UTF8, body="".join(f"> {line}\r\n" for line in load.words.splitlines()))),
    Trick("S/MIME: signed", "RFC 8551", LEGAL, lambda load: smime(signed(multipart(*parts_of(load))), "signed-data")),
    Trick("S/MIME: compressed", "RFC 8551", LEGAL, lambda load: smime(compressed(multipart(*parts_of(load))), "compressed-data")),
    Trick("S/MIME: signed twice", "RFC 8551", LEGAL, lambda load: smime(signed(smime(signed(multipart(*parts_of(load))), "signed-data")), "signed-data")),
    Trick("S/MIME: enveloped", "RFC 8551", HOSTILE, lambda load: smime(enveloped(), "enveloped-data")),
    Trick("S/MIME: enveloped, and a file", "RFC 8551", HOSTILE, lambda load: mixed(part('Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name="smime.p7m"', IN_BASE64, body=uneven(enveloped())), zipped(load))),
    Trick("PGP: in the letter", "RFC 9580", HOSTILE, lambda load: part(*TO, *UTF8, body=PGP)),
    Trick("PGP: signed in the clear", "RFC 9580, 7", LEGAL, lambda load: part(*TO, *UTF8, body=f"-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: SHA256\r\n\r\n{load.words}-----BEGIN PGP SIGNATURE-----\r\n\r\niQ==\r\n=AAAA\r\n-----END PGP SIGNATURE-----\r\n")),
    _file("base64 in JSON", "RFC 8259", HOSTILE, "x.json", lambda load: b'{"name": "list.zip", "data": "' + base64.b64encode(load.zip) + b'"}', "application/json"),
    _file("base64 in XML", "RFC 7303", HOSTILE, "x.xml", lambda load: b"<a><b>x</b><c>" + base64.b64encode(load.zip) + b"</c></a>", "text/xml"),
    _file("base64 in a calendar", "RFC 5545, 3.2.7", HOSTILE, "x.ics", _attached_to_event, "text/calendar"),
    _file("an e-mail message in a text file", INBOX, HOSTILE, "x.txt", lambda load: b"x\r\n\r\n" + mixed(*parts_of(load)), "text/plain"),
    _file("words in an AppleDouble's data", "RFC 1740", LEGAL, "list.csv", lambda load: load.csv, "application/applefile"),
    _file("rich text", "RTF 1.9", LEGAL, "x.rtf", lambda load: ("{\\rtf1\\ansi " + "".join(sign if sign.isascii() else f"\\u{ord(sign) if ord(sign) < 32768 else ord(sign) - 65536}?" for sign in load.words.replace("\r\n", "\\par ")) + "}").encode(), "text/rtf"),
    _file("TNEF", "MS-OXTNEF", LEGAL, "winmail.dat", lambda load: dresses.in_tnef(load.zip, "list.zip"), "application/ms-tnef"),
    _file("TNEF as octets", "MS-OXTNEF", LEGAL, "winmail.dat", lambda load: dresses.in_tnef(load.zip, "list.zip")),
    _file("a mail in a ZIP", INBOX, LEGAL, "x.zip", lambda load: package(**{"a.eml": mixed(*parts_of(load))})),
    _file("a ZIP in a mail in a mail", INBOX, LEGAL, "x.eml", lambda load: mixed(NOTE, part("Content-Type: message/rfc822", body=mixed(*parts_of(load), boundary="inner")))),
    _file("a ZIP in a gzip", INBOX, LEGAL, "list.zip.gz", lambda load: gzip.compress(load.zip)),
    _file("a tar", INBOX, LEGAL, "list.tgz", _tar),
    _file("a workbook", "ECMA-376", LEGAL, "list.xlsx", lambda load: load.xlsx),
    _file("a workbook that says it is a text", INBOX, HOSTILE, "list.txt", lambda load: load.xlsx, "text/plain"),
    _file("a workbook that says it is a picture", INBOX, HOSTILE, "list.png", lambda load: load.xlsx, "image/png"),
    _file("a table that says it is a picture", INBOX, HOSTILE, "list.jpg", lambda load: load.csv, "image/jpeg"),
    _file("a ZIP behind a picture", INBOX, HOSTILE, "x.gif", lambda load: _GIF + load.zip, "image/gif"),
    _file("a table behind a picture", "polyglots", HOSTILE, "x.gif", lambda load: _GIF + load.csv, "image/gif"),
    _file("a ZIP behind a picture, its directory cut off", "polyglots", HOSTILE, "x.gif", lambda load: _GIF + load.zip[:-60], "image/gif"),
    _file("a ZIP behind a program", INBOX, HOSTILE, "x.exe", lambda load: b"MZ" + bytes(500) + load.zip),
    _file("two ZIPs in one", INBOX, HOSTILE, "x.zip", _two_in_one),
    _file("a ZIP in the comment of a ZIP", INBOX, HOSTILE, "x.zip", _locked_comment),
    _file("base64 in a text file", INBOX, HOSTILE, "x.txt", lambda load: base64.encodebytes(load.zip), "text/plain"),
    _file("a page saved by a browser", "RFC 2557", LEGAL, "x.mht", _mime_page),
    Trick("file: text that is bytes", INBOX, HOSTILE, lambda load: mixed(NOTE, part("Content-Type: text/plain", "Content-Disposition: inline", IN_BASE64, body=uneven(load.zip)))),
    Trick("file: twice, the first one damaged", INBOX, HOSTILE, lambda load: mixed(NOTE, part(ZIP, SENT, IN_BASE64, body=uneven(load.zip[:40])), zipped(load))),
    Trick("file: as a picture of a page", "RFC 2392", HOSTILE, lambda load: multipart(part(HTML, body='<img src="cid:x">'), part('Content-Type: image/png; name="x.png"', "Content-ID: <x>", "Content-Disposition: inline", IN_BASE64, body=uneven(load.zip)), kind="related", more=TO)),
)  # fmt: skip
