"""Find postcodes (郵便番号, 内国郵便約款; seven digits since 1998).

In: running text, whole cells, also cells where a spreadsheet ate the leading 0. Out: the seven digits. Fails: never.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import regex

from detectors._labelled import each_of
from detectors._model import Finding, Text
from detectors._words import headings

kind = "postcode"

header = headings(kind)
_WHOLE = re.compile(r"〒? ?([0-9]{3})[- ]?([0-9]{4})")
_HYPHENED = re.compile(r"〒? ?[0-9]{3}-[0-9]{4}|〒 ?[0-9]{7}")


def cell(value: str) -> str | None:
    """Give the digits of a whole cell that is written as a postcode, hyphen or 〒 included."""
    return digits(value) if _HYPHENED.fullmatch(value) else None


def digits(value: str) -> str | None:
    """Give the seven digits of a cell of a column known to hold postcodes."""
    if match := _WHOLE.fullmatch(value):
        return match[1] + match[2] if match[1] != "000" else None
    if value.isascii() and value.isdigit() and len(value) == 6:
        return "0" + value
    return None


_IN_TEXT = regex.compile(r"[0-9](?<![0-9A-Za-z\-.][0-9])[0-9]{2}(?:-(?:\n ?)?)?[0-9]{4}(?![0-9\-A-Za-z])")
trigger = "|".join(
    (
        "〒|郵便番号",
        each_of("0123456789", "[0-9]{2}-[0-9]{4}"),
        each_of("zZ", "(?i:ip)"),
        each_of("pP", "(?i:ost(?:al)? ?code)"),
    )
)
_LABEL = regex.compile(
    r"(?r)(?:〒[^\n0-9]{0,3}|郵便番号[^\n0-9]{0,6}|(?i:zip(?: ?code)?|post(?:al)? ?code)[^\n0-9]{0,4})(?:\n[ \t〒]{0,4})?"
)
_PLACE = regex.compile(
    r"[ \t,、」)]{0,3}(?:\n[ \t]{0,4}(?:(?:ご|御)?住所[: 】]{0,3})?)?(?:\p{Han}{2,3}[都道府県]|\p{Han}{1,6}[市区郡])"
)
_BEFORE = 20


def find(text: Text) -> Iterator[Finding]:
    """Yield postcodes that 〒, a label or an address shows to be such: a bare 123-4567 is any code at all."""
    folded = text.folded
    for match in _IN_TEXT.finditer(folded):
        start, end = match.span()
        if match[0].startswith("000"):
            continue
        labelled = _LABEL.match(folded, max(0, start - _BEFORE), start) is not None
        if not labelled and not (_HYPHENED.fullmatch(match[0]) and _PLACE.match(folded, end)):
            continue
        first, last = text.span(start, end)
        yield Finding(
            kind=kind,
            start=first,
            end=last,
            confidence=0.95 if labelled else 0.8,
            why="label" if labelled else "an address follows",
        )
