"""Check digits by name, for the kinds that an organisation adds.

In: a number as it is shown. Out: whether its last digit (of 法人番号: the first) is the check digit of the others.
Fails: never; what has too few digits does not fit.

What groups digits, and letters before them, are left out: AB-1234-5674 is judged by 12345674.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from detectors import corporate_number, my_number

_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
_FEWEST = 4  # of fewer digits a check digit says nothing


def fits(name: str, shown: str) -> bool:
    """Tell whether a number has the check digit of that name."""
    digits = re.sub(r"[^0-9]", "", shown)
    if name == "mod11" and shown[-1:] in "Xx":
        digits += "X"
    return len(digits) >= _FEWEST and CHECK_DIGITS[name](digits)


def luhn(digits: str) -> bool:
    """ISO/IEC 7812-1, annex B: every second digit from the right doubled, its digits added."""
    total = sum(map(int, digits[-1::-2])) + sum(_DOUBLED[int(digit)] for digit in digits[-2::-2])
    return total % 10 == 0


def _mod10(digits: str) -> bool:
    """GS1 General Specifications 7.9 (JAN, JIS X 0507): weights 3 and 1 in turn from the right."""
    return (sum(map(int, digits[-1::-2])) + 3 * sum(map(int, digits[-2::-2]))) % 10 == 0


def _mod11(digits: str) -> bool:
    """Modulus 11, weights 2 to 7 from the right (モジュラス11 ウェイト2〜7); a ten is written X or 0."""
    total = sum(int(digit) * (2 + place % 6) for place, digit in enumerate(reversed(digits[:-1])))
    check = -total % 11
    return digits[-1] in ("X0" if check == 10 else str(check))


def _mod97(digits: str) -> bool:
    """ISO/IEC 7064, MOD 97-10: the number with its two check digits leaves 1."""
    return int(digits) % 97 == 1


CHECK_DIGITS: Mapping[str, Callable[[str], bool]] = {
    "luhn": luhn,
    "mod10": _mod10,
    "mod11": _mod11,
    "mod97": _mod97,
    "my_number": lambda digits: my_number.checked(digits) is not None,
    "corporate_number": lambda digits: corporate_number.checked(digits) is not None,
}
