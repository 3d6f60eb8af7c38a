"""Detectors that go by the words of an organisation as well: its headings, labels, honorifics.

In: detectors, and the words that a policy adds. Out: detectors of the same kinds. Fails: never.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial

from detectors import name, phone
from detectors._cell import reader_of
from detectors._fold import fold_label
from detectors._labelled import GLUE, any_of, said
from detectors._model import Detector, Finding, Text
from detectors._words import NO_OWN_WORDS, OwnWords

_REST = re.compile(rf"{GLUE}([^\n\t]{{1,80}})")
_CUTS = (re.compile(r"[、。;|]|  "), re.compile(r"[ ,(「【]"))  # where a value may end, the longest first


@lru_cache(maxsize=4)
def extended(detectors: tuple[Detector, ...], own: OwnWords) -> tuple[Detector, ...]:
    """Give the detectors, those of them extended that an organisation has words for."""
    if own == NO_OWN_WORDS:
        return detectors
    return tuple(_extended(detector, own) for detector in detectors)


def _extended(detector: Detector, own: OwnWords) -> Detector:
    labels = own.labels_of(detector.kind)
    if detector.kind == name.kind:
        return Extended(detector, labels, partial(name.find, own=own))
    if detector.kind == phone.kind:
        return Extended(detector, labels, _labelled(partial(phone.find, own=own), phone.kind, labels))
    return Extended(detector, labels, _labelled(detector.find, detector.kind, labels)) if labels else detector


class Extended:
    """A detector with more labels than it has by itself."""

    def __init__(
        self, detector: Detector, labels: Sequence[str], find: Callable[[Text], Iterator[Finding]]
    ) -> None:
        self.kind, self.cell, self.find = detector.kind, detector.cell, find
        self.trigger = "|".join(filter(None, (detector.trigger, any_of(labels)))) if detector.trigger else ""
        self._detector, self._headings = detector, frozenset(map(fold_label, labels))

    def header(self, label: str) -> float:
        """Give 0-1: how surely a folded column header announces this kind."""
        return 1.0 if label in self._headings else self._detector.header(label)


def _labelled(
    find: Callable[[Text], Iterator[Finding]], kind: str, labels: Sequence[str]
) -> Callable[[Text], Iterator[Finding]]:
    """Add the values behind more labels to what is found."""
    if not labels:
        return find
    label = re.compile("|".join(map(re.escape, sorted(labels, key=len, reverse=True))))
    read = reader_of(kind)

    def find_more(text: Text) -> Iterator[Finding]:
        found = list(find(text))
        taken = {place for one in found for place in range(one.start, one.end)}
        yield from found
        for match in label.finditer(text.folded):
            span = _value(text.folded, match.end(), read)
            if span and taken.isdisjoint(range(*(first_last := text.span(*span)))):
                yield Finding(kind=kind, start=first_last[0], end=first_last[1], confidence=0.9, why="label")

    return find_more


def _value(folded: str, at: int, read: Callable[[str], str | None]) -> tuple[int, int] | None:
    """Give where the value behind a label stands: what a cell under it might hold."""
    match = _REST.match(folded, at)
    if match is None or match.start(1) == at:
        return None  # a word goes on
    shown = match[1]
    for cut in (None, *_CUTS):
        shown = (cut.split(shown, maxsplit=1)[0] if cut else shown).rstrip()
        if shown and said(shown) and read(shown) is not None:
            return match.start(1), match.start(1) + len(shown)
    return None
