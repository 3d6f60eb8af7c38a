"""The processes of one gateway: each role in its own, started again when it dies, and none outliving its parent.

In: the command line of each process. Out: running processes. Fails: FirstStartFailed where the settings do not let a role begin; one that dies later is tried ever less often.
"""

from __future__ import annotations

import errno
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import structlog

from gateway.errors import BadConfig
from gateway.remedies import not_to_be_had

log = structlog.get_logger()

LIFELINE = "SEKISHO_LIFELINE"  # the descriptor at whose end the parent lives
STOP_SECONDS = 15
FREE_SECONDS = 5.0  # for an address that an earlier gateway still has
MAX_BACK_OFF_SECONDS = 30.0
UNUSABLE = 2  # the exit code of a command whose settings cannot be used; it has said why


class FirstStartFailed(Exception):
    """A role could not begin with these settings; its process has said why."""


@dataclass(slots=True, kw_only=True)
class Child:
    """One process and how it has fared."""

    name: str
    arguments: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    not_before: float = 0.0
    back_off_seconds: float = field(default=0.5)
    deaths: int = 0


def supervise(children: Sequence[Child]) -> None:
    """Keep the children running until SIGTERM or SIGINT, then end them gently.

    Raises: FirstStartFailed.
    """
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    lifeline, ours = os.pipe()
    try:
        while not stop.is_set():
            for child in children:
                _see_to(child, lifeline)
            stop.wait(0.1)
    finally:
        _end(children)
        os.close(ours)
        os.close(lifeline)


def await_free(address: str, key: str) -> None:
    """See that an address can be listened on; an earlier gateway may still be on its way out.

    Raises: BadConfig.
    """
    host, _, port = address.rpartition(":")
    deadline = time.monotonic() + FREE_SECONDS
    while True:
        try:
            for family, *_, place in socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_STREAM):
                socket.create_server((str(place[0]), int(port)), family=family).close()
        except OSError as error:
            if error.errno != errno.EADDRINUSE or time.monotonic() > deadline:
                raise BadConfig(file="-", key=key, remedy=not_to_be_had(address)) from error
            time.sleep(0.1)
        else:
            return


def _see_to(child: Child, lifeline: int) -> None:
    now = time.monotonic()
    if child.process is not None:
        code = child.process.poll()
        if code is None:
            return
        child.deaths += 1
        if code == UNUSABLE and child.deaths == 1:
            raise FirstStartFailed(child.name)
        if now - child.started_at > MAX_BACK_OFF_SECONDS:
            child.back_off_seconds = 0.5
        log.error("role.died", role=child.name, exit_code=code, again_in_seconds=child.back_off_seconds)
        child.process = None
        child.not_before = now + child.back_off_seconds
        child.back_off_seconds = min(child.back_off_seconds * 2, MAX_BACK_OFF_SECONDS)
    if now < child.not_before:
        return
    child.started_at = now
    child.process = subprocess.Popen(  # noqa: S603 - our own program, by our own interpreter
        [sys.executable, "-m", "gateway", *child.arguments],
        env={**os.environ, LIFELINE: str(lifeline)},
        pass_fds=(lifeline,),
        start_new_session=True,  # Ctrl-C reaches us alone; we end them in order
    )


def _end(children: Sequence[Child]) -> None:
    running = [
        child.process for child in children if child.process is not None and child.process.poll() is None
    ]
    for process in running:
        process.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for process in running:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def die_with_parent() -> None:
    """End this process at once when its supervisor is gone, however that went: two generations must never both relay."""
    descriptor = os.environ.pop(LIFELINE, None)
    if descriptor is None:
        return
    lifeline = int(descriptor)
    os.set_inheritable(lifeline, False)

    def watch() -> None:
        os.read(lifeline, 1)  # returns when the last writing end is closed
        os._exit(70)

    threading.Thread(target=watch, name="lifeline", daemon=True).start()
