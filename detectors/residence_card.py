"""Find numbers of residence cards (在留カード番号, 入管法 19条の4; 特別永住者証明書番号: two letters, eight digits, two letters).

In: running text after its label, whole cells of a column so headed. Out: letters and digits. Fails: never.
"""

from __future__ import annotations

import re

from detectors._labelled import CLOSE, SEP, compact, labelled
from detectors._words import headings

kind = "residence_card"

header = headings(kind)
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
