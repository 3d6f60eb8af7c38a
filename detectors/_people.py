"""Count the people of a table: the same person written differently is one, those of one home are one household.

In: typed columns, identities. Out: an Identity for each record; one for each person; numbers. Fails: never.

A birthdate tells siblings apart that share mail, phone and address, so where there is one, name and birthdate are
the person. Without one, a name and anything that reaches it is. Without a name, the mail address is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import chain
from operator import itemgetter
from typing import cast

from detectors import address
from detectors._column import Column
from detectors._homes import carried_down
from detectors._model import Identity
from detectors._parties import abreast, may_name_others
from detectors._records import Records, read, third_parties

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
    rest: Sequence[str],
) -> tuple[str, ...]:
    """Give the keys by which the person of a record is known again."""
    if not name:
        if mails:
            return tuple([f"m:{mail}" for mail in mails])
        if number:
            return (f"i:{number}",)
        return ("p:" + phones[0],) if len(phones) == 1 else tuple(["p:" + phone for phone in phones])
    if born:
        keys, read, number = [f"n:{name}|b:{born}"], f"k:{kana}|b:{born}|", ""
    else:
        keys, read = _ways(f"n:{name}|", mails, phones, house, number), f"k:{kana}|"
        if not keys:
            return (f"n:{name}|x:{''.join(rest)}",)
    if kana:  # a name written in kana once: its reading must agree, and one way to reach it
        keys += _ways(read, mails, phones, house, number)
    return tuple(keys)


def _ways(who: str, mails: Sequence[str], phones: Sequence[str], house: str, number: str) -> list[str]:
    """Give a key for each way to reach somebody."""
    ways = []
    for mail in mails:  # a comprehension would be a call, for each record, and most have but one
        ways.append(f"{who}m:{mail}")  # noqa: PERF401
    for phone in phones:
        ways.append(f"{who}p:{phone}")  # noqa: PERF401
    if house:
        ways.append(f"{who}a:{house}")
    if number:
        ways.append(f"{who}i:{number}")
    return ways


def household_keys_of(
    house: str, postcode: str, phones: Sequence[str], family: str, family_kana: str
) -> tuple[str, ...]:
    """Give the keys that those who live together share."""
    if not (house or family or family_kana):
        return ()
    keys = [f"a:{postcode}|{house}"] if house else []
    for number in phones:
        if family:
            keys.append(f"f:{number}|{family}")
        if family_kana and family_kana != family:
            keys.append(f"f:{number}|{family_kana}")
    return tuple(keys)


def identities(columns: Sequence[Column], today: date) -> list[Identity]:
    """Make an identity of every record that names somebody or says how to reach one, and of those beside him."""
    return list(chain.from_iterable(_identities(record, today) for record in abreast(columns)))


def _identities(columns: Sequence[Column], today: date) -> list[Identity]:
    rows = read(columns, today, ADULT)
    houses = _houses(rows.address)
    rest = zip(rows.rest, rows.address, rows.postcode, strict=True)
    ways = (rows.mails, rows.phones, houses)
    keys: Iterable[tuple[str, ...]] = map(keys_of, rows.name, rows.kana, rows.born, *ways, rows.number, rest)
    if any(rows.code):
        keys = (own or ((f"c:{code}",) if code else ()) for own, code in zip(keys, rows.code, strict=True))
    if may_name_others(columns):
        # Who stands beside others as well, here or further down, is known there by name and by what reaches him.
        keys = (
            (*own, *keys_of(name, "", "", mails, phones, house, "", ""))
            if name and born and not minor
            else own
            for own, name, born, minor, mails, phones, house in zip(
                keys, rows.name, rows.born, rows.minor, *ways, strict=True
            )
        )
    homes_of = carried_down(houses, rows.address, rows.postcode, rows.family, rows.relation)
    homes = map(household_keys_of, *homes_of, rows.phones, rows.family, rows.family_kana)
    names = [(shown,) if shown else () for shown in rows.shown]
    has_record = [True] * len(names)
    made = list(map(_identity, zip(keys, homes, rows.mails, names, rows.minor, has_record, strict=True)))
    made += list(_beside(columns, rows, made, houses))
    return made if all(map(_KEYS, made)) else [one for one in made if one.keys]


def _beside(
    columns: Sequence[Column], rows: Records, made: Sequence[Identity], houses: Sequence[str]
) -> Iterator[Identity]:
    """Give whoever else has a part in a row: who lives with its person, whom a parcel goes to, who stands surety."""
    known = [rows.name, rows.kana]
    for party in third_parties(columns):
        ways = party.way
        if party.is_at_home:
            # What reaches the subject first reaches them beside each of their children: one key is enough.
            first = map(_first_way, rows.mails, rows.phones, houses)
            ways = [way or other for way, other in zip(ways, first, strict=True)]
        for (key, _, shown), born, way, others, one in zip(
            party.named, party.born, ways, zip(*known, strict=True), made, strict=True
        ):
            if key and key not in others:
                keys = (f"n:{key}|b:{born}",) if born else (f"n:{key}|{way or 'x:'}",)
                home = one.household_keys[:1] if party.is_at_home else ()
                yield Identity(keys, home, (), (shown,), has_record=False)
        known.append([key for key, _, _ in party.named])


def _first_way(mails: Sequence[str], phones: Sequence[str], house: str) -> str:
    return f"m:{mails[0]}" if mails else f"p:{phones[0]}" if phones else f"a:{house}" if house else ""


# To make them by their class takes a call in Python for each.
_identity = cast("Callable[[tuple[object, ...]], Identity]", partial(tuple.__new__, Identity))
_KEYS = itemgetter(Identity._fields.index("keys"))


def _houses(addresses: Sequence[str]) -> list[str]:
    """Leave out the addresses that do not go down to the house."""
    houses = {place: place if place and address.is_house(place) else "" for place in set(addresses)}
    return [houses[place] for place in addresses]


def every_key(columns: Sequence[Column], today: date) -> Iterator[tuple[str, ...]]:
    """Yield, row by row, every key that an Identity of this person may have, and his mail addresses.

    A name counts with one more item, never alone; a member number not without a name, since others count from 1 as well.
    """
    rows = read(columns, today, ADULT)
    for name, kana, mails, phones, born, house, number in zip(
        rows.name,
        rows.kana,
        rows.mails,
        rows.phones,
        rows.born,
        _houses(rows.address),
        rows.number,
        strict=True,
    ):
        keys = [*mails, *(f"p:{phone}" for phone in phones)]
        for shown in dict.fromkeys(filter(None, (name, kana))):
            if born:
                keys += keys_of(shown, "", born, mails, phones, house, number, "")
            if mails or phones or house or number:
                keys += keys_of(shown, "", "", mails, phones, house, number, "")
        yield tuple(keys)


def merge(records: Sequence[Identity]) -> tuple[Identity, ...]:
    """Make one identity of all records that share a key."""
    people: list[Identity | None] = list(records)
    for group in _groups([record.keys for record in records]):
        people[group[0]] = _joined([records[place] for place in group])
        for place in group[1:]:
            people[place] = None
    return tuple(filter(None, people))


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
    met: set[str] = set()
    shared: set[str] = set()
    for key in chain.from_iterable(keys):
        (shared if key in met else met).add(key)
    if not shared:
        return []
    parent: dict[int, int] = {}

    def root(place: int) -> int:
        while parent[place] != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place

    alike: dict[tuple[str, ...], list[int]] = {}  # the very same keys are met but once
    for place, some in enumerate(keys):
        if not shared.isdisjoint(some):
            alike.setdefault(some, []).append(place)
    owner: dict[str, int] = {}
    for some, places in alike.items():
        place = parent[places[0]] = places[0]
        for key in shared.intersection(some):
            other = owner.setdefault(key, place)
            if other != place:
                one, two = root(other), root(place)
                parent[max(one, two)] = min(one, two)
    groups: dict[int, list[int]] = {}
    for places in alike.values():
        groups.setdefault(root(places[0]), []).extend(places)
    return [sorted(group) for group in groups.values() if len(group) > 1]


def items(columns: Sequence[Column]) -> Counter[str]:
    """Count, for each kind, the records that have it; several columns of a kind count once."""
    found: Counter[str] = Counter()
    for record in abreast(columns):
        for kind in dict.fromkeys(each.kind for each in record if each.kind):
            of_kind = [each for each in record if each.kind == kind]
            if len(of_kind) == 1:
                found[kind] += of_kind[0].found()
            else:
                held = [map(each.normal.__contains__, each.cells) for each in of_kind]
                found[kind] += sum(map(any, zip(*held, strict=True)))
    return found
