"""Landlock: of the file system a process keeps what it may read, and nothing that it may write or run.

In: the trees to be read. Out: the ABI in force. Fails: never; 0 where the kernel has none, or refuses.

https://docs.kernel.org/userspace-api/landlock.html. Spoken to by ctypes: the package on PyPI is unfinished, and three system calls
with the same numbers on every machine need none.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterable
from pathlib import Path

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
ASK_VERSION = 1
PATH_BENEATH = 1
READ_FILE, READ_DIR = 1 << 2, 1 << 3
# The file-system rights that each ABI knows, as the number of their bits: REFER, TRUNCATE and IOCTL_DEV came later.
RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
NET_SINCE, ALL_NET = 4, 0b11  # bind and connect by TCP
SCOPE_SINCE, ALL_SCOPES = 6, 0b11  # abstract sockets and signals of others
NO_NEW_PRIVILEGES = 38  # prctl(2)


class _Ruleset(ctypes.Structure):
    _fields_ = (("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32))


def restrict(readable: Iterable[Path]) -> int:
    """Give up, for this thread and all that it starts, every file but those in `readable`; give the ABI in force, 0 for none."""
    if not sys.platform.startswith("linux"):
        return 0
    libc = ctypes.CDLL(None, use_errno=True)
    abi = libc.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(ASK_VERSION))
    if abi < 1:
        return 0
    rights = _Ruleset(
        fs=(1 << RIGHTS.get(abi, max(RIGHTS.values()))) - 1,
        net=ALL_NET if abi >= NET_SINCE else 0,
        scoped=ALL_SCOPES if abi >= SCOPE_SINCE else 0,
    )
    size = 24 if abi >= SCOPE_SINCE else 16 if abi >= NET_SINCE else 8
    ruleset = libc.syscall(CREATE_RULESET, ctypes.byref(rights), ctypes.c_size_t(size), ctypes.c_uint32(0))
    if ruleset < 0:
        return 0
    try:
        for path in readable:
            _allow(libc, ruleset, path)
        restricted = (
            libc.prctl(NO_NEW_PRIVILEGES, *(ctypes.c_ulong(word) for word in (1, 0, 0, 0))) == 0
            and libc.syscall(RESTRICT_SELF, ruleset, ctypes.c_uint32(0)) == 0
        )
    finally:
        os.close(ruleset)
    return int(abi) if restricted else 0


def _allow(libc: ctypes.CDLL, ruleset: int, path: Path) -> None:
    """Let a file, or a folder with all that is in it, be read; what is not there cannot be."""
    try:
        folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        allowed = READ_FILE | READ_DIR if path.is_dir() else READ_FILE
        rule = _PathBeneath(allowed=allowed, folder=folder)
        libc.syscall(ADD_RULE, ruleset, PATH_BENEATH, ctypes.byref(rule), ctypes.c_uint32(0))
    finally:
        os.close(folder)
