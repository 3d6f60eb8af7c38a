"""ZIP archives (PKWARE APPNOTE 6.3).

In: application/zip. Out: its members as sources. Fails: Unreadable; a member that cannot be read is a gap of its own.

Python before 3.11.8 reads members that lie over each other, so the spans are checked here; declared sizes are not believed.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise

from gateway.model import Container, Gap, GapReason, Leaf
from gateway.unpack._budget import Budget, Unreadable
from gateway.unpack._encoding import decode
from gateway.unpack._media_type import ZIP
from gateway.unpack._source import Source
from gateway.unpack.mime import label

ENCRYPTED_FLAG = 0x1
UTF8_FLAG = 0x800
BLOCK_BYTES = 1 << 20
LOCAL_HEADER = struct.Struct("<4s5H3I2H")
STRAY_BYTES = 4  # before the first member, from which on something else may be hidden there


class _Zip:
    media_types = frozenset({ZIP})

    def unpack(self, source: Source, media_type: str, budget: Budget) -> Iterator[Leaf | Source]:
        """Open an archive."""
        yield Container(path=source.path, media_type=media_type)
        try:
            archive = zipfile.ZipFile(io.BytesIO(source.raw))
        except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error) as error:
            raise Unreadable(GapReason.CORRUPT) from error
        with archive:
            members = archive.infolist()
            if _is_ambiguous(source.raw, archive, members):
                yield Gap(path=source.path, media_type=media_type, reason=GapReason.CORRUPT)
            if not members:
                raise Unreadable(GapReason.UNKNOWN)
            for member in members:
                if not member.is_dir():
                    budget.spend_member()
                    yield self._member(source, archive, member, budget)

    def _member(
        self, source: Source, archive: zipfile.ZipFile, member: zipfile.ZipInfo, budget: Budget
    ) -> Leaf | Source:
        name = member_name(member)
        path = (*source.path, name)
        try:
            if member.flag_bits & ENCRYPTED_FLAG:
                raise Unreadable(GapReason.ENCRYPTED)
            return source.child(_content(archive, member, budget), name)
        except Unreadable as unreadable:
            return Gap(path=path, media_type="application/octet-stream", reason=unreadable.reason)
        except NotImplementedError:  # a method that Python has not
            return Gap(path=path, media_type="application/octet-stream", reason=GapReason.UNKNOWN)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError):
            return Gap(path=path, media_type="application/octet-stream", reason=GapReason.CORRUPT)


UNPACKER = _Zip()


def member_name(member: zipfile.ZipInfo) -> str:
    """Give the name of a member; without the UTF-8 flag it is in whatever its maker's machine spoke, here mostly CP932."""
    name = member.orig_filename
    if not member.flag_bits & UTF8_FLAG:
        with suppress(
            UnicodeEncodeError
        ):  # not what zipfile made of bytes: a name by the unicode extra field
            name = decode(name.encode("cp437")).text
    return label(name)


def _content(archive: zipfile.ZipFile, member: zipfile.ZipInfo, budget: Budget) -> bytes:
    """Inflate a member as far as the budget goes, whatever size it claims."""
    pieces = []
    size = 0
    with archive.open(member) as stream:
        while block := stream.read(BLOCK_BYTES):
            size += len(block)
            if size > budget.max_bytes:
                raise Unreadable(GapReason.TOO_BIG)
            pieces.append(block)
    return b"".join(pieces)


def _is_ambiguous(raw: bytes, archive: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> bool:
    """Tell whether another reader might find other members: data before or between them, members lying over each other."""
    spans = []
    for member in members:
        start = member.header_offset
        header = raw[start : start + LOCAL_HEADER.size]
        if len(header) < LOCAL_HEADER.size or header[:4] != b"PK\x03\x04":
            return True
        name_length, extra_length = LOCAL_HEADER.unpack(header)[9:]
        spans.append((start, start + LOCAL_HEADER.size + name_length + extra_length + member.compress_size))
    spans.sort()
    if any(start < end for (_, end), (start, _) in pairwise(spans)):
        return True
    begins = spans[0][0] if spans else 0
    ends = spans[-1][1] if spans else 0
    return begins > STRAY_BYTES or ends > archive.start_dir or raw.count(b"PK\x05\x06", archive.start_dir) > 1
