"""What stands in a PDF beside its pages: strings of its objects, and streams that are files, XML or objects (ISO 32000-1, 7.3).

In: the bytes of a PDF that is not locked. Out: strings, files, XML. Fails: Unreadable (TOO_BIG).

Pdfium shows pages, and some annotations. It does not name the choices of a form, where links lead, what scripts hold,
files that hang on annotations (7.11.3), or XMP; so objects are read where they lie, in whatever revision of the file.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import regex

from gateway.unpack._budget import BLOCK_BYTES, Budget
from gateway.unpack._encoding import decode

_STREAM = regex.compile(rb"(?<!end)stream\r?\n")
_END = b"endstream"
_BEGIN = regex.compile(rb"(\d{1,10})\s+\d{1,5}\s+\Z")
_FILE = regex.compile(rb"/EF\s*<<[^<>]{0,200}>>")
_REFERENCE = regex.compile(rb"(\d{1,10})\s+\d{1,5}\s+R\b")
_FILTER = regex.compile(rb"/(\w+Decode|Crypt)\b|/(?:Filter|F)\s*/(Fl|AHx|A85|LZW|RL|CCF|DCT)\b")
_TYPED = regex.compile(rb"/Type\s*/(\w+)")
_LENGTH = regex.compile(rb"/Length\s+(\d{1,10})\b(?!\s+\d+\s+R)")
_STRING = regex.compile(
    rb"<([0-9A-Fa-f\s]{4,})>|\(((?:[^()\\]++|\\.|\((?:[^()\\]++|\\.|\((?:[^()\\]++|\\.)*+\))*+\))*+)\)",
    regex.S,
)
_ESCAPE = regex.compile(rb"\\(?:([0-7]{1,3})|(\r\n|.))", regex.S)
_ESCAPES = {
    b"n": b"\n",
    b"r": b"\r",
    b"t": b"\t",
    b"b": b"\b",
    b"f": b"\f",
    b"\r\n": b"",
    b"\n": b"",
    b"\r": b"",
}
_HEAD_BYTES = 4096  # of an object before its stream
_NUMBER_BYTES = 24  # before it
ZLIB = (b"\x78", b"\x68", b"\x48", b"\x58")  # what zlib's streams begin with (RFC 1950, 2.2)
_FED = 64 << 10
LAYERS = 8
_FLATE = (b"FlateDecode", b"Fl")
_PEEK_BYTES = 1024
_NO_TEXT = (b"XObject", b"XRef", b"Font")


@dataclass(frozen=True, slots=True)
class PdfObjects:
    """What was found: strings in their order, files (None where a filter is in the way) and XML; whether a form in XML was not."""

    strings: tuple[str, ...]
    files: tuple[bytes | None, ...]
    markup: tuple[bytes, ...]
    hides_form: bool


def swells(raw: bytes, budget: Budget) -> bool:
    """Tell whether streams give more than any page needs, in any layer; pdfium would unpack them whole, and take minutes over it."""
    left = budget.room(len(raw))
    for stream in _STREAM.finditer(raw):
        layer: bytes | memoryview = memoryview(raw)[stream.end() :]
        for _ in range(LAYERS):
            if bytes(layer[:1]) not in ZLIB:
                break
            kept = bytearray()
            for block in _inflated(layer):
                left -= len(block)
                if left < 0:
                    return True
                if len(kept) < BLOCK_BYTES:  # what is packed again is small
                    kept += block
            layer = bytes(kept)
    return False


def objects_of(raw: bytes, budget: Budget) -> PdfObjects:
    """Read the objects of a file."""
    loose: list[bytes] = []  # what is in no stream
    others: list[tuple[bytes, int, int]] = []
    done = 0
    for begin, end in _streams(raw):
        if begin > done:
            loose.append(raw[done:begin])
        done = max(done, end)
        head = _head(raw, begin)
        kind = _TYPED.search(head)
        if kind is not None and kind[1] == b"ObjStm":
            loose.append(_unpacked(head, raw[begin:end], budget) or b"")
        elif kind is None or kind[1] not in _NO_TEXT:
            others.append((head, begin, end))
    loose.append(raw[done:])
    said = b"\n".join(loose)
    named = {number for one in _FILE.findall(said) for number in _REFERENCE.findall(one)}
    files: list[bytes | None] = []
    markup: list[bytes] = []
    for head, begin, end in others:
        if b"/EmbeddedFile" in head or (named and _number(raw, begin) in named):
            files.append(_unpacked(head, raw[begin:end], budget))
        elif _is_markup(head, raw[begin : min(end, begin + _PEEK_BYTES)]):
            markup.append(_unpacked(head, raw[begin:end], budget) or b"")
    return PdfObjects(
        strings=tuple(_strings(said)),
        files=tuple(files),
        markup=tuple(markup),
        hides_form=b"/XFA" in said and not any(b"xfa" in one.lower() for one in markup),
    )


def _streams(raw: bytes) -> Iterator[tuple[int, int]]:
    """Give where each stream begins and ends."""
    ends = -1  # where the next stream ends, which is sought once for all that begin before it
    for found in _STREAM.finditer(raw):
        begin = found.end()
        told = _LENGTH.search(_head(raw, begin))
        end = begin + int(told[1]) if told else -1
        if end < begin or _END not in raw[end : end + len(_END) + 4]:
            if ends < begin:
                ends = raw.find(_END, begin)
                ends = len(raw) if ends < 0 else ends
            end = ends
        yield begin, end


def _head(raw: bytes, begin: int) -> bytes:
    """Give the dictionary before a stream."""
    head = raw[max(0, begin - _HEAD_BYTES) : begin]
    return head[head.rfind(b"obj") + 3 :]


def _number(raw: bytes, begin: int) -> bytes:
    """Give the number of the object that a stream is."""
    at = raw.rfind(b"obj", max(0, begin - _HEAD_BYTES), begin)
    found = _BEGIN.search(raw[max(0, at - _NUMBER_BYTES) : max(0, at)])
    return found[1] if found else b""


def _is_markup(head: bytes, begin: bytes) -> bool:
    """Tell XML by how it begins: properties (XMP), forms (XFA)."""
    filters = _filters(head)
    if filters:
        begin = next(_inflated(begin), b"") if filters[0] in _FLATE else b""
    return begin.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def _filters(head: bytes) -> list[bytes]:
    return [one[0] or one[1] for one in _FILTER.findall(head)]


def _unpacked(head: bytes, packed: bytes, budget: Budget) -> bytes | None:
    """Undo the filters of a stream; None where there is one that nobody here undoes."""
    filters = _filters(head)
    content = packed
    for one in filters:
        if one not in _FLATE:
            return None
        blocks = bytearray()
        for block in _inflated(content):
            budget.spend_bytes(len(block))
            blocks += block
        content = bytes(blocks)
    return content if filters else content.rstrip(b"\r\n")


def _inflated(packed: bytes | memoryview) -> Iterator[bytes]:
    """Inflate block by block, as far as it goes."""
    stream = zlib.decompressobj()
    with suppress(zlib.error):
        for start in range(0, len(packed), _FED):
            block = stream.decompress(packed[start : start + _FED], BLOCK_BYTES)
            while block:
                yield block
                block = stream.decompress(stream.unconsumed_tail, BLOCK_BYTES)
            if stream.eof:
                return


def _strings(raw: bytes) -> Iterator[str]:
    for found in _STRING.finditer(raw):
        if found[1] is not None:
            digits = b"".join(found[1].split())
            content = bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))
            if not content.startswith((b"\xfe\xff", b"\xff\xfe", b"\xef\xbb\xbf")):
                continue  # glyphs, digests
        else:
            content = _ESCAPE.sub(_unescaped, found[2])
        if text := _text(content).strip():
            yield text


def _text(raw: bytes) -> str:
    """Read a text string (7.9.2.2); what has no mark is in PDFDocEncoding, or in what a maker's machine spoke."""
    if raw.startswith((b"\xfe\xff", b"\xff\xfe")):
        return raw.decode("utf-16", "replace")
    return raw.decode("latin-1") if raw.isascii() else decode(raw).text


def _unescaped(found: regex.Match[bytes]) -> bytes:
    if found[1] is not None:
        return bytes([int(found[1], 8) & 0xFF])
    sign: bytes = found[2]
    return _ESCAPES.get(sign, sign)
