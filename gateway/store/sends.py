"""Sends and approvals in the database.

In: moves decided by the rules. Out: sends as they stand. Fails: Stale where somebody moved first, NotFound.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, func, insert, literal, or_, select, update

from gateway.errors import NotFound, Stale
from gateway.model import Approval, Choice, Event, Exposure, GapReason, Move, Send, State, Verdict
from gateway.review import states
from gateway.store import codec, events, schema
from gateway.store.database import Transaction

PAGE = 200
STAMPS = {
    State.JUDGED: "closed_at",
    State.HELD: "held_at",
    State.RELEASING: "released_at",
    **dict.fromkeys(states.TERMINAL, "finished_at"),
}


def get(tx: Transaction, send_id: str) -> Send:
    """Give a send.

    Raises: NotFound.
    """
    row = tx.execute(select(schema.sends).where(schema.sends.c.id == send_id)).one_or_none()
    if row is None:
        raise NotFound("no-such-send")
    return _send(row)


def listed(
    tx: Transaction,
    states: Iterable[State] = (),
    *,
    limit: int = PAGE,
    after: str | None = None,
    of: Collection[str] | None = None,
) -> list[Send]:
    """List a page of sends, newest first, the held ones by when they expire; `of`: whom one of these names submitted or sent.

    `after`: the id of the last one of the page before.

    Raises: NotFound for an id that there is not.
    """
    table, wanted = schema.sends, tuple(states)
    is_held = wanted == (State.HELD,)
    at = func.coalesce(table.c.held_at, table.c.opened_at) if is_held else table.c.opened_at
    order = (at.asc(), table.c.id.asc()) if is_held else (at.desc(), table.c.id.desc())
    query = select(table) if of is None else select(table).where(_of(of))
    if after is not None:
        last = query.with_only_columns(at).where(table.c.id == after).scalar_subquery()
        if tx.execute(select(last)).scalar() is None:
            raise NotFound("no-such-send")
        same = at == last
        query = query.where(
            or_(at > last, same & (table.c.id > after))
            if is_held
            else or_(at < last, same & (table.c.id < after))
        )
    if wanted:
        query = query.where(table.c.state.in_(wanted))
    return [_send(row) for row in tx.execute(query.order_by(*order).limit(limit))]


def next_page(found: Sequence[Send], *, limit: int = PAGE) -> str | None:
    """Give after which id the page that follows begins; None where this was the last."""
    return found[-1].id if len(found) == limit else None


def in_state(tx: Transaction, state: State, *, limit: int = 1000) -> list[Send]:
    """List the sends of one state, the longest waiting first."""
    query = (
        select(schema.sends)
        .where(schema.sends.c.state == state)
        .order_by(schema.sends.c.last_mail_at)
        .limit(limit)
    )
    return [_send(row) for row in tx.execute(query)]


def locked(tx: Transaction, *, since: datetime) -> list[Send]:
    """List the sends with parts that no password has opened yet: those held, and those rejected since then."""
    table = schema.sends
    rejected = (table.c.state == State.REJECTED) & (table.c.finished_at >= since)
    query = select(table).where(
        or_(table.c.state == State.HELD, rejected),
        table.c.exposure.contains(f'"{GapReason.ENCRYPTED}":'),
    )
    return [_send(row) for row in tx.execute(query.order_by(table.c.last_mail_at).limit(1000))]


def to_judge_again(tx: Transaction) -> list[Send]:
    """List the held sends of which more is known than what they were judged by: nobody can decide on them meanwhile."""
    table = schema.sends
    query = select(table).where(table.c.state == State.HELD, table.c.seen.is_(None))
    return [_send(row) for row in tx.execute(query)]


def reopened(tx: Transaction, send: Send, event: Event) -> None:
    """Say that more is known of a send than before: what was approved of it covers nothing any more.

    Raises: Stale.
    """
    table = schema.sends
    same = (table.c.id == send.id) & (table.c.version == send.version)
    if tx.execute(update(table).where(same).values(seen=None, version=send.version + 1)).rowcount != 1:
        raise Stale("the send was moved meanwhile")
    events.append(tx, event)


def activity(
    tx: Transaction, send: Send, clients: Collection[str], *, since: datetime
) -> tuple[int, datetime]:
    """Give how many mails came of a send's sender, and when the newest did."""
    row = tx.execute(select(func.sum(schema.sends.c.mails), func.max(schema.sends.c.last_mail_at)).where(
        of_sender(send, clients, since=since)
    )).one()  # fmt: skip
    return int(row[0]), row[1]


def of_sender(send: Send, clients: Collection[str], *, since: datetime) -> ColumnElement[bool]:
    """Give the condition of the sends of the same sender, by whichever client; a bounce has no sender but its own send."""
    table = schema.sends
    if not send.sender:
        return table.c.id == send.id
    same = table.c.client.in_({*clients, send.client}) & (table.c.sender == send.sender)
    return or_(table.c.id == send.id, same & (table.c.last_mail_at >= since))


def counted(tx: Transaction, *, of: Collection[str] | None = None) -> dict[State, int]:
    """Count the sends of each state."""
    query = select(schema.sends.c.state, func.count()).group_by(schema.sends.c.state)
    rows = tx.execute(query if of is None else query.where(_of(of)))
    return {State(state): number for state, number in rows}


def oldest_held_at(tx: Transaction) -> datetime | None:
    """Give the time since which the oldest held send has waited."""
    held: datetime | None = tx.execute(
        select(schema.sends.c.held_at)
        .where(schema.sends.c.state == State.HELD)
        .order_by(schema.sends.c.held_at)
        .limit(1)
    ).scalar()
    return held


def previous_in_series(tx: Transaction, send: Send) -> Send | None:
    """Give the send of the same series that came before this one."""
    row = tx.execute(
        select(schema.sends)
        .where(schema.sends.c.series == send.series, schema.sends.c.id < send.id)
        .order_by(schema.sends.c.id.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else _send(row)


def apply(tx: Transaction, move: Move, **changes: Any) -> None:
    """Move a send, if it still stands where the rule saw it, and tell the chain.

    Raises: Stale.
    """
    stamp = STAMPS.get(move.after)
    if stamp is not None and move.after is not move.before:
        resumed = move.event.kind == states.Act.RESUME  # of what had begun, the waves go on
        at = literal(move.event.at, schema.Instant)
        changes[stamp] = func.coalesce(schema.sends.c[stamp], at) if resumed else at
    moved = tx.execute(
        update(schema.sends)
        .where(
            schema.sends.c.id == move.send_id,
            schema.sends.c.version == move.version,
            schema.sends.c.state == move.before,
        )
        .values(state=move.after, version=move.version + 1, **changes)
    )
    if moved.rowcount != 1:
        raise Stale("the send was moved meanwhile")
    events.append(tx, move.event)


def judged(verdict: Verdict, exposure: Exposure, *, seen: str) -> dict[str, Any]:
    """Give what the move to JUDGED changes beside the state."""
    return {
        "verdict": codec.verdict_to_text(verdict),
        "exposure": codec.exposure_to_text(exposure),
        "seen": seen,
    }


def approvals(tx: Transaction, send_id: str) -> list[Approval]:
    """Give the decisions on a send, in their order."""
    rows = tx.execute(
        select(schema.approvals).where(schema.approvals.c.send_id == send_id).order_by(schema.approvals.c.at)
    )
    return [
        Approval(
            send_id=row.send_id,
            reviewer=row.reviewer,
            choice=Choice(row.choice),
            seen=row.seen,
            comment=row.comment,
            at=row.at,
        )
        for row in rows
    ]


def add_approval(tx: Transaction, send: Send, approval: Approval) -> None:
    """Keep a decision; the schema itself refuses a second one by the same person, and the sender's.

    One on what stood before the send was judged again makes room for it.
    """
    earlier = (schema.approvals.c.send_id == approval.send_id) & (
        schema.approvals.c.reviewer == approval.reviewer
    )
    tx.execute(delete(schema.approvals).where(earlier, schema.approvals.c.seen != approval.seen))
    tx.execute(
        insert(schema.approvals).values(
            send_id=approval.send_id,
            reviewer=approval.reviewer,
            submitter=send.submitter,
            sender=send.sender,
            choice=approval.choice,
            seen=approval.seen,
            comment=codec.storable(approval.comment),
            at=approval.at,
        )
    )


def inspected_wholly(tx: Transaction, send_ids: Sequence[str]) -> set[str]:
    """Give those of the sends that have no mail left to be inspected."""
    waiting = (
        select(schema.mails.c.send_id)
        .where(schema.mails.c.own.is_(None), schema.mails.c.send_id.in_(send_ids))
        .distinct()
    )
    return set(send_ids) - set(tx.execute(waiting).scalars())


def _of(names: Collection[str]) -> ColumnElement[bool]:
    wanted = [name.lower() for name in names if name]
    return or_(
        func.lower(schema.sends.c.submitter).in_(wanted), func.lower(schema.sends.c.sender).in_(wanted)
    )


def _send(row: Row[Any]) -> Send:
    return Send(
        id=row.id,
        series=row.series,
        client=row.client,
        submitter=row.submitter,
        sender=row.sender,
        subject=row.subject,
        state=State(row.state),
        version=row.version,
        mails=row.mails,
        recipients=row.recipients,
        opened_at=row.opened_at,
        last_mail_at=row.last_mail_at,
        closed_at=row.closed_at,
        held_at=row.held_at,
        released_at=row.released_at,
        template=row.template,
        seen=row.seen,
        verdict=codec.verdict_from_text(row.verdict),
        exposure=codec.exposure_from_text(row.exposure),
        single=row.single,
    )
