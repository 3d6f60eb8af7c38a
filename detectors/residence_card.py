"""Find numbers of residence cards (在留カード番号, 入管法 19条の4; 特別永住者証明書番号: two letters, eight digits, two letters).

In: running text after its label, whole cells of a column so headed. Out: letters and digits. Fails: never.
"""

from __future__ import annotations

import re

from detectors._header import words
from detectors._labelled import CLOSE, SEP, compact, labelled

kind = "residence_card"

header = words(
    "在留カード番号 在留カード 在留カードno 特別永住者証明書番号 residencecard residencecardno residencecardnumber zairyucard 在留番号",
    r"在留カード(?:番号|no|ナンバー)?$|特別永住者証明書|residencecard",
    r"期限|有効|期間|資格|有無|expir|date",
).score
_WHOLE = re.compile(r"[A-Za-z]{2}[- ]?[0-9]{4}[- ]?[0-9]{4}[- ]?[A-Za-z]{2}")


def cell(value: str) -> str | None:
    """Give the number of a cell of a column known to hold such numbers."""
    return compact(value) if _WHOLE.fullmatch(value) else None


_find = labelled(
    kind,
    r"在留カード(?:等?の?番号|No\.?|ナンバー)?|特別永住者証明書(?:の?番号)?|[Rr]esidence [Cc]ard ?(?:[Nn]o\.?|[Nn]umber|#)?|RESIDENCE CARD(?: NO\.?)?",
    rf"[A-Za-z]{{2}}{SEP}[0-9]{{4}}{SEP}[0-9]{{4}}{SEP}[A-Za-z]{{2}}{CLOSE}",
    len,
    confidence=0.95,
    hints="在留 永住 esidence RESIDENCE",
)
trigger, find = _find.trigger, _find.find
