"""HTML, read as its reader reads it, and its tables.

In: text/html. Out: a Text of the whole, a Table for each table of data. Fails: never.

A word that markup cuts stays one (山<b>田</b>), cells and blocks stay apart; hidden text and comments are read too.
"""

from __future__ import annotations

import binascii
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote_to_bytes

import regex

from gateway.model import Gap, GapReason, Leaf, Table, Text
from gateway.unpack._budget import Budget
from gateway.unpack._encoding import decode
from gateway.unpack._media_type import HTML
from gateway.unpack._source import Source
from gateway.unpack.csv import framed

BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "br",
        "caption",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "option",
        "p",
        "pre",
        "section",
        "table",
        "tbody",
        "tfoot",
        "thead",
        "title",
        "tr",
        "ul",
    ]
)
CELLS = frozenset({"td", "th"})
CELL_END = "\x1f"  # a tab, once the white space of the source is folded
UNSEEN = frozenset({"script", "style"})
TABLE_ROWS = 5  # fewer are as likely a layout
MAX_DEPTH = 2000
_DATA_URI = regex.compile(r"data:([\w/+.-]*)((?:;[\w=-]+)*),([^\"'\s>)]+)", regex.I)
_SPACES = regex.compile(r"[ \t\r\f\v]+")
_CHARSET = regex.compile(rb"charset=[\"']?([\w-]+)", regex.I)


class _Html:
    media_types = frozenset({HTML})

    def unpack(self, source: Source, media_type: str, budget: Budget) -> Iterator[Leaf | Source]:
        """Read a page."""
        from lxml import etree, html  # noqa: PLC0415 - for those only who have HTML

        named = _CHARSET.search(source.raw[:4096])
        decoded = decode(source.raw, source.charset or (named[1].decode() if named else None))
        parser = html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False, remove_comments=False)
        try:
            root = html.document_fromstring(decoded.text.encode("utf-8", "replace"), parser=parser)
        except etree.ParserError:  # nothing in it
            yield Text(
                path=source.path, media_type=media_type, encoding=decoded.encoding, content=decoded.text
            )
            return
        yield Text(path=source.path, media_type=media_type, encoding=decoded.encoding, content=_text(root))
        for number, rows in enumerate(_tables(root), 1):
            frame, header, _ = framed(rows)
            path = (*source.path, f"table {number}")
            yield Table(
                path=path, media_type=media_type, encoding=decoded.encoding, frame=frame, header=header
            )
        yield from _data(source, decoded.text, budget)


UNPACKER = _Html()


def _text(root: Any) -> str:
    """Walk a tree once, without recursion, and put line ends where blocks end."""
    out: list[str] = []
    stack: list[tuple[Any, bool]] = [(root, False)]
    while stack:
        element, leaving = stack.pop()
        tag = element.tag if isinstance(element.tag, str) else ""
        if leaving:
            out.append(_end(tag))
            out.append(element.tail or "")
            continue
        stack.append((element, True))
        if tag in UNSEEN:
            continue
        if tag in BLOCKS:
            out.append("\n")
        out.append(element.text or "")
        stack.extend((child, False) for child in reversed(element))
    lines = (_SPACES.sub(" ", line).replace(CELL_END, "\t").strip() for line in "".join(out).split("\n"))
    return "\n".join(line for line in lines if line)


def _end(tag: str) -> str:
    if tag in BLOCKS:
        return "\n"
    return CELL_END if tag in CELLS else ""


def _tables(root: Any) -> Iterator[list[list[str]]]:
    """Give the innermost tables that have rows and columns enough to be data."""
    for table in root.iter("table"):
        if next(table.iterdescendants("table"), None) is not None:
            continue
        rows = [
            [_SPACES.sub(" ", _text(cell).replace("\n", " ")) for cell in row.iterchildren("td", "th")]
            for row in table.iter("tr")
        ]
        rows = [row for row in rows if any(row)]
        if len(rows) >= TABLE_ROWS and max(map(len, rows)) >= 2:
            yield rows


def _data(source: Source, text: str, budget: Budget) -> Iterator[Leaf | Source]:
    """Give what stands in the page itself as data: URIs (RFC 2397)."""
    for number, found in enumerate(_DATA_URI.finditer(text), 1):
        budget.spend_member()
        raw = unquote_to_bytes(found[3])
        if ";base64" in found[2].lower():
            try:
                raw = binascii.a2b_base64(raw)
            except binascii.Error:
                yield Gap(path=source.path, media_type=found[1] or HTML, reason=GapReason.CORRUPT)
                continue
        yield source.child(raw, f"data {number}")
