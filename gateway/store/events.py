"""The event chain in the database: appended to within the transaction of what it tells.

In: events. Out: sealed rows. Fails: SQLAlchemy's errors.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from sqlalchemy import insert, select, update

from gateway.model import Event
from gateway.review import audit
from gateway.store import schema
from gateway.store.database import Transaction

_HEAD = select(schema.chain_head.c.seq, schema.chain_head.c.seal).with_for_update()
_ENTRIES = insert(schema.events)
_MOVED = update(schema.chain_head)
_FIRST = insert(schema.chain_head)


def append(tx: Transaction, *events: Event) -> None:
    """Seal events onto the chain."""
    head = tx.execute(_HEAD).one_or_none()
    seq, seal = (head.seq, head.seal) if head else (0, audit.GENESIS)
    rows = []
    for event in events:
        seq += 1
        seal = audit.seal(tx.seal_key, seal, seq, event)
        rows.append({"seq": seq, "send_id": event.send_id, "event": audit.event_to_text(event), "seal": seal})
    if not rows:
        return
    tx.execute(_ENTRIES, rows)
    moved = {"seq": seq, "seal": seal, "head_seal": audit.head_seal(tx.seal_key, seq, seal)}
    if head:
        tx.execute(_MOVED, moved)
    else:
        tx.execute(_FIRST, {"id": 1, **moved})


def sealed(tx: Transaction, *, after: int = 0, limit: int | None = None) -> Iterator[audit.SealedEvent]:
    """Read the chain in its order, from the event after `after` on."""
    rows = tx.execute(
        select(schema.events).where(schema.events.c.seq > after).order_by(schema.events.c.seq).limit(limit)
    )
    for row in rows.yield_per(1000):
        event = audit.event_from_text(row.event)
        if event.send_id != row.send_id:
            raise ValueError("an event was put to another send")
        yield audit.SealedEvent(seq=row.seq, event=event, seal=row.seal)


def of_send(tx: Transaction, send_id: str) -> list[Event]:
    """Give the events of one send."""
    rows = tx.execute(
        select(schema.events.c.event).where(schema.events.c.send_id == send_id).order_by(schema.events.c.seq)
    )
    return [audit.event_from_text(row.event) for row in rows]


def latest(tx: Transaction, send_id: str, kinds: Collection[str]) -> datetime | None:
    """Give when one of these things happened last to a send."""
    return max((event.at for event in of_send(tx, send_id) if event.kind in kinds), default=None)


def verify(tx: Transaction) -> audit.Broken | None:
    """Check the whole chain and its head; name the first bad entry."""
    head = tx.execute(select(schema.chain_head)).one_or_none()
    kept = None if head is None else audit.Head(seq=head.seq, seal=head.seal, head_seal=head.head_seal)
    return audit.verify(tx.seal_key, sealed(tx), kept)
