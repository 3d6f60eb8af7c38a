"""Mails inside mails: an .eml as attachment, or a whole mailbox (RFC 4155).

In: message/rfc822. Out: its leaves as sources. Fails: never.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from gateway.model import Container, Leaf, Skeleton
from gateway.unpack._budget import Budget
from gateway.unpack._free_text import free_text
from gateway.unpack._media_type import MAIL
from gateway.unpack._source import Source
from gateway.unpack.mailbox import letters
from gateway.unpack.mime import inline, open_leaf, structure


class _Mail:
    media_types = frozenset({MAIL})

    def unpack(self, source: Source, media_type: str, budget: Budget) -> Iterator[Leaf | Source]:
        """Open a mail that is an attachment."""
        yield Container(path=source.path, media_type=media_type)
        if (mails := letters(source.raw)) is not None:
            for number, letter in enumerate(mails, 1):
                budget.spend_member()
                yield replace(source.child(letter, f"mail {number}"), declared=MAIL)
            return
        taken_apart = structure(Skeleton(raw=source.raw), source.path)
        yield from taken_apart.marks
        for leaf in taken_apart.leaves:
            budget.spend_member()
            yield from open_leaf(leaf, inline(leaf))
        if header := free_text(taken_apart, source.path, carried=True):
            yield header


UNPACKER = _Mail()
