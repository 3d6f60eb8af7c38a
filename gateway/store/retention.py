"""The end of what was kept: what may be removed of finished sends, and what nothing needs any more.

In: times. Out: rows removed. Fails: SQLAlchemy's errors.

Only of a send that is over: held, stopped and unfinished ones keep everything, however old. Events stay: a chain cannot
be cut. All steps may be broken off and taken up again.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, ColumnElement, delete, exists, func, select, true, update

from gateway.delivery import DeliveryStatus
from gateway.review import states
from gateway.store import pieces, schema
from gateway.store.database import Transaction

UNSETTLED = (DeliveryStatus.WAITING, DeliveryStatus.SENDING)
_sends, _mails, _deliveries = schema.sends, schema.mails, schema.deliveries


def with_contents(tx: Transaction, *, finished_before: datetime, limit: int) -> list[str]:
    """Give finished sends whose mails are still there, the oldest first."""
    return _over(tx, finished_before, _sends.c.purged_at.is_(None), limit=limit)


def with_evidence(tx: Transaction, *, finished_before: datetime, limit: int) -> list[str]:
    """Give finished sends whose mails are gone and that are still known, the oldest first."""
    return _over(tx, finished_before, _sends.c.purged_at.is_not(None), limit=limit)


def remove_contents(tx: Transaction, send_id: str, *, limit: int) -> int:
    """Empty so many mails of a send, but for who, whom, when and their digests; give how many."""
    whole = (_mails.c.send_id == send_id) & ((_mails.c.skeleton != b"") | (_mails.c.segments != ""))
    some = _mails.c.number.in_(select(_mails.c.number).where(whole).limit(limit))
    return int(tx.execute(update(_mails).where(some).values(skeleton=b"", segments="")).rowcount)


def contents_are_gone(tx: Transaction, send_id: str, *, now: datetime) -> int:
    """Mark a send as emptied; give how many mails it had."""
    tx.execute(update(_sends).where(_sends.c.id == send_id).values(purged_at=now))
    opened = schema.passwords.c.send_id == send_id
    tx.execute(update(schema.passwords).where(opened).values(sealed=b""))
    return int(tx.execute(select(_sends.c.mails).where(_sends.c.id == send_id)).scalar_one())


def remove_evidence(tx: Transaction, send_id: str, *, limit: int) -> bool:
    """Remove so many rows of a send, the send itself last; tell whether it is gone."""
    for table, key in ((_deliveries, _deliveries.c.id), (_mails, _mails.c.number)):
        some = key.in_(select(key).where(table.c.send_id == send_id).limit(limit))
        limit -= int(tx.execute(delete(table).where(some)).rowcount)
        if limit <= 0:
            return False
    for table in (schema.approvals, schema.passwords):
        tx.execute(delete(table).where(table.c.send_id == send_id))
    tx.execute(delete(_sends).where(_sends.c.id == send_id))
    return True


@dataclass(frozen=True, slots=True)
class Shared:
    """Rows that mails share: how they are known, and which of them mails need."""

    key: Column[bytes]
    needed: Callable[[Transaction, ColumnElement[bool]], set[bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unneeded:
    """Keys that no mail needed; mails from the number `unsure_from` on may have come to need them since."""

    keys: tuple[bytes, ...]
    unsure_from: int


def unneeded(tx: Transaction, shared: Shared) -> Unneeded:
    """Look for rows that no mail needs; this reads every mail, so it is not done while others wait."""
    newest = tx.execute(select(func.max(_mails.c.number))).scalar() or 0
    uninspected = tx.execute(select(func.min(_mails.c.number)).where(_mails.c.own.is_(None))).scalar()
    needed = shared.needed(tx, true())
    there = tx.execute(select(shared.key)).scalars()
    return Unneeded(
        keys=tuple(key for key in there if key not in needed),
        unsure_from=newest + 1 if uninspected is None else uninspected,
    )


def remove(tx: Transaction, shared: Shared, found: Unneeded, start: int, end: int) -> None:
    """Remove some of what was found, but for what a mail has come to need meanwhile."""
    needed = shared.needed(tx, _mails.c.number >= found.unsure_from)
    gone = [key for key in found.keys[start:end] if key not in needed]
    tx.execute(delete(shared.key.table).where(shared.key.in_(gone)))


def _needed_blobs(tx: Transaction, which: ColumnElement[bool]) -> set[bytes]:
    texts = tx.execute(select(_mails.c.segments).where(_mails.c.segments != "", which).distinct()).scalars()
    return {segment.digest for text in texts for segment in pieces.segments_from_text(text)}


def _needed_inspections(tx: Transaction, which: ColumnElement[bool]) -> set[bytes]:
    rows = tx.execute(select(_mails.c.own, _mails.c.parts).where(_mails.c.own.is_not(None), which).distinct())
    return {key for own, parts in rows for key in (own, *map(bytes.fromhex, json.loads(parts or "[]")))}


BLOBS = Shared(schema.blobs.c.digest, _needed_blobs)
INSPECTIONS = Shared(schema.inspections.c.key, _needed_inspections)


def _over(tx: Transaction, finished_before: datetime, which: ColumnElement[bool], *, limit: int) -> list[str]:
    left = exists().where(_deliveries.c.send_id == _sends.c.id, _deliveries.c.status.in_(UNSETTLED))
    query = (
        select(_sends.c.id)
        .where(_sends.c.state.in_(states.TERMINAL), _sends.c.finished_at <= finished_before, which, ~left)
        .order_by(_sends.c.finished_at)
        .limit(limit)
    )
    return list(tx.execute(query).scalars())
