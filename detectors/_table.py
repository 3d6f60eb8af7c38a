"""Read a table: what its columns hold, whether it is about people, and how many.

In: a data frame with or without headings. Out: a TableReport. Fails: never on content.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise
from operator import attrgetter
from typing import TYPE_CHECKING

from detectors import (
    _name_heading,
    _naming,
    _people,
    _reading,
    _remarks,
    _sheet,
    _subject,
    address,
    age,
    birthdate,
    credit_card,
    email_address,
    gender,
    member_number,
    my_number,
    name,
    phone,
    postcode,
    school_grade,
)
from detectors._column import ENOUGH, SAMPLE, Column, column, share_of, type_by_cells, type_by_heading
from detectors._fold import fold_label
from detectors._model import ColumnReport, Detector, Identity, TableReport
from detectors._public import NOTHING, Public
from detectors._remarks import ReadRemarks
from detectors._words import ANNOUNCED

if TYPE_CHECKING:
    import pandas as pd

_JST = timezone(timedelta(hours=9))


BLOCK_ROWS = 2000  # read at a time, so that what a row takes is given back long before the last one is read


def read(
    frame: pd.DataFrame,
    detectors: Sequence[Detector],
    *,
    header: bool,
    today: date | None = None,
    block_rows: int = BLOCK_ROWS,
    read_remarks: ReadRemarks | None = None,
) -> TableReport:
    """Report on a table."""
    reading = TableReading(
        detectors, header=header, today=today, block_rows=block_rows, read_remarks=read_remarks
    )
    return reading.report(reading.read(frame))


class TableReading:
    """A table on its way through: rows in, people out; what was settled of its columns above holds further down.

    A column that nothing was found in is looked at again in each block, so that what begins late is found late, not never.
    Where rows are nobody's, `read_remarks` reads what their cells say: whole records may stand in one (備考, お問い合わせ内容).
    """

    def __init__(
        self,
        detectors: Sequence[Detector],
        *,
        header: bool,
        today: date | None = None,
        block_rows: int = BLOCK_ROWS,
        read_remarks: ReadRemarks | None = None,
        public: Public = NOTHING,
    ) -> None:
        self._detectors = tuple(detectors)
        self._header = header
        self._today = today or datetime.now(UTC).astimezone(_JST).date()
        self._block_rows = block_rows
        self._read_remarks = read_remarks
        self._public = public
        self._tables: list[_Table] = []  # of one sheet; the last one goes on

    def read(self, frame: pd.DataFrame) -> list[Identity]:
        """Give one identity for each further row that names somebody; the same person may come again."""
        with _uncollected():
            return [one for block in _sheet.blocks(frame, self._block_rows) for one in self._read(block)]

    def _read(self, block: pd.DataFrame) -> list[Identity]:
        begun = bool(self._tables)
        if begun:
            tables = _sheet.further(
                block, self._detectors, [each.header for each in self._tables[-1].columns]
            )
        else:
            tables = _sheet.tables(block, self._detectors, header=self._header)
        identities: list[Identity] = []
        for number, cells in enumerate(tables):
            if number or not begun:
                self._tables.append(_Table())
            above = self._tables[-1].columns
            columns = _typed(cells, self._detectors, self._today, above)
            for each in columns:
                if each.kind and (nobodys := self._public.of_nobody(each.kind, each.normal)):
                    each.leave_out(nobodys)
            identities += self._tables[-1].read(columns, self._today, self._read_remarks)
        return identities

    def report(self, identities: Sequence[Identity] = ()) -> TableReport:
        """Report on all that was read; the people are counted of the identities that it gave."""
        people = _people.merge(identities)
        # The table with most records speaks for the columns of a sheet.
        first = max(self._tables, key=lambda one: one.records, default=_Table())
        return TableReport(
            columns=tuple(
                ColumnReport(
                    header=each.header,
                    kind=each.kind,
                    share=round(each.share, 3),
                    confidence=round(each.confidence, 3),
                    found=found,
                    masked=each.masked,
                )
                for each, found in zip(first.columns, first.found, strict=True)
            ),
            about_people=first.about or first.told,
            why=first.why if first.about or not first.told else RECORDS_IN_CELLS,
            records=sum(one.records for one in self._tables),
            people=len(people),
            households=_people.households(people),
            minors=sum(map(_IS_MINOR, people)),
            items=dict(sum((one.items for one in self._tables), Counter[str]())),
            identities=people,
        )


RECORDS_IN_CELLS = "records in cells"
_HAS_RECORD, _IS_MINOR = attrgetter("has_record"), attrgetter("minor")
_EVERYWHERE = frozenset((my_number.kind, credit_card.kind))  # sensitive, whatever the rows are


@dataclass(slots=True)
class _Table:
    """One table, as far as it was read; its columns without their cells."""

    columns: list[Column] = field(default_factory=list)
    found: list[int] = field(default_factory=list)
    about: bool = False
    told: bool = False  # of people, by what cells say
    why: str = ""
    records: int = 0
    items: Counter[str] = field(default_factory=Counter)

    def read(self, columns: list[Column], today: date, read_remarks: ReadRemarks | None) -> list[Identity]:
        """Read further rows."""
        if not self.about:
            self.about, self.why = _subject.judge(columns)
        self.found += [0] * (len(columns) - len(self.found))
        for place, each in enumerate(columns):
            self.found[place] += each.found() if each.kind else 0
            if place < len(self.columns):
                each.masked += self.columns[place].masked
        identities = _people.identities(columns, today) if self.about else []
        if read_remarks and self.about:
            identities += _remarks.third_parties(columns, identities, read_remarks)
        elif read_remarks and (told := _remarks.records(columns, read_remarks)):
            self.told = True
            self.items.update(finding.kind for finding in told.findings)
            identities += told.identities
        self.records += sum(map(_HAS_RECORD, identities))
        counted = columns if self.about else [each for each in columns if each.kind in _EVERYWHERE]
        self.items.update(_people.items(counted))
        self.columns = [each.emptied() for each in columns]
        return identities


@contextmanager
def _uncollected() -> Iterator[None]:
    """Leave the garbage collector out: half a million tuples without a cycle among them cost it a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def row_keys(
    frame: pd.DataFrame, detectors: Sequence[Detector], wanted: Sequence[str], *, header: bool
) -> Iterator[tuple[str, ...]]:
    """Yield, for each row, all keys by which its person may be known again, made of the wanted columns alone.

    Raises: KeyError for a heading that there is not.
    """
    today = datetime.now(UTC).astimezone(_JST).date()
    for table in _sheet.tables(frame, detectors, header=header):
        columns = _typed(table, detectors, today)
        labels = {fold_label(each.header or ""): each for each in columns}
        yield from _people.every_key([labels[fold_label(name)] for name in wanted], today)


def _typed(
    table: _sheet.Cells, detectors: Sequence[Detector], today: date, above: Sequence[Column] = ()
) -> list[Column]:
    """Say of each column what it holds; where rows stand above these, what they were holds."""
    columns = [column(label, cells) for label, cells in table]
    labels = {each.label for each in columns}
    for place, each in enumerate(columns):
        if _name_heading.family_beside(each.label) in labels - {""}:
            each.part = "given"
        if _subject.says_nothing(each.label):
            each.label = ""
        if place < len(above) and above[place].kind:
            each.resume(above[place])
        elif above and len(each.cells) < SAMPLE:
            continue  # a few rows at the end tell nothing of their own
        # A heading may deny what the cells look like: FAX numbers, JAN codes.
        elif not (each.label and type_by_heading(each, detectors)) and not _subject.is_foreign(each.label):
            type_by_cells(each)
    if not above or len(columns[0].cells) >= SAMPLE:
        _type_by_neighbours(columns, today)
    return columns


def _type_by_neighbours(columns: Sequence[Column], today: date) -> None:
    """Type what only its neighbours can tell: dates of birth, bare postcodes, member numbers, split names."""
    _split_names(columns)
    _bare_postcodes(columns)
    _birthdates(columns, today)
    _member_numbers(columns)
    for each in _reading.of_things(columns):
        each.dismiss()
    for each in _reading.of_people(columns):
        each.kana = True
        each.settle(name.kind, 1.0, 0.7)
    kinds = {each.kind for each in columns}
    if not kinds & {name.kind, phone.kind, email_address.kind, member_number.kind, birthdate.kind}:
        return
    for each in columns:
        # Nicknames (ええやません) headed 名前: a phone or an address beside them says that they are people.
        if (
            each.kind is None
            and each.label
            and name.header(each.label) >= ANNOUNCED
            and not each.masked
            and not _name_heading.is_mere_reading(each.label)
        ):
            _subject.name_by_neighbours(each, kinds)


def _split_names(columns: Sequence[Column]) -> None:
    """Join a column of surnames and the column of given names to its right."""
    for left, right in pairwise(columns):
        if left.kind or right.kind or left.label or right.label or min(left.filled, right.filled) < _FEW:
            continue
        # 姓 名 in Japanese, given name first in Latin letters.
        for family, given in ((left, right), (right, left)):
            shares = (
                share_of(family.sample(), _naming.is_surname),
                share_of(given.sample(), _naming.is_given),
            )
            if min(shares) >= ENOUGH:
                for each, part, share in zip((family, given), ("family", "given"), shares, strict=True):
                    each.part, each.kana = part, share_of(each.sample(), _naming.is_kana) >= ENOUGH
                    each.settle(name.kind, share, 0.8 * share)
                break


_FEW = 3


def _bare_postcodes(columns: Sequence[Column]) -> None:
    """Take seven bare digits beside addresses for postcodes."""
    kinds = [each.kind for each in columns]
    if address.kind not in kinds or postcode.kind in kinds:
        return
    for each in columns:
        if (
            each.kind is None
            and not each.label
            and _all(each, lambda value: len(value) == 7 and value.isdigit())
        ):
            each.settle(postcode.kind, 1.0, 0.7)
            return


def _birthdates(columns: Sequence[Column], today: date) -> None:
    """Take the dates without heading that spread like births."""
    if any(each.kind == birthdate.kind for each in columns):
        return
    spread: list[tuple[int, int, Column, float]] = []
    for each in columns:
        if each.kind is not None or each.label:
            continue
        dates = sorted(form for value in each.sample() if (form := birthdate.cell(value)) is not None)
        share = len(dates) / max(1, len(each.sample()))
        if share < ENOUGH or dates[-1] > today.isoformat():
            continue
        years = [int(iso[:4]) for iso in dates]
        low, high = years[len(years) // 20], years[-1 - len(years) // 20]
        spread.append((high - low, high, each, share))
    kinds = {each.kind for each in columns}
    someone = kinds & {name.kind, email_address.kind} or any(each.masked for each in columns)
    if not spread or not (
        someone or (phone.kind in kinds and kinds & {gender.kind, age.kind, school_grade.kind})
    ):
        return
    width, last, each, share = max(spread, key=lambda item: item[0])
    # Pupils are born within a few years of each other, customers within decades, and hardly one of them lately;
    # registrations and openings go on to this day.
    if school_grade.kind in kinds:
        fits = width >= _PUPILS
    else:
        fits = width >= _CUSTOMERS and last <= today.year - _PUPILS
    if fits:
        each.settle(birthdate.kind, share, 0.75)


_PUPILS, _CUSTOMERS = 2, 8


def _member_numbers(columns: Sequence[Column]) -> None:
    """Take codes of one shape, each once, beside names or mail addresses for member numbers."""
    kinds = [each.kind for each in columns]
    if member_number.kind in kinds or not {name.kind, email_address.kind} & set(kinds):
        return
    for each in columns:
        if each.kind or each.label or each.filled < _FEW or each.distinctness() < _NEARLY_ALL:
            continue
        lengths = {len(value) for value in each.sample()}
        if (
            len(lengths) == 1
            and lengths <= _CODE_LENGTHS
            and _all(each, member_number.cell)
            and not _all(each, birthdate.cell)
        ):
            each.settle(member_number.kind, 1.0, 0.6)
            return


_NEARLY_ALL = 0.95
# Not 13: that is the length of an EAN or ISBN.
_CODE_LENGTHS = frozenset(range(4, 13))


def _all(each: Column, fits: Callable[[str], object]) -> bool:
    """Tell whether nearly every cell fits."""
    return share_of(each.sample(), fits) >= _NEARLY_ALL
