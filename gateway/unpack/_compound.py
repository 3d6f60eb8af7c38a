"""Compound files (MS-CFB), in which old Office documents and Outlook's letters are kept.

In: bytes, the path of a stream. Out: bytes. Fails: Unreadable where a stream is shorter than the directory says.
"""

from __future__ import annotations

from typing import Any

from gateway.model import GapReason
from gateway.unpack._budget import Unreadable


def read_stream(storage: Any, path: str | list[str]) -> bytes:
    """Read a stream whole. Raises: Unreadable (CORRUPT)."""
    raw: bytes = storage.openstream(path).read()
    if len(raw) < storage.get_size(path):
        raise Unreadable(GapReason.CORRUPT)
    return raw
