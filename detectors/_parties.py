"""Tell whose a column is: of the person whom the row is about, or of somebody beside him.

In: typed columns. Out: the columns of the subject; the columns of each other party. Fails: never.

お届け先電話番号 reaches whom the parcel goes to, not who ordered it, and 担当者メール reaches neither of both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

import regex

from detectors import name
from detectors._column import Column

# The first that fits a heading.
_PARTIES = tuple(
    (party, regex.compile(pattern))
    for party, pattern in (
        ("former", r"旧姓|旧氏"),
        ("guardian", r"保護者|親権者|guardian|parent|配偶者|^(?:祖?[父母]|夫|妻)(?:親|氏名|名|の)"),
        ("emergency", r"緊急|emergency"),
        ("guarantor", r"保証人|身元引受|guarantor"),
        ("recipient", r"送付先|送り先|届け?先|配送先|発送先|shipping|^ship(?!ped)|recipient|受取人"),
        ("sender", r"ご?依頼主|発送元|差出人|sender"),
        ("staff", r"担当|紹介|代表|管理者|責任者"),
        ("household", r"世帯主|続柄"),
    )
)
# Who has a part of his own in the row, and is a person beside its subject. Staff and senders stand beside each row.
_THIRD = ("emergency", "guarantor", "recipient")
# How these are reached is how the subject is: a child by his parents.
_AT_HOME = ("", "guardian", "emergency", "household")


@lru_cache(maxsize=4096)
def party(label: str) -> str:
    """Give whose a heading says that a column is; "" for the subject."""
    return next((party for party, pattern in _PARTIES if pattern.search(label)), "")


def own(columns: Iterable[Column]) -> list[Column]:
    """Give the columns that are of the subject itself; all, where none is."""
    columns = list(columns)
    return [each for each in columns if not party(each.label)] or columns


def reaching(columns: Sequence[Column], kind: str) -> list[Column]:
    """Give the columns of a kind that reach the subject."""
    of_kind = [each for each in columns if each.kind == kind]
    named = own(each for each in columns if each.kind == name.kind)
    if not named or not any(party(each.label) for each in of_kind):
        return of_kind
    subject = party(named[0].label)
    known = (*_AT_HOME, subject) if subject in _AT_HOME else ("", subject)
    return [each for each in of_kind if party(each.label) in known]


def abreast(columns: Sequence[Column]) -> Iterator[Sequence[Column]]:
    """Give the columns of each record, where several stand side by side in a row: 氏名 電話 氏名 電話."""
    labels = [_AGAIN.sub("", each.header or "") for each in columns]
    for width in range(2, len(columns) - 1):
        if (
            labels[0]
            and labels[width:] == labels[: len(labels) - width]
            and any(each.kind == name.kind for each in columns[:width])
        ):
            yield from (columns[start : start + width] for start in range(0, len(columns), width))
            return
    yield columns


_AGAIN = regex.compile(r"\.\d+$")  # as pandas tells headings apart


def guardians(columns: Sequence[Column]) -> list[Column]:
    """Give the columns that name guardians, where they name somebody else as well."""
    return _beside(columns, "guardian")


def third_parties(columns: Sequence[Column]) -> list[list[Column]]:
    """Give, for each party that has a name of its own in the rows, its columns."""
    return [
        [each for each in columns if party(each.label) == third]
        for third in _THIRD
        if _beside(columns, third)
    ]


def _beside(columns: Sequence[Column], other: str) -> list[Column]:
    named = [each for each in columns if each.kind == name.kind]
    found = [each for each in named if party(each.label) == other]
    return [] if all(party(each.label) for each in named) else found


def may_name_guardians(columns: Sequence[Column]) -> bool:
    """Tell whether some column names guardians, here or further down: its cells may be empty as yet."""
    return any(party(each.label) == "guardian" and name.header(each.label) > 0 for each in columns)
