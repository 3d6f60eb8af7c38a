"""Read a table: what its columns hold, whether it is about people, and how many.

In: a data frame with or without headings. Out: a TableReport. Fails: never on content.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise
from typing import TYPE_CHECKING

from detectors import (
    _naming,
    _people,
    _sheet,
    _subject,
    address,
    age,
    birthdate,
    email_address,
    gender,
    member_number,
    name,
    phone,
    postcode,
    school_grade,
)
from detectors._column import ENOUGH, Column, column, share_of, type_by_cells, type_by_heading
from detectors._fold import fold_label
from detectors._header import ANNOUNCED
from detectors._model import ColumnReport, Detector, TableReport

if TYPE_CHECKING:
    import pandas as pd

_JST = timezone(timedelta(hours=9))


def read(
    frame: pd.DataFrame, detectors: Sequence[Detector], *, header: bool, today: date | None = None
) -> TableReport:
    """Report on a table."""
    with _uncollected():
        return _read(frame, detectors, header=header, today=today)


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


def _read(
    frame: pd.DataFrame, detectors: Sequence[Detector], *, header: bool, today: date | None
) -> TableReport:
    today = today or datetime.now(UTC).astimezone(_JST).date()
    reports = [_report(table, detectors, today) for table in _sheet.tables(frame, detectors, header=header)]
    return reports[0] if len(reports) == 1 else _together(reports)


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


def _typed(table: _sheet.Cells, detectors: Sequence[Detector], today: date) -> list[Column]:
    """Say of each column what it holds."""
    columns = [column(label, cells) for label, cells in table]
    for each in columns:
        if _subject.says_nothing(each.label):
            each.label = ""
        # A heading may deny what the cells look like: FAX numbers, JAN codes.
        if not (each.label and type_by_heading(each, detectors)) and not _subject.is_foreign(each.label):
            type_by_cells(each)
    _type_by_neighbours(columns, today)
    return columns


def _report(table: _sheet.Cells, detectors: Sequence[Detector], today: date) -> TableReport:
    columns = _typed(table, detectors, today)
    about, why = _subject.judge(columns)
    count = _people.count(columns, today) if about else _people.NOBODY
    return TableReport(
        columns=tuple(
            ColumnReport(
                header=each.header,
                kind=each.kind,
                share=round(each.share, 3),
                confidence=round(each.confidence, 3),
                found=each.found() if each.kind else 0,
                masked=each.masked,
            )
            for each in columns
        ),
        about_people=about,
        why=why,
        records=count.records,
        people=len(count.identities),
        households=count.households,
        minors=sum(1 for person in count.identities if person.minor),
        items=count.items,
        identities=count.identities,
    )


def _together(reports: Sequence[TableReport]) -> TableReport:
    """Make one report of the tables of a sheet; the one with most people speaks for the columns."""
    first = max(reports, key=lambda one: one.records)
    identities = _people.merge([person for one in reports for person in one.identities])
    items = sum((Counter(one.items) for one in reports), Counter[str]())
    return replace(
        first,
        records=sum(one.records for one in reports),
        people=len(identities),
        households=_people.households(identities),
        minors=sum(1 for person in identities if person.minor),
        items=dict(items),
        identities=identities,
    )


def _type_by_neighbours(columns: Sequence[Column], today: date) -> None:
    """Type what only its neighbours can tell: dates of birth, bare postcodes, member numbers, split names."""
    _split_names(columns)
    _bare_postcodes(columns)
    _birthdates(columns, today)
    _member_numbers(columns)
    kinds = {each.kind for each in columns}
    if not kinds & {name.kind, phone.kind, email_address.kind, member_number.kind, birthdate.kind}:
        return
    for each in columns:
        # Nicknames (ええやません) headed 名前: a phone or an address beside them says that they are people.
        if each.kind is None and each.label and name.header(each.label) >= ANNOUNCED and not each.masked:
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
        share = len(dates) / max(1, min(each.filled, len(each.sample())))
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
    return bool(each.folded) and share_of(each.sample(), fits) >= _NEARLY_ALL
