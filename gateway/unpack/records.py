"""Texts that are records in another dress: JSON, JSON lines, XML, SQL dumps, vCards, calendars.

In: a text. Out: tables, as heading and rows, and what of the text is in none of them. Fails: never.
"""

from __future__ import annotations

import json
import quopri
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import regex
from lxml import etree

from gateway.unpack._encoding import decode_as

MAX_DEPTH = 40
MIN_ROWS = 2
MAX_COLUMNS = 500

_CARD = regex.compile(r"(?mis)^BEGIN:(VCARD|VEVENT|VTODO|VJOURNAL)[ \t\r]*$(.*?)^END:\1[ \t\r]*$")
_BEGIN = regex.compile(r"BEGIN:V", regex.I)
_UNFOLD = regex.compile(r"\r?\n[ \t]")
_SOFT_BREAK = regex.compile(r"=\r?\n[ \t]?")
_PROPERTY = regex.compile(
    r"(?m)^(?:[\w-]+\.)?([\w-]+)((?:;[^:\r\n\"]*(?:\"[^\"\r\n]*\"[^:\r\n\"]*)*)?):(.*)$"
)
_CHARSET = regex.compile(r"charset=\"?([\w-]+)", regex.I)
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
    return [], text


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
        case dict() if depth < MAX_DEPTH:
            for name, one in value.items():
                _lists(one, name, found, rest, depth + 1)
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
    for parent in root.iter(etree.Element):
        children = [child for child in parent if isinstance(child.tag, str)]
        if len(children) < MIN_ROWS or len({child.tag for child in children}) > 1:
            continue
        rows = [dict(_leaves(child, "", 0)) for child in children]
        if all(len(row) > 1 for row in rows) and (table := _table(rows, "application/xml")) is not None:
            comments = [comment.text or "" for comment in root.iter(etree.Comment)]
            for child in children:
                parent.remove(child)
            return [table], "\n".join((*_said(root), *comments))
    return None


def _said(root: Any) -> Iterator[str]:
    for element in root.iter(etree.Element):
        yield from element.attrib.values()
    yield from (text.strip() for text in root.itertext() if text.strip())


def _leaves(element: Any, prefix: str, depth: int) -> Iterator[tuple[str, str]]:
    for name, value in element.attrib.items():
        yield f"{prefix}{etree.QName(name).localname}", value
    children = [child for child in element if isinstance(child.tag, str)]
    if not children or depth > MAX_DEPTH:
        yield prefix.rstrip(".") or etree.QName(element).localname, "".join(element.itertext()).strip()
    for child in children:
        yield from _leaves(child, f"{prefix}{etree.QName(child).localname}.", depth + 1)


def _cards(text: str) -> list[Records]:
    """Read vCards (RFC 6350, and 2.1 as telephones write it) and the entries of calendars (RFC 5545)."""
    rows: dict[str, list[dict[str, str]]] = {}
    for found in _CARD.finditer(text):
        row: dict[str, str] = {}
        body = _SOFT_BREAK.sub("", found[2]) if "QUOTED-PRINTABLE" in found[2].upper() else found[2]
        for name, parameters, value in _PROPERTY.findall(_UNFOLD.sub("", body)):
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
    """Give what is written in several lines in a card or an entry: a description is a letter."""
    for found in _CARD.finditer(text) if "\\n" in text or "\\N" in text else ():
        for _, _, value in _PROPERTY.findall(_UNFOLD.sub("", found[2])):
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
