"""Outlook's winmail.dat (TNEF, MS-OXTNEF).

In: application/ms-tnef. Out: the letter in each form it has, all its strings, its attachments. Fails: Unreadable.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import replace

import regex

from gateway.model import Container, Gap, GapReason, Leaf, Text
from gateway.unpack._budget import Budget
from gateway.unpack._encoding import decode
from gateway.unpack._media_type import HTML, TNEF
from gateway.unpack._source import Source

_UNSHOWN = regex.compile(r"[\r\n\t\0\u3000\xa0]")

logging.getLogger("tnefparse").setLevel(logging.CRITICAL)  # what it says, the gaps say


class _Tnef:
    media_types = frozenset({TNEF})

    def unpack(self, source: Source, media_type: str, budget: Budget) -> Iterator[Leaf | Source]:
        """Open a letter."""
        import tnefparse  # noqa: PLC0415 - for those only who have some

        yield Container(path=source.path, media_type=media_type)
        letter = tnefparse.TNEF(source.raw, do_checksum=True)
        if not all(one.good_checksum for one in letter.objects):
            yield Gap(path=source.path, media_type=media_type, reason=GapReason.CORRUPT)
        attached = [one for attachment in letter.attachments for one in attachment.mapi_attrs]
        said = [one.data for one in (*letter.mapiprops, *letter.msgprops, *attached)]
        strings = "\n".join(_strings((letter.body, *said)))
        if strings:
            yield Text(path=source.path, media_type=media_type, encoding=None, content=strings)
        if letter.htmlbody:
            yield replace(source.child(_bytes(letter.htmlbody), "body.html"), declared=HTML)
        if letter.rtfbody:
            yield source.child(_bytes(letter.rtfbody), "body.rtf")
        for attachment in letter.attachments:
            budget.spend_member()
            if attachment.data:
                yield source.child(attachment.data, _name(attachment))


UNPACKER = _Tnef()


def _name(attachment: object) -> str:
    try:
        name = attachment.long_filename()  # type: ignore[attr-defined]
    except UnicodeDecodeError:
        name = attachment._name  # type: ignore[attr-defined]  # noqa: SLF001 - CP932, where it wants UTF-8
    return (decode(name).text if isinstance(name, bytes) else str(name)).strip("\0")


def _strings(values: Iterable[object]) -> Iterator[str]:
    """Give the texts among the properties, those of recipients too."""
    for value in values:
        match value:
            case str():
                text = value
            case bytes():
                text = decode(value.strip(b"\0")).text
                text = text if _UNSHOWN.sub("", text).isprintable() else ""  # most bytes are no text
            case list() | tuple():
                yield from _strings(value)
                continue
            case _ if hasattr(value, "data"):
                yield from _strings((value.data,))
                continue
            case _:
                continue
        if text.strip("\0 \r\n\t"):
            yield text.strip("\0")


def _bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value
