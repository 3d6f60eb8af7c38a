"""Zstandard (RFC 8878): Python has it from 3.14 on, a backport before.

In: nothing. Out: a decompressor. Fails: ImportError.
"""

from __future__ import annotations

import sys
from typing import Any


def zstd_decompressor() -> Any:
    """Give a decompressor for one frame, as bz2's and lzma's are."""
    if sys.version_info >= (3, 14):
        from compression import zstd  # noqa: PLC0415
    else:
        from backports import zstd  # noqa: PLC0415 - for those only who have some
    return zstd.ZstdDecompressor()
