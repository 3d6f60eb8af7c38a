"""HTML, read as its reader reads it, and its tables.

In: text/html. Out: a Text of the whole, a Table for each table of data, what stands in it as data: URIs. Fails: never.

A word that markup cuts stays one (山<b>田</b>), cells and blocks stay apart; hidden text, comments and what scripts hold
are read too, and where hidden text cuts a word, the page is read without it as well. Read as a stream of tags: a tree ends where they stand too deep in each other, and what follows is lost.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence

import regex
from lxml import etree

from gateway.model import Gap, GapReason, Leaf, Path, Table, Text
from gateway.unpack._beside import telling
from gateway.unpack._budget import Budget
from gateway.unpack._data_uri import data_uris
from gateway.unpack._embedded import embedded, embedded_in_page
from gateway.unpack._encoding import Decoded, decode
from gateway.unpack._media_type import HTML
from gateway.unpack._source import Source, unless_bare
from gateway.unpack.csv import framed

_BLOCK_NAMES = """address article aside blockquote body br caption center dd details dialog dir div dl dt fieldset figcaption figure
footer form frame h1 h2 h3 h4 h5 h6 head header hr html iframe legend li link main menu meta nav noscript ol optgroup option p pre
section select summary table tbody template textarea tfoot thead title tr ul"""
BLOCKS = frozenset(_BLOCK_NAMES.split())
CELLS = frozenset({"td", "th"})
KEPT_LINES = frozenset({"pre", "textarea", "listing", "xmp", "plaintext"})
SHOWN = frozenset({"alt", "title", "value", "placeholder", "label", "summary", "aria-label", "content"})
_LINKS = frozenset({"href", "src", "srcset", "action", "background", "cite", "id", "class", "style"})
CELL_END = "\x1f"  # a tab, once the white space of the source is folded
END = "sekisho-end"  # an element after the last; where it is not seen, something has swallowed the rest
TABLE_ROWS = 5  # fewer are as likely a layout
MAX_PAGES_IN_PAGES = 8
MAX_OPEN = 1000  # elements in each other; beyond, each end tag that ends nothing costs as much time
MAX_SPAN = 100
PIECE = 64 << 10  # characters at once

_ESCAPES = regex.compile(r"(?:\\u[0-9a-fA-F]{4})+")  # as JSON writes what is not English
_STRING = regex.compile(r"\"([^\"\n]*+)\"|'([^'\n]*+)'")
_SPACES = regex.compile(r"[ \t\r\n\f\v]++")
_SPACES_IN_LINE = regex.compile(r"[ \t\r\f\v]++")
_CHARSET = regex.compile(rb"charset\s*=\s*[\"']?([\w-]+)", regex.I)
_ANY_TAG = regex.compile(r"</?[a-z][a-z0-9]*+\s*+>", regex.I)  # without attributes, which are read as text
_A_BLOCK = regex.compile(r"<(?:p|br|div|td|li|h\d)\b", regex.I)
_HIDES = regex.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d]*[1-9])", regex.I
)
_NO_NAME = regex.compile(r"[^a-z:_.-]")


class _Html:
    media_types = frozenset({HTML})

    def unpack(self, source: Source, media_type: str, budget: Budget) -> Iterator[Leaf | Source]:
        """Read a page, in both encodings where two are plausible."""
        named = _CHARSET.search(source.raw[:4096])
        decoded: Decoded | None = decode(
            source.raw, source.charset or (named[1].decode("ascii", "replace") if named else None)
        )
        if decoded is not None and decoded.damaged:
            yield Gap(path=source.path, media_type=media_type, reason=GapReason.CORRUPT)
        while decoded is not None:
            page = read_page(decoded.text)
            leaves = page_leaves(page, source.path, media_type, decoded.encoding)
            yield from unless_bare(leaves, source, media_type)
            if page.too_deep:
                yield Gap(path=source.path, media_type=media_type, reason=GapReason.TOO_DEEP)
            for number, raw in enumerate(data_uris(decoded.text), 1):
                budget.spend_member()
                yield source.child(raw, f"data {number}")
            decoded = decoded.alternative
        if b"<" not in source.raw:  # no page at all: somebody forgot to say how it is wrapped
            yield from embedded(source, budget)
        else:
            yield from embedded_in_page(source, budget)


UNPACKER = _Html()


def page_leaves(page: Page, path: Path, media_type: str, encoding: str | None = None) -> Iterator[Leaf]:
    """Give a page's text and its tables."""
    content = page.content()
    if content:
        yield Text(path=path, media_type=media_type, encoding=encoding, content=content)
    if (seen := page.seen()) is not None:
        yield Text(path=path, media_type=media_type, encoding=encoding, content=seen)
    for number, rows in enumerate(page.tables, 1):
        frame, header, _ = framed(rows)
        yield Table(
            path=(*path, f"table {number}"),
            media_type=media_type,
            encoding=encoding,
            frame=frame,
            header=header,
        )


class _OpenTable:
    """A table that is being read."""

    def __init__(self) -> None:
        self.rows: list[list[str]] = []
        self.cell: int | None = None  # where the text of the open cell begins
        self.span = 1
        self.holds_tables = False


class _TooDeep(Exception):
    """Elements stand too deep in each other."""


class Page:
    """A page as far as it has been read; lxml calls it for each tag, text and comment."""

    def __init__(self, *, fold: bool, depth: int = 0, quotes: bool = True) -> None:
        self.tables: list[list[list[str]]] = []
        self.whole = False  # whether the end was seen as the end
        self.too_deep = False
        self._elements = 0  # that are open
        self._depth = depth
        self._fold = fold  # whether line ends are white space
        self._quotes = quotes  # whether they are left
        self._shown: list[str] = []  # text as it is seen
        self._beside: list[str] = []  # attributes, scripts: what is there, but not in the run of the text
        self._open: list[_OpenTable] = []
        self._opaque: str | None = None
        self._kept = 0
        self._hiding: list[tuple[int, int]] = []  # elements that are not shown: their depth, where they begin
        self._hidden: list[tuple[int, int]] = []  # what of `_shown` stands in them

    def content(self) -> str:
        """Give the text, block by block, then what stood beside it."""
        return _in_lines("".join(self._shown), self._beside)

    def seen(self) -> str | None:
        """Give the text less what is not shown, where that stands inside a word: 山<i style="display:none">x</i>田; else None."""
        pieces = list(self._shown)
        if not any(_in_word(pieces, *place) for place in self._hidden):
            return None
        for start, end in self._hidden:
            pieces[start:end] = [""] * (end - start)
        return _in_lines("".join(pieces), ())

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Take a start tag."""
        self.whole = name == END
        self._elements += 1
        if self._elements > MAX_OPEN:
            raise _TooDeep
        if name in ("script", "style"):
            self._opaque = name
        if name in KEPT_LINES:
            self._kept += 1
        if attributes:
            self._attributes(attributes)
            if _HIDES.search(attributes.get("style", "")):
                self._hiding.append((self._elements, len(self._shown)))
        if name == "table":
            if self._open:
                self._open[-1].holds_tables = True  # a layout: only the innermost are data
            self._open.append(_OpenTable())
        elif self._open and (name == "tr" or name in CELLS):
            self._row_or_cell(name, attributes)
        if name in BLOCKS:
            self._shown.append("\n")

    def end(self, name: str) -> None:
        """Take an end tag, or where there might have been one."""
        self._opaque = None
        self._elements -= 1
        if name in KEPT_LINES:
            self._kept -= 1
        while self._hiding and self._hiding[-1][0] > self._elements:
            self._hidden.append((self._hiding.pop()[1], len(self._shown)))
        if self._open:
            if name == "table":
                self._close_table()
            elif name == "tr" or name in CELLS:
                self._close_cell(self._open[-1])
        if name in BLOCKS:
            self._shown.append("\n")
        elif name in CELLS:
            self._shown.append(CELL_END)

    def data(self, text: str) -> None:
        """Take text, or a piece of it."""
        self.whole = END in text
        if self._opaque == "style" and self._quotes:  # the rules are nobody's text, but content: "…" is
            self._beside += (a or b for a, b in _STRING.findall(text))
        elif self._opaque:
            self._beside.append(_ESCAPES.sub(_unescaped, text).strip())
        else:
            spaces = _SPACES if self._fold and not self._kept else _SPACES_IN_LINE
            self._shown.append(spaces.sub(" ", text))

    def comment(self, text: str) -> None:
        """Read what is a page in a page: a comment, or a frame's srcdoc."""
        self.whole = END in text
        if "<" in text and self._depth < MAX_PAGES_IN_PAGES:
            page = read_page(text, self._depth + 1)
            self._beside.append(page.content())
            self.tables += page.tables
        else:
            self._beside.append(text.strip())

    def aside(self, text: str) -> None:
        """Take text that stands beside the run of the text."""
        self._beside.append(_SPACES.sub(" ", text).strip())

    def close(self) -> Page:
        """End."""
        while self._open:
            self._close_table()
        return self

    def _attributes(self, attributes: Mapping[str, str]) -> None:
        for name, value in attributes.items():
            if name == "srcdoc":
                self.comment(value)
            elif (
                name in SHOWN
                or name.startswith("data-")
                or (name == "href" and value.lstrip().lower().startswith(("mailto:", "tel:")))
            ) or (name not in _LINKS and telling([value])):
                self.aside(value)
            elif _NO_NAME.search(name):  # text that looked like a tag: "a <b, 山田 太郎>"
                self._beside.append(f"{name} {value}")

    def _row_or_cell(self, name: str, attributes: Mapping[str, str]) -> None:
        """Begin a row or cell; what begins ends what was open before it."""
        table = self._open[-1]
        self._close_cell(table)
        if name == "tr" or not table.rows:
            table.rows.append([])
        if name != "tr":
            span = attributes.get("colspan", "1").strip()
            table.span = max(1, min(MAX_SPAN, int(span))) if span.isdecimal() else 1
            table.cell = len(self._shown)

    def _close_cell(self, table: _OpenTable) -> None:
        if table.cell is None:
            return
        if not table.holds_tables:
            cell = "".join(self._shown[table.cell :]).replace(CELL_END, " ")
            table.rows[-1] += [_SPACES.sub(" ", cell).strip(), *[""] * (table.span - 1)]
        table.cell = None

    def _close_table(self) -> None:
        table = self._open.pop()
        self._close_cell(table)
        rows = [row for row in table.rows if any(row)]
        if not table.holds_tables and len(rows) >= TABLE_ROWS and max(map(len, rows)) >= 2:
            self.tables.append(rows)


def _in_lines(shown: str, beside: Sequence[str]) -> str:
    lines = [line.replace(CELL_END, "\t").strip() for line in shown.split("\n")]
    return (
        "\n".join(line for line in (*lines, *beside) if line).replace(f"<{END}>", "").replace(f"<{END}", "")
    )


def _in_word(pieces: Sequence[str], start: int, end: int) -> bool:
    """Tell whether some pieces of a text have a letter or a digit on either side."""
    before, after = "".join(pieces[max(0, start - 1) : start]), "".join(pieces[end : end + 1])
    return before[-1:].isalnum() and after[:1].isalnum()


def _unescaped(found: regex.Match[str]) -> str:
    units = bytes.fromhex(found[0].replace("\\u", ""))
    return units.decode("utf-16-be", "replace")


def read_page(text: str, depth: int = 0) -> Page:
    """Read a page."""
    text = text.replace("\0", "").replace(CELL_END, " ").encode("utf-8", "replace").decode("utf-8")
    page = _parsed(text, depth)
    if not page.whole:  # a quote is open to the end of it all: then quotes mean nothing
        page = _parsed(text.replace('"', " ").replace("'", " "), depth, quotes=False)
    return page


def _parsed(text: str, depth: int, *, quotes: bool = True) -> Page:
    # Where no element makes lines, somebody thought that line ends were lines.
    page = Page(fold=_A_BLOCK.search(text) is not None, depth=depth, quotes=quotes)
    parser = etree.HTMLParser(target=page, huge_tree=True)
    try:
        text += f"<{END}>"
        for at in range(0, len(text), PIECE):  # where it is too deep, nobody reads on
            parser.feed(text[at : at + PIECE])
        parser.close()
    except _TooDeep:  # what it says is read all the same, as if the tags were white space
        page = Page(fold=False, depth=depth)
        page.data(_ANY_TAG.sub(" ", html.unescape(text.removesuffix(f"<{END}>"))))
        page.whole = page.too_deep = True
    return page
