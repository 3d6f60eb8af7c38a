"""Workbooks: .xlsx, .xlsm, .xlsb (ECMA-376), .xls, .ods: every sheet, hidden ones too, and what stands beside the cells.

In: a workbook. Out: a Table for each sheet, a Text for each comment, header, text box and the like. Fails: Unreadable.

Calamine makes room for the whole rectangle that a sheet spans: one cell at XFD1048576 in a file of 4 KB makes it ask for
512 GiB and abort. So the span of each sheet is read first, from its own XML; where there is none, the worker's limit holds.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import chain

import regex

from gateway.model import Container, Gap, GapReason, Leaf, Table, Text
from gateway.unpack._budget import Budget, Unreadable
from gateway.unpack._markup import Names, read_markup
from gateway.unpack._media_type import ODS, XLS, XLSB, XLSX
from gateway.unpack._package import Package, open_package
from gateway.unpack._source import Source, label
from gateway.unpack.csv import filled, framed
from gateway.unpack.html import page_leaves
from gateway.unpack.locked_office import unlocked
from gateway.unpack.office import ODF, WORD, markup_parts, other_parts
from gateway.unpack.xls import beside_the_cells, is_locked

MAX_CELLS = 20_000_000
SPARSE_CELLS = 4_000_000  # from which on a tenth of them has to be there
_CELL = regex.compile(rb"<(?:\w+:)?c\b[^>]{0,200}?\br\s*=\s*[\"']([A-Z]{1,3})([0-9]{1,7})[\"']")
_ROW = regex.compile(rb"<(?:\w+:)?row\b[^>]{0,200}?\br\s*=\s*[\"']([0-9]{1,7})[\"']")
_CELLS = regex.compile(rb"<((?:\w+:)?sheetData)\b[^>]*>.*?</\1\s*>", regex.S)
# References to cells as what they are made of: "AA0" for AB7, quotes of one kind.
_SHAPE = bytes(range(256)).translate(
    bytes.maketrans(b"123456789BCDEFGHIJKLMNOPQRSTUVWXYZ'", b"0" * 9 + b"A" * 25 + b'"')
)
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
CACHE = Names(elements={"r": "p", "row": "p"}, texts=frozenset({"v", "t"}), attributes=frozenset({"v"}))
STRINGS = Names(
    elements={"si": "p"}, texts=frozenset({"t"}), left_out=frozenset({"rPh"})
)  # rPh: how a name is read
SHAPES = Names(
    elements={"p": "p"}, texts=frozenset({"annotation", "text-box", "custom-shape", "shapes", "forms"})
)
_SHEETS = ("xl/worksheets/sheet", "xl/chartsheets/")
_CACHES = ("xl/pivotCache/", "xl/externalLinks/", "xl/revisions/", "xl/macrosheets/", "xl/dialogsheets/")
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
        if _spans_too_much(package):
            raise Unreadable(GapReason.TOO_BIG)
        seen: set[str] = set()
        if all(
            gap.reason is not GapReason.TOO_BIG for gap in package.gaps
        ):  # calamine would unpack it all the same
            yield from _sheets(source, media_type, package, seen, budget)
        if media_type == XLS:
            yield from beside_the_cells(source, seen)
            return
        yield from _beside(source, media_type, package, seen)
        yield from other_parts(source, package)


UNPACKER = _Workbook()


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


def _sheets(
    source: Source, media_type: str, package: Package, seen: set[str], budget: Budget
) -> Iterator[Leaf]:
    """Read the cells of every sheet, and note the texts in them."""
    import python_calamine  # noqa: PLC0415

    try:
        workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(source.raw))
    except python_calamine.PasswordError as error:
        raise Unreadable(GapReason.ENCRYPTED) from error
    sheets = [one for one in workbook.sheets_metadata if one.typ == python_calamine.SheetTypeEnum.WorkSheet]
    if len(list(package.matching(_SHEETS[0]))) > len(sheets):  # one that the book does not list
        yield Gap(path=source.path, media_type=media_type, reason=GapReason.AMBIGUOUS)
    for sheet in sheets:
        budget.spend_member()
        rows = [
            [value if type(value) is str else _cell(value) for value in row]
            for row in workbook.get_sheet_by_name(sheet.name).iter_rows()
        ]
        rows = list(filled(rows))
        seen.update(chain.from_iterable(rows))
        yield from _as_leaves((*source.path, label(sheet.name)), media_type, rows)


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


def _beside(source: Source, media_type: str, package: Package, seen: set[str]) -> Iterator[Leaf]:
    """Read what is no cell: comments, headers, text boxes, properties, caches, strings that no cell has."""
    if media_type == ODS:
        for name, raw in package.matching("content.xml"):
            yield from page_leaves(read_markup(raw, SHAPES), (*source.path, name), media_type)
        yield from markup_parts(source, media_type, package, ODF, skip=("content.xml",))
        return
    yield from markup_parts(
        source, media_type, package, WORD, skip=(*_SHEETS, *_CACHES, _STRINGS, "xl/workbook.xml")
    )
    for starts, names in ((_SHEETS, SHEET), (_CACHES, CACHE)):
        for name, raw in package.matching(*starts, end=".xml"):
            page = read_markup(_without_cells(raw) if names is SHEET else raw, names)
            yield from page_leaves(page, (*source.path, name), media_type)
    for name, raw in package.matching(_STRINGS):
        said = {line.strip() for text in seen for line in text.split("\n")}
        unused = [line for line in read_markup(raw, STRINGS).content().split("\n") if line not in said]
        if unused:
            text = "\n".join(unused)
            yield Text(path=(*source.path, name), media_type=media_type, encoding=None, content=text)
    for name, _ in package.matching("xl/", end=".bin"):
        if media_type == XLSB and "comments" in name:  # binary; nobody here reads them
            yield Gap(path=(*source.path, label(name)), media_type=media_type, reason=GapReason.UNKNOWN)


def _without_cells(raw: bytes) -> bytes:
    """Leave the cells out of a sheet."""
    start, end = raw.find(b"<sheetData"), raw.rfind(_CELLS_END)
    if 0 <= start < end and raw.rfind(b"sheetData", start + len(b"<sheetData"), end) < 0:
        return (
            raw[:start] + raw[end + len(_CELLS_END) :]
        )  # as most are written; it is found in a tenth of the time
    rest: bytes = _CELLS.sub(b"", raw)
    return rest


_CELLS_END = b"</sheetData>"


def _spans_too_much(package: Package) -> bool:
    """Tell whether a sheet spans more cells than anybody fills."""
    for _, raw in package.matching("xl/worksheets/", end=".xml"):
        if not _may_span_much(raw):
            continue
        columns = last = count = 1
        for found in _CELL.finditer(raw):
            columns, last, count = max(columns, _column(found[1])), max(last, int(found[2])), count + 1
        rows = max((int(found[1]) for found in _ROW.finditer(raw)), default=1)
        span = max(rows, last) * columns
        if span > MAX_CELLS or (span > SPARSE_CELLS and span > 10 * count):
            return True
    return False


def _may_span_much(raw: bytes) -> bool:
    """Tell whether any cell or row is beyond Z99999: up to there it is less than SPARSE_CELLS."""
    shape = raw.translate(_SHAPE)  # sought from its end: by the quote, which is rarer than the digits
    return any(shape.rfind(far) >= 0 for far in (b'"AA0', b'"AAA0', b'"A000000', b'"000000'))


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
