"""Find school grades (学年; 学校教育法 1条 names the schools). Those who hold one are minors, students aside.

In: running text after its label, whole cells. Out: "elementary 3", "kindergarten" and the like. Fails: never.
"""

from __future__ import annotations

from collections.abc import Iterator

import regex

from detectors._labelled import each_of
from detectors._model import Finding, Text
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
_WHOLE = regex.compile(_GRADE + r"(?: ?[0-9A-Z]{1,2} ?組)?")
_KANJI = str.maketrans("一二三四五六", "123456")
_BARE = regex.compile(
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


_IN_TEXT = regex.compile(
    r"学年[ \t]*[】\])〕:=|は\n \t]{1,4}[ \t]*("
    + _GRADE
    + r"|年[長中少]|[1-6]年(?:生|[ ]?[0-9A-Z]{1,2}組)?)(?![0-9\-])"
    r"|(?<![\p{Han}])(?:(?<=[(( ,、\t\n])|^)((?:小学校?|中学校?|高校|小|中|高)[1-6](?:年生)?)(?=[)), 、\t\n]|$)"
)
trigger = "学年|" + each_of("小中高校学", "[1-6]")


def find(text: Text) -> Iterator[Finding]:
    """Yield grades after their label, or standing alone as an item of a list."""
    folded = text.folded
    for match in _IN_TEXT.finditer(folded):
        group = 1 if match[1] else 4
        first, last = text.span(*match.span(group))
        yield Finding(
            kind=kind,
            start=first,
            end=last,
            confidence=0.9 if group == 1 else 0.6,
            why="label" if group == 1 else "item of a list",
        )
