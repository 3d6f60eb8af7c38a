"""A compound file that is an object in a document: what a program put there, and the file that somebody dragged in (MS-OLEDS).

In: application/x-ole-storage. Out: the files in it, as sources; a gap where there is something else. Fails: Unreadable.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import suppress

from gateway.model import Container, Gap, GapReason, Leaf
from gateway.unpack._budget import Budget, Unreadable
from gateway.unpack._compound import read_stream
from gateway.unpack._encoding import decode
from gateway.unpack._media_type import OLE
from gateway.unpack._source import Source, label

NATIVE = "\x01Ole10Native"
FILES = ("Package", "CONTENTS", "EMBEDDED_ODF")  # a document of today, one of Acrobat, one of OpenDocument
# What Windows notes beside it: whose it is, where it is linked, and how it looks.
NOTES = ("\x01CompObj", "\x01Ole", "\x03ObjInfo", "\x03LinkInfo", "\x02OlePres", "\x03EPRINT", "\x03OlePres")


class _Ole:
    media_types = frozenset({OLE})

    def unpack(self, source: Source, media_type: str, budget: Budget) -> Iterator[Leaf | Source]:
        """Open an object."""
        import olefile  # noqa: PLC0415 - for those only who have some

        found: list[Source] = []
        others = False
        with olefile.OleFileIO(source.raw) as storage:
            for place in storage.listdir():
                budget.spend_member()
                name = place[0]
                if len(place) > 1 or not name.startswith((NATIVE, *FILES, *NOTES)):
                    others = True
                elif name == NATIVE:
                    found.append(_native(source, read_stream(storage, place)))
                elif name in FILES:
                    found.append(source.child(read_stream(storage, place), name))
        if not found:
            raise Unreadable(GapReason.UNKNOWN)
        yield Container(path=source.path, media_type=media_type)
        yield from found
        if others:
            yield Gap(path=source.path, media_type=media_type, reason=GapReason.UNKNOWN)


UNPACKER = _Ole()


def _native(source: Source, raw: bytes) -> Source:
    """Give the file that the Packager keeps: its name, two paths, its length, and it; others keep it alone, behind its length."""
    with suppress(ValueError, struct.error):
        name_end = raw.index(b"\0", 6)
        path_end = raw.index(b"\0", name_end + 1)
        _, length = struct.unpack_from("<II", raw, path_end + 1)
        at = path_end + 9 + length
        (size,) = struct.unpack_from("<I", raw, at)
        if size and at + 4 + size <= len(raw):
            return source.child(raw[at + 4 : at + 4 + size], decode(raw[6:name_end]).text or label("object"))
    return source.child(raw[4:], "object")
