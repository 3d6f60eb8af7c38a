"""A parser that was taken over: it tries what no parser needs, and names what came of it. It runs in real workers."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from gateway import unpack
from gateway.inspection import inside, landlock, seccomp
from gateway.model import Gap, GapReason
from gateway.unpack._media_type import TEXT
from tests.inspection.workers import LIMITS

SERVE = inside.serve  # the real one, whatever a test puts in its place
IO_URING_SETUP = 425


def connect(kind: socket.SocketKind) -> None:
    with socket.socket(socket.AF_INET, kind) as one:
        one.settimeout(1)
        one.connect(("127.0.0.1", 9))


def io_uring() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(IO_URING_SETUP, 1, ctypes.create_string_buffer(120)) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def fork() -> None:
    if os.fork() == 0:
        os._exit(0)


def in_a_thread(act: Callable[[], object]) -> None:
    failed: list[OSError] = []

    def run() -> None:
        try:
            act()
        except OSError as error:
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]


def acts(folder: Path) -> dict[str, Callable[[], object]]:
    """Give what is tried; `folder` holds a file "secret.txt"."""
    secret, new = folder / "secret.txt", folder / "名簿.csv"
    return {
        "connect by TCP": lambda: connect(socket.SOCK_STREAM),
        "send by UDP": lambda: connect(socket.SOCK_DGRAM),
        "open a socket in a thread": lambda: in_a_thread(lambda: connect(socket.SOCK_DGRAM)),
        "set up io_uring": io_uring,
        "start a program": lambda: subprocess.run(["/bin/true"], check=True),
        "replace itself by a program": lambda: os.execv("/bin/true", ["true"]),
        "fork": fork,
        "signal its parent": lambda: os.kill(os.getppid(), 0),
        "limit its parent": lambda: inside.resource.prlimit(os.getppid(), inside.resource.RLIMIT_CORE),
        "read a file of others": secret.read_bytes,
        "read the parent's environment": Path(f"/proc/{os.getppid()}/environ").read_bytes,
        "list a folder of others": lambda: list(folder.iterdir()),
        "make a file": lambda: new.write_bytes(b""),
        "make a temporary file": lambda: Path("/tmp/名簿.csv").write_bytes(b""),
        "overwrite a file": lambda: secret.write_bytes(b""),
        "make a folder": new.mkdir,
        "remove a file": secret.unlink,
        "rename a file": lambda: secret.rename(new),
        "link to a file": lambda: new.symlink_to(secret),
        "take all the memory": lambda: bytearray(LIMITS.memory_bytes * 5 // 4),
        "load a library": lambda: __import__("py7zr"),
        "start a thread": lambda: in_a_thread(os.getpid),
    }


class Hostile:
    """Stands in the place of the reader of texts. A text is the folder, and on a second line the only act to try."""

    media_types = frozenset({TEXT})

    def unpack(self, source: unpack.Source, media_type: str, budget: unpack.Budget) -> Iterator[Gap]:
        folder, *wanted = source.raw.decode().splitlines()
        if folder == "abort":
            os.abort()
        if folder == "kill":
            signal.raise_signal(signal.SIGKILL)
        for name, act in acts(Path(folder)).items():
            if wanted and name not in wanted:
                continue
            try:
                act()
                outcome = "done"
            except MemoryError:
                outcome = "denied"
            except OSError as error:
                outcome = "denied" if error.errno in (1, 13, 38) else repr(error)
            yield Gap(path=(name, outcome), media_type=media_type, reason=GapReason.UNKNOWN)


def serve(pipe, limits, sought) -> None:
    """Serve as a worker does, with a hostile parser."""
    unpack._BY_TYPE[TEXT] = Hostile()
    SERVE(pipe, limits, sought)


def serve_without_landlock(pipe, limits, sought) -> None:
    landlock.restrict = lambda readable: 0
    serve(pipe, limits, sought)


def serve_without_seccomp(pipe, limits, sought) -> None:
    seccomp.restrict = lambda: False
    serve(pipe, limits, sought)


def serve_without_both(pipe, limits, sought) -> None:
    landlock.restrict = lambda readable: 0
    serve_without_seccomp(pipe, limits, sought)
