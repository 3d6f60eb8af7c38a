"""Cabinet archives (MS-CAB).

In: application/vnd.ms-cab-compressed. Out: its members as sources. Fails: Unreadable; UNKNOWN for LZX and Quantum.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from gateway.model import Container, GapReason, Leaf
from gateway.unpack._budget import Budget, Unreadable
from gateway.unpack._encoding import decode
from gateway.unpack._media_type import CAB
from gateway.unpack._source import Source

HEADER = struct.Struct("<16xI8xHH")  # where the files begin; folders; files
FILE = struct.Struct("<I12x")  # its size


class _Cab:
    media_types = frozenset({CAB})

    def unpack(self, source: Source, media_type: str, budget: Budget) -> Iterator[Leaf | Source]:
        """Open an archive."""
        import cabarchive  # noqa: PLC0415 - for those only who have some

        yield Container(path=source.path, media_type=media_type)
        if _claimed(source.raw, budget) > budget.room(len(source.raw)):
            raise Unreadable(GapReason.TOO_BIG)
        try:
            archive = cabarchive.CabArchive(source.raw)
        except cabarchive.NotSupportedError as error:
            raise Unreadable(GapReason.UNKNOWN) from error
        if not archive:
            raise Unreadable(GapReason.UNKNOWN)
        for name, member in archive.items():
            yield source.child(member.buf or b"", decode(name.encode("latin-1", "replace")).text)


UNPACKER = _Cab()


def _claimed(raw: bytes, budget: Budget) -> int:
    """Add up what the members claim to be; the library believes it, and unpacks all at once."""
    at, _, count = HEADER.unpack_from(raw)
    total = 0
    for _ in range(count):
        budget.spend_member()
        total += FILE.unpack_from(raw, at)[0]
        at = raw.index(b"\0", at + FILE.size) + 1
    return total
