"""What reviewers look at: read from the stored mails when it is asked for, in a worker, and kept nowhere.

In: a send, the number of a part. Out: Evidence, a template, or why there is none. Fails: never: what cannot be shown is
said to be so.

It reads one thing at a time, in a thread of its own: a page that takes long keeps other pages of its kind waiting, and
nobody else.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

import structlog
from pydantic import TypeAdapter, ValidationError

from gateway.errors import NotFound
from gateway.inspection import jobs
from gateway.inspection.jobs import Evidence, Shown, Sight
from gateway.inspection.sandbox import Closed, Died, Sandbox
from gateway.model import Inspection
from gateway.store import mails, passwords, pieces
from gateway.store.database import Database, Transaction

log = structlog.get_logger()

TEMPLATE_MAILS = 5
TEMPLATE_BYTES = 32 << 20  # of all of them; of larger ones two have to do
PAGE_SECONDS = 5.0  # for all that one page shows masked
WAIT_SECONDS = 8.0  # the same, and a turn
MAX_MASKS = 500  # kept, so that a page that is looked at again costs nothing

_NAME = re.compile(r"([0-9a-f]{64})\.([0-9]{1,6})", re.ASCII)

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class Numbered:
    """A part of a send: the one at `index` in the inspection `key`."""

    key: bytes
    index: int

    def __str__(self) -> str:
        return f"{self.key.hex()}.{self.index}"

    @classmethod
    def from_text(cls, text: str) -> Numbered:
        """Read the name that pages and API give it.

        Raises: NotFound, for what is no such name.
        """
        found = _NAME.fullmatch(text)
        if found is None:
            raise NotFound("no-such-part")
        return cls(bytes.fromhex(found[1]), int(found[2]))


class Unshown(StrEnum):
    """Why a part is not shown."""

    PURGED = "purged"  # its mail has no contents any more
    FAILED = "failed"  # it cannot be read again, or not in time


Template = tuple[tuple[str, Shown], ...]


class Reader:
    """Reads evidence for the pages and the API."""

    def __init__(self, database: Database, sandbox: Sandbox) -> None:
        self._database = database
        self._sandbox = sandbox
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="evidence")
        self._masks: dict[tuple[str, Numbered], Evidence] = {}

    async def template(self, send_id: str) -> Template | Unshown:
        """Give what the mails of a send have in common; nothing where it has one mail."""
        try:
            return await asyncio.wait_for(self._do(self._template, send_id), WAIT_SECONDS)
        except TimeoutError:
            return Unshown.FAILED

    async def masked(self, send_id: str, parts: Sequence[Numbered]) -> dict[Numbered, Evidence | Unshown]:
        """Give the shapes of parts, as many as there is time for."""
        try:
            return await asyncio.wait_for(self._do(self._masked, send_id, parts), WAIT_SECONDS)
        except TimeoutError:
            return dict.fromkeys(parts, Unshown.FAILED)

    async def revealed(self, send_id: str, part: Numbered) -> Evidence | Unshown:
        """Give a part as it is. Whoever asks has recorded before who it is for."""
        return await self._do(self._part, send_id, part, Sight.REVEALED, self._sandbox.limits.seconds)

    async def _do(self, read: Callable[..., Read], *arguments: object) -> Read:
        return await asyncio.get_running_loop().run_in_executor(self._thread, read, *arguments)

    def _template(self, send_id: str) -> Template | Unshown:
        with self._database.read() as tx:
            stored = mails.samples(tx, send_id, limit=TEMPLATE_MAILS)
            if sum(mail.skeleton.length for mail in stored) > TEMPLATE_BYTES:
                stored = stored[:2]
            if any(mail.is_purged for mail in stored):
                return Unshown.PURGED
            if len(stored) < 2:
                return ()
            blobs = _blobs(tx, stored)
        if blobs is None:
            return Unshown.FAILED
        skeletons = tuple(mail.skeleton for mail in stored)
        job = jobs.ReadTemplate(skeletons=skeletons, blobs=blobs)
        template = self._ask(job, jobs.TEMPLATE_READ, PAGE_SECONDS)
        return Unshown.FAILED if template is None else template

    def _masked(self, send_id: str, parts: Sequence[Numbered]) -> dict[Numbered, Evidence | Unshown]:
        until = time.monotonic() + PAGE_SECONDS
        return {part: self._part(send_id, part, Sight.MASKED, until - time.monotonic()) for part in parts}

    def _part(self, send_id: str, part: Numbered, sight: Sight, seconds: float) -> Evidence | Unshown:
        with self._database.read() as tx:
            carrier = mails.carrier(tx, send_id, part.key)
            if carrier is None:
                return Unshown.FAILED
            if carrier.mail.is_purged:
                return Unshown.PURGED
            if sight is Sight.MASKED and (known := self._masks.get((send_id, part))):
                return known
            inspected = mails.inspections(tx, [part.key]).get(part.key, Inspection()).parts
            blobs = _blobs(tx, [carrier.mail])
            opened_by = tuple(password.value for password in passwords.of_send(tx, send_id))
        if blobs is None or seconds <= 0:
            return Unshown.FAILED
        key = None if carrier.own else part.key
        skeleton = carrier.mail.skeleton
        job = jobs.ReadEvidence(
            skeleton=skeleton, blobs=blobs, key=key, index=part.index, sight=sight, passwords=opened_by
        )
        evidence = self._ask(job, jobs.EVIDENCE_READ, seconds)
        judged = [(one.path, one.outcome) for one in inspected[part.index : part.index + 1]]
        if evidence is None or judged != [(evidence.path, evidence.outcome)]:
            return Unshown.FAILED  # or this version reads it otherwise than the one by which it was judged
        if sight is Sight.MASKED:
            if len(self._masks) >= MAX_MASKS:
                self._masks.clear()
            self._masks[(send_id, part)] = evidence
        return evidence

    def _ask(self, job: jobs.Job, answer: TypeAdapter[Read], seconds: float) -> Read | None:
        """Have a worker read; what it answers is checked, since it may have been taken over by what it read."""
        try:
            return answer.validate_json(self._sandbox.run(job, seconds=seconds))
        except (Died, Closed, ValidationError) as trouble:
            log.warning("evidence.unreadable", error=type(trouble).__name__)
            return None


def _blobs(tx: Transaction, stored: Sequence[mails.StoredMail]) -> Mapping[bytes, bytes] | None:
    """Give what mails share; None where one is not as it was accepted: nobody shall judge what is not going to leave."""
    blobs = mails.blobs(tx, {segment.digest for mail in stored for segment in mail.skeleton.segments})
    try:
        for mail in stored:
            if pieces.digest_of(mail.skeleton) != mail.digest:
                raise pieces.Damaged
            pieces.join(mail.skeleton, blobs)
    except pieces.Damaged:
        log.warning("evidence.damaged")
        return None
    return blobs
