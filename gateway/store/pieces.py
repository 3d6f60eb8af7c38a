"""Cut a mail into what is its own and what it shares with others, and join it again, byte for byte.

In: the bytes of a mail. Out: a Skeleton and its Blobs. Fails: Damaged where stored bytes are not what was accepted.

The cut knows nothing of MIME but that a boundary stands at the start of a line and begins with "--" (RFC 2046, 5.1.1):
the body between two such lines, if it is large, is a blob. So storage never depends on how a mail is read, and since no
blob holds such a line, the structure of a mail can be read from its skeleton alone.
"""

from __future__ import annotations

import hashlib
import json
import mmap
from collections.abc import Mapping

from gateway.model import Blob, Segment, Skeleton

BLOB_BYTES = 8192
WINDOW_BYTES = 16 << 10
MAX_CUTS = 10_000  # a mail of nothing but boundaries stays whole

Content = bytes | mmap.mmap


class Damaged(Exception):
    """Stored bytes are not the bytes that were accepted."""


def cut(content: Content) -> tuple[Skeleton, tuple[Blob, ...]]:
    """Cut the large bodies out of a mail."""
    own: list[bytes] = []
    segments: list[Segment] = []
    blobs: dict[bytes, Blob] = {}
    kept = own_bytes = start = 0
    size = len(content)
    for _ in range(MAX_CUTS):
        end = _next_line(content, start)
        if end - start >= BLOB_BYTES:
            blank = content.find(b"\r\n\r\n", start, end)
            body = blank + 4 if blank >= 0 else _after_first_line(content, start, end)
            if end - body >= BLOB_BYTES:
                raw = bytes(content[body:end])
                digest = hashlib.sha256(raw).digest()
                blobs[digest] = Blob(digest=digest, raw=raw)
                own.append(bytes(content[kept:body]))
                own_bytes += body - kept
                segments.append(Segment(at=own_bytes, digest=digest, length=end - body))
                kept = end
        if end == size:
            break
        start = end + 2
    own.append(bytes(content[kept:]))
    return Skeleton(raw=b"".join(own), segments=tuple(segments)), tuple(blobs.values())


def _next_line(content: Content, start: int) -> int:
    """Give where the next line that begins with "--" is, or the end; a window without a dash is passed over at once."""
    for at in range(start, len(content), WINDOW_BYTES):
        window = content[at : at + WINDOW_BYTES + 3]
        found = window.find(b"\r\n--") if b"-" in window else -1
        if found >= 0:
            return at + found
    return len(content)


def _after_first_line(content: Content, start: int, end: int) -> int:
    """Give where a blob may begin that has no blank line: a line that begins with "--" stays outside, and so does the mail's header."""
    if start == 0 and content[:2] != b"\r\n":
        return end  # thousands of addresses, and a boundary behind the blank line: who is visible is read from the skeleton
    line_end = content.find(b"\r\n", start, end)
    return end if line_end < 0 else line_end + 2


def join(skeleton: Skeleton, blobs: Mapping[bytes, bytes]) -> bytes:
    """Build the mail again.

    Raises: Damaged where a blob is missing or is not what its digest says.
    """
    whole: list[bytes] = []
    done = 0
    for segment in skeleton.segments:
        raw = blobs.get(segment.digest, b"")
        if len(raw) != segment.length or hashlib.sha256(raw).digest() != segment.digest:
            raise Damaged("a blob of this mail is missing or changed")
        whole += (skeleton.raw[done : segment.at], raw)
        done = segment.at
    whole.append(skeleton.raw[done:])
    return b"".join(whole)


def digest_of(skeleton: Skeleton) -> bytes:
    """Give the digest that stands for the whole mail: of its own bytes and of the digests of its blobs."""
    whole = hashlib.sha256(skeleton.raw)
    whole.update(segments_to_text(skeleton.segments).encode())
    return whole.digest()


def segments_to_text(segments: tuple[Segment, ...]) -> str:
    """Write segments as they are kept in the store."""
    return json.dumps([[s.at, s.digest.hex(), s.length] for s in segments]) if segments else ""


def segments_from_text(text: str) -> tuple[Segment, ...]:
    """Read them again."""
    return tuple(
        Segment(at=at, digest=bytes.fromhex(digest), length=length)
        for at, digest, length in json.loads(text or "[]")
    )
