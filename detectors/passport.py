"""Find passport numbers (旅券番号, 旅券法 6条; ICAO Doc 9303: two letters and seven digits in Japan).

In: running text after its label, whole cells of a column so headed. Out: letters and digits. Fails: never.
"""

from __future__ import annotations

import re

from detectors._labelled import CLOSE, compact, labelled
from detectors._words import headings

kind = "passport"

header = headings(kind)
_WHOLE = re.compile(r"[A-Za-z]{1,2}[- ]?[0-9]{7,8}")


def cell(value: str) -> str | None:
    """Give the number of a cell of a column known to hold such numbers."""
    return compact(value) if _WHOLE.fullmatch(value) else None


_find = labelled(
    kind,
    r"旅券(?:の?番号|No\.?)?|パスポート(?:の?番号|No\.?|ナンバー)?|[Pp]assport ?(?:[Nn]o\.?|[Nn]umber|#)?|PASSPORT ?(?:NO\.?|NUMBER)?",
    rf"[A-Za-z]{{1,2}}[- ]?[0-9]{{7}}{CLOSE}",
    len,
    confidence=0.95,
    hints="旅券 パスポート assport PASSPORT",
)
trigger, find = _find.trigger, _find.find
