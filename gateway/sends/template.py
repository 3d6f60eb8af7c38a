"""The template behind a merged mail, recognised without parsing the mail.

In: a mail's own bytes and the bodies cut out of them. Out: a Fingerprint. Fails: never.

A fingerprint is the set of the mail's lines as 32-bit hashes: transfer encoding undone, markup dropped, numbers, mail
addresses and the tails of links folded. In the mails of one job nearly all lines are the same; the few that differ
carry the merge fields. Attachments do not count, since each mail may carry its own. A fingerprint decides only which
mails people judge together; what a mail holds is read elsewhere, behind walls.
"""

from __future__ import annotations

import binascii
import quopri
import re
import zlib
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import regex

MAX_LINES = 400
MAX_BODY_BYTES = 65_536  # of one body: enough for MAX_LINES, and a bound on the cost
MAX_LINE_BYTES = (
    1000  # of a subject, or of a line with a link or an address: finding one takes up to its square
)
MAX_PIECES = 200  # bodies looked at
ALIKE = 0.6  # share of common lines from which two mails are of one template
FEW_LINES = 4  # under this there is too little to compare, and the subject may decide alone

_NOTHING_CUT: Mapping[int, bytes] = MappingProxyType({})
_SUBJECT, _TYPE = b"\nsubject:", b"\ncontent-type:"
_DISPOSITION, _ENCODING = b"\ncontent-disposition:", b"\ncontent-transfer-encoding:"
_UNFOLDED = re.compile(rb"[ \t]*([^\r\n]*(?:\r\n[ \t][^\r\n]*)*)")
_ENCODED_WORD = regex.compile(rb"=\?([\w-]+)[^?\s]*\?([bBqQ])\?([^?\s]*)\?=(?:\s+(?==\?))?")  # RFC 2047, 2
_STYLE = regex.compile(rb"(?is)<style\b.*?</style>")
_FULL_STOP = "。".encode()
_TAG = re.compile(rb"<[^<>\n]*>")
_LINK = re.compile(rb"://[^\s<>]+")
_ADDRESS = re.compile(rb"[\w.+-]+@[\w.-]+")
_DIGITS = b"0123456789"
_NAME_OR_NUMBER = regex.compile(
    r"[^\s\p{P}]{1,12}(?:\s[^\s\p{P}]{1,12})?\s?(?:様|さん|殿)|\d+|[\w.+-]+@[\w.-]+"
)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What two mails of one template have in common."""

    subject: int
    lines: frozenset[int]

    def to_bytes(self) -> bytes:
        """Write it, smallest first, so that equal ones are equal bytes."""
        return array("I", [self.subject, *sorted(self.lines)]).tobytes()

    @classmethod
    def from_bytes(cls, raw: bytes) -> Fingerprint:
        """Read it."""
        numbers = array("I")
        numbers.frombytes(raw)
        return cls(subject=numbers[0], lines=frozenset(numbers[1:]))


def fingerprint(raw: bytes, cut_out: Mapping[int, bytes] = _NOTHING_CUT) -> Fingerprint:
    """Take the fingerprint of a mail's own bytes; `cut_out` are the bodies that stand elsewhere, by their place."""
    lines: set[int] = set()
    for text in _texts(raw, cut_out):
        lines |= _lines(text)
        if len(lines) >= MAX_LINES:
            lines = set(sorted(lines)[:MAX_LINES])  # the smallest: the same choice in each mail
            break
    return Fingerprint(_subject(raw), frozenset(lines))


def alike(one: Fingerprint, other: Fingerprint) -> float:
    """Give the share of lines that two mails have in common, 0 to 1; of two very short mails the subject will do."""
    most = max(len(one.lines), len(other.lines))
    if most < FEW_LINES and one.subject == other.subject:
        return 1.0
    return len(one.lines & other.lines) / most if most else 0.0


def same_template(one: Fingerprint, other: Fingerprint) -> bool:
    """Tell whether two mails come of one template."""
    return alike(one, other) >= ALIKE


def _lines(text: bytes) -> set[int]:
    """Give the hashes of a text's lines; sentences and what stands between tags count as lines."""
    hashes: set[int] = set()
    for line in set(text.splitlines()):
        hashes.update(_hashes(line) if len(line) > MAX_LINE_BYTES else _remembered(line))
    return hashes


def _hashes(line: bytes) -> tuple[int, ...]:
    line = line.translate(None, _DIGITS).replace(_FULL_STOP, b"\n")
    said = map(bytes.strip, _TAG.sub(b"\n", line).split(b"\n"))
    return tuple({zlib.crc32(_folded(sentence)) for sentence in said if len(sentence) > 1})


_remembered = lru_cache(maxsize=4096)(_hashes)  # the mails of one job have nearly all their lines in common


def _folded(line: bytes) -> bytes:
    """Drop from a line what is the recipient's: mail addresses and the tails of links."""
    if b"://" in line:
        line = _LINK.sub(b"://", line[:MAX_LINE_BYTES])
    if b"@" in line:
        line = _ADDRESS.sub(b"@", line[:MAX_LINE_BYTES])
    return line


def _subject(raw: bytes) -> int:
    """Give the hash of the subject."""
    end = raw.find(b"\r\n\r\n")
    header = raw if end < 0 else raw[:end]
    at = _searchable(header).find(_SUBJECT)
    found = _UNFOLDED.match(header, at + len(_SUBJECT) - 1) if at >= 0 else None
    return _subject_hash(found[1][:MAX_LINE_BYTES]) if found else 0


def _searchable(header: bytes) -> bytes:
    """Make field names findable: an expression that passes over case takes twenty times as long as this."""
    return b"\n" + header.lower()


def _value(searchable: bytes, field: bytes) -> bytes:
    """Give the beginning of a field's value, in small letters; b"" where there is none."""
    at = searchable.find(field)
    return searchable[at + len(field) : at + len(field) + 200].lstrip() if at >= 0 else b""


def _is_text(searchable: bytes) -> bool:
    """Tell whether a body with this header is the text of the mail, as far as a glance says."""
    media_type, slash, _ = _value(searchable, _TYPE).partition(b"/")
    is_text = not slash or media_type == b"text"
    return is_text and not _value(searchable, _DISPOSITION).startswith(b"attachment")


@lru_cache(maxsize=256)  # the mails of one job have few
def _subject_hash(encoded: bytes) -> int:
    """Give the hash of a subject, decoded, with names that are addressed (「山田 太郎 様」) and numbers folded."""
    words: list[str] = []
    done = 0
    for word in _ENCODED_WORD.finditer(encoded):
        words += (_text(encoded[done : word.start()]), _word(word[1], word[2], word[3]))
        done = word.end()
    words.append(_text(encoded[done:]))
    subject: str = _NAME_OR_NUMBER.sub("#", "".join(words))
    return zlib.crc32(subject.strip().encode("utf-8", "surrogatepass"))


def _word(charset: bytes, encoding: bytes, encoded: bytes) -> str:
    raw = _decoded(encoded, b"base64") if encoding in b"bB" else quopri.decodestring(encoded, header=True)
    return _text(raw, charset.decode("ascii", "replace"))


def _text(raw: bytes, charset: str = "utf-8") -> str:
    try:
        return raw.decode(charset, "replace")
    except (LookupError, UnicodeError):
        return raw.decode("latin-1")


def _texts(raw: bytes, cut_out: Mapping[int, bytes]) -> Iterator[bytes]:
    """Yield the bodies between boundary lines that are the mail's text, their transfer encoding undone where it can be."""
    start = 0
    for _ in range(MAX_PIECES):
        end = raw.find(b"\r\n--", start)
        stop = len(raw) if end < 0 else end
        blank = raw.find(b"\r\n\r\n", start, stop + 4)  # an empty body shares its line end with the boundary
        header = _searchable(raw[start:blank]) if blank >= 0 else b""
        if header and _is_text(header):
            body = cut_out.get(blank + 4) or raw[blank + 4 : stop]
            if len(body) > MAX_BODY_BYTES:
                body = body[: body.rfind(b"\n", 0, MAX_BODY_BYTES) + 1] or body[:MAX_BODY_BYTES]
            text = _decoded(body, _value(header, _ENCODING))
            yield _STYLE.sub(b"", text) if b"<style" in text else text
        if end < 0:
            return
        start = end + 2


def _decoded(body: bytes, encoding: bytes) -> bytes:
    if encoding.startswith(b"base64"):
        try:
            return binascii.a2b_base64(body)
        except binascii.Error:
            return body
    return quopri.decodestring(body) if encoding.startswith(b"quoted-printable") else body
