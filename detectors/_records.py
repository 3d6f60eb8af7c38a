"""Read the rows of a table about people, column by column: each item in its normal form.

In: typed columns. Out: Records, equally long lists. Fails: never.

Column by column and by distinct cells, since a call for each cell would cost more than everything else together.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import repeat

from detectors import (
    _parties,
    address,
    age,
    birthdate,
    credit_card,
    driving_licence,
    email_address,
    gender,
    health_insurance,
    member_number,
    my_number,
    name,
    passport,
    pension_number,
    phone,
    postcode,
    relationship,
    residence_card,
    school_grade,
)
from detectors._column import Column


@dataclass(slots=True, kw_only=True)
class Records:
    """What the rows say of their people; "" and () where they say nothing."""

    name: Sequence[str]
    kana: Sequence[str]
    family: Sequence[str]
    family_kana: Sequence[str]
    shown: Sequence[str]
    mails: Sequence[tuple[str, ...]]
    phones: Sequence[tuple[str, ...]]
    born: Sequence[str]
    postcode: Sequence[str]
    address: Sequence[str]
    number: Sequence[str]
    code: Sequence[str]
    rest: Sequence[str]
    relation: Sequence[str]
    minor: Sequence[bool]


def read(columns: Sequence[Column], today: date, adult: int) -> Records:
    """Read every row as a person."""
    rows = len(columns[0].cells) if columns else 0
    names, families, shown, kanas, family_kanas = _names(columns, rows)
    born = _forms(columns, birthdate.kind, rows)
    return Records(
        name=names,
        kana=kanas,
        family=families,
        family_kana=family_kanas,
        shown=shown,
        mails=_all_forms(_parties.reaching(columns, email_address.kind), email_address.kind, rows),
        phones=_all_forms(_parties.reaching(columns, phone.kind), phone.kind, rows),
        born=born,
        postcode=_forms(columns, postcode.kind, rows),
        address=_addresses(_parties.reaching(columns, address.kind), rows),
        number=_forms(columns, member_number.kind, rows),
        code=_codes(columns, rows),
        rest=_rest(columns, rows),
        relation=_forms(columns, relationship.kind, rows),
        minor=_minors(columns, born, today, adult),
    )


@dataclass(slots=True, kw_only=True)
class Beside:
    """Who else stands in each row: key, family name and written form; his birthdate, and by what he is reached first."""

    is_at_home: bool
    named: list[tuple[str, str, str]]
    born: list[str]
    way: list[str]


def third_parties(columns: Sequence[Column]) -> list[Beside]:
    """Read whoever else has a part in the rows."""
    rows = len(columns[0].cells) if columns else 0
    found = []
    for party, of_party in _parties.third_parties(columns):
        named = _both_scripts([each for each in of_party if each.kind == name.kind], rows)
        ways = [
            [f"{mark}:{forms[0]}" if forms else "" for forms in _all_forms(of_party, kind, rows)]
            for mark, kind in (("m", email_address.kind), ("p", phone.kind))
        ]
        houses = [f"a:{place}" if address.is_house(place) else "" for place in _addresses(of_party, rows)]
        way = [next(filter(None, one), "") for one in zip(*ways, houses, strict=True)]
        born = _forms(of_party, birthdate.kind, rows)
        found.append(Beside(is_at_home=party.is_at_home, named=named, born=born, way=way))
    return found


def _both_scripts(named: Sequence[Column], rows: int) -> list[tuple[str, str, str]]:
    """Give key, family name and written form of the names in some columns, by their reading where there is but that."""
    kanji, kana = ([each for each in named if each.kana is kind] for kind in (False, True))
    found = _written(kanji, rows)
    if found is not None and all(found[0]):
        return list(zip(*found, strict=True))
    read = _written(kana, rows)
    if found is None or read is None:
        return list(zip(*(found or read or ()), strict=True))
    pairs = zip(zip(*found, strict=True), zip(*read, strict=True), strict=True)
    return [one if one[0] else two for one, two in pairs]


def _first(columns: Sequence[Column], kind: str) -> Sequence[Column]:
    """Give the column of a kind that is of the subject itself."""
    return _parties.own(columns, kind)[:1]


def _forms(columns: Sequence[Column], kind: str, rows: int) -> list[str]:
    """Give the normal forms of a kind, row by row."""
    for each in _first(columns, kind):
        return each.forms()
    return [""] * rows


def _all_forms(columns: Sequence[Column], kind: str, rows: int) -> list[tuple[str, ...]]:
    """Give the normal forms of all columns of a kind, row by row."""
    of_kind = [each for each in columns if each.kind == kind]
    if not of_kind:
        return [()] * rows
    if len(of_kind) == 1:
        single = {cell: (form,) for cell, form in of_kind[0].normal.items()}
        return [single.get(cell, ()) for cell in of_kind[0].cells]
    forms = [[each.normal.get(cell) for cell in each.cells] for each in of_kind]
    return [tuple(dict.fromkeys(filter(None, some))) for some in zip(*forms, strict=True)]


# Each is one person's, whatever stands beside it (個人識別符号, 施行令 1条), or opens his purse.
CODES = (
    my_number.kind,
    pension_number.kind,
    driving_licence.kind,
    passport.kind,
    residence_card.kind,
    health_insurance.kind,
    credit_card.kind,
)
_OFTEN_ONE = 0.5


def identifying(columns: Sequence[Column]) -> list[Column]:
    """Give the columns of numbers that each identify one person; 保険者番号 is the insurer's."""
    return [
        each
        for each in columns
        if each.kind in CODES and not each.label.startswith("保険者") and each.distinctness() >= _OFTEN_ONE
    ]


def _codes(columns: Sequence[Column], rows: int) -> list[str]:
    """Give the number that identifies each row's person, the surest kind first."""
    found = sorted(identifying(columns), key=lambda each: CODES.index(each.kind or ""))
    for each in found[:1]:
        return [f"{each.kind}:{each.normal[cell]}" if cell in each.normal else "" for cell in each.cells]
    return [""] * rows


def _names(
    columns: Sequence[Column], rows: int
) -> tuple[list[str], list[str], list[str], list[str], list[str]]:
    """Give every row its name, family name, written form, reading, and the reading of the family name."""
    own = _parties.own(columns, name.kind)
    kanji, kana = (_written([each for each in own if each.kana is kind], rows) for kind in (False, True))
    empty = [""] * rows
    if kana is None:
        return (*(kanji or (empty, empty, empty)), empty, empty)
    if kanji is None:
        return (*kana, kana[0], kana[1])
    if not all(kanji[0]):
        # Who has but a reading is named by it.
        both = [(one if one[0] else two) for one, two in zip(zip(*kanji), zip(*kana), strict=True)]  # noqa: B905
        kanji = tuple(map(list, zip(*both, strict=True)))  # type: ignore[assignment]
    return (*kanji, kana[0], kana[1])


def _written(script: Sequence[Column], rows: int) -> tuple[list[str], list[str], list[str]] | None:
    """Give key, family name and written form of the names in one script, whole or in two columns."""
    full = [each for each in script if each.part == "full"][:1]
    parts = full or [
        each for part in ("family", "given") for each in [one for one in script if one.part == part][:1]
    ]
    if not parts or not rows:
        return None
    if len(parts) == 1:
        one = parts[0]
        normal, folded = one.normal, one.folded
        return (
            one.forms(),
            list(map(one.families.get, one.cells, repeat(""))),
            [folded[cell] if cell in normal else "" for cell in one.cells],
        )
    pairs = list(zip(*(each.cells for each in parts), strict=True))
    of_pair = {pair: _joined(pair, parts) for pair in set(pairs)}
    keys, families, shown = zip(*(of_pair[pair] for pair in pairs), strict=True)
    return list(keys), list(families), list(shown)


def _joined(cells: tuple[str, ...], parts: Sequence[Column]) -> tuple[str, str, str]:
    """Give the key, the family name and the written form of a name that lies in two cells."""
    forms = [each.normal.get(cell, "") for cell, each in zip(cells, parts, strict=True)]
    shown = " ".join(each.folded.get(cell, "") for cell, each in zip(cells, parts, strict=True)).strip()
    key = "".join(forms)
    return (key, forms[0], shown) if key else ("", "", "")


def _addresses(columns: Sequence[Column], rows: int) -> list[str]:
    """Join the parts of an address from left to right."""
    parts = [each for each in columns if each.kind == address.kind]
    full = [each for each in parts if each.part == "full"]
    if full:
        first = columns.index(full[0])
        parts = [
            full[0],
            *(each for each in columns[first + 1 :] if each.kind == address.kind and each.part == "rest"),
        ]
    if not parts:
        return [""] * rows
    if len(parts) == 1:
        return parts[0].forms()
    written = zip(*([each.folded.get(cell, "") for cell in each.cells] for each in parts), strict=True)
    joined = ["".join(some) for some in written]
    normal = {place: address.normal(place) for place in set(joined)}
    return [normal[place] for place in joined]


def _minors(columns: Sequence[Column], born: Sequence[str], today: date, adult: int) -> list[bool]:
    """Tell who is not of age: by birthdate, else by age, else by grade, else by what the rows are called (園児名)."""
    latest = f"{today.year - adult:04}-{today.month:02}-{today.day:02}"  # birthdate of who is of age
    are_children = any(_CHILD.search(each.label) for each in _first(columns, name.kind))
    minors = [day > latest if day else are_children for day in born]
    for kind, is_minor in (
        (school_grade.kind, school_grade.is_minor),
        (age.kind, lambda years: int(years) < adult),
    ):
        for each in _first(columns, kind):
            young = {cell: is_minor(form) for cell, form in each.normal.items()}
            minors = [
                minor if day else young.get(cell, minor)
                for minor, day, cell in zip(minors, born, each.cells, strict=True)
            ]
    return minors


_CHILD = re.compile("児童|園児|幼児|乳児|新生児|お子様|お子さま")


def _rest(columns: Sequence[Column], rows: int) -> list[str]:
    """Keep what else there is, for those who have a name and nothing to reach them by."""
    of_kinds = [each for kind in (school_grade.kind, age.kind, gender.kind) for each in _first(columns, kind)]
    if not of_kinds:
        return [""] * rows
    forms = [each.forms() for each in of_kinds]
    return [",".join(some) + "," for some in zip(*forms, strict=True)]
