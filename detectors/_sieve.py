"""Fold a text and say which detectors need to look at it: where nothing of a line triggers one, it would find nothing.

In: a text. Out: the folded text, and detectors. Fails: never.

The mails of a send share nearly all of their lines, so what a line folds to and triggers is remembered. No trigger looks
beyond its line, and each of its branches begins with a letter: `re` passes at once over text without any of these.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache, reduce
from operator import or_

from detectors._fold import fold
from detectors._model import Detector, Text
from detectors._spacing import close_up

_LETTER = 20_000  # characters; in a longer text few lines come again
_SHORT = 30  # characters; in longer lines one expression of all branches is slower than each by itself, in long texts faster if none fits
_LINE = 500  # characters; no line that comes again is longer
_REMEMBERED = 10_000  # lines


def folded_of(text: str) -> Text:
    """Fold a text, its labels written in one piece."""
    folded = fold(text)
    closed = close_up(folded.folded)
    return folded if closed == folded.folded else replace(folded, folded=closed)


class Sieve:
    """The triggers of some detectors."""

    def __init__(self, detectors: Sequence[Detector]) -> None:
        self._detectors = tuple(detectors)
        self._triggers = tuple(re.compile(detector.trigger) for detector in self._detectors)
        self._any = re.compile("|".join(one.trigger for one in self._detectors if one.trigger))
        self._remembered = lru_cache(_REMEMBERED)(self._line)
        self._chosen = lru_cache(_REMEMBERED)(self._of)

    def read(self, text: str) -> tuple[Text, tuple[Detector, ...]]:
        """Fold a text; give the detectors that may find something in it."""
        if len(text) > _LETTER:
            folded = folded_of(text)
            return folded, self._chosen(self._triggered(folded.folded))
        seen = [
            self._remembered(line) if len(line) <= _LINE else self._line(line) for line in text.split("\n")
        ]
        triggered = reduce(or_, (triggers for _, triggers in seen))
        lines = [line for line, _ in seen if line is not None]
        even = len(lines) == len(seen)
        return Text(original=text, folded="\n".join(lines)) if even else folded_of(text), self._chosen(
            triggered
        )

    def _line(self, line: str) -> tuple[str | None, int]:
        """Fold a line, None where a character does not stay one, and say what it triggers."""
        text = folded_of(line)
        return text.folded if text.offsets is None else None, self._triggered(text.folded)

    def _triggered(self, folded: str) -> int:
        """Give a bit for each detector."""
        at_once = len(folded) <= _SHORT or (len(folded) > _LETTER and not folded.isascii())
        if at_once and not self._any.search(folded):
            return 0
        return sum(1 << place for place, trigger in enumerate(self._triggers) if trigger.search(folded))

    def _of(self, triggered: int) -> tuple[Detector, ...]:
        return tuple(
            one for place, one in enumerate(self._detectors) if triggered >> place & 1 or not one.trigger
        )
