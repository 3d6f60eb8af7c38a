"""Office documents with a password (MS-OFFCRYPTO): those of today, and Word, Excel and PowerPoint 97.

In: a locked document, passwords. Out: the document without its lock, as a source. Fails: Unreadable (ENCRYPTED) where none fits.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace

from gateway.model import Leaf
from gateway.unpack._budget import Budget
from gateway.unpack._media_type import ENCRYPTED_OFFICE, media_type_of
from gateway.unpack._source import Source

TRY_COST = 150  # a hundred thousand rounds of SHA-512
ANYBODYS = "VelvetSweatshop"  # MS-OFFCRYPTO, 2.4.2.3: what is locked by this, Excel opens without asking


_IN_MEMORY = SimpleNamespace(TemporaryFile=io.BytesIO)


class _EncryptedOffice:
    media_types = frozenset({ENCRYPTED_OFFICE})

    def unpack(self, source: Source, media_type: str, budget: Budget) -> Iterator[Leaf | Source]:  # noqa: ARG002
        """Open a document whose package is locked as a whole."""
        yield unlocked(source, budget)


UNPACKER = _EncryptedOffice()


def unlocked(source: Source, budget: Budget) -> Source:
    """Take the lock off a document: the same one, at the same path. Raises: Unreadable."""
    raw = _by(source.raw, ANYBODYS)
    if raw is None:
        raw = budget.passwords.open(lambda password: _by(source.raw, password), cost=TRY_COST)
    return replace(source, raw=raw)


def _by(raw: bytes, password: str) -> bytes | None:
    import msoffcrypto  # noqa: PLC0415 - for those only who have some
    from msoffcrypto.format import doc97, ppt97, xls97  # noqa: PLC0415

    for module in (doc97, ppt97, xls97):  # they would write what they open to a file, which nothing here may
        module.tempfile = _IN_MEMORY
    out = io.BytesIO()
    try:
        document = msoffcrypto.OfficeFile(io.BytesIO(raw))
        verify = {"verify_password": True} if document.format == "ooxml" else {}  # those of old always do
        document.load_key(password=password, **verify)
        document.decrypt(out)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - a wrong password, or a lock that it does not know
        return None
    opened = out.getvalue()
    return None if media_type_of(opened) == ENCRYPTED_OFFICE else opened
