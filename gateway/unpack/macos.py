"""What a Mac leaves beside files in a ZIP: AppleDouble (RFC 1740) and .DS_Store. Small, and of no interest to people.

In: such a file. Out: the texts that stand in it. Fails: Unreadable (UNKNOWN), where it is larger than a Mac makes it.
"""

from __future__ import annotations

from collections.abc import Iterator

import regex

from gateway.model import Container, GapReason, Leaf, Text
from gateway.unpack._budget import Budget, Unreadable
from gateway.unpack._media_type import APPLEDOUBLE, DS_STORE
from gateway.unpack._source import Source

MAX_BYTES = 64 << 10
_RUN = regex.compile(r"[^\p{C}\ufffd]{4,}")


class _MacOs:
    media_types = frozenset({APPLEDOUBLE, DS_STORE})

    def unpack(self, source: Source, media_type: str, budget: Budget) -> Iterator[Leaf | Source]:  # noqa: ARG002
        """Read runs of characters; those of .DS_Store are in UTF-16."""
        if len(source.raw) > MAX_BYTES:
            raise Unreadable(GapReason.UNKNOWN)
        yield Container(path=source.path, media_type=media_type)
        texts = [source.raw.decode("utf-8", "replace")]
        if media_type == DS_STORE:
            texts += (source.raw[odd:].decode("utf-16-be", "replace") for odd in (0, 1))
        found = [run for text in texts for run in _RUN.findall(text)]
        if found:
            yield Text(path=source.path, media_type=media_type, encoding=None, content="\n".join(found))


UNPACKER = _MacOs()
