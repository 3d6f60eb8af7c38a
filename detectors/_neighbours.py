"""Say of a column what only those beside it can tell: dates of birth, bare postcodes, member numbers, split names.

In: typed columns. Out: some of them settled, or dismissed. Fails: never.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from itertools import pairwise

from detectors import (
    _name_heading,
    _naming,
    _reading,
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
from detectors._cell import named_cell
from detectors._column import ENOUGH, SAMPLE, Column, share_of
from detectors._words import ANNOUNCED


def type_by_neighbours(columns: Sequence[Column], today: date) -> None:
    """Type what only its neighbours can tell: dates of birth, bare postcodes, member numbers, split names."""
    _split_names(columns)
    _grid_of_names(columns)
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
        _dismiss_towns(columns)
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


def _dismiss_towns(columns: Sequence[Column]) -> None:
    """Take back that towns, down to the 丁目 at most, are addresses where no heading and nobody beside them says so."""
    for each in columns:
        if each.kind == address.kind and address.header(each.label) < ANNOUNCED:
            houses = share_of(list(each.normal.values())[:SAMPLE], address.is_house)
            if houses < _HOUSES:
                each.dismiss()


_HOUSES = 0.3


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


def _grid_of_names(columns: Sequence[Column]) -> None:
    """Take for names what stands, without headings, between columns of names alone (座席表)."""
    filled = [each for each in columns if each.kind or each.sample()]
    named = [each for each in filled if each.kind == name.kind and each.part == "full" and not each.kana]
    if len(named) < _FEW or len(named) * 2 < len(filled) or any(each.label for each in columns):
        return
    for each in filled:
        if each.kind is None and (share := share_of(each.sample(), named_cell)) >= ENOUGH:
            each.settle(name.kind, share, 0.6)


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
        spread.append((*spread_of(dates), each, share))
    kinds = {each.kind for each in columns}
    someone = kinds & {name.kind, email_address.kind} or any(each.masked for each in columns)
    if not spread or not (
        someone or (phone.kind in kinds and kinds & {gender.kind, age.kind, school_grade.kind})
    ):
        return
    width, last, each, share = max(spread, key=lambda item: item[0])
    if spreads_like_births(width, last, today, of_pupils=school_grade.kind in kinds):
        each.settle(birthdate.kind, share, 0.75)


def spread_of(dates: Sequence[str]) -> tuple[int, int]:
    """Give over how many years sorted ISO dates spread, and the last of these; the odd one is left out."""
    years = [int(iso[:4]) for iso in dates]
    low, high = years[len(years) // 20], years[-1 - len(years) // 20]
    return high - low, high


def spreads_like_births(width: int, last: int, today: date, *, of_pupils: bool) -> bool:
    """Tell whether dates may be of birth.

    Pupils are born within a few years of each other, customers within decades, and hardly one of them lately;
    registrations and openings go on to this day.
    """
    return width >= _PUPILS if of_pupils else width >= _CUSTOMERS and last <= today.year - _PUPILS


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
