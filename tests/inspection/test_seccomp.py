"""The filter of system calls, on both machines that it knows: what each call would be answered."""

from __future__ import annotations

import errno

import pytest

from gateway.inspection import seccomp
from gateway.inspection.seccomp import ALLOW, DENY, KILL, MACHINES

PID = 4711
READ_ONLY, WRITE, CREATE = 0, 1, 0o100
ANSWERS = [
    ("socket", (), DENY | errno.EPERM),
    ("execve", (), DENY | errno.EPERM),
    ("renameat2", (), DENY | errno.EPERM),
    ("openat", (0, 0, READ_ONLY), ALLOW),
    ("openat", (0, 0, WRITE), DENY | errno.EPERM),
    ("openat", (0, 0, READ_ONLY | CREATE), DENY | errno.EPERM),
    ("clone", (seccomp.THREAD | 0x100,), ALLOW),
    ("clone", (17,), DENY | errno.EPERM),
    ("tgkill", (PID,), ALLOW),
    ("tgkill", (PID + 1,), DENY | errno.EPERM),
    ("prlimit64", (0,), ALLOW),
    ("prlimit64", (1,), DENY | errno.EPERM),
    ("ioctl", (0, seccomp.PUSH_INTO_TERMINAL), DENY | errno.EPERM),
    ("ioctl", (0, 0x5413), ALLOW),
]
NEW = [(425, DENY | errno.ENOSYS), (435, DENY | errno.ENOSYS), (9999, DENY | errno.ENOSYS), (449, ALLOW)]
machines = pytest.mark.parametrize("machine", MACHINES)


def answer(machine: str, number: int, arguments=(), *, arch: int | None = None) -> int:
    """Run the filter as the kernel does."""
    ours, column = MACHINES[machine]
    words = {0: number, 4: ours if arch is None else arch}
    words |= {16 + 8 * place: value for place, value in enumerate(arguments)}
    instructions = list(seccomp.program(ours, seccomp.numbers(column), PID))
    at = held = 0
    while True:
        code, if_true, if_false, k = instructions[at]
        at += 1
        match code:
            case seccomp.LOAD:
                held = words.get(k, 0)
            case seccomp.RETURN:
                return k
            case seccomp.IF_EQUAL:
                at += if_true if held == k else if_false
            case seccomp.IF_AT_LEAST:
                at += if_true if held >= k else if_false
            case seccomp.IF_ANY_BIT:
                at += if_true if held & k else if_false


@machines
@pytest.mark.parametrize(("call", "arguments", "expected"), ANSWERS)
def test_a_call_is_answered(machine, call, arguments, expected):
    number = seccomp.numbers(MACHINES[machine][1])[call]
    assert answer(machine, number, arguments) == expected


@machines
@pytest.mark.parametrize(("number", "expected"), NEW)
def test_a_call_newer_than_the_table_is_unknown(machine, number, expected):
    assert answer(machine, number) == expected


@machines
def test_a_call_of_another_machine_ends_the_worker(machine):
    assert answer(machine, 0, arch=0x40000003) == KILL


@machines
def test_every_call_of_the_table_can_be_denied(machine):
    known = seccomp.numbers(MACHINES[machine][1])
    always = {name for name, number in known.items() if answer(machine, number) == DENY | errno.EPERM}
    assert known.keys() - always == {"open", "openat", "prlimit64", "ioctl"} & known.keys()
