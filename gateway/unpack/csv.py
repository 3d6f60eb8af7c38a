"""Delimited tables: CSV, TSV and their kin (RFC 4180, and what is really sent).

In: a text. Out: FoundTable, or None where the text is none. Fails: never.

The delimiter is what cuts the lines into equally many fields; whether the first line is a heading is read from the
lines. No row is ever dropped: short ones are filled up, long ones widen the table.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import regex

if TYPE_CHECKING:
    import pandas as pd

DELIMITERS = {",": "text/csv", "\t": "text/tab-separated-values", ";": "text/csv", "|": "text/csv"}
SAMPLE_LINES = 50
SAME_WIDTH = 0.8  # share of sample rows that must be equally wide
HEADER_ROWS = 5  # a heading may stand under a title
MAX_CELL = 64 << 10  # a longer cell has swallowed what follows an open quote

HEADING = regex.compile(
    r"氏名|名前|姓名|^姓$|^名$|かな|カナ|フリガナ|ふりがな|メール|mail|電話|tel|phone|fax|携帯|郵便|〒|zip|postal|住所|address|都道府県|市区町村|"
    r"生年月日|誕生|birth|性別|gender|sex|年齢|^age$|学年|番号|no\.?$|^id$|_id$|コード|code|区分|日付|日時|date|備考|note|会社|部署|役職|"
    r"商品|品名|品番|価格|単価|金額|数量|店名|店舗|施設|名称|^name|name$|種別|可否|有無|国籍|続柄|所属",
    regex.I,
)
_VALUE = regex.compile(r"\d{3,}|@|\d[-/年.]\d|^\d+$|〒")

csv.field_size_limit(1 << 30)


@dataclass(frozen=True, slots=True)
class FoundTable:
    """A table in a text; `whole` tells whether all of the text went into it."""

    frame: pd.DataFrame
    header: bool
    media_type: str
    whole: bool


def read_table(text: str) -> FoundTable | None:
    """Find the table that a text is."""
    delimiter = _delimiter(text)
    if delimiter is None:
        return None
    rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if any(row)]
    if not rows:
        return None
    whole = max(max(map(len, row)) for row in rows) < MAX_CELL
    frame, header, skipped = framed(rows)
    return FoundTable(frame, header, DELIMITERS[delimiter], whole and not skipped)


def framed(rows: Sequence[Sequence[str]], *, heading: int | None = None) -> tuple[pd.DataFrame, bool, int]:
    """Make a frame of rows: find the heading unless it is known, even up the widths. Gives the rows before it, too."""
    import pandas as pd  # noqa: PLC0415 - half a second and 100 MB, for those only who have tables

    heading = heading_row(rows) if heading is None else heading
    body = rows if heading is None else rows[heading + 1 :]
    width = max(map(len, rows))
    filled = [row if len(row) == width else [*row, *[""] * (width - len(row))] for row in body]
    columns: list[str] | range = range(width)
    if heading is not None:
        columns = [cell.strip().strip("\ufeff") for cell in rows[heading]]
        columns += [""] * (width - len(columns))
    return (
        pd.DataFrame(filled, columns=pd.Index(columns, dtype=object), dtype=object),
        heading is not None,
        heading or 0,
    )


def heading_row(rows: Sequence[Sequence[str]]) -> int | None:
    """Find the row that names the columns, if one does."""
    width = Counter(len(row) for row in rows[:SAMPLE_LINES]).most_common(1)[0][0]
    for number, row in enumerate(rows[:HEADER_ROWS]):
        cells = [cell.strip() for cell in row if cell.strip()]
        if len(cells) < max(1, width * 0.6):
            continue  # a title line
        known = sum(bool(HEADING.search(cell)) and len(cell) <= 24 for cell in cells)
        values = sum(bool(_VALUE.search(cell)) for cell in cells)
        if known * 2 >= len(cells) or (known >= 1 and values == 0):
            return number
        if values == 0 and len(set(cells)) == len(cells) and _differs_below(rows, number):
            return number
        return None
    return None


def _differs_below(rows: Sequence[Sequence[str]], number: int) -> bool:
    """Tell whether the rows below have values (digits, addresses) in columns where this one has words."""
    below = rows[number + 1 : number + 21]
    return bool(below) and any(
        sum(bool(_VALUE.search(row[column])) for row in below if column < len(row)) * 2 > len(below)
        for column in range(len(rows[number]))
    )


def _delimiter(text: str) -> str | None:
    """Find the delimiter that cuts the first lines evenly; None where nothing does."""
    sample = text[: 256 << 10]
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
