"""The sealed event chain: each entry is sealed over the one before it, and the last is sealed once more as the head.

In: events and a key. Out: seals; the first entry that does not fit. Fails: never.

A seal is HMAC-SHA-256 (RFC 2104) over the seal before, the number and the event. Who can write to the database but has
not the key can neither change, remove, add nor swap an entry, nor cut the chain short, since the head has a seal that
stands nowhere else. A chain that was emptied and goes on from nothing lacks the event with which each begins.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from gateway.model import Event

GENESIS = bytes(32)
BEGUN = "chain.begun"  # sealed when a database is made, or first comes to a version that does so; never again


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedEvent:
    """An entry of the chain."""

    seq: int
    event: Event
    seal: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Where the chain ends."""

    seq: int
    seal: bytes
    head_seal: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """The first entry that does not fit, and in what."""

    seq: int
    what: str


def begun(now: datetime, *, entries: int) -> Event:
    """Give the event with which a chain begins, after the entries that older versions left."""
    return Event(kind=BEGUN, at=now, actor="sekisho", facts={"entries": entries})


def event_to_text(event: Event) -> str:
    """Write an event the one way there is."""
    fields = {
        "kind": event.kind,
        "at": event.at.isoformat(),
        "actor": event.actor,
        "send_id": event.send_id,
        "facts": dict(event.facts),
    }
    return json.dumps(fields, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def event_from_text(text: str) -> Event:
    """Read an event."""
    fields = json.loads(text)
    return Event(**{**fields, "at": datetime.fromisoformat(fields["at"])})


def seal(key: bytes, previous: bytes, seq: int, event: Event) -> bytes:
    """Seal an event onto the entry before it."""
    return hmac.digest(
        key,
        previous + seq.to_bytes(8, "big") + event_to_text(event).encode("utf-8", "surrogatepass"),
        "sha256",
    )


def head_seal(key: bytes, seq: int, last: bytes) -> bytes:
    """Seal the end of the chain."""
    return hmac.digest(key, b"head" + seq.to_bytes(8, "big", signed=True) + last, "sha256")


def verify(key: bytes, entries: Iterable[SealedEvent], head: Head | None) -> Broken | None:
    """Follow the chain from its first entry to its head; give the first that does not fit."""
    seq, last = 0, GENESIS
    has_begun = False
    try:
        for entry in entries:
            if entry.seq != seq + 1:
                return Broken(seq=seq + 1, what="missing" if entry.seq > seq else "out of order")
            if not hmac.compare_digest(entry.seal, seal(key, last, entry.seq, entry.event)):
                return Broken(seq=entry.seq, what="changed")
            has_begun = has_begun or entry.event == begun(entry.event.at, entries=seq)
            seq, last = entry.seq, entry.seal
    except (
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
    ):  # text that event_from_text cannot have come from event_to_text
        return Broken(seq=seq + 1, what="unreadable")
    if head is None:
        return Broken(seq=max(seq, 1), what="head missing" if seq else "emptied")
    if not hmac.compare_digest(head.head_seal, head_seal(key, head.seq, head.seal)):
        return Broken(seq=head.seq, what="head changed")
    if (head.seq, head.seal) != (seq, last):
        return Broken(seq=min(head.seq, seq) + 1, what="cut short" if seq < head.seq else "added")
    return None if has_begun else Broken(seq=1, what="begun anew")
