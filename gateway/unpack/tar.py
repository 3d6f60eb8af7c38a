"""tar archives (POSIX, GNU, and the old form).

In: application/x-tar. Out: its files as sources. Fails: Unreadable.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator

from gateway.model import Container, Gap, GapReason, Leaf
from gateway.unpack._budget import Budget, Unreadable
from gateway.unpack._encoding import decode
from gateway.unpack._media_type import TAR
from gateway.unpack._source import Source


class _Tar:
    media_types = frozenset({TAR})

    def unpack(self, source: Source, media_type: str, budget: Budget) -> Iterator[Leaf | Source]:
        """Open an archive; links and devices hold nothing."""
        yield Container(path=source.path, media_type=media_type)
        with tarfile.open(fileobj=io.BytesIO(source.raw), mode="r:", encoding="utf-8") as archive:
            count = 0
            for member in archive:
                budget.spend_member()
                count += 1
                name = decode(member.name.encode("utf-8", "surrogateescape")).text
                stream = archive.extractfile(member) if member.isreg() else None
                if stream is not None:
                    yield source.child(budget.read(stream, len(source.raw)), name)
                elif member.size and not member.isdir():
                    yield Gap(path=(*source.path, name), media_type=media_type, reason=GapReason.UNKNOWN)
            if not count:
                raise Unreadable(GapReason.UNKNOWN)
            if source.raw[archive.offset :].strip(
                b"\0"
            ):  # GNU tar stops at the first block of zeros, others go on
                yield Gap(path=source.path, media_type=media_type, reason=GapReason.AMBIGUOUS)


UNPACKER = _Tar()
