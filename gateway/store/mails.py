"""Mails, blobs and inspections in the database.

In: ids and keys. Out: mails to inspect, mails to relay. Fails: NotFound; pieces.Damaged where bytes were changed.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from gateway.errors import NotFound, Stale
from gateway.model import Envelope, Inspection, Recipient, Skeleton
from gateway.sends.merge import shared_subject
from gateway.store import codec, pieces, schema
from gateway.store.database import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMail:
    """A mail as it is kept."""

    id: str
    send_id: str
    envelope: Envelope
    skeleton: Skeleton
    digest: bytes

    @property
    def is_purged(self) -> bool:
        """Whether its contents were removed when their term was over, or by somebody: there is nothing to read."""
        return self.skeleton.length == 0 and pieces.digest_of(self.skeleton) != self.digest


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadMail:
    """A mail as inspection wants it."""

    id: str
    send_id: str
    recipients: tuple[str, ...]
    skeleton: Skeleton


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectedMail:
    """What inspection left at a mail: the key of its own bytes, and the keys of its blobs with the paths they have here."""

    mail_id: str
    own: bytes
    parts: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """So many mails of a send have these own bytes' inspection and carry these parts."""

    own: bytes
    parts: tuple[bytes, ...]
    mails: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """A mail that an inspection is of: of its own bytes, or of a part that it carries."""

    mail: StoredMail
    own: bool


def uninspected(tx: Transaction, *, limit: int, but_not: Collection[str]) -> list[UnreadMail]:
    """Give the mails that nobody has inspected, the oldest first; `but_not` those that are in hand already."""
    table, deliveries = schema.mails.c, schema.deliveries.c
    waiting = select(table.id).where(table.own.is_(None)).order_by(table.number)
    ids = tx.execute(waiting.limit(limit + len(but_not))).scalars()
    wanted = [mail_id for mail_id in ids if mail_id not in but_not][:limit]
    readers: dict[str, list[str]] = {mail_id: [] for mail_id in wanted}
    query = select(deliveries.mail_id, deliveries.address).where(deliveries.mail_id.in_(wanted))
    for mail_id, address in tx.execute(query.order_by(deliveries.id)) if wanted else ():
        readers[mail_id].append(address)
    rows = tx.execute(
        select(table.id, table.send_id, table.skeleton, table.segments)
        .where(table.id.in_(wanted))
        .order_by(table.number)
    )
    return [
        UnreadMail(
            id=mail_id,
            send_id=send_id,
            recipients=tuple(readers[mail_id]),
            skeleton=Skeleton(raw=raw, segments=pieces.segments_from_text(segments)),
        )
        for mail_id, send_id, raw, segments in rows
    ]


def newest(tx: Transaction) -> int:
    """Give the number of the mail that came last; 0 where there is none."""
    return tx.execute(select(func.max(schema.mails.c.number))).scalar() or 0


def get(tx: Transaction, mail_id: str) -> StoredMail:
    """Give a mail.

    Raises: NotFound.
    """
    found = by_ids(tx, [mail_id])
    if not found:
        raise NotFound("no-such-mail")
    return found[0]


def by_ids(tx: Transaction, mail_ids: Iterable[str]) -> list[StoredMail]:
    """Give mails, the oldest first."""
    rows = tx.execute(
        select(schema.mails).where(schema.mails.c.id.in_(list(mail_ids))).order_by(schema.mails.c.number)
    ).all()
    return _stored(tx, rows)


def samples(tx: Transaction, send_id: str, *, limit: int) -> list[StoredMail]:
    """Give the first mails of a send."""
    query = (
        select(schema.mails)
        .where(schema.mails.c.send_id == send_id)
        .order_by(schema.mails.c.number)
        .limit(limit)
    )
    return _stored(tx, tx.execute(query).all())


def whole(tx: Transaction, mail: StoredMail) -> bytes:
    """Build a mail's bytes, exactly as they were accepted.

    Raises: pieces.Damaged.
    """
    if pieces.digest_of(mail.skeleton) != mail.digest:
        raise pieces.Damaged("this mail was changed in the store")
    return pieces.join(mail.skeleton, blobs(tx, {segment.digest for segment in mail.skeleton.segments}))


def blobs(tx: Transaction, digests: Iterable[bytes]) -> dict[bytes, bytes]:
    """Give blobs by their digests."""
    wanted = list(digests)
    if not wanted:
        return {}
    rows = tx.execute(
        select(schema.blobs.c.digest, schema.blobs.c.raw).where(schema.blobs.c.digest.in_(wanted))
    )
    return {row.digest: row.raw for row in rows}


def known_inspections(tx: Transaction, keys: Iterable[bytes]) -> set[bytes]:
    """Tell which of these have been inspected before."""
    wanted, table = list(keys), schema.inspections
    found: set[bytes] = set()
    for start in range(0, len(wanted), 500):
        some = table.c.key.in_(wanted[start : start + 500])
        found |= set(tx.execute(select(table.c.key).where(some)).scalars())
    return found


def inspections(tx: Transaction, keys: Iterable[bytes]) -> dict[bytes, Inspection]:
    """Give inspections by their keys."""
    found: dict[bytes, Inspection] = {}
    wanted = list(dict.fromkeys(keys))
    for start in range(0, len(wanted), 500):
        rows = tx.execute(
            select(schema.inspections).where(schema.inspections.c.key.in_(wanted[start : start + 500]))
        )
        found |= {row.key: codec.inspection_from_bytes(row.found) for row in rows}
    return found


def keep_inspections(
    tx: Transaction, found: Mapping[bytes, Inspection], mails: Sequence[InspectedMail] = ()
) -> None:
    """Keep what inspection found, and mark the mails it was found in.

    Raises: Stale where the inspection of a mail's part is not there any more.
    """
    if found:
        dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
        rows = [
            {"key": key, "found": codec.inspection_to_bytes(inspection)} for key, inspection in found.items()
        ]
        tx.execute(dialect.insert(schema.inspections).on_conflict_do_nothing(), rows)
    parts = {key for mail in mails for key in mail.parts}
    if len(known_inspections(tx, parts)) < len(parts):
        raise Stale("an inspection went before a mail that needs it was marked")
    if mails:
        mark = (
            update(schema.mails)
            .where(schema.mails.c.id == bindparam("mail"))
            .values(own=bindparam("own_key"), parts=bindparam("part_keys"))
        )
        tx.execute(
            mark,
            [
                {"mail": m.mail_id, "own_key": m.own, "part_keys": json.dumps([key.hex() for key in m.parts])}
                for m in mails
            ],
        )


def keep_subjects(tx: Transaction, subjects: Mapping[str, Iterable[str]]) -> None:
    """Keep what the subjects of a send's mails have in common; a merge field would show one reader's name to everybody."""
    table = schema.sends
    rows = tx.execute(select(table.c.id, table.c.subject).where(table.c.id.in_(list(subjects)))).all()
    for send_id, known in rows:
        shared = codec.storable(shared_subject([known, *subjects[send_id]]))
        if shared != known:
            tx.execute(update(table).where(table.c.id == send_id).values(subject=shared))


def contents(tx: Transaction, send_id: str) -> list[Contents]:
    """Give the distinct contents of a send's mails: few rows, however many mails."""
    mails = schema.mails
    rows = tx.execute(
        select(mails.c.own, mails.c.parts, func.count())
        .where(mails.c.send_id == send_id)
        .group_by(mails.c.own, mails.c.parts)
    )
    return [
        Contents(own=own, parts=tuple(bytes.fromhex(key) for key in json.loads(parts or "[]")), mails=number)
        for own, parts, number in rows
    ]


def single_readers(tx: Transaction, send_id: str) -> dict[bytes, str]:
    """Give the parts that one mail of a send alone has, with its reader where that is one person: his own invoice, say."""
    mails, table = schema.mails, schema.deliveries
    alone = (
        select(func.min(mails.c.id).label("id"), mails.c.parts)
        .where(mails.c.send_id == send_id, mails.c.parts.is_not(None), mails.c.parts != "[]")
        .group_by(mails.c.parts)
        .having(func.count() == 1)
        .subquery()
    )
    rows = tx.execute(
        select(alone.c.parts, func.min(table.c.address))
        .join(table, table.c.mail_id == alone.c.id)
        .group_by(alone.c.id, alone.c.parts)
        .having(func.count() == 1)
    ).all()
    seen = Counter(key for content in contents(tx, send_id) for key in set(content.parts))
    return {
        bytes.fromhex(key): address
        for parts, address in rows
        for key in json.loads(parts)
        if seen[bytes.fromhex(key)] == 1
    }


def of_sender(
    tx: Transaction, which: ColumnElement[bool], *, sends: int, mails_each: int, largest: int
) -> list[StoredMail]:
    """Give the newest mails of the newest sends of a sender (sends.of_sender), the newest first."""
    table, of = schema.mails, schema.sends
    newest = select(of.c.id).where(which).order_by(of.c.last_mail_at.desc()).limit(sends)
    place = func.row_number().over(partition_by=table.c.send_id, order_by=table.c.number.desc())
    ranked = (
        select(table.c.number, place.label("place"))
        .where(table.c.send_id.in_(newest), func.length(table.c.skeleton).between(1, largest))
        .subquery()
    )
    wanted = select(ranked.c.number).where(ranked.c.place <= mails_each)
    rows = tx.execute(select(table).where(table.c.number.in_(wanted)).order_by(table.c.number.desc())).all()
    return _stored(tx, rows)


def replace_part(tx: Transaction, send_id: str, key: bytes, by: bytes) -> None:
    """Put another inspection of the same part in the place of one, in all mails of a send."""
    table = schema.mails
    has_it = (table.c.send_id == send_id) & table.c.parts.contains(f'"{key.hex()}"')
    tx.execute(update(table).where(has_it).values(parts=func.replace(table.c.parts, key.hex(), by.hex())))


def carrier(tx: Transaction, send_id: str, key: bytes) -> Carrier | None:
    """Give the first mail of a send that an inspection is of; None where it is of none."""
    table = schema.mails
    query = select(table).where(table.c.send_id == send_id).order_by(table.c.number).limit(1)
    for own, has_it in ((True, table.c.own == key), (False, table.c.parts.contains(f'"{key.hex()}"'))):
        found = _stored(tx, tx.execute(query.where(has_it)).all())
        if found:
            return Carrier(mail=found[0], own=own)
    return None


def digests(tx: Transaction, send_id: str) -> list[bytes]:
    """Give the digests of all mails of a send, in their order."""
    query = (
        select(schema.mails.c.digest).where(schema.mails.c.send_id == send_id).order_by(schema.mails.c.number)
    )
    return list(tx.execute(query).scalars())


def recipients(tx: Transaction, send_id: str) -> list[str]:
    """Give the addresses that a send goes to."""
    query = (
        select(schema.deliveries.c.address)
        .where(schema.deliveries.c.send_id == send_id)
        .order_by(schema.deliveries.c.id)
    )
    return list(tx.execute(query).scalars())


def _stored(tx: Transaction, rows: Sequence[Row[Any]]) -> list[StoredMail]:
    wanted = [row.id for row in rows]
    columns = (schema.deliveries.c.mail_id, schema.deliveries.c.address, schema.deliveries.c.parameters)
    by_mail: dict[str, list[Recipient]] = {mail_id: [] for mail_id in wanted}
    query = select(*columns).where(schema.deliveries.c.mail_id.in_(wanted)).order_by(schema.deliveries.c.id)
    for delivery in tx.execute(query) if wanted else ():
        by_mail[delivery.mail_id].append(codec.recipient_from_row(delivery.address, delivery.parameters))
    return [
        StoredMail(
            id=row.id,
            send_id=row.send_id,
            envelope=codec.envelope_from_text(row.envelope, tuple(by_mail[row.id])),
            skeleton=Skeleton(raw=row.skeleton, segments=pieces.segments_from_text(row.segments)),
            digest=row.digest,
        )
        for row in rows
    ]
