"""Header fields as they are really sent: folded, encoded, raw 8-bit, in Japanese.

In: the bytes of a header. Out: Headers. Fails: never; what cannot be decoded is read by the ladder.

RFC 5322 (fields, addresses), RFC 2047 (encoded words), RFC 2231 (parameters), RFC 2045 (comments and quoting). Own, since
Python's reader takes seconds for a Cc of 20,000 addresses and recurses with each open bracket.
"""

from __future__ import annotations

import binascii
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote_to_bytes

import regex

from gateway.unpack._encoding import decode, decode_as

MAX_FIELDS = 2000
MAX_ADDRESSES = 100_000

_FIELD = re.compile(rb"(?m)^([!-9;-~]+)([ \t]*):([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*+)")
_FOLD = re.compile(rb"\r?\n(?=[ \t])")
_ODD_FOLD = re.compile(rb"\n[ \t]++\r?(?:\n|\Z)|\r(?!\n)|\0")  # a blank line to some, a line end to some
_MBOX = re.compile(rb">?From [^\r\n]*")
_WORD = regex.compile(r"=\?([\w.:+-]+)(?:\*[\w-]+)?\?([bBqQ])\?([^?]*)(?:\?=|\Z)")
_BETWEEN = regex.compile(r"(?<=\?=)[ \t\r\n]++(?==\?)")
_PARAMETER = regex.compile(r";\s*+([^\s=;*]++)(\*\d+)?(\*)?\s*+=\s*+(?:\"((?:[^\"\\]|\\.)*+)\"|([^;]*+))")
_BESIDE_COMMENTS = regex.compile(r"\"(?:[^\"\\]|\\.)*+\"|\\.|[^\"()\\]++|.", regex.S)
_IN_COMMENT = regex.compile(r"\\.|[^()\\]++|.", regex.S)
_ESCAPED = regex.compile(r"\\(.)", regex.S)
_ADDRESS_TOKEN = regex.compile(
    r"""(?P<quoted>"(?:[^"\\]|\\.)*+"?) | (?P<comment>\() | <(?P<angle>[^<>]*+)>
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
        return [decode_field(value) for key, value in self.fields if key == name]

    def text(self, name: str) -> str:
        """Give the first value of a field, decoded; "" where there is none."""
        values = self.all(name)
        return decode_words(values[0]).strip() if values else ""

    def addresses(self, name: str) -> tuple[tuple[str, str], ...]:
        """Give the (display name, address) pairs of an address field."""
        pairs = (pair for value in self.all(name) for pair in _addresses(_with_addresses(value)))
        return tuple(pair for pair, _ in zip(pairs, range(MAX_ADDRESSES), strict=False))


@dataclass(frozen=True, slots=True)
class Value:
    """A structured field: its token and its parameters, decoded; `others` are those given twice, differently."""

    token: str
    parameters: dict[str, str]
    others: tuple[tuple[str, str], ...] = ()

    @property
    def doubtful(self) -> bool:
        """Whether two readers may take it for different things."""
        return bool(self.others)

    def every(self, name: str) -> list[str]:
        """Give all that a parameter is said to be."""
        first = [self.parameters[name]] if name in self.parameters else []
        return first + [value for key, value in self.others if key == name]


def read_headers(raw: bytes) -> Headers:
    """Read the header at the start of a mail or part; those of parts are the same in all mails of a send."""
    return _remembered(raw) if len(raw) <= _SHORT_BYTES else _read(raw)


def _read(raw: bytes) -> Headers:
    fields: list[tuple[str, bytes]] = []
    clean = True
    done = 0
    oddly_folded = _ODD_FOLD.search(raw) is not None
    for found in _FIELD.finditer(raw):
        if len(fields) == MAX_FIELDS:
            clean = False
            break
        raw_name, blank, value = found.groups()
        name = raw_name.decode("ascii").lower()
        between = raw[done : found.start()].strip(b"\r\n")
        if between and not _MBOX.fullmatch(between):
            clean = False
        if blank and name.startswith("content-"):  # "Content-Type :" is a field to some readers only
            clean = False
        if oddly_folded and _ODD_FOLD.search(value):
            clean = False
        fields.append((name, _FOLD.sub(b"", value) if b"\n" in value else value))
        done = found.end()
    if raw[done:].strip(b"\r\n"):
        clean = False
    return Headers(tuple(fields), clean)


_SHORT_BYTES = 512
_remembered = lru_cache(maxsize=512)(_read)


def parse_value(value: str) -> Value:
    """Read "token; name=value; name*0*=…" (RFC 2045, 2231), comments taken out."""
    value = _uncommented(value)
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    others: dict[tuple[str, str], None] = {}
    for found in _PARAMETER.finditer(value):
        name = found[1].lower()
        text = _ESCAPED.sub(r"\1", found[4]) if found[4] is not None else found[5].strip()
        if found[2] or found[3]:
            numbered, number = pieces.setdefault(name, {}), int((found[2] or "*0")[1:])
            if number in numbered and numbered[number][0] != text:
                others[(name, text)] = None
            numbered.setdefault(number, (text, found[3] is not None))
        elif plain.setdefault(name, decode_words(text)) != decode_words(text):
            others[(name, decode_words(text))] = None
    for name, numbered in pieces.items():
        joined = _joined([numbered[number] for number in sorted(numbered)])
        if name == "boundary" and plain.get(name, joined) != joined:
            others[(name, plain[name])] = None
        plain[name] = joined  # RFC 2231 goes before what is there for those who do not know it
    return Value(value.split(";", 1)[0].strip().lower(), plain, tuple(others))


def _uncommented(value: str) -> str:
    """Take comments out, however deep they stand in each other (RFC 5322, 3.2.2); a bracket inside quotes is none."""
    if "(" not in value:
        return value
    kept: list[str] = []
    at = depth = 0
    while at < len(value):
        token = (_IN_COMMENT if depth else _BESIDE_COMMENTS).match(value, at)
        assert token is not None  # noqa: S101 - any character is one
        if token[0] == "(":
            depth += 1
        elif token[0] == ")" and depth:
            depth -= 1
            kept.append(" ")
        elif depth == 0:
            kept.append(token[0])
        at = token.end()
    return value if depth else "".join(kept)  # a comment that never ends is none


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


def _with_addresses(value: str) -> str:
    """Decode a list that stands in encoded words as a whole: against RFC 2047, 5, but readers show it."""
    return value if "@" in value or "@" not in (decoded := decode_words(value)) else decoded


def _addresses(value: str) -> Iterator[tuple[str, str]]:
    """Read an address list (RFC 5322, 3.4) in one pass: mailboxes, groups, comments as names, routes thrown away."""
    shown: list[str] = []
    bare: list[str] = []
    angle = comment = ""
    at = 0
    brackets_close = True
    value += ","
    while at < len(value):
        token = _ADDRESS_TOKEN.match(value, at)
        assert token is not None  # noqa: S101 - any character is one
        at = token.end()
        match token.lastgroup:
            case "quoted":
                shown.append(_ESCAPED.sub(r"\1", token["quoted"].strip('"')))
                bare.append(token["quoted"])
            case "word":
                shown.append(token["word"])
                bare.append(token["word"])
            case "comment" if brackets_close:
                end, comment = _comment(value, at)
                brackets_close = end > 0
                at = end or at
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


def _comment(value: str, start: int) -> tuple[int, str]:
    """Give where the comment ends whose text starts here, and the text; 0 where it never ends."""
    at, depth = start, 1
    while depth and at < len(value):
        token = _IN_COMMENT.match(value, at)
        assert token is not None  # noqa: S101 - any character is one
        depth += {"(": 1, ")": -1}.get(token[0], 0)
        at = token.end()
    return (0, "") if depth else (at, value[start : at - 1])


def decode_field(value: bytes) -> str:
    """Give a field's value as text, encoded words undecoded."""
    return value.decode("ascii") if value.isascii() and b"\x1b" not in value else decode(value).text
