"""Tell whose a column is: of the person whom the row is about, or of somebody beside him.

In: typed columns. Out: the columns of the subject; the columns of each other party. Fails: never.

The party of most columns is "", the subject. お届け先電話番号 reaches whom the parcel goes to, not who ordered it, and 担当者メール reaches neither of both.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import regex

from detectors import _name_heading, address, email_address, name, phone
from detectors._column import Column

# The first that fits a heading.
_PARTIES = tuple(
    (party, regex.compile(pattern))
    for party, pattern in (
        (
            "again",  # the same person by another name
            r"旧姓|旧氏|通称|芸名|ペンネーム|ビジネスネーム|ニックネーム|表示名|ローマ字|romaji|英字|英文|名義",
        ),
        ("guardian", r"保護者|親権者|guardian|parent"),
        ("father", r"^祖?父(?:親|氏名|名|の)"),
        ("mother", r"^祖?母(?:親|氏名|名|の)"),
        ("husband", r"^夫(?:氏名|名|の)"),
        ("spouse", r"配偶者|spouse|^妻(?:氏名|名|の)"),
        ("child", r"お子(?:様|さ[まん])?|子(?:供|ども)|里子|^子の?(?:氏名|名)|child"),
        ("emergency", r"緊急|emergency|キーパーソン"),
        ("guarantor", r"保証人|身元引受|guarantor"),
        ("companion", r"同伴|同行|随行|付き?添|(?<!関)連れ(?:様|さま|の方|者|氏名|名)|companion|plusone"),
        ("family", r"家族|同居[者人]|世帯員|扶養(?:者|親族|氏名)|dependent|familymember"),
        ("recipient", r"送付先|送り先|届け?先|配送先|発送先|shipping|^ship(?!ped)|recipient|受取人"),
        ("insured", r"被保険者|insured"),
        ("applicant", r"申込者|申込人|申請者|(?<!非)契約者|注文者|購入者|applicant|orderer|purchaser"),
        ("proxy", r"代理人|後見人"),
        ("other", r"新婦|買主|借主|被害者|喪主|相手(?:方|の|氏名)"),
        ("sender", r"ご?依頼主|発送元|差出人|sender"),
        ("referred", r"紹介先|被紹介"),
        ("introducer", r"紹介"),
        ("staff", r"担当"),
        ("head", r"代表|管理者|責任者"),
        ("household", r"世帯主|続柄"),
    )
)
# Who has a part of his own in the row, and is a person beside its subject. Staff stands beside each row.
_AT_HOME_TOO = (
    "guardian",
    "father",
    "mother",
    "husband",
    "spouse",
    "child",
    "family",
)  # is reached as the subject is
_THIRD = (
    *_AT_HOME_TOO,
    *(
        "emergency",
        "guarantor",
        "companion",
        "recipient",
        "insured",
        "applicant",
        "proxy",
        "other",
        "referred",
    ),
    "",  # the second of those who are numbered
)
_IF_REACHED = (
    "sender",
    "introducer",
    "head",
)  # stand beside many rows, but for those who can be reached in them
_STANDING = ("again", "staff", *_IF_REACHED)  # are the subject where nobody else is named
# How these are reached is how the subject is: a child by his parents.
_AT_HOME = ("", "child", "guardian", "father", "mother", "husband", "spouse", "emergency", "household")
_BROUGHT = ("companion", "referred")  # by whoever else is named
_UNNAMED = (
    "companion",
    "family",
    "insured",
    "applicant",
    "proxy",
    "other",
    "referred",
)  # … and these, where they have no name of their own
_WAYS = (email_address.kind, phone.kind, address.kind)
_NUMBER = regex.compile(r"\d{1,2}")


@dataclass(frozen=True, slots=True)
class Party:
    """One of those who have a part in the rows: 家族, or 家族 2 where several are named."""

    role: str = ""
    number: str = ""

    @property
    def is_at_home(self) -> bool:
        """Tell whether it lives with the subject."""
        return self.role in _AT_HOME_TOO


@lru_cache(maxsize=4096)
def _role(label: str) -> str:
    return next((party for party, pattern in _PARTIES if pattern.search(label)), "")


def _number(label: str) -> str:
    return found.group() if (found := _NUMBER.search(label)) else ""


def _parties(columns: Sequence[Column]) -> list[Party]:
    """Say whose each column is. Numbers tell parties apart where they number names (家族1氏名), not 電話1 and 電話2 of one."""
    labels = [each.label for each in columns]
    written = [place for place, each in enumerate(columns) if each.kind == name.kind and not each.kana]
    for place, each in enumerate(columns):
        if each.kind == name.kind and each.kana and written and _says_nobody(each.label, labels, written):
            # フリガナ is that of the name to its left.
            labels[place] = labels[max((at for at in written if at < place), default=written[0])]
    roles = list(map(_role, labels))
    numbers: dict[str, set[str]] = {}
    for place, each in enumerate(columns):
        if each.kind == name.kind and (not each.kana or not written):
            numbers.setdefault(roles[place], set()).add(_number(labels[place]))
    several = {role for role, some in numbers.items() if len(some) > 1}
    return [
        Party(role, _number(label) if role in several else "")
        for role, label in zip(roles, labels, strict=True)
    ]


def _says_nobody(label: str, labels: Sequence[str], written: Sequence[int]) -> bool:
    """Tell whether the heading of a reading leaves open whose it is."""
    return _name_heading.is_mere_reading(label) or (
        not _role(label) and all(_role(labels[at]) for at in written)
    )


def _named(columns: Sequence[Column], whose: Sequence[Party]) -> list[Party]:
    """Give the parties that have a name in the rows, each once."""
    return list(
        dict.fromkeys(party for each, party in zip(columns, whose, strict=True) if each.kind == name.kind)
    )


def _subject(named: Sequence[Party]) -> Party:
    """Give the party that the rows are about."""
    if not named or Party() in named:
        return Party()
    children = (party for party in named if party.role == "child")
    return next(children, None) or next((one for one in named if one.role not in _STANDING), named[0])


def own(columns: Sequence[Column], kind: str) -> list[Column]:
    """Give the columns of a kind that are of the subject itself; where none is, all that are not of others who have a name."""
    whose = _parties(columns)
    named = _named(columns, whose)
    subject = _subject(named)
    of_kind = [(each, party) for each, party in zip(columns, whose, strict=True) if each.kind == kind]
    for fits in ((subject,), (Party(),)):
        if found := [each for each, party in of_kind if party in fits]:
            return found
    return [each for each, party in of_kind if party not in named]


def reaching(columns: Sequence[Column], kind: str) -> list[Column]:
    """Give the columns of a kind that reach the subject."""
    whose = _parties(columns)
    named = _named(columns, whose)
    subject = _subject(named)
    of_kind = [(each, party) for each, party in zip(columns, whose, strict=True) if each.kind == kind]
    if not named:
        return [each for each, _ in of_kind]
    at_home = subject.role in _AT_HOME
    return [
        each
        for each, party in of_kind
        if party in (Party(), subject)
        or (at_home and party.role in _AT_HOME and not party.number)
        or (party.role in _UNNAMED and party not in named)
    ]


def abreast(columns: Sequence[Column]) -> Iterator[Sequence[Column]]:
    """Give the columns of each record, where several stand side by side in a row: 氏名 電話 氏名 電話."""
    labels = [_AGAIN.sub("", each.header or "") for each in columns]
    first = next(
        (place for place, each in enumerate(columns) if each.kind == name.kind and labels[place]), None
    )
    if first is None:
        yield from _in_a_grid(columns)
        return
    # A record begins where the first name comes again, or before it with what stands before the first.
    starts = [0]
    for place in range(first + 1, len(columns)):
        if labels[place] == labels[first] and columns[place].kana is columns[first].kana:
            start = place - first
            starts.append(start if start > starts[-1] and labels[start:place] == labels[:first] else place)
    for start, end in zip(starts, [*starts[1:], len(columns)], strict=True):
        yield columns[start:end]


def _in_a_grid(columns: Sequence[Column]) -> Iterator[Sequence[Column]]:
    """Give the names of each column without heading that has some of its own: who sits beside whom (座席表).

    Who has two names (本名) has them in a few rows only.
    """
    named = [
        each
        for each in columns
        if each.kind == name.kind and each.part == "full" and not each.label and not each.is_of_few_words()
    ]
    beside = [
        each
        for place, each in enumerate(named)
        if any(_is_written_alike(each, one) and each.found() * 2 >= one.found() for one in named[:place])
        and not any(_names_the_same(each, one) for one in named[:place])
    ]
    yield [each for each in columns if not any(each is one for one in beside)]
    yield from ([each] for each in beside)


def _is_written_alike(one: Column, other: Column) -> bool:
    """Tell whether two columns are in one script: names in another are those of the same people."""
    return one.kana is other.kana and _in_latin(one) is _in_latin(other)


def _in_latin(column: Column) -> bool:
    return "".join(column.sample()[:_SOME]).isascii()


def _names_the_same(one: Column, other: Column) -> bool:
    """Tell whether two columns name the same people: those of a row, or some of them elsewhere."""
    same = one.normal.keys() & other.normal.keys()
    return len(same) * _SOME > min(len(one.normal), len(other.normal))


_SOME = 5
_AGAIN = regex.compile(r"\.\d+$")  # as pandas tells headings apart


def third_parties(columns: Sequence[Column]) -> list[tuple[Party, list[Column]]]:
    """Give each party that has a name of its own in the rows and is not their subject, with its columns."""
    whose = _parties(columns)
    named = _named(columns, whose)
    subject = _subject(named)
    found = []
    for party in named:
        of_party = [each for each, other in zip(columns, whose, strict=True) if other == party]
        counts = party.role in _THIRD or (
            party.role in _IF_REACHED
            and (
                bool(subject.number)
                or subject.role in _BROUGHT
                or any(each.kind in _WAYS for each in of_party)
            )
        )
        if party != subject and counts:
            found.append((party, of_party))
    return found


def may_name_others(columns: Sequence[Column]) -> bool:
    """Tell whether some column names who lives with the subject, here or further down: its cells may be empty as yet."""
    return any(_role(each.label) in _AT_HOME_TOO and name.header(each.label) > 0 for each in columns)
