"""What is to be opened, and what opening it can give.

In: nothing. Out: types. Fails: never.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from gateway.model import Leaf, Path
from gateway.unpack._budget import Budget


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Bytes to be opened. `declared` and `charset` are what the mail says of them: hints, never the verdict."""

    raw: bytes
    path: Path
    name: str | None = None
    declared: str | None = None
    charset: str | None = None
    attachment: bool = False

    def child(self, raw: bytes, label: str, **hints: str) -> Source:
        """Give what was found inside."""
        return Source(raw=raw, path=(*self.path, label), name=label, attachment=True, **hints)


class Unpacker(Protocol):
    """One format. What it yields is final, but a Source, which is opened in turn."""

    media_types: frozenset[str]

    def unpack(self, source: Source, media_type: str, budget: Budget) -> Iterator[Leaf | Source]:
        """Open a source. Raises: Unreadable, or anything: then it is CORRUPT."""
        ...
