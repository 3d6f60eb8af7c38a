"""What runs inside a worker process: unpack, detect, and answer in hashes and counts.

In: a job and its limits. Out: JSON. Fails: by raising or dying, which the parent takes for a gap.

Nothing that was read leaves the process but media types, paths, counts and keyed hashes; what a reviewer is shown
(sight.py) and what may be a password (candidates.py) are the exceptions.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain

import numpy as np
import pandas as pd

import detectors
from gateway import unpack
from gateway.inspection import sight
from gateway.inspection.addressee import Addressee
from gateway.inspection.candidates import candidates
from gateway.inspection.hashes import digested, hashed_address, people_of
from gateway.inspection.inside import Limits
from gateway.inspection.jobs import (
    DOCUMENT_READ,
    EVIDENCE_READ,
    MAILS_READ,
    PASSWORDS_READ,
    TEMPLATE_READ,
    UNLOCKED,
    DocumentRead,
    Job,
    Leaf,
    MailRead,
    MailsRead,
    ReadDocument,
    ReadEvidence,
    ReadLocked,
    ReadMails,
    ReadPart,
    ReadPasswords,
    ReadTemplate,
    Sought,
    Unlocked,
)
from gateway.model import (
    Column,
    Container,
    Gap,
    GapReason,
    Inspection,
    Outcome,
    Part,
    Segment,
    Skeleton,
    Span,
    Table,
    Text,
)
from gateway.model import Leaf as Unpacked
from gateway.people import People
from gateway.store.codec import inspection_to_json

MOSTLY = 0.6  # of a column's cells hold a kind: then it is a column of that


def warm_up() -> None:
    """Load what is loaded at first use, so that no job pays for it and no limit stops it."""
    detectors.scan_table(pd.DataFrame({"氏名": ["山田 太郎"], "電話番号": ["090-0000-0000"]}))
    detectors.read_text("お名前: 山田 太郎\n電話: 090-0000-0000\n")
    for raw in ("氏名,電話\n山田,1\n".encode("cp932"), b"<p>x</p>", b"PK\x05\x06" + b"\0" * 18):
        list(unpack.unpack(unpack.Source(raw=raw, path=("warm-up",), attachment=True), unpack.Budget()))
    gc.set_threshold(50_000, 20, 100)  # a table is a million small things without a cycle among them


def do(job: Job, limits: Limits, sought: Sought) -> bytes:
    """Do one job."""
    match job:
        case ReadMails():
            return MAILS_READ.dump_json(_read_mails(job, limits, sought))
        case ReadPart():
            return inspection_to_json(_inspect(_open(job.leaf, job.encoded, limits), job.secret, sought))
        case ReadDocument():
            return DOCUMENT_READ.dump_json(_read_document(job, limits, sought))
        case ReadTemplate():
            texts = ["\n".join(_texts(skeleton, job.blobs, limits)) for skeleton in job.skeletons]
            return TEMPLATE_READ.dump_json(sight.template(texts, sought.kinds))
        case ReadEvidence():
            unpacked = _unpacked(job, limits)
            return EVIDENCE_READ.dump_json(sight.evidence(unpacked, job.index, job.sight, sought.kinds))
        case ReadPasswords():
            return PASSWORDS_READ.dump_json(
                tuple(_passwords(skeleton, job.blobs, limits) for skeleton in job.skeletons)
            )
        case ReadLocked():
            return UNLOCKED.dump_json(_unlock(job, limits, sought))


def _budget(limits: Limits, passwords: unpack.Passwords | None = None) -> unpack.Budget:
    return unpack.Budget(
        max_depth=limits.max_depth,
        max_bytes=limits.max_bytes,
        max_members=limits.max_members,
        passwords=passwords or unpack.Passwords(),
        ocr_effort=limits.ocr_seconds,
    )


def _own(structure: unpack.Structure, limits: Limits) -> Iterator[Unpacked]:
    """Open what is a mail's own: all that is neither attached nor, wholly or in part, a blob."""
    budget = _budget(limits)
    yield from structure.marks
    for leaf in structure.leaves:
        if not _is_shared(leaf):
            encoded = b"".join(piece for piece in leaf.pieces if isinstance(piece, bytes))
            yield from unpack.unpack_leaf(leaf, encoded, budget)


def _is_shared(leaf: unpack.MimeLeaf) -> bool:
    """Tell whether other mails may have a leaf too."""
    return leaf.attachment or any(isinstance(piece, Segment) for piece in leaf.pieces)


def _unpacked(job: ReadEvidence, limits: Limits) -> Iterator[Unpacked]:
    """Open again what was inspected under a key, in the same order."""
    structure = unpack.structure(job.skeleton)
    if job.key is None:
        return _own(structure, limits)
    shared = (_leaf(leaf) for leaf in structure.leaves if _is_shared(leaf))
    return chain.from_iterable(
        _open(leaf, leaf.encoded(job.blobs), limits, unpack.Passwords(candidates=job.passwords))
        for leaf in shared
        if leaf.is_of(job.key)
    )


def _texts(skeleton: Skeleton, blobs: Mapping[bytes, bytes], limits: Limits) -> Iterator[str]:
    """Give the texts of a mail that are no attachment, however long they are."""
    budget = replace(_budget(limits), ocr_effort=None)
    for leaf in unpack.structure(skeleton).leaves:
        if not leaf.attachment:
            for found in unpack.unpack_leaf(leaf, _leaf(leaf).encoded(blobs), budget):
                if isinstance(found, Text):
                    yield found.content


def _passwords(skeleton: Skeleton, blobs: Mapping[bytes, bytes], limits: Limits) -> tuple[str, ...]:
    """Say which passwords a mail may tell of; its subject may be what names them."""
    subject = unpack.structure(skeleton).headers.text("subject")
    texts = _texts(skeleton, blobs, limits)
    return tuple(dict.fromkeys(chain.from_iterable(candidates(f"{subject}\n{text}") for text in texts)))


def _unlock(job: ReadLocked, limits: Limits, sought: Sought) -> Unlocked:
    """Inspect a leaf with passwords; all that fitted have to be known to read it again."""
    passwords = unpack.Passwords(candidates=job.candidates, effort=job.effort)
    leaves = (_leaf(leaf) for leaf in unpack.structure(job.skeleton).leaves if _is_shared(leaf))
    leaf = next(leaf for leaf in leaves if leaf.is_of(job.key))
    found = _inspect(_open(leaf, leaf.encoded(job.blobs), limits, passwords), job.secret, sought)
    fitted = tuple(job.candidates.index(password) for password in passwords.fitted)
    return Unlocked(found=found, fitted=fitted, cost=job.effort - passwords.effort)


def _read_mails(job: ReadMails, limits: Limits, sought: Sought) -> MailsRead:
    """Inspect the mails' own texts; name their attachments and blobs, which other mails may have too."""
    owns: dict[bytes, Inspection] = {}
    leaves: dict[Leaf, int] = {}
    places: dict[bytes, int] = {}
    read: list[MailRead] = []
    for mail in job.mails:
        structure = unpack.structure(mail.skeleton)
        reader = Addressee(mail.recipients, structure.headers)
        own = _inspect(_own(structure, limits), job.secret, sought, reader)
        said = inspection_to_json(own)
        owns.setdefault(said, own)
        shared = (_leaf(leaf) for leaf in structure.leaves if _is_shared(leaf))
        read.append(
            MailRead(
                subject=sight.subject(structure.headers.text("subject"), sought.kinds),
                own=places.setdefault(said, len(places)),
                leaves=tuple(leaves.setdefault(leaf, len(leaves)) for leaf in shared),
            )
        )
    return MailsRead(owns=tuple(owns.values()), leaves=tuple(leaves), mails=tuple(read))


def _leaf(leaf: unpack.MimeLeaf) -> Leaf:
    return Leaf(
        path=leaf.path,
        name=leaf.name,
        declared=leaf.declared,
        charset=leaf.charset,
        transfer_encoding=leaf.transfer_encoding,
        attachment=leaf.attachment,
        pieces=tuple(
            (piece.digest.hex(), True) if isinstance(piece, Segment) else (piece.decode("latin-1"), False)
            for piece in leaf.pieces
        ),
    )


def _open(
    leaf: Leaf, encoded: bytes, limits: Limits, passwords: unpack.Passwords | None = None
) -> Iterator[Unpacked]:
    mime_leaf = unpack.MimeLeaf(
        path=leaf.path,
        name=leaf.name,
        declared=leaf.declared,
        charset=leaf.charset,
        transfer_encoding=leaf.transfer_encoding,
        attachment=leaf.attachment,
        pieces=(encoded,),
    )
    return unpack.unpack_leaf(mime_leaf, encoded, _budget(limits, passwords))


def _read_document(job: ReadDocument, limits: Limits, sought: Sought) -> DocumentRead:
    """Inspect a document as it is; a mail as it would be inspected on its way to the recipients that its header names."""
    if not unpack.is_mail(job.raw, job.name):
        source = unpack.Source(raw=job.raw, path=(job.name,), name=job.name, attachment=True)
        found = _inspect(unpack.unpack(source, _budget(limits)), job.secret, sought, spans=job.spans)
        return DocumentRead(own=Inspection(parts=()), attached=found, addresses=())
    structure = unpack.structure(Skeleton(raw=job.raw))
    fields = (structure.headers.addresses(field) for field in ("to", "cc", "bcc"))
    addresses = tuple(dict.fromkeys(address for pairs in fields for _, address in pairs if address))
    reader = Addressee(addresses, structure.headers)
    budget = _budget(limits)
    attached = chain.from_iterable(
        unpack.unpack_leaf(leaf, unpack.inline(leaf), budget) for leaf in structure.leaves if leaf.attachment
    )
    return DocumentRead(
        own=_inspect(_own(structure, limits), job.secret, sought, reader, spans=job.spans),
        attached=_inspect(attached, job.secret, sought, spans=job.spans),
        addresses=tuple(hashed_address(a, job.secret) for a in addresses),
    )


def _inspect(
    leaves: Iterable[Unpacked],
    secret: bytes,
    sought: Sought,
    reader: Addressee | None = None,
    *,
    spans: bool = False,
) -> Inspection:
    """Run the detectors over what was unpacked.

    One part for each leaf, in their order, and then a gap for each in which a pattern of the organisation did not end. The
    cells of a page's table stand in its text as well: a record that a text repeats is counted once.
    """
    parts: list[Part] = []
    unfinished: list[Part] = []
    listed: list[People] = []  # by tables
    told: dict[tuple[str, ...], detectors.Identity] = {}  # by texts
    records = 0
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
                part, people, is_whole = _read_table(leaf, secret, sought, reader)
                parts.append(part)
                unfinished += [] if is_whole else [_unfinished(leaf)]
                records += sum(map(len, people))
                listed += people
            case Text():
                said = detectors.read_text(leaf.content)
                others = reader.others(said.identities, said.addressee) if reader else list(said.identities)
                findings = list(said.findings)
                try:
                    findings += detectors.find_own(leaf.content, sought.kinds)
                except detectors.PatternTimeout:
                    unfinished.append(_unfinished(leaf))
                parts.append(_text_part(leaf, findings, about_people=bool(others), spans=spans))
                told |= {identity.keys: identity for identity in others}
        if leaf.claimed is not None:
            parts[-1] = replace(parts[-1], claimed=leaf.claimed)
        del leaf  # or the last one keeps the bytes that it was read from while the answer is made
    known = _known(listed, (key for keys in told for key in keys), secret)
    for keys in told:
        records += known.isdisjoint(keys)
        known.update(keys)
    return Inspection(
        parts=(*parts, *unfinished),
        people=People.together([*listed, people_of(told.values(), secret)]),
        records=records,
    )


def _read_table(
    table: Table, secret: bytes, sought: Sought, reader: Addressee | None
) -> tuple[Part, list[People], bool]:
    """Read a table frame by frame: what it holds, its people, and whether the organisation's own patterns came to their end."""
    reading = detectors.table_reading(header=table.header)
    own_columns: dict[tuple[int, str], detectors.OwnColumn] = {}
    people: list[People] = []
    rows = named = 0
    is_whole = True
    for frame in table.frames():
        rows += len(frame)
        identities = list(reading.read(frame))
        named += len(identities)
        people.append(people_of(reader.others(identities) if reader else identities, secret))
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
    return part, people, is_whole


def _known(listed: Iterable[People], keys: Iterable[str], secret: bytes) -> set[str]:
    """Give those of some keys that somebody in a list has."""
    by_digest = {int.from_bytes(digested(key, secret), "big"): key for key in keys}
    if not by_digest:
        return set()
    sought = np.fromiter(by_digest, dtype=">u8", count=len(by_digest))
    met = (np.intersect1d(sought, np.frombuffer(people.hashes, dtype=">u8")) for people in listed)
    return {by_digest[int(one)] for some in met for one in some}


def _unfinished(leaf: Text | Table) -> Part:
    """Say that a part was not read to its end: unreadable is not clean."""
    return Part(
        path=leaf.path,
        media_type=leaf.media_type,
        encoding=leaf.encoding,
        outcome=Outcome.GAP,
        gap=GapReason.TIMEOUT,
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
