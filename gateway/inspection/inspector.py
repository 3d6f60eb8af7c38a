"""The inspection of what arrives: every mail once, every blob once however many mails carry it.

In: mails of the store. Out: inspections in the store. Fails: never for a mail: what cannot be read becomes a gap, and where
nothing can be read, for want of a worker, mails wait.

A mail counts as inspected only when its own bytes and all its blobs are; until then its send cannot be judged.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence

import structlog

from gateway.inspection import jobs
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


class Inspector:
    """Takes mails that nobody has inspected, a batch for each worker."""

    def __init__(self, database: Database, sandbox: Sandbox, secret: bytes) -> None:
        self._database = database
        self._sandbox = sandbox
        self._secret = secret
        self._in_hand: set[str] = set()
        self._parts: dict[bytes, asyncio.Task[bytes]] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Inspect until told to stop."""
        running: set[asyncio.Task[None]] = set()
        stopped = asyncio.create_task(stop.wait())
        while not stop.is_set():
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

    def _batches(self, wanted: int) -> list[list[mails.StoredMail]]:
        """Read what is waiting and not yet in hand, in batches of bounded size."""
        if wanted <= 0:
            return []
        with self._database.read() as tx:
            waiting = mails.uninspected(tx, limit=BATCH_MAILS * wanted, but_not=self._in_hand)
        batches: list[list[mails.StoredMail]] = []
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

    async def _inspect(self, batch: Sequence[mails.StoredMail]) -> None:
        """Inspect a batch; after trouble of our own its mails are taken again later."""
        try:
            read = await asyncio.to_thread(self._read_mails, batch)
            leaves = {
                leaf.key: (leaf, mail.send_id)
                for mail, one in zip(batch, read, strict=True)
                for leaf in one.leaves
            }
            kept = await asyncio.gather(*(self._part(leaf, send_id) for leaf, send_id in leaves.values()))
            await asyncio.to_thread(self._keep, batch, read, dict(zip(leaves, kept, strict=True)))
        except Exception as error:  # noqa: BLE001 - the mails stay uninspected, so nothing of them can leave
            log.error("inspection.failed", error=type(error).__name__, mails=len(batch))  # noqa: TRY400 - a trace could show values
            await asyncio.sleep(BACK_OFF_SECONDS)
        finally:
            self._in_hand -= {mail.id for mail in batch}

    def _read_mails(self, batch: Sequence[mails.StoredMail]) -> tuple[jobs.MailRead, ...]:
        """Have a batch read; if the worker dies of it, mail by mail, and the one that kills it is a gap."""
        to_read = tuple(
            jobs.MailToRead(
                skeleton=mail.skeleton, recipients=tuple(r.address for r in mail.envelope.recipients[:2])
            )
            for mail in batch
        )
        try:
            return jobs.MAILS_READ.validate_json(
                self._sandbox.run(jobs.ReadMails(mails=to_read, secret=self._secret))
            )
        except NotStarted:
            raise
        except Died as death:
            if len(batch) == 1:
                return (jobs.MailRead(subject="", own=_gap((), "message/rfc822", death.reason), leaves=()),)
        return tuple(read for mail in batch for read in self._read_mails([mail]))

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
        the next one with the same leaf is inspected again.
        """
        key, key_in_send = self._key(leaf), _key_in_send(leaf, send_id)
        with self._database.read() as tx:
            known = mails.known_inspections(tx, [key, key_in_send])
            if known:
                return key if key in known else key_in_send
            blobs = mails.blobs(tx, leaf.digests)
        try:
            answer = self._sandbox.run(
                jobs.ReadPart(leaf=leaf, encoded=leaf.encoded(blobs), secret=self._secret)
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

    def _keep(
        self, batch: Sequence[mails.StoredMail], read: Sequence[jobs.MailRead], kept: Mapping[bytes, bytes]
    ) -> None:
        """Mark mails with what was found; `kept` gives the key of each leaf's inspection by its own."""
        found: dict[bytes, Inspection] = {}
        marks = []
        for mail, one in zip(batch, read, strict=True):
            own = _own_key(one.own)
            found[own] = one.own
            marks.append(
                mails.InspectedMail(
                    mail_id=mail.id, own=own, parts=tuple(kept[leaf.key] for leaf in one.leaves)
                )
            )
            _count(one.own)
        subjects: dict[str, dict[str, None]] = {}
        for mail, one in zip(batch, read, strict=True):
            subjects.setdefault(mail.send_id, {})[one.subject] = None
        with self._database.write("inspect") as tx:
            mails.keep_inspections(tx, found, marks)
            mails.keep_subjects(tx, subjects)


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


def _count(found: Inspection) -> None:
    for part in found.parts:
        PARTS_INSPECTED.labels(media_type_label(part.media_type), part.outcome).inc()
        if part.gap is not None:
            GAPS.labels(part.gap).inc()
        for kind, number in part.findings.items():
            FINDINGS.labels(kind).inc(number)
