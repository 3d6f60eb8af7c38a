"""What the relay reads and writes in the store, many mails in one transaction.

In: results of tries. Out: mails to try now. Fails: SQLAlchemy's errors, with nothing done; the caller comes again.

A turn settles what was tried, tells the chain what failed, finishes sends, releases those that were cleared not too long ago and claims
what is due: one commit for all of it. Nothing is claimed but from a send in RELEASING (store/deliveries.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import exists, select, update

from gateway.delivery import Delivery, DeliveryStatus
from gateway.metrics import DELIVERIES
from gateway.model import Event, Send, State
from gateway.relay import schedule
from gateway.relay.smarthost import TRANSACTION_RECIPIENTS
from gateway.review import states
from gateway.settings import Settings
from gateway.store import deliveries, dsns, events, mails, pieces, schema, sends
from gateway.store.database import Database, Transaction
from gateway.store.dsns import Dsn

log = structlog.get_logger()

ACTOR = "sekisho"
LEASE = timedelta(minutes=10)  # renewed while its holder lives
WAITING, SENDING = DeliveryStatus.WAITING, DeliveryStatus.SENDING
OPEN = (WAITING, SENDING)
IN_PLAY = (State.RELEASING, State.STOPPED)
IDS_A_STATEMENT = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A mail and those of its deliveries that are to be tried in one go."""

    mail: mails.StoredMail
    received_at: datetime
    deliveries: tuple[Delivery, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What became of one delivery; without a result it was not tried, and its claim is given back."""

    delivery: Delivery
    result: deliveries.Result | None
    ambiguous: bool = False
    damaged: bool = False


class Ledger:
    """The relay's way into the store; its functions run in threads."""

    def __init__(self, database: Database, settings: Settings, *, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._release = settings.release
        self._expire_hours = settings.review.expire_hours
        self._retry_seconds = settings.relay.retry_seconds
        self._clock = clock

    def recover(self) -> None:
        """Give back what an earlier worker held when it ended; SQLite has one worker, elsewhere leases run out."""
        if self._database.engine.dialect.name != "sqlite":
            return
        with self._database.write("relay") as tx:
            dsns.give_back(tx, now=self._clock())
            number = deliveries.void_claims(tx)
            if number:
                facts = {"deliveries": number}
                events.append(
                    tx, Event(kind="delivery.interrupted", at=self._clock(), actor=ACTOR, facts=facts)
                )
                log.warning("relay.interrupted", deliveries=number)

    def released(self, send_ids: Iterable[str]) -> set[str]:
        """Give those of the sends that may go at this moment."""
        table = schema.sends
        query = select(table.c.id).where(table.c.id.in_(set(send_ids)), table.c.state == State.RELEASING)
        with self._database.read() as tx:
            return set(tx.execute(query).scalars())

    def whole(self, mail: mails.StoredMail) -> bytes:
        """Build a mail's bytes.

        Raises: pieces.Damaged.
        """
        if not mail.skeleton.segments:
            if pieces.digest_of(mail.skeleton) != mail.digest:
                raise pieces.Damaged("this mail was changed in the store")
            return mail.skeleton.raw
        with self._database.read() as tx:
            return mails.whole(tx, mail)

    def turn(
        self, tried: Sequence[Tried], notices: Sequence[Dsn], *, room: int, in_hand: Collection[int]
    ) -> list[Job]:
        """Settle and keep the notices of it, finish, release, claim; `in_hand` are deliveries claimed and not settled."""
        now = self._clock()
        with self._database.read() as tx:
            plan = _Plan(
                cleared=sends.in_state(tx, State.CLEARED),
                due=self._due(tx, now, room) if room > 0 else [],
                done=_all_settled(tx),
            )
        if not tried and not plan.cleared and not plan.due and not plan.done:
            return []
        told: list[Event] = []
        with self._database.write("relay") as tx:
            touched = self._settle(tx, tried, told, now)
            dsns.add(tx, notices, now=now)
            done = [*plan.done, *_all_settled(tx, touched)] if touched else plan.done
            for send_id in dict.fromkeys(done):
                self._finish(tx, send_id, now)
            late = sum(self._begin(tx, send.id, now) is State.STOPPED for send in plan.cleared)
            events.append(tx, *told)
            jobs = self._claim(tx, plan.due, now=now, room=room, in_hand=in_hand)
        if late:
            log.warning("relay.cleared_long_ago", sends=late)  # each waits for somebody's `resume`
        for one in tried:
            if one.result is not None:
                DELIVERIES.labels(one.result.status).inc()
        return jobs

    def keep_house(self, in_hand: Collection[int]) -> None:
        """Renew our leases; mend what another clock wrote; cancel what a dead worker left of a withdrawn send."""
        now, table = self._clock(), schema.deliveries
        ids = list(in_hand)
        horizon = now + schedule.longest_wait(self._retry_seconds)
        withdrawn = select(schema.sends.c.id).where(schema.sends.c.state.in_(states.NEVER_SENT))
        left = (table.c.status == WAITING) | ((table.c.status == SENDING) & (table.c.lease_until <= now))
        with self._database.write("relay") as tx:
            for start in range(0, len(ids), IDS_A_STATEMENT):
                ours = table.c.id.in_(ids[start : start + IDS_A_STATEMENT]) & (table.c.status == SENDING)
                tx.execute(update(table).where(ours).values(lease_until=now + LEASE))
            playing = select(schema.sends.c.id).where(schema.sends.c.state.in_(IN_PLAY))
            mine = table.c.send_id.in_(playing)
            late = mine & (table.c.status == WAITING) & (table.c.next_attempt_at > horizon)
            tx.execute(update(table).where(late).values(next_attempt_at=now))
            stuck = mine & (table.c.status == SENDING) & (table.c.lease_until > now + LEASE)
            tx.execute(update(table).where(stuck).values(lease_until=now + LEASE))
            cancelled = {"status": DeliveryStatus.CANCELLED, "lease_until": None}
            tx.execute(update(table).where(table.c.send_id.in_(withdrawn), left).values(**cancelled))

    def _settle(self, tx: Transaction, tried: Sequence[Tried], told: list[Event], now: datetime) -> list[str]:
        """Keep what became of tries; give the sends that were touched."""
        deliveries.settle(tx, [one.result for one in tried if one.result is not None])
        untried = [one.delivery.id for one in tried if one.result is None]
        if untried:
            deliveries.give_back(tx, untried)
        touched = list(dict.fromkeys(one.delivery.send_id for one in tried))
        unsettled = {
            one.delivery.send_id for one in tried if one.result is None or one.result.status is WAITING
        }
        for send_id in unsettled:
            if sends.get(tx, send_id).state in states.NEVER_SENT:  # withdrawn while it was in our hands
                deliveries.cancel(tx, send_id)
        told += _told(
            "delivery.failed",
            (o for o in tried if o.result and o.result.status is DeliveryStatus.FAILED),
            now,
        )
        told += _told("delivery.ambiguous", (o for o in tried if o.ambiguous), now)
        told += _told("delivery.damaged", (o for o in tried if o.damaged and not o.delivery.attempts), now)
        return touched

    def _begin(self, tx: Transaction, send_id: str, now: datetime) -> State:
        """Let a cleared send begin, or stop it where it was cleared too long ago; give the state that it is in."""
        send = sends.get(tx, send_id)
        if send.state is not State.CLEARED:
            return send.state
        cleared_at = now
        if send.opened_at <= now - timedelta(hours=self._expire_hours):  # else it cannot have waited so long
            cleared_at = events.latest(tx, send_id, (states.Act.CLEAR, states.Act.APPROVE)) or send.opened_at
        move = states.begin(send, cleared_at=cleared_at, expire_hours=self._expire_hours, now=now)
        sends.apply(tx, move)
        return move.after

    def _finish(self, tx: Transaction, send_id: str, now: datetime) -> None:
        send = sends.get(tx, send_id)
        if send.state not in IN_PLAY:
            return
        counts = {str(status): number for status, number in deliveries.tally(tx, send_id).items()}
        sends.apply(tx, states.move(send, states.Act.FINISH, actor=ACTOR, now=now, facts=counts))
        log.info("send.done", send=send_id, **counts)

    def _due(self, tx: Transaction, now: datetime, room: int) -> list[Send]:
        """List sends with something to try, the longest waiting first."""
        table = schema.deliveries
        waits = exists().where(table.c.send_id == schema.sends.c.id, deliveries.due(now))
        query = select(schema.sends.c.id).where(schema.sends.c.state == State.RELEASING, waits)
        ids = list(tx.execute(query.order_by(schema.sends.c.last_mail_at).limit(room)).scalars())
        found = [sends.get(tx, send_id) for send_id in ids]
        return [send for send in found if self._fresh(tx, send, now) > 0 or _again(tx, send.id, now)]

    def _fresh(self, tx: Transaction, send: Send, now: datetime) -> int:
        """Give how many deliveries of a send may begin by its waves."""
        waves, seconds = self._release.waves, self._release.wave_seconds
        since = send.released_at or now
        upper = schedule.allowed(
            waves, wave_seconds=seconds, released_at=since, now=now, total=send.recipients
        )
        return send.recipients if upper >= send.recipients else upper - deliveries.begun(tx, send.id)

    def _claim(
        self, tx: Transaction, due: Sequence[Send], *, now: datetime, room: int, in_hand: Collection[int]
    ) -> list[Job]:
        """Claim from all sends that are due alike: a long one must not keep a short one waiting."""
        claims: list[deliveries.Claim] = []
        for number, send in enumerate(due):
            if room <= 0:
                break
            share = -(-room // (len(due) - number))
            fresh = self._fresh(tx, send, now)
            limit, again = (min(share, fresh), False) if fresh > 0 else (share, True)
            taken = deliveries.claim(tx, send.id, now=now, lease_until=now + LEASE, limit=limit, again=again)
            claims += taken
            room -= sum(len(claim.deliveries) for claim in taken)
        if not claims:
            return []
        stored = schema.mails
        ids = {claim.mail.id for claim in claims}
        rows = tx.execute(select(stored.c.id, stored.c.received_at).where(stored.c.id.in_(ids)))
        received = {row.id: row.received_at for row in rows}
        jobs = []
        for claim in claims:
            # Where the clock leapt, a lease of our own may have looked lapsed: it is in hand, and not tried twice.
            mine = tuple(delivery for delivery in claim.deliveries if delivery.id not in in_hand)
            for start in range(0, len(mine), TRANSACTION_RECIPIENTS):
                some = mine[start : start + TRANSACTION_RECIPIENTS]
                jobs.append(Job(mail=claim.mail, received_at=received[claim.mail.id], deliveries=some))
        return jobs


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """What a reading of the store found to do."""

    cleared: Sequence[Send]
    due: Sequence[Send]
    done: Sequence[str]


def _all_settled(tx: Transaction, among: Sequence[str] | None = None) -> list[str]:
    """Give the sends of which nothing is left to try."""
    table, owner = schema.deliveries, schema.sends
    left = exists().where(table.c.send_id == owner.c.id, table.c.status.in_(OPEN))
    query = select(owner.c.id).where(owner.c.state.in_(IN_PLAY), ~left)
    if among is not None:
        query = query.where(owner.c.id.in_(among))
    return list(tx.execute(query.limit(IDS_A_STATEMENT)).scalars())


def _again(tx: Transaction, send_id: str, now: datetime) -> bool:
    table = schema.deliveries
    query = select(table.c.id).where(table.c.send_id == send_id, deliveries.due(now, again=True)).limit(1)
    return tx.execute(query).first() is not None


def _told(kind: str, ones: Iterable[Tried], now: datetime) -> list[Event]:
    """Write an event for each send, with counts only."""
    counts: dict[str, Counter[str]] = {}
    for one in ones:
        counted = counts.setdefault(one.delivery.send_id, Counter())
        counted["recipients"] += 1
        if one.result is not None and one.result.status is DeliveryStatus.FAILED:
            counted["refused" if one.result.reply.startswith("5") else "given_up"] += 1
    facts: dict[str, dict[str, Any]] = {send_id: dict(counted) for send_id, counted in counts.items()}
    return [Event(kind=kind, at=now, actor=ACTOR, send_id=send_id, facts=facts[send_id]) for send_id in facts]
