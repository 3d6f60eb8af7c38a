"""What a name and a declared type claim of bytes, held against what the bytes are (claims.toml).

In: a name, a declared type, a media type by the bytes. Out: the claim that is not true, or None. Fails: never.

A name or type that is not in the table claims nothing, and neither does text/plain, which stands where a header says nothing
(RFC 2045, 5.2).
"""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib.resources import files

from gateway.model import Claim
from gateway.unpack._media_type import TEXT

_TABLE = tomllib.loads((files("gateway.unpack") / "claims.toml").read_text("utf-8"))
_ENDINGS = {ending: claim for claim in Claim for ending in _TABLE[claim]["endings"]}
_DECLARED = {pattern: claim for claim in Claim for pattern in _TABLE[claim]["declared"]}
_HOLDS = {claim: (*_TABLE["silent"], *_TABLE[claim]["holds"]) for claim in Claim}


def untrue_claim(name: str | None, declared: str | None, media_type: str) -> Claim | None:
    """Give what bytes of this type are wrongly called, by their name or else by their header."""
    ending = (name or "").rpartition("/")[2].rstrip(" .").rpartition(".")[2].lower()
    for claim in (_ENDINGS.get(ending), _declared(declared or TEXT)):
        if claim is not None and not _bears_out(claim, media_type):
            return claim
    return None


@lru_cache(maxsize=256)
def _declared(declared: str) -> Claim | None:
    if declared == TEXT:
        return None
    exact = _DECLARED.get(declared)
    return exact or next((claim for pattern, claim in _DECLARED.items() if _matches(declared, pattern)), None)


@lru_cache(maxsize=1024)
def _bears_out(claim: Claim, media_type: str) -> bool:
    return any(_matches(media_type, pattern) for pattern in _HOLDS[claim])


def _matches(media_type: str, pattern: str) -> bool:
    """Tell whether a media type is one of a pattern, at whose end "*" stands for anything."""
    if pattern.endswith("*"):
        return media_type.startswith(pattern[:-1])
    return media_type == pattern
