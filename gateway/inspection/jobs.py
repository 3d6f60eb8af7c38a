"""What a worker process can be asked, and what it answers.

In: nothing. Out: frozen dataclasses, and their JSON. Fails: pydantic's ValidationError on an answer that is none.
"""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import TypeAdapter

from gateway.model import Inspection, Path, Skeleton


@dataclass(frozen=True, slots=True, kw_only=True)
class MailToRead:
    """A mail less its blobs, and whom it goes to."""

    skeleton: Skeleton
    recipients: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadMails:
    """Inspect what is these mails' own, and say which blobs they carry. Answer: a MailRead for each."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadTexts:
    """Give the texts of a whole mail, for the reviewer. Answer: a list of strings."""

    raw: bytes


Job = ReadMails | ReadPart | ReadDocument | ReadTexts


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A leaf of a mail's tree whose body is, wholly or in part, blobs; `digests` names them in their order."""

    path: Path
    name: str | None
    declared: str | None
    charset: str | None
    transfer_encoding: str
    attachment: bool
    pieces: tuple[tuple[str, bool], ...]  # own bytes as latin-1, or (True) the hex digest of a blob


@dataclass(frozen=True, slots=True, kw_only=True)
class MailRead:
    """A mail's subject, what its own bytes hold, and its leaves that are blobs."""

    subject: str
    own: Inspection
    leaves: tuple[Leaf, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRead:
    """What a document holds; `addresses` are the hashes of those a mail goes to, by its own headers."""

    found: Inspection
    recipients: int
    addresses: tuple[int, ...]


MAILS_READ = TypeAdapter(tuple[MailRead, ...])
DOCUMENT_READ = TypeAdapter(DocumentRead)
TEXTS_READ = TypeAdapter(tuple[str, ...])
