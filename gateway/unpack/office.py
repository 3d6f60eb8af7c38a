"""Word, PowerPoint and OpenDocument texts: the body, and all that a reader may come upon beside it.

In: .docx, .pptx, .odt, .odp, .odg. Out: a Text and its tables for each part; embedded files and pictures as sources. Fails:
Unreadable.

Every part is read, whatever refers to it: headers, footnotes, comments, notes, text boxes, what tracked changes removed.
"""

from __future__ import annotations

from collections.abc import Iterator

import regex

from gateway.model import Container, Gap, Leaf
from gateway.unpack._budget import Budget, Unreadable
from gateway.unpack._encoding import decode
from gateway.unpack._markup import Names, read_markup
from gateway.unpack._media_type import DOCX, IMAGES, OCTETS, ODF_TEXTS, PPTX, own_opinion
from gateway.unpack._package import Package, open_package
from gateway.unpack._source import Source, unless_bare
from gateway.unpack.html import page_leaves, read_page

WORD = Names(
    elements={"p": "p", "tbl": "table", "tr": "tr", "tc": "td", "comment": "p", "pt": "p"},
    texts=frozenset({"t", "delText", "instrText", "delInstrText", "text", "v"}),  # v: what a chart shows
    characters={"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "ptab": "\t"},
    attributes=frozenset({"descr", "title", "author"}),
    left_out=frozenset({"rt"}),  # how a name is read, within the name
)
ODF = Names(
    elements={
        "p": "p",
        "h": "h1",
        "table": "table",
        "table-row": "tr",
        "table-cell": "td",
        "covered-table-cell": "td",
    },
    characters={"tab": "\t", "line-break": "\n", "s": " "},
    attributes=frozenset({"formula-result", "display-name"}),
    repeated="{urn:oasis:names:tc:opendocument:xmlns:table:1.0}number-columns-repeated",
)
_SAID = """creator lastModifiedBy title subject description keywords category contentStatus created modified Company Manager Application
AppVersion Template HyperlinkBase lpstr lpwstr property p initial-creator date creation-date generator user-defined keyword"""
PROPERTIES = Names(
    elements=dict.fromkeys(_SAID.split(), "p")
)  # all that is said of a document, and what programs added
UNNAMED = Names(elements={}, texts=frozenset())  # links to other parts, and out of the document
# What XML of the formats' own says at its root; any other was put there by somebody, and is a file of its own.
_OWN = regex.compile(
    rb"openxmlformats\.org|purl\.oclc\.org/ooxml|schemas\.microsoft\.com|urn:schemas-microsoft|oasis:names|openoffice\.org"
)
_ROOT_BYTES = 4096
_LISTING = "[Content_Types].xml"  # of the parts
# Passed over if they are pictures or no format at all: the first page, what a printer wants, what calamine reads of an .xlsb.
_BENIGN = regex.compile(
    r"(?:docProps|Thumbnails)/thumbnail\.\w+|(?:xl|word)/printerSettings/.*|mimetype|layout-cache"
    r"|xl/(?:workbook|styles|sharedStrings|calcChain|metadata|worksheets/(?:sheet|binaryIndex)\d+)\.bin",
    regex.I,
)
_REPLACEMENT = regex.compile(r"ObjectReplacements/Object \d+")
_METAFILE = b"VCLMTF"  # of LibreOffice


class _Office:
    media_types = frozenset({DOCX, PPTX, *ODF_TEXTS})

    def unpack(self, source: Source, media_type: str, budget: Budget) -> Iterator[Leaf | Source]:
        """Open a document."""
        yield Container(path=source.path, media_type=media_type)
        package = open_package(source, media_type, budget)
        found = _leaves(source, media_type, package)
        is_read = any(is_markup(name, raw) for name, raw in package.parts.items() if name != _LISTING)
        yield from unless_bare(found, source, media_type) if is_read else found


UNPACKER = _Office()


def _leaves(source: Source, media_type: str, package: Package) -> Iterator[Leaf | Source]:
    yield from package.gaps
    names = ODF if media_type in ODF_TEXTS else WORD
    yield from markup_parts(source, media_type, package, names, skip=())
    yield from other_parts(source, package)


def markup_parts(
    source: Source, media_type: str, package: Package, names: Names, *, skip: tuple[str, ...]
) -> Iterator[Leaf]:
    """Read the parts that are XML."""
    for name, raw in package.parts.items():
        path = (*source.path, name)
        if name.endswith(".vml"):  # old drawings, which need not be well-formed
            yield from page_leaves(read_page(decode(raw).text), path, media_type)
        if not name.endswith(".rels") and (not is_markup(name, raw) or (skip and name.startswith(skip))):
            continue
        if name.endswith(".rels"):
            vocabulary = UNNAMED
        else:
            vocabulary = PROPERTIES if name.startswith(("docProps/", "customXml/", "meta.xml")) else names
        try:
            page = read_markup(raw, vocabulary)
        except Unreadable as unreadable:
            yield Gap(path=path, media_type=media_type, reason=unreadable.reason)
            continue
        yield from page_leaves(page, path, media_type)


def other_parts(source: Source, package: Package) -> Iterator[Source]:
    """Give the parts that are files of their own: embedded documents, pictures, whatever somebody put there."""
    for name, raw in package.parts.items():
        if name.endswith((".rels", ".vml")) or is_markup(name, raw) or not raw:
            continue
        if _REPLACEMENT.fullmatch(name) and raw.startswith(_METAFILE):
            continue  # how an object looks, which is there itself
        if not _BENIGN.fullmatch(name) or _looks(name, raw) not in (OCTETS, *IMAGES):
            yield source.child(raw, name)


def _looks(name: str, raw: bytes) -> str:
    return OCTETS if name == "mimetype" else own_opinion(raw)


def is_markup(name: str, raw: bytes) -> bool:
    """Tell XML of the formats' own, in any of its encodings."""
    if not name.endswith((".xml", ".rdf")):
        return False
    head = raw[:_ROOT_BYTES].replace(b"\0", b"")
    nameless = b"xmlns" not in head and name.startswith(("word/", "ppt/", "xl/"))
    return name == _LISTING or nameless or _OWN.search(head) is not None
