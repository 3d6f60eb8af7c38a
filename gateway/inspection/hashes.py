"""Keyed hashes by which people and addresses are known again without being known.

In: folded values and the installation's secret. Out: 63-bit numbers, and people as packed hashes. Fails: never.

BLAKE2b (RFC 7693) of the secret, which is as long in all of an installation, and the value: without the secret nobody can try
names until one fits, and its last block is marked as such, so that nobody lengthens what was hashed. Its own way to take a key
pads that to a whole block, to be hashed anew for each value: a third of the time.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

import detectors
from gateway.people import MOST, People


def hashed(value: str, secret: bytes) -> int:
    """Hash a folded value; 63 bits, so that every database and JSON reader keeps it."""
    return int.from_bytes(digested(value, secret), "big") >> 1


def digested(value: str, secret: bytes) -> bytes:
    """Hash a folded value as packed people have it."""
    return blake2b(secret + value.encode("utf-8", "surrogatepass"), digest_size=8).digest()


def hashed_address(address: str, secret: bytes) -> int:
    """Hash a mail address."""
    return hashed(detectors.address_key(address), secret)


def people_of(identities: Iterable[detectors.Identity], secret: bytes) -> People:
    """Hash identities, and pack them."""
    begin = blake2b(secret, digest_size=8).copy
    shapes = bytearray()
    values: list[str] = []
    for keys, homes, mails, _, minor, _ in identities:
        if len(keys) > MOST or len(homes) > MOST or len(mails) > MOST:
            keys, homes, mails = keys[:MOST], homes[:MOST], mails[:MOST]  # noqa: PLW2901
        shapes += bytes((len(keys), len(homes), len(mails), minor))
        values += keys
        values += homes
        values += mails
    digests: list[bytes] = []
    # A call for each would cost a quarter more: a list of half a million has four million.
    for raw in _encoded(values):
        state = begin()
        state.update(raw)
        digests.append(state.digest())
    return People(shapes=(bytes(shapes),), hashes=(b"".join(digests),)) if shapes else People()


def _encoded(values: list[str]) -> list[bytes]:
    """Encode values, together where none holds what parts them."""
    joined = "\0".join(values)
    if joined.count("\0") != len(values) - 1:
        return [value.encode("utf-8", "surrogatepass") for value in values]
    return joined.encode("utf-8", "surrogatepass").split(b"\0")
