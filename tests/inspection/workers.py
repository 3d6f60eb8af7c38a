"""Workers in this process, and an inspector that runs until all is inspected."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Callable

from gateway.inspection import jobs
from gateway.inspection.allowance import Allowance
from gateway.inspection.inspector import Inspector
from gateway.inspection.jobs import Limits
from gateway.inspection.sandbox import Died
from gateway.inspection.worker import do
from gateway.model import GapReason
from gateway.store import mails

LIMITS = Limits(seconds=60, memory_bytes=1 << 30, max_bytes=1 << 30, max_depth=8, max_members=1000)


class Workers:
    """Does jobs in this process; dies of a part as often as it was told to."""

    workers = 2
    limits = LIMITS
    seconds_a_job = 0.0

    def __init__(self) -> None:
        self.sought = jobs.Sought()
        self.dies_of_parts: list[Exception] = []
        self.dies_of_mails = 0
        self.did: Counter[str] = Counter()
        self._lock = threading.Lock()

    def run(
        self,
        job: jobs.Job,
        *,
        seconds: float | None = None,
        took: Callable[[float], None] = lambda _: None,
    ) -> bytes:
        took(self.seconds_a_job)
        with self._lock:
            self.did[type(job).__name__] += 1
            if isinstance(job, jobs.ReadPart) and self.dies_of_parts:
                raise self.dies_of_parts.pop()
            if isinstance(job, jobs.ReadMails) and len(job.mails) >= self.dies_of_mails > 0:
                raise Died(GapReason.TIMEOUT)
        return do(job, LIMITS, self.sought)


def inspect(database, workers, *, allowance: Allowance | None = None) -> None:
    """Run the inspector until nothing waits."""

    async def until_done() -> None:
        stop = asyncio.Event()
        inspector = Inspector(database, workers, b"s" * 32, allowance=allowance or Allowance(60))
        running = asyncio.create_task(inspector.run(stop))
        try:
            async with asyncio.timeout(20):
                while waiting(database):  # noqa: ASYNC110 - the store tells nobody
                    await asyncio.sleep(0.02)
        finally:
            stop.set()
            await running

    asyncio.run(until_done())


def waiting(database) -> int:
    with database.read() as tx:
        return len(mails.uninspected(tx, limit=100, but_not=()))
