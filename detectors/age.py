"""Find the age of a person (年齢; 年齢計算ニ関スル法律).

In: running text after its label or after a name, whole cells. Out: years as digits. Fails: never.
"""

from __future__ import annotations

from collections.abc import Iterator

import regex

from detectors._labelled import each_of
from detectors._model import Finding, Text
from detectors._words import headings

kind = "age"

header = headings(kind)
_WHOLE = regex.compile(r"満?([0-9]{1,3}) ?(歳|才)(?:[0-9]{1,2}(?:か|ヶ|ケ|カ)月)?")
_BARE = regex.compile(r"([0-9]{1,3})(?:\.0)?")
_OLDEST = 125


def cell(value: str) -> str | None:
    """Give the years of a whole cell written with 歳 or 才."""
    match = _WHOLE.fullmatch(value)
    return _years(match[1]) if match else None


def years(value: str) -> str | None:
    """Give the years of a cell of a column known to hold ages."""
    match = _BARE.fullmatch(value) or _WHOLE.fullmatch(value)
    return _years(match[1]) if match else None


def _years(shown: str) -> str | None:
    return str(int(shown)) if int(shown) <= _OLDEST else None


_IN_TEXT = regex.compile(
    r"(?:年齢|(?<![A-Za-z])(?i:age))[ \t]*[】\])〕:=|は\n \t]{1,4}[ \t]*満?([0-9]{1,3}) ?(?:歳|才)?(?![0-9代~\-ヶか])"
    r"|(?<=[\p{Han}\p{Hiragana}ー]さ?[ん様]?)[ ]?\(満?([0-9]{1,3}) ?[歳才]?\)(?=[^0-9]|$)"
)
trigger = "年齢|" + each_of("aA", "(?i:ge)") + r"|\([満0-9]{1,4}[ 歳才)]"


def find(text: Text) -> Iterator[Finding]:
    """Yield ages after their label, or in brackets with 歳."""
    folded = text.folded
    for match in _IN_TEXT.finditer(folded):
        group = 1 if match[1] else 2
        if group == 2 and not ("歳" in match[0] or "才" in match[0]):
            continue
        if _years(match[group]) is None:
            continue
        first, last = text.span(*match.span(group))
        yield Finding(
            kind=kind, start=first, end=last, confidence=0.85, why="label" if group == 1 else "歳 in brackets"
        )
