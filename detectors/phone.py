"""Find telephone numbers of people, by the numbering plan (電気通信番号計画, 令和元年総務省告示第6号).

In: running text, whole cells, also cells where a spreadsheet ate the leading 0.
Out: the national number in digits. Free-dial and service numbers (0120, 0800, 0570, 0990, 0180, 00XY), FAX and
代表 numbers reach no person and are no finding. Fails: never.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import lru_cache

import regex

from detectors._model import Finding, Text
from detectors._words import NO_OWN_WORDS, OwnWords, headings, shipped

kind = "phone"

header = headings(kind)
# Of cells `re` reads one in half the time of `regex`.
_WHOLE = re.compile(
    r"(?:(?:tel|電話|携帯|自宅|☎|℡|📞|phone)[:.]?\s*)?(\(?\+?[0-9][0-9()\- .\u30fc]{7,18}[0-9])",
    flags=re.IGNORECASE,
)
_DIGITS = re.compile(r"[0-9]+")
_FREE = ("0800-", "0800(", "(0800)", "0800 ")
_NOBODYS = shipped("service_numbers")
_SHAPES = frozenset(
    (
        (2, 4, 4),
        (3, 3, 4),
        (4, 2, 4),
        (5, 1, 4),
        (3, 4, 4),
        (4, 3, 3),
        (4, 6),
        (2, 8),
        (3, 7),
        (3, 8),
        (6, 4),
        (7, 4),
        (10,),
        (11,),
    )
)


# As most are written, with no need to look closer: 090-1234-5678, 09012345678, (03)1234-5678, 045(123)4567, 0463 12 3456, and what
# a spreadsheet leaves of them, 9012345678, 312345678. D is a digit, _ what parts them, ~ what may, ! a prefix of nobody's.
_PARTS = "-() ."
_COMMON = re.compile(
    r"(?:\(?0[5-9]0~DDDD~DDDD|\(?0(?!!)(?:D~DDDD~DDDD|DD~DDD~DDDD|DDD~DD~DDDD|DDDD_D_DDDD)|[5-9]0DDDDDDDD|(?!!)DDDDDDDDD)".replace(
        "!)", "|".join(("0", "[5-9]~0", *("~".join(prefix[1:]) for prefix in _NOBODYS))) + ")"
    )
    .replace("D", "[0-9]")
    .replace("_", f"[{_PARTS}]{{1,2}}")
    .replace("~", f"[{_PARTS}]{{0,2}}")
)


def cell(value: str) -> str | None:
    """Give the national number of a whole cell in digits, its leading 0 restored."""
    if _COMMON.fullmatch(value):
        digits = value.replace("-", "")
        digits = digits if digits.isdigit() else "".join(_DIGITS.findall(digits))
        return digits if digits[0] == "0" else f"0{digits}"
    match = _WHOLE.fullmatch(value)
    if match is None:
        # 090-1234-5678(自宅), 03-1234-5678 / 090-…: the first number stands for the cell.
        match = _FIRST.match(value)
        if match is None:
            return None
    shown = match[1]
    runs = _DIGITS.findall(shown)
    digits = "".join(runs)
    if shown.startswith(("+", "(+")):
        return national(digits[2:].lstrip("0").rjust(1, "0")) if digits.startswith("81") else None
    if digits.startswith("0"):
        return None if shown.startswith(_FREE) or tuple(map(len, runs)) not in _SHAPES else national(digits)
    if shown == digits and ((len(digits) == 10 and digits[:2] in _MOBILE_EATEN) or len(digits) == 9):
        return national("0" + digits)
    return None


def shown(value: str) -> str | None:
    """Give the national number of a whole cell that shows by itself that it is one, and no amount of nine digits."""
    number = cell(value)
    return (
        number
        if number is not None and (not value.isdigit() or value[0] == "0" or is_mobile(number))
        else None
    )


def dialled(value: str) -> str | None:
    """Give the digits of a cell of a column known to hold such numbers: those outside the plan, mistyped or made up, too."""
    if _FROM_ABROAD.fullmatch(value):
        return "0" + value[2:]
    number = cell(value)
    if number is not None or not _AS_DIALLED.fullmatch(value) or value.startswith(_FREE):
        return number
    digits = "".join(_DIGITS.findall(value))
    return digits if 8 <= len(digits) <= 11 and not digits.startswith(_NOBODYS) else None


def all_dialled(cells: Collection[str]) -> list[str | None]:
    """Give the digits of all cells of such a column: those written as most are at once, in a third of the time."""
    lines = "".join([f"{cell}\n" for cell in cells])
    odd = set(_ODD.findall(lines))
    for sign in _PARTS:
        lines = lines.replace(sign, "")
    numbers = _EATEN.sub("0", lines).split("\n")[:-1]
    return [dialled(cell) if cell in odd else number for cell, number in zip(cells, numbers, strict=True)]


_ODD = re.compile(rf"(?:{_COMMON.pattern}\n)*+(.*)\n?")  # a line after some that are common
_EATEN = re.compile(r"^(?=[1-9])", re.MULTILINE)
_FROM_ABROAD = re.compile(r"81(?:[5-9]0[0-9]{8}|[1-9][0-9]{8})")  # +81 90…, read as a figure
_AS_DIALLED = re.compile(r"0[1-9][0-9]*(?:[-() ]{1,2}[0-9]+)*")
_MOBILE_EATEN = ("60", "70", "80", "90", "50")
_FIRST = re.compile(r"(0[0-9]{1,4}-[0-9]{1,4}-[0-9]{3,4})(?=$|[ /,;(、・])")


def national(digits: str) -> str | None:
    """Give the digits of a number in the plan that can reach a person, else None."""
    if not digits.startswith("0"):
        digits = "0" + digits
    if digits.startswith(_NOBODYS) or digits[1] == "0":
        return None
    if len(digits) == 11:
        return digits if digits[1] in "56789" and digits[2] == "0" else None
    if len(digits) != 10 or (digits[2] == "0" and digits[1] in "56789"):
        return None
    return digits


def is_mobile(digits: str) -> bool:
    """Tell whether a national number is carried by a person (060, 070, 080, 090)."""
    return len(digits) == 11 and digits[1] in "6789"


_LABEL = r"(?i:tel|phone|mobile|電話|携帯|連絡先|☎|℡)"
trigger = r"0[0-9]{1,4}[-.( )]|0[5-9]0[0-9]{8}|\+81|0[1-9][0-9]{8}|\(0[0-9]"
# A number as sentences show it; a line may end inside.
WRITTEN = (
    r"(?:\+81[- ]?\(?0?\)?[- ]?[1-9][0-9]{0,3}[- ]?[0-9]{1,4}[- ]?[0-9]{4}"
    r"|\(0[0-9]{1,4}\) ?[0-9]{1,4}[- ]?[0-9]{4}"
    r"|0[0-9]{1,4}(?:[- .] ?|\(|-\n ?)[0-9]{1,4}(?:[- .] ?|\)|-\n ?)[0-9]{3,4}"
    r"|0[5-9]0-?[0-9]{4}-?[0-9]{4}|0[1-9][0-9]{8})"
    r"(?![0-9]|-[0-9]|[.@][0-9A-Za-z]|/(?!(?i:fax|tel|mobile)|\(?0[0-9]{1,4}[-(])[0-9A-Za-z])"
)
_NUMBER = regex.compile(
    rf"(?:(?<![0-9\-.@=+A-Za-z_]|(?<!-[0-9]{{3,4}})/)|(?<=(?<![A-Za-z])(?i:TEL|PHONE)\.?)){WRITTEN}"
)
_GAP = regex.compile(r"-\n ?|[ .]")
_BEFORE = 14


@lru_cache(maxsize=4)
def _silent(own: OwnWords) -> regex.Pattern[str]:
    """Give the expression for what stands before a number that reaches no person."""
    words = "|".join(map(regex.escape, (*shipped("not_phones"), *own.not_phones)))
    return regex.compile(rf"(?i:fax|ファ[ック]+ス|ファクシミリ|F[:.]|{words})[^\n0-9]*$")


def written(shown: str) -> str | None:
    """Give the national number of what is WRITTEN in a text."""
    return cell(shown if shown.startswith("+") else _GAP.sub("-", shown))


_TURNED = regex.compile(r"(?i:tel|電話|携帯|phone)[^\n0-9]*$")
_AFTER = regex.compile(r" ?\((?:代表?|大代表|fax|直通代表)\)", flags=regex.IGNORECASE)
_NAMED = regex.compile(_LABEL + r"[^\n0-9]{0,10}$")


def find(text: Text, own: OwnWords = NO_OWN_WORDS) -> Iterator[Finding]:
    """Yield numbers that can reach a person."""
    folded, silent = text.folded, _silent(own)
    for match in _NUMBER.finditer(folded):
        start, end = match.span()
        shown = match[0]
        if written(shown) is None:
            continue
        before = folded[max(0, start - _BEFORE) : start]
        if (silent.search(before) and not _TURNED.search(before)) or _AFTER.match(folded, end):
            continue
        named = _NAMED.search(before) is not None
        digits = "".join(_DIGITS.findall(shown))
        mobile = digits.startswith(("06", "07", "08", "09")) and len(digits) == 11
        if digits == shown and (digits.startswith("0800") or not (named or mobile)):
            continue
        first, last = text.span(start, end)
        why = "label" if named else "mobile number" if mobile else "number of the plan"
        yield Finding(kind=kind, start=first, end=last, confidence=0.9 if named or mobile else 0.65, why=why)
