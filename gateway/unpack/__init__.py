"""Opens what a mail carries: bytes in; texts, tables and gaps out.

In: a Source, or a whole mail. Out: leaves, depth first; a container comes before what it holds. Fails: never: what
cannot be read is a gap, and unreadable is not clean.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

from gateway.model import Container, Gap, GapReason, Leaf
from gateway.unpack import (
    cab,
    compressed,
    html,
    image,
    locked_office,
    lzh,
    macos,
    mail,
    msg,
    office,
    ole,
    pdf,
    powerpoint97,
    rar,
    rtf,
    sevenzip,
    smime,
    sqlite,
    tar,
    text,
    tnef,
    word97,
    workbook,
    zip,  # noqa: A004 - a room's name is its format's
)
from gateway.unpack._budget import Budget, Passwords, Unreadable
from gateway.unpack._claims import untrue_claim
from gateway.unpack._free_text import HEADER_TYPE, free_text
from gateway.unpack._headers import Headers, read_headers
from gateway.unpack._media_type import (
    APPLEDOUBLE,
    CMS,
    DS_STORE,
    ENCRYPTED,
    HTML,
    IMAGES,
    MAIL,
    OCTETS,
    TEXT,
    libmagic,
    media_type_of,
)
from gateway.unpack._polyglot import archives_in
from gateway.unpack._source import Source, Unpacker, label
from gateway.unpack.mime import MimeLeaf, Structure, inline, open_leaf, structure

__all__ = [
    "HEADER_TYPE",
    "Budget",
    "Headers",
    "MimeLeaf",
    "Passwords",
    "Source",
    "Structure",
    "free_text",
    "inline",
    "is_mail",
    "label",
    "libmagic",
    "read_headers",
    "structure",
    "unpack",
    "unpack_leaf",
]

UNPACKERS: tuple[Unpacker, ...] = (
    mail.UNPACKER,
    smime.UNPACKER,
    tnef.UNPACKER,
    msg.UNPACKER,
    zip.UNPACKER,
    sevenzip.UNPACKER,
    rar.UNPACKER,
    lzh.UNPACKER,
    tar.UNPACKER,
    cab.UNPACKER,
    compressed.UNPACKER,
    workbook.UNPACKER,
    locked_office.UNPACKER,
    pdf.UNPACKER,
    word97.UNPACKER,
    powerpoint97.UNPACKER,
    sqlite.UNPACKER,
    ole.UNPACKER,
    office.UNPACKER,
    image.UNPACKER,
    macos.UNPACKER,
    rtf.UNPACKER,
    html.UNPACKER,
    text.UNPACKER,
)
MAX_MAILS = 20  # in each other
# What may be opened with nothing coming out: a picture on which nothing is written, a signature beside what it signs.
_MAY_GIVE_NOTHING = IMAGES | {APPLEDOUBLE, DS_STORE, CMS}
_BY_TYPE = {media_type: unpacker for unpacker in UNPACKERS for media_type in unpacker.media_types}


def unpack(source: Source, budget: Budget, *, depth: int = 0, mails: int = 0) -> Iterator[Leaf]:
    """Open a source and all that is in it; mails in mails are counted apart from what else is in each other."""
    for found in _unpacked(source, budget, depth, mails):
        if found.path == source.path and (
            claimed := untrue_claim(source.name, source.declared, found.media_type)
        ):
            yield replace(found, claimed=claimed)
        else:
            yield found


def _unpacked(source: Source, budget: Budget, depth: int, mails: int) -> Iterator[Leaf]:
    media_type = OCTETS
    try:
        if depth == mails == 0:
            budget.begin(len(source.raw))
        budget.spend_bytes(len(source.raw))
        if depth > budget.max_depth or mails > MAX_MAILS:
            raise Unreadable(GapReason.TOO_DEEP)
        if not source.raw and source.attachment and depth == 0:
            raise Unreadable(GapReason.UNKNOWN)  # an empty file is not what somebody meant to attach
        for media_type in _kinds(source):
            for found in chain(archives_in(source, media_type), _opened(source, media_type, budget)):
                if isinstance(found, Source):
                    is_mail = media_type == MAIL
                    yield from unpack(found, budget, depth=depth + (not is_mail), mails=mails + is_mail)
                else:
                    yield found
    except Unreadable as unreadable:
        yield Gap(path=source.path, media_type=media_type, reason=unreadable.reason)
    except MemoryError:
        yield Gap(path=source.path, media_type=media_type, reason=GapReason.TOO_BIG)
    except RecursionError:
        yield Gap(path=source.path, media_type=media_type, reason=GapReason.TOO_DEEP)
    except Exception:  # noqa: BLE001 - a parser may fail in any way; none of them lets mail through
        yield Gap(path=source.path, media_type=media_type, reason=GapReason.CORRUPT)
    except BaseException as error:
        if (
            type(error).__name__ != "PanicException"
        ):  # how a parser in Rust gives up (PyO3): no Exception, by intent
            raise
        yield Gap(path=source.path, media_type=media_type, reason=GapReason.CORRUPT)


def unpack_leaf(leaf: MimeLeaf, encoded: bytes, budget: Budget) -> Iterator[Leaf]:
    """Open a leaf of a mail from its bytes as mailed."""
    for found in open_leaf(leaf, encoded):
        if isinstance(found, Source):
            yield from unpack(found, budget)
        else:
            yield found


def is_mail(raw: bytes, name: str) -> bool:
    """Tell whether a document is a mail: by its name if it says so, for here nobody hides one, or by its header."""
    return name.lower().endswith(".eml") or media_type_of(raw) == MAIL


def _opened(source: Source, media_type: str, budget: Budget) -> Iterator[Leaf | Source]:
    unpacker = _BY_TYPE.get(media_type)
    if unpacker is not None:
        is_bare = media_type not in _MAY_GIVE_NOTHING
        for found in unpacker.unpack(source, media_type, budget):
            is_bare = is_bare and isinstance(found, Container)
            yield found
        if is_bare:  # what says nothing gives an empty text; who gives nothing did not find what there is
            raise Unreadable(GapReason.UNKNOWN)
        return
    if media_type in ENCRYPTED:
        raise Unreadable(GapReason.ENCRYPTED)
    raise Unreadable(GapReason.UNKNOWN)


def _kinds(source: Source) -> tuple[str, ...]:
    """Say what a source is: its bytes decide; between kinds of text what it is declared as, and where that leaves two, both."""
    seen = media_type_of(source.raw, source.charset)
    if seen not in (TEXT, HTML, MAIL):
        return (seen,)
    name = (source.name or "").lower()
    if source.declared == MAIL or name.endswith(".eml"):
        return (MAIL,)
    if source.declared in (TEXT, HTML) and not source.attachment:
        return (source.declared,)  # a body that looks like something else is shown, and read, as what it says
    if source.declared == HTML or name.endswith((".html", ".htm", ".xhtml")):
        return (HTML, MAIL) if seen == MAIL else (HTML,)
    if seen != TEXT and (source.declared in (TEXT, "text/csv") or name.endswith((".csv", ".tsv", ".txt"))):
        return (seen, TEXT)
    return (seen,)
