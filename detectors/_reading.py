"""Tell whose reading a column of kana is: フリガナ beside 氏名 is of a person, beside 学校名 or 商号 of the school or the company.

In: typed columns, in their order. Out: the columns that read something else, and those that read people. Fails: never.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import regex

from detectors import _name_heading, _naming, name
from detectors._column import ENOUGH, Column, share_of
from detectors._entity import names_subject

_NAMES_A_THING = regex.compile(r"名(?:称)?$|name$|商号|屋号|題名|タイトル|title")
# What lives beside people without a name of its own that is read.
_NO_OWNER = regex.compile(r"都道府県|市区町村|市町村|県名|国名|部署|課名|役職|職名|会派|党|所属")


def of_things(columns: Sequence[Column]) -> Iterator[Column]:
    """Give the columns taken for names of people that are readings of names of things."""
    people = any(each.kind == name.kind and not each.kana for each in columns)
    for place, each in enumerate(columns):
        if each.kind != name.kind or not each.label or not _name_heading.is_mere_reading(each.label):
            continue
        left, right = columns[:place][::-1], columns[place + 1 :]
        owner = next((one for one in (*left, *right) if _is_read(one)), None)
        if (
            owner.kind != name.kind and not (people and _like_people(each))
            if owner
            else bool(left) and _is_written(left[0]) and not _like_people(each)
        ):
            yield each


def _like_people(each: Column) -> bool:
    """Tell whether most cells look like names of people."""
    return share_of(each.sample(), name.cell) >= ENOUGH


def of_people(columns: Sequence[Column]) -> Iterator[Column]:
    """Give the columns of nothing that read the names beside them, though no list knows them: ワン シャオミン."""
    for place, each in enumerate(columns):
        if each.kind is not None or not _name_heading.is_mere_reading(each.label):
            continue
        owner = next((one for one in columns[:place][::-1] if _is_read(one)), None)
        if (
            owner is not None
            and owner.kind == name.kind
            and share_of(each.sample(), _naming.is_kana) >= ENOUGH
        ):
            yield each


def _is_read(each: Column) -> bool:
    """Tell whether a column names people or things by its heading, so that its reading may stand beside it."""
    if not each.label or _name_heading.is_mere_reading(each.label):
        return False
    if each.kind is not None:
        return each.kind == name.kind and not each.kana
    named = _NAMES_A_THING.search(each.label) is not None or names_subject(each.label)
    return named and not _NO_OWNER.search(each.label)


def _is_written(each: Column) -> bool:
    """Tell whether a column of nothing holds words in kanji, hardly one twice: 停留所, 地名."""
    return (
        each.kind is None
        and bool(each.label)
        and not each.masked
        and share_of(each.sample(), _HAN.search) >= ENOUGH
        and each.distinctness() >= _MOSTLY_ONCE
    )


_HAN = regex.compile(r"\p{Han}")
_MOSTLY_ONCE = 0.5
