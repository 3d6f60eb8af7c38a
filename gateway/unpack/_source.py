"""What is to be opened, and what opening it can give.

In: nothing. Out: types. Fails: never.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

import regex

from gateway.model import Leaf, Path, Text
from gateway.unpack._budget import Budget

MAX_LABEL = 255

# Controls, zero-width characters, lone surrogates, and what turns the writing round (U+202E: "gpj.exe" reads "exe.jpg").
_UNSHOWN = regex.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Bytes to be opened. `declared` and `charset` are what the mail says of them: hints, never the verdict."""

    raw: bytes
    path: Path
    name: str | None = None
    declared: str | None = None
    charset: str | None = None
    attachment: bool = False

    def child(self, raw: bytes, name: str) -> Source:
        """Give what was found inside."""
        shown = label(name)
        return Source(raw=raw, path=(*self.path, shown), name=shown, attachment=True)


class Unpacker(Protocol):
    """One format. What it yields is final, but a Source, which is opened in turn.

    What was read and says nothing is an empty Text: where nothing comes out but a Container there is a gap.
    """

    media_types: frozenset[str]

    def unpack(self, source: Source, media_type: str, budget: Budget) -> Iterator[Leaf | Source]:
        """Open a source. Raises: Unreadable, or anything: then it is CORRUPT."""
        ...


def unless_bare(found: Iterable[Leaf | Source], source: Source, media_type: str) -> Iterator[Leaf | Source]:
    """Give what was found in a document that was read to its end; an empty text where that is nothing."""
    is_bare = True
    for one in found:
        is_bare = False
        yield one
    if is_bare:
        yield Text(path=source.path, media_type=media_type, encoding=None, content="")


def label(name: str) -> str:
    """Make a name fit to be shown. It is never used as the name of a file."""
    return _UNSHOWN.sub("\ufffd", name.replace("\\", "/"))[:MAX_LABEL] or "?"


def names_as_text(source: Source, media_type: str, names: Iterable[str]) -> Text:
    """Give the names inside an archive that is locked: they stay visible, and say things (山田太郎様_診断書.pdf)."""
    content = "\n".join(label(name) for name in names)
    return Text(path=source.path, media_type=media_type, encoding=None, content=content)
