"""Processes that open untrusted bytes: limited in memory, time and files, and allowed to die.

In: a job. Out: the JSON that the worker answered. Fails: Died where the worker did not live to answer, NotStarted
where there was none.

A worker answers in JSON, never in pickle: one that was taken over by what it read cannot take over its parent.
Memory is not limited on macOS, whose kernel ignores RLIMIT_AS, and where there is neither Landlock nor seccomp.
"""

from __future__ import annotations

import json
import multiprocessing
import queue
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from importlib.util import find_spec
from multiprocessing.context import ForkServerProcess

import structlog

from gateway.inspection.inside import READY, Confinement, serve
from gateway.inspection.jobs import Limits, Sought
from gateway.metrics import CONFINED, INSPECTION_SECONDS
from gateway.model import GapReason
from gateway.policy import Policy
from gateway.settings import InspectSettings

log = structlog.get_logger()

JOBS_PER_WORKER = 500  # then a fresh one: what leaks, leaks not for long
START_SECONDS = 60
OCR_INSTALLED = all(map(find_spec, ("rapidocr", "onnxruntime", "PIL")))  # the extra `ocr`


def limits_of(settings: InspectSettings) -> Limits:
    """Read the limits of the settings."""
    return Limits(
        seconds=settings.seconds,
        memory_bytes=settings.memory_mib << 20,
        max_bytes=settings.max_bytes,
        max_depth=settings.max_depth,
        max_members=settings.max_members,
        ocr_seconds=(settings.ocr_seconds or None) if OCR_INSTALLED else None,
    )


def sandbox_of(settings: InspectSettings, policy: Policy, *, workers: int) -> Sandbox:
    """Make a sandbox under the settings, whose workers seek what a policy says."""
    sought = Sought(kinds=policy.own_kinds, public=policy.known_public, words=policy.own_words)
    return Sandbox(limits_of(settings), workers=workers, sought=sought)


class Died(Exception):
    """A worker did not live to answer; `reason` is the gap that leaves."""

    def __init__(self, reason: GapReason, exit_code: int | None = None) -> None:
        super().__init__(reason)
        self.reason, self.exit_code = reason, exit_code


class NotStarted(Died):
    """No worker came to life: that says nothing of what it was to read."""

    def __init__(self) -> None:
        super().__init__(GapReason.CRASHED)


class Closed(Exception):
    """The sandbox was closed during a job: nothing is known of what was in it, not even that it is a gap."""


class Sandbox:
    """A few workers; each does one job at a time."""

    def __init__(self, limits: Limits, *, workers: int, sought: Sought) -> None:
        self.limits = limits
        self.sought = sought
        self.workers = workers
        self.confinement: Confinement | None = None  # known when the first worker has begun
        self._free: queue.LifoQueue[_Worker | None] = queue.LifoQueue()
        for _ in range(workers):
            self._free.put(None)
        self._alive: set[_Worker] = set()
        self._lock = threading.Lock()
        self._closing = False

    def begin(self) -> None:
        """Start the workers before there is a job for them, and say how they are confined."""
        for slot in [self._free.get() for _ in range(self.workers)]:
            worker = slot
            with suppress(NotStarted):  # why it was not started was said; a job will try again
                worker = slot or self._new()
            self._free.put(worker)
        if self.confinement is not None and not self.confinement.missing:
            log.info("inspection.confined", **asdict(self.confinement))

    def run(
        self,
        job: object,
        *,
        seconds: float | None = None,
        took: Callable[[float], None] = lambda _: None,
    ) -> bytes:
        """Have a job done, within `seconds` where somebody waits for it; blocks, so call it in a thread.

        `took` is told for how long a worker had it, however that ended. Raises: Died, Closed.
        """
        try:
            with self._worker() as worker, INSPECTION_SECONDS.time():
                began = time.monotonic()
                try:
                    return worker.run(job, min(seconds or self.limits.seconds, self.limits.seconds))
                finally:
                    took(time.monotonic() - began)
        except Died as death:
            if self._closing:
                raise Closed from death
            if death.exit_code is not None:
                log.warning("inspection.worker_died", exit_code=death.exit_code)
            raise

    def close(self) -> None:
        """End all workers at once."""
        with self._lock:
            self._closing = True
            for worker in self._alive:
                worker.end()
            self._alive.clear()

    def _new(self) -> _Worker:
        worker = _Worker(self.limits, self.sought)
        with self._lock:
            self._alive.add(worker)
            self._say(worker.confinement)
            closing = self._closing
        if closing:  # close() may have come before it was one of those to be ended
            worker.discard()
            raise NotStarted
        return worker

    @contextmanager
    def _worker(self) -> Iterator[_Worker]:
        worker = self._free.get()
        try:
            worker = worker or self._new()
            yield worker
        finally:
            if worker is not None and not worker.usable:
                worker.discard()
                with self._lock:
                    self._alive.discard(worker)
                worker = None
            self._free.put(worker)

    def _say(self, confinement: Confinement) -> None:
        """Say once where workers are less confined than they could be."""
        if self.confinement is not None:
            return
        self.confinement = confinement
        for mechanism, given in asdict(confinement).items():
            CONFINED.labels(mechanism).set(bool(given))
        if confinement.missing:
            log.warning("inspection.not_confined", missing=confinement.missing, **asdict(confinement))


class _Worker:
    """One process and the pipe to it."""

    def __init__(self, limits: Limits, sought: Sought) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["gateway.inspection.warm"])
        self._pipe, theirs = context.Pipe()
        self._process: ForkServerProcess = context.Process(
            target=serve, args=(theirs, limits, sought), daemon=True
        )
        self._process.start()
        theirs.close()
        self._jobs = 0
        self._ending = threading.Lock()
        self.usable = False
        try:
            said = self._pipe.recv_bytes() if self._pipe.poll(START_SECONDS) else b"TimeoutError"
        except (EOFError, OSError):
            said = b"EOFError"  # also where the sandbox was closed meanwhile
        if not said.startswith(READY):
            self.discard()
            error, _, module = said.decode(errors="replace").partition(" ")
            if error != "EOFError":
                log.error("inspection.worker_not_started", error=error, module=module)
            raise NotStarted
        self.confinement = Confinement(
            **json.loads(said.removeprefix(READY))
        )  # it has read nothing of anybody's yet
        self.usable = True

    def run(self, job: object, seconds: float) -> bytes:
        """Send a job and wait for its answer, or its end."""
        self.usable = False
        try:
            self._pipe.send(job)
            if not self._pipe.poll(seconds):
                raise Died(GapReason.TIMEOUT)
            answer = self._pipe.recv_bytes()
        except (EOFError, OSError) as error:
            with self._ending:
                self._process.join(1)
                exit_code = self._process.exitcode
            too_long = exit_code == -signal.SIGXCPU
            raise Died(GapReason.TIMEOUT if too_long else GapReason.CRASHED, exit_code) from error
        self._jobs += 1
        self.usable = self._jobs < JOBS_PER_WORKER
        return answer

    def end(self) -> None:
        """End the process, whatever it does; who waits for its answer hears that."""
        with self._ending:
            self._process.kill()
            self._process.join()

    def discard(self) -> None:
        """End the process and close the pipe, which only whoever has the worker in hand may do."""
        self.end()
        self._pipe.close()
