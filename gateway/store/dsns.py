"""Notices of failure (DSN, RFC 3464) that are still to be sent: kept in the transaction that settles the failure.

In: notices; what became of them. Out: those that are due. Fails: SQLAlchemy's errors.

One that is claimed is due again after a while: what a worker had in hand when it died is sent by another, perhaps for the
second time; it is never lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update

from gateway.store import schema
from gateway.store.database import Transaction

_dsns = schema.dsns


@dataclass(frozen=True, slots=True, kw_only=True)
class Dsn:
    """A notice to the sender of a mail; `number` is the store's."""

    mail_id: str
    send_id: str
    address: str
    content: bytes
    number: int = 0
    attempts: int = 0


def add(tx: Transaction, dsns: Sequence[Dsn], *, now: datetime) -> None:
    """Keep notices, to be sent at once."""
    rows = [
        {
            "mail_id": dsn.mail_id,
            "send_id": dsn.send_id,
            "address": dsn.address,
            "content": dsn.content,
            "attempts": 0,
            "due_at": now,
        }
        for dsn in dsns
    ]
    if rows:
        tx.execute(insert(_dsns), rows)


def any_due(tx: Transaction, *, now: datetime) -> bool:
    """Tell whether there is something to send."""
    return tx.execute(select(_dsns.c.number).where(_dsns.c.due_at <= now).limit(1)).first() is not None


def claim(tx: Transaction, *, now: datetime, again_at: datetime, limit: int) -> list[Dsn]:
    """Take so many that are due, the longest waiting first; nobody else gets them before `again_at`."""
    rows = tx.execute(select(_dsns).where(_dsns.c.due_at <= now).order_by(_dsns.c.due_at).limit(limit)).all()
    numbers = [row.number for row in rows]
    tx.execute(update(_dsns).where(_dsns.c.number.in_(numbers)).values(due_at=again_at))
    return [
        Dsn(
            mail_id=row.mail_id,
            send_id=row.send_id,
            address=row.address,
            content=row.content,
            number=row.number,
            attempts=row.attempts,
        )
        for row in rows
    ]


def try_again(tx: Transaction, dsn: Dsn, *, at: datetime) -> None:
    """Count a try that came to nothing."""
    this = update(_dsns).where(_dsns.c.number == dsn.number)
    tx.execute(this.values(attempts=_dsns.c.attempts + 1, due_at=at))


def remove(tx: Transaction, dsn: Dsn) -> None:
    """Forget one that was sent, or that nobody takes."""
    tx.execute(delete(_dsns).where(_dsns.c.number == dsn.number))


def give_back(tx: Transaction, *, now: datetime) -> None:
    """Let go of all claims: for the start of the only worker there is, when whoever held them is gone."""
    tx.execute(update(_dsns).where(_dsns.c.due_at > now).values(due_at=now))
