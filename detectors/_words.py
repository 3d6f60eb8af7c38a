"""The words that detectors go by: those of data/words.toml, and those that an organisation adds.

In: a folded heading (`fold_label`), or nothing. Out: words; 0-1, how surely a heading announces a kind. Fails: never.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import regex

from detectors._fold import fold_cell

ANNOUNCED = 0.5  # from here a heading counts as naming the kind

_SHIPPED: Mapping[str, Any] = tomllib.loads(
    (Path(__file__).parent / "data" / "words.toml").read_text("utf-8")
)


def shipped(purpose: str) -> tuple[str, ...]:
    """Give the words of one purpose: honorifics, nobody, no_answer, officers, service_numbers, not_phones, places."""
    return tuple(_SHIPPED[purpose])


def headings(kind: str) -> Callable[[str], float]:
    """Give how headings are judged for a kind: 1 for one that is one of its words, 0.8 for one that holds a part, else 0."""
    entry = _SHIPPED["headings"][kind]
    words = frozenset(entry["words"])
    within, never = (regex.compile(entry.get(key, "(?!)")) for key in ("within", "never"))

    def score(label: str) -> float:
        if label in words:
            return 1.0
        return 0.8 if within.search(label) and not never.search(label) else 0.0

    return score


@cache
def every_heading() -> frozenset[str]:
    """Give the words of all kinds that are a whole heading."""
    return frozenset(word for entry in _SHIPPED["headings"].values() for word in entry["words"])


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnWords:
    """The words that an organisation adds to those of the same names, folded.

    `labels` are of kinds: each stands over a column, or before a value in a text.
    """

    labels: tuple[tuple[str, tuple[str, ...]], ...] = ()
    honorifics: tuple[str, ...] = ()
    nobody: tuple[str, ...] = ()
    not_phones: tuple[str, ...] = ()
    places: tuple[str, ...] = ()

    @classmethod
    def of(cls, labels: Mapping[str, Iterable[str]] = {}, **others: Iterable[str]) -> OwnWords:
        """Make it of words as somebody writes them."""
        return cls(
            labels=tuple((kind, _folded(words)) for kind, words in labels.items()),
            **{purpose: _folded(words) for purpose, words in others.items()},
        )

    def labels_of(self, kind: str) -> tuple[str, ...]:
        """Give the labels of one kind."""
        return dict(self.labels).get(kind, ())


def _folded(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(filter(None, map(fold_cell, words)))


NO_OWN_WORDS = OwnWords()
