"""Members of a ZIP that are locked, by ZipCrypto (PKWARE APPNOTE 6.3, 6.1) or by AES (WinZip's AE-1 and AE-2).

In: an archive's bytes, a member of it, passwords. Out: bytes. Fails: Unreadable (ENCRYPTED) where none fits.

A password fits when the checksum over all that it makes of a member is right: the check byte that comes first lets one in 256
wrong ones pass.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from gateway.model import GapReason
from gateway.unpack._budget import Budget, Unreadable

TRY_COST = 1


class LockedMembers:
    """The locked members of one archive, which is opened for them once, and not before there is a password to try."""

    def __init__(self, raw: bytes, budget: Budget) -> None:
        self._raw = raw
        self._budget = budget

    def content(self, member: zipfile.ZipInfo) -> bytes:
        """Give a member by the first password that fits. Raises: Unreadable."""
        if not self._budget.passwords.candidates:
            raise Unreadable(GapReason.ENCRYPTED)
        locked = self._members[member.header_offset]
        if locked.wz_aes_version is None and not locked.file_size:
            raise Unreadable(GapReason.ENCRYPTED)  # of nothing any password makes nothing
        return self._budget.passwords.open(lambda password: self._by(locked, password), cost=TRY_COST)

    def _by(self, locked: Any, password: str) -> bytes | None:
        for encoded in _encodings(password):
            try:
                with self._archive.open(locked, pwd=encoded) as stream:
                    return self._budget.read(stream, locked.compress_size)
            except (Unreadable, MemoryError):
                raise
            except Exception:  # noqa: BLE001, S112 - by a wrong password everything looks damaged, in any way
                continue
        return None

    @cached_property
    def _archive(self) -> Any:
        import pyzipper  # noqa: PLC0415 - for those only who have some

        return pyzipper.AESZipFile(io.BytesIO(self._raw))

    @cached_property
    def _members(self) -> dict[int, Any]:
        return {member.header_offset: member for member in self._archive.infolist()}


def _encodings(password: str) -> Iterator[bytes]:
    """Give the bytes that a password stands for: nobody has settled how, and Windows writes CP932 here."""
    yield password.encode("utf-8", "surrogatepass")
    if not password.isascii():
        try:
            yield password.encode("cp932")
        except UnicodeEncodeError:
            return
