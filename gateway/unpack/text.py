"""Plain text, and delimited tables, which are text with a shape.

In: text in any encoding of the ladder. Out: a Table where an attachment is one, else a Text; Sources for uuencoded files in it. Fails: never.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.model import Gap, GapReason, Leaf, Path, Table, Text
from gateway.unpack._budget import Budget
from gateway.unpack._embedded import embedded
from gateway.unpack._encoding import Decoded, decode
from gateway.unpack._media_type import TEXT
from gateway.unpack._source import Source
from gateway.unpack.csv import framed, read_table
from gateway.unpack.records import Records, records_in


class _Text:
    media_types = frozenset({TEXT})

    def unpack(self, source: Source, media_type: str, budget: Budget) -> Iterator[Leaf | Source]:  # noqa: ARG002
        """Read a text, and what stands in it in another dress."""
        decoded: Decoded | None = decode(source.raw, source.charset)
        if decoded is not None and decoded.damaged:
            yield Gap(path=source.path, media_type=TEXT, reason=GapReason.CORRUPT)
        while decoded is not None:  # both readings, where two are plausible
            yield from _read(source, decoded)
            decoded = decoded.alternative
        yield from embedded(source, budget)


UNPACKER = _Text()


def as_leaves(source: Source, media_type: str, text: str) -> Iterator[Leaf]:
    """Give text that a document holds as a Table if it is one, else as a Text."""
    found = read_table(text) if source.attachment else None
    if found is not None:
        yield Table(
            path=source.path, media_type=media_type, encoding=None, frame=found.frame, header=found.header
        )
    if (found is None or not found.whole) and text.strip():
        yield Text(path=source.path, media_type=media_type, encoding=None, content=text)


def _read(source: Source, decoded: Decoded) -> Iterator[Leaf]:
    records, rest = records_in(decoded.text) if source.attachment else ([], decoded.text)
    for number, one in enumerate(records, 1):
        path = source.path if len(records) == 1 else (*source.path, f"table {number}")
        yield _table(path, decoded.encoding, one)
    found = read_table(decoded.text) if source.attachment and not records else None
    if found is not None:
        yield Table(
            path=source.path,
            media_type=found.media_type,
            encoding=decoded.encoding,
            frame=found.frame,
            header=found.header,
        )
    if (found is None or not found.whole) and (rest.strip() or not records):
        yield Text(path=source.path, media_type=TEXT, encoding=decoded.encoding, content=rest)


def _table(path: Path, encoding: str, records: Records) -> Table:
    """Make a Table of records; those without heading may have it in their first row."""
    if not records.heading:
        frame, header, _ = framed(records.rows)
        return Table(path=path, media_type=records.kind, encoding=encoding, frame=frame, header=header)
    frame, _, _ = framed([list(records.heading), *records.rows], heading=0)
    return Table(path=path, media_type=records.kind, encoding=encoding, frame=frame, header=True)
