"""Find what an organisation itself calls personal: 弊社のポイントカード番号, as a policy file describes it.

In: a text or a data frame, and the kinds with their patterns. Out: findings; counts by column.
Fails: PatternTimeout, where a pattern takes longer than it may: then nothing is known, and the caller must say so.

A pattern is a whole word of the folded text (full width, hyphens and old kanji are written one way), so it is written
in half width. Where a kind has keywords, one has to stand near, or one of its header words in the heading of the cell;
with header words alone it is found in tables only.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import regex

from detectors import _check_digits
from detectors._fold import fold, fold_cells, fold_label
from detectors._model import Finding
from detectors._sheet import strings

if TYPE_CHECKING:
    import pandas as pd

SECONDS = 2.0  # that one pattern may take for one text or column, and again for each million characters
NEAR = 100  # characters between a number and its keyword
_LONGEST_HEADING = 30


class PatternTimeout(Exception):
    """A pattern did not come to an end in time; `kind` is the one it belongs to."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnKind:
    """A kind of personal data that an organisation added; `check_digit` is a name of CHECK_DIGITS."""

    kind: str
    pattern: str
    keywords: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    check_digit: str | None = None

    @property
    def needs_words(self) -> bool:
        """Whether the pattern alone is not enough."""
        return bool(self.keywords or self.headers)


class OwnColumn(NamedTuple):
    """What a column holds of a kind: in how many cells, and in what share of those that hold anything."""

    place: int
    kind: str
    found: int
    share: float


def find_own(text: str, kinds: Sequence[OwnKind]) -> list[Finding]:
    """Find an organisation's own kinds in a text; offsets are code points of `text`.

    Raises: PatternTimeout.
    """
    if not kinds:
        return []
    folded = fold(text)
    return [_found(own, *folded.span(*span)) for own in kinds for span in _spans(own, folded.folded)]


def _found(own: OwnKind, start: int, end: int) -> Finding:
    if own.keywords:
        return Finding(kind=own.kind, start=start, end=end, confidence=0.9, why="own pattern and keyword")
    return Finding(kind=own.kind, start=start, end=end, confidence=0.8, why="own pattern")


def _spans(own: OwnKind, folded: str) -> Iterator[tuple[int, int]]:
    return (match.span() for match in _hits(own, folded, _Clock(own, len(folded))))


def find_own_columns(
    frame: pd.DataFrame, kinds: Sequence[OwnKind], *, header: bool = True
) -> list[OwnColumn]:
    """Find an organisation's own kinds in the columns of a table, wherever on the sheet it begins.

    Raises: PatternTimeout.
    """
    if not kinds:
        return []
    grid = [strings(frame.iloc[:, place].tolist()) for place in range(frame.shape[1])]
    beside = grid[0] if grid else []  # of a table on its side, the headings
    found = []
    for place, (label, cells) in enumerate(zip(frame.columns, grid, strict=True)):
        folded = {cell: value for cell, value in fold_cells(cells).items() if value}
        headings = {str(label) if header else "", *(cell for cell in folded if len(cell) <= _LONGEST_HEADING)}
        filled = sum(map(folded.__contains__, cells))
        for own in kinds:
            number = _cells_found(own, cells, folded, headings, beside)
            if number:
                found.append(OwnColumn(place, own.kind, number, number / filled))
    return found


def _cells_found(
    own: OwnKind, cells: Sequence[str], folded: Mapping[str, str], headings: set[str], beside: Sequence[str]
) -> int:
    """Count the cells that hold a kind."""
    clock = _Clock(own, sum(map(len, folded.values())))
    shown = {cell for cell, value in folded.items() if any(_hits(own, value, clock, alone=True))}
    if not shown or not own.needs_words or any(_announces(own, heading) for heading in headings - shown):
        return sum(map(shown.__contains__, cells))
    near = {cell for cell in shown if any(_hits(own, folded[cell], clock))}
    return sum(
        cell in near or (cell in shown and _announces(own, label))
        for cell, label in zip(cells, beside, strict=True)
    )


def _announces(own: OwnKind, heading: str) -> bool:
    """Tell whether a heading holds one of the words of a kind."""
    label = fold_label(heading)
    return any(fold_label(word) in label for word in (*own.headers, *own.keywords))


def _hits(own: OwnKind, folded: str, clock: _Clock, *, alone: bool = False) -> Iterator[regex.Match[str]]:
    """Yield where a kind stands in a folded text; `alone`: whether or not a keyword is near."""
    alone = alone or not own.needs_words
    keywords = [] if alone else [match.span() for match in _keyword(own.keywords).finditer(folded)]
    if not alone and not keywords:
        return
    try:
        for match in own_pattern(own.pattern).finditer(folded, timeout=clock.left()):
            near = alone or any(
                -NEAR <= start - match.end() <= NEAR or -NEAR <= match.start() - end <= NEAR
                for start, end in keywords
            )
            if near and match.end() > match.start() and _fits(own, match[0]):
                yield match
    except TimeoutError:
        raise PatternTimeout(own.kind) from None


def _fits(own: OwnKind, shown: str) -> bool:
    return own.check_digit is None or _check_digits.fits(own.check_digit, shown)


class _Clock:
    """How long a kind's pattern may still take for one text or column."""

    def __init__(self, own: OwnKind, characters: int) -> None:
        self._own = own
        self._until = time.monotonic() + SECONDS * (1 + characters / 1_000_000)

    def left(self) -> float:
        """Give the seconds left.

        Raises: PatternTimeout.
        """
        left = self._until - time.monotonic()
        if left <= 0:
            raise PatternTimeout(self._own.kind)
        return left


@lru_cache(maxsize=256)
def own_pattern(pattern: str) -> regex.Pattern[str]:
    """Compile a pattern as a whole word.

    Raises: ValueError, saying what is wrong.
    """
    try:
        if regex.compile(pattern).search(
            ""
        ):  # by itself first: brackets that do not match must not meet ours
            raise ValueError("it matches nothing at all")
        return regex.compile(rf"(?<![0-9A-Za-z])(?:{pattern})(?![0-9A-Za-z])")
    except regex.error as error:
        raise ValueError(str(error)) from error


@lru_cache(maxsize=256)
def _keyword(words: tuple[str, ...]) -> re.Pattern[str]:
    if not words:
        return re.compile(r"(?!)")
    return re.compile("|".join(re.escape(fold(word).folded) for word in words), re.IGNORECASE)
