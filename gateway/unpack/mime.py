"""The tree of a mail: which leaves it has, and how their bytes are wrapped.

In: a mail, or its skeleton with the blobs still outside. Out: leaves. Fails: never; what two readers could read in two ways
is read in both and adds a gap.

RFC 2045 (fields, transfer encodings), RFC 2046 (multipart, message), RFC 5322. Own, since Python's reader passes over folded
transfer encodings and recurses without bound.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import regex

from gateway.model import Container, Gap, GapReason, Path, Segment, Skeleton
from gateway.unpack._budget import Unreadable
from gateway.unpack._entity import MAX_READINGS, Entity, describe
from gateway.unpack._headers import Headers, Value, read_headers
from gateway.unpack._media_type import MAIL, OCTETS
from gateway.unpack._source import Source, label
from gateway.unpack._transfer import IDENTITY, readings

MAX_DEPTH = 100  # Postfix's, too (mime_nesting_limit)
MAX_LEAVES = 2000

_BLANK = regex.compile(rb"\r?\n\r?\n")
_ELSEWHERE = frozenset({"message/partial", "message/external-body"})
_MAILS = frozenset({MAIL, "message/global"})
_BODIES = frozenset(
    {"text/plain", "text/html", "text/x-amp-html"}
)  # what a reader shows as the letter itself


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
    """A mail taken apart; `inner` are the headers of its parts, and of the mails in it."""

    headers: Headers
    inner: tuple[Headers, ...]
    leaves: tuple[MimeLeaf, ...]
    marks: tuple[Gap | Container, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    """A boundary line: where it starts, where what follows it starts, and whether it closes."""

    start: int
    end: int
    closes: bool


def structure(skeleton: Skeleton, path: Path = ()) -> Structure:
    """Take a mail apart; its blobs are not needed for it, since none holds a boundary line.

    What is a mail in itself and lies in a blob with its header becomes a leaf, to be opened as a mail.
    """
    walk = _Walk(skeleton)
    end = len(skeleton.raw)
    headers, body = walk.header(0, end)
    try:
        if walk.hides_structure(0, body):
            walk.keep_whole(0, end, path)
        else:
            walk.entity(headers, 0, body, end, path, depth=0)
    except Unreadable as unreadable:
        walk.gap(path, "multipart/mixed", unreadable.reason)
    walk.doubt_odd_lines(path)
    return Structure(headers=headers, inner=tuple(walk.inner), leaves=walk.leaves, marks=tuple(walk.marks))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an entity stands: its header begins at `begin`, its body at `start`."""

    begin: int
    start: int
    end: int
    path: Path
    depth: int


class _Walk:
    """Walks the entities of one mail; all places are offsets into the skeleton."""

    def __init__(self, skeleton: Skeleton) -> None:
        self._raw = skeleton.raw
        self._segments = skeleton.segments
        # A blob begins after a blank line, else it begins with the very line that starts its region.
        self._blind = [s.at for s in skeleton.segments if self._raw[max(0, s.at - 4) : s.at] != b"\r\n\r\n"]
        self._boundaries: set[bytes] = set()
        self._odd_lines: set[bytes] = set()
        self._leaves: dict[MimeLeaf, None] = {}
        self.marks: list[Gap | Container] = []
        self.inner: dict[Headers, None] = {}

    def header(self, start: int, end: int) -> tuple[Headers, int]:
        """Read the header of an entity; give it and where the body starts."""
        for line_end in (b"\n", b"\r\n"):
            if self._raw.startswith(line_end, start, end):
                return Headers(()), start + len(line_end)
        blank = _BLANK.search(self._raw, start, end)
        if blank is None:
            return read_headers(self._raw[start:end]), end
        return read_headers(self._raw[start : blank.start() + 2]), blank.end()

    def hides_structure(self, start: int, body: int) -> bool:
        """Tell whether a header lies in a blob."""
        return body in self._blind or any(s.at == start or start < s.at < body for s in self._segments)

    def entity(
        self,
        headers: Headers,
        begin: int,
        start: int,
        end: int,
        path: Path,
        *,
        depth: int,
        default: str = "text/plain",
    ) -> None:
        """Take an entity apart, or keep it as a leaf: its header begins at `begin`, its body at `start`."""
        if depth > MAX_DEPTH:
            self.gap(path, "multipart/mixed", GapReason.TOO_DEEP)
            return
        entity = describe(headers, default)
        if not (headers.clean and entity.agreed):
            token = entity.types[0].token
            self.gap((*path, token), token, GapReason.AMBIGUOUS)
        if not headers.clean:
            self._stray(
                begin, start - self._raw.endswith(b"\n", begin, start), path, declared="text/plain"
            )  # to another reader some of it is the body
        place = _Place(begin, start, end, path, depth)
        for value in entity.types:
            self._reading(entity, value, place)

    def _reading(self, entity: Entity, value: Value, place: _Place) -> None:
        """Follow one reading of a header."""
        media_type = value.token if "/" in value.token else "text/plain"
        path, start, end = place.path, place.start, place.end
        encodings = entity.transfer_encodings
        plain = encodings[0] in IDENTITY
        if media_type == "multipart/encrypted":  # RFC 1847, 2.2
            self.gap(path, media_type, GapReason.ENCRYPTED)
        elif media_type in _ELSEWHERE:
            self.gap(path, media_type, GapReason.UNKNOWN)
        if media_type.startswith("multipart/"):
            if not plain:  # RFC 2045, 6.4 allows none
                self.gap(path, media_type, GapReason.AMBIGUOUS)
            if any(start <= at <= end for at in self._blind):
                self.keep_whole(place.begin, end, path)
                return
            if self._multipart(value, start, end, path, place.depth) and plain:
                return
            self.gap(path, media_type, GapReason.AMBIGUOUS)  # and what it has is read as text below
        name = entity.names[0] if entity.names else None
        shown = label(" / ".join(entity.names)) if entity.names else None
        within = (*path, shown or ("message" if media_type in _MAILS else media_type))
        if media_type in _MAILS and plain:
            inner, body = self.header(start, end)
            if not self.hides_structure(start, body):
                self.marks.append(Container(path=within, media_type=MAIL))
                self.inner[inner] = None
                self.entity(inner, start, body, end, within, depth=place.depth + 1)
                others = tuple(one for one in encodings if one not in IDENTITY)
                if not others:
                    return
                encodings = others
        for encoding in encodings:
            self._keep(
                MimeLeaf(
                    path=within,
                    name=name,
                    declared=media_type,
                    charset=value.parameters.get("charset"),
                    transfer_encoding=encoding,
                    attachment=entity.is_attachment or name is not None or media_type not in _BODIES,
                    pieces=self._pieces(start, end),
                )
            )

    def keep_whole(self, begin: int, end: int, path: Path) -> None:
        """Keep an entity as a leaf with its header: blobs hold lines of its structure, so it is joined first."""
        self._keep(
            MimeLeaf(
                path=(*path, "message"),
                name=None,
                declared=MAIL,
                charset=None,
                transfer_encoding="8bit",
                attachment=True,
                pieces=self._pieces(begin, end),
            )
        )

    def _multipart(self, value: Value, start: int, end: int, path: Path, depth: int) -> bool:
        """Take the parts between boundary lines, for each boundary that is named; tell whether there were any."""
        found = False
        for boundary in value.every("boundary")[:MAX_READINGS]:
            delimiter = b"--" + boundary.rstrip().encode("utf-8", "surrogateescape")
            lines = list(islice(self._lines(delimiter, start, end), MAX_LEAVES + 1))
            if lines and len(delimiter) > 2:
                found = True
                self._parts(value.token, lines, start, end, path, depth)
        return found

    def _parts(
        self, media_type: str, lines: list[_Line], start: int, end: int, path: Path, depth: int
    ) -> None:
        default = MAIL if media_type == "multipart/digest" else "text/plain"  # RFC 2046, 5.1.5
        self._stray(start, lines[0].start, path)
        closed = False
        if len(lines) > MAX_LEAVES:
            raise Unreadable(GapReason.TOO_BIG)
        for line, after in zip(lines, [*lines[1:], None], strict=True):
            part_end = after.start if after else end
            if line.closes:
                closed = True
                self._stray(line.end, part_end, path)
                continue
            if closed:  # most readers stop at the close, some do not
                self.gap(path, media_type, GapReason.AMBIGUOUS)
            if after:  # the line end before a boundary is the boundary's (RFC 2046, 5.1.1)
                part_end -= 2 if self._raw[part_end - 2 : part_end] == b"\r\n" else 1
                part_end = max(part_end, line.end)
            headers, body = self.header(line.end, part_end)
            self.inner[headers] = None
            self.entity(headers, line.end, body, part_end, path, depth=depth + 1, default=default)
        if not closed and end < len(
            self._raw
        ):  # a mail that was cut off says no other thing to other readers
            self.gap(path, media_type, GapReason.AMBIGUOUS)

    def _lines(self, delimiter: bytes, start: int, end: int) -> Iterator[_Line]:
        """Find the lines that are the delimiter, but for white space after it."""
        self._boundaries.add(delimiter)
        raw = self._raw
        at = raw.find(delimiter, start, end)
        while at >= 0:
            if at == start or raw[at - 1 : at] == b"\n":
                line_end = raw.find(b"\n", at, end) + 1 or end
                rest = raw[at + len(delimiter) : line_end].rstrip()
                if rest in (b"", b"--"):
                    yield _Line(at, line_end, closes=bool(rest))
                else:
                    self._odd_lines.add(raw[at:line_end].rstrip())
            at = raw.find(delimiter, at + len(delimiter), end)

    def doubt_odd_lines(self, path: Path) -> None:
        """Add a gap for a line that begins as a boundary but is none: to some readers it is one (RFC 2046, 5.1.1)."""
        known = self._boundaries | {boundary + b"--" for boundary in self._boundaries}
        if self._odd_lines - known:
            self.gap(path, "multipart/mixed", GapReason.AMBIGUOUS)

    def _stray(self, start: int, end: int, path: Path, declared: str | None = None) -> None:
        """Keep what stands before the first or after the last boundary: some readers show it."""
        pieces = self._pieces(start, end)
        if any(isinstance(piece, Segment) or piece.strip() for piece in pieces):
            self._keep(
                MimeLeaf(
                    path=(*path, "(outside the parts)"),
                    name=None,
                    declared=declared,
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

    def _keep(self, leaf: MimeLeaf) -> None:
        """Keep a leaf. Raises: Unreadable, where there are more of them than any mail has."""
        if len(self._leaves) >= MAX_LEAVES:
            raise Unreadable(GapReason.TOO_BIG)
        self._leaves[leaf] = None

    @property
    def leaves(self) -> tuple[MimeLeaf, ...]:
        """The leaves, each once, however many readings come to it."""
        return tuple(self._leaves)

    def gap(self, path: Path, media_type: str, reason: GapReason) -> None:
        """Add a gap, once."""
        gap = Gap(path=path or (media_type,), media_type=media_type, reason=reason)
        if gap not in self.marks[-2:]:
            self.marks.append(gap)


def open_leaf(leaf: MimeLeaf, encoded: bytes) -> Iterator[Source | Gap]:
    """Undo the transfer encoding of a leaf; damage is read as far as it goes, and is a gap besides."""
    for raw, reason in readings(encoded, leaf.transfer_encoding):
        if reason is not None:
            yield Gap(path=leaf.path, media_type=leaf.declared or OCTETS, reason=reason)
        yield Source(
            raw=raw,
            path=leaf.path,
            name=leaf.name,
            declared=leaf.declared,
            charset=leaf.charset,
            attachment=leaf.attachment,
        )


def inline(leaf: MimeLeaf) -> bytes:
    """Give the bytes of a leaf that has no segments."""
    return b"".join(piece for piece in leaf.pieces if isinstance(piece, bytes))
