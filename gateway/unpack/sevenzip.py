"""7z archives.

In: application/x-7z-compressed. Out: its members as sources; names of those that are locked. Fails: Unreadable.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

from gateway.model import Container, Gap, GapReason, Leaf
from gateway.unpack._budget import Budget, Unreadable
from gateway.unpack._media_type import OCTETS, SEVENZIP
from gateway.unpack._source import Source, label

if TYPE_CHECKING:
    import py7zr

START_HEADER = 32  # signature, version, and where the header at the end is
STRAY_BYTES = 4


class _Member(io.BytesIO):
    """Takes what comes out of one member; py7zr's own limit lets more through."""

    def __init__(self, room: _Room) -> None:
        super().__init__()
        self._room = room

    def write(self, raw: bytes, /) -> int:  # type: ignore[override]
        self._room.left -= len(raw)
        if self._room.left < 0:
            raise Unreadable(GapReason.TOO_BIG)
        return super().write(raw)

    def size(self) -> int:
        """Tell py7zr how much there is."""
        return self.getbuffer().nbytes

    def close(self) -> None:
        """Stay open: py7zr closes what we still have to read."""


class _Room:
    """Makes the members of an archive, which share what may come out."""

    def __init__(self, left: int) -> None:
        self.left = left
        self.members: list[tuple[str, _Member]] = []

    def create(self, name: str) -> _Member:
        """Make one."""
        member = _Member(self)
        self.members.append((name, member))
        return member


class _SevenZip:
    media_types = frozenset({SEVENZIP})

    def unpack(self, source: Source, media_type: str, budget: Budget) -> Iterator[Leaf | Source]:
        """Open an archive."""
        import py7zr  # noqa: PLC0415 - for those only who have some

        yield Container(path=source.path, media_type=media_type)
        try:
            archive = py7zr.SevenZipFile(io.BytesIO(source.raw))
        except py7zr.PasswordRequired as error:
            raise Unreadable(GapReason.ENCRYPTED) from error
        except py7zr.UnsupportedCompressionMethodError as error:
            raise Unreadable(GapReason.UNKNOWN) from error
        with archive:
            yield from _members(source, archive, budget)
        offset, size = (int.from_bytes(source.raw[at : at + 8], "little") for at in (12, 20))
        if len(source.raw) > START_HEADER + offset + size + STRAY_BYTES:
            yield Gap(path=source.path, media_type=media_type, reason=GapReason.AMBIGUOUS)


UNPACKER = _SevenZip()


def _members(source: Source, archive: py7zr.SevenZipFile, budget: Budget) -> Iterator[Leaf | Source]:
    import py7zr  # noqa: PLC0415

    listed = archive.list()
    for _ in listed:
        budget.spend_member()
    if archive.needs_password():
        for one in listed:
            if not one.is_directory:
                yield Gap(
                    path=(*source.path, label(one.filename)), media_type=OCTETS, reason=GapReason.ENCRYPTED
                )
        return
    if not listed:
        raise Unreadable(GapReason.UNKNOWN)
    room = _Room(budget.room(len(source.raw)))
    failed: GapReason | None = None
    try:
        archive.extractall(factory=room)  # type: ignore[arg-type]
    except Unreadable as unreadable:
        failed = unreadable.reason
    except py7zr.UnsupportedCompressionMethodError:
        failed = GapReason.UNKNOWN
    except MemoryError:
        failed = GapReason.TOO_BIG
    except Exception:  # noqa: BLE001 - it raises anything; what came out before is read
        failed = GapReason.CORRUPT
    for name, member in room.members:
        yield source.child(member.getvalue(), name)
    wanted = sum(not one.is_directory for one in listed)
    if failed is None and len(room.members) < wanted:
        failed = GapReason.CORRUPT
    if failed is not None:
        yield Gap(path=source.path, media_type=SEVENZIP, reason=failed)
