"""One file that is two: an archive behind a picture, a program, a document; a text behind a picture.

In: bytes and what they were taken for. Out: the archives in them, with a gap; what else has a format. Fails: never.
"""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterator
from contextlib import suppress

import regex

from gateway.model import Gap, GapReason
from gateway.unpack._behind import behind
from gateway.unpack._media_type import HTML, IMAGES, OCTETS, PDF, RTF, TEXT, own_opinion
from gateway.unpack._source import Source

# Kinds whose bytes nobody expects an archive in; archives, mails and office documents hold others by right.
_WHOLE = IMAGES | {OCTETS, PDF, RTF, TEXT, HTML}
_PROGRAM = regex.compile(
    r"application/(?:x-dosexec|vnd\.microsoft\.portable-executable|x-executable|x-msdownload)"
)
MIN_BYTES_BEHIND = 32
JPEG = "image/jpeg"
_BY_CAMERAS = frozenset(
    {OCTETS, *IMAGES}
)  # what they put behind a picture of theirs: notes of their own, smaller pictures
_ZIP_END = b"PK\x05\x06"
_SIGNATURES = (b"7z\xbc\xaf\x27\x1c\0", b"Rar!\x1a\x07\0", b"Rar!\x1a\x07\x01\0", b"MSCF\0\0\0\0")


def archives_in(source: Source, media_type: str) -> Iterator[Gap | Source]:
    """Give the archives in what calls itself something else."""
    if media_type not in _WHOLE and not _PROGRAM.fullmatch(media_type):
        return
    raw = source.raw
    found = [at for signature in _SIGNATURES if (at := raw.find(signature, 1)) > 0]
    if _ZIP_END in raw:
        with suppress(zipfile.BadZipFile, ValueError, NotImplementedError, OSError, struct.error):
            found += _zip_start(raw)
    if found:
        yield Gap(path=source.path, media_type=media_type, reason=GapReason.AMBIGUOUS)
    for at in found:
        yield source.child(raw[at:], f"archive at {at}")
    rest = behind(raw, media_type) if not found else b""
    if len(rest) >= MIN_BYTES_BEHIND and (own_opinion(rest) not in _BY_CAMERAS or media_type != JPEG):
        yield source.child(rest, "behind the picture")


def _zip_start(raw: bytes) -> list[int]:
    """Give where the first member is by the directory at the end; that of nothing is of no interest."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return sorted(member.header_offset for member in archive.infolist())[:1]
