"""Plain text, and delimited tables, which are text with a shape.

In: text in any encoding of the ladder. Out: a Table where an attachment is one, else a Text; Sources for uuencoded files in it. Fails: never.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from gateway.model import Gap, GapReason, Leaf, Path, Table, Text
from gateway.unpack._budget import Budget
from gateway.unpack._embedded import embedded
from gateway.unpack._encoding import Decoded, decode, sure_encoding
from gateway.unpack._free_text import HEADER_TYPE
from gateway.unpack._headers import decode_words
from gateway.unpack._media_type import TEXT
from gateway.unpack._source import Source
from gateway.unpack.csv import FoundTable, LongTable, framed, read_column, read_long_table, read_table
from gateway.unpack.records import Records, may_hold_records, records_in

if TYPE_CHECKING:
    import pandas as pd

WRITTEN_LINE_ENDS = (
    3  # as "\\n", by JSON, calendars, logs: from here on a text is read with lines in their place, too
)
LIST_LINES, LIST_WIDTH = 5, 40  # from so many lines on, none of them longer, a text may be a list
_LONG_LINE = re.compile(rf"[^\r\n]{{{LIST_WIDTH + 1}}}")
LONG_BYTES = 4 << 20  # from here on a table is read block by block


class _Text:
    media_types = frozenset({TEXT})

    def unpack(self, source: Source, media_type: str, budget: Budget) -> Iterator[Leaf | Source]:  # noqa: ARG002
        """Read a text, and what stands in it in another dress."""
        if source.attachment and (table := _long_table(source)) is not None:
            yield from table
            yield from embedded(source, budget)
            return
        decoded: Decoded | None = decode(source.raw, source.charset)
        if decoded is not None and decoded.damaged:
            yield Gap(path=source.path, media_type=TEXT, reason=GapReason.CORRUPT)
        while decoded is not None:  # both readings, where two are plausible
            yield from _read(source, decoded)
            decoded = decoded.alternative
        yield from embedded(source, budget)


UNPACKER = _Text()


def as_leaves(source: Source, media_type: str, text: str) -> Iterator[Leaf]:
    """Give text that a document holds as a Table if it is one, else as a Text; what is none gives nothing."""
    found, swallowed = read_table(text) if source.attachment else (None, False)
    if found is not None:
        yield from _found(source, found, None, media_type)
    if (found is None or swallowed) and text.strip():
        yield Text(path=source.path, media_type=media_type, encoding=None, content=text)


def _found(
    source: Source,
    found: FoundTable,
    encoding: str | None,
    media_type: str,
    more: Callable[[], Iterable[pd.DataFrame]] = tuple,
) -> Iterator[Leaf]:
    """Give a table, and its title as text."""
    yield Table(
        path=source.path,
        media_type=media_type,
        encoding=encoding,
        frame=found.frame,
        header=found.header,
        more=more,
    )
    if found.title:
        yield Text(path=source.path, media_type=media_type, encoding=encoding, content=found.title)


def _long_table(source: Source) -> Iterator[Leaf] | None:
    """Read a long table without holding its text; None for what is short, doubtful in any way, or no table."""
    if len(source.raw) < LONG_BYTES or may_hold_records(source.raw):
        return None
    encoding = sure_encoding(source.raw, source.charset)
    table = read_long_table(source.raw, encoding) if encoding is not None else None
    return None if table is None or encoding is None else _long_leaves(source, table, encoding)


def _long_leaves(source: Source, table: LongTable, encoding: str) -> Iterator[Leaf]:
    yield from _found(source, table.first, encoding, table.first.media_type, table.more)
    if table.swallowed():
        content = source.raw.decode(encoding)
        yield Text(path=source.path, media_type=TEXT, encoding=encoding, content=content)


def _is_list(source: Source, text: str) -> bool:
    """Tell whether an attachment in which nothing parts columns may be a table of one: by its name, or by its short lines."""
    if not source.attachment:
        return False
    if (source.name or "").lower().endswith((".csv", ".tsv")) or source.declared == "text/csv":
        return True
    lines = text.split("\n", LIST_LINES)
    is_long = len(lines) > LIST_LINES and "。" not in text and not _LONG_LINE.search(text)
    return is_long and not _is_form(text)


def _is_form(text: str) -> bool:
    """Tell whether lines begin with labels that come again, 氏名：… or 氏　　名　…: records of several lines, which are read as a text."""
    lines = [line for line in text[:FORM_CHARACTERS].splitlines() if line.strip()]
    labels = [match[1] for match in map(_LABEL.match, lines) if match]
    return len(labels) >= len(lines) / 2 and 1 < len(set(labels)) <= len(labels) / 2


FORM_CHARACTERS = 4000  # that tell
_LABEL = re.compile(r"\s*([^\s:：]{1,10}(?=\s*[:：])|\w[ \u3000]+\w(?=[ \u3000]))")


def _read(source: Source, decoded: Decoded) -> Iterator[Leaf]:
    records, rest = records_in(decoded.text) if source.attachment else ([], decoded.text)
    if source.declared == HEADER_TYPE:  # of a mail that came back
        rest = decode_words(rest)
    for number, one in enumerate(records, 1):
        path = source.path if len(records) == 1 else (*source.path, f"table {number}")
        yield _table(path, decoded.encoding, one)
    found, swallowed = read_table(decoded.text) if source.attachment and not records else (None, False)
    if found is not None:
        yield from _found(source, found, decoded.encoding, found.media_type)
    elif not records and _is_list(source, rest) and (column := read_column(rest)) is not None:
        yield from _found(source, column.first, decoded.encoding, column.first.media_type, column.more)
    if (found is None or swallowed) and (rest.strip() or not records):
        yield Text(path=source.path, media_type=TEXT, encoding=decoded.encoding, content=rest)
        if rest.count("\\n") >= WRITTEN_LINE_ENDS:
            lines = rest.replace("\\r", "").replace("\\n", "\n")
            yield Text(path=source.path, media_type=TEXT, encoding=decoded.encoding, content=lines)


def _table(path: Path, encoding: str, records: Records) -> Table:
    """Make a Table of records; those without heading may have it in their first row."""
    if not records.heading:
        frame, header, _ = framed(records.rows)
        return Table(path=path, media_type=records.kind, encoding=encoding, frame=frame, header=header)
    frame, _, _ = framed([list(records.heading), *records.rows], heading=0)
    return Table(path=path, media_type=records.kind, encoding=encoding, frame=frame, header=True)
