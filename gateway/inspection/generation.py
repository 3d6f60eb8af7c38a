"""What decides what an inspection says, as a few bytes: another detector, word list, unpacker or limit is another generation.

In: the program's own files, the limits. Out: bytes. Fails: where a file of the program cannot be read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from gateway.inspection.inside import Limits

# What decides in this room.
HERE = ("worker.py", "detection.py", "addressee.py", "visible.py", "shared_domains.txt", "hashes.py")


@cache
def generation(limits: Limits) -> bytes:
    """Give the generation of inspections under these limits; read once in a process."""
    gateway = files("gateway")  # not files("gateway.unpack"), which would import it
    deciding = (files("detectors"), gateway / "unpack", *(gateway / "inspection" / name for name in HERE))
    return hashlib.sha256(digest_of(deciding) + repr(limits).encode()).digest()


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
