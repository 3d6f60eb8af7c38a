"""The relay: takes what is released to the next hop on a few connections, and keeps what became of it.

In: sends that were cleared, or are being released. Out: deliveries settled, sends done, notices of failure kept (reporter.py
sends them). Fails: never toward a loss: what is not known to be delivered is tried again.

The state of its send is read again for each mail before it starts, so that after a stop no connection starts another.
Without a next hop nothing moves.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import ParamSpec, TypeVar

import structlog

from gateway.delivery import Delivery, DeliveryStatus
from gateway.relay import dsn, outgoing
from gateway.relay.gate import Gate
from gateway.relay.ledger import Job, Ledger, Tried
from gateway.relay.reporter import Reporter
from gateway.relay.schedule import next_attempt
from gateway.relay.smarthost import Handover, HopTrouble, Smarthost
from gateway.settings import Settings
from gateway.store import pieces
from gateway.store.database import Database
from gateway.store.deliveries import Result
from gateway.store.dsns import Dsn

log = structlog.get_logger()

P = ParamSpec("P")
T = TypeVar("T")

POLL_SECONDS = 0.2
SETTLE_SECONDS = 0.02
HOUSE_SECONDS = 60.0
IDLE_SECONDS = 5.0  # then a connection takes leave
CLAIMS_A_CONNECTION = 16
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0
GRACE_SECONDS = 8.0  # less than the supervisor gives us


class Relay:
    """The way out."""

    def __init__(self, database: Database, settings: Settings, *, clock: Callable[[], datetime]) -> None:
        self._ledger = Ledger(database, settings, clock=clock)
        self._reporter = Reporter(database, settings, clock=clock)
        self._settings = settings.relay
        self._hostname = settings.smtp.hostname
        self._clock = clock
        self._threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="relay")
        self._gate_thread = ThreadPoolExecutor(
            max_workers=1, thread_name_prefix="relay-gate"
        )  # waits behind no mail
        self._gate = Gate(self._released)
        self._queue: asyncio.Queue[Job | None] = asyncio.Queue()
        self._hops: list[Smarthost] = []
        self._in_hand: set[int] = set()  # deliveries that are claimed and not settled
        self._tried: list[Tried] = []
        self._notices: list[Dsn] = []  # of what was tried; kept in the same transaction
        self._wake = asyncio.Event()
        self._stop = asyncio.Event()
        self._down_until = 0.0
        self._pause_seconds = FIRST_PAUSE_SECONDS

    async def run(self, stop: asyncio.Event) -> None:
        """Relay until told to stop."""
        self._stop = stop
        if self._settings.host is None:
            await stop.wait()
            return
        if not await self._recovered():
            return
        self._hops = [Smarthost(self._settings, self._hostname) for _ in range(self._settings.connections)]
        workers = [asyncio.create_task(self._carry(hop)) for hop in self._hops]
        workers.append(asyncio.create_task(self._reporter.run(stop)))
        waker = asyncio.create_task(self._wake_at_stop())
        try:
            await self._keep(workers)
        finally:
            waker.cancel()
            await self._end(workers)

    # --- between the store and the connections ---

    async def _keep(self, workers: Collection[asyncio.Task[None]]) -> None:
        housed_at = self._time()
        while not self._stop.is_set():
            for worker in workers:
                if worker.done():
                    worker.result()  # a bug: the supervisor starts this role again
            try:
                await self._turn()
                if self._time() - housed_at > HOUSE_SECONDS:
                    housed_at = self._time()
                    await self._threaded(self._ledger.keep_house, frozenset(self._in_hand))
            except Exception as error:  # noqa: BLE001 - what is in hand stays in hand; the store will be back
                log.error("relay.failed", error=type(error).__name__)  # noqa: TRY400 - a trace could show values
                await self._rest(FIRST_PAUSE_SECONDS)
            await self._something_to_do()

    async def _turn(self, *, last: bool = False) -> None:
        """Settle what was tried and claim more."""
        tried, notices = list(self._tried), list(self._notices)
        settled = {one.delivery.id for one in tried}
        held = frozenset(self._in_hand - settled)
        down = last or self._time() < self._down_until
        room = 0 if down else self._settings.connections * CLAIMS_A_CONNECTION - len(held)
        jobs = await self._threaded(self._ledger.turn, tried, notices, room=room, in_hand=held)
        del self._tried[: len(tried)]
        del self._notices[: len(notices)]
        self._in_hand -= settled
        for job in jobs:
            self._in_hand.update(delivery.id for delivery in job.deliveries)
            self._queue.put_nowait(job)

    async def _something_to_do(self) -> None:
        """Wait for results, and a moment more for others to join them, unless the connections run dry."""
        self._wake.clear()
        if not self._tried:
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_SECONDS):
                    await self._wake.wait()
        if self._tried and self._queue.qsize() > self._settings.connections:
            await asyncio.sleep(SETTLE_SECONDS)

    async def _recovered(self) -> bool:
        """Give back what an earlier worker held; wait for the store where it cannot be reached."""
        while not self._stop.is_set():
            try:
                await self._threaded(self._ledger.recover)
                await self._threaded(self._ledger.keep_house, frozenset())
            except Exception as error:  # noqa: BLE001 - the store will be back
                log.error("relay.failed", error=type(error).__name__)  # noqa: TRY400 - a trace could show values
                await self._rest(FIRST_PAUSE_SECONDS)
            else:
                return True
        return False

    async def _end(self, workers: Collection[asyncio.Task[None]]) -> None:
        """Let the mails that are on the wire finish, give the others back, and keep what is known."""
        self._give_back_queue()
        for _ in workers:
            self._queue.put_nowait(None)
        _, late = await asyncio.wait(workers, timeout=GRACE_SECONDS)
        for worker in late:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
        self._give_back_queue()
        try:
            await self._turn(last=True)
        except Exception as error:  # noqa: BLE001 - the next start gives back what we hold
            log.error("relay.failed", error=type(error).__name__)  # noqa: TRY400 - a trace could show values
        self._threads.shutdown(wait=False)
        self._gate_thread.shutdown(wait=False)

    # --- one connection ---

    async def _carry(self, hop: Smarthost) -> None:
        try:
            while (job := await self._next(hop)) is not None:
                await self._deliver(hop, job)
        finally:
            if self._stop.is_set():
                await hop.close()
            hop.drop()

    async def _next(self, hop: Smarthost) -> Job | None:
        if self._stop.is_set():
            return None
        if self._queue.empty():
            try:
                async with asyncio.timeout(IDLE_SECONDS):
                    return await self._queue.get()
            except TimeoutError:
                await hop.close()
        return await self._queue.get()

    async def _deliver(self, hop: Smarthost, job: Job) -> None:
        """Hand over one mail, if its send may still go; report on each of its deliveries, whatever happens."""
        if not await self._gate.open_to(job.mail.send_id):
            self._untried(job)
            return
        try:
            content, data = await self._built(job)
            recipients = tuple(delivery.recipient for delivery in job.deliveries)
            envelope = job.mail.envelope
            mail = Handover(
                sender=envelope.sender, parameters=envelope.parameters, recipients=recipients, data=data
            )
            replies = await hop.send(mail)
        except HopTrouble as trouble:
            if trouble.connecting:
                await self._unreachable(hop, job, trouble)
                return
            log.warning("relay.trouble", mail=job.mail.id, what=trouble.what, ambiguous=trouble.ambiguous)
            known = "ambiguous, perhaps taken all the same" if trouble.ambiguous else "not taken"
            self._deferred(job, f"451 4.4.2 {trouble.what}: {known}", ambiguous=trouble.ambiguous)
        except (outgoing.Unsendable, pieces.Damaged) as error:
            log.error("relay.damaged", mail=job.mail.id, error=type(error).__name__)  # noqa: TRY400 - no values in logs
            self._deferred(job, "451 4.3.0 not sent: the stored mail is not what was accepted", damaged=True)
        except asyncio.CancelledError:
            if hop.ambiguous:
                self._deferred(
                    job, "451 4.4.2 stopped: ambiguous, perhaps taken all the same", ambiguous=True
                )
            else:
                self._untried(job)
            raise
        except Exception as error:  # noqa: BLE001 - a bug or the store: the mail waits
            log.error("relay.failed", mail=job.mail.id, error=type(error).__name__)  # noqa: TRY400 - no values in logs
            hop.drop()
            self._deferred(job, "451 4.3.0 trouble of our own")
        else:
            self._pause_seconds = FIRST_PAUSE_SECONDS
            results = [self._result(d, r.code, str(r)) for d, r in zip(job.deliveries, replies, strict=True)]
            self._report(job, results, content)

    async def _built(self, job: Job) -> tuple[bytes, bytes]:
        """Build a mail, and what follows DATA; in a thread where the store or much work is needed."""

        def build() -> tuple[bytes, bytes]:
            content = self._ledger.whole(job.mail)
            line = outgoing.received_line(
                job.mail.envelope, hostname=self._hostname, mail_id=job.mail.id, received_at=job.received_at
            )
            return content, outgoing.data(content, line)

        return await self._threaded(build) if job.mail.skeleton.segments else build()

    async def _unreachable(self, hop: Smarthost, job: Job, trouble: HopTrouble) -> None:
        """See whether the next hop is down, or just takes no further connection."""
        log.warning("relay.unreachable", what=trouble.what)
        if any(other.connected for other in self._hops if other is not hop):
            self._queue.put_nowait(job)
            await self._rest(LONGEST_PAUSE_SECONDS)
            return
        if self._time() >= self._down_until:
            self._down_until = self._time() + self._pause_seconds
            self._pause_seconds = min(self._pause_seconds * 2, LONGEST_PAUSE_SECONDS)
        self._deferred(job, f"451 4.4.1 next hop not reachable: {trouble.what}")
        for waiting in self._emptied_queue():
            self._deferred(waiting, f"451 4.4.1 next hop not reachable: {trouble.what}")
        await self._rest(self._down_until - self._time())

    # --- what became of it ---

    def _result(self, delivery: Delivery, code: int, reply: str) -> Result:
        if code // 100 == 2:
            return Result(delivery_id=delivery.id, status=DeliveryStatus.DELIVERED, reply=reply)
        if code // 100 == 5:
            return Result(delivery_id=delivery.id, status=DeliveryStatus.FAILED, reply=reply)
        tries = delivery.attempts + 1
        again_at = next_attempt(
            tries,
            retry_seconds=self._settings.retry_seconds,
            give_up_hours=self._settings.give_up_hours,
            now=self._clock(),
        )
        if again_at is None:
            given_up = f"given up after {tries} tries: {reply}"
            return Result(delivery_id=delivery.id, status=DeliveryStatus.FAILED, reply=given_up)
        return Result(
            delivery_id=delivery.id, status=DeliveryStatus.WAITING, reply=reply, next_attempt_at=again_at
        )

    def _deferred(self, job: Job, reply: str, *, ambiguous: bool = False, damaged: bool = False) -> None:
        results = [self._result(delivery, 451, reply) for delivery in job.deliveries]
        self._report(job, results, b"", ambiguous=ambiguous, damaged=damaged)

    def _untried(self, job: Job) -> None:
        self._tried += [Tried(delivery=delivery, result=None) for delivery in job.deliveries]
        self._wake.set()

    def _report(
        self,
        job: Job,
        results: list[Result],
        content: bytes,
        *,
        ambiguous: bool = False,
        damaged: bool = False,
    ) -> None:
        pairs = list(zip(job.deliveries, results, strict=True))
        self._tried += [Tried(delivery=d, result=r, ambiguous=ambiguous, damaged=damaged) for d, r in pairs]
        failures = [
            dsn.Failure(recipient=d.recipient, reply=r.reply)
            for d, r in pairs
            if r.status is DeliveryStatus.FAILED
        ]
        if failures:
            self._tell_sender(job, content, failures)
        self._wake.set()

    def _tell_sender(self, job: Job, content: bytes, failures: list[dsn.Failure]) -> None:
        envelope = job.mail.envelope
        try:
            notice = dsn.compose(
                envelope,
                content,
                failures,
                hostname=self._hostname,
                mail_id=job.mail.id,
                now=self._clock(),
            )
        except Exception as error:  # noqa: BLE001 - hostile headers: the ledger tells of the failure all the same
            log.warning("relay.notice_failed", mail=job.mail.id, error=type(error).__name__)
            return
        if notice is not None:
            self._notices.append(
                Dsn(mail_id=job.mail.id, send_id=job.mail.send_id, address=envelope.sender, content=notice)
            )

    # --- small things ---

    def _emptied_queue(self) -> list[Job]:
        """Take all jobs from the queue; the word to stop stays."""
        items = [self._queue.get_nowait() for _ in range(self._queue.qsize())]
        for _ in range(items.count(None)):
            self._queue.put_nowait(None)
        return [item for item in items if item is not None]

    def _give_back_queue(self) -> None:
        for job in self._emptied_queue():
            self._untried(job)

    async def _released(self, send_ids: Collection[str]) -> set[str]:
        return await asyncio.get_running_loop().run_in_executor(
            self._gate_thread, self._ledger.released, send_ids
        )

    async def _threaded(self, work: Callable[P, T], *arguments: P.args, **options: P.kwargs) -> T:
        """Run store work in a thread of the relay's own: others may have filled the loop's."""
        return await asyncio.get_running_loop().run_in_executor(
            self._threads, partial(work, *arguments, **options)
        )

    async def _rest(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, seconds)):
                await self._stop.wait()

    async def _wake_at_stop(self) -> None:
        await self._stop.wait()
        self._wake.set()

    @staticmethod
    def _time() -> float:
        return asyncio.get_running_loop().time()
