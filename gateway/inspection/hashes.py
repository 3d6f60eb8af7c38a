"""Keyed hashes by which people and addresses are known again without being known.

In: folded values and the installation's secret. Out: 63-bit numbers, and people as packed hashes. Fails: never.

BLAKE2b with a key (RFC 7693): without the secret nobody can try names until one fits.
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
    return blake2b(value.encode("utf-8", "surrogatepass"), digest_size=8, key=secret).digest()


def hashed_address(address: str, secret: bytes) -> int:
    """Hash a mail address."""
    return hashed(detectors.address_key(address), secret)


def people_of(identities: Iterable[detectors.Identity], secret: bytes) -> People:
    """Hash identities, and pack them."""
    begin = blake2b(digest_size=8, key=secret).copy
    digests: list[bytes] = []
    shapes = bytearray()
    values: list[str] = []
    for one in identities:
        keys, homes, mails = one.keys[:MOST], one.household_keys[:MOST], one.email_addresses[:MOST]
        shapes.extend((len(keys), len(homes), len(mails), one.minor))
        values += keys
        values += homes
        values += mails
    for (
        value
    ) in values:  # not a function's: of half a million people four million calls would be a quarter of all
        state = begin()
        state.update(value.encode("utf-8", "surrogatepass"))
        digests.append(state.digest())
    return People(shapes=(bytes(shapes),), hashes=(b"".join(digests),)) if shapes else People()
