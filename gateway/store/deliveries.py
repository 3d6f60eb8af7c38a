"""Deliveries in the database: who gets his copy when, claimed so that no two workers send the same one.

In: results of tries. Out: claimed mails. Fails: SQLAlchemy's errors.

A claim is a lease: a worker that dies with a claim leaves it to another once the lease is over. What it had in its
hands may then reach its reader twice; it is never lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import regex
from sqlalchemy import ColumnElement, Row, bindparam, func, or_, select, update

from gateway.delivery import Delivery, DeliveryStatus
from gateway.model import State
from gateway.store import codec, mails, schema
from gateway.store.database import Transaction

REPLY_CHARACTERS = 200
_LOCAL_PART = regex.compile(r"""([^\s<>()\[\]"',;:=@])[^\s<>()\[\]"',;:=@]*+(?=@)|"(?:[^"\\]|\\.)*+"(?=@)""")
WAITING, SENDING = DeliveryStatus.WAITING, DeliveryStatus.SENDING


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A mail and those of its deliveries that a worker may try now."""

    mail: mails.StoredMail
    deliveries: tuple[Delivery, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of one try; `reply` is the next hop's code and text, shortened."""

    delivery_id: int
    status: DeliveryStatus
    reply: str
    next_attempt_at: datetime | None = None


def claim(
    tx: Transaction, send_id: str, *, now: datetime, lease_until: datetime, limit: int, again: bool = False
) -> list[Claim]:
    """Claim mails of a send that is being released; `again`: only what has begun before, whatever the waves say."""
    table = schema.deliveries
    released = select(schema.sends.c.id).where(
        schema.sends.c.id == send_id, schema.sends.c.state == State.RELEASING
    )
    query = (
        select(table)
        .where(table.c.send_id.in_(released), due(now, again=again))
        .order_by(table.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = tx.execute(query).all()
    if not rows:
        return []
    tx.execute(
        update(table)
        .where(table.c.id.in_([row.id for row in rows]))
        .values(status=SENDING, lease_until=lease_until)
    )
    by_mail: dict[str, list[Delivery]] = {}
    for row in rows:
        by_mail.setdefault(row.mail_id, []).append(_delivery(row))
    stored = mails.by_ids(tx, by_mail)
    return [Claim(mail=mail, deliveries=tuple(by_mail[mail.id])) for mail in stored]


def settle(tx: Transaction, results: Sequence[Result]) -> None:
    """Keep what became of tries; what is final stays so."""
    if not results:
        return
    table = schema.deliveries
    tx.execute(
        update(table)
        .where(table.c.id == bindparam("this"), table.c.status == SENDING)
        .values(
            status=bindparam("became"),
            reply=bindparam("said"),
            next_attempt_at=bindparam("again_at"),
            attempts=table.c.attempts + 1,
            lease_until=None,
        ),
        [
            {
                "this": r.delivery_id,
                "became": r.status,
                "said": _without_addresses(r.reply),
                "again_at": r.next_attempt_at,
            }
            for r in results
        ],
    )


def _without_addresses(reply: str) -> str:
    """Mask the addresses that a reply quotes, and leave out what was cut in their middle."""
    whole = reply if len(reply) < REPLY_CHARACTERS else reply[:REPLY_CHARACTERS].rpartition(" ")[0]
    return str(_LOCAL_PART.sub(r"\1***", whole))


def give_back(tx: Transaction, delivery_ids: Iterable[int]) -> None:
    """Let go of claims that were not tried."""
    table = schema.deliveries
    tx.execute(
        update(table)
        .where(table.c.id.in_(list(delivery_ids)), table.c.status == SENDING)
        .values(status=WAITING, lease_until=None)
    )


def void_claims(tx: Transaction) -> int:
    """Let go of all claims: for the start of the only worker there is, when whoever held them is gone."""
    table = schema.deliveries
    done = tx.execute(update(table).where(table.c.status == SENDING).values(status=WAITING, lease_until=None))
    return int(done.rowcount)


def cancel(tx: Transaction, send_id: str) -> int:
    """Cancel what has not gone; give how many."""
    table = schema.deliveries
    done = tx.execute(
        update(table)
        .where(table.c.send_id == send_id, table.c.status == WAITING)
        .values(status=DeliveryStatus.CANCELLED)
    )
    return int(done.rowcount)


def tally(tx: Transaction, send_id: str) -> dict[DeliveryStatus, int]:
    """Count a send's deliveries by status: its ledger."""
    table = schema.deliveries
    rows = tx.execute(
        select(table.c.status, func.count()).where(table.c.send_id == send_id).group_by(table.c.status)
    )
    return {DeliveryStatus(status): number for status, number in rows}


def begun(tx: Transaction, send_id: str) -> int:
    """Count the deliveries that were tried at least once, or are being tried: what waves count."""
    table = schema.deliveries
    tried = (table.c.attempts > 0) | (table.c.status == SENDING)
    return int(tx.execute(select(func.count()).where(table.c.send_id == send_id, tried)).scalar_one())


def any_due(tx: Transaction, send_id: str, *, now: datetime) -> bool:
    """Tell whether anything of a send could be claimed now."""
    return (
        tx.execute(
            select(schema.deliveries.c.id).where(schema.deliveries.c.send_id == send_id, due(now)).limit(1)
        ).first()
        is not None
    )


def any_unsettled(tx: Transaction, send_id: str) -> bool:
    """Tell whether anything of a send is still to be delivered."""
    table = schema.deliveries
    query = (
        select(table.c.id).where(table.c.send_id == send_id, table.c.status.in_((WAITING, SENDING))).limit(1)
    )
    return tx.execute(query).first() is not None


def of_send(tx: Transaction, send_id: str, *, limit: int = 1000, after: int = 0) -> list[Delivery]:
    """List a send's deliveries."""
    table = schema.deliveries
    rows = tx.execute(
        select(table).where(table.c.send_id == send_id, table.c.id > after).order_by(table.c.id).limit(limit)
    )
    return [_delivery(row) for row in rows]


def queued(tx: Transaction) -> int:
    """Count what is released and not yet delivered."""
    table, sends = schema.deliveries, schema.sends
    releasing = select(sends.c.id).where(sends.c.state == State.RELEASING)
    query = select(func.count()).where(table.c.send_id.in_(releasing), table.c.status.in_((WAITING, SENDING)))
    return int(tx.execute(query).scalar_one())


def due(now: datetime, *, again: bool = False) -> ColumnElement[bool]:
    """Say of a delivery that it may be tried now; `again`: that it has begun before."""
    table = schema.deliveries
    waited = table.c.next_attempt_at <= now
    return or_(
        (table.c.status == WAITING) & (waited if again else waited | table.c.next_attempt_at.is_(None)),
        (table.c.status == SENDING) & (table.c.lease_until <= now),
    )


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        id=row.id,
        mail_id=row.mail_id,
        send_id=row.send_id,
        recipient=codec.recipient_from_row(row.address, row.parameters),
        status=DeliveryStatus(row.status),
        attempts=row.attempts,
        next_attempt_at=row.next_attempt_at,
        reply=row.reply,
    )
