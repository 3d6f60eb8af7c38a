"""Tricks with letters: which charset a text, a table or a field is in, and which it says."""

from __future__ import annotations

import base64
import quopri
import unicodedata
from collections.abc import Callable

from tests.unpack.evasions.load import (
    EIGHT_BIT,
    IN_BASE64,
    NOTE,
    TO,
    UTF8,
    Law,
    Load,
    Trick,
    letter,
    mixed,
    uneven,
)
from tests.unpack.mails import part

LEGAL, TOLERATED, HOSTILE = Law.LEGAL, Law.TOLERATED, Law.HOSTILE
INBOX = "Inbox Invasion (CCS 2024)"
MICROSOFT = "CP50220, as Outlook sends it"


def _jis(text: str) -> bytes:
    """Write ISO-2022-JP with the vendors' signs, which Python's codec lacks: CP932 by row and cell."""
    out, wide = b"", False
    for sign in text:
        raw = sign.encode("cp932")
        if (len(raw) == 2) != wide:
            wide = not wide
            out += b"\x1b$B" if wide else b"\x1b(B"
        out += _row_and_cell(*raw) if wide else raw
    return out + (b"\x1b(B" if wide else b"")


def _row_and_cell(lead: int, trail: int) -> bytes:
    row = (lead - (0x81 if lead < 0xA0 else 0xC1)) * 2 + 0x21
    if trail >= 0x9F:
        return bytes((row + 1, trail - 0x7E))
    return bytes((row, trail - (0x20 if trail >= 0x80 else 0x1F)))


def _vendors(text: str) -> str:
    return "①㈱髙橋商店\r\n" + text


# What the field says, and what the letter is in.
_LETTERS: tuple[tuple[str, str, Law, str, Callable[[str], bytes]], ...] = (
    ("UTF-8", "RFC 3629", LEGAL, "utf-8", str.encode),
    ("UTF-8 in capitals and quotes", "RFC 2046, 4.1.2", LEGAL, '"UTF-8"', str.encode),
    ("UTF-8 with a mark", "RFC 3629, 6", LEGAL, "utf-8", lambda text: text.encode("utf-8-sig")),
    ("ISO-2022-JP", "RFC 1468", LEGAL, "iso-2022-jp", lambda text: text.encode("iso2022_jp")),
    ("ISO-2022-JP with ①㈱髙", MICROSOFT, TOLERATED, "iso-2022-jp", lambda text: _jis(_vendors(text))),
    ("Shift_JIS", "IANA, Shift_JIS", LEGAL, "shift_jis", lambda text: text.encode("cp932")),
    ("Shift_JIS with ①㈱髙", "IANA, Windows-31J", TOLERATED, "shift_jis", lambda text: _vendors(text).encode("cp932")),
    ("Windows-31J", "IANA, Windows-31J", LEGAL, "windows-31j", lambda text: _vendors(text).encode("cp932")),
    ("EUC-JP", "IANA, EUC-JP", LEGAL, "euc-jp", lambda text: text.encode("euc_jp")),
    ("UTF-16 with a mark", "RFC 2781", LEGAL, "utf-16", lambda text: text.encode("utf-16")),
    ("GB18030", "IANA, GB18030", LEGAL, "gb18030", lambda text: text.encode("gb18030")),
    ("nothing said, UTF-8", "RFC 6532", TOLERATED, "", str.encode),
    ("nothing said, ISO-2022-JP", "RFC 1468", TOLERATED, "", lambda text: text.encode("iso2022_jp")),
    ("nothing said, Shift_JIS", INBOX, TOLERATED, "", lambda text: text.encode("cp932")),
    ("nothing said, EUC-JP", INBOX, TOLERATED, "", lambda text: text.encode("euc_jp")),
    ("says us-ascii, is UTF-8", INBOX, TOLERATED, "us-ascii", str.encode),
    ("says us-ascii, is ISO-2022-JP", INBOX, TOLERATED, "us-ascii", lambda text: text.encode("iso2022_jp")),
    ("says iso-8859-1, is UTF-8", INBOX, TOLERATED, "iso-8859-1", str.encode),
    ("says iso-8859-1, is Shift_JIS", INBOX, TOLERATED, "iso-8859-1", lambda text: text.encode("cp932")),
    ("says iso-2022-jp, is UTF-8", INBOX, TOLERATED, "iso-2022-jp", str.encode),
    ("says iso-2022-jp, is Shift_JIS", INBOX, TOLERATED, "iso-2022-jp", lambda text: text.encode("cp932")),
    ("says utf-8, is Shift_JIS", INBOX, TOLERATED, "utf-8", lambda text: text.encode("cp932")),
    ("says utf-8, is EUC-JP", INBOX, TOLERATED, "utf-8", lambda text: text.encode("euc_jp")),
    ("says utf-8, is ISO-2022-JP", INBOX, TOLERATED, "utf-8", lambda text: text.encode("iso2022_jp")),
    ("says shift_jis, is UTF-8", INBOX, TOLERATED, "shift_jis", str.encode),
    ("says euc-jp, is Shift_JIS", INBOX, TOLERATED, "euc-jp", lambda text: text.encode("cp932")),
    ("says what there is not", INBOX, TOLERATED, "x-none", str.encode),
    ("says utf8", INBOX, TOLERATED, "utf8", str.encode),
    ("UTF-7", "RFC 2152", HOSTILE, "utf-7", lambda text: text.encode("utf-7")),
    ("UTF-7 in another case", "RFC 2152", HOSTILE, "Unicode-1-1-UTF-7", lambda text: text.encode("utf-7")),
    ("UTF-16 without a mark", "RFC 2781, 4.3", LEGAL, "utf-16le", lambda text: text.encode("utf-16-le")),
    ("UTF-16, the other end, without a mark", "RFC 2781, 4.3", LEGAL, "utf-16be", lambda text: text.encode("utf-16-be")),
    ("UTF-32", INBOX, HOSTILE, "utf-32", lambda text: text.encode("utf-32")),
    ("says utf-8, is UTF-16", INBOX, HOSTILE, "utf-8", lambda text: text.encode("utf-16")),
    ("HZ", "RFC 1843", HOSTILE, "hz-gb-2312", lambda text: text.encode("hz", "ignore")),
    ("ISO-2022-KR", "RFC 1557", HOSTILE, "iso-2022-kr", lambda text: text.encode("iso2022_kr", "ignore")),
    ("a NUL behind each sign", INBOX, HOSTILE, "utf-8", lambda text: "\0".join(text).encode()),
    ("zero-width signs between", "Unicode, U+200B", HOSTILE, "utf-8", lambda text: "\u200b".join(text).encode()),
    ("soft hyphens between", "Unicode, U+00AD", HOSTILE, "utf-8", lambda text: "\u00ad".join(text).encode()),
    ("full-width digits", "Unicode, NFKC", LEGAL, "utf-8", lambda text: text.translate({48 + n: 0xFF10 + n for n in range(10)}).encode()),
    ("lines ended by carriage returns", INBOX, TOLERATED, "utf-8", lambda text: text.replace("\r\n", "\r").encode()),
    ("lines ended by separators", "Unicode, U+2028", HOSTILE, "utf-8", lambda text: text.replace("\r\n", "\u2028").encode()),
    ("combining marks apart", "Unicode, NFD", LEGAL, "utf-8", lambda text: unicodedata.normalize("NFD", text).encode()),
    ("Big5", "IANA, Big5", HOSTILE, "big5", lambda text: text.encode("big5", "ignore")),
    ("UTF-8 behind the mark of UTF-16", INBOX, HOSTILE, "utf-8", lambda text: b"\xff\xfe" + text.encode()),
    ("UTF-8 that was cut in a letter", INBOX, TOLERATED, "utf-8", lambda text: text.encode() + "山".encode()[:2]),
    ("UTF-16 that lost a byte", INBOX, HOSTILE, "utf-16le", lambda text: (raw := text.encode("utf-16-le"))[: len(raw) // 2] + raw[len(raw) // 2 + 1 :]),
    ("a stray escape", INBOX, HOSTILE, "utf-8", lambda text: b"\x1b$B" + text.encode()),
    ("a stray byte", INBOX, TOLERATED, "utf-8", lambda text: b"\xff" + text.encode()),
    ("half in one, half in another", INBOX, HOSTILE, "utf-8", lambda text: text[: len(text) // 2].encode() + text[len(text) // 2 :].encode("cp932")),
    ("turned round", "Unicode, U+202E", HOSTILE, "utf-8", lambda text: "".join(f"\u202e{line[::-1]}\u202c\r\n" for line in text.splitlines()).encode()),
)  # fmt: skip

# The letter, in the value of a field.
_FIELDS: tuple[tuple[str, str, Law, Callable[[str], bytes]], ...] = (
    ("words in UTF-8, B", "RFC 2047", LEGAL, lambda text: b"=?utf-8?B?" + base64.b64encode(text.encode()) + b"?="),
    ("words in UTF-8, Q", "RFC 2047", LEGAL, lambda text: b"=?UTF-8?q?" + quopri.encodestring(text.encode(), header=True).replace(b"=\n", b"") + b"?="),
    ("words with a language", "RFC 2231, 5", LEGAL, lambda text: b"=?utf-8*ja?B?" + base64.b64encode(text.encode()) + b"?="),
    ("words in ISO-2022-JP", "RFC 2047", LEGAL, lambda text: b"=?ISO-2022-JP?B?" + base64.b64encode(text.encode("iso2022_jp")) + b"?="),
    ("words in Shift_JIS", "RFC 2047", LEGAL, lambda text: b"=?Shift_JIS?B?" + base64.b64encode(text.encode("cp932")) + b"?="),
    ("words cut in the middle of a letter", "RFC 2047, 5", TOLERATED, lambda text: b"\r\n ".join(
        b"=?utf-8?B?" + base64.b64encode(text.encode()[at : at + 40]) + b"?=" for at in range(0, len(text.encode()), 40))),
    ("words without padding", "RFC 2047", TOLERATED, lambda text: b"=?utf-8?B?" + base64.b64encode(text.encode()).rstrip(b"=") + b"?="),
    ("raw UTF-8", "RFC 6532", LEGAL, str.encode),
    ("raw ISO-2022-JP", "RFC 1468", TOLERATED, lambda text: text.encode("iso2022_jp")),
    ("raw Shift_JIS", INBOX, TOLERATED, lambda text: text.encode("cp932")),
    ("raw EUC-JP", INBOX, TOLERATED, lambda text: text.encode("euc_jp")),
    ("words in a charset there is not", INBOX, HOSTILE, lambda text: b"=?x-none?B?" + base64.b64encode(text.encode()) + b"?="),
    ("words in UTF-7", INBOX, HOSTILE, lambda text: b"=?utf-7?Q?" + text.encode("utf-7").replace(b" ", b"_") + b"?="),
    ("words with blanks in them", INBOX, HOSTILE, lambda text: b"=?utf-8?Q?" + text.encode() + b"?="),
    ("words that do not end", INBOX, HOSTILE, lambda text: b"=?utf-8?B?" + base64.b64encode(text.encode())),
)  # fmt: skip
_PLACES = ("Subject", "Comments", "X-Foo", "Keywords")


def _letter(name: str, source: str, law: Law, charset: str, encode: Callable[[str], bytes]) -> Trick:
    says = f"Content-Type: text/plain; charset={charset}" if charset else "Content-Type: text/plain"

    def build(load: Load) -> bytes:
        return letter(load, says, IN_BASE64, encode=lambda text: uneven(encode(text)))

    return Trick(f"letter: {name}", source, law, build)


def _table(name: str, source: str, law: Law, charset: str, encode: Callable[[str], bytes]) -> Trick:
    says = f"Content-Type: text/csv; charset={charset}" if charset else "Content-Type: text/csv"

    def build(load: Load) -> bytes:
        body = uneven(encode(load.csv.decode()))
        return mixed(
            NOTE, part(says, "Content-Disposition: attachment; filename=list.csv", IN_BASE64, body=body)
        )

    return Trick(f"table: {name}", source, law, build)


def _field(place: str, name: str, source: str, law: Law, encode: Callable[[str], bytes]) -> Trick:
    def build(load: Load) -> bytes:
        value = encode("; ".join(load.words.splitlines()))
        head = "\r\n".join((*TO[:2], *UTF8)).encode()
        return head + b"\r\n" + place.encode() + b": " + value + b"\r\n\r\nx\r\n"

    return Trick(f"{place}: {name}", source, law, build)


TRICKS = (
    *(_letter(*row) for row in _LETTERS),
    *(_table(*row) for row in _LETTERS),
    *(_field(_PLACES[number % len(_PLACES)], *row) for number, row in enumerate(_FIELDS)),
    Trick("letter: raw, eight bits", "RFC 6152", LEGAL, lambda load: letter(load, UTF8[0], EIGHT_BIT)),
    Trick("letter: raw, and says seven bits", "RFC 2045, 6.2", TOLERATED, lambda load: letter(load, UTF8[0], "Content-Transfer-Encoding: 7bit")),
    Trick("letter: raw, and says nothing", "RFC 2045, 5.2", TOLERATED, lambda load: letter(load)),
    Trick("letter: two charsets in the field", INBOX, HOSTILE, lambda load: letter(load, "Content-Type: text/plain; charset=us-ascii; charset=shift_jis", IN_BASE64, encode=lambda text: uneven(text.encode("cp932")))),
    Trick("letter: a line of 50,000 signs", "RFC 5322, 2.1.1", TOLERATED, lambda load: letter(load, *UTF8, encode=lambda text: ("x " * 25_000 + text.replace("\r\n", " ")).encode())),
    Trick("letter: behind 60,000 lines", INBOX, HOSTILE, lambda load: letter(load, *UTF8, encode=lambda text: (b"\r\n" * 60_000) + text.encode())),
)  # fmt: skip
