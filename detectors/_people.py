"""Count the people of a table: the same person written differently is one, those of one home are one household.

In: typed columns. Out: a Count with one Identity per person. Fails: never.

A birthdate tells siblings apart that share mail, phone and address, so where there is one, name and birthdate are
the person. Without one, a name and anything that reaches it is. Without a name, the mail address is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import regex

from detectors import (
    _naming,
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
from detectors._column import Column
from detectors._model import Identity

ADULT = 18  # 民法 4条


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """The people of a table."""

    records: int = 0
    households: int = 0
    items: Mapping[str, int] = field(default_factory=dict)
    identities: tuple[Identity, ...] = ()


NOBODY = Count()


@dataclass(slots=True, kw_only=True)
class Person:
    """What one record says of its person, each item in its normal form."""

    name: str = ""
    kana: str = ""
    family: str = ""
    family_kana: str = ""
    shown: str = ""
    mails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    born: str = ""
    postcode: str = ""
    address: str = ""
    number: str = ""
    rest: str = ""
    minor: bool = False

    def keys(self) -> tuple[str, ...]:
        """Give the keys by which the person is known again."""
        if not self.name:
            return self._nameless_keys()
        who = f"n:{self.name}"
        ways = [*(f"m:{mail}" for mail in self.mails), *(f"p:{number}" for number in self.phones)]
        if self.address and address.is_house(self.address):
            ways.append(f"a:{self.address}")
        if self.born:
            born = f"b:{self.born}"
            if not self.kana:
                return (f"{who}|{born}",)
            # A name written in kana once: its reading must agree, and one way to reach it.
            return (f"{who}|{born}", *(f"k:{self.kana}|{born}|{way}" for way in ways))
        if self.number:
            ways.append(f"i:{self.number}")
        if not ways:
            return (f"{who}|x:{self.rest}{self.address}{self.postcode}",)
        if not self.kana:
            return tuple(f"{who}|{way}" for way in ways)
        return (*(f"{who}|{way}" for way in ways), *(f"k:{self.kana}|{way}" for way in ways))

    def _nameless_keys(self) -> tuple[str, ...]:
        if self.mails:
            return tuple(f"m:{mail}" for mail in self.mails)
        if self.number:
            return (f"i:{self.number}",)
        return tuple(f"p:{number}" for number in self.phones)

    def household_keys(self) -> tuple[str, ...]:
        """Give the keys that those who live together share."""
        keys: list[str] = []
        if self.address and address.is_house(self.address):
            keys.append(f"a:{self.postcode}|{self.address}")
        for number in self.phones:
            if self.family:
                keys.append(f"f:{number}|{self.family}")
            if self.family_kana and self.family_kana != self.family:
                keys.append(f"f:{number}|{self.family_kana}")
        return tuple(keys)


def count(columns: Sequence[Column], today: date) -> Count:
    """Count the people, households and items of a table about people."""
    people = [
        person
        for person in _persons(columns, today)
        if person.name or person.mails or person.number or person.phones
    ]
    identities = merge(people)
    return Count(
        records=len(people), households=households(identities), items=_items(columns), identities=identities
    )


def merge(people: Sequence[Person]) -> tuple[Identity, ...]:
    """Make one identity of all records that share a key."""
    keys = [person.keys() for person in people]
    groups = _groups(keys)
    return tuple(
        _identity([people[place] for place in group], [keys[place] for place in group]) for group in groups
    )


def _identity(records: Sequence[Person], keys: Sequence[tuple[str, ...]]) -> Identity:
    if len(records) == 1:
        one = records[0]
        return Identity(
            keys=keys[0],
            household_keys=one.household_keys(),
            email_addresses=one.mails,
            names=(one.shown,) if one.shown else (),
            minor=one.minor,
        )
    return Identity(
        keys=tuple(dict.fromkeys(key for some in keys for key in some)),
        household_keys=tuple(dict.fromkeys(key for one in records for key in one.household_keys())),
        email_addresses=tuple(dict.fromkeys(mail for one in records for mail in one.mails)),
        names=tuple(dict.fromkeys(one.shown for one in records if one.shown)),
        minor=any(one.minor for one in records),
    )


def households(identities: Sequence[Identity]) -> int:
    """Count the homes; who shares nothing with anybody lives alone."""
    return len(_groups([person.household_keys for person in identities]))


def _groups(keys: Sequence[tuple[str, ...]]) -> list[list[int]]:
    """Group the places whose keys meet (union-find; a group keeps its first place)."""
    parent = list(range(len(keys)))

    def root(place: int) -> int:
        while parent[place] != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place

    owner: dict[str, int] = {}
    for place, some in enumerate(keys):
        for key in some:
            other = owner.setdefault(key, place)
            if other != place:
                one, two = root(other), root(place)
                parent[max(one, two)] = min(one, two)
    groups: dict[int, list[int]] = {}
    for place in range(len(keys)):
        groups.setdefault(root(place), []).append(place)
    return list(groups.values())


def _items(columns: Sequence[Column]) -> dict[str, int]:
    """Count, for each kind, the records that have it; several columns of a kind count once."""
    items: dict[str, int] = {}
    for kind in dict.fromkeys(each.kind for each in columns if each.kind):
        of_kind = [each for each in columns if each.kind == kind]
        if len(of_kind) == 1:
            items[kind] = of_kind[0].found()
        else:
            items[kind] = sum(
                any(cell in each.normal for cell, each in zip(cells, of_kind, strict=True))
                for cells in zip(*(each.cells for each in of_kind), strict=True)
            )
    return items


_BESIDE_THE_SUBJECT = regex.compile(
    r"保護者|世帯主|代表|担当|紹介|緊急|guardian|parent|続柄|配偶者|ご依頼主|管理者|責任者"
)


def _persons(columns: Sequence[Column], today: date) -> list[Person]:
    """Read every row as a person."""
    rows = len(columns[0].cells) if columns else 0
    people = [Person() for _ in range(rows)]
    _put_names(people, columns)
    for kind, attribute in (
        (birthdate.kind, "born"),
        (postcode.kind, "postcode"),
        (member_number.kind, "number"),
    ):
        for each in _first(columns, kind):
            normal = each.normal
            for person, cell in zip(people, each.cells, strict=True):
                if cell in normal:
                    setattr(person, attribute, normal[cell])
    for kind, attribute in ((email_address.kind, "mails"), (phone.kind, "phones")):
        for each in (each for each in columns if each.kind == kind):
            normal = each.normal
            for person, cell in zip(people, each.cells, strict=True):
                if cell in normal:
                    found = getattr(person, attribute)
                    if normal[cell] not in found:
                        setattr(person, attribute, (*found, normal[cell]))
    _put_addresses(people, columns)
    _put_traits(people, columns, today)
    return people


def _first(columns: Sequence[Column], kind: str) -> Sequence[Column]:
    """Give the column of a kind that is of the subject itself."""
    of_kind = [each for each in columns if each.kind == kind]
    own = [each for each in of_kind if not _BESIDE_THE_SUBJECT.search(each.label)] or of_kind
    return own[:1]


def _put_names(people: Sequence[Person], columns: Sequence[Column]) -> None:
    """Give every person its name, its reading and its family name."""
    named = [each for each in columns if each.kind == name.kind]
    own = [each for each in named if not _BESIDE_THE_SUBJECT.search(each.label)] or named
    for kana in (False, True):
        script = [each for each in own if each.kana is kana]
        full = [each for each in script if each.part == "full"][:1]
        parts = full or [each for part in ("family", "given") for each in script if each.part == part][:2]
        if not parts:
            continue
        families: dict[tuple[str, ...], tuple[str, str, str]] = {}
        for person, cells in zip(people, zip(*(each.cells for each in parts), strict=True), strict=True):
            if cells not in families:
                families[cells] = _whole(cells, parts)
            key, family, shown = families[cells]
            if not key:
                continue
            if kana:
                person.kana, person.family_kana = key, family
            if not kana or not person.name:
                person.name, person.family, person.shown = key, family, shown


def _whole(cells: tuple[str, ...], parts: Sequence[Column]) -> tuple[str, str, str]:
    """Give the key, the family name and the written form of a name that lies in one cell or in two."""
    forms = [each.normal.get(cell, "") for cell, each in zip(cells, parts, strict=True)]
    shown = " ".join(each.folded.get(cell, "") for cell, each in zip(cells, parts, strict=True)).strip()
    if len(parts) == 2:
        return "".join(forms), forms[0], shown
    parsed = _naming.parse(parts[0].folded.get(cells[0], ""))
    return (
        forms[0],
        parsed.family if parsed and parsed.script == "kanji" else _naming.family_of(forms[0], parsed),
        shown,
    )


def _put_addresses(people: Sequence[Person], columns: Sequence[Column]) -> None:
    """Join the parts of an address from left to right."""
    parts = [each for each in columns if each.kind == address.kind]
    full = [each for each in parts if each.part == "full"]
    if full:
        first = columns.index(full[0])
        parts = [
            full[0],
            *(each for each in columns[first + 1 :] if each.kind == address.kind and each.part == "rest"),
        ]
    if len(parts) == 1:
        normal = parts[0].normal
        for person, cell in zip(people, parts[0].cells, strict=True):
            person.address = normal.get(cell, "")
        return
    for person, cells in zip(people, zip(*(each.cells for each in parts), strict=True), strict=False):
        person.address = address.normal(
            "".join(each.folded.get(cell, "") for cell, each in zip(cells, parts, strict=True))
        )


def _put_traits(people: Sequence[Person], columns: Sequence[Column], today: date) -> None:
    """Mark the minors, and keep what else there is for those who have a name and nothing to reach them by."""
    grades, ages = (_first(columns, kind) for kind in (school_grade.kind, age.kind))
    births: dict[str, bool] = {}
    for person in people:
        if person.born:
            if person.born not in births:
                births[person.born] = birthdate.age_on(person.born, today) < ADULT
            person.minor = births[person.born]
    for each in grades:
        for person, cell in zip(people, each.cells, strict=True):
            if not person.born and cell in each.normal:
                person.minor = school_grade.is_minor(each.normal[cell])
    for each in ages:
        for person, cell in zip(people, each.cells, strict=True):
            if not person.born and cell in each.normal:
                person.minor = int(each.normal[cell]) < ADULT
    for each in (*grades, *ages, *_first(columns, gender.kind)):
        for person, cell in zip(people, each.cells, strict=True):
            person.rest += each.normal.get(cell, "") + ","
