"""Accepting mail: the mails that wait together are made durable together.

In: envelopes and contents. Out: mail ids, after the commit. Fails: NotNow; the mail is then not kept.

Group commit. One thread commits; while it does, others queue up, and the next commit takes them all. Where more mails are on
their way the next commit waits for them, but no longer than the last one took: a commit costs nearly the same for one mail
as for twenty. A single mail waits for nobody.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog

from gateway.errors import NotNow
from gateway.model import Envelope
from gateway.store import pieces
from gateway.store.arrivals import Arrival, arrival, enter
from gateway.store.database import Database

log = structlog.get_logger()

BATCH_MAILS = 256
BATCH_BYTES = 32 << 20
IN_THREAD_BYTES = 1 << 20  # from here on cutting a mail would hold up the others
MAX_PATIENCE_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A mail that waits for its commit, and whom to tell."""

    arrived: Arrival
    done: asyncio.Future[str]


class Intake:
    """The way into the store, for one event loop. `bulk` says of each client whether its mails may make sends together."""

    def __init__(self, database: Database, bulk: Mapping[str, bool]) -> None:
        self._database = database
        self._bulk = bulk
        self._waiting: list[_Waiting] = []
        self._under_way = 0
        self._thread = ThreadPoolExecutor(1, "intake")
        self._commit: asyncio.Task[None] | None = None
        self._commit_seconds = 0.0
        self._patience: asyncio.TimerHandle | None = None

    async def accept(self, envelope: Envelope, content: pieces.Content, *, under_way: int = 1) -> str:
        """Make a mail durable and give its id; `under_way` mails, this one among them, wait here or are about to come.

        Raises: NotNow where it could not be.
        """
        now = datetime.now(UTC)
        if len(content) > IN_THREAD_BYTES:
            arrived = await asyncio.to_thread(arrival, envelope, content, now)
        else:
            arrived = arrival(envelope, content, now)
        done: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(arrived, done))
        self._under_way = under_way
        self._consider()
        return await done

    async def close(self) -> None:
        """Commit what waits, then stop."""
        while self._waiting or self._commit:
            self._start()
            if self._commit:
                await self._commit
        self._thread.shutdown()

    def _consider(self) -> None:
        """Commit at once, or wait for those under way."""
        if self._commit or not self._waiting:
            return  # the end of a commit looks again
        if len(self._waiting) >= min(self._under_way, BATCH_MAILS):
            self._start()
        elif self._patience is None:
            seconds = min(self._commit_seconds, MAX_PATIENCE_SECONDS)
            self._patience = asyncio.get_running_loop().call_later(seconds, self._start)

    def _start(self) -> None:
        """Commit as many as go into one batch."""
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
        if self._commit or not self._waiting:
            return
        taken = length = 0
        while taken < min(len(self._waiting), BATCH_MAILS) and length < BATCH_BYTES:
            length += self._waiting[taken].arrived.skeleton.length
            taken += 1
        batch, self._waiting = self._waiting[:taken], self._waiting[taken:]
        self._commit = asyncio.create_task(self._make_durable(batch))

    async def _make_durable(self, batch: Sequence[_Waiting]) -> None:
        """Commit a batch in the thread, tell everyone in it, and see to the next."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        outcomes = await loop.run_in_executor(self._thread, self._entered, [one.arrived for one in batch])
        for one, error in zip(batch, outcomes, strict=True):
            if one.done.done():
                continue  # nobody waits any more; the mail is stored all the same
            if error is None:
                one.done.set_result(one.arrived.id)
            else:
                one.done.set_exception(error)
        self._commit_seconds = loop.time() - started
        self._commit = None
        self._consider()

    def _entered(self, arrivals: Sequence[Arrival]) -> list[NotNow | None]:
        """Enter arrivals in one transaction and say what hindered each; a batch that fails is tried mail by mail."""
        try:
            with self._database.write("accept") as tx:
                enter(tx, arrivals, self._bulk)
        except Exception as error:  # noqa: BLE001 - whatever went wrong, nobody in this batch may hear 250
            if len(arrivals) > 1:
                return [outcome for one in arrivals for outcome in self._entered([one])]
            log.error("intake.failed", error=type(error).__name__)  # noqa: TRY400 - a trace could show values
            return [error if isinstance(error, NotNow) else NotNow(reason="store")]
        return [None] * len(arrivals)
