"""Arrivals: mails cut and recognised, and how they are entered in the database, each in its send.

In: envelopes and contents; a transaction. Out: rows. Fails: SQLAlchemy's errors; nothing is then kept.

The statements stand ready: a batch may be two mails, and building a statement costs more than running it.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from gateway.delivery import DeliveryStatus
from gateway.model import Blob, Envelope, Event, Skeleton, State
from gateway.sends import gather, template
from gateway.store import events, pieces, schema
from gateway.store.codec import envelope_to_text
from gateway.store.database import Transaction

CANDIDATES = 64

_SENDS = schema.sends
_OF_SENDER = (
    select(_SENDS.c.id, _SENDS.c.series, _SENDS.c.fingerprint)
    .where((_SENDS.c.client == bindparam("client")) & (_SENDS.c.sender == bindparam("sender")))
    .order_by(_SENDS.c.last_mail_at.desc())
    .limit(CANDIDATES)
)
_JOINABLE = _OF_SENDER.where((_SENDS.c.state == State.OPEN) & _SENDS.c.single.is_(False)).with_for_update()
_OPENED = insert(_SENDS)
_GROWN = (
    update(_SENDS)
    .where(_SENDS.c.id == bindparam("send"))
    .values(
        mails=_SENDS.c.mails + bindparam("more_mails"),
        recipients=_SENDS.c.recipients + bindparam("more_recipients"),
        version=_SENDS.c.version + 1,
        last_mail_at=bindparam("last"),
    )
)
_MAILS = insert(schema.mails)
_DELIVERIES = insert(schema.deliveries)
_BLOBS_THERE = select(schema.blobs.c.digest).where(
    schema.blobs.c.digest.in_(bindparam("digests", expanding=True))
)
_BLOBS = {
    "sqlite": sqlite.insert(schema.blobs).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(schema.blobs).on_conflict_do_nothing(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A mail, cut and recognised, on its way into the store."""

    id: str
    envelope: Envelope
    skeleton: Skeleton
    blobs: tuple[Blob, ...]
    digest: bytes
    fingerprint: template.Fingerprint
    received_at: datetime


def arrival(envelope: Envelope, content: pieces.Content, received_at: datetime) -> Arrival:
    """Cut a mail and take its fingerprint."""
    skeleton, blobs = pieces.cut(content)
    by_digest = {blob.digest: blob.raw for blob in blobs}
    return Arrival(
        id=new_id(received_at),
        envelope=envelope,
        skeleton=skeleton,
        blobs=blobs,
        digest=pieces.digest_of(skeleton),
        fingerprint=template.fingerprint(
            skeleton.raw, {s.at: by_digest[s.digest] for s in skeleton.segments}
        ),
        received_at=received_at,
    )


def new_id(now: datetime) -> str:
    """Give an id that no other has and that sorts by time."""
    return f"{(now - schema.EPOCH) // schema.MICROSECOND:014x}{secrets.token_hex(6)}"


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
    tx.execute(_MAILS, mails)
    tx.execute(_DELIVERIES, deliveries)
    events.append(tx, *told)


def _in_sends(
    tx: Transaction, client: str, sender: str, group: Sequence[Arrival], bulk: bool, told: list[Event]
) -> dict[str, list[Arrival]]:
    """Sort the mails of one sender into his open sends; open new ones for the rest."""
    his = {"client": client, "sender": sender}
    candidates = [_candidate(row) for row in tx.execute(_JOINABLE, his)] if bulk else []
    earlier: list[gather.Candidate] | None = None
    members: defaultdict[str, list[Arrival]] = defaultdict(list)
    opened: dict[str, dict[str, object]] = {}
    for arrived in group:
        send = gather.choose(arrived.fingerprint, candidates) if bulk else None
        if send is None:
            if earlier is None:
                earlier = [_candidate(row) for row in tx.execute(_OF_SENDER, his)]
            send_id = new_id(arrived.received_at)
            series = gather.series_of(arrived.fingerprint, [*candidates, *earlier]) or send_id
            send = gather.Candidate(id=send_id, series=series, fingerprint=arrived.fingerprint)
            opened[send_id] = _send_row(arrived, send, single=not bulk)
            told.append(_opened(arrived, send))
            if bulk:
                candidates.append(send)
        members[send.id].append(arrived)
    grown: list[dict[str, object]] = []
    for send_id, came in members.items():
        recipients = sum(len(arrived.envelope.recipients) for arrived in came)
        last = max(arrived.received_at for arrived in came)
        if send_id in opened:
            opened[send_id].update(mails=len(came), recipients=recipients, last_mail_at=last)
        else:
            grown.append(
                {"send": send_id, "more_mails": len(came), "more_recipients": recipients, "last": last}
            )
    if opened:
        tx.execute(_OPENED, list(opened.values()))
    if grown:
        tx.execute(_GROWN, grown)
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


def _opened(arrived: Arrival, send: gather.Candidate) -> Event:
    return Event(
        kind="send.opened",
        at=arrived.received_at,
        actor=arrived.envelope.client,
        send_id=send.id,
        facts={"series": send.series},
    )


def _mail_row(arrived: Arrival, send_id: str) -> dict[str, object]:
    return {
        "id": arrived.id,
        "send_id": send_id,
        "received_at": arrived.received_at,
        "envelope": envelope_to_text(arrived.envelope),
        "digest": arrived.digest,
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
    digest = hashlib.sha256(b"".join(arrived.id.encode() + arrived.digest for arrived in members))
    facts = {"mails": len(members), "digest": digest.hexdigest()}
    return Event(
        kind="mails.accepted", at=members[-1].received_at, actor=client, send_id=send_id, facts=facts
    )


def _keep_blobs(tx: Transaction, arrivals: Sequence[Arrival]) -> None:
    """Write the blobs that are not there yet."""
    blobs = {blob.digest: blob.raw for arrived in arrivals for blob in arrived.blobs}
    if not blobs:
        return
    there = set(tx.execute(_BLOBS_THERE, {"digests": list(blobs)}).scalars())
    new = [{"digest": digest, "raw": raw} for digest, raw in blobs.items() if digest not in there]
    if new:
        tx.execute(_BLOBS[tx.dialect.name], new)
