"""Find basic pension numbers (基礎年金番号, 国民年金法 14条 and 108条の4: four digits and six).

In: running text after its label, whole cells of a column so headed. Out: ten digits. Fails: never.
"""

from __future__ import annotations

import re

from detectors._labelled import CLOSE, SEP, compact, labelled
from detectors._words import headings

kind = "pension_number"

header = headings(kind)
_WHOLE = re.compile(r"[0-9]{4}[- ]?[0-9]{6}")


def cell(value: str) -> str | None:
    """Give the digits of a cell of a column known to hold such numbers."""
    return compact(value) if _WHOLE.fullmatch(value) else None


_find = labelled(
    kind,
    r"年金(?:手帳|証書)?の?(?:記号)?(?:番号|No\.?)|ension (?:[Nn]o\.?|[Nn]umber)",
    rf"[0-9]{{4}}{SEP}[0-9]{{6}}{CLOSE}",
    len,
    confidence=0.95,
    hints="年金 ension",
)
trigger, find = _find.trigger, _find.find
