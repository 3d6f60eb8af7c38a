"""From what was unpacked to an Inspection: run the detectors, and leave out the reader's own record.

In: leaves, and what is sought in them. Out: an Inspection of hashes and counts. Fails: never on content; a pattern of the
organisation that does not end is a gap.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING

import numpy as np

import detectors
from gateway import unpack
from gateway.exposure import SENSITIVE
from gateway.inspection.addressee import Addressee
from gateway.inspection.hashes import digested, hashed_address, people_of
from gateway.inspection.jobs import Sought
from gateway.model import Column, Container, Gap, GapReason, Inspection, Outcome, Part, Span, Table, Text
from gateway.model import Leaf as Unpacked
from gateway.people import People

if TYPE_CHECKING:
    from detectors._table import TableReading

MAX_CHARACTERS = 50_000_000  # of all texts together: of more nobody reads a line
SHORT_HEADER = 2000  # characters
HAS_RECORD = attrgetter("has_record")
MOSTLY = 0.6  # of a column's cells hold a kind: then it is a column of that


def inspect(
    leaves: Iterable[Unpacked],
    secret: bytes,
    sought: Sought,
    reader: Addressee | None = None,
    *,
    spans: bool = False,
) -> Inspection:
    """Run the detectors over what was unpacked.

    One part for each leaf, in their order, but for a mail's own header where it exposes nobody, the last of them; and then a
    gap for each in which a pattern of the organisation did not end. The cells of a page's table stand in its text as well: a
    record that a text repeats is counted once.
    """
    parts: list[Part] = []
    unfinished: list[Part] = []
    listed: list[People] = []  # by tables
    told: dict[tuple[str, ...], detectors.Identity] = {}  # by texts
    greeted: str | None = None
    records = characters = 0
    for leaf in leaves:
        match leaf:
            case Gap():
                parts.append(
                    Part(
                        path=leaf.path,
                        media_type=leaf.media_type,
                        encoding=None,
                        outcome=Outcome.GAP,
                        gap=leaf.reason,
                    )
                )
            case Container():
                parts.append(
                    Part(path=leaf.path, media_type=leaf.media_type, encoding=None, outcome=Outcome.CONTAINER)
                )
            case Table():
                part, people, rows, is_whole = _read_table(leaf, secret, sought, reader)
                parts.append(part)
                unfinished += [] if is_whole else [_not_read(leaf, GapReason.TIMEOUT)]
                records += rows
                listed += people
            case Text() if (characters := characters + len(leaf.content)) > MAX_CHARACTERS:
                parts.append(_not_read(leaf, GapReason.TOO_BIG))
            case Text():
                is_header = leaf.media_type == unpack.HEADER_TYPE
                said = (_read_header if is_header else detectors.read_text)(
                    leaf.content, sought.public, sought.words
                )
                greeted = said.addressee or greeted
                addressee = greeted if is_header else said.addressee
                others = reader.others(said.identities, addressee) if reader else list(said.identities)
                findings = list(said.findings)
                try:
                    findings += detectors.find_own(leaf.content, sought.kinds)
                except detectors.PatternTimeout:
                    unfinished.append(_not_read(leaf, GapReason.TIMEOUT))
                if is_header and len(leaf.path) == 1 and not (others or _counts(findings, sought)):
                    continue  # it greets its reader, or names somebody: nobody is exposed by that
                parts.append(_text_part(leaf, findings, about_people=bool(others), spans=spans))
                told |= {identity.keys: identity for identity in others}
        if leaf.claimed is not None:
            parts[-1] = replace(parts[-1], claimed=leaf.claimed)
        del leaf  # or the last one keeps the bytes that it was read from while the answer is made
    known = _known(listed, (key for keys in told for key in keys), secret)
    for keys in told:
        records += known.isdisjoint(keys)
        known.update(keys)
    left_out = reader.left_out if reader else []
    return Inspection(
        parts=(*parts, *unfinished),
        people=People.together([*listed, people_of(told.values(), secret)]),
        records=records,
        left_out=people_of(left_out, secret),
        reader=hashed_address(reader.address, secret) if reader and left_out else None,
        visible=tuple(hashed_address(address, secret) for address in reader.visible) if reader else (),
    )


def _read_header(text: str, public: detectors.Public, words: detectors.OwnWords) -> detectors.TextReport:
    """Read what a header says: of most mails of a send it is the same."""
    return (_remembered if len(text) <= SHORT_HEADER else detectors.read_text)(text, public, words)


_remembered = lru_cache(maxsize=256)(detectors.read_text)


def _counts(findings: Iterable[detectors.Finding], sought: Sought) -> bool:
    """Tell whether some of what was found counts without anybody beside it."""
    kinds = {own.kind for own in sought.kinds} | SENSITIVE
    return any(finding.kind in kinds for finding in findings)


def _read_table(
    table: Table, secret: bytes, sought: Sought, reader: Addressee | None
) -> tuple[Part, list[People], int, bool]:
    """Read a table frame by frame: what it holds, its people, their records, and whether the organisation's patterns came to their end.

    Where what tells who its rows are comes late, it is read twice.
    """
    reading = detectors.table_reading(header=table.header, public=sought.public, own=sought.words)
    left_out = len(reader.left_out) if reader else 0
    read = _read_rows(table, reading, secret, sought, reader)
    if (again := reading.again()) is not None:
        if reader:
            del reader.left_out[left_out:]  # they come again
        read = _read_rows(table, again, secret, sought, reader)
    return read


def _read_rows(
    table: Table,
    reading: TableReading,
    secret: bytes,
    sought: Sought,
    reader: Addressee | None,
) -> tuple[Part, list[People], int, bool]:
    own_columns: dict[tuple[int, str], detectors.OwnColumn] = {}
    people: list[People] = []
    rows = named = records = 0
    is_whole = True
    for frame in table.frames():
        rows += len(frame)
        identities = reading.read(frame)
        named += len(identities)
        others = reader.others(identities) if reader else identities
        records += sum(map(HAS_RECORD, others))
        people.append(people_of(others, secret))
        try:
            for own in detectors.find_own_columns(frame, sought.kinds, header=table.header):
                above = own_columns.get((own.place, own.kind), own)
                found = own.found + (above.found if above is not own else 0)
                own_columns[(own.place, own.kind)] = above._replace(found=found)
        except detectors.PatternTimeout:
            is_whole = False
    report = reading.report()
    about_people = report.about_people and (any(people) or not named)
    part = _table_part(table, rows, report, list(own_columns.values()), about_people=about_people)
    return part, people, records, is_whole


def _known(listed: Iterable[People], keys: Iterable[str], secret: bytes) -> set[str]:
    """Give those of some keys that somebody in a list has."""
    by_digest = {int.from_bytes(digested(key, secret), "big"): key for key in keys}
    if not by_digest:
        return set()
    sought = np.fromiter(by_digest, dtype=">u8", count=len(by_digest))
    pieces = (piece for people in listed for piece in people.hashes)
    met = (np.intersect1d(sought, np.frombuffer(piece, dtype=">u8")) for piece in pieces)
    return {by_digest[int(one)] for some in met for one in some}


def _not_read(leaf: Text | Table, reason: GapReason) -> Part:
    """Say that a part was not read, or not to its end: unreadable is not clean."""
    return Part(
        path=leaf.path,
        media_type=leaf.media_type,
        encoding=leaf.encoding,
        outcome=Outcome.GAP,
        gap=reason,
    )


def _table_part(
    table: Table,
    rows: int,
    report: detectors.TableReport,
    own_columns: Sequence[detectors.OwnColumn],
    *,
    about_people: bool,
) -> Part:
    findings = Counter(report.items)
    own_kinds: dict[int, tuple[str, float]] = {}
    for own in own_columns:
        findings[own.kind] += own.found
        if own.share >= MOSTLY:
            own_kinds.setdefault(own.place, (own.kind, own.share))
    return Part(
        path=table.path,
        media_type=table.media_type,
        encoding=table.encoding,
        outcome=Outcome.TABLE,
        rows=rows,
        columns=tuple(
            Column(header=column.header, kind=kind, share=round(share, 4))
            for place, column in enumerate(report.columns)
            for kind, share in [
                (column.kind, column.share) if column.kind else own_kinds.get(place, (None, 0.0))
            ]
        ),
        findings=dict(findings),
        about_people=about_people,
        why=report.why,
    )


def _text_part(text: Text, findings: Sequence[detectors.Finding], *, about_people: bool, spans: bool) -> Part:
    return Part(
        path=text.path,
        media_type=text.media_type,
        encoding=text.encoding,
        outcome=Outcome.TEXT,
        findings=dict(Counter(finding.kind for finding in findings)),
        about_people=about_people,
        spans=tuple(
            Span(kind=f.kind, start=f.start, end=f.end, confidence=f.confidence, why=f.why)
            for f in (findings if spans else ())
        ),
    )
