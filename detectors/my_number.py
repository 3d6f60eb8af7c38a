"""Find My Numbers (個人番号, 番号法 2条5項; check digit: 平成26年総務省令第85号 5条).

In: running text with a keyword near, whole cells. Out: twelve digits.
Fails: never. One of ten random twelve-digit strings has a fitting check digit, so a number alone is no finding: it needs
a keyword within reach, a heading, or neighbours that all fit.
"""

from __future__ import annotations

import re

from detectors._labelled import BEGAN, CLOSE, GROUPED, SEP, compact
from detectors._near import Near
from detectors._words import headings

kind = "my_number"

header = headings(kind)
_SHAPE = re.compile(rf"[0-9]{BEGAN}[0-9]{{3}}{SEP}[0-9]{{4}}{SEP}[0-9]{{4}}{CLOSE}")
_WHOLE = re.compile(r"[0-9]{4}[- ]?[0-9]{4}[- ]?[0-9]{4}")
_WEIGHTS = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_KEYWORD = re.compile(
    r"マイナンバー|個人番号|共通番号|個人識別番号|通知カード|社会保障・税番号|My ?[Nn]umber|my ?number|MY ?NUMBER|ndividual [Nn]umber"
)
_REACH = 300  # characters; the same as in Purview
_BEHIND = 60
_ALIKE = 5  # by accident: 1 in 100,000
_DIFFERENT = 3


def cell(value: str) -> str | None:
    """Give the digits of a whole cell with a fitting check digit."""
    return checked(compact(value)) if _WHOLE.fullmatch(value) else None


def checked(digits: str) -> str | None:
    """Give twelve digits back if the last is the check digit of the others, and they are not all alike."""
    if len(digits) != len(_WEIGHTS) + 1 or not digits.isdigit() or len(set(digits)) < _DIFFERENT:
        return None
    rest = sum(int(digit) * weight for digit, weight in zip(digits[:-1], _WEIGHTS, strict=True)) % 11
    return digits if int(digits[-1]) == (0 if rest <= 1 else 11 - rest) else None


trigger = GROUPED
_near = Near(
    kind=kind,
    shape=_SHAPE,
    checked=checked,
    keyword=_KEYWORD,
    reach=_REACH,
    behind=_BEHIND,
    alike=_ALIKE,
    confidence_alike=0.7,
)
find = _near.find
