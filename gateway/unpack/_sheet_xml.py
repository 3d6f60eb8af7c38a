"""What the XML of a sheet says beside the values that calamine gives: how far it spans, how many there are, what formulas say.

In: the XML of a sheet (ECMA-376 1, 18.3). Out: figures, texts. Fails: never.

A formula that no program has worked out yet has no value: openpyxl writes such, and Excel shows what they come to.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Sequence

import regex

MAX_CELLS = 20_000_000
SPARSE_CELLS = 4_000_000  # from which on a tenth of them has to be there
_CELL = regex.compile(rb"<(?:\w+:)?c\b[^>]{0,200}?\br\s*=\s*[\"']([A-Z]{1,3})([0-9]{1,7})[\"']")
_ROW = regex.compile(rb"<(?:\w+:)?row\b[^>]{0,200}?\br\s*=\s*[\"']([0-9]{1,7})[\"']")
# References to cells as what they are made of: "AA0" for AB7, quotes of one kind.
_SHAPE = bytes(range(256)).translate(
    bytes.maketrans(b"123456789BCDEFGHIJKLMNOPQRSTUVWXYZ'", b"0" * 9 + b"A" * 25 + b'"')
)
_SHEET = regex.compile(rb"<(?:\w+:)?worksheet\b")
_ROOT_BYTES = 4096
_FORMULA = regex.compile(rb"<(?:\w+:)?f\b[^>]*+>([^<]*(?:\"|&quot;|&#34;)[^<]*)</")
FEW_CELLS = 5  # that may be missing, and one of each hundred
MAX_BLANKS = 50
_STRING = regex.compile(rb"<si\b[^>]*?(?:/>|>(.*?)</si>)", regex.S)
_HAS_TEXT = regex.compile(rb">[^<]")
_CELLS = regex.compile(rb"<((?:\w+:)?sheetData)\b[^>]*>.*?</\1\s*>", regex.S)
_CELLS_END = b"</sheetData>"
_EMPTY_INLINE = regex.compile(rb"<is>(?:<t\b[^>]*(?:/>|></t>))?</is>")
_STARTS = (b"<f>", b"<f ", b":f>", b":f ")
_LITERAL = regex.compile(r"\"((?:[^\"]|\"\")*)\"")


def is_sheet(name: str, raw: bytes) -> bool:
    """Tell a sheet of cells by its root, whatever it is called and wherever it lies."""
    return name.endswith(".xml") and _SHEET.search(raw[:_ROOT_BYTES].replace(b"\0", b"")) is not None


def spans_too_much(raw: bytes) -> bool:
    """Tell whether a sheet spans more cells than anybody fills."""
    if not _may_span_much(raw):
        return False
    columns = last = count = 1
    for found in _CELL.finditer(raw):
        columns, last, count = max(columns, _column(found[1])), max(last, int(found[2])), count + 1
    rows = max((int(found[1]) for found in _ROW.finditer(raw)), default=1)
    span = max(rows, last) * columns
    return span > MAX_CELLS or (span > SPARSE_CELLS and span > 10 * count)


def _may_span_much(raw: bytes) -> bool:
    """Tell whether any cell or row is beyond Z99999: up to there it is less than SPARSE_CELLS."""
    shape = raw.translate(_SHAPE)  # sought from its end: by the quote, which is rarer than the digits
    return any(shape.rfind(far) >= 0 for far in (b'"AA0', b'"AAA0', b'"A000000', b'"000000'))


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def without_cells(raw: bytes) -> bytes:
    """Leave the cells out of a sheet."""
    start, end = raw.find(b"<sheetData"), raw.rfind(_CELLS_END)
    if 0 <= start < end and raw.rfind(b"sheetData", start + len(b"<sheetData"), end) < 0:
        return (
            raw[:start] + raw[end + len(_CELLS_END) :]
        )  # as most are written; it is found in a tenth of the time
    rest: bytes = _CELLS.sub(b"", raw)
    return rest


def misses(read: int, sheets: Sequence[bytes], strings: bytes) -> bool:
    """Tell whether sheets have clearly more cells with a value than were read; empty texts are values, too."""
    there = sum(raw.count(b"<v>") + raw.count(b"<is>") for raw in sheets)
    if there <= read + FEW_CELLS:
        return False
    empty = [number for number, one in enumerate(_STRING.findall(strings)) if not _HAS_TEXT.search(one)]
    blanks = (b"<v></v>", *(b"<v>%d</v>" % number for number in empty[:MAX_BLANKS]))
    there -= sum(raw.count(blank) for raw in sheets for blank in blanks)
    there -= sum(len(_EMPTY_INLINE.findall(raw)) for raw in sheets)
    return there > read + FEW_CELLS + there // 100


def said_by_formulas(sheets: Iterable[bytes]) -> Iterator[str]:
    """Give the texts in formulas, a formula in a line."""
    for raw in sheets:
        if all(raw.rfind(start) < 0 for start in _STARTS):
            continue
        for found in _FORMULA.finditer(raw):
            formula = html.unescape(found[1].decode("utf-8", "replace"))
            yield " ".join(text.replace('""', '"') for text in _LITERAL.findall(formula))
