"""ZIP archives (PKWARE APPNOTE 6.3).

In: application/zip. Out: its members as sources; where some are locked, the names of all as text. Fails: Unreadable; a member that cannot be read is a gap of its own.

A ZIP says twice what it holds, in its central directory and before each member, and readers differ in which they believe
("My ZIP isn't your ZIP", USENIX Security 2025). So both are read, and where they differ there is a gap besides. Python
before 3.11.8 reads members that lie over each other; their spans are checked here. Declared sizes are not believed.
"""

from __future__ import annotations

import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import pairwise

from gateway.model import Container, Gap, GapReason, Leaf
from gateway.unpack._budget import Budget, Unreadable
from gateway.unpack._encoding import decode
from gateway.unpack._locked_zip import LockedMembers
from gateway.unpack._media_type import OCTETS, ZIP
from gateway.unpack._source import Source, label, names_as_text
from gateway.unpack._zstd import zstd_decompressor

ENCRYPTED_FLAG = 0x1
DESCRIPTOR_FLAG = 0x8  # sizes and CRC follow the data
UTF8_FLAG = 0x800
PIECE_BYTES = 4096  # at once: deflate64 gives a thousand times as much at most, and cannot be stopped before
LOCAL_HEADER = struct.Struct("<4s5H3I2H")
END_RECORD = struct.Struct("<4s4H2IH")
LOCAL_SIGNATURE = b"PK\x03\x04"
END_SIGNATURE = b"PK\x05\x06"
DESCRIPTOR_BYTES = 24  # at most: signature, CRC, two sizes of eight bytes
STRAY_BYTES = 4  # before or behind it all, from which on something else may be hidden there
IN_ZIP64 = 0xFFFFFFFF


class _Zip:
    media_types = frozenset({ZIP})

    def unpack(self, source: Source, media_type: str, budget: Budget) -> Iterator[Leaf | Source]:
        """Open an archive."""
        yield Container(path=source.path, media_type=media_type)
        with opened(source.raw) as archive:
            members = archive.infolist()
            locked = LockedMembers(source.raw, budget)
            yield from ambiguity(source, media_type, archive)
            if not members:
                raise Unreadable(GapReason.UNKNOWN)
            if any(member.flag_bits & ENCRYPTED_FLAG for member in members):
                yield names_as_text(source, media_type, map(member_name, members))
            for member in members:
                if not is_folder(member):
                    budget.spend_member()
                    yield open_member(source, archive, member, locked, budget)


UNPACKER = _Zip()


def opened(raw: bytes) -> zipfile.ZipFile:
    """Read the central directory. Raises: Unreadable (CORRUPT)."""
    try:
        return zipfile.ZipFile(io.BytesIO(raw))
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error) as error:
        raise Unreadable(GapReason.CORRUPT) from error


def open_member(
    source: Source, archive: zipfile.ZipFile, member: zipfile.ZipInfo, locked: LockedMembers, budget: Budget
) -> Leaf | Source:
    """Give a member to be opened, or the gap that it is."""
    name = member_name(member)
    try:
        if member.flag_bits & ENCRYPTED_FLAG:
            return source.child(locked.content(member), name)
        return source.child(_content(archive, source.raw, member, budget), name)
    except Unreadable as unreadable:
        reason = unreadable.reason
    except MemoryError:
        reason = GapReason.TOO_BIG
    except NotImplementedError:  # a method that Python has not
        reason = GapReason.UNKNOWN
    except Exception:  # noqa: BLE001 - damaged in any way that any of the methods knows
        reason = GapReason.CORRUPT
    return Gap(path=(*source.path, label(name)), media_type=OCTETS, reason=reason)


def member_name(member: zipfile.ZipInfo) -> str:
    """Give the name of a member; without the UTF-8 flag it is in whatever its maker's machine spoke, here mostly CP932."""
    name = member.orig_filename
    if not member.flag_bits & UTF8_FLAG:
        with suppress(UnicodeEncodeError):  # then zipfile had it from elsewhere: the Unicode extra field
            name = decode(name.encode("cp437")).text
    return name


def ambiguity(source: Source, media_type: str, archive: zipfile.ZipFile) -> Iterator[Gap]:
    """Give a gap where two readers may find two different things."""
    if _is_ambiguous(source.raw, archive):
        yield Gap(path=source.path, media_type=media_type, reason=GapReason.AMBIGUOUS)


def _is_ambiguous(raw: bytes, archive: zipfile.ZipFile) -> bool:
    """Tell whether another reader might find other members, or something else in a member."""
    members = archive.infolist()
    if len({member.orig_filename.casefold() for member in members}) < len(members):
        return True
    spans = [_span(raw, member) for member in members]
    return any(span is None for span in spans) or not _adjoin(
        sorted(span for span in spans if span), raw, archive.start_dir, len(members)
    )


def _span(raw: bytes, member: zipfile.ZipInfo) -> tuple[int, int, int] | None:
    """Give where a member starts, where it ends, and what may follow it; None where its own header tells another story."""
    start = member.header_offset
    header = raw[start : start + LOCAL_HEADER.size]
    if len(header) < LOCAL_HEADER.size or not header.startswith(LOCAL_SIGNATURE):
        return None
    _, _, flags, method, _, _, _, packed, size, name_length, extra_length = LOCAL_HEADER.unpack(header)
    streamed = flags & DESCRIPTOR_FLAG
    agree = (
        method == member.compress_type
        and (flags ^ member.flag_bits) & (ENCRYPTED_FLAG | UTF8_FLAG) == 0
        and (streamed or packed in (member.compress_size, IN_ZIP64))
        and (streamed or size in (member.file_size, IN_ZIP64))
        and raw[start + LOCAL_HEADER.size : start + LOCAL_HEADER.size + name_length] == _name_bytes(member)
    )
    if not agree:
        return None
    end = start + LOCAL_HEADER.size + name_length + extra_length + member.compress_size
    return start, end, DESCRIPTOR_BYTES if streamed else 0


def _name_bytes(member: zipfile.ZipInfo) -> bytes:
    return member.orig_filename.encode("utf-8" if member.flag_bits & UTF8_FLAG else "cp437", "replace")


def _adjoin(spans: Sequence[tuple[int, int, int]], raw: bytes, directory: int, count: int) -> bool:
    """Tell whether members, directory and end record follow one another, with nothing over, between or behind them."""
    at_start = spans[0][0] if spans else directory
    places = [*spans, (directory, directory, 0)]
    gapless = all(0 <= after[0] - before[1] <= before[2] for before, after in pairwise(places))
    end = raw.find(END_SIGNATURE, directory)
    if end < 0 or len(raw) - end < END_RECORD.size or raw.find(END_SIGNATURE, end + 1) >= 0:
        return False
    *_, told, _, _, comment = END_RECORD.unpack_from(raw, end)
    behind = len(raw) - end - END_RECORD.size - comment
    hidden = raw.find(LOCAL_SIGNATURE, end) >= 0  # an archive in the comment
    return (
        at_start <= STRAY_BYTES
        and gapless
        and told == count & 0xFFFF
        and behind <= STRAY_BYTES
        and not hidden
    )


def is_folder(member: zipfile.ZipInfo) -> bool:
    """Tell a folder, which has a name and nothing in it; what has is a file, however its name ends."""
    return member.is_dir() and member.file_size == 0 and member.compress_size <= 2


def _content(archive: zipfile.ZipFile, raw: bytes, member: zipfile.ZipInfo, budget: Budget) -> bytes:
    """Inflate a member as far as the budget goes, whatever size it claims."""
    if member.compress_type not in _INFLATERS:
        with archive.open(member) as stream:
            return budget.read(stream, member.compress_size, member.file_size)
    start = member.header_offset + LOCAL_HEADER.size
    name_length, extra_length = struct.unpack_from("<2H", raw, start - 4)
    start += name_length + extra_length
    packed = raw[start : start + member.compress_size]
    content = budget.read(_Inflating(packed, _INFLATERS[member.compress_type]()), len(packed))
    if zlib.crc32(content) != member.CRC:
        raise zipfile.BadZipFile
    return content


class _Inflating:
    """A stream over what is packed by a method that Python's zipfile has not."""

    def __init__(self, packed: bytes, inflate: Callable[[bytes], bytes]) -> None:
        self._packed = packed
        self._inflate = inflate
        self._done = 0

    def read(self, _: int, /) -> bytes:
        """Give what the next few bytes become."""
        while self._done < len(self._packed):
            piece = self._packed[self._done : self._done + PIECE_BYTES]
            self._done += len(piece)
            if out := self._inflate(piece):
                return out
        return b""


def _deflate64() -> Callable[[bytes], bytes]:
    import inflate64  # noqa: PLC0415 - for those only who have some

    inflate: Callable[[bytes], bytes] = inflate64.Inflater().inflate
    return inflate


def _zstd() -> Callable[[bytes], bytes]:
    inflate: Callable[[bytes], bytes] = zstd_decompressor().decompress
    return inflate


def _xz() -> Callable[[bytes], bytes]:
    return lzma.LZMADecompressor(lzma.FORMAT_XZ).decompress


_INFLATERS = {9: _deflate64, 93: _zstd, 95: _xz}  # APPNOTE 4.4.5
