"""Word's old .doc (MS-DOC).

In: the compound file. Out: its text: body, footnotes, headers, comments, text boxes, in one. Fails: Unreadable.

The text lies in pieces all over the file; the piece table says where (2.8.35). What was removed stays in the file and is in
no piece: no reader shows it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

import regex

from gateway.model import Container, Gap, GapReason, Leaf
from gateway.unpack._budget import Budget, Unreadable
from gateway.unpack._compound import read_stream
from gateway.unpack._media_type import DOC
from gateway.unpack._source import Source, label, unless_bare
from gateway.unpack.locked_office import unlocked
from gateway.unpack.text import as_leaves

MAGIC = 0xA5EC
ENCRYPTED, WHICH_TABLE = 0x0100, 0x0200  # flags at 0x0A
CLX_AT = 0x01A2  # fcClx and lcbClx of FibRgFcLcb97
PIECES, PROPERTIES = 2, 1
EIGHT_BIT = 0x40000000
_MARKS = {7: "\t", 11: "\n", 12: "\n", 13: "\n", 30: "-", 31: "", 160: " "}
_FIELD = regex.compile(r"[\x13-\x15]")
_UNSHOWN = regex.compile(r"[\x00-\x08\x0e-\x1f]")
OBJECTS = ("ObjectPool", "Macros")


class _Word97:
    media_types = frozenset({DOC})

    def unpack(self, source: Source, media_type: str, budget: Budget) -> Iterator[Leaf | Source]:
        """Open a document."""
        import olefile  # noqa: PLC0415 - for those only who have some

        yield Container(path=source.path, media_type=media_type)
        with olefile.OleFileIO(source.raw) as storage:
            main = read_stream(storage, "WordDocument")
            magic, flags = struct.unpack_from("<H8xH", main)
            if magic != MAGIC:
                raise Unreadable(GapReason.UNKNOWN)
            if flags & ENCRYPTED:
                yield unlocked(source, budget)
                return
            table = read_stream(storage, "1Table" if flags & WHICH_TABLE else "0Table")
            objects = [name for name in OBJECTS if storage.exists(name)]
            pictures = storage.exists("Data") and storage.get_size("Data") > 0
        text = "".join(_pieces(main, table))
        budget.spend_bytes(len(text))
        text = _UNSHOWN.sub("", _FIELD.sub(" ", text.translate(_MARKS)))
        yield from unless_bare(as_leaves(source, media_type, text), source, media_type)
        for name in objects:
            yield Gap(path=(*source.path, label(name)), media_type=media_type, reason=GapReason.UNKNOWN)
        if pictures:
            yield Gap(path=(*source.path, "Data"), media_type=media_type, reason=GapReason.IMAGE)


UNPACKER = _Word97()


def _pieces(main: bytes, table: bytes) -> Iterator[str]:
    """Give the text of each piece (2.4.1)."""
    start, length = struct.unpack_from("<II", main, CLX_AT)
    clx = table[start : start + length]
    at = 0
    while at < len(clx) and clx[at] == PROPERTIES:
        at += 3 + int.from_bytes(clx[at + 1 : at + 3], "little")
    if at >= len(clx) or clx[at] != PIECES:
        raise Unreadable(GapReason.CORRUPT)
    plc = clx[at + 5 : at + 5 + int.from_bytes(clx[at + 1 : at + 5], "little")]
    count = (len(plc) - 4) // 12  # count + 1 positions of four bytes, count descriptors of eight
    places = struct.unpack_from(f"<{count + 1}I", plc)
    for number in range(count):
        (where,) = struct.unpack_from("<I", plc, 4 * (count + 1) + 8 * number + 2)
        characters = places[number + 1] - places[number]
        if where & EIGHT_BIT:
            begin = (where & ~EIGHT_BIT) // 2
            yield main[begin : begin + characters].decode("cp1252", "replace")
        else:
            yield main[where : where + 2 * characters].decode("utf-16-le", "replace")
