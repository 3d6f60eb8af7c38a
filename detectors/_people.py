"""Count the people of a table: the same person written differently is one, those of one home are one household.

In: typed columns, identities. Out: an Identity for each record; one for each person; numbers. Fails: never.

A birthdate tells siblings apart that share mail, phone and address, so where there is one, name and birthdate are
the person. Without one, a name and anything that reaches it is. Without a name, the mail address is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain, repeat

from detectors import address
from detectors._column import Column
from detectors._model import Identity
from detectors._records import guardians, may_name_guardians, read

ADULT = 18  # 民法 4条


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

    def identity(self) -> Identity:
        """Give the keys by which the person is known again."""
        house = self.address if self.address and address.is_house(self.address) else ""
        rest = f"{self.rest}{self.address}{self.postcode}"
        return Identity(
            keys=keys_of(self.name, self.kana, self.born, self.mails, self.phones, house, self.number, rest),
            household_keys=household_keys_of(
                house, self.postcode, self.phones, self.family, self.family_kana
            ),
            email_addresses=self.mails,
            names=(self.shown,) if self.shown else (),
            minor=self.minor,
        )


def keys_of(
    name: str,
    kana: str,
    born: str,
    mails: Sequence[str],
    phones: Sequence[str],
    house: str,
    number: str,
    rest: str,
) -> tuple[str, ...]:
    """Give the keys by which the person of a record is known again."""
    if not name:
        if mails:
            return tuple([f"m:{mail}" for mail in mails])
        if number:
            return (f"i:{number}",)
        return ("p:" + phones[0],) if len(phones) == 1 else tuple(["p:" + phone for phone in phones])
    ways = []
    for mail in mails:  # a comprehension would be a call, for each record, and most have but one
        ways.append("m:" + mail)  # noqa: PERF401
    for phone in phones:
        ways.append("p:" + phone)  # noqa: PERF401
    if house:
        ways.append("a:" + house)
    if born:
        who, read = f"n:{name}|b:{born}", f"k:{kana}|b:{born}|"
        own = [who]
    else:
        who, read = f"n:{name}|", f"k:{kana}|"
        if number:
            ways.append("i:" + number)
        if not ways:
            return (f"{who}x:{rest}",)
        own = [who + way for way in ways]
    if kana:  # a name written in kana once: its reading must agree, and one way to reach it
        own += [read + way for way in ways]
    return tuple(own)


def household_keys_of(
    house: str, postcode: str, phones: Sequence[str], family: str, family_kana: str
) -> tuple[str, ...]:
    """Give the keys that those who live together share."""
    keys = [f"a:{postcode}|{house}"] if house else []
    for number in phones:
        if family:
            keys.append(f"f:{number}|{family}")
        if family_kana and family_kana != family:
            keys.append(f"f:{number}|{family_kana}")
    return tuple(keys)


_NOBODY = ("", "", "")


def identities(columns: Sequence[Column], today: date) -> list[Identity]:
    """Make an identity of every row that names somebody or says how to reach one, and of the guardian beside him."""
    rows = read(columns, today, ADULT)
    beside = guardians(columns) or repeat(_NOBODY)
    has_guardians = may_name_guardians(columns)
    houses = {place: place if place and address.is_house(place) else "" for place in set(rows.address)}
    made: list[Identity] = []
    for (
        name,
        kana,
        family,
        family_kana,
        shown,
        mails,
        phones,
        born,
        code,
        place,
        number,
        code_of_one,
        rest,
        minor,
        guardian,
    ) in zip(
        rows.name,
        rows.kana,
        rows.family,
        rows.family_kana,
        rows.shown,
        rows.mails,
        rows.phones,
        rows.born,
        rows.postcode,
        rows.address,
        rows.number,
        rows.code,
        rows.rest,
        rows.minor,
        beside,
        strict=False,
    ):
        if not (name or mails or number or phones):
            if code_of_one:
                made.append(Identity((f"c:{code_of_one}",), (), (), (), minor))
            continue
        house = houses[place]
        more = "" if born or mails or phones or not name else f"{rest}{place}{code}"
        keys = keys_of(name, kana, born, mails, phones, house, number, more)
        homes = (
            household_keys_of(house, code, phones, family, family_kana)
            if house or family or family_kana
            else ()
        )
        if has_guardians and name and born and not minor:
            # Who stands beside others as well, here or further down, is known there by name and by what reaches him.
            keys += keys_of(name, "", "", mails, phones, house, "", "")
        made.append(Identity(keys, homes, mails, (shown,) if shown else (), minor))
        if guardian[0] and guardian[0] not in (name, kana):
            # What reaches him first reaches him beside each of his children: one key is enough.
            first = (
                f"m:{mails[0]}" if mails else f"p:{phones[0]}" if phones else f"a:{house}" if house else "x:"
            )
            key = f"n:{guardian[0]}|{first}"
            made.append(
                Identity(keys=(key,), household_keys=homes[:1], names=(guardian[2],), has_record=False)
            )
    return made


def every_key(columns: Sequence[Column], today: date) -> Iterator[tuple[str, ...]]:
    """Yield, row by row, every key that an Identity of this person may have, and his mail addresses.

    A name counts with one more item, never alone; a member number not without a name, since others count from 1 as well.
    """
    rows = read(columns, today, ADULT)
    houses = {place: place if place and address.is_house(place) else "" for place in set(rows.address)}
    for name, kana, mails, phones, born, place, number in zip(
        rows.name, rows.kana, rows.mails, rows.phones, rows.born, rows.address, rows.number, strict=True
    ):
        house = houses[place]
        keys = [*mails, *(f"p:{phone}" for phone in phones)]
        for shown in dict.fromkeys(filter(None, (name, kana))):
            if born:
                keys += keys_of(shown, "", born, mails, phones, house, number, "")
            if mails or phones or house or number:
                keys += keys_of(shown, "", "", mails, phones, house, number, "")
        yield tuple(keys)


def merge(records: Sequence[Identity]) -> tuple[Identity, ...]:
    """Make one identity of all records that share a key."""
    first = {group[0]: group for group in _groups([record.keys for record in records])}
    later = {place for group in first.values() for place in group[1:]}
    return tuple(
        _joined([records[one] for one in first[place]]) if place in first else record
        for place, record in enumerate(records)
        if place not in later
    )


def _joined(records: Sequence[Identity]) -> Identity:
    return Identity(
        keys=tuple(dict.fromkeys(key for one in records for key in one.keys)),
        household_keys=tuple(dict.fromkeys(key for one in records for key in one.household_keys)),
        email_addresses=tuple(dict.fromkeys(mail for one in records for mail in one.email_addresses)),
        names=tuple(dict.fromkeys(name for one in records for name in one.names)),
        minor=any(one.minor for one in records),
    )


def households(identities: Sequence[Identity]) -> int:
    """Count the homes; who shares nothing with anybody lives alone."""
    groups = _groups([person.household_keys for person in identities])
    return len(identities) - sum(len(group) - 1 for group in groups)


def _groups(keys: Sequence[tuple[str, ...]]) -> list[list[int]]:
    """Give the places whose keys meet, several in each group, in order (union-find); most meet nobody."""
    times = Counter(chain.from_iterable(keys))
    shared = {key for key, number in times.items() if number > 1}
    if not shared:
        return []
    parent: dict[int, int] = {}

    def root(place: int) -> int:
        while parent[place] != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place

    owner: dict[str, int] = {}
    for place, some in enumerate(keys):
        if shared.isdisjoint(some):
            continue
        parent[place] = place
        for key in shared.intersection(some):
            other = owner.setdefault(key, place)
            if other != place:
                one, two = root(other), root(place)
                parent[max(one, two)] = min(one, two)
    groups: dict[int, list[int]] = {}
    for place in parent:
        groups.setdefault(root(place), []).append(place)
    return [group for group in groups.values() if len(group) > 1]


def items(columns: Sequence[Column]) -> dict[str, int]:
    """Count, for each kind, the records that have it; several columns of a kind count once."""
    found: dict[str, int] = {}
    for kind in dict.fromkeys(each.kind for each in columns if each.kind):
        of_kind = [each for each in columns if each.kind == kind]
        if len(of_kind) == 1:
            found[kind] = of_kind[0].found()
        else:
            held = [map(each.normal.__contains__, each.cells) for each in of_kind]
            found[kind] = sum(map(any, zip(*held, strict=True)))
    return found
