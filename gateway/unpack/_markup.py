"""XML read as a page: paragraphs, cells and tables of documents, by a table of their element names.

In: XML, and what its elements are. Out: a Page. Fails: Unreadable.

No entity is expanded, no DTD loaded, nothing fetched; elements may stand 2,048 deep in each other (libxml2's limit).
What the table of names does not know is read, too, where it says how to reach somebody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from gateway.model import GapReason
from gateway.unpack._beside import may_tell, telling
from gateway.unpack._budget import Unreadable
from gateway.unpack.html import Page


@dataclass(frozen=True, slots=True)
class Names:
    """What elements of a vocabulary are, by local name: blocks, rows, cells as in HTML; which hold text; what is left out."""

    elements: Mapping[str, str]
    texts: frozenset[str] | None = None  # None: all character data is text
    characters: Mapping[str, str] | None = None  # empty elements that stand for a character
    attributes: frozenset[str] = frozenset()  # that a reader sees
    left_out: frozenset[str] = frozenset()  # unless it says how to reach somebody
    repeated: str = ""  # attribute that says how often a cell is meant


class _Walk:
    """lxml calls it for each element and text."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._characters = names.characters or {}
        self._inside = 0
        self._left_out = 0
        self._cells = 0
        self._beside: list[str] = []  # what no name says to be shown
        self._dull: set[str] = set()  # values that tell nothing: most come again and again
        self._unnamed: list[str] = []  # pieces of text of the element that is open
        self.page = Page(fold=False)

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        local = tag.rpartition("}")[2]
        names = self._names
        if self._unnamed:
            self._flush()
        if names.texts is None or local in names.texts:
            self._inside += 1
        self._left_out += local in names.left_out
        if local in self._characters:
            self.page.data(self._characters[local])
        if attributes:
            self._attributes(attributes)
        element = names.elements.get(local)
        if element == "td":
            self._cells += 1
        if element and not self._in_cell(element):
            span = attributes.get(names.repeated, "1") if names.repeated else "1"
            self.page.start(element, {"colspan": span})

    def end(self, tag: str) -> None:
        local = tag.rpartition("}")[2]
        names = self._names
        if self._unnamed:
            self._flush()
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
        else:
            self._unnamed.append(text)

    def comment(self, text: str) -> None:
        self.page.aside(text)

    def close(self) -> Page:
        if self._unnamed:
            self._flush()
        for value in telling(self._beside):
            self.page.aside(value)
        return self.page.close()

    def _attributes(self, attributes: Mapping[str, str]) -> None:
        """Read what a reader sees; of the others what may tell, an element in a line."""
        shown = self._names.attributes
        beside: list[str] = []
        for name, value in attributes.items():
            if shown and name.rpartition("}")[2] in shown:
                if value.strip():
                    self.page.aside(value)
            elif value not in self._dull:
                if may_tell(value):
                    beside.append(value)
                else:
                    self._dull.add(value)
        if beside:
            self._beside.append(" ".join(beside))

    def _flush(self) -> None:
        """End a text that no name says to be shown."""
        text = "".join(self._unnamed).strip()
        self._unnamed.clear()
        if may_tell(text):
            self._beside.append(text)


def tree_of(raw: bytes) -> etree._Element:
    """Read XML as a tree, for what refers to something else. Raises: Unreadable (CORRUPT; AMBIGUOUS where entities are declared)."""
    _refuse_entities(raw)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        return etree.fromstring(raw, parser)
    except etree.XMLSyntaxError as error:
        raise Unreadable(GapReason.CORRUPT) from error


def _refuse_entities(raw: bytes) -> None:
    if b"<!ENTITY" in raw.replace(b"\0", b"").upper():
        raise Unreadable(GapReason.AMBIGUOUS)


def read_markup(raw: bytes, names: Names) -> Page:
    """Read XML. Raises: Unreadable (CORRUPT; AMBIGUOUS where entities are declared)."""
    _refuse_entities(raw)
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
