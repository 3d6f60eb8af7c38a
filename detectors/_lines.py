"""The lines of a text, each with what was found in it.

In: a text, findings. Out: lines. Fails: never.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import regex

from detectors import name
from detectors._model import Finding, Text

RULE = regex.compile(r"^[ \t]*(?:[-=_*━─＝－~+#☆★◇◆■□・.]{3,}|--)[ \t]*$")


@dataclass(slots=True, kw_only=True)
class Line:
    """A line of the text with what was found in it."""

    number: int
    start: int
    shown: str
    findings: list[Finding]
    label: bool = False
    reach: bool = False  # holds what reaches somebody

    def has(self, kinds: frozenset[str]) -> bool:
        """Tell whether a kind was found in the line."""
        return any(finding.kind in kinds for finding in self.findings)

    def names(self) -> list[Finding]:
        """Give the names of the line."""
        return [finding for finding in self.findings if finding.kind == name.kind]


def lines_of(text: Text, findings: Sequence[Finding]) -> list[Line]:
    """Cut the text into lines and hand each its findings."""
    lines: list[Line] = []
    starts: list[int] = []
    at = 0
    for number, shown in enumerate(text.original.split("\n")):
        lines.append(Line(number=number, start=at, shown=shown, findings=[]))
        starts.append(at)
        at += len(shown) + 1
    for finding in findings:
        lines[bisect_right(starts, finding.start) - 1].findings.append(finding)
    return lines
