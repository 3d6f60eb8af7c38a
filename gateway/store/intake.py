"""Accepting mail: the mails that wait together are made durable together, each entered in its send.

In: envelopes and contents. Out: mail ids, after the commit. Fails: NotNow; no mail is then kept.

One thread commits. While it does, others queue up, and the next commit takes them all: a hundred connections share
one fsync, and a single mail waits for nobody.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import queue
import secrets
import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from sqlalchemy import Row, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from gateway.errors import NotNow
from gateway.model import Blob, DeliveryStatus, Envelope, Event, Skeleton, State
from gateway.sends import gather, template
from gateway.store import events, pieces, schema
from gateway.store.codec import envelope_to_text
from gateway.store.database import Database, Transaction

log = structlog.get_logger()

BATCH_MAILS = 256
BATCH_BYTES = 32 << 20
IN_THREAD_BYTES = 1 << 20  # from here on cutting a mail would hold up the others
CANDIDATES = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A mail, cut and recognised, on its way into the store."""

    id: str
    envelope: Envelope
    skeleton: Skeleton
    blobs: tuple[Blob, ...]
    fingerprint: template.Fingerprint
    received_at: datetime

    @property
    def length(self) -> int:
        """Bytes that go into the commit at most."""
        return self.skeleton.length


def arrival(envelope: Envelope, content: pieces.Content, received_at: datetime) -> Arrival:
    """Cut a mail and take its fingerprint."""
    skeleton, blobs = pieces.cut(content)
    by_digest = {blob.digest: blob.raw for blob in blobs}
    return Arrival(
        id=new_id(received_at),
        envelope=envelope,
        skeleton=skeleton,
        blobs=blobs,
        fingerprint=template.fingerprint(
            skeleton.raw, {s.at: by_digest[s.digest] for s in skeleton.segments}
        ),
        received_at=received_at,
    )


def new_id(now: datetime) -> str:
    """Give an id that no other has and that sorts by time."""
    return f"{(now - schema.EPOCH) // schema.MICROSECOND:014x}{secrets.token_hex(6)}"


class Intake:
    """The way into the store. `bulk` says of each client whether its mails may make sends together."""

    def __init__(self, database: Database, bulk: Mapping[str, bool]) -> None:
        self._database = database
        self._bulk = bulk
        self._waiting: queue.SimpleQueue[tuple[Arrival, asyncio.Future[str]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._commit_for_ever, name="intake", daemon=True)
        self._thread.start()

    async def accept(self, envelope: Envelope, content: pieces.Content) -> str:
        """Make a mail durable and give its id.

        Raises: NotNow where it could not be.
        """
        now = datetime.now(UTC)
        if len(content) > IN_THREAD_BYTES:
            arrived = await asyncio.to_thread(arrival, envelope, content, now)
        else:
            arrived = arrival(envelope, content, now)
        done: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._waiting.put((arrived, done))
        return await done

    def close(self) -> None:
        """Commit what waits, then stop."""
        self._waiting.put(None)
        self._thread.join()

    def _commit_for_ever(self) -> None:
        open_ended = True
        while open_ended:
            batch: list[tuple[Arrival, asyncio.Future[str]]] = []
            size = 0
            item = self._waiting.get()
            while True:
                if item is None:
                    open_ended = False
                    break
                batch.append(item)
                size += item[0].length
                if len(batch) >= BATCH_MAILS or size >= BATCH_BYTES:
                    break
                try:
                    item = self._waiting.get_nowait()
                except queue.Empty:
                    break
            if batch:
                self._commit(batch)

    def _commit(self, batch: Sequence[tuple[Arrival, asyncio.Future[str]]]) -> None:
        """Commit a batch and tell everyone in it; a batch that fails is tried mail by mail."""
        try:
            with self._database.write("accept") as tx:
                enter(tx, [arrived for arrived, _ in batch], self._bulk)
        except Exception as error:  # noqa: BLE001 - whatever went wrong, nobody in this batch may hear 250
            if len(batch) > 1:
                for one in batch:
                    self._commit([one])
                return
            log.error("intake.failed", error=type(error).__name__)  # noqa: TRY400 - a trace could show values
            _tell(batch, error if isinstance(error, NotNow) else NotNow(reason="store"))
        else:
            _tell(batch, None)


def _tell(batch: Sequence[tuple[Arrival, asyncio.Future[str]]], error: NotNow | None) -> None:
    """Wake those who wait, with one hop into each event loop."""
    loops: defaultdict[asyncio.AbstractEventLoop, list[tuple[Arrival, asyncio.Future[str]]]] = defaultdict(
        list
    )
    for arrived, done in batch:
        loops[done.get_loop()].append((arrived, done))

    def wake(items: list[tuple[Arrival, asyncio.Future[str]]]) -> None:
        for arrived, done in items:
            if done.done():
                continue  # the client went away; its mail is stored all the same
            if error is None:
                done.set_result(arrived.id)
            else:
                done.set_exception(error)

    for loop, items in loops.items():
        try:
            loop.call_soon_threadsafe(wake, items)
        except RuntimeError:  # that loop has closed: nobody is left to hear it
            log.warning("intake.unheard", mails=len(items))


def enter(tx: Transaction, arrivals: Sequence[Arrival], bulk: Mapping[str, bool]) -> None:
    """Write mails, blobs and deliveries, each mail in the send it belongs to."""
    _keep_blobs(tx, arrivals)
    by_sender: defaultdict[tuple[str, str], list[Arrival]] = defaultdict(list)
    for arrived in arrivals:
        by_sender[arrived.envelope.client, arrived.envelope.sender].append(arrived)
    mails: list[dict[str, object]] = []
    deliveries: list[dict[str, object]] = []
    told: list[Event] = []
    for (client, sender), group in by_sender.items():
        for send_id, members in _in_sends(tx, client, sender, group, bulk.get(client, True), told).items():
            for arrived in members:
                mails.append(_mail_row(arrived, send_id))
                deliveries += _delivery_rows(arrived, send_id)
            told.append(_accepted(client, send_id, members))
    tx.execute(insert(schema.mails), mails)
    tx.execute(insert(schema.deliveries), deliveries)
    events.append(tx, *told)


def _in_sends(
    tx: Transaction, client: str, sender: str, group: Sequence[Arrival], bulk: bool, told: list[Event]
) -> dict[str, list[Arrival]]:
    """Sort the mails of one sender into his open sends; open new ones for the rest."""
    sends = schema.sends
    columns = (sends.c.id, sends.c.series, sends.c.fingerprint, sends.c.state)
    mine = (sends.c.client == client) & (sends.c.sender == sender)
    joinable = mine & (sends.c.state == State.OPEN) & sends.c.single.is_(False)
    newest = sends.c.last_mail_at.desc()
    rows = (
        tx.execute(select(*columns).where(joinable).order_by(newest).limit(CANDIDATES).with_for_update())
        if bulk
        else ()
    )
    candidates = [_candidate(row) for row in rows]
    earlier: list[gather.Candidate] | None = None
    members: defaultdict[str, list[Arrival]] = defaultdict(list)
    opened: dict[str, dict[str, object]] = {}
    for arrived in group:
        send = gather.choose(arrived.fingerprint, candidates) if bulk else None
        if send is None:
            if earlier is None:
                earlier = [
                    _candidate(row)
                    for row in tx.execute(select(*columns).where(mine).order_by(newest).limit(CANDIDATES))
                ]
            send_id = new_id(arrived.received_at)
            series = gather.series_of(arrived.fingerprint, [*candidates, *earlier]) or send_id
            send = gather.Candidate(id=send_id, series=series, fingerprint=arrived.fingerprint)
            opened[send_id] = _send_row(arrived, send, single=not bulk)
            if bulk:
                candidates.append(send)
        members[send.id].append(arrived)
    for send_id, arrived_here in members.items():
        counts = {
            "mails": len(arrived_here),
            "recipients": sum(len(a.envelope.recipients) for a in arrived_here),
        }
        last = max(a.received_at for a in arrived_here)
        if send_id in opened:
            opened[send_id].update(counts, last_mail_at=last)
            first = arrived_here[0]
            told.append(
                Event(
                    kind="send.opened",
                    at=first.received_at,
                    actor=client,
                    send_id=send_id,
                    facts={"series": opened[send_id]["series"]},
                )
            )
        else:
            tx.execute(
                update(sends)
                .where(sends.c.id == send_id)
                .values(
                    mails=sends.c.mails + counts["mails"],
                    recipients=sends.c.recipients + counts["recipients"],
                    version=sends.c.version + 1,
                    last_mail_at=last,
                )
            )
    if opened:
        tx.execute(insert(sends), list(opened.values()))
    return members


def _candidate(row: Row[Any]) -> gather.Candidate:
    return gather.Candidate(
        id=row.id, series=row.series, fingerprint=template.Fingerprint.from_bytes(row.fingerprint)
    )


def _send_row(arrived: Arrival, send: gather.Candidate, *, single: bool) -> dict[str, object]:
    envelope = arrived.envelope
    return {
        "id": send.id,
        "series": send.series,
        "client": envelope.client,
        "submitter": envelope.submitter,
        "sender": envelope.sender,
        "subject": "",
        "state": State.OPEN,
        "version": 1,
        "opened_at": arrived.received_at,
        "single": single,
        "fingerprint": send.fingerprint.to_bytes(),
        "template": hashlib.sha256(send.fingerprint.to_bytes()).hexdigest(),
    }


def _mail_row(arrived: Arrival, send_id: str) -> dict[str, object]:
    return {
        "id": arrived.id,
        "send_id": send_id,
        "received_at": arrived.received_at,
        "envelope": envelope_to_text(arrived.envelope),
        "digest": pieces.digest_of(arrived.skeleton),
        "skeleton": arrived.skeleton.raw,
        "segments": pieces.segments_to_text(arrived.skeleton.segments),
    }


def _delivery_rows(arrived: Arrival, send_id: str) -> list[dict[str, object]]:
    return [
        {
            "mail_id": arrived.id,
            "send_id": send_id,
            "address": recipient.address,
            "parameters": json.dumps(recipient.parameters) if recipient.parameters else "",
            "status": DeliveryStatus.WAITING,
            "attempts": 0,
            "reply": "",
        }
        for recipient in arrived.envelope.recipients
    ]


def _accepted(client: str, send_id: str, members: Sequence[Arrival]) -> Event:
    digest = hashlib.sha256(
        b"".join(arrived.id.encode() + pieces.digest_of(arrived.skeleton) for arrived in members)
    )
    facts = {"mails": len(members), "digest": digest.hexdigest()}
    return Event(
        kind="mails.accepted", at=members[-1].received_at, actor=client, send_id=send_id, facts=facts
    )


def _keep_blobs(tx: Transaction, arrivals: Sequence[Arrival]) -> None:
    """Write the blobs that are not there yet."""
    blobs = {blob.digest: blob.raw for arrived in arrivals for blob in arrived.blobs}
    if not blobs:
        return
    there = set(tx.execute(select(schema.blobs.c.digest).where(schema.blobs.c.digest.in_(blobs))).scalars())
    new = [{"digest": digest, "raw": raw} for digest, raw in blobs.items() if digest not in there]
    if new:
        dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
        tx.execute(dialect.insert(schema.blobs).on_conflict_do_nothing(), new)
