"""Texts that are records in another dress: JSON, JSON lines, XML, YAML, SQL dumps, vCards, calendars.

In: a text. Out: tables, as heading and rows, and what of the text is in none of them. Fails: never.
"""

from __future__ import annotations

import json
import quopri
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import regex
from lxml import etree

from gateway.unpack._encoding import decode_as
from gateway.unpack._yaml import load, may_be_yaml

MAX_DEPTH = 40
MIN_ROWS = 2
MAX_COLUMNS = 500
# Documents in one XML: what repeats in them are lines, whose pieces are no cells.
_PAGES = regex.compile(r"wordml\}|wordprocessingml|xmlPackage\}|/svg\}|^(?:\{[^}]*\})?(?:svg|html)$")
MAX_ELEMENTS = 1_000_000  # of a list of 100,000 people; a longer one is read as a text

_CARD = regex.compile(r"(?mis)^BEGIN:(VCARD|VEVENT|VTODO|VJOURNAL)[ \t\r]*$(.*?)^END:\1[ \t\r]*$")
_BEGIN = regex.compile(r"BEGIN:V", regex.I)
_UNFOLD = regex.compile(r"\r?\n[ \t]")
_SOFT_BREAK = regex.compile(r"=\r?\n[ \t]?")
_PROPERTY = regex.compile(
    r"(?m)^(?:[\w-]+\.)?([\w-]+)((?:;[^:\r\n\"]*(?:\"[^\"\r\n]*\"[^:\r\n\"]*)*)?):(.*)$"
)
_CHARSET = regex.compile(r"charset=\"?([\w-]+)", regex.I)
_INVITED = frozenset({"ATTENDEE", "ORGANIZER"})
_COMMON_NAME = regex.compile(r";CN=(?:\"([^\"]*)\"|([^;:]*))", regex.I)
_INSERT = regex.compile(
    r"\bINSERT\s+(?:IGNORE\s+)?INTO\s+([^\s(]+)\s*(?:\(([^()]*)\)\s*)?VALUES\s*(?=\()|\bCOPY\s+(\S+)\s*\(([^()]*)\)\s+FROM\s+stdin;\r?\n",
    regex.I,
)
_TUPLE = regex.compile(
    r"\s*,?\s*\(((?:[^'\"()]++|'(?:[^'\\]|''|\\.)*+'|\"(?:[^\"\\]|\"\"|\\.)*+\"|\([^()]*+\))*+)\)"
)
_VALUE = regex.compile(
    r"\s*+(?:N?'((?:[^'\\]|''|\\.)*+)'|\"((?:[^\"\\]|\"\"|\\.)*+)\"|([^,]*+))\s*+(?:,|\Z)", regex.S
)
_ESCAPED = regex.compile(r"\\(.)|''", regex.S)
_DUMP = regex.compile(r"\b(?:INSERT\s+(?:IGNORE\s+)?INTO|COPY)\s", regex.I)
_PIECE_BYTES = 1 << 20
_QUOTES = "`\"'[] \t\r\n"


@dataclass(frozen=True, slots=True)
class Records:
    """Rows under a heading; `kind` is the media type that they came in."""

    heading: tuple[str, ...]
    rows: list[list[str]]
    kind: str


def records_in(text: str) -> tuple[list[Records], str]:
    """Find the records of a text; give what is left of it, which is all of it where there are none."""
    start = text.lstrip("\ufeff \t\r\n")[:1]
    if start in ("{", "["):
        return _json(text) or ([], text)
    if start == "<":
        return _xml(text) or ([], text)
    # What each must hold first: a search for words in any case passes over a long list ten times as slowly.
    if (":V" in text or ":v" in text) and _BEGIN.search(text):
        cards = _cards(text)
        return cards, "\n".join((_CARD.sub("", text), *_letters_in(text)))
    if "(" in text and _DUMP.search(text):
        return _sql(text)
    return (may_be_yaml(text) and _yaml(text)) or ([], text)


def may_hold_records(raw: bytes) -> bool:
    """Tell whether a long text might be records in another dress, whatever its encoding, without reading it."""
    if raw[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[", b"<", b""):
        return True
    return any(
        sign in raw
        and any(
            word in raw[start : start + _PIECE_BYTES + len(word)].upper()
            for start in range(0, len(raw), _PIECE_BYTES)
            for word in words
        )
        for sign, words in ((b":", (b"BEGIN:V",)), (b"(", (b"INSERT", b"COPY")))
    )


def _json(text: str) -> tuple[list[Records], str] | None:
    try:
        document = _loaded(text.lstrip("\ufeff"))
    except (ValueError, RecursionError):
        try:
            document = [_loaded(line) for line in text.lstrip("\ufeff").splitlines() if line.strip()]
        except (ValueError, RecursionError):
            return None
    found: list[Records] = []
    rest: list[str] = []
    _lists(document, "", found, rest, 0)
    return found, "\n".join(rest)


def _yaml(text: str) -> tuple[list[Records], str] | None:
    """Read YAML if there is a list in it; any letter with colons is YAML, too."""
    loaded = load(text.lstrip("\ufeff"), _object)
    if loaded is None:
        return None
    documents, comments = loaded
    found: list[Records] = []
    rest: list[str] = []
    _lists(documents, "", found, rest, 0)
    if not found:
        return None
    return [replace(one, kind="application/yaml") for one in found], "\n".join((*rest, *comments))


def _loaded(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_object)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Keep what comes twice under one key: readers differ in which they take."""
    kept: dict[str, Any] = {}
    for key, value in pairs:
        kept[key if key not in kept else f"{key} {len(kept)}"] = value
    return kept


def _lists(value: Any, key: str, found: list[Records], rest: list[str], depth: int) -> None:
    """Note each list of objects, or of lists, as a table, and what is in none."""
    match value:
        case dict() if depth < MAX_DEPTH and (table := _keyed(value)) is not None:
            found.append(table)
        case dict() if depth < MAX_DEPTH:
            for name, one in value.items():
                _lists(one, name, found, rest, depth + 1)
        case str() if depth < MAX_DEPTH and (inner := _in_string(value)) is not None:
            _lists(inner, key, found, rest, depth + 1)
        case [dict(), dict(), *more] if all(isinstance(one, dict) for one in more):
            table = _table([_flat(one) for one in value], "application/json")
            if table is not None:
                found.append(table)
            else:
                rest.append(_shown(value))
        case [list(), list(), *more] if all(isinstance(one, list) for one in more):
            rows = [[_shown(cell) for cell in one] for one in value]
            found.append(Records((), rows, "application/json"))
        case list() if depth < MAX_DEPTH:
            for one in value:
                _lists(one, key, found, rest, depth + 1)
        case _:
            rest.append(f"{key}: {_shown(value)}" if key else _shown(value))


def _keyed(value: dict[str, Any]) -> Records | None:
    """Give the table that an object is: of objects alike under a key each, or of columns equally long."""
    rows = list(value.values())
    if len(rows) < MIN_ROWS:
        return None
    if all(isinstance(one, dict) for one in rows):
        alike = len(rows[0].keys() & rows[-1].keys()) * 2 > len(rows[0])
        flat = [{"": key, **_flat(one)} for key, one in value.items()] if alike else []
        return _table(flat, "application/json") if alike else None
    if all(isinstance(one, list) and len(one) == len(rows[0]) >= MIN_ROWS for one in rows) and not any(
        isinstance(cell, dict | list) for one in rows for cell in one
    ):
        across = [[_shown(cell) for cell in row] for row in zip(*rows, strict=True)]
        return Records(tuple(value), across, "application/json")
    return None


def _in_string(text: str) -> Any:
    """Read JSON that stands in a string of JSON, as programs hand it on; None where it is none."""
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        return _loaded(text)
    except (ValueError, RecursionError):
        return None


def _flat(value: dict[str, Any], prefix: str = "", depth: int = 0) -> dict[str, str]:
    """Give an object as one row: objects in it by their path, lists in it joined."""
    row: dict[str, str] = {}
    for key, one in value.items():
        if isinstance(one, dict) and depth < MAX_DEPTH:
            row |= _flat(one, f"{prefix}{key}.", depth + 1)
        else:
            row[f"{prefix}{key}"] = _shown(one)
    return row


def _shown(value: Any) -> str:
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case list() if all(not isinstance(one, dict | list) for one in value):
            return " ".join(map(_shown, value))
        case dict() | list():
            return json.dumps(value, ensure_ascii=False)
    return str(value)


def _table(rows: list[dict[str, str]], kind: str) -> Records | None:
    heading = tuple(dict.fromkeys(key for row in rows for key in row))
    if not heading or len(heading) > MAX_COLUMNS:
        return None
    return Records(heading, [[row.get(key, "") for key in heading] for row in rows], kind)


def _xml(text: str) -> tuple[list[Records], str] | None:
    """Give what repeats in XML: elements of one name beside one another, each a row of its attributes and what is in it."""
    if "<!ENTITY" in text.upper():
        return None
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(text.lstrip("\ufeff \t\r\n").encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    if _PAGES.search(root.tag) or sum(1 for _ in root.iter()) > MAX_ELEMENTS:
        return None
    found: list[Records] = []
    for parent in list(root.iter(etree.Element)):
        children = [child for child in parent if isinstance(child.tag, str)]
        if len(children) < MIN_ROWS or len({child.tag for child in children}) > 1:
            continue
        if any(map(_runs_on, children)):
            continue
        rows = [_row(_leaves(child, "", 0)) for child in children]
        if all(len(row) > 1 for row in rows) and (table := _table(rows, "application/xml")) is not None:
            found.append(table)
            comments = [comment for child in children for comment in child.iter(etree.Comment)]
            for child in children:
                parent.remove(child)
            parent.extend(comments)
    if not found:
        return None
    comments = [comment.text or "" for comment in root.iter(etree.Comment)]
    return found, "\n".join((*_said(root), *comments))


def _said(root: Any) -> Iterator[str]:
    for element in root.iter(etree.Element):
        yield from element.attrib.values()
    yield from (text.strip() for text in root.itertext() if text.strip())


def _runs_on(element: Any) -> bool:
    """Tell a line with words between its elements, or behind it: a table of elements would lose them."""
    if element.tail and element.tail.strip():
        return True
    return any(
        (len(one) and one.text and one.text.strip()) or (one is not element and one.tail and one.tail.strip())
        for one in element.iter(etree.Element)
    )


def _row(leaves: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Make a row; cells of one name, as spreadsheets in XML have them, are told apart by their place among them."""
    row: dict[str, str] = {}
    times: Counter[str] = Counter()
    for key, value in leaves:
        times[key] += 1
        row[key if times[key] == 1 else f"{key} {times[key]}"] = value
    return row


def _leaves(element: Any, prefix: str, depth: int) -> Iterator[tuple[str, str]]:
    for name, value in element.attrib.items():
        yield prefix + _local(name), value
    children = [child for child in element if isinstance(child.tag, str)]
    if not children or depth > MAX_DEPTH:
        text = (("".join(element.itertext()) if len(element) else element.text) or "").strip()
        if text or not element.attrib:  # what has attributes alone says nothing more
            yield prefix.rstrip(".") or _local(element.tag), text
    for child in children:
        yield from _leaves(child, f"{prefix}{_local(child.tag)}.", depth + 1)


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _cards(text: str) -> list[Records]:
    """Read vCards (RFC 6350, and 2.1 as telephones write it) and the entries of calendars (RFC 5545)."""
    rows: dict[str, list[dict[str, str]]] = {}
    for found in _CARD.finditer(text):
        row: dict[str, str] = {}
        body = _SOFT_BREAK.sub("", found[2]) if "QUOTED-PRINTABLE" in found[2].upper() else found[2]
        for name, parameters, value in _PROPERTY.findall(_UNFOLD.sub("", body)):
            if name.upper() in _INVITED:
                called = _COMMON_NAME.search(parameters)
                reached = value.strip().removeprefix("mailto:").removeprefix("MAILTO:")
                person = {"NAME": (called[1] or called[2]) if called else "", "EMAIL": reached}
                rows.setdefault(name.upper(), []).append(person)
                continue
            plain = value
            if "QUOTED-PRINTABLE" in parameters.upper():
                charset = _CHARSET.search(parameters)
                raw = quopri.decodestring(value.encode("utf-8", "replace"))
                plain = decode_as(raw, charset[1] if charset else None)
            key = name.upper()
            shown = " ".join(plain.replace("\\n", " ").replace("\\,", ",").replace(";", " ").split())
            row[key] = f"{row[key]} {shown}" if key in row else shown
        rows.setdefault(found[1].upper(), []).append(row)
    kinds = {"VCARD": "text/vcard"}
    tables = (_table(some, kinds.get(kind, "text/calendar")) for kind, some in rows.items())
    return [table for table in tables if table is not None]


def _letters_in(text: str) -> Iterator[str]:
    """Give what is written in several lines in a card or an entry: a description is a letter; and lines that are no field."""
    for found in _CARD.finditer(text):
        body = _UNFOLD.sub("", found[2])
        if left := _PROPERTY.sub("", body).strip():
            yield left.replace("\\n", "\n")
        for _, _, value in _PROPERTY.findall(body):
            if _NEW_LINE.search(value):
                yield _NEW_LINE.sub("\n", value).replace("\\,", ",").replace("\\;", ";")


_NEW_LINE = regex.compile(r"(?i)\\n")


def _sql(text: str) -> tuple[list[Records], str]:
    """Read what a dump puts into each table."""
    tables: dict[tuple[str, tuple[str, ...]], list[list[str]]] = {}
    rest: list[str] = []
    done = 0
    for found in _INSERT.finditer(text):
        if found.start() < done:
            continue
        rest.append(text[done : found.start()])
        done = found.end()
        columns = tuple(one.strip(_QUOTES) for one in (found[2] or found[4] or "").split(",") if one.strip())
        rows = tables.setdefault((found[1] or found[3], columns), [])
        if found[3]:
            end = text.find("\n\\.", done)
            lines, done = text[done : end if end >= 0 else len(text)].splitlines(), max(end, done)
            rows += [line.replace("\\N", "").split("\t") for line in lines]
            continue
        while one := _TUPLE.match(text, done):
            rows.append(list(_values(one[1])))
            done = one.end()
    rest.append(text[done:])
    found_tables = [
        Records(columns, rows, "application/sql") for (_, columns), rows in tables.items() if rows
    ]
    return found_tables, "".join(rest)


def _values(text: str) -> Iterator[str]:
    at = 0
    while at < len(text):
        found = _VALUE.match(text, at)
        if found is None or found.end() == at:
            return
        quoted = found[1] if found[1] is not None else found[2]
        bare = (found[3] or "").strip()
        yield (
            _ESCAPED.sub(lambda one: one[1] or "'", quoted)
            if quoted is not None
            else ""
            if bare.upper() == "NULL"
            else bare
        )
        at = found.end()
