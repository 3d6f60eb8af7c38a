"""Find corporate numbers (法人番号, 番号法 2条15項; check digit: 平成26年財務省令第70号 2条).

In: running text after its label, whole cells. Out: thirteen digits. Fails: never.

They are public and name no person; they are found because a table that has them is one of companies, and because one in
six holds a window that would pass for a My Number. The T of an invoice number (消費税法 57条の2) may stand before it.
"""

from __future__ import annotations

import re

from detectors._labelled import CLOSE, SEP, compact, labelled
from detectors._words import headings

kind = "corporate_number"

header = headings(kind)
_WHOLE = re.compile(r"T?([1-9](?:[- ]?[0-9]{4}){3})")
_DIGITS = 13


def cell(value: str) -> str | None:
    """Give the digits of a whole cell with a fitting check digit."""
    match = _WHOLE.fullmatch(value)
    return checked(compact(match[1])) if match else None


def checked(digits: str) -> str | None:
    """Give thirteen digits back if the first is the check digit of the others."""
    if len(digits) != _DIGITS or not digits.isdigit():
        return None
    total = sum(int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits[1:])))
    return digits if int(digits[0]) == 9 - total % 9 else None


_find = labelled(
    kind,
    r"法人番号|登録番号|インボイス|[Cc]orporate [Nn]umber",
    rf"T?[1-9][0-9]{{3}}{SEP}[0-9]{SEP}[0-9]{{4}}{SEP}[0-9]{{4}}{CLOSE}|T?[1-9](?:{SEP}[0-9]{{4}}){{3}}{CLOSE}",
    lambda shown: checked(compact(shown).lstrip("T")),
    confidence=0.95,
    why="check digit and label",
    hints="法人番号 登録番号 インボイス orporate",
)
trigger, find = _find.trigger, _find.find
