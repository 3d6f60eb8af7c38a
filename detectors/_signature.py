"""Where a company tells how to reach it: in a signature, which is nobody's record.

In: the lines of a text, what is public of its writer. Out: the numbers of such lines. Fails: never.
"""

from __future__ import annotations

from collections.abc import Sequence

import regex

from detectors import _naming, birthdate, member_number, school_grade
from detectors._entity import is_company
from detectors._fold import fold_cell
from detectors._lines import RULE, Line
from detectors._model import Finding
from detectors._public import Public


def signatures(lines: Sequence[Line], public: Public) -> set[int]:
    """Give the numbers of the lines in which a company tells how to reach it."""
    silent: set[int] = set()
    section: list[Line] = []
    for line in (*lines, Line(number=-1, start=0, shown="-----", findings=[])):
        if not RULE.match(line.shown):
            section.append(line)
            continue
        if _reaches_company(section, public):
            silent.update(one.number for one in section)
        section = []
    # What is not ruled off: the paragraph that a company's name opens.
    paragraph: list[Line] = []
    for line in (*lines, Line(number=-1, start=0, shown="", findings=[])):
        if line.shown.strip():
            paragraph.append(line)
            continue
        if any(is_company(fold_cell(one.shown[:60])) for one in paragraph[:2]) and _reaches_company(
            paragraph, public
        ):
            silent.update(one.number for one in paragraph)
        paragraph = []
    return silent


def _reaches_company(section: Sequence[Line], public: Public) -> bool:
    """Tell whether a section names at most one person and reads as a signature, not as a list."""
    filled = sum(1 for line in section if line.shown.strip())
    if filled > _LONGEST_SIGNATURE or not any(line.findings for line in section):
        return False
    if not any(is_company(fold_cell(line.shown[:80])) for line in section):
        return False
    officers = [finding for line in section for finding in line.names() if _is_officer(line, finding, public)]
    names = [finding for line in section for finding in line.names() if finding not in officers[:1]]
    labelled = sum(1 for finding in names if finding.why == "label")
    traits = sum(
        1
        for line in section
        for finding in line.findings
        if finding.kind in (birthdate.kind, member_number.kind, school_grade.kind)
    )
    return _is_one(names, section) and not traits and not (labelled and _applied(section))


def _is_one(names: Sequence[Finding], section: Sequence[Line]) -> bool:
    """Tell whether names are but one, in kanji, in kana and in Latin letters at the most: 高橋 直樹(Naoki Takahashi)."""
    shown = [
        fold_cell(line.shown[one.start - line.start : one.end - line.start])
        for line in section
        for one in line.names()
        if one in names
    ]
    scripts = [(_naming.is_kana(one), one.isascii()) for one in shown]
    return len(set(scripts)) == len(scripts)


def _is_officer(line: Line, name: Finding, public: Public) -> bool:
    """Tell whether a name is that of somebody who stands for a company or a school: 代表取締役社長：上野 誠."""
    return public.officer.search(fold_cell(line.shown[: name.start - line.start])) is not None


_LONGEST_SIGNATURE = 14
_APPLIED = regex.compile(r"(?:お|ご)(?:名前|氏名)|氏名[】\]  \t]*[::]")


def _applied(section: Sequence[Line]) -> bool:
    """Tell whether a section repeats what somebody filled into a form."""
    return any(_APPLIED.search(line.shown) for line in section)
