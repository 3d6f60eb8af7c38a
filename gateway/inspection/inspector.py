"""The inspection of what arrives: every mail once, every blob once however many mails carry it.

In: mails of the store. Out: inspections in the store. Fails: never for a mail: what cannot be read becomes a gap, and where
nothing can be read, for want of a worker, mails wait.

A mail counts as inspected only when its own bytes and all its blobs are; until then its send cannot be judged.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import structlog

from gateway.inspection import jobs
from gateway.inspection.allowance import Allowance
from gateway.inspection.generation import generation
from gateway.inspection.sandbox import Died, NotStarted, Sandbox
from gateway.metrics import FINDINGS, GAPS, PARTS_INSPECTED, media_type_label
from gateway.model import GapReason, Inspection, Outcome, Part
from gateway.store import codec, mails
from gateway.store.database import Database

log = structlog.get_logger()

BATCH_MAILS = 64
BATCH_BYTES = 4 << 20
POLL_SECONDS = 0.1
BACK_OFF_SECONDS = 2.0
POURING_MAILS = 50  # between two looks
PATIENCE_SECONDS = 2.0


class Flood:
    """Whether so much mail comes in that its senders go first: for a while, since a send waits until it is quiet anyway."""

    def __init__(self) -> None:
        self._newest = 0
        self._since = math.inf

    def goes_first(self, newest: int, now: float) -> bool:
        """Take the number of the newest mail, at each look; tell whether to leave all mails for a later one."""
        pours, self._newest = newest - self._newest > POURING_MAILS, newest
        self._since = min(self._since, now) if pours else math.inf
        return pours and now - self._since < PATIENCE_SECONDS


class Inspector:
    """Takes mails that nobody has inspected, a batch for each worker."""

    def __init__(self, database: Database, sandbox: Sandbox, secret: bytes, *, allowance: Allowance) -> None:
        self._database = database
        self._sandbox = sandbox
        self._secret = secret
        self._allowance = allowance
        self._in_hand: set[str] = set()
        self._parts: dict[bytes, asyncio.Task[bytes]] = {}
        self._flood = Flood()

    async def run(self, stop: asyncio.Event) -> None:
        """Inspect until told to stop."""
        running: set[asyncio.Task[None]] = set()
        stopped = asyncio.create_task(stop.wait())
        while not stop.is_set():
            if await asyncio.to_thread(self._pours_in):
                await asyncio.wait({stopped}, timeout=POLL_SECONDS)
                continue
            wanted = self._sandbox.workers * 2 - len(running)
            batches = await asyncio.to_thread(self._batches, wanted)
            for batch in batches:
                self._in_hand |= {mail.id for mail in batch}
                running.add(asyncio.create_task(self._inspect(batch)))
            if len(batches) == wanted:
                await asyncio.wait({stopped, *running}, return_when=asyncio.FIRST_COMPLETED)
            else:  # little is waiting: a mail each time would cost more in looking than in reading
                await asyncio.wait({stopped}, timeout=POLL_SECONDS)
            running = {task for task in running if not task.done()}
        stopped.cancel()
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _pours_in(self) -> bool:
        with self._database.read() as tx:
            newest = mails.newest(tx)
        return self._flood.goes_first(newest, time.monotonic())

    def _batches(self, wanted: int) -> list[list[mails.UnreadMail]]:
        """Read what is waiting and not yet in hand, in batches of bounded size."""
        if wanted <= 0:
            return []
        with self._database.read() as tx:
            waiting = mails.uninspected(tx, limit=BATCH_MAILS * wanted, but_not=self._in_hand)
        batches: list[list[mails.UnreadMail]] = []
        size = BATCH_BYTES
        for mail in waiting:
            length = len(mail.skeleton.raw)
            if size + length > BATCH_BYTES or len(batches[-1]) >= BATCH_MAILS:
                if len(batches) == wanted:
                    break
                batches.append([])
                size = 0
            batches[-1].append(mail)
            size += length
        return batches

    async def _inspect(self, batch: Sequence[mails.UnreadMail]) -> None:
        """Inspect a batch; after trouble of our own its mails are taken again later."""
        try:
            read = await asyncio.to_thread(self._read_mails, batch)
            kept = await asyncio.gather(
                *(self._part(leaf, mail.send_id) for leaf, mail in read.leaves.values())
            )
            await asyncio.to_thread(self._keep, read, dict(zip(read.leaves, kept, strict=True)))
        except Exception as error:  # noqa: BLE001 - the mails stay uninspected, so nothing of them can leave
            log.error("inspection.failed", error=type(error).__name__, mails=len(batch))  # noqa: TRY400 - a trace could show values
            await asyncio.sleep(BACK_OFF_SECONDS)
        finally:
            self._in_hand -= {mail.id for mail in batch}

    def _read_mails(self, batch: Sequence[mails.UnreadMail]) -> _Read:
        """Have a batch read; if the worker dies of it, mail by mail, and the one that kills it is a gap.

        So is each mail of a send that has taken its allowance.
        """
        read = _Read()
        allowed: list[mails.UnreadMail] = []
        for mail in batch:
            if self._allowance.is_left(mail.send_id):
                allowed.append(mail)
            else:
                read.add(_unread(mail, GapReason.TIMEOUT))
        if allowed:
            read.add(self._read_allowed(allowed))
        return read

    def _read_allowed(self, batch: Sequence[mails.UnreadMail]) -> _Read:
        to_read = tuple(
            jobs.MailToRead(skeleton=mail.skeleton, recipients=mail.recipients[:2]) for mail in batch
        )
        try:
            job = jobs.ReadMails(mails=to_read, secret=self._secret)
            answer = self._sandbox.run(job, took=partial(self._allowance.take, [m.send_id for m in batch]))
            return _read_of(batch, jobs.MAILS_READ.validate_json(answer))
        except NotStarted:
            raise
        except Died as death:
            if len(batch) == 1:
                return _unread(batch[0], death.reason)
        read = _Read()
        for mail in batch:
            read.add(self._read_mails([mail]))
        return read

    def _key(self, leaf: jobs.Leaf) -> bytes:
        return self._sandbox.sought.key(leaf, generation(self._sandbox.limits))

    async def _part(self, leaf: jobs.Leaf, send_id: str) -> bytes:
        """See that a leaf is inspected, once, whoever asks; give the key under which that is kept."""
        key = self._key(leaf)
        task = self._parts.get(key)
        if task is None:
            task = self._parts[key] = asyncio.create_task(asyncio.to_thread(self._read_part, leaf, send_id))
            task.add_done_callback(lambda done: self._parted(key, done))
        return await asyncio.shield(task)

    def _parted(self, key: bytes, done: asyncio.Task[bytes]) -> None:
        """Let go of a part; how it ended was told to those who waited, and at the end of all nobody does."""
        self._parts.pop(key, None)
        if not done.cancelled():
            done.exception()

    def _read_part(self, leaf: jobs.Leaf, send_id: str) -> bytes:
        """Inspect a leaf, unless that was done before.

        That a worker died says as much of the worker as of the leaf: it is the answer for this send, which is held, and
        the next one with the same leaf is inspected again. So it is where this send has taken its allowance.
        """
        key, key_in_send = self._key(leaf), _key_in_send(leaf, send_id)
        with self._database.read() as tx:
            known = mails.known_inspections(tx, [key, key_in_send])
            if known:
                return key if key in known else key_in_send
            blobs = mails.blobs(tx, leaf.digests)
        try:
            if not self._allowance.is_left(send_id):
                raise Died(GapReason.TIMEOUT)
            answer = self._sandbox.run(
                jobs.ReadPart(leaf=leaf, encoded=leaf.encoded(blobs), secret=self._secret),
                took=partial(self._allowance.take, [send_id]),
            )
            found = codec.inspection_from_json(answer)
        except NotStarted:
            raise
        except Died as death:
            key = key_in_send
            found = _gap(leaf.path, leaf.declared or "application/octet-stream", death.reason)
        with self._database.write("inspect") as tx:
            mails.keep_inspections(tx, {key: found})
        _count(found)
        return key

    def _keep(self, read: _Read, kept: Mapping[bytes, bytes]) -> None:
        """Mark mails with what was found; `kept` gives the key of each leaf's inspection by its own."""
        marks = [
            mails.InspectedMail(
                mail_id=one.mail.id, own=one.own, parts=tuple(kept[key] for key in one.leaves)
            )
            for one in read.mails
        ]
        for own, number in Counter(one.own for one in read.mails).items():
            _count(read.owns[own], number)
        subjects: dict[str, dict[str, None]] = {}
        for one in read.mails:
            subjects.setdefault(one.mail.send_id, {})[one.subject] = None
        with self._database.write("inspect") as tx:
            mails.keep_inspections(tx, read.owns, marks)
            mails.keep_subjects(tx, subjects)


@dataclass(frozen=True, slots=True, kw_only=True)
class _ReadMail:
    """A mail that was read; its own inspection and its leaves by their keys."""

    mail: mails.UnreadMail
    subject: str
    own: bytes
    leaves: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """What was read of a batch; with each leaf a mail that has it."""

    owns: dict[bytes, Inspection] = field(default_factory=dict)
    leaves: dict[bytes, tuple[jobs.Leaf, mails.UnreadMail]] = field(default_factory=dict)
    mails: list[_ReadMail] = field(default_factory=list)

    def add(self, other: _Read) -> None:
        """Take in what was read of others."""
        self.owns.update(other.owns)
        self.leaves.update(other.leaves)
        self.mails.extend(other.mails)


def _read_of(batch: Sequence[mails.UnreadMail], answer: jobs.MailsRead) -> _Read:
    """Put a worker's answer to the mails that it is of. Raises: ValueError, IndexError where it is not of them."""
    own_keys, leaf_keys = [_own_key(own) for own in answer.owns], [leaf.key for leaf in answer.leaves]
    read = _Read(owns=dict(zip(own_keys, answer.owns, strict=True)))
    for mail, one in zip(batch, answer.mails, strict=True):
        leaves = tuple(leaf_keys[place] for place in one.leaves)
        read.mails.append(_ReadMail(mail=mail, subject=one.subject, own=own_keys[one.own], leaves=leaves))
        read.leaves.update(
            (key, (answer.leaves[place], mail)) for key, place in zip(leaves, one.leaves, strict=True)
        )
    return read


def _unread(mail: mails.UnreadMail, reason: GapReason) -> _Read:
    """Say of a mail that it could not be read."""
    gap = _gap((), "message/rfc822", reason)
    own = _own_key(gap)
    return _Read(owns={own: gap}, mails=[_ReadMail(mail=mail, subject="", own=own, leaves=())])


def _key_in_send(leaf: jobs.Leaf, send_id: str) -> bytes:
    """Give the key of what holds for a leaf in one send alone."""
    return hashlib.sha256(b"in send" + leaf.key + send_id.encode()).digest()


def _own_key(own: Inspection) -> bytes:
    """Give the key of mails' own inspection: those that say the same share one row."""
    return hashlib.sha256(b"own" + codec.inspection_to_json(own)).digest()


def _gap(path: tuple[str, ...], media_type: str, reason: GapReason) -> Inspection:
    return Inspection(
        parts=(Part(path=path, media_type=media_type, encoding=None, outcome=Outcome.GAP, gap=reason),)
    )


def _count(found: Inspection, times: int = 1) -> None:
    for part in found.parts:
        PARTS_INSPECTED.labels(media_type_label(part.media_type), part.outcome).inc(times)
        if part.gap is not None:
            GAPS.labels(part.gap).inc(times)
        for kind, number in part.findings.items():
            FINDINGS.labels(kind).inc(number * times)
