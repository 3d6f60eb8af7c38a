"""XML read as a page: paragraphs, cells and tables of documents, by a table of their element names.

In: XML, and what its elements are. Out: a Page. Fails: Unreadable.

No entity is expanded, no DTD loaded, nothing fetched; elements may stand 2,048 deep in each other (libxml2's limit).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from gateway.model import GapReason
from gateway.unpack._budget import Unreadable
from gateway.unpack.html import Page


@dataclass(frozen=True, slots=True)
class Names:
    """What elements of a vocabulary are, by local name: blocks, rows, cells as in HTML; which hold text; what is left out."""

    elements: Mapping[str, str]
    texts: frozenset[str] | None = None  # None: all character data is text
    characters: Mapping[str, str] | None = None  # empty elements that stand for a character
    attributes: frozenset[str] = frozenset()  # that a reader sees
    left_out: frozenset[str] = frozenset()
    repeated: str = ""  # attribute that says how often a cell is meant


class _Walk:
    """lxml calls it for each element and text."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._characters = names.characters or {}
        self._inside = 0
        self._left_out = 0
        self._cells = 0
        self.page = Page(fold=False)

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        local = tag.rpartition("}")[2]
        names = self._names
        if names.texts is None or local in names.texts:
            self._inside += 1
        self._left_out += local in names.left_out
        if local in self._characters:
            self.page.data(self._characters[local])
        for name, value in attributes.items():
            bare = name.rpartition("}")[2]
            if bare in names.attributes and value.strip():
                self.page.aside(value)
        element = names.elements.get(local)
        if element == "td":
            self._cells += 1
        if element and not self._in_cell(element):
            span = attributes.get(names.repeated, "1") if names.repeated else "1"
            self.page.start(element, {"colspan": span})

    def end(self, tag: str) -> None:
        local = tag.rpartition("}")[2]
        names = self._names
        if names.texts is None or local in names.texts:
            self._inside -= 1
        self._left_out -= local in names.left_out
        element = names.elements.get(local)
        if element == "td":
            self._cells -= 1
        if element and self._in_cell(element):
            self.page.data(" ")
        elif element:
            self.page.end(element)

    def _in_cell(self, element: str) -> bool:
        """Tell a paragraph that makes no line of its own, so that a row stays one line."""
        return self._cells > 0 and element == "p"

    def data(self, text: str) -> None:
        if self._inside and not self._left_out:
            self.page.data(text)

    def comment(self, text: str) -> None:
        self.page.aside(text)

    def close(self) -> Page:
        return self.page.close()


def read_markup(raw: bytes, names: Names) -> Page:
    """Read XML. Raises: Unreadable (CORRUPT; AMBIGUOUS where entities are declared)."""
    if b"<!ENTITY" in raw.replace(b"\0", b"").upper():
        raise Unreadable(GapReason.AMBIGUOUS)
    walk = _Walk(names)
    parser = etree.XMLParser(
        target=walk, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True
    )
    try:
        parser.feed(raw)
        parser.close()
    except etree.XMLSyntaxError as error:
        raise Unreadable(GapReason.CORRUPT) from error
    return walk.page
