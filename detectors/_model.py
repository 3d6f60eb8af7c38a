"""The words of the detectors: what is read (text, column) and what is said of it (finding, report).

In: nothing. Out: frozen dataclasses. Fails: never.

No field of a Finding or a report holds a matched value; only an Identity does, and it never leaves the
worker process unhashed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One hit in a text; offsets are code points of the text as it was given."""

    kind: str
    start: int
    end: int
    confidence: float
    why: str


class Identity(NamedTuple):
    """One person (本人) as the keys by which the same person is known again.

    Two identities that share any key are one person. Keys are folded plain values, each with a prefix of its
    sort ("n:山田太郎|b:1980-01-01"), so that a caller can hash them; two people who share a household key live together.

    A NamedTuple: to make half a million frozen dataclasses takes a second longer.
    """

    keys: tuple[str, ...]
    household_keys: tuple[str, ...] = ()
    email_addresses: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    minor: bool = False
    has_record: bool = True  # False: named in that of another, as a guardian is


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnReport:
    """What one column holds: `kind` (or None), the `share` of its filled cells that fit, `found` cells in all."""

    header: str | None
    kind: str | None
    share: float
    confidence: float
    found: int = 0
    masked: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TableReport:
    """What a table says about people (保有個人データの本人)."""

    columns: tuple[ColumnReport, ...]
    about_people: bool
    why: str
    records: int
    people: int
    households: int
    minors: int
    items: Mapping[str, int] = field(default_factory=dict)
    identities: tuple[Identity, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TextReport:
    """What a running text says about people; `addressee` is the name it greets (「山田 太郎 様」 at its head)."""

    findings: tuple[Finding, ...]
    identities: tuple[Identity, ...] = ()
    addressee: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text folded for the detectors, with the way back to the offsets of the original."""

    original: str
    folded: str
    offsets: tuple[int, ...] | None = None  # folded index -> original index; None: the same

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Give the original offsets of a folded span."""
        if self.offsets is None:
            return start, end
        return self.offsets[start], self.offsets[end]


class Detector(Protocol):
    """One kind of personal data: how it looks in running text, in a cell, and in a header."""

    kind: str
    trigger: str  # an expression; a text that has it in no line has nothing of the kind. "": none is needed

    def find(self, text: Text) -> Iterator[Finding]:
        """Yield the hits in a running text."""
        ...

    def header(self, label: str) -> float:
        """Give 0-1: how surely a folded column header announces this kind."""
        ...

    def cell(self, value: str) -> str | None:
        """Give the normal form of a whole folded cell that is of this kind, else None."""
        ...
