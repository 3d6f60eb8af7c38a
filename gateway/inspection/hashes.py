"""Keyed hashes by which people and addresses are known again without being known.

In: folded values and the installation's secret. Out: 63-bit numbers. Fails: never.

BLAKE2b with a key (RFC 7693): without the secret nobody can try names until one fits.
"""

from __future__ import annotations

from hashlib import blake2b

import detectors


def hashed(value: str, secret: bytes) -> int:
    """Hash a folded value; 63 bits, so that every database and JSON reader keeps it."""
    return (
        int.from_bytes(
            blake2b(value.encode("utf-8", "surrogatepass"), digest_size=8, key=secret).digest(), "big"
        )
        >> 1
    )


def hashed_address(address: str, secret: bytes) -> int:
    """Hash a mail address."""
    return hashed(detectors.address_key(address), secret)
