"""Header fields as they are really sent: folded, encoded, raw 8-bit, in Japanese.

In: the bytes of a header. Out: Headers. Fails: never; what cannot be decoded is read by the ladder.

RFC 5322 (fields), RFC 2047 (encoded words), RFC 2231 (parameters), RFC 2045 (comments and quoting).
"""

from __future__ import annotations

import binascii
import quopri
from dataclasses import dataclass
from email.utils import getaddresses
from urllib.parse import unquote_to_bytes

import regex

from gateway.unpack._encoding import decode, decode_as

MAX_FIELDS = 2000
MAX_ADDRESSES = 100_000

_FIELD = regex.compile(rb"([!-9;-~]+)[ \t]*:((?:[^\r\n]|\r?\n[ \t])*)")
_FOLD = regex.compile(rb"\r?\n(?=[ \t])")
_WORD = regex.compile(r"=\?([\w.:+-]+)(?:\*[\w-]+)?\?([bBqQ])\?([^?\s]*)\?=")
_BETWEEN = regex.compile(r"(?<=\?=)[ \t\r\n]+(?==\?)")
_PARAMETER = regex.compile(r";\s*([^\s=;*]+)(\*\d+)?(\*)?\s*=\s*(?:\"((?:[^\"\\]|\\.)*)\"|([^;]*))")
_COMMENT = regex.compile(r"\((?:[^()\\]|\\.)*\)")


@dataclass(frozen=True, slots=True)
class Headers:
    """The fields of a header in their order; names are lower-case, values unfolded bytes."""

    fields: tuple[tuple[str, bytes], ...]

    def all(self, name: str) -> list[str]:
        """Give the raw values of a field as text, encoded words undecoded."""
        return [_as_text(value) for key, value in self.fields if key == name]

    def text(self, name: str) -> str:
        """Give the first value of a field, decoded; "" where there is none."""
        values = self.all(name)
        return decode_words(values[0]).strip() if values else ""

    def addresses(self, name: str) -> tuple[tuple[str, str], ...]:
        """Give the (display name, address) pairs of an address field."""
        pairs = (
            getaddresses(self.all(name)[:50], strict=False)
            if _STRICT_KNOWN
            else getaddresses(self.all(name)[:50])
        )
        return tuple(
            (decode_words(shown).strip(), address) for shown, address in pairs[:MAX_ADDRESSES] if address
        )


@dataclass(frozen=True, slots=True)
class Value:
    """A structured field: its token and its parameters, decoded."""

    token: str
    parameters: dict[str, str]


def read_headers(raw: bytes) -> Headers:
    """Read the header at the start of a mail or part."""
    return Headers(
        tuple(
            (m[1].decode("ascii").lower(), _FOLD.sub(b"", m[2]))
            for m, _ in zip(_FIELD.finditer(raw), range(MAX_FIELDS), strict=False)
        )
    )


def parse_value(value: str) -> Value:
    """Read "token; name=value; name*0*=…" (RFC 2045, 2231), comments taken out."""
    token = _COMMENT.sub("", value.split(";", 1)[0]).strip().lower()
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    for found in _PARAMETER.finditer(value):
        name = found[1].lower()
        quoted = found[4] is not None
        text = regex.sub(r"\\(.)", r"\1", found[4]) if quoted else found[5].strip()
        if found[2] or found[3]:
            pieces.setdefault(name, {}).setdefault(int((found[2] or "*0")[1:]), (text, found[3] is not None))
        else:
            plain.setdefault(name, decode_words(text))
    for name, numbered in pieces.items():
        plain[name] = _joined([numbered[number] for number in sorted(numbered)])
    return Value(token, plain)


def _joined(pieces: list[tuple[str, bool]]) -> str:
    """Join the pieces of a parameter; the charset stands in the first that is encoded (RFC 2231, 4.1)."""
    charset = ""
    raw = b""
    for number, (text, encoded) in enumerate(pieces):
        body = text
        if encoded and number == 0 and text.count("'") >= 2:
            charset, _, body = text.split("'", 2)
        raw += unquote_to_bytes(body) if encoded else body.encode("utf-8", "surrogateescape")
    return decode_as(raw, charset) if charset else decode(raw).text


def decode_words(text: str) -> str:
    """Decode encoded words; neighbours of one charset are joined as bytes first, for a character may be cut in two."""
    if "=?" not in text:
        return text
    out: list[str] = []
    held = b""
    held_charset = ""
    position = 0
    text = _BETWEEN.sub("", text)
    for word in _WORD.finditer(text):
        between = text[position : word.start()]
        charset = word[1].lower()
        if between or charset != held_charset:
            out += (decode_as(held, held_charset) if held else "", between)
            held = b""
        held, held_charset = held + _word_bytes(word[2], word[3]), charset
        position = word.end()
    out += (decode_as(held, held_charset) if held else "", text[position:])
    return "".join(out)


def _word_bytes(encoding: str, body: str) -> bytes:
    raw = body.encode("utf-8", "surrogateescape")
    if encoding in "qQ":
        return quopri.decodestring(raw.replace(b"_", b"=20"))
    try:
        return binascii.a2b_base64(raw + b"=" * (-len(raw) % 4))
    except binascii.Error:
        return raw


def _as_text(value: bytes) -> str:
    return value.decode("ascii") if value.isascii() and b"\x1b" not in value else decode(value).text


def _strict_known() -> bool:
    """Tell whether this Python's getaddresses knows `strict`, which would throw whole lists away for one odd entry."""
    return "strict" in (getaddresses.__kwdefaults__ or {})


_STRICT_KNOWN = _strict_known()
