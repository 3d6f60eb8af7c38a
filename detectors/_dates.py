"""Read dates as Japanese documents write them: in the calendar, in the eras (元号法; JIS X 0301), in kanji, in English.

In: a folded string that is a date and nothing else. Out: ISO, or None. Fails: never.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone

from detectors._numerals import KANJI, number

EARLIEST = 1880
_JST = timezone(timedelta(hours=9))
# The year before each era's first; 令和 from 2019-05-01, 平成 1989-01-08, 昭和 1926-12-25, 大正 1912-07-30.
_ERAS = {
    "令": 2018,
    "平": 1988,
    "昭": 1925,
    "大": 1911,
    "明": 1867,
    "r": 2018,
    "h": 1988,
    "s": 1925,
    "t": 1911,
    "m": 1867,
}
_CODES = {
    "1": 1867,
    "2": 1911,
    "3": 1925,
    "4": 1988,
    "5": 2018,
}  # the era's code in health insurance and pension forms
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ERA = r"(?:令和|平成|昭和|大正|明治|[令平昭大明](?=[.)元0-9])|[RHSTMrhstm](?=[. ]{0,2}[0-9元]))"
_NUMBER = rf"(?:[0-9]{{1,2}}|[{KANJI}]{{1,3}})"
_MONTH = r"(?:[Jj]an|[Ff]eb|[Mm]ar|[Aa]pr|[Mm]ay|[Jj]un|[Jj]ul|[Aa]ug|[Ss]ep|[Oo]ct|[Nn]ov|[Dd]ec|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)[a-zA-Z]{0,6}\.?"
_YEAR = r"(?:(?:18|19|20)[0-9]{2}|[一二][〇零一二三四五六七八九]{3})"
_CUT = r"(?: ?[年./\-] ?(?:\n ?)?| )"  # a line may end inside a date
_NEXT = r"(?: ?[月./\-] ?(?:\n ?)?| )"
_WESTERN = rf"(?P<year>{_YEAR})(?: ?\({_ERA}[^()\n]{{1,5}}\))?{_CUT}(?:\({_ERA}[^()\n]{{1,5}}\) ?)?(?P<month>{_NUMBER}){_NEXT}(?P<day>{_NUMBER}) ?日?"
_IN_ERA = rf"\(?(?P<era>{_ERA})\)?[. ]{{0,2}}(?P<eyear>{_NUMBER})(?: ?年? ?\({_YEAR}年?\) ?年?|{_CUT})(?P<emonth>{_NUMBER}){_NEXT}(?P<eday>{_NUMBER}) ?日?"
_ENGLISH = (
    rf"(?P<name>{_MONTH})[ \-](?P<nday>[0-9]{{1,2}})(?:st|nd|rd|th)?,?[ \-](?P<nyear>{_YEAR})"
    rf"|(?P<dday>[0-9]{{1,2}})(?:st|nd|rd|th)?[ \-](?P<dname>{_MONTH}),?[ \-](?P<dyear>{_YEAR})"
)
_AMERICAN = rf"(?P<amonth>[0-9]{{1,2}})[/\-](?P<aday>[0-9]{{1,2}})[/\-](?P<ayear>{_YEAR})"
_SOLID = r"(?P<solid>(?:18|19|20)[0-9]{6})(?![0-9])"
_SOLID_ERA = r"(?P<letter>[RHSTMrhstm])(?P<six>[0-9]{6})(?![0-9])"
_AFTER = re.compile(
    r" ?(?:\([月火水木金土日]\))? ?(?:生(?:まれ)?)?(?: ?\(?満?[0-9]{1,3}[歳才]\)?)?(?:(?:[ T]|(?<= ))0?0:00(?::00(?:\.0+)?)?)?(?:Z|\+09:00)?"
)

SHOWN = "|".join(
    re.sub(r"\?P<[a-z]+>", "?:", form)
    for form in (_WESTERN, _IN_ERA, _ENGLISH, _AMERICAN, _SOLID, _SOLID_ERA)
)
# What is no whole date, and one only behind a label: 3月4日, 2026年3月.
_MONTHS_DAY = r"(?:1[0-2]|0?[1-9])(?:月 ?(?:3[01]|[12][0-9]|0?[1-9])日|/(?:3[01]|[12][0-9]|0?[1-9])(?![0-9/]))(?!まで|から|[~\-])"
_MONTH_OF_YEAR = rf"(?:{_YEAR}|{_ERA}{_NUMBER}) ?[年./] ?(?:1[0-2]|0?[1-9])(?:月(?:[上中下]旬|末|頃)?|(?![0-9./\-]))(?!まで|から|[~\-])"
PARTIAL = f"{_MONTH_OF_YEAR}|{_MONTHS_DAY}"
_IN_PART = re.compile(PARTIAL)
_DATE = re.compile(f"{_WESTERN}|{_IN_ERA}|{_ENGLISH}|{_AMERICAN}|{_SOLID}|{_SOLID_ERA}")
_PLAIN = re.compile(r"((?:18|19|20)[0-9]{2})([-/])([0-9]{1,2})\2([0-9]{1,2})")
_ISO = len("1980-01-31")
_FIRST, _LAST = f"{EARLIEST}-01-01", "2100"
_SHORT = re.compile(r"'?([0-9]{2})[./\-年]([0-9]{1,2})[./\-月]([0-9]{1,2})日?")
_IN_COMMAS = re.compile(r"((?:18|19|20)[0-9]{2}), ?([0-9]{1,2}), ?([0-9]{1,2})")
_CODED = re.compile(r"([1-5])-?([0-9]{2})-?([0-9]{2})-?([0-9]{2})")
_YEAR_AND_MONTH = re.compile(r"((?:18|19|20)[0-9]{2})[年/\-.]([0-9]{1,2})月?(?:生(?:まれ)?)?")
_CENTURY_TURNS = (
    30  # '29 is 2029 nowhere but 2029 is not born yet either: below it the year may be of this century
)


def today_in_japan() -> date:
    """Give the day it is where those live whose age is counted."""
    return datetime.now(UTC).astimezone(_JST).date()


def read(value: str) -> str | None:
    """Give a date that can be told by itself as ISO."""
    if value[4:5] == value[7:8] == "-" and len(value) == _ISO and _FIRST <= value < _LAST:
        try:
            return date.fromisoformat(value).isoformat()
        except ValueError:
            return None
    if match := _PLAIN.fullmatch(value):
        return iso(int(match[1]), int(match[3]), int(match[4]))
    match = _DATE.match(value)
    if match is None or not _AFTER.fullmatch(value, match.end()):
        return None
    return _value(match.groupdict())


def read_known(value: str) -> str | None:
    """Give a date of a cell or label that is known to be a date of birth: also '80.1.2, 3550102, 1980年1月."""
    if (found := read(value)) is not None:
        return found
    if match := _SHORT.fullmatch(value):
        year = int(match[1])
        return iso(year + (2000 if year < _CENTURY_TURNS else 1900), int(match[2]), int(match[3]))
    if match := _IN_COMMAS.fullmatch(value):
        return iso(*map(int, match.groups()))
    if match := _CODED.fullmatch(value):
        return iso(_CODES[match[1]] + int(match[2]), int(match[3]), int(match[4]))
    if match := _YEAR_AND_MONTH.fullmatch(value):
        return iso(int(match[1]), int(match[2]), 1)
    return _serial(value)


def is_partial(shown: str) -> bool:
    """Tell whether a date has no year, or no day."""
    return _IN_PART.fullmatch(shown) is not None


def _value(part: dict[str, str | None]) -> str | None:
    """Read a matched date."""
    if solid := part["solid"]:
        return iso(int(solid[:4]), int(solid[4:6]), int(solid[6:]))
    if letter := part["letter"]:
        six = part["six"] or ""
        return iso(_ERAS[letter.lower()] + int(six[:2]), int(six[2:4]), int(six[4:]))
    if era := part["era"]:
        return _counted(part["eyear"], part["emonth"], part["eday"], since=_ERAS[era[0].lower()])
    if part["year"]:
        return _counted(part["year"], part["month"], part["day"])
    if part["ayear"]:
        return _counted(part["ayear"], part["amonth"], part["aday"])
    name = (part["name"] or part["dname"] or "").lower()[:3]
    return _counted(
        part["nyear"] or part["dyear"], str(_MONTHS.index(name) + 1), part["nday"] or part["dday"]
    )


def _counted(year: str | None, month: str | None, day: str | None, *, since: int = 0) -> str | None:
    """Give a day whose parts are numerals as ISO."""
    years, months, days = (number(part or "") for part in (year, month, day))
    return None if years is None or months is None or days is None else iso(since + years, months, days)


def iso(year: int, month: int, day: int) -> str | None:
    """Give a day of the calendar as ISO."""
    if year < EARLIEST:
        return None
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


_FIRST_SERIAL, _LAST_SERIAL = 3653, 47482  # 1910 to 2029
_EPOCH = date(1899, 12, 30).toordinal()


def _serial(value: str) -> str | None:
    """Read the serial number of a day that a spreadsheet forgot to format (ECMA-376 18.17.4.1)."""
    value = value.removesuffix(".0")
    if not (value.isascii() and value.isdigit() and 4 <= len(value) <= 5):
        return None
    days = int(value)
    return date.fromordinal(_EPOCH + days).isoformat() if _FIRST_SERIAL <= days <= _LAST_SERIAL else None
