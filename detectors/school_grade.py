"""Find school grades (学年; 学校教育法 1条 names the schools). Those who hold one are minors, students aside.

In: running text after its label, about somebody, or as an item of a list; whole cells. Out: "elementary 3", "kindergarten" and the like. Fails: never.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from detectors._labelled import each_of
from detectors._model import Finding, Text
from detectors._somebody import FAMILY, stands_before
from detectors._words import headings

kind = "school_grade"

header = headings(kind)
_SCHOOLS = {
    **dict.fromkeys(("小", "小学", "小学校", "elementary"), "elementary"),
    **dict.fromkeys(("中", "中学", "中学校", "中等部"), "junior high"),
    **dict.fromkeys(("高", "高校", "高等学校", "高等部"), "high"),
    **dict.fromkeys(
        (
            "大",
            "大学",
            "学部",
            "短大",
            "専門",
            "専門学校",
            "高専",
            "大学院",
            "院",
            "修士",
            "博士",
            "b",
            "m",
            "d",
        ),
        "college",
    ),
}
_YEARS = {"elementary": 6, "junior high": 3, "high": 4, "college": 6}
_LITTLE_ONES = (
    "年長 年中 年少 年少々 満3歳児 園児 未就園児 未就学児 未就学 幼児 乳児 幼稚園 保育園 幼稚園年長 "
    "幼稚園年中 幼稚園年少 保育園年長 保育園年中 保育園年少 年長児 年中児 年少児 プレ 0歳児 1歳児 2歳児 3歳児 4歳児 5歳児"
)
_LITTLE = frozenset(_LITTLE_ONES.split())
_OUT_OF_SCHOOL = frozenset(
    ("一般", "社会人", "既卒", "卒業", "卒業生", "浪人", "高卒", "大人", "保護者", "なし")
)
_GRADE = r"(小学校|小学|小|中学校|中学|中等部|中|高等学校|高校|高等部|高|大学院|大学|短大|専門学校|専門|高専|修士|博士|大|院) ?([1-6一二三四五六]) ?(?:年生?|回生?)?"
_WHOLE = re.compile(_GRADE + r"(?: ?[0-9A-Z]{1,2} ?組)?")
_KANJI = str.maketrans("一二三四五六", "123456")
_BARE = re.compile(
    r"([1-6一二三四五六])(?: ?年生?)?(?: ?[0-9A-Z]{1,2}組)?(?:\.0)?|[0-9]{1,2}年[0-9A-Z]{1,2}組"
)


def cell(value: str) -> str | None:
    """Give the grade of a whole cell that names its school too."""
    if match := _WHOLE.fullmatch(value):
        school, year = _SCHOOLS[match[1]], int(match[2].translate(_KANJI))
        return f"{school} {year}" if year <= _YEARS[school] else None
    return "kindergarten" if value in _LITTLE else None


def known(value: str) -> str | None:
    """Give the grade of a cell of a column known to hold grades: also 3, 3年, 2年1組, 社会人."""
    if value in _OUT_OF_SCHOOL:
        return "out of school"
    return cell(value) or (f"year {value[:1]}" if _BARE.fullmatch(value) else None)


def is_minor(grade: str) -> bool:
    """Tell whether a grade is one of childhood."""
    return grade.startswith(("elementary", "junior", "high", "kindergarten"))


_LABELLED = re.compile(
    r"学年[ \t]*[】\])〕:=|は\n \t]{1,4}[ \t]*(?P<grade>"
    + _GRADE
    + r"|年[長中少]|[1-6]年(?:生|[ ]?[0-9A-Z]{1,2}組)?)(?![0-9\-])"
)
# Each branch begins with a letter, so that `re` passes over what begins otherwise.
_SCHOOL = ("小(?:学校?)?", "中(?:学校?)?", "高校?")
_ITEM = re.compile(
    "|".join(
        rf"{school}(?:年生?)?(?=[)), 、\t\n]|\Z)"
        for school in (
            *(f"{school}(?:[1-6]|[一二三四五六](?=年))" for school in _SCHOOL),
            "大学[1-6一二三四五六](?=年)",
        )
    )
)
_BEFORE_ITEM = frozenset("(( ,、\t\n")
# 娘は中学2年生です, 高校三年生の長男; 中学2年生の皆さん are nobody.
_OF_SOMEBODY = re.compile(
    rf"(?:{'|'.join(_SCHOOL)}|大学|専門学校)[1-6一二三四五六](?:年生?|回生)(?!の(?!(?:"
    + FAMILY
    + r")(?![の達]))|以[上下]|から|まで|向け|対象|程度|レベル|[用時])"
)
_ENGLISH = re.compile(
    r"(?:G(?<![A-Za-z]G)(?:rade|RADE)|g(?<![A-Za-z]g)rade)(?: ?[:=] ?| (?=[0-9]{1,2}[ \t]*(?:[\n,、)]|\Z)))(?P<grade>1[0-2]|[1-9])(?![0-9A-Za-z.,%/\-]?[0-9A-Za-z%])"
)
_PUPIL = re.compile(
    r"(?i:student|pupil|school|birth|parent|guardian|child|son|daughter)(?![a-z])|(?:[Nn]ame|[Aa]ge):"
)
_REACH = 120
trigger = "学年|" + each_of("小中高校学", "(?:[1-6]|[一二三四五六][年回])") + "|" + each_of("gG", "(?i:rade)")


def find(text: Text) -> Iterator[Finding]:
    """Yield grades after their label, of somebody who stands beside them, or standing alone as an item of a list."""
    folded = text.folded
    taken: set[int] = set()
    for pattern, confidence, why in (
        (_LABELLED, 0.9, "label"),
        (_OF_SOMEBODY, 0.85, "said of somebody"),
        (_ITEM, 0.6, "item of a list"),
        (_ENGLISH, 0.85, "label"),
    ):
        if pattern is _ENGLISH and "rade" not in folded and "RADE" not in folded:
            continue
        for match in pattern.finditer(folded):
            start, end = match.span("grade" if "grade" in pattern.groupindex else 0)
            if start in taken or not _is_meant(folded, match):
                continue
            taken.add(start)
            first, last = text.span(start, end)
            yield Finding(kind=kind, start=first, end=last, confidence=confidence, why=why)


def _is_meant(folded: str, match: re.Match[str]) -> bool:
    """Tell whether what looks like a grade is one of somebody."""
    if match.re is _ITEM:
        return match.start() == 0 or folded[match.start() - 1] in _BEFORE_ITEM
    if match.re is _OF_SOMEBODY:
        return folded.startswith("の", match.end()) or stands_before(folded, match.start())
    if match.re is _ENGLISH:
        return _PUPIL.search(folded, max(0, match.start() - _REACH), match.end() + _REACH) is not None
    return True
