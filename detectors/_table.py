"""Read a table: what its columns hold, whether it is about people, and how many.

In: a data frame with or without headings. Out: a TableReport. Fails: never on content.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from operator import attrgetter
from typing import TYPE_CHECKING

from detectors import (
    _name_heading,
    _neighbours,
    _people,
    _remarks,
    _sheet,
    _subject,
    address,
    birthdate,
    credit_card,
    email_address,
    member_number,
    my_number,
    name,
    phone,
)
from detectors._column import SAMPLE, Column, column, type_by_cells, type_by_heading
from detectors._dates import today_in_japan
from detectors._fold import fold_label
from detectors._model import ColumnReport, Detector, Identity, TableReport
from detectors._public import NOTHING, Public
from detectors._remarks import ReadRemarks

if TYPE_CHECKING:
    import pandas as pd

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
    identities = reading.read(frame)
    if (again := reading.again()) is not None:
        reading, identities = again, again.read(frame)
    return reading.report(identities)


class TableReading:
    """A table on its way through: rows in, people out; what was settled of its columns above holds further down.

    A column that nothing was found in is looked at again in each block, so that what begins late is found late, not never;
    what stands above it was passed over then, and is to be read `again`.
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
        known: Iterable[_Table] = (),
    ) -> None:
        self._detectors = tuple(detectors)
        self._header = header
        self._today = today or today_in_japan()
        self._block_rows = block_rows
        self._read_remarks = read_remarks
        self._public = public
        self._tables: list[_Table] = []  # of one sheet; the last one goes on
        self._known = list(known)
        self._is_second = bool(known)

    def read(self, frame: pd.DataFrame) -> list[Identity]:
        """Give one identity for each further row that names somebody; the same person may come again."""
        with _uncollected():
            return [one for block in _sheet.blocks(frame, self._block_rows) for one in self._read(block)]

    def again(self) -> TableReading | None:
        """Give a reading that knows from the first row what this one saw late; None where this one passed nobody over.

        The same frames are to be read by it, and its report takes the place of this one's.
        """
        if self._is_second or not any(one.about and one.passed_over for one in self._tables):
            return None
        return TableReading(
            self._detectors,
            header=self._header,
            today=self._today,
            block_rows=self._block_rows,
            read_remarks=self._read_remarks,
            public=self._public,
            known=[one.begun_anew() for one in self._tables],
        )

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
                self._tables.append(self._known.pop(0) if self._known else _Table())
            table = self._tables[-1]
            columns = _typed(cells, self._detectors, self._today, table.columns, table.unexplained)
            for each in columns:
                if each.kind and (nobodys := self._public.of_nobody(each.kind, each.normal)):
                    each.leave_out(nobodys)
            identities += table.read(columns, self._today, self._read_remarks)
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
# By what is found in these a person is known again.
_WHO = frozenset(
    (name.kind, phone.kind, email_address.kind, member_number.kind, birthdate.kind, address.kind)
)
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
    unexplained: set[int] = field(default_factory=set)  # columns of which some rows held what is of no kind
    passed_over: bool = False  # rows above were judged before all was known that tells who they are

    def begun_anew(self) -> _Table:
        """Keep what was settled, and no row."""
        columns = [replace(each, masked=0) for each in self.columns]
        return _Table(columns=columns, about=self.about, why=self.why)

    def read(self, columns: list[Column], today: date, read_remarks: ReadRemarks | None) -> list[Identity]:
        """Read further rows."""
        if not self.about:
            self.passed_over = bool(self.columns)
            self.about, self.why = _subject.judge(columns)
        for place, each in enumerate(columns):
            begins = not (place < len(self.columns) and self.columns[place].kind)
            if each.kind in _WHO and begins and self.columns:
                self.passed_over = (
                    True  # whose the columns are, and what makes an address, depends on all of them
                )
            elif each.kind is None and place not in self.unexplained and each.sample():
                self.unexplained.add(place)
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
    today = today_in_japan()
    for table in _sheet.tables(frame, detectors, header=header):
        columns = _typed(table, detectors, today)
        labels = {fold_label(each.header or ""): each for each in columns}
        yield from _people.every_key([labels[fold_label(name)] for name in wanted], today)


def _typed(
    table: _sheet.Cells,
    detectors: Sequence[Detector],
    today: date,
    above: Sequence[Column] = (),
    unexplained: Container[int] = (),
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
        elif len(each.cells) < SAMPLE and place in unexplained:
            continue  # a few rows at the end tell nothing that the others did not
        # A heading may deny what the cells look like: FAX numbers, JAN codes.
        elif not (each.label and type_by_heading(each, detectors)) and not _subject.is_foreign(each.label):
            type_by_cells(each)
    if not above or len(columns[0].cells) >= SAMPLE:
        _neighbours.type_by_neighbours(columns, today)
    return columns
