"""What decides what an inspection says, as a few bytes: another detector, unpacker, library or limit is another generation.

In: the program's own files, the versions of Python and of what is installed, the limits. Out: bytes. Fails: where a file of the program cannot be read.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.metadata import distributions
from importlib.resources import files
from importlib.resources.abc import Traversable

from gateway.inspection.jobs import Limits

# What decides beside the detectors and the unpackers.
ABOVE = ("model.py", "people.py", "exposure.py")
HERE = (
    "worker.py",
    "detection.py",
    "addressee.py",
    "visible.py",
    "shared_domains.txt",
    "hashes.py",
    "jobs.py",
)


@cache
def generation(limits: Limits) -> bytes:
    """Give the generation of inspections under these limits; read once in a process."""
    gateway = files("gateway")  # not files("gateway.unpack"), which would import it
    inspection = (gateway / "inspection" / name for name in HERE)
    deciding = (files("detectors"), gateway / "unpack", *(gateway / name for name in ABOVE), *inspection)
    return hashlib.sha256(digest_of(deciding) + repr((limits, sys.version, libraries())).encode()).digest()


def libraries() -> tuple[tuple[str, str], ...]:
    """Give what is installed, with versions: a library that reads more than the one before it finds more."""
    return tuple(sorted({(one.name, one.version) for one in distributions()}))


def digest_of(deciding: Iterable[Traversable]) -> bytes:
    """Digest files, and folders with all that is in them but what Python compiled."""
    digest = hashlib.sha256()
    for root in deciding:
        for name, file in _files(root, root.name):
            digest.update(f"{name}\0".encode() + hashlib.sha256(file.read_bytes()).digest())
    return digest.digest()


def _files(place: Traversable, name: str) -> Iterator[tuple[str, Traversable]]:
    if place.is_file():
        yield name, place
    elif place.name != "__pycache__":
        for entry in sorted(place.iterdir(), key=lambda one: one.name):
            yield from _files(entry, f"{name}/{entry.name}")
