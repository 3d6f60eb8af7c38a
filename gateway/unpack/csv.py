"""Delimited tables: CSV, TSV and their kin (RFC 4180, and what is really sent).

In: a text, or the bytes of a long one. Out: FoundTable, LongTable, or None where the text is none. Fails: never.

The delimiter is what cuts the lines into equally many fields; whether the first line is a heading is read from the
lines. No row is ever dropped: short ones are filled up, long ones widen the table.
"""

from __future__ import annotations

import csv
import io
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING

import regex

if TYPE_CHECKING:
    import pandas as pd

DELIMITERS = {",": "text/csv", "\t": "text/tab-separated-values", ";": "text/csv", "|": "text/csv"}
SAMPLE_LINES = 50
SAMPLE_BYTES = 256 << 10
BLOCK_ROWS = 2000  # of a long table that are held at a time
SAME_WIDTH = 0.8  # share of sample rows that must be equally wide
HEADER_ROWS = 5  # a heading may stand under a title
LINE_ENDS = ("\r\n", *"\r\v\f\x1c\x1d\x1e\x85\u2028\u2029")  # as str.splitlines knows them
MAX_CELL = 64 << 10  # a longer cell has swallowed what follows an open quote

HEADING = regex.compile(
    r"氏名|名前|姓名|^姓$|^名$|かな|カナ|フリガナ|ふりがな|メール|mail|電話|tel|phone|fax|携帯|郵便|〒|zip|postal|住所|address|都道府県|市区町村|"
    r"生年月日|誕生|birth|性別|gender|sex|年齢|^age$|学年|番号|no\.?$|^id$|_id$|コード|code|区分|日付|日時|date|備考|note|会社|部署|役職|"
    r"商品|品名|品番|価格|単価|金額|数量|店名|店舗|施設|名称|^name|name$|種別|可否|有無|国籍|続柄|所属",
    regex.I,
)
_SAYS_ANYTHING = regex.compile(r'[^\s"]')
_VALUE = regex.compile(r"\d{3,}|@|\d[-/年.:]\d|^\d+$|〒")

csv.field_size_limit(1 << 30)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundTable:
    """A table in a text: all of it, or the first rows of a long one; `title` is what stands above the heading."""

    frame: pd.DataFrame
    header: bool
    media_type: str
    title: str


def read_table(text: str) -> tuple[FoundTable | None, bool]:
    """Find the table that a text is; tell whether a cell has swallowed text, which then has to be read as such."""
    delimiter = _delimiter(text)
    if delimiter is None:
        return None, False
    rows = list(filled(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)))
    if not rows:
        return None, False
    return _found(rows, delimiter), _may_swallow(text) and _longest(rows) >= MAX_CELL


def read_column(text: str) -> LongTable | None:
    """Read a text as a table of one column, line by line; None where there are no two lines."""
    lines = text.strip()
    for end in LINE_ENDS:
        lines = lines.replace(end, "\n")
    if "\n" not in lines or not _SAYS_ANYTHING.search(lines):
        return None
    return LongTable(lines.encode("utf-8", "replace"), "utf-8", None)


_BULLET = regex.compile(r"\A(?:[・●■◆○◇□▪•*]|[(（]?[0-9０-９]{1,4}[.)．）、])\s*(?=\D)")


def _cell(line: str) -> list[str]:
    """Give the one cell of a line, without what numbers the items of a list."""
    return [_BULLET.sub("", line.strip().strip('"'), count=1)]


class LongTable:
    """A table that is too long to be held: it is read from its bytes each time somebody asks for the rows.

    Without a delimiter, each line is a row of one cell.
    """

    def __init__(self, raw: bytes, encoding: str, delimiter: str | None) -> None:
        self._raw = raw
        self._encoding = encoding
        self._delimiter = delimiter
        # The longest cell is known when all rows were read once, or when none can be long.
        self._longest = None if _may_swallow(raw) else 0
        self.first = _found(next(self._blocks()), delimiter or ",")

    def more(self) -> Iterator[pd.DataFrame]:
        """Give the rows beyond the first, frame by frame, under the same heading."""
        labels = list(self.first.frame.columns)
        for rows in islice(self._blocks(), 1, None):
            yield _frame(rows, labels, self.first.header)

    def swallowed(self) -> bool:
        """Tell whether a cell has swallowed text."""
        if self._longest is None:
            deque(self._blocks(), maxlen=0)
        return (self._longest or 0) >= MAX_CELL

    def _blocks(self) -> Iterator[list[list[str]]]:
        lines = io.TextIOWrapper(io.BytesIO(self._raw), encoding=self._encoding, newline="")
        longest = 0
        unknown = self._longest is None
        block: list[list[str]] = []
        rows = csv.reader(lines, delimiter=self._delimiter) if self._delimiter else map(_cell, lines)
        for row in filled(rows):
            # What may be the end of one table and the heading of the next stays together.
            if len(block) >= BLOCK_ROWS and any(row) and all(map(any, block[-3:])):
                longest = max(longest, _longest(block)) if unknown else 0
                yield block
                block = []
            block.append(row)
        if unknown:
            self._longest = max(longest, _longest(block))
        yield block


def read_long_table(raw: bytes, encoding: str) -> LongTable | None:
    """Find the table that a long text is, whose encoding is known."""
    delimiter = _delimiter(raw[:SAMPLE_BYTES].decode(encoding, "replace"))
    return None if delimiter is None else LongTable(raw, encoding, delimiter)


def filled(rows: Iterable[list[str]]) -> Iterator[list[str]]:
    """Leave out empty rows, but one where the heading of a further table follows, or its title and its heading."""
    held: list[list[str]] = []  # the empty row, and what may be a title
    begun = False
    for row in rows:
        if not any(row):
            yield from held[1:]
            held = [row]
            continue
        if held and begun:
            if len(held) == 1 and sum(map(bool, row)) == 1:
                held.append(row)
                continue
            yield from held if _names_columns(row) else held[1:]
        if held:
            held = []
        begun = True
        yield row
    yield from held[1:]


def _found(rows: Sequence[list[str]], delimiter: str) -> FoundTable:
    frame, header, skipped = framed(rows)
    title = "\n".join(delimiter.join(row) for row in rows[:skipped])
    return FoundTable(frame=frame, header=header, media_type=DELIMITERS[delimiter], title=title)


def _may_swallow(text: str | bytes) -> bool:
    """Tell whether a cell may be long at all: there is a quote, or a long line."""
    quote, end = ('"', "\n") if isinstance(text, str) else (b'"', b"\n")
    if quote in text:  # type: ignore[operator]
        return True
    step = (
        MAX_CELL // 4
    )  # so many characters without a line's end are in each longer line, wherever it begins
    return any(
        text.find(end, start, start + step) < 0  # type: ignore[arg-type]
        for start in range(0, len(text) - step, step)
    )


def _longest(rows: Iterable[Iterable[str]]) -> int:
    return max(map(len, chain.from_iterable(rows)), default=0)


def framed(rows: Sequence[Sequence[str]], *, heading: int | None = None) -> tuple[pd.DataFrame, bool, int]:
    """Make a frame of rows: find the heading unless it is known, even up the widths. Gives the rows before it, too."""
    heading = heading_row(rows) if heading is None else heading
    width = max(map(len, rows))
    if heading is None:
        return _frame(rows, range(width), header=False), False, 0
    labels = [cell.strip().strip("\ufeff") for cell in rows[heading]]
    return _frame(rows[heading + 1 :], labels + [""] * (width - len(labels)), header=True), True, heading


def _frame(rows: Sequence[Sequence[str]], labels: Sequence[str] | range, header: bool) -> pd.DataFrame:
    """Make a frame as wide as its labels and its longest row."""
    import pandas as pd  # noqa: PLC0415 - half a second and 100 MB, for those only who have tables

    width = max(len(labels), max(map(len, rows), default=0))
    even = [row if len(row) == width else [*row, *[""] * (width - len(row))] for row in rows]
    columns = [*labels, *[""] * (width - len(labels))] if header else range(width)
    return pd.DataFrame(even, columns=pd.Index(columns, dtype=object), dtype=object)


def heading_row(rows: Sequence[Sequence[str]]) -> int | None:
    """Find the row that names the columns, if one does."""
    width = Counter(len(row) for row in rows[:SAMPLE_LINES]).most_common(1)[0][0]
    for number, row in enumerate(rows[:HEADER_ROWS]):
        cells = [cell.strip() for cell in row if cell.strip()]
        if _spans(row, rows[number + 1 : number + 2]):
            return number
        if len(cells) < max(1, width * 0.6):
            continue  # a title line
        known = _known(cells)
        values = sum(bool(_VALUE.search(cell)) for cell in cells)
        if known * 2 >= len(cells) or (known >= 1 and values == 0):
            return number
        if values == 0 and len(set(cells)) == len(cells) and _differs_below(rows, number):
            return number
        return None
    return None


def _spans(row: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Tell whether a row is the upper one of two with headings: something stands below where it spans columns, and only there."""
    if not below or len(row) != len(below[0]) or not row[0].strip():
        return False
    above = [cell.strip() for cell in row]
    spanning = [not one or not after for one, after in zip(above, [*above[1:], "x"], strict=True)]
    under = [cell.strip() for cell in below[0]]
    return (
        sum(map(bool, above)) > 1
        and [bool(cell) for cell in under] == spanning
        and not any(map(_VALUE.search, (*above, *under)))
        and _known([cell for cell in under if cell]) > 0
    )


def _known(cells: Sequence[str]) -> int:
    return sum(bool(HEADING.search(cell)) and len(cell) <= 24 for cell in cells)


def _names_columns(row: Sequence[str]) -> bool:
    """Tell whether a row by itself looks like a heading."""
    cells = [cell.strip() for cell in row if cell.strip()]
    return len(cells) > 1 and _known(cells) * 2 > len(cells) and not any(map(_VALUE.search, cells))


def _differs_below(rows: Sequence[Sequence[str]], number: int) -> bool:
    """Tell whether the rows below have values (digits, addresses) in columns where this one has words."""
    below = rows[number + 1 : number + 21]
    return bool(below) and any(
        sum(bool(_VALUE.search(row[column])) for row in below if column < len(row)) * 2 > len(below)
        for column in range(len(rows[number]))
    )


def _delimiter(text: str) -> str | None:
    """Find the delimiter that cuts the first lines evenly; None where nothing does."""
    sample = text[:SAMPLE_BYTES]
    best: tuple[float, str] | None = None
    for delimiter in DELIMITERS:
        if delimiter not in sample:
            continue
        rows = []
        for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter):
            if any(row):
                rows.append(len(row))
            if len(rows) > SAMPLE_LINES:
                break
        if len(rows) < 2:
            continue
        width, times = Counter(rows).most_common(1)[0]
        if width > 1 and times >= SAME_WIDTH * len(rows) and (best is None or times * width > best[0]):
            best = (times * width, delimiter)
    return None if best is None else best[1]
