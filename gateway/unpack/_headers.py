"""Header fields as they are really sent: folded, encoded, raw 8-bit, in Japanese.

In: the bytes of a header. Out: Headers. Fails: never; what cannot be decoded is read by the ladder.

RFC 5322 (fields, addresses), RFC 2047 (encoded words), RFC 2231 (parameters), RFC 2045 (comments and quoting). Own, since
Python's reader takes seconds for a Cc of 20,000 addresses and recurses with each open bracket.
"""

from __future__ import annotations

import binascii
import quopri
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

import regex

from gateway.unpack._encoding import decode, decode_as

MAX_FIELDS = 2000
MAX_ADDRESSES = 100_000
COMMENTS_IN_COMMENTS = 10

_FIELD = regex.compile(rb"(?m)^([!-9;-~]+)([ \t]*):([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*+)")
_FOLD = regex.compile(rb"\r?\n(?=[ \t])")
_MBOX = regex.compile(rb">?From [^\r\n]*")
_WORD = regex.compile(r"=\?([\w.:+-]+)(?:\*[\w-]+)?\?([bBqQ])\?([^?]*)\?=")
_BETWEEN = regex.compile(r"(?<=\?=)[ \t\r\n]++(?==\?)")
_PARAMETER = regex.compile(r";\s*+([^\s=;*]++)(\*\d+)?(\*)?\s*+=\s*+(?:\"((?:[^\"\\]|\\.)*+)\"|([^;]*+))")
_QUOTED_OR_COMMENT = regex.compile(r"(\"(?:[^\"\\]|\\.)*+\")|\((?:[^()\\]|\\.)*+\)")
_ESCAPED = regex.compile(r"\\(.)", regex.S)
_ADDRESS_TOKEN = regex.compile(
    r"""(?P<quoted>"(?:[^"\\]|\\.)*+"?) | \((?P<comment>(?:[^()\\]|\\.)*+)\) | <(?P<angle>[^<>]*+)>
    | (?P<end>[,;]) | (?P<group>:) | (?P<word>[^",;:<>()]++) | .""",
    regex.X | regex.S,
)


@dataclass(frozen=True, slots=True)
class Headers:
    """The fields of a header in their order; names are lower-case, values unfolded bytes.

    Not `clean` is a header with lines that are no fields: where another reader would see its end, nobody knows.
    """

    fields: tuple[tuple[str, bytes], ...]
    clean: bool = True

    def all(self, name: str) -> list[str]:
        """Give the raw values of a field as text, encoded words undecoded."""
        return [_as_text(value) for key, value in self.fields if key == name]

    def text(self, name: str) -> str:
        """Give the first value of a field, decoded; "" where there is none."""
        values = self.all(name)
        return decode_words(values[0]).strip() if values else ""

    def addresses(self, name: str) -> tuple[tuple[str, str], ...]:
        """Give the (display name, address) pairs of an address field."""
        pairs = (pair for value in self.all(name) for pair in _addresses(value))
        return tuple(pair for pair, _ in zip(pairs, range(MAX_ADDRESSES), strict=False))


@dataclass(frozen=True, slots=True)
class Value:
    """A structured field: its token and its parameters, decoded; `doubtful` where one is given twice, differently."""

    token: str
    parameters: dict[str, str]
    doubtful: bool = False


def read_headers(raw: bytes) -> Headers:
    """Read the header at the start of a mail or part."""
    fields: list[tuple[str, bytes]] = []
    clean = True
    done = 0
    for found in _FIELD.finditer(raw):
        if len(fields) == MAX_FIELDS:
            clean = False
            break
        between = raw[done : found.start()].strip(b"\r\n")
        name = found[1].decode("ascii").lower()
        if between and not _MBOX.fullmatch(between):
            clean = False
        if found[2] and name.startswith("content-"):  # "Content-Type :" is a field to some readers only
            clean = False
        fields.append((name, _FOLD.sub(b"", found[3])))
        done = found.end()
    if raw[done:].strip(b"\r\n"):
        clean = False
    return Headers(tuple(fields), clean)


def parse_value(value: str) -> Value:
    """Read "token; name=value; name*0*=…" (RFC 2045, 2231), comments taken out."""
    value = _uncommented(value)
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    doubtful = False
    for found in _PARAMETER.finditer(value):
        name = found[1].lower()
        text = _ESCAPED.sub(r"\1", found[4]) if found[4] is not None else found[5].strip()
        if found[2] or found[3]:
            pieces.setdefault(name, {}).setdefault(int((found[2] or "*0")[1:]), (text, found[3] is not None))
        else:
            doubtful |= plain.setdefault(name, decode_words(text)) != decode_words(text)
    for name, numbered in pieces.items():
        joined = _joined([numbered[number] for number in sorted(numbered)])
        doubtful |= name == "boundary" and plain.get(name, joined) != joined
        plain[name] = joined
    return Value(value.split(";", 1)[0].strip().lower(), plain, doubtful)


def _uncommented(value: str) -> str:
    """Take comments out, inner ones first; a bracket inside quotes is none."""
    for _ in range(COMMENTS_IN_COMMENTS):
        if "(" not in value:
            break
        value = _QUOTED_OR_COMMENT.sub(lambda found: found[1] or " ", value)
    return value


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
    held: list[bytes] = []
    held_charset = ""
    position = 0
    text = _BETWEEN.sub("", text)
    for word in _WORD.finditer(text):
        between = text[position : word.start()]
        charset = word[1].lower()
        if between or charset != held_charset:
            out += (decode_as(b"".join(held), held_charset) if held else "", between)
            held = []
        held.append(_word_bytes(word[2], word[3]))
        held_charset = charset
        position = word.end()
    out += (decode_as(b"".join(held), held_charset) if held else "", text[position:])
    return "".join(out)


def _word_bytes(encoding: str, body: str) -> bytes:
    raw = body.encode("utf-8", "surrogateescape")
    if encoding in "qQ":
        return quopri.decodestring(raw.replace(b"_", b"=20"))
    try:
        return binascii.a2b_base64(raw + b"=" * (-len(raw) % 4))
    except binascii.Error:
        return raw


def _addresses(value: str) -> Iterator[tuple[str, str]]:
    """Read an address list (RFC 5322, 3.4) in one pass: mailboxes, groups, comments as names, routes thrown away."""
    shown: list[str] = []
    bare: list[str] = []
    angle = comment = ""
    for token in _ADDRESS_TOKEN.finditer(value + ","):
        match token.lastgroup:
            case "quoted":
                shown.append(_ESCAPED.sub(r"\1", token["quoted"].strip('"')))
                bare.append(token["quoted"])
            case "word":
                shown.append(token["word"])
                bare.append(token["word"])
            case "comment":
                comment = token["comment"]
            case "angle":
                angle = token["angle"].rsplit(":", 1)[-1].strip()
            case "group":  # what stood before was the name of a group
                shown, bare = [], []
            case "end":
                address = angle or "".join("".join(bare).split())
                if address:
                    name = "".join(shown) if angle else comment
                    yield decode_words(" ".join(name.split())), address
                shown, bare, angle, comment = [], [], "", ""


def _as_text(value: bytes) -> str:
    return value.decode("ascii") if value.isascii() and b"\x1b" not in value else decode(value).text
