"""Keyed hashes by which people and addresses are known again without being known.

In: folded values and the installation's secret. Out: 63-bit numbers. Fails: never.

BLAKE2b with a key (RFC 7693): without the secret nobody can try names until one fits.
"""

from __future__ import annotations

from hashlib import blake2b
from unicodedata import normalize

from detectors import email_address, name


def hashed(value: str, secret: bytes) -> int:
    """Hash a folded value; 63 bits, so that every database and JSON reader keeps it."""
    return (
        int.from_bytes(
            blake2b(value.encode("utf-8", "surrogatepass"), digest_size=8, key=secret).digest(), "big"
        )
        >> 1
    )


def folded_address(address: str) -> str:
    """Fold a mail address as the detectors fold those they find."""
    return email_address.cell(normalize("NFKC", address)) or address.lower()


def folded_name(shown: str) -> str:
    """Fold a name to what is compared: 髙橋　健一 様 and 高橋健一 are one."""
    folded = normalize("NFKC", shown)
    parsed = name.parse(folded)
    return parsed.key if parsed else name.bare(folded) or ""


def hashed_address(address: str, secret: bytes) -> int:
    """Hash a mail address."""
    return hashed(folded_address(address), secret)
