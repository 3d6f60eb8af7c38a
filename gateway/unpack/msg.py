"""Outlook's .msg (MS-OXMSG): a compound file in which each property is a stream named for it.

In: application/vnd.ms-outlook. Out: all its strings, the letter in each form it has, its attachments. Fails: Unreadable.

Streams are read by their type, not by a list of properties, so that none is passed over; letters in the letter are
storages in it and are read along with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import regex

from gateway.model import Container, Leaf, Text
from gateway.unpack._budget import Budget
from gateway.unpack._compound import read_stream
from gateway.unpack._encoding import decode
from gateway.unpack._media_type import HTML, MSG
from gateway.unpack._source import Source

_STREAM = regex.compile(r"__substg1\.0_([0-9A-F]{4})([0-9A-F]{4})(?:-[0-9A-F]{8})?", regex.I)
WIDE, NARROW, BINARY = "001F", "001E", "0102"
HTML_BODY, RTF_BODY, ATTACHED = "1013", "1009", "3701"
NAMES = ("3707", "3704", "3001")  # of an attachment: long, short, as shown


class _Msg:
    media_types = frozenset({MSG})

    def unpack(self, source: Source, media_type: str, budget: Budget) -> Iterator[Leaf | Source]:
        """Open a letter."""
        import olefile  # noqa: PLC0415 - for those only who have some

        yield Container(path=source.path, media_type=media_type)
        with olefile.OleFileIO(source.raw) as storage:
            strings: list[str] = []
            for place in storage.listdir():
                found = _STREAM.fullmatch(place[-1])
                if found is None or found[2] not in (WIDE, NARROW, BINARY) or place[0].startswith("__nameid"):
                    continue
                budget.spend_member()
                raw = read_stream(storage, place)
                if found[2] != BINARY:
                    strings.append(_text(raw, found[2]).strip("\0"))
                elif found[1].upper() == HTML_BODY:
                    yield replace(source.child(raw, "body.html"), declared=HTML)
                elif found[1].upper() == RTF_BODY and raw:
                    yield source.child(_decompressed(raw), "body.rtf")
                elif found[1].upper() == ATTACHED:
                    yield source.child(raw, _name(storage, place))
        text = "\n".join(filter(None, strings))
        if text:
            yield Text(path=source.path, media_type=media_type, encoding=None, content=text)


UNPACKER = _Msg()


def _text(raw: bytes, kind: str) -> str:
    return raw.decode("utf-16-le", "replace") if kind == WIDE else decode(raw).text


def _decompressed(raw: bytes) -> bytes:
    import compressed_rtf  # noqa: PLC0415

    plain: bytes = compressed_rtf.decompress(raw)
    return plain


def _name(storage: Any, place: list[str]) -> str:
    for code in NAMES:
        for kind in (WIDE, NARROW):
            stream = [*place[:-1], f"__substg1.0_{code}{kind}"]
            if storage.exists(stream):
                return _text(read_stream(storage, stream), kind).strip("\0")
    return place[-2] if len(place) > 1 else place[-1]
