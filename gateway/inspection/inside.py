"""What a worker process is before it opens anything: limited in memory, time and files, with nothing of its parent's.

In: a pipe, limits. Out: answers on the pipe. Fails: by dying, which the parent takes for a gap.

This counts nothing and writes nowhere: the folder of the metrics may be gone while a worker still begins.
"""

from __future__ import annotations

import os
import resource
import signal
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection

import structlog

from gateway.inspection.jobs import Sought
from gateway.log import origin
from gateway.settings import InspectSettings

log = structlog.get_logger()

OPEN_FILES = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one job may take."""

    seconds: float
    memory_bytes: int
    max_bytes: int
    max_depth: int
    max_members: int


def limits_of(settings: InspectSettings) -> Limits:
    """Read the limits of the settings."""
    return Limits(
        seconds=settings.seconds,
        memory_bytes=settings.memory_mib << 20,
        max_bytes=settings.max_bytes,
        max_depth=settings.max_depth,
        max_members=settings.max_members,
    )


def serve(pipe: Connection, limits: Limits, sought: Sought) -> None:
    """Live as a worker: first give up what is not needed, then open what comes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then ends us
    try:
        from gateway.inspection import worker  # noqa: PLC0415 - brings pandas, which only workers may pay for

        os.environ.clear()
        worker.warm_up()
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent tells of it, in one line
        pipe.send_bytes(f"{type(error).__name__} {origin(error)}".encode())
        return
    _limit(resource.RLIMIT_AS, _memory_in_use() + limits.memory_bytes)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NOFILE, OPEN_FILES)
    pipe.send_bytes(b"ready")
    while True:
        try:
            job = pipe.recv()
        except EOFError:
            return
        _limit(resource.RLIMIT_CPU, int(time.process_time() + limits.seconds) + 2, hard=False)
        pipe.send_bytes(worker.do(job, limits, sought))


def _limit(what: int, amount: int, *, hard: bool = True) -> None:
    _, ceiling = resource.getrlimit(what)
    amount = amount if ceiling == resource.RLIM_INFINITY else min(amount, ceiling)
    try:
        resource.setrlimit(what, (amount, amount if hard else ceiling))
    except (ValueError, OSError):  # macOS knows some of these only by name
        log.warning("inspection.limit_not_set", limit=what)


def _memory_in_use() -> int:
    """Give the address space this process has already, so that the limit is what a job may add."""
    try:
        with open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123
            return int(statm.read().split()[0]) * resource.getpagesize()
    except OSError:
        return 1 << 30
