"""Judge a column heading by a detector's words.

In: a folded heading (`fold_label`). Out: 0-1, how surely it announces the kind. Fails: never.
"""

from __future__ import annotations

from dataclasses import dataclass

import regex

ANNOUNCED = 0.5  # from here a heading counts as naming the kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The headings of a kind: whole words, parts, and what tells that it is something else."""

    exact: frozenset[str]
    within: regex.Pattern[str] | None = None
    never: regex.Pattern[str] | None = None

    def score(self, label: str) -> float:
        """Give 1 for a heading that is one of the words, 0.8 for one that holds a part, else 0."""
        if label in self.exact:
            return 1.0
        if self.within is None or not self.within.search(label):
            return 0.0
        if self.never is not None and self.never.search(label):
            return 0.0
        return 0.8


def words(exact: str, within: str | None = None, never: str | None = None) -> Words:
    """Make Words of a blank-separated list and two expressions."""
    return Words(
        exact=frozenset(exact.split()),
        within=regex.compile(within) if within else None,
        never=regex.compile(never) if never else None,
    )
