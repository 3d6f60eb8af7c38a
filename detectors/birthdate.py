"""Find dates of birth (生年月日, 個人情報保護法 2条1項1号), in the calendar and in the eras (元号法; JIS X 0301).

In: running text, whole cells. Out: ISO dates. A date in running text is a birthdate only with a label.
Fails: never.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache

import regex

from detectors._header import words
from detectors._model import Finding, Text

kind = "birthdate"

_WORDS = words(
    "生年月日 誕生日 生年 生まれ 出生日 出生年月日 birthday birthdate dateofbirth dob birth birthymd bday 生年月日西暦 生年月日和暦 お誕生日 seinengappi",
    r"生年月日|誕生日|出生|birth|dateofbirth|生年月",
    r"予定|place|地|国|特典|体重|メール|クーポン",
)
# The year before each era's first; 令和 from 2019-05-01, 平成 1989-01-08, 昭和 1926-12-25, 大正 1912-07-30.
_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "大正": 1911, "明治": 1867}
_ERAS |= {
    "r": 2018,
    "h": 1988,
    "s": 1925,
    "t": 1911,
    "m": 1867,
    "令": 2018,
    "平": 1988,
    "昭": 1925,
    "大": 1911,
    "明": 1867,
}
_ERA = r"令和|平成|昭和|大正|明治|[RHSTMrhstm](?=[.0-9元])|[令平昭大明](?=[.0-9元])"
_DATE = (
    r"(?:(?P<era>" + _ERA + r")\.? ?(?P<eyear>[0-9]{1,2}|元)|(?P<year>(?:18|19|20)[0-9]{2}))"
    r"(?: ?[年./\-] ?)(?P<month>[0-9]{1,2})(?: ?[月./\-] ?)(?P<day>[0-9]{1,2}) ?日?"
)
SHOWN = (
    r"(?:(?:"
    + _ERA
    + r")\.? ?(?:[0-9]{1,2}|元)|(?:18|19|20)[0-9]{2})(?: ?[年./\-] ?)[0-9]{1,2}(?: ?[月./\-] ?)[0-9]{1,2} ?日?|(?:18|19|20)[0-9]{6}(?![0-9])"
)
_SOLID = regex.compile(r"((?:18|19|20)[0-9]{2})([0-9]{2})([0-9]{2})")
_WHOLE = regex.compile(
    _DATE + r"(?: ?\([月火水木金土日]\))?(?: ?生(?:まれ)?)?(?:[ T]00?:00(?::00(?:\.0+)?)?)?"
)
_OTHER_ORDER = regex.compile(r"(?P<month>[0-9]{1,2})/(?P<day>[0-9]{1,2})/(?P<year>(?:19|20)[0-9]{2})")
_EARLIEST = 1880


def header(label: str) -> float:
    """Give how surely a heading announces dates of birth."""
    return _WORDS.score(label)


@lru_cache(maxsize=65536)
def cell(value: str) -> str | None:
    """Give a whole cell that is a date as ISO; whether it is one of birth the column must say."""
    if match := _SOLID.fullmatch(value):
        return _iso(int(match[1]), int(match[2]), int(match[3]))
    match = _WHOLE.fullmatch(value) or _OTHER_ORDER.fullmatch(value)
    return _read(match.groupdict()) if match else None


def _read(part: dict[str, str | None]) -> str | None:
    """Read a matched date, its era counted out."""
    if era := part.get("era"):
        shown = part["eyear"] or ""
        year = _ERAS[era.lower()] + (1 if shown == "元" else int(shown))
    else:
        year = int(part["year"] or 0)
    return _iso(year, int(part["month"] or 0), int(part["day"] or 0))


def _iso(year: int, month: int, day: int) -> str | None:
    if year < _EARLIEST:
        return None
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def age_on(born: str, today: date) -> int:
    """Give the full years lived between an ISO date and today."""
    year, month, day = int(born[:4]), int(born[5:7]), int(born[8:10])
    return today.year - year - ((today.month, today.day) < (month, day))


_LABELLED = regex.compile(
    r"(?:生年月日|誕生日|出生日|出生年月日|(?i:birth ?da(?:y|te)|date of birth|dob))(?:\([^)\n]{1,10}\))?[ \t]*[】\])〕:=|はがの\n \t]{0,6}[ \t]*("
    + _DATE
    + r"|(?:18|19|20)[0-9]{6}(?![0-9]))"
)
_BORN = regex.compile(r"(?<![0-9.\-/])(" + _DATE + r")(?= ?(?:生(?![産成活放])|に?生まれ|\(?誕生日))")
_GATE = regex.compile(r"[0-9日] ?\)?生|に生まれ|生年月日|誕生日|出生|[Bb]irth|BIRTH|DOB|D\.O\.B")


def find(text: Text) -> Iterator[Finding]:
    """Yield dates that a label or 生まれ makes birthdates."""
    folded = text.folded
    if not _GATE.search(folded):
        return
    taken: set[int] = set()
    for pattern, why in ((_LABELLED, "label"), (_BORN, "生まれ")):
        for match in pattern.finditer(folded):
            shown = match[1].rstrip()
            start = match.start(1)
            if start in taken or cell(shown) is None:
                continue
            taken.add(start)
            first, last = text.span(start, start + len(shown))
            yield Finding(kind=kind, start=first, end=last, confidence=0.95, why=why)
