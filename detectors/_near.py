"""Find numbers by their check digit and what stands near: a keyword, or neighbours that all fit.

In: a folded text, the shape of a kind, its check and its keywords. Out: findings. Fails: never.

Random digits fit a check digit now and then, so a number alone is no finding.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from detectors._labelled import compact
from detectors._model import Finding, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """A kind by the shape of its numbers, their check and the keywords before (`reach`) or behind (`behind`), in characters."""

    kind: str
    shape: re.Pattern[str]
    checked: Callable[[str], str | None]
    keyword: re.Pattern[str]
    reach: int
    behind: int
    alike: int  # so many different numbers that all fit are no accident
    confidence_alike: float
    followed: re.Pattern[str] | None = None  # what stands right behind no other number

    def find(self, text: Text) -> Iterator[Finding]:
        """Yield numbers with a keyword near, with what follows no others, or that stand in a list of such."""
        folded = text.folded
        keywords = [match.start() for match in self.keyword.finditer(folded)]
        if not keywords and not self.followed and folded.count("\n") < self.alike - 1:
            return
        numbers = list(self.shape.finditer(folded))
        fitting = [match for match in numbers if self.checked(compact(match[0]))]
        alike = len(fitting) == len(numbers) and len({compact(match[0]) for match in fitting}) >= self.alike
        for match in fitting:
            # The first keyword that is not too far before; the others are farther or stand behind it.
            first_near = bisect_right(keywords, match.start() - self.reach)
            near = first_near < len(keywords) and keywords[first_near] < match.start() + self.behind
            if near:
                why = "check digit and keyword"
            elif self.followed and self.followed.match(folded, match.end()):
                why = "check digit and expiry"
            elif alike:
                why = "check digits throughout"
            else:
                continue
            first, last = text.span(*match.span())
            confidence = 0.95 if near else self.confidence_alike
            yield Finding(kind=self.kind, start=first, end=last, confidence=confidence, why=why)
