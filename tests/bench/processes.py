"""What a tree of processes has used: memory, CPU, bytes written. Linux, from /proc.

In: the id of its root. Out: figures. Fails: never for a process that has just ended: it counts nothing.
"""

from __future__ import annotations

import os
import socket
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

TICK_SECONDS = 1 / os.sysconf("SC_CLK_TCK")


def tree(root: int) -> list[int]:
    """Give a process and all that descend from it."""
    children: defaultdict[int, list[int]] = defaultdict(list)
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            children[int(fields[1])].append(int(entry.name))
    found = [root]
    for process in found:
        found += children[process]
    return found


def cpu_seconds(processes: Iterable[int]) -> float:
    """Give the CPU time of processes and of their children that have ended."""
    fields = [fields for process in processes if (fields := _stat(process))]
    return sum(int(ticks) for some in fields for ticks in some[11:15]) * TICK_SECONDS


def bytes_written(processes: Iterable[int]) -> int:
    """Give the bytes sent towards the disk; those of children that have ended count at their parent."""
    return sum(_number(process, "io", "write_bytes") for process in processes)


def forget_peak(process: int | str = "self") -> None:
    """Let the peak of a process's memory start anew."""
    Path(f"/proc/{process}/clear_refs").write_text("5")


def memory_bytes(process: int | str = "self", *, peak: bool = False) -> int:
    """Give the resident memory of a process, or the peak of it."""
    return _number(process, "status", "VmHWM" if peak else "VmRSS") * 1024


def disk_bytes(folder: Path) -> int:
    """Give what a folder takes on the disk."""
    files = [path.lstat() for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    return sum(file.st_blocks * 512 for file in files)


def free_port() -> int:
    """Give a port on loopback that nobody listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def wait_until(true: Callable[[], bool], *, seconds: float, what: str, every: float = 0.02) -> None:
    """Wait for something.

    Raises: TimeoutError.
    """
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {seconds:g} s")
        time.sleep(every)


def greets(port: int) -> bool:
    """See whether an SMTP server answers."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as sock:
            return sock.recv(512).startswith(b"220")
    except OSError:
        return False


def _stat(process: int) -> list[str]:
    """Give the fields of /proc/N/stat from the third on: the second is a name that may hold anything."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _number(process: int | str, file: str, key: str) -> int:
    try:
        lines = Path(f"/proc/{process}/{file}").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(f"{key}:")), 0)
