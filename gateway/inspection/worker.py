"""What runs inside a worker process: unpack, detect, and answer in hashes and counts.

In: a job and its limits. Out: JSON. Fails: by raising or dying, which the parent takes for a gap.

Nothing that was read leaves the process but media types, paths, counts and keyed hashes; what a reviewer is shown
(sight.py) and what may be a password (candidates.py) are the exceptions.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain, islice

import pandas as pd

import detectors
from gateway import unpack
from gateway.inspection import sight
from gateway.inspection.addressee import Addressee
from gateway.inspection.candidates import candidates
from gateway.inspection.detection import inspect
from gateway.inspection.hashes import hashed_address
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
    Limits,
    MailRead,
    MailsRead,
    MailToRead,
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
    GapReason,
    Inspection,
    Segment,
    Skeleton,
    Text,
)
from gateway.model import Leaf as Unpacked
from gateway.store.codec import inspection_to_json

FEW_LEAVES = 8
SHORT = 500_000  # characters of texts that are held together


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
            return inspection_to_json(inspect(_open(job.leaf, job.encoded, limits), job.secret, sought))
        case ReadDocument():
            return DOCUMENT_READ.dump_json(_read_document(job, limits, sought))
        case ReadTemplate():
            texts = ["\n".join(_texts(skeleton, job.blobs, limits)) for skeleton in job.skeletons]
            return TEMPLATE_READ.dump_json(sight.template(texts, sought))
        case ReadEvidence():
            unpacked = _unpacked(job, limits)
            return EVIDENCE_READ.dump_json(sight.evidence(unpacked, job.index, job.sight, sought))
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
    """Open what is a mail's own: its header, and all that is neither attached nor, wholly or in part, a blob."""
    budget = _budget(limits)
    yield from structure.marks
    for leaf in structure.leaves:
        if not _is_shared(leaf):
            encoded = b"".join(piece for piece in leaf.pieces if isinstance(piece, bytes))
            yield from unpack.unpack_leaf(leaf, encoded, budget)
    if header := unpack.free_text(structure):
        yield header  # the last, since inspect may leave it out


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
    found = inspect(_open(leaf, leaf.encoded(job.blobs), limits, passwords), job.secret, sought)
    fitted = tuple(job.candidates.index(password) for password in passwords.fitted)
    return Unlocked(found=found, fitted=fitted, cost=job.effort - passwords.effort)


def _read_mails(job: ReadMails, limits: Limits, sought: Sought) -> MailsRead:
    """Inspect the mails' own texts; name their attachments and blobs, which other mails may have too."""
    owns: dict[bytes, Inspection] = {}
    leaves: dict[Leaf, int] = {}
    places: dict[bytes, int] = {}
    read: list[MailRead] = []
    for mail, structure, own_leaves in _opened(job.mails, limits, sought):
        reader = Addressee(mail.recipients, structure.headers)
        own = inspect(own_leaves, job.secret, sought, reader)
        said = inspection_to_json(own)
        owns.setdefault(said, own)
        shared = (_leaf(leaf) for leaf in structure.leaves if _is_shared(leaf))
        read.append(
            MailRead(
                subject=sight.subject(structure.headers.text("subject"), sought),
                own=places.setdefault(said, len(places)),
                leaves=tuple(leaves.setdefault(leaf, len(leaves)) for leaf in shared),
            )
        )
    return MailsRead(owns=tuple(owns.values()), leaves=tuple(leaves), mails=tuple(read))


_Opened = tuple[MailToRead, unpack.Structure, Iterable[Unpacked]]


def _opened(mails: Iterable[MailToRead], limits: Limits, sought: Sought) -> Iterator[_Opened]:
    """Open mails, as many together as are short, so that their texts are prepared together."""
    group: list[_Opened] = []
    texts: list[str] = []
    for mail in mails:
        structure = unpack.structure(mail.skeleton)
        leaves = _own(structure, limits)
        first = list(islice(leaves, FEW_LEAVES))
        texts += [leaf.content for leaf in first if isinstance(leaf, Text)]
        group.append((mail, structure, chain(first, leaves)))
        if len(first) == FEW_LEAVES or sum(map(len, texts)) > SHORT:
            detectors.prepare(dict.fromkeys(texts), sought.words)
            yield from group
            group, texts = [], []
    detectors.prepare(dict.fromkeys(texts), sought.words)
    yield from group


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
        budget = _budget(limits, unpack.Passwords(candidates=job.passwords))
        found = inspect(unpack.unpack(source, budget), job.secret, sought, spans=job.spans)
        return DocumentRead(own=Inspection(parts=()), attached=found, addresses=())
    structure = unpack.structure(Skeleton(raw=job.raw))
    fields = (structure.headers.addresses(field) for field in ("to", "cc", "bcc"))
    addresses = tuple(dict.fromkeys(address for pairs in fields for _, address in pairs if address))
    reader = Addressee(addresses, structure.headers)

    def read(passwords: tuple[str, ...]) -> Inspection:
        budget = _budget(limits, unpack.Passwords(candidates=passwords))
        leaves = (leaf for leaf in structure.leaves if leaf.attachment)
        found = (unpack.unpack_leaf(leaf, unpack.inline(leaf), budget) for leaf in leaves)
        return inspect(chain.from_iterable(found), job.secret, sought, spans=job.spans)

    attached = read(job.passwords)
    if any(part.gap is GapReason.ENCRYPTED for part in attached.parts):
        attached = read((*job.passwords, *_passwords(Skeleton(raw=job.raw), {}, limits)))
    return DocumentRead(
        own=inspect(_own(structure, limits), job.secret, sought, reader, spans=job.spans),
        attached=attached,
        addresses=tuple(hashed_address(a, job.secret) for a in addresses),
    )
