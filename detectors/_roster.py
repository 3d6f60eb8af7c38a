"""Find lists of people in a text: lines on end that hold a full name and nothing but what tables have beside one.

In: a text. Out: findings. Fails: never.

A column of full names is "a list of names" in a table (`_subject`), under any heading but one that says that they are
public; so are such lines. A line that holds anything else (a time, a department, a sentence) is none of a list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import takewhile

import regex

from detectors import _naming, age, birthdate, gender, name, relationship, school_grade
from detectors._entity import is_company, names_officer
from detectors._lexicon import names
from detectors._model import Finding, Text
from detectors._neighbours import spread_of, spreads_like_births
from detectors._words import shipped

LISTED = "a list of names"
_OF_A_LIST = "item of a list"
_LIST = 5  # so many people are a list
_MOSTLY = 0.8  # of its lines name somebody, and of its names hardly one comes twice
# Lines on end that may each be an item. It begins with a letter, so that `re` passes over all else at once.
_A_LINE = r"[^\n。!?「」]{2,40}+(?=\n|\Z)"
_LINES = re.compile(rf"\n{_A_LINE}(?:\n{{1,2}}{_A_LINE}){{{_LIST - 1},}}+")
_BULLET = re.compile(r"\A[ \t>]*(?:[・●■◆○◇□▪•*+\-–—]|[(\[]?(?:[Nn]o\.? ?)?[0-9]{1,4}[)\].:、]?)?[ \t]*")
_ITEM = regex.compile(r"[^ \t,、()|:\[\]【】]+")
_BOTH_KNOWN, _ENOUGH = 0.95, 0.6  # 小鳥遊 彩 may stand in a list, but 森永 製菓 and 松下 電器 are none
_MOST_ITEMS = 8
_HONORIFICS = frozenset(shipped("honorifics"))
_PUBLIC = re.compile("|".join(map(re.escape, shipped("public_lists"))))
_GREETED = 9  # whom a letter greets, each on a line; more are a list


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """What stands where in a line that names somebody; `key` is the name as it is compared."""

    key: str
    known: bool  # in both of its parts
    called: bool  # by an honorific
    items: tuple[tuple[str, int, int], ...]
    born: str | None

    def at(self, start: int) -> Iterator[tuple[str, int, int]]:
        """Give the items of a line that begins there."""
        for kind, first, last in self.items:
            yield kind, start + first, start + last


def find(text: Text, today: date) -> Iterator[Finding]:
    """Yield the names of lists, and what stands beside them."""
    folded = "\n" + text.folded
    for lines in _LINES.finditer(folded):
        for first, entries in _lists(lines):
            if _is_public(folded[:first]) or _greets(folded, first, entries) or not _may_be(entries, today):
                continue
            for start, entry in entries:
                for kind, begin, end in entry.at(start - 1):
                    why, confidence = (LISTED, 0.8) if kind == name.kind else (_OF_A_LIST, 0.7)
                    at, to = text.span(begin, end)
                    yield Finding(kind=kind, start=at, end=to, confidence=confidence, why=why)


def is_listed(finding: Finding) -> bool:
    """Tell whether a name stands in a list, and needs nothing else to be a person."""
    return finding.why == LISTED


_Entries = Sequence[tuple[int, _Entry]]


def _lists(lines: re.Match[str]) -> Iterator[tuple[int, _Entries]]:
    """Cut lines on end into lists; one line in between that names nobody ends none."""
    found: list[tuple[int, _Entry]] = []
    at, missed, others = lines.start(), 0, 0
    for line in (*lines[0].split("\n"), "-", "-"):
        entry = _entry(line)
        if entry is not None:
            found.append((at, entry))
            others, missed = others + missed, 0
        elif line.strip():
            missed += 1
        if missed > 1 and found:
            if len(found) >= _LIST and len(found) >= _MOSTLY * (len(found) + others):
                yield found[0][0], found
            found, others = [], 0
        if not found:
            missed = 0
        at += len(line) + 1


@lru_cache(maxsize=8192)
def _entry(line: str) -> _Entry | None:
    """Read a line as the name of somebody, and what else tables have beside one."""
    items = list(_ITEM.finditer(line, len(line) - len(_BULLET.sub("", line, count=1))))
    if not items or len(items) > _MOST_ITEMS:
        return None
    words = next((words for words in _names(line, items) if _is_name(words)), None)
    if words is None:
        return None
    shown = _naming.TAIL.sub("", words)
    begin = items[0].start()
    read = [(name.kind, begin, begin + len(shown))]
    called, born = shown != words, None
    for item in items:
        if item.start() < begin + len(words):
            continue
        if item[0] in _HONORIFICS:
            called = True
            continue
        kind = _kind_of(item[0])
        if kind is None:
            return None
        born = birthdate.cell(item[0]) if kind == birthdate.kind else born
        read.append((kind, *item.span()))
    parsed = _naming.sure(shown)
    known = parsed is not None and parsed.confidence >= _BOTH_KNOWN
    return _Entry(key=_naming.key(shown), known=known, called=called, items=tuple(read), born=born)


def _names(line: str, items: Sequence[regex.Match[str]]) -> Iterator[str]:
    """Give what may be the name that a line begins with: one word, two words, letters that stand apart."""
    begin = items[0].start()
    letters = len(list(takewhile(lambda item: len(item[0]) == 1, items)))
    if items[0][0] not in names().family:
        yield items[0][0]
    for size in (2, letters):
        if 1 < size <= len(items) and not _BREAK.search(line, begin, items[size - 1].end()):
            yield line[begin : items[size - 1].end()]


_BREAK = re.compile(r"[、()|:\[\]【】]")


def _is_name(words: str) -> bool:
    """Tell whether words are a full name beyond doubt; of kana in one piece many are words."""
    return name.is_full_name(words) and not (_naming.is_kana(words) and words.isalpha())


_TRAITS: Mapping[str, Callable[[str], str | None]] = {
    gender.kind: gender.cell,
    age.kind: age.cell,
    relationship.kind: relationship.known,
    school_grade.kind: lambda item: school_grade.known(item) if len(item) > 1 else None,
    birthdate.kind: birthdate.cell,
    name.kind: lambda item: item if _naming.is_kana(item) and _naming.parse(item) else None,  # the reading
}


def _kind_of(item: str) -> str | None:
    return next((kind for kind, read in _TRAITS.items() if read(item) is not None), None)


def _may_be(entries: _Entries, today: date) -> bool:
    """Tell whether entries are people: names most of which lists know and hardly one comes twice, with dates of birth if any."""
    if sum(entry.known for _, entry in entries) < _ENOUGH * len(entries):
        return False
    if len({entry.key for _, entry in entries}) < _MOSTLY * len(entries):
        return False
    dates = sorted(entry.born for _, entry in entries if entry.born)
    of_pupils = any(kind == school_grade.kind for _, entry in entries for kind, _, _ in entry.items)
    return not dates or (
        dates[-1] <= today.isoformat() and spreads_like_births(*spread_of(dates), today, of_pupils=of_pupils)
    )


def _is_public(above: str) -> bool:
    """Tell whether the line above says that those who are listed are known by what they do: 出演者."""
    *_, before, heading = ("", "", *(line for line in above[-_ABOVE:].split("\n") if line.strip()))
    if heading.strip(" \t").startswith("("):
        heading += before  # (敬称略)
    is_heading = len(heading) <= _HEADING
    return (is_heading and names_officer(heading)) or _PUBLIC.search(heading) is not None


_ABOVE, _HEADING = 200, 20  # characters


def _is_company(line: str) -> bool:
    return not line.strip() or is_company(line) or line.rstrip().endswith(("御中", "各位"))


def _greets(folded: str, first: int, entries: _Entries) -> bool:
    """Tell whether a letter greets several, each on a line of its head."""
    return (
        len(entries) <= _GREETED
        and all(map(_is_company, folded[max(0, first - _ABOVE) : first].split("\n")))
        and all(entry.called for _, entry in entries)
        and bool(folded[entries[-1][0] :].partition("\n")[2].strip())
    )
