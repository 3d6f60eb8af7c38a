"""The template of a send and its merge fields, for the reviewer.

In: the texts of a few mails of one send. Out: pieces, each the same in all or varying. Fails: never.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import groupby

MAX_LINES = 600
MAX_LINE = 400  # characters of a line that are compared


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
    return [("".join(character for character, _ in run), flag) for flag, run in groupby(marked, key=lambda pair: pair[1])]


def _mark(first: Sequence[str], other: Sequence[str], varies: list[list[bool]]) -> None:
    """Mark what of the first text does not stand in the other."""
    for tag, start, end, other_start, other_end in SequenceMatcher(None, first, other, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        for offset in range(start, end):
            beside = other_start + offset - start
            counterpart = other[beside] if beside < other_end else ""
            _mark_line(first[offset], counterpart, varies[offset])


def _mark_line(line: str, counterpart: str, flags: list[bool]) -> None:
    if len(line) > MAX_LINE or not counterpart:
        flags[: len(line)] = [True] * len(line)
        return
    for tag, start, end, _, _ in SequenceMatcher(None, line, counterpart[:MAX_LINE], autojunk=False).get_opcodes():
        if tag != "equal":
            flags[start:end] = [True] * (end - start)
