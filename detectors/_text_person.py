"""Make a person of what a record of a text says: a name, and how to reach whoever bears it.

In: the findings of one record, in their order. Out: a Person, or None where they tell of nobody. Fails: never.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from detectors import (
    _naming,
    _people,
    _records,
    _roster,
    address,
    age,
    bank_account,
    birthdate,
    email_address,
    member_number,
    name,
    phone,
    postcode,
    school_grade,
)
from detectors._fold import fold_cell
from detectors._model import Finding, Text
from detectors._people import Person

REACH = frozenset((email_address.kind, phone.kind, birthdate.kind, address.kind, member_number.kind))
# What is somebody's, but stands beside the name of whoever is to be paid in many a letter: only lists of it are of people.
CODES = frozenset((*_records.CODES, bank_account.kind))
_FULL_NAME, OFFICE = 0.9, "number of the plan"


def _mentions(text: Text, record: Sequence[Finding]) -> bool:
    """Tell whether a record is but a surname in a sentence and an office's number below: 大野先生の学級 … 教頭(03-…)まで."""
    first, *others = record
    return (
        bool(others)
        and first.kind == name.kind
        and first.why == "honorific"
        and first.confidence < _FULL_NAME
        and all(one.kind == phone.kind and one.why == OFFICE for one in others)
        and "\n" in text.original[first.end : others[0].start]
    )


def person_of(text: Text, record: Sequence[Finding], reaching: frozenset[str], today: date) -> Person | None:
    """Make a person of a record that names one and says something else, or of a mail address of a list."""
    if _mentions(text, record):
        return None
    person = Person()
    mails: list[str] = []
    phones: list[str] = []
    years: int | None = None
    grade: str | None = None
    for finding in record:
        shown = fold_cell(text.original[finding.start : finding.end])
        if finding.kind == name.kind:
            key = _naming.key(shown)
            if not person.name:
                person.name, person.shown = key, shown
                parsed = _naming.parse(shown)
                person.family = (
                    _naming.family_of(key, parsed)
                    if parsed is None or parsed.script != "kanji"
                    else parsed.family
                )
            elif _naming.is_kana(key) and not person.kana:
                person.kana = key
        elif finding.kind == email_address.kind:
            mails.append(shown.lower())
        elif finding.kind == phone.kind and (number := phone.written(shown)):
            phones.append(number)
        elif finding.kind == birthdate.kind:
            person.born = person.born or birthdate.known(shown) or ""
        elif finding.kind == postcode.kind:
            person.postcode = person.postcode or postcode.digits(shown) or ""
        elif finding.kind == address.kind:
            person.address = person.address or address.normal(shown)
        elif finding.kind == member_number.kind:
            person.number = person.number or shown.upper()
        elif finding.kind == age.kind:
            years = int(age.years(shown) or 0)
        elif finding.kind == school_grade.kind:
            grade = school_grade.known(shown)
    person.mails, person.phones = tuple(dict.fromkeys(mails)), tuple(dict.fromkeys(phones))
    if person.born:
        person.minor = birthdate.age_on(person.born, today) < _people.ADULT
    elif years is not None or grade is not None:
        person.minor = (years is not None and years < _people.ADULT) or (
            grade is not None and school_grade.is_minor(grade)
        )
    if person.name:
        is_reached = mails or phones or person.born or person.address or person.number
        is_coded = any(one.kind in CODES & reaching for one in record)
        return person if is_reached or is_coded or any(map(_roster.is_listed, record)) else None
    return person if len(record) == 1 and mails and not email_address.is_role(mails[0]) else None
