"""What a worker process is before it opens anything: limited in memory and time, with nothing of its parent's, and confined.

In: a pipe, limits. Out: answers on the pipe. Fails: by dying, which the parent takes for a gap.

Confined is: it reads the program's own files and no other, writes no file, starts no program, speaks to nobody. The kernel sees
to that (landlock.py, seccomp.py) as far as it can; the parent says how far that is. No file can be written at all, temporary
ones included: no parser needs one, and none can be left behind, or made under a name that came from a mail.

This counts nothing and writes nowhere: the folder of the metrics may be gone while a worker still begins.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import site
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import structlog

import detectors
import gateway
from gateway.inspection import landlock, seccomp
from gateway.inspection.jobs import Limits, Sought
from gateway.log import origin

log = structlog.get_logger()

OPEN_FILES = 64
NICE = 10  # who sends mail waits for its acceptance; a send waits until it is quiet anyway
READY = b"ready "
LIBRARIES = ("/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/localtime", "/etc/magic")
DEVICES = ("/dev/null", "/dev/urandom", "/proc/self/statm")
MACHINE = ("/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/sys/devices/system/cpu")
OCR_BYTES = 1280 << 20  # address space that it takes besides; resident are 350 MB


@dataclass(frozen=True, slots=True, kw_only=True)
class Confinement:
    """What of a worker's confinement is in force; the limits on memory, time and files are set beside it."""

    landlock: int  # the ABI, 0 for none
    seccomp: bool

    @property
    def missing(self) -> tuple[str, ...]:
        """What this kernel does not give."""
        return tuple(name for name, given in asdict(self).items() if not given)


def serve(pipe: Connection, limits: Limits, sought: Sought) -> None:
    """Live as a worker: first give up what is not needed, then open what comes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then ends us
    _stand_back()
    try:
        from gateway import unpack  # noqa: PLC0415 - only workers may pay for these
        from gateway.inspection import worker  # noqa: PLC0415 - brings pandas

        with suppress(Exception):  # without it, what it would know is a gap
            unpack.libmagic()
        os.environ.clear()
        sys.dont_write_bytecode = True
        # While there is but one thread: Landlock binds this one and those it starts. What works in the warm-up works in a job.
        confinement = Confinement(landlock=landlock.restrict(_readable()), seccomp=seccomp.restrict())
        worker.warm_up()
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent tells of it, in one line
        pipe.send_bytes(f"{type(error).__name__} {origin(error)}".encode())
        return
    memory = _memory_in_use() + limits.memory_bytes + (OCR_BYTES if limits.ocr_seconds else 0)
    _limit(resource.RLIMIT_AS, memory)
    _limit(resource.RLIMIT_DATA, memory)  # py7zr asks for this one, and else for what /proc may not tell it
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NOFILE, OPEN_FILES)
    pipe.send_bytes(READY + json.dumps(asdict(confinement)).encode())
    while True:
        try:
            job = pipe.recv()
        except EOFError:
            return
        _limit(resource.RLIMIT_CPU, int(time.process_time() + limits.seconds) + 2, hard=False)
        pipe.send_bytes(worker.do(job, limits, sought))


def _stand_back() -> None:
    """Leave the processors to who accepts and relays.

    Where Linux shares them among sessions (sched_autogroup, sched(7)), being nice counts within a session only: so a worker
    is one by itself, and that one is nice.
    """
    os.nice(NICE)
    with suppress(OSError):  # a session's leader already, or a system that knows no such groups
        os.setsid()
        Path("/proc/self/autogroup").write_text(str(NICE), encoding="ascii")


def _readable() -> Iterator[Path]:
    """Give what a worker reads: libraries, which are loaded at first use, and our own word lists.

    A folder of the import path is one of them if something was installed there: else it may be where the store lies.
    """
    yield from (Path(path) for path in (*LIBRARIES, *DEVICES, *MACHINE))
    yield from (
        Path(prefix) for prefix in {sys.prefix, sys.base_prefix, sys.exec_prefix, *site.getsitepackages()}
    )
    for folder in (Path(entry) for entry in sys.path if entry):
        if folder.is_dir() and next(folder.glob("*.dist-info"), None):
            yield folder
    for package in (gateway, detectors):
        yield from (Path(place) for place in package.__path__)


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
