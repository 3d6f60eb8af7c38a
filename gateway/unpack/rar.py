"""RAR archives, of both kinds.

In: application/vnd.rar. Out: members that are stored, as sources; the names of the others, as gaps. Fails: Unreadable.

What is compressed needs UnRAR, whose licence is not free, or a program to be started; nothing is started here.
"""

from __future__ import annotations

import io
from collections.abc import Iterator

from gateway.model import Container, Gap, GapReason, Leaf
from gateway.unpack._budget import Budget, Unreadable
from gateway.unpack._media_type import OCTETS, RAR
from gateway.unpack._source import Source, label


class _Rar:
    media_types = frozenset({RAR})

    def unpack(self, source: Source, media_type: str, budget: Budget) -> Iterator[Leaf | Source]:
        """Open an archive."""
        import rarfile  # noqa: PLC0415 - for those only who have some

        yield Container(path=source.path, media_type=media_type)
        try:
            archive = rarfile.RarFile(io.BytesIO(source.raw), errors="strict")
        except rarfile.NeedFirstVolume as error:
            raise Unreadable(GapReason.UNKNOWN) from error
        with archive:
            members = archive.infolist()
            if not members:  # names are locked, too, or there is nothing that anybody would send
                raise Unreadable(GapReason.ENCRYPTED if archive.needs_password() else GapReason.UNKNOWN)
            for member in members:
                budget.spend_member()
                if member.is_dir():
                    continue
                name = member.filename or "?"
                if member.needs_password():
                    reason = GapReason.ENCRYPTED
                elif member.compress_type != rarfile.RAR_M0 or member.is_symlink() or member.file_redir:
                    reason = GapReason.UNKNOWN
                else:
                    with archive.open(member) as stream:
                        yield source.child(budget.read(stream, len(source.raw)), name)
                    continue
                yield Gap(path=(*source.path, label(name)), media_type=OCTETS, reason=reason)


UNPACKER = _Rar()
