"""PowerPoint's old .ppt (MS-PPT).

In: the compound file. Out: the text of slides, notes and masters. Fails: Unreadable.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from gateway.model import Container, Gap, GapReason, Leaf, Text
from gateway.unpack._budget import Budget
from gateway.unpack._compound import read_stream
from gateway.unpack._media_type import PPT
from gateway.unpack._source import Source, label
from gateway.unpack.locked_office import unlocked

WIDE, NARROW, STRING = 0x0FA0, 0x0FA8, 0x0FBA  # TextCharsAtom, TextBytesAtom, CString
OBJECT = 0x1011  # ExOleObjStg: what is embedded
CONTAINER_VERSION = 0xF
ENCRYPTED_TOKEN = 0xF3D1C4DF  # CurrentUserAtom.headerToken (2.3.2)
MAX_DEPTH = 50


class _PowerPoint97:
    media_types = frozenset({PPT})

    def unpack(self, source: Source, media_type: str, budget: Budget) -> Iterator[Leaf | Source]:
        """Open a presentation."""
        import olefile  # noqa: PLC0415 - for those only who have some

        yield Container(path=source.path, media_type=media_type)
        with olefile.OleFileIO(source.raw) as storage:
            if storage.exists("Current User"):
                user = read_stream(storage, "Current User")
                if len(user) >= 16 and struct.unpack_from("<I", user, 12)[0] == ENCRYPTED_TOKEN:
                    yield unlocked(source, budget)
                    return
            raw = read_stream(storage, "PowerPoint Document")
            pictures = storage.exists("Pictures") and storage.get_size("Pictures") > 0
        budget.spend_bytes(len(raw))
        texts: list[str] = []
        objects = _walk(raw, texts)
        content = "\n".join(text.replace("\r", "\n").replace("\v", "\n") for text in texts if text.strip())
        if content or raw:
            yield Text(path=source.path, media_type=media_type, encoding=None, content=content)
        if objects:
            yield Gap(path=(*source.path, label("objects")), media_type=media_type, reason=GapReason.UNKNOWN)
        if pictures:
            yield Gap(path=(*source.path, label("Pictures")), media_type=media_type, reason=GapReason.IMAGE)


UNPACKER = _PowerPoint97()


def _walk(raw: bytes, texts: list[str]) -> int:
    """Walk the records (2.3.1), into containers; note the texts, count the embedded objects."""
    objects = 0
    ends: list[int] = []
    at = 0
    while at + 8 <= len(raw):
        while ends and at >= ends[-1]:
            ends.pop()
        version, kind, length = struct.unpack_from("<HHI", raw, at)
        at += 8
        if version & CONTAINER_VERSION == CONTAINER_VERSION and len(ends) < MAX_DEPTH:
            ends.append(at + length)
            continue
        body = raw[at : at + length]
        if kind in (WIDE, STRING):
            texts.append(body.decode("utf-16-le", "replace"))
        elif kind == NARROW:
            texts.append(body.decode("latin-1"))
        objects += kind == OBJECT
        at += length
    return objects
