"""Count in kanji and in digits.

In: a folded numeral below a hundred, or the digits of a year one by one. Out: the number, or None. Fails: never.
"""

from __future__ import annotations

import re

KANJI = "元一二三四五六七八九十〇零"
_DIGITS = str.maketrans("一二三四五六七八九〇零元", "123456789001")
_BELOW_A_HUNDRED = re.compile("([1-9]?)十([1-9]?)")


def number(shown: str) -> int | None:
    """Count 55, 五十五, 一九八〇, 元; 十十 is none."""
    digits = shown.translate(_DIGITS)
    if match := _BELOW_A_HUNDRED.fullmatch(digits):
        return int(match[1] or 1) * 10 + int(match[2] or 0)
    return int(digits) if digits.isdecimal() else None
