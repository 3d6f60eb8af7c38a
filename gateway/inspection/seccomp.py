"""Seccomp: of the kernel's calls a process keeps those that read and compute.

In: the table of what is denied. Out: whether that is in force. Fails: never; False where the kernel or the machine has none.

https://docs.kernel.org/userspace-api/seccomp_filter.html. What is denied answers EPERM, so that a parser meets an error and not its
end. Calls that came to Linux after 5.0 have the same numbers everywhere and are denied but for a few, so a newer kernel opens nothing:
io_uring, which would pass by all of this, is among them. They answer ENOSYS, upon which the C library does as it did before.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import sys
from collections.abc import Iterator
from importlib.resources import files

from gateway.inspection.landlock import NO_NEW_PRIVILEGES

SET_SECCOMP, MODE_FILTER = 22, 2  # prctl(2)
# What AUDIT_ARCH_… a machine is, and the column of the table.
MACHINES = {"x86_64": (0xC000003E, 1), "aarch64": (0xC00000B7, 2)}
NEW_SINCE = 424
# close_range, faccessat2, futex_waitv, futex_wake, futex_wait, futex_requeue, mseal
NEW_ALLOWED = (436, 439, 449, 454, 455, 456, 462)
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
THREAD = 0x10000  # CLONE_THREAD
PUSH_INTO_TERMINAL = 0x5412  # TIOCSTI: what it pushes, the shell runs

LOAD, IF_EQUAL, IF_AT_LEAST, IF_ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, KILL, DENY = 0x7FFF0000, 0x80000000, 0x00050000
NUMBER_AT, MACHINE_AT, ARGUMENTS_AT = 0, 4, 16  # in struct seccomp_data

Instruction = tuple[int, int, int, int]


class _Instruction(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_uint16),
        ("if_true", ctypes.c_uint8),
        ("if_false", ctypes.c_uint8),
        ("k", ctypes.c_uint32),
    )


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_uint16), ("instructions", ctypes.POINTER(_Instruction)))


def restrict() -> bool:
    """Give up, for this thread and all that it starts, what parsers have no need of; tell whether that is in force."""
    machine = MACHINES.get(platform.machine())
    if not sys.platform.startswith("linux") or machine is None or sys.maxsize < 1 << 32:
        return False
    arch, column = machine
    instructions = [_Instruction(*one) for one in program(arch, numbers(column), os.getpid())]
    compiled = _Program(len(instructions), (_Instruction * len(instructions))(*instructions))
    libc = ctypes.CDLL(None, use_errno=True)
    nothing = [ctypes.c_ulong(0)] * 3
    return bool(
        libc.prctl(NO_NEW_PRIVILEGES, ctypes.c_ulong(1), *nothing) == 0
        and libc.prctl(SET_SECCOMP, ctypes.c_ulong(MODE_FILTER), ctypes.byref(compiled), *nothing[:2]) == 0
    )


def numbers(column: int) -> dict[str, int]:
    """Read the table: the number of each call on a machine that has it."""
    rows = (
        line.split()
        for line in (files("gateway.inspection") / "syscalls.txt").read_text("utf-8").splitlines()
    )
    return {row[0]: int(row[column]) for row in rows if row and row[0] != "#" and row[column] != "-"}


def program(arch: int, known: dict[str, int], pid: int) -> Iterator[Instruction]:
    """Write the filter: each rule tests, and returns or goes on to the next."""
    yield (LOAD, 0, 0, MACHINE_AT)
    yield (IF_EQUAL, 1, 0, arch)
    yield (RETURN, 0, 0, KILL)  # calls of another machine have other numbers
    yield (LOAD, 0, 0, NUMBER_AT)
    for number in NEW_ALLOWED:
        yield from ((IF_EQUAL, 0, 1, number), (RETURN, 0, 0, ALLOW))
    yield from ((IF_AT_LEAST, 0, 1, NEW_SINCE), (RETURN, 0, 0, DENY | errno.ENOSYS))
    # Some are denied by an argument: its place, the test, and whether it is denied where the test holds.
    by_argument = {
        "open": (1, IF_ANY_BIT, WRITES, True),
        "openat": (2, IF_ANY_BIT, WRITES, True),
        "clone": (0, IF_ANY_BIT, THREAD, False),
        "tgkill": (0, IF_EQUAL, pid, False),  # abort(3)
        "prlimit64": (0, IF_EQUAL, 0, False),  # of itself
        "ioctl": (1, IF_EQUAL, PUSH_INTO_TERMINAL, True),
    }
    for name, number in known.items():
        if name not in by_argument:
            yield from ((IF_EQUAL, 0, 1, number), (RETURN, 0, 0, DENY | errno.EPERM))
    for name, (place, test, value, denied) in by_argument.items():
        if name in known:
            yield (IF_EQUAL, 0, 4, known[name])
            yield (LOAD, 0, 0, ARGUMENTS_AT + 8 * place)  # its lower half: both machines are little-endian
            yield (test, 0 if denied else 1, 1 if denied else 0, value)
            yield (RETURN, 0, 0, DENY | errno.EPERM)
            yield (RETURN, 0, 0, ALLOW)
    yield (RETURN, 0, 0, ALLOW)
