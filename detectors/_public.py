"""What an organisation has made public of itself: how to reach it, and the titles under which people answer for it.

In: values as somebody writes them. Out: whether something that was found is one of them. Fails: never.

A number under which anybody may call a shop says nothing of whoever stands beside it. A name is never public by itself: two
people may have it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import regex

from detectors import address, email_address, name, phone
from detectors._cell import reader_of
from detectors._fold import fold_cell
from detectors._model import Finding, Text
from detectors._words import shipped

_BLANK = re.compile(r"[\s()\-]")
_SHORT = 8  # characters of an address that may begin another


@dataclass(frozen=True, slots=True, kw_only=True)
class Public:
    """Contacts (telephone numbers, mail and postal addresses) and titles of an organisation, as they are written."""

    contacts: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()

    def without(self, findings: Sequence[Finding], text: Text) -> tuple[Finding, ...]:
        """Leave out what reaches the organisation itself."""
        if not self.contacts:
            return tuple(findings)
        contacts = _keys(self.contacts)
        return tuple(one for one in findings if not _is_of(contacts, one, text.original[one.start : one.end]))

    def of_nobody(self, kind: str, forms: Mapping[str, str]) -> set[str]:
        """Give the cells of a column of a kind that reach the organisation itself; `forms` are their normal forms."""
        if not self.contacts or kind not in _REACHING:
            return set()
        known = _forms(self.contacts, kind)
        if kind != address.kind:
            return {cell for cell, form in forms.items() if form in known}
        return {
            cell
            for cell, form in forms.items()
            if len(form) >= _SHORT and any(form.startswith(one) or one.startswith(form) for one in known)
        }

    @property
    def officer(self) -> regex.Pattern[str]:
        """An expression that what stands before an officer's name ends with."""
        return _officer(self.titles)


NOTHING = Public()


def _is_of(contacts: frozenset[str], finding: Finding, shown: str) -> bool:
    if finding.kind == name.kind:
        return False
    key = _key(shown)
    if finding.kind != address.kind:
        return key in contacts
    return any(
        min(len(key), len(one)) >= _SHORT and (key.startswith(one) or one.startswith(key)) for one in contacts
    )


_REACHING = (phone.kind, email_address.kind, address.kind)


@lru_cache(maxsize=12)
def _forms(contacts: tuple[str, ...], kind: str) -> frozenset[str]:
    """Give the normal forms, as cells of a column of the kind have them, of the contacts that are long enough to be of it."""
    read = reader_of(kind)
    forms = (read(fold_cell(contact)) for contact in contacts)
    return frozenset(form for form in forms if form and len(form) >= _SHORT)


@lru_cache(maxsize=4)
def _keys(contacts: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(_key, contacts))


def _key(shown: str) -> str:
    """Give what is compared: the national number, or the letters without what stands between them."""
    folded = fold_cell(shown)
    return phone.cell(folded) or _BLANK.sub("", folded).lower()


@lru_cache(maxsize=4)
def _officer(titles: tuple[str, ...]) -> regex.Pattern[str]:
    words = "|".join(map(regex.escape, (*shipped("officers"), *map(fold_cell, titles))))
    return regex.compile(rf"(?:{words})[:) ]{{0,2}}$")
