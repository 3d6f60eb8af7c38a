"""A figure, its bar, and the ground that it is measured on.

In: numbers. Out: Figure, and lines of a table. Fails: never.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from unicodedata import east_asian_width

from tests.bench.postfix import Postfix

WARM_UP_MAILS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Where and how much is measured; `postfix` is None where it cannot be run."""

    folder: Path
    rounds: int
    mails: int
    huge_megabytes: int
    postfix: Postfix | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure and its bar; where there is no reference on this machine there is no ratio, and no judgement."""

    goal: str  # "P1"
    what: str
    measured: str
    reference: str = ""
    ratio: float | None = None
    at_least: float | None = None
    at_most: float | None = None

    @property
    def missed(self) -> bool:
        """Whether the bar is not reached."""
        if self.ratio is None:
            return False
        too_little = self.at_least is not None and self.ratio < self.at_least
        too_much = self.at_most is not None and self.ratio > self.at_most
        return too_little or too_much

    @property
    def bar(self) -> str:
        """The bar as text."""
        if self.at_least is not None:
            return f"≥ {self.at_least:g}"
        return "" if self.at_most is None else f"≤ {self.at_most:g}"

    def line(self) -> str:
        """Give a line of the table."""
        ratio = "" if self.ratio is None else f"{self.ratio:.3g}"
        judgement = "" if self.ratio is None or not self.bar else "MISSED" if self.missed else "ok"
        return _columns((self.goal, self.what, self.measured, self.reference, ratio, self.bar, judgement))


HEADING = ("", "what", "measured", "reference", "ratio", "bar", "")
WIDTHS = (4, 44, 20, 28, 7, 7, 6)


def heading() -> str:
    """Give the first lines of the table."""
    return "\n".join((_columns(HEADING), "  ".join("─" * width for width in WIDTHS)))


def middle_seconds(work: Callable[[], object], *, times: int = 7) -> float:
    """Give the median time that some work takes in this process."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return median(taken)


def _columns(cells: Sequence[str]) -> str:
    padded = (cell + " " * (width - _cells(cell)) for cell, width in zip(cells, WIDTHS, strict=True))
    return "  ".join(padded).rstrip()


def _cells(text: str) -> int:
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text)
