"""7z archives.

In: application/x-7z-compressed. Out: its members as sources; names of those that are locked, as text. Fails: Unreadable.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

from gateway.model import Container, Gap, GapReason, Leaf
from gateway.unpack._budget import Budget, Unreadable
from gateway.unpack._media_type import OCTETS, SEVENZIP
from gateway.unpack._source import Source, label, names_as_text

if TYPE_CHECKING:
    import py7zr

START_HEADER = 32  # signature, version, and where the header at the end is
STRAY_BYTES = 4
TRY_COST = 120  # half a million rounds of SHA-256, once for the names and once for what they name


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
            with py7zr.SevenZipFile(io.BytesIO(source.raw)) as archive:
                yield from _members(source, archive, budget)
        except py7zr.PasswordRequired:  # names are locked, too
            room = budget.passwords.open(lambda password: _unlocked(source, password, budget), cost=TRY_COST)
            yield from _as_sources(source, room)
        except py7zr.UnsupportedCompressionMethodError as error:
            raise Unreadable(GapReason.UNKNOWN) from error
        offset, size = (int.from_bytes(source.raw[at : at + 8], "little") for at in (12, 20))
        if len(source.raw) > START_HEADER + offset + size + STRAY_BYTES:
            yield Gap(path=source.path, media_type=media_type, reason=GapReason.AMBIGUOUS)


UNPACKER = _SevenZip()


def _members(source: Source, archive: py7zr.SevenZipFile, budget: Budget) -> Iterator[Leaf | Source]:
    listed = archive.list()
    for _ in listed:
        budget.spend_member()
    if archive.needs_password():
        yield names_as_text(source, SEVENZIP, (one.filename for one in listed))
        try:
            room = budget.passwords.open(lambda password: _unlocked(source, password, budget), cost=TRY_COST)
        except Unreadable as unreadable:
            for one in listed:
                if not one.is_directory:
                    path = (*source.path, label(one.filename))
                    yield Gap(path=path, media_type=OCTETS, reason=unreadable.reason)
            return
        yield from _as_sources(source, room)
        return
    if not listed:
        raise Unreadable(GapReason.UNKNOWN)
    room, failed = _extracted(source, archive, budget)
    yield from _as_sources(source, room)
    if failed is not None:
        yield Gap(path=source.path, media_type=SEVENZIP, reason=failed)


def _extracted(source: Source, archive: py7zr.SevenZipFile, budget: Budget) -> tuple[_Room, GapReason | None]:
    """Take out all members; why some are missing, where some are."""
    import py7zr  # noqa: PLC0415

    room = _Room(budget.room(len(source.raw)))
    wanted = sum(not one.is_directory for one in archive.list())
    try:
        archive.extractall(factory=room)  # type: ignore[arg-type]
    except Unreadable as unreadable:
        return room, unreadable.reason
    except py7zr.UnsupportedCompressionMethodError:
        return room, GapReason.UNKNOWN
    except MemoryError:
        return room, GapReason.TOO_BIG
    except Exception:  # noqa: BLE001 - it raises anything; what came out before is read
        return room, GapReason.CORRUPT
    return room, None if len(room.members) >= wanted else GapReason.CORRUPT


def _unlocked(source: Source, password: str, budget: Budget) -> _Room | None:
    """Take out all members by a password; None where it does not fit, as the checksums say, or where one has none.

    Raises: Unreadable (TOO_BIG).
    """
    import py7zr  # noqa: PLC0415

    try:
        with py7zr.SevenZipFile(io.BytesIO(source.raw), password=password) as archive:
            listed = [one for one in archive.list() if not one.is_directory]
            if not listed or any(one.crc32 is None and one.uncompressed for one in listed):
                return None
            room, failed = _extracted(source, archive, budget)
    except Exception:  # noqa: BLE001 - by a wrong password everything looks damaged, in any way
        return None
    if failed is GapReason.TOO_BIG:
        raise Unreadable(failed)
    return None if failed or not any(one.uncompressed for one in listed) else room


def _as_sources(source: Source, room: _Room) -> Iterator[Source]:
    for name, member in room.members:
        yield source.child(member.getvalue(), name)
