"""What a pivot table keeps of the table that it was made from, which may be in no sheet any more (ECMA-376 1, 18.10).

In: the parts of a workbook. Out: rows. Fails: Unreadable.

A record names each value, or says where it stands among the values of its field.
"""

from __future__ import annotations

from collections.abc import Iterator

import regex
from lxml import etree

from gateway.unpack._markup import tree_of
from gateway.unpack._package import Package

_FOLDER = "xl/pivotCache/"
DEFINITION, RECORDS = f"{_FOLDER}pivotCacheDefinition", f"{_FOLDER}pivotCacheRecords"
_INDEX = "x"
_LINKED = regex.compile(rb"(pivotCacheRecords\d+\.xml)\"")


def pivoted(package: Package) -> Iterator[tuple[str, list[list[str]]]]:
    """Give the name and the rows of each cache, under the names of its fields."""
    records = dict(package.matching(RECORDS, end=".xml"))
    for name, raw in package.matching(DEFINITION, end=".xml"):
        heading, values = _fields(tree_of(raw))
        links = package.parts.get(f"{_FOLDER}_rels/{name.removeprefix(_FOLDER)}.rels", b"")
        linked = _LINKED.search(links)
        at = f"{_FOLDER}{linked[1].decode()}" if linked else name.replace(DEFINITION, RECORDS)
        rows = list(_rows(records.pop(at), values)) if at in records else list(_columns(values))
        if rows:
            yield name, [heading, *rows]
    for name, raw in records.items():  # whose fields nobody names
        yield name, list(_rows(raw, []))


def _rows(raw: bytes, values: list[list[str]]) -> Iterator[list[str]]:
    for record in tree_of(raw):
        row: list[str] = []
        for at, one in enumerate(record):
            said = one.get("v", "")
            known = values[at] if at < len(values) else []
            is_index = etree.QName(one).localname == _INDEX and said.isascii() and said.isdecimal()
            row.append(known[int(said)] if is_index and int(said) < len(known) else said)
        yield row


def _columns(values: list[list[str]]) -> Iterator[list[str]]:
    """Give the values of each field below its name, where no record says which belong together."""
    for at in range(max(map(len, values), default=0)):
        yield [one[at] if at < len(one) else "" for one in values]


def _fields(root: etree._Element) -> tuple[list[str], list[list[str]]]:
    fields = list(root.iter("{*}cacheField"))
    values = [
        [item.get("v", "") for shared in field.iter("{*}sharedItems") for item in shared] for field in fields
    ]
    return [field.get("name", "") for field in fields], values
