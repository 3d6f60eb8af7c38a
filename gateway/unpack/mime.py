"""The tree of a mail: which leaves it has, and how their bytes are wrapped.

In: a mail, or its skeleton with the blobs still outside. Out: leaves. Fails: never; what two readers could read in two ways
is read and adds a gap.

RFC 2045 (fields, transfer encodings), RFC 2046 (multipart, message), RFC 5322. Own, since Python's reader passes over folded
transfer encodings and recurses without bound.
"""

from __future__ import annotations

import binascii
import quopri
from collections.abc import Iterator
from dataclasses import dataclass

import regex

from gateway.model import Container, Gap, GapReason, Path, Segment, Skeleton
from gateway.unpack._budget import Unreadable
from gateway.unpack._headers import Headers, parse_value, read_headers
from gateway.unpack._source import Source

MAX_DEPTH = 20
MAX_LEAVES = 2000
STRAY_BYTES = 64  # text outside the parts from which on it is read as well

_BLANK = regex.compile(rb"\A(?:\r?\n)|\r?\n\r?\n")
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_SPACE = b" \t\r\n"
_FOREIGN = bytes(set(range(256)) - set(_ALPHABET))
_ENCRYPTED = frozenset({"multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"})
_ELSEWHERE = frozenset({"message/partial", "message/external-body"})
_COMMENT = regex.compile(r"\([^()]*\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class MimeLeaf:
    """A leaf as mailed: `pieces` are its still encoded bytes, own ones and segments in their order."""

    path: Path
    name: str | None
    declared: str | None
    charset: str | None
    transfer_encoding: str
    attachment: bool
    pieces: tuple[bytes | Segment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """A mail taken apart."""

    headers: Headers
    leaves: tuple[MimeLeaf, ...]
    marks: tuple[Gap | Container, ...]


def structure(skeleton: Skeleton, path: Path = ()) -> Structure:
    """Take a mail apart; its blobs are not needed for it, since none holds a boundary line."""
    walk = _Walk(skeleton)
    headers, body = walk.header(0, len(skeleton.raw))
    walk.entity(headers, body, len(skeleton.raw), path, depth=0)
    return Structure(headers=headers, leaves=tuple(walk.leaves), marks=tuple(walk.marks))


class _Walk:
    """Walks the entities of one mail; all places are offsets into the skeleton."""

    def __init__(self, skeleton: Skeleton) -> None:
        self._raw = skeleton.raw
        self._segments = skeleton.segments
        self.leaves: list[MimeLeaf] = []
        self.marks: list[Gap | Container] = []

    def header(self, start: int, end: int) -> tuple[Headers, int]:
        """Read the header of an entity; give it and where the body starts."""
        blank = (
            _BLANK.search(self._raw, start, end)
            if not self._raw[start : start + 2].startswith(b"\n")
            else None
        )
        if self._raw[start : start + 1] == b"\n" or self._raw[start : start + 2] == b"\r\n":
            return read_headers(b""), start + (1 if self._raw[start : start + 1] == b"\n" else 2)
        if blank is None:
            return read_headers(self._raw[start:end]), end
        return read_headers(self._raw[start : blank.start() + 2]), blank.end()

    def entity(self, headers: Headers, start: int, end: int, path: Path, *, depth: int) -> None:
        """Take an entity apart, or keep it as a leaf."""
        if depth > MAX_DEPTH or len(self.leaves) > MAX_LEAVES:
            self._gap(path, "multipart/mixed", GapReason.TOO_DEEP)
            return
        kinds = headers.all("content-type")
        value = parse_value(kinds[0]) if kinds else parse_value("text/plain")
        media_type = value.token if "/" in value.token else "text/plain"
        encoding = _transfer_encoding(headers)
        if _differ(kinds) or _differ(headers.all("content-transfer-encoding")):
            self._gap(path, media_type, GapReason.CORRUPT)
        if media_type in _ENCRYPTED and value.parameters.get("smime-type", "") != "signed-data":
            self._gap(path, media_type, GapReason.ENCRYPTED)
        elif media_type in _ELSEWHERE:
            self._gap(path, media_type, GapReason.UNKNOWN)
        boundary = value.parameters.get("boundary", "").rstrip()
        if media_type.startswith("multipart/"):
            if boundary and self._multipart(boundary, start, end, (*path,), media_type, depth):
                return
            self._gap(path, media_type, GapReason.CORRUPT)  # and what it has is read as text below
        if media_type == "message/rfc822" and encoding in ("7bit", "8bit", "binary"):
            inner, body = self.header(start, end)
            label = (*path, _name(headers, value.parameters) or "message")
            self.marks.append(Container(path=label, media_type=media_type))
            self.entity(inner, body, end, label, depth=depth + 1)
            return
        self._leaf(headers, value.parameters, media_type, encoding, start, end, path)

    def _leaf(
        self,
        headers: Headers,
        parameters: dict[str, str],
        media_type: str,
        encoding: str,
        start: int,
        end: int,
        path: Path,
    ) -> None:
        name = _name(headers, parameters)
        disposition = parse_value(headers.text("content-disposition")).token
        self.leaves.append(
            MimeLeaf(
                path=(*path, name or media_type),
                name=name,
                declared=media_type,
                charset=parameters.get("charset"),
                transfer_encoding=encoding,
                attachment=disposition == "attachment"
                or name is not None
                or not media_type.startswith("text/"),
                pieces=self._pieces(start, end),
            )
        )

    def _multipart(
        self, boundary: str, start: int, end: int, path: Path, media_type: str, depth: int
    ) -> bool:
        """Take the parts between boundary lines; tell whether there were any."""
        delimiter = regex.escape(boundary.encode("utf-8", "surrogateescape"), special_only=True)
        line = regex.compile(rb"(?:\A|(?<=\n))--" + delimiter + rb"(--)?[ \t]*(?:\r?\n|\Z)")
        region = self._raw[start:end]
        found = list(line.finditer(region))
        if not found:
            return False
        self._stray(start, start + found[0].start(), path)
        closed = False
        for number, mark in enumerate(found):
            if mark[1] is not None:
                closed = True
                rest = found[number + 1].start() if number + 1 < len(found) else len(region)
                self._stray(start + mark.end(), start + rest, path)
                continue
            part_end = found[number + 1].start() if number + 1 < len(found) else len(region)
            if number + 1 < len(found):  # the line end before a boundary is the boundary's
                part_end -= 2 if region[part_end - 2 : part_end] == b"\r\n" else 1
            headers, body = self.header(start + mark.end(), start + max(part_end, mark.end()))
            self.entity(headers, body, start + max(part_end, mark.end()), path, depth=depth + 1)
        if not closed:
            self._gap(path, media_type, GapReason.CORRUPT)
        return True

    def _stray(self, start: int, end: int, path: Path) -> None:
        """Keep text that stands before the first or after the last boundary: some readers show it."""
        pieces = self._pieces(start, end)
        if (
            any(isinstance(piece, Segment) for piece in pieces)
            or len(self._raw[start:end].strip()) > STRAY_BYTES
        ):
            self.leaves.append(
                MimeLeaf(
                    path=(*path, "(outside the parts)"),
                    name=None,
                    declared="text/plain",
                    charset=None,
                    transfer_encoding="8bit",
                    attachment=False,
                    pieces=pieces,
                )
            )

    def _pieces(self, start: int, end: int) -> tuple[bytes | Segment, ...]:
        pieces: list[bytes | Segment] = []
        done = start
        for segment in self._segments:
            if start <= segment.at <= end:
                if segment.at > done:
                    pieces.append(self._raw[done : segment.at])
                pieces.append(segment)
                done = segment.at
        if done < end:
            pieces.append(self._raw[done:end])
        return tuple(pieces)

    def _gap(self, path: Path, media_type: str, reason: GapReason) -> None:
        self.marks.append(Gap(path=path or (media_type,), media_type=media_type, reason=reason))


def open_leaf(leaf: MimeLeaf, encoded: bytes) -> Iterator[Source | Gap]:
    """Undo the transfer encoding of a leaf; damage is read as far as it goes, and is a gap besides."""
    try:
        raw, clean = _decoded(encoded, leaf.transfer_encoding)
    except Unreadable as unreadable:
        yield Gap(
            path=leaf.path, media_type=leaf.declared or "application/octet-stream", reason=unreadable.reason
        )
        raw, clean = encoded, True
    if not clean:
        yield Gap(
            path=leaf.path, media_type=leaf.declared or "application/octet-stream", reason=GapReason.CORRUPT
        )
    yield Source(
        raw=raw,
        path=leaf.path,
        name=leaf.name,
        declared=leaf.declared,
        charset=leaf.charset,
        attachment=leaf.attachment,
    )


def _decoded(encoded: bytes, transfer_encoding: str) -> tuple[bytes, bool]:
    match transfer_encoding:
        case "7bit" | "8bit" | "binary":
            return encoded, True
        case "quoted-printable":
            return quopri.decodestring(encoded), True
        case "base64":
            return _base64(encoded)
        case "x-uuencode" | "uuencode" | "x-uue":
            return _uuencoded(encoded)
    raise Unreadable(GapReason.UNKNOWN)


def _base64(encoded: bytes) -> tuple[bytes, bool]:
    """Decode what is of the alphabet; anything else between, or a length that no encoder makes, is damage (RFC 2045, 6.8)."""
    letters = encoded.translate(None, _SPACE)
    body = letters.translate(None, _FOREIGN)
    clean = body == letters.rstrip(b"=") and len(letters) % 4 == 0
    whole = body[: len(body) & ~3] if len(body) % 4 == 1 else body
    return binascii.a2b_base64(whole + b"=" * (-len(whole) % 4)), clean


def _uuencoded(encoded: bytes) -> tuple[bytes, bool]:
    out: list[bytes] = []
    inside = False
    for line in encoded.splitlines():
        if line.startswith(b"begin "):
            inside = True
        elif line.strip() == b"end" and inside:
            return b"".join(out), True
        elif inside:
            try:
                out.append(binascii.a2b_uu(line))
            except binascii.Error:
                return b"".join(out), False
    return b"".join(out), False


def _transfer_encoding(headers: Headers) -> str:
    values = headers.all("content-transfer-encoding")
    return _COMMENT.sub("", values[0]).strip().strip('"').lower() if values else "7bit"


def _name(headers: Headers, parameters: dict[str, str]) -> str | None:
    disposition = headers.all("content-disposition")
    name = (
        parse_value(disposition[0]).parameters.get("filename") if disposition else None
    ) or parameters.get("name")
    return label(name) if name else None


def label(name: str) -> str:
    """Make a name fit to be shown: no control characters and nothing that turns the writing round."""
    return _UNSHOWN.sub("\ufffd", name.replace("\\", "/"))[:255] or "?"


_UNSHOWN = regex.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def _differ(values: list[str]) -> bool:
    return len({" ".join(value.split()).lower() for value in values}) > 1
