"""Workbooks: .xlsx, .xlsm, .xlsb (ECMA-376), .xls, .ods: every sheet, hidden ones too, and what stands beside the cells.

In: a workbook. Out: a Table for each sheet, a Text for each comment, header, text box and the like. Fails: Unreadable.

Calamine makes room for the whole rectangle that a sheet spans: one cell at XFD1048576 in a file of 4 KB makes it ask for
512 GiB and abort. So the span of each sheet is read first, from its own XML; where there is none, the worker's limit holds.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from itertools import chain
from typing import TYPE_CHECKING

from gateway.model import Container, Gap, GapReason, Leaf, Path, Table, Text
from gateway.unpack._beside import telling
from gateway.unpack._budget import Budget, Unreadable
from gateway.unpack._markup import Names, read_markup
from gateway.unpack._media_type import ODS, XLS, XLSB, XLSX
from gateway.unpack._number_format import shown_numbers
from gateway.unpack._package import Package, open_package
from gateway.unpack._pivot import DEFINITION, RECORDS, pivoted
from gateway.unpack._sheet_xml import (
    is_sheet,
    misses,
    said_by_formulas,
    spans_too_much,
    without_cells,
)
from gateway.unpack._source import Source, label, unless_bare
from gateway.unpack.csv import filled, framed
from gateway.unpack.html import page_leaves
from gateway.unpack.locked_office import unlocked
from gateway.unpack.office import ODF, WORD, markup_parts, other_parts
from gateway.unpack.xls import beside_the_cells, is_locked

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

# What a sheet says beside its cells, and what caches keep of sheets that are no longer there.
SHEET = Names(
    elements=dict.fromkeys(
        ("oddHeader", "oddFooter", "evenHeader", "evenFooter", "firstHeader", "firstFooter", "formula1"), "p"
    ),
    texts=frozenset(
        {
            "oddHeader",
            "oddFooter",
            "evenHeader",
            "evenFooter",
            "firstHeader",
            "firstFooter",
            "formula1",
            "formula2",
        }
    ),
    attributes=frozenset({"prompt", "promptTitle", "error", "errorTitle", "tooltip", "display"}),
)
CACHE = Names(
    elements={"sheetData": "table", "row": "tr", "cell": "td", "rcc": "p"},
    texts=frozenset({"v", "t"}),
)
STRINGS = Names(
    elements={"si": "p"}, texts=frozenset({"t"}), left_out=frozenset({"rPh"})
)  # rPh: how a name is read
SHAPES = Names(
    elements={"p": "p"}, texts=frozenset({"annotation", "text-box", "custom-shape", "shapes", "forms"})
)
_OTHER_SHEETS = ("xl/chartsheets/", "xl/macrosheets/", "xl/dialogsheets/")
_CACHES = ("xl/externalLinks/", "xl/revisions/", "xl/macrosheets/", "xl/dialogsheets/")
_PIVOTS = (DEFINITION, RECORDS)
_STRINGS = "xl/sharedStrings.xml"


class _Workbook:
    media_types = frozenset({XLSX, XLSB, XLS, ODS})

    def unpack(self, source: Source, media_type: str, budget: Budget) -> Iterator[Leaf | Source]:
        """Open a workbook."""
        yield Container(path=source.path, media_type=media_type)
        if media_type == XLS and is_locked(source.raw):  # calamine only says that it is no workbook
            yield unlocked(source, budget)
            return
        package = Package({}, ()) if media_type == XLS else open_package(source, media_type, budget)
        yield from package.gaps
        if any(spans_too_much(raw) for _, raw in package.matching("xl/worksheets/", end=".xml")):
            raise Unreadable(GapReason.TOO_BIG)
        # Of what is too big calamine would unpack all the same.
        if any(gap.reason is GapReason.TOO_BIG for gap in package.gaps):
            yield from _beside(source, media_type, package, set())
            return
        workbook = _opened(source.raw)
        found = _leaves(source, media_type, package, workbook, budget)
        yield from unless_bare(found, source, media_type) if workbook.sheet_names else found


UNPACKER = _Workbook()


def _leaves(
    source: Source, media_type: str, package: Package, workbook: CalamineWorkbook, budget: Budget
) -> Iterator[Leaf | Source]:
    seen: set[str] = set()
    yield from _sheets(source, media_type, package, workbook, seen, budget)
    if media_type == XLS:
        yield from beside_the_cells(source, seen)
    else:
        yield from _beside(source, media_type, package, seen)


def _cell(value: object) -> str:
    """Write a cell as a person would read it; a telephone number typed as a number comes as a float."""
    match value:
        case str():
            return value
        case bool():
            return "TRUE" if value else "FALSE"
        case float():
            return str(int(value)) if value.is_integer() else repr(value)
        case datetime():
            return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
        case date() | time() | timedelta():
            return str(value)
        case None:
            return ""
    return str(value)


def _opened(raw: bytes) -> CalamineWorkbook:
    import python_calamine  # noqa: PLC0415

    try:
        return python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(raw))
    except python_calamine.PasswordError as error:
        raise Unreadable(GapReason.ENCRYPTED) from error


def _sheets(
    source: Source,
    media_type: str,
    package: Package,
    workbook: CalamineWorkbook,
    seen: set[str],
    budget: Budget,
) -> Iterator[Leaf]:
    """Read the cells of every sheet, and note the texts in them."""
    import python_calamine  # noqa: PLC0415

    sheets = [one for one in workbook.sheets_metadata if one.typ == python_calamine.SheetTypeEnum.WorkSheet]
    parts = [raw for name, raw in package.parts.items() if is_sheet(name, raw)]
    read = 0
    shown: dict[str, dict[tuple[int, int], str]] = {}
    with suppress(Unreadable):  # what cannot be read there is a gap of its own; numbers stay as they are kept
        shown = shown_numbers(package)
    for sheet in sheets:
        budget.spend_member()
        opened = workbook.get_sheet_by_name(sheet.name)
        rows = [
            [value if type(value) is str else _cell(value) for value in row] for row in opened.iter_rows()
        ]
        if formatted := shown.get(sheet.name):
            _write(formatted, rows, opened.start[1] if opened.start else 0)
        rows = list(filled(rows))
        seen.update(chain.from_iterable(rows))
        read += sum(len(row) - row.count("") for row in rows)
        yield from _as_leaves((*source.path, label(sheet.name)), media_type, rows)
    # A sheet that the book does not list, or cells that are there twice: another reader may show them.
    if len(parts) > len(sheets) or misses(read, parts, package.parts.get(_STRINGS, b"")):
        yield Gap(path=source.path, media_type=media_type, reason=GapReason.AMBIGUOUS)


def _write(shown: Mapping[tuple[int, int], str], rows: Sequence[list[str]], left: int) -> None:
    """Put what is shown in place of numbers into rows that begin at the top, and at this column."""
    for (down, across), text in shown.items():
        if down < len(rows) and 0 <= across - left < len(rows[down]):
            rows[down][across - left] = text


def _as_leaves(path: tuple[str, ...], media_type: str, rows: list[list[str]]) -> Iterator[Leaf]:
    if not rows:
        return
    if len(rows) == 1 or max(map(len, rows)) == 1:
        content = "\n".join("\t".join(row) for row in rows)
        yield Text(path=path, media_type=media_type, encoding=None, content=content)
        if max(map(len, rows)) > 1 or len(rows) == 1:
            return
    frame, header, skipped = framed(rows)
    yield Table(path=path, media_type=media_type, encoding=None, frame=frame, header=header)
    if skipped:
        title = "\n".join("\t".join(row) for row in rows[:skipped])
        yield Text(path=path, media_type=media_type, encoding=None, content=title)


def _beside(source: Source, media_type: str, package: Package, seen: set[str]) -> Iterator[Leaf | Source]:
    """Read what is no cell: comments, headers, text boxes, properties, caches, strings that no cell has."""
    if media_type == ODS:
        for name, raw in package.matching("content.xml"):
            yield from _unsaid(read_markup(raw, SHAPES).content(), seen, (*source.path, name), media_type)
        yield from markup_parts(source, media_type, package, ODF, skip=("content.xml",))
        yield from other_parts(source, package)
        return
    sheets = {name: raw for name, raw in package.parts.items() if is_sheet(name, raw)}
    skip = (*sheets, *_OTHER_SHEETS, *_CACHES, *_PIVOTS, _STRINGS)
    yield from markup_parts(source, media_type, package, WORD, skip=skip)
    for name, raw in (*sheets.items(), *package.matching(*_OTHER_SHEETS, end=".xml")):
        page = read_markup(without_cells(raw), SHEET)
        yield from page_leaves(page, (*source.path, name), media_type)
    for name, raw in package.matching(*_CACHES, end=".xml"):
        yield from page_leaves(read_markup(raw, CACHE), (*source.path, name), media_type)
    for name, rows in pivoted(package):
        yield from _as_leaves((*source.path, name), media_type, rows)
    formulas = telling(said_by_formulas(sheets.values()))
    yield from _unsaid("\n".join(formulas), seen, (*source.path, "formulas"), media_type)
    for name, raw in package.matching(_STRINGS):
        yield from _unsaid(read_markup(raw, STRINGS).content(), seen, (*source.path, name), media_type)
    for name, _ in package.matching("xl/", end=".bin"):
        if media_type == XLSB and "comments" in name:  # binary; nobody here reads them
            yield Gap(path=(*source.path, label(name)), media_type=media_type, reason=GapReason.UNKNOWN)
    yield from other_parts(source, package)


def _unsaid(text: str, seen: set[str], path: Path, media_type: str) -> Iterator[Leaf]:
    """Give the lines of a text that no cell says."""
    if not text:
        return
    said = {line.strip() for cell in seen for line in cell.split("\n")}
    lines = [line for line in text.split("\n") if line and line not in said]
    if lines:
        yield Text(path=path, media_type=media_type, encoding=None, content="\n".join(lines))
