"""Find the tables on a sheet: headings below a title, several tables one below the other, tables that lie on their side.

In: a data frame with or without headings. Out: for each table its columns, heading and cells as strings. Fails: never.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache, partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from detectors import _form, _name_heading, email_address, name, phone
from detectors._entity import names_subject
from detectors._fold import fold_cell, fold_label
from detectors._model import Detector
from detectors._words import ANNOUNCED

if TYPE_CHECKING:
    import pandas as pd

Cells = list[tuple[str | None, list[str]]]

_TITLE_ROWS = 8  # above the headings
_MOST_ITEMS = 60  # of each record of a table that lies on its side; it may have any number of those
_INDENTED = 3  # columns of which one has its headings: before it is nothing, or what spans them


def tables(frame: pd.DataFrame, detectors: Sequence[Detector], *, header: bool) -> list[Cells]:
    """Give the tables of a sheet; each column as strings under its heading, or under None."""
    kinds = tuple(detectors)
    grid = [strings(frame.iloc[:, place].tolist()) for place in range(frame.shape[1])]
    labels = [_heading(label, kinds) for label in frame.columns] if header else None
    return _tables(labels, grid, kinds)


def _tables(labels: list[str] | None, grid: list[list[str]], kinds: tuple[Detector, ...]) -> list[Cells]:
    whole = _given_back(labels, grid) if labels else grid
    if (form := _form.records(whole, partial(_announces, kinds=kinds), _is_value)) is not None:
        cells, end = form
        below = [column[end:] for column in whole]
        return [cells, *(_tables(None, below, kinds) if below[0] else ())]
    if labels is not None and (_is_record(labels) or _lies(labels, grid, kinds) is not None):
        # The reader took the first record for headings: give it back.
        grid, labels = _given_back(labels, grid), None
    if labels is None and (place := _lies(None, grid, kinds)) is not None:
        down = grid[place]
        records = [cells for cells in grid[place + 1 :] if not _form.describes(zip(down, cells, strict=True))]
        return [[(label, [cells[row] for cells in records]) for row, label in enumerate(down)]]
    if labels is None or not any(_announces(label, kinds) for label in labels):
        row = _heading_row(grid, 0, _TITLE_ROWS, kinds, alone=labels is None)
        if row is not None:
            labels, grid = [cells[row] for cells in grid], [cells[row + 1 :] for cells in grid]
    labels, grid = _in_two_rows(labels, grid, kinds)
    return [table for table in _sections(labels, grid, kinds) if not table or table[0][1]] or [
        [(label, []) for label in labels or ()]
    ]


def _given_back(labels: Sequence[str], grid: list[list[str]]) -> list[list[str]]:
    """Put back as the first row what a reader took for headings."""
    return [
        ["" if _SPANNED.fullmatch(label) else label, *cells]
        for label, cells in zip(labels, grid, strict=True)
    ]


def further(frame: pd.DataFrame, detectors: Sequence[Detector], labels: Sequence[str | None]) -> list[Cells]:
    """Give the tables of a sheet that goes on: the first belongs to the table before, which has these labels."""
    grid = [strings(frame.iloc[:, place].tolist()) for place in range(frame.shape[1])]
    if not any(label is not None for label in labels):
        return _sections(None, grid, tuple(detectors))
    if _form.goes_on(grid, labels):
        return [[(label, []) for label in labels], *_tables(None, grid, tuple(detectors))]
    if len(labels) == 2 * len(grid):
        grid = _folded(grid)
    grid += [[""] * len(grid[0]) for _ in range(len(labels) - len(grid))]
    more = [""] * (len(grid) - len(labels))
    return _sections([*(label or "" for label in labels), *more], grid, tuple(detectors))


def blocks(frame: pd.DataFrame, rows: int) -> Iterator[pd.DataFrame]:
    """Cut a frame into blocks of so many rows, and of half as many more at its end; none ends where a table may end."""
    start = 0
    while len(frame) - start > rows + rows // 2:
        end = start + rows
        while end < len(frame) and any(_is_empty(frame, row) for row in range(end - _NEAR, end)):
            end += 1
        yield frame.iloc[start:end]
        start = end
    yield frame.iloc[start:] if start else frame


_NEAR = 3  # an empty row, and the two of which one may be a heading


def _is_empty(frame: pd.DataFrame, row: int) -> bool:
    return not any(strings(frame.iloc[row].tolist()))


def _sections(
    labels: Sequence[str] | None, grid: list[list[str]], kinds: tuple[Detector, ...]
) -> list[Cells]:
    """Cut a sheet where, below an empty row, other headings follow."""
    size = len(grid[0]) if len(grid) > 1 else 0  # further down, what stands alone in its row is no heading
    empty = [row for row, cell in enumerate(grid[0]) if not cell] if size else []
    empty = [row for row in empty if not any(cells[row] for cells in grid)]
    found: list[Cells] = []
    start = 0
    for row in empty:
        if row < start or row + 1 >= size:
            continue
        heading = _heading_row(grid, row + 1, 2, kinds)
        if heading is None:
            continue
        found.append(_cells(labels, [cells[start:row] for cells in grid], kinds))
        labels, rest = _in_two_rows(
            [cells[heading] for cells in grid], [cells[heading + 1 :] for cells in grid], kinds
        )
        start = size - len(rest[0])
    found.append(_cells(labels, [cells[start:] for cells in grid] if start else grid, kinds))
    return found


def _cells(labels: Sequence[str] | None, grid: list[list[str]], kinds: tuple[Detector, ...]) -> Cells:
    if labels is None:
        return [(None, cells) for cells in grid]
    if _are_two_lines(labels, grid, kinds):
        labels, grid = [*labels, *(cells[0] for cells in grid)], _folded([cells[1:] for cells in grid])
    return list(zip(labels, grid, strict=True))


def _heading_row(
    grid: list[list[str]], start: int, rows: int, kinds: tuple[Detector, ...], *, alone: bool = False
) -> int | None:
    """Give the first of some rows that holds headings; a heading may stand `alone` only at the top of a list."""
    size = len(grid[0]) if grid else 0
    for row in range(start, min(start + rows, size)):
        cells = [column[row] for column in grid]
        if _is_heading(cells, kinds, alone=alone and row == start) or _is_calendar(cells):
            return row
    return None


def _in_two_rows(
    labels: list[str] | None, grid: list[list[str]], kinds: tuple[Detector, ...]
) -> tuple[list[str] | None, list[list[str]]]:
    """Join headings with those that stand under them: 氏名 above 姓 and 名, 連絡先 above 自宅 and 携帯.

    Below each heading that spans columns something stands in all of them, below the others nothing.
    """
    if labels is None or not grid or not grid[0]:
        return labels, grid
    below = [cells[0] for cells in grid]
    above = ["" if _SPANNED.fullmatch(label) else label for label in labels]
    if not above[0] or all(above) or _has_value(below):
        return labels, grid
    spanning = [not one or not after for one, after in zip(above, [*above[1:], "x"], strict=True)]
    if not all(bool(cell) == spans for cell, spans in zip(below, spanning, strict=True)):
        return labels, grid
    if not any(_announces(cell, kinds) for cell in below if cell):
        return labels, grid
    whole = ""
    joined = [(whole := one or whole) + cell for one, cell in zip(above, below, strict=True)]
    told = [
        one if any(detector.header(fold_label(one)) for detector in kinds) else cell or one
        for one, cell in zip(joined, below, strict=True)
    ]
    return told, [cells[1:] for cells in grid]


def _are_two_lines(labels: Sequence[str], grid: list[list[str]], kinds: tuple[Detector, ...]) -> bool:
    """Tell whether each record takes two rows: below headings stand others, for other things (氏名 生年月日, フリガナ 電話番号)."""
    if not grid or len(grid[0]) <= _RECORDS_OF_TWO_LINES:
        return False
    below = [cells[0] for cells in grid]
    if _has_value(below) or sum(_announces(cell, kinds) for cell in below) * 2 <= sum(map(bool, below)):
        return False
    pairs = [(_said(one, kinds), _said(other, kinds)) for one, other in zip(labels, below, strict=True)]
    return any(one and other and one.isdisjoint(other) for one, other in pairs)


def _said(cell: str, kinds: tuple[Detector, ...]) -> set[str]:
    """Give the kinds that a heading announces beyond doubt."""
    return (
        {one.kind for one in kinds if one.header(fold_label(cell)) == 1.0} if len(cell) <= _LONGEST else set()
    )


_RECORDS_OF_TWO_LINES = 2


def _folded(grid: list[list[str]]) -> list[list[str]]:
    """Put the second row of each record beside its first."""
    odd = len(grid[0]) % 2
    return [*(cells[::2] for cells in grid), *([*cells[1::2], *[""] * odd] for cells in grid)]


_SPANNED = re.compile(r"|[Uu]nnamed: ?\d+(?:_level_\d+)?")


def _is_heading(cells: Sequence[str], kinds: tuple[Detector, ...], *, alone: bool = False) -> bool:
    """Tell whether a row holds headings: most of its cells are such, or two are and none looks like data."""
    filled = [cell for cell in cells if cell]
    if len(filled) == 1:
        return alone and _announces(filled[0], kinds)
    known = sum(_announces(cell, kinds) for cell in filled)
    words = len(set(filled)) == len(filled) and not _has_value(filled)
    return known > len(filled) / 2 or (known > 1 and words)


def _is_calendar(cells: Sequence[str]) -> bool:
    """Tell whether a row heads a roster of who works when: 氏名 1 2 3 …."""
    first, *others = [cell for cell in cells if cell] or [""]
    days = [int(match[1]) for cell in others if (match := _DAY.fullmatch(cell))]
    steps = {later - day for day, later in pairwise(days)}
    return (
        len(days) >= _WEEK and len(days) == len(others) and steps == {1} and _name_heading.is_explicit(first)
    )


_WEEK = 7
_DAY = re.compile(r"([0-9]{1,2})日?(?:\([月火水木金土日]\))?")


@lru_cache(maxsize=4096)
def _announces(cell: str, kinds: tuple[Detector, ...]) -> bool:
    """Tell whether a cell is a heading beyond doubt."""
    if len(cell) > _LONGEST:
        return False
    label = fold_label(cell)
    return (
        any(detector.header(label) == 1.0 for detector in kinds)
        or names_subject(label)
        or (_name_heading.is_explicit(label) and name.header(label) > 0)  # 保護者氏名, 児童名
    )


_LONGEST = 16


@lru_cache(maxsize=4096)
def _is_value(cell: str) -> bool:
    """Tell whether a cell is no heading beyond doubt."""
    return _has_value([cell]) or name.cell(fold_cell(cell)) is not None


def _has_value(cells: Iterable[str]) -> bool:
    """Tell whether some of a row is no heading by its letters."""
    return any(c.isdigit() or c == "@" for c in "".join(cells))


def _lies(labels: Sequence[str] | None, grid: list[list[str]], kinds: tuple[Detector, ...]) -> int | None:
    """Give the column down which the headings of a table that lies on its side run; none run along its first row."""
    if len(grid) < 2 or len(grid[0]) > _MOST_ITEMS:
        return None
    along = list(labels) if labels else [cells[0] for cells in grid if cells]
    for place, cells in enumerate(grid[:_INDENTED]):
        down = [*(labels[place : place + 1] if labels else ()), *cells]
        if len(down) > 1 and _is_heading(down, kinds):
            return None if any(_announces(one, kinds) for one in along[place + 1 :]) else place
        if sum(map(bool, cells)) * 2 > len(cells):
            return None
    return None


def _is_record(labels: Sequence[str]) -> bool:
    """Tell whether headings are in truth the cells of a record."""
    return any(
        email_address.cell(label) or (phone.cell(label) and len(label) > _SHORTEST_PHONE) for label in labels
    )


_SHORTEST_PHONE = 9


def strings(values: list[Any]) -> list[str]:
    """Give cells as strings: numbers without .0, dates as ISO, nothing as ""."""
    if set(map(type, values)) <= _STRINGS:
        return values
    return [value if type(value) is str else _string(value) for value in values]


_STRINGS = {str}


def _heading(label: object, kinds: tuple[Detector, ...]) -> str:
    """Give a heading as one string: of one in several rows all that is written there, or the lowest where that says more."""
    if not isinstance(label, tuple):
        return _string(label)
    rows = [
        row for row in map(_string, label) if row and not row.startswith("Unnamed: ")
    ]  # pandas's word for empty
    whole = "".join(rows)
    says = any(detector.header(fold_label(whole)) >= ANNOUNCED for detector in kinds)
    return whole if says else "".join(rows[-1:])


def _string(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        if math.isnan(value):
            return ""
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else str(value)
    if isinstance(value, datetime):  # pandas.Timestamp and NaT are datetimes as well
        return value.date().isoformat() if value == value else ""
    text = str(value)
    return "" if text in ("<NA>", "None", "NaT") else text
