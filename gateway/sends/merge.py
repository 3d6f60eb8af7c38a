"""The template of a send and its merge fields, for the reviewer.

In: the texts of a few mails of one send, or their subjects. Out: pieces, each the same in all or varying. Fails: never.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from functools import reduce
from itertools import accumulate, groupby, pairwise, takewhile

import regex

VARIES = "…"  # in a subject, where mails differ
MAX_LINES = 600
MAX_LINE = 400  # characters of a line that are compared
MAX_WORDS = 60  # of a line, that are compared one by one: comparing takes up to their cube

_FIELDS = regex.compile(f"{VARIES}+")
# A number, a name or an address varies as a whole: of 090-1111-2222 and 090-3333-4444 not even 090 is the template's.
_WORDS = regex.compile(r"[\p{Latin}\p{N}@._+-]+|\p{Han}+|\p{Hiragana}+|[\p{Katakana}ー]+|.", regex.DOTALL)


def merge_fields(texts: Sequence[str]) -> list[tuple[str, bool]]:
    """Cut the first text into pieces; True marks one that differs between the mails.

    A single text has nothing to be compared with: all of it may be a merge field, and only a reviewer's reveal may show it.
    """
    if not texts:
        return []
    first = texts[0].splitlines()[:MAX_LINES]
    if len(texts) == 1:
        return [("\n".join(first), True)]
    varies: list[list[bool]] = [[False] * (len(line) + 1) for line in first]  # one more for the line's end
    for other in texts[1:]:
        _mark(first, other.splitlines()[:MAX_LINES], varies)
    marked = [
        (character, flag)
        for line, flags in zip(first, varies, strict=True)
        for character, flag in zip(f"{line}\n", flags, strict=True)
    ]
    runs = groupby(marked, key=lambda pair: pair[1])
    return [("".join(character for character, _ in run), flag) for flag, run in runs]


def shared_subject(subjects: Iterable[str]) -> str:
    """Give what subjects have in common; one that comes out of this may stand for those that went in."""
    return reduce(_shared, filter(None, subjects), "")


def _shared(one: str, other: str) -> str:
    if not one or one == other:
        return one or other
    pieces = merge_fields([one, other])
    common = "".join(VARIES if varies else piece for piece, varies in pieces).strip()
    shared: str = _FIELDS.sub(VARIES, common)
    return shared


def _mark(first: Sequence[str], other: Sequence[str], varies: list[list[bool]]) -> None:
    """Mark what of the first text does not stand in the other."""
    for tag, start, end, beside, beside_end in SequenceMatcher(
        None, first, other, autojunk=False
    ).get_opcodes():
        if tag == "equal":
            continue
        for line in range(start, end):
            counterpart = beside + line - start
            _mark_line(first[line], other[counterpart] if counterpart < beside_end else "", varies[line])


def _mark_line(line: str, counterpart: str, flags: list[bool]) -> None:
    """Mark the words of a line that its counterpart does not have."""
    if len(line) > MAX_LINE or not counterpart:
        flags[: len(line)] = [True] * len(line)
        return
    words, others = _WORDS.findall(line), _WORDS.findall(counterpart[:MAX_LINE])
    head = _common(words, others)
    tail = _common(words[head:][::-1], others[head:][::-1])
    words_here, others_here = words[head : len(words) - tail], others[head : len(others) - tail]
    same: set[int] = set()
    if max(len(words_here), len(others_here)) <= MAX_WORDS:
        for block in SequenceMatcher(None, words_here, others_here, autojunk=False).get_matching_blocks():
            same.update(range(head + block.a, head + block.a + block.size))
    ends = pairwise(accumulate(map(len, words), initial=0))
    for number, (start, end) in enumerate(ends):
        if head <= number < len(words) - tail and number not in same:
            flags[start:end] = [True] * (end - start)


def _common(words: Sequence[str], others: Sequence[str]) -> int:
    """Give how many words two lines begin with alike."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(words, others, strict=False)))
