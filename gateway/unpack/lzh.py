"""LZH archives, which Japanese offices still have.

In: application/x-lzh. Out: its members as sources. Fails: Unreadable; UNKNOWN where there is no wheel of the library.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import suppress

from gateway.model import Container, Gap, GapReason, Leaf
from gateway.unpack._budget import Budget, Unreadable
from gateway.unpack._encoding import decode
from gateway.unpack._media_type import LZH, OCTETS
from gateway.unpack._source import Source, label

FOLDER = b"-lhd-"


class _Lzh:
    media_types = frozenset({LZH})

    def unpack(self, source: Source, media_type: str, budget: Budget) -> Iterator[Leaf | Source]:
        """Open an archive."""
        try:
            import lhafile  # noqa: PLC0415 - for those only who have some, and whose machine has it
        except ImportError as error:
            raise Unreadable(GapReason.UNKNOWN) from error
        yield Container(path=source.path, media_type=media_type)
        archive = lhafile.LhaFile(io.BytesIO(source.raw))
        members = archive.infolist()
        if not members:
            raise Unreadable(GapReason.UNKNOWN)
        if len({member.filename for member in members}) < len(members):  # only one of them can be had
            yield Gap(path=source.path, media_type=media_type, reason=GapReason.AMBIGUOUS)
        for member in members:
            budget.spend_member()
            if member.compress_type == FOLDER:
                continue
            name = member.filename
            with suppress(UnicodeEncodeError):
                name = decode(name.encode("latin-1")).text
            try:
                if member.file_size > budget.room(len(source.raw)):
                    raise Unreadable(GapReason.TOO_BIG)
                yield source.child(archive.read(member.filename), name)
                continue
            except Unreadable as unreadable:
                reason = unreadable.reason
            except MemoryError:
                reason = GapReason.TOO_BIG
            except Exception:  # noqa: BLE001 - damaged in any way
                reason = GapReason.CORRUPT
            yield Gap(path=(*source.path, label(name)), media_type=OCTETS, reason=reason)


UNPACKER = _Lzh()
