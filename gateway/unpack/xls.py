"""What an .xls says beside its cells (MS-XLS): text boxes and comments, headers and footers, strings that no cell has.

In: the compound file. Out: a Text; embedded objects as gaps. Fails: Unreadable.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from gateway.model import Gap, GapReason, Leaf, Text
from gateway.unpack._compound import read_stream
from gateway.unpack._media_type import XLS
from gateway.unpack._source import Source, label

TXO, CONTINUE, HEADER, FOOTER = 0x01B6, 0x003C, 0x0014, 0x0015
FILE_PASS, EOF = 0x002F, 0x000A
STREAMS = ("Workbook", "Book")
EMBEDDED = ("MBD", "_VBA_PROJECT_CUR", "ObjectPool")  # storages of objects and of macros


def beside_the_cells(source: Source, seen: set[str]) -> Iterator[Leaf]:
    """Read the texts that calamine does not give."""
    import olefile  # noqa: PLC0415 - for those only who have some

    with olefile.OleFileIO(source.raw) as storage:
        texts: list[str] = []
        for name in STREAMS:
            if storage.exists(name):
                texts += _texts(read_stream(storage, name))
        for place in storage.listdir(streams=False, storages=True):
            if len(place) == 1 and place[0].startswith(EMBEDDED):
                yield Gap(path=(*source.path, label(place[0])), media_type=XLS, reason=GapReason.UNKNOWN)
    said = [text for text in dict.fromkeys(texts) if text.strip() and text not in seen]
    if said:
        yield Text(path=source.path, media_type=XLS, encoding=None, content="\n".join(said))


def is_locked(raw: bytes) -> bool:
    """Tell whether a workbook wants a password: before the end of its globals stands a FilePass (2.4.117)."""
    import olefile  # noqa: PLC0415 - for those only who have some

    with olefile.OleFileIO(raw) as storage:
        streams = [read_stream(storage, name) for name in STREAMS if storage.exists(name)]
    return any(_has_file_pass(stream) for stream in streams)


def _has_file_pass(raw: bytes) -> bool:
    at = 0
    while at + 4 <= len(raw):
        kind, length = struct.unpack_from("<HH", raw, at)
        if kind in (FILE_PASS, EOF):
            return bool(kind == FILE_PASS)
        at += 4 + length
    return False


def _texts(raw: bytes) -> Iterator[str]:
    """Walk the records of BIFF8: a type, a length, so many bytes."""
    at = 0
    after_text_box = False
    while at + 4 <= len(raw):
        kind, length = struct.unpack_from("<HH", raw, at)
        body = raw[at + 4 : at + 4 + length]
        if kind in (HEADER, FOOTER) and length > 3:  # XLUnicodeString: count, flags, characters
            yield _unicode(body[2:])
        elif kind == CONTINUE and after_text_box and length > 1:
            yield _unicode(body)
        after_text_box = kind == TXO
        at += 4 + length


def _unicode(raw: bytes) -> str:
    """Read characters behind their flag: two bytes each, or one (MS-XLS, 2.5.293)."""
    return raw[1:].decode("utf-16-le" if raw[0] & 1 else "latin-1", "replace")
