"""What a worker process can be asked, and what it answers.

In: nothing. Out: frozen dataclasses, and their JSON. Fails: pydantic's ValidationError on an answer that is none.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from pydantic import TypeAdapter

from detectors import OwnKind, OwnWords, Public
from gateway.model import Inspection, Outcome, Path, Skeleton


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What workers look for beside the kinds of the detectors, by which words, and what is public and nobody's."""

    kinds: tuple[OwnKind, ...] = ()
    public: Public = field(default_factory=Public)
    words: OwnWords = field(default_factory=OwnWords)

    def key(self, leaf: Leaf, generation: bytes) -> bytes:
        """Give the key of a leaf's inspection: the half that tells the leaf, the half that tells what sought what in it."""
        return leaf.key[:16] + hashlib.sha256(leaf.key + generation + repr(self).encode()).digest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one job may take."""

    seconds: float
    memory_bytes: int
    max_bytes: int
    max_depth: int
    max_members: int
    ocr_seconds: float | None = None  # for the pictures of one part; None: they are not read


@dataclass(frozen=True, slots=True, kw_only=True)
class MailToRead:
    """A mail less its blobs, and whom it goes to."""

    skeleton: Skeleton
    recipients: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadMails:
    """Inspect what is these mails' own, and say which blobs they carry. Answer: MailsRead."""

    mails: tuple[MailToRead, ...]
    secret: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPart:
    """Inspect one leaf of a mail, as mailed. Answer: an Inspection."""

    leaf: Leaf
    encoded: bytes
    secret: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDocument:
    """Inspect a whole document, or a whole mail as .eml. Answer: a DocumentRead."""

    raw: bytes
    name: str
    secret: bytes
    spans: bool = False
    passwords: tuple[str, ...] = ()  # the organisation's; what a mail tells itself is tried as well


class Sight(StrEnum):
    """How a reviewer is shown a part."""

    MASKED = "masked"  # its shape alone: no letter and no digit of it leaves the worker
    REVEALED = "revealed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadTemplate:
    """Give what these mails of one send have in common, for the reviewer. Answer: pieces of their text."""

    skeletons: tuple[Skeleton, ...]
    blobs: Mapping[bytes, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadEvidence:
    """Give one part of a mail: the one at `index` in the inspection of the leaf `key`, or of the mail's own bytes.

    Answer: an Evidence, or null where there is none such.
    """

    skeleton: Skeleton
    blobs: Mapping[bytes, bytes]
    key: bytes | None
    index: int
    sight: Sight
    passwords: tuple[str, ...] = ()  # those that opened parts of this send


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPasswords:
    """Say which passwords these mails may tell of. Answer: the candidates of each."""

    skeletons: tuple[Skeleton, ...]
    blobs: Mapping[bytes, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadLocked:
    """Inspect the leaf `key` of a mail again, with passwords for what is locked in it. Answer: an Unlocked."""

    skeleton: Skeleton
    blobs: Mapping[bytes, bytes]
    key: bytes
    secret: bytes
    candidates: tuple[str, ...]
    effort: int


Job = ReadMails | ReadPart | ReadDocument | ReadTemplate | ReadEvidence | ReadPasswords | ReadLocked


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A leaf of a mail's tree whose body is, wholly or in part, blobs."""

    path: Path
    name: str | None
    declared: str | None
    charset: str | None
    transfer_encoding: str
    attachment: bool
    pieces: tuple[tuple[str, bool], ...]  # own bytes as latin-1, or (True) the hex digest of a blob

    @property
    def key(self) -> bytes:
        """What the leaf is, as one hash; Sought.key adds what inspects it."""
        hints = (
            self.path,
            self.name,
            self.declared,
            self.charset,
            self.transfer_encoding,
            self.attachment,
            self.pieces,
        )
        return hashlib.sha256(json.dumps(hints).encode()).digest()

    def is_of(self, key: bytes) -> bool:
        """Tell whether an inspection's key is this leaf's, whatever was sought at that time."""
        return self.key[:16] == key[:16]

    @property
    def digests(self) -> list[bytes]:
        """The digests of its blobs."""
        return [bytes.fromhex(piece) for piece, is_blob in self.pieces if is_blob]

    def encoded(self, blobs: Mapping[bytes, bytes]) -> bytes:
        """Give its bytes as mailed."""
        return b"".join(
            blobs[bytes.fromhex(piece)] if is_blob else piece.encode("latin-1")
            for piece, is_blob in self.pieces
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MailRead:
    """A mail's subject, masked where it is personal; what its own bytes hold, and its leaves that are blobs, by their places."""

    subject: str
    own: int
    leaves: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MailsRead:
    """Mails in the order they were given. Most of a send say the same of themselves and carry the same: that is said once."""

    owns: tuple[Inspection, ...]
    leaves: tuple[Leaf, ...]
    mails: tuple[MailRead, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlocked:
    """What a locked leaf holds, as far as passwords opened it: which ones, by their place, and what trying has cost."""

    found: Inspection
    fitted: tuple[int, ...]
    cost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRead:
    """What a document holds: a mail's own bytes and what is attached to it; what is no mail is all attached.

    `addresses` are the hashes of those a mail goes to, by its own header.
    """

    own: Inspection
    attached: Inspection
    addresses: tuple[int, ...]


class Shown(StrEnum):
    """What a piece of a template is."""

    SAME = "same"  # it stands in all mails
    VARIES = "varies"  # a merge field: its text stays in the worker
    FOUND = "found"  # the same in all, but personal data: masked


class Piece(NamedTuple):
    """A stretch of a text: what it shows, and of what was found there the kind and the reason."""

    text: str
    kind: str | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a reviewer is shown of a part: the first rows of a table, or a text in pieces."""

    path: Path
    outcome: Outcome
    headers: tuple[str, ...] = ()  # none while masked: what was taken for a heading may be somebody's row
    rows: tuple[tuple[str, ...], ...] = ()
    pieces: tuple[Piece, ...] = ()
    left_out: int = 0  # rows, or characters

    @property
    def reasons(self) -> tuple[tuple[str, str], ...]:
        """Give each kind that was found with each reason for it, once."""
        return tuple(dict.fromkeys((one.kind, one.why) for one in self.pieces if one.kind))


MAILS_READ = TypeAdapter(MailsRead)
DOCUMENT_READ = TypeAdapter(DocumentRead)
TEMPLATE_READ = TypeAdapter(tuple[tuple[str, Shown], ...])
PASSWORDS_READ = TypeAdapter(tuple[tuple[str, ...], ...])
UNLOCKED = TypeAdapter(Unlocked)
EVIDENCE_READ = TypeAdapter(Evidence | None)
