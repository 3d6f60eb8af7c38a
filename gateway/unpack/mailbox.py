"""Many mails in one file: a mailbox (RFC 4155, and what Unix wrote before it), a ZIP of .eml files.

In: bytes. Out: mail by mail. Fails: never; what is neither gives None.
"""

from __future__ import annotations

import mmap
import zipfile
from collections.abc import Iterator

import regex

from gateway.model import GapReason
from gateway.unpack._budget import Budget, Unreadable
from gateway.unpack._media_type import ZIP
from gateway.unpack._source import Source
from gateway.unpack.zip import ENCRYPTED_FLAG, ambiguity, is_folder, member_name, opened

# A line that begins a mail in a mailbox, at the start or after a blank line, and a field after it.
_FROM_LINE = regex.compile(rb"(?:\A|(?<=\n\r?\n))From [^\r\n]*\d{4}[^\r\n]*\r?\n(?=[!-9;-~]+:)")
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA})


def letters(raw: bytes | mmap.mmap) -> Iterator[bytes] | None:
    """Give the mails of a mailbox; what does not begin as one, or has one mail, is none, whatever stands further down."""
    begins = (line.span() for line in _FROM_LINE.finditer(raw))
    first, second = next(begins, None), next(begins, None)
    if first is None or first[0] > 0 or second is None:
        return None
    return _between(raw, first, second, begins)


def _between(
    raw: bytes | mmap.mmap, first: tuple[int, int], second: tuple[int, int], begins: Iterator[tuple[int, int]]
) -> Iterator[bytes]:
    yield raw[first[1] : second[0]]
    begun = second[1]
    for start, end in begins:
        yield raw[begun:start]
        begun = end
    yield raw[begun:]


def mails_in_zip(raw: bytes) -> Iterator[tuple[str, bytes | GapReason]] | None:
    """Give the members of a ZIP that holds mails for the most part, each with its name, or why it cannot be read.

    One with anything odd about it, or locked, is none: the unpacker of ZIPs says what is the matter.
    """
    try:
        archive = opened(raw)
        members = [member for member in archive.infolist() if not is_folder(member)]
        mails = sum(member.filename.lower().endswith(".eml") for member in members)
        odd = any(
            member.flag_bits & ENCRYPTED_FLAG or member.compress_type not in _METHODS for member in members
        ) or next(ambiguity(Source(raw=raw, path=()), ZIP, archive), None)
    except Exception:  # noqa: BLE001 - damaged in any way
        return None
    return None if odd or mails * 2 <= len(members) else _members(archive, members)


def _members(
    archive: zipfile.ZipFile, members: list[zipfile.ZipInfo]
) -> Iterator[tuple[str, bytes | GapReason]]:
    for member in members:
        content: bytes | GapReason
        try:
            with archive.open(member) as stream:
                content = Budget().read(stream, member.compress_size)
        except Unreadable as unreadable:
            content = unreadable.reason
        except Exception:  # noqa: BLE001 - damaged in any way
            content = GapReason.CORRUPT
        yield member_name(member), content
