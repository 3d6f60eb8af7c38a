"""Find numbers of driving licences (運転免許証の番号, 道路交通法 93条; twelve digits: 公安委員会 2, 年 2, 一連番号 6, 検査 1, 再交付 1).

In: running text after its label, whole cells of a column so headed. Out: twelve digits. Fails: never.

The rule of the check digit is not published; the first two digits are the code of a 公安委員会 (10 to 97).
"""

from __future__ import annotations

import re

from detectors._labelled import CLOSE, SEP, compact, labelled
from detectors._words import headings

kind = "driving_licence"

header = headings(kind)
_WHOLE = re.compile(r"[1-9][0-9](?:[- ]?[0-9]){10}")


def cell(value: str) -> str | None:
    """Give the digits of a cell of a column known to hold such numbers."""
    return compact(value) if _WHOLE.fullmatch(value) else None


_find = labelled(
    kind,
    r"免許証?(?:の?番号|No\.?|ナンバー)|免許証(?=[: ])|river'?s? ?[Ll]icen[cs]e ?(?:[Nn]o\.?|[Nn]umber|#)?|riving ?[Ll]icen[cs]e ?(?:[Nn]o\.?|[Nn]umber|#)?",
    rf"(?:第 ?)?[1-9][0-9]{{3}}{SEP}[0-9]{{4}}{SEP}[0-9]{{4}}(?: ?号)?{CLOSE}",
    len,
    confidence=0.95,
    hints="免許 icen",
)
trigger, find = _find.trigger, _find.find
