"""Excel workbooks (ECMA-376), every sheet of them, hidden ones too.

In: an .xlsx. Out: a Table for each sheet. Fails: Unreadable.

Calamine makes room for the whole rectangle that a sheet spans: one cell at XFD1048576 in a file of 4 KB makes it ask for
512 GiB and abort. So the span of each sheet is read first, from its own XML.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

import regex

from gateway.model import Container, Gap, GapReason, Leaf, Table, Text
from gateway.unpack._budget import Budget, Unreadable
from gateway.unpack._media_type import XLSX
from gateway.unpack._source import Source, label
from gateway.unpack.csv import framed

MAX_CELLS = 20_000_000
BLOCK_BYTES = 1 << 20
_CELL = regex.compile(rb"<(?:\w+:)?c\b[^>]{0,200}?\br=\"([A-Z]{1,3})([0-9]{1,7})\"")
_ROW = regex.compile(rb"<(?:\w+:)?row\b[^>]{0,200}?\br=\"([0-9]{1,7})\"")


class _Xlsx:
    media_types = frozenset({XLSX})

    def unpack(self, source: Source, media_type: str, budget: Budget) -> Iterator[Leaf | Source]:
        """Open a workbook."""
        yield Container(path=source.path, media_type=media_type)
        if _spans_too_much(source.raw, budget):
            raise Unreadable(GapReason.TOO_BIG)
        import python_calamine  # noqa: PLC0415

        try:
            workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(source.raw))
        except python_calamine.PasswordError as error:
            raise Unreadable(GapReason.ENCRYPTED) from error
        for name in workbook.sheet_names:
            budget.spend_member()
            path = (*source.path, label(name))
            rows = [[_cell(value) for value in row] for row in workbook.get_sheet_by_name(name).iter_rows()]
            rows = [row for row in rows if any(row)]
            if not rows:
                continue
            if len(rows) == 1 or max(map(len, rows)) == 1:
                yield Text(
                    path=path,
                    media_type=media_type,
                    encoding=None,
                    content="\n".join("\t".join(row) for row in rows),
                )
                if max(map(len, rows)) > 1 or len(rows) == 1:
                    continue
            frame, header, skipped = framed(rows)
            yield Table(path=path, media_type=media_type, encoding=None, frame=frame, header=header)
            if skipped:
                title = "\n".join("\t".join(row) for row in rows[:skipped])
                yield Text(path=path, media_type=media_type, encoding=None, content=title)
        yield from _unread(source, media_type)


UNPACKER = _Xlsx()


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


def _spans_too_much(raw: bytes, budget: Budget) -> bool:
    """Tell whether a sheet spans more cells than anybody fills."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        for member in archive.infolist():
            if member.filename.startswith("xl/worksheets/") and member.filename.endswith(".xml"):
                rows, columns = _span(archive, member, budget)
                if rows * columns > MAX_CELLS:
                    return True
    return False


def _span(archive: zipfile.ZipFile, member: zipfile.ZipInfo, budget: Budget) -> tuple[int, int]:
    rows = columns = 1
    carry = b""
    with archive.open(member) as stream:
        while block := stream.read(BLOCK_BYTES):
            budget.spend_bytes(len(block))
            text = carry + block
            widest = max(
                (found[1] for found in _CELL.finditer(text)),
                key=lambda letters: (len(letters), letters),
                default=b"A",
            )
            columns = max(columns, _column(widest))
            last = [found[1] for found in _ROW.finditer(text)]
            rows = max(rows, *map(int, last)) if last else rows
            carry = text[-256:]
    return rows, columns


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _unread(source: Source, media_type: str) -> Iterator[Leaf]:
    """Name what a workbook holds beside its cells and nobody here reads: embedded files and pictures."""
    with zipfile.ZipFile(io.BytesIO(source.raw)) as archive:
        for member in archive.infolist():
            if member.filename.startswith(("xl/embeddings/", "xl/media/")):
                yield Gap(
                    path=(*source.path, label(member.filename)),
                    media_type=media_type,
                    reason=GapReason.UNKNOWN,
                )
