"""The door of a process: what all its connections share, and how many of them there may be.

In: settings, an Acceptor. Out: whether one more may come in. Fails: never.
"""

from __future__ import annotations

import asyncio
import collections
import mmap
import ssl
from collections.abc import Awaitable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from gateway.model import Envelope
from gateway.settings import SmtpSettings
from gateway.smtp.clients import Clients


class Guest(Protocol):
    """Who has come in: a connection."""

    @property
    def in_transaction(self) -> bool:
        """Whether it is in the middle of a mail."""
        ...

    def go_home(self, *, at_once: bool) -> None:
        """Leave, after the mail under way or at once."""
        ...


class Acceptor(Protocol):
    """Who keeps mails."""

    def accept(self, envelope: Envelope, content: bytes | mmap.mmap, *, under_way: int) -> Awaitable[str]:
        """Make a mail durable and give its id; `under_way` mails, this one among them, wait there or are about to come.

        Raises: NotNow, Refused.
        """
        ...


@dataclass(slots=True, kw_only=True)
class Door:
    """Who is inside."""

    settings: SmtpSettings
    clients: Clients
    acceptor: Acceptor
    tls_context: ssl.SSLContext | None
    spool_folder: Path | None = None
    inside: set[Guest] = field(default_factory=set)
    by_peer: collections.Counter[str] = field(default_factory=collections.Counter)
    emptied: asyncio.Event = field(default_factory=asyncio.Event)
    closing: bool = False

    @property
    def under_way(self) -> int:
        """Mails that have been begun and not been answered yet."""
        return sum(guest.in_transaction for guest in self.inside)

    def enter(self, guest: Guest, peer: str) -> bool:
        """Let one more in, if there is room."""
        if (
            self.closing
            or len(self.inside) >= self.settings.max_connections
            or self.by_peer[peer] >= self.settings.max_connections_per_peer
        ):
            return False
        self.inside.add(guest)
        self.emptied.clear()
        self.by_peer[peer] += 1
        return True

    def leave(self, guest: Guest, peer: str) -> None:
        """See one out."""
        self.inside.remove(guest)
        self.by_peer[peer] -= 1
        if not self.by_peer[peer]:
            del self.by_peer[peer]
        if not self.inside:
            self.emptied.set()
