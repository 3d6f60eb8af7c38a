"""S/MIME (CMS, RFC 5652 and 8551): what is signed is read, what is enveloped is locked.

In: a ContentInfo, as DER or BER, or in PEM's armour. Out: the signed or compressed content as a Source. Fails: Unreadable.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import replace

from gateway.model import Container, GapReason, Leaf
from gateway.unpack._budget import Budget, Unreadable
from gateway.unpack._media_type import CMS, MAIL
from gateway.unpack._source import Source

SIGNED = "signed_data"
COMPRESSED = "compressed_data"
LOCKED = frozenset(
    {
        "enveloped_data",
        "encrypted_data",
        "authenticated_data",
        "authenticated_enveloped_data",
        "digested_data",
    }
)


class _Smime:
    media_types = frozenset({CMS})

    def unpack(self, source: Source, media_type: str, budget: Budget) -> Iterator[Leaf | Source]:
        """Open what is signed; a signature that stands beside what it signs has nothing in it."""
        from asn1crypto import cms, pem  # noqa: PLC0415 - for those only who have some

        raw = pem.unarmor(source.raw)[2] if source.raw.startswith(b"-----BEGIN") else source.raw
        info = cms.ContentInfo.load(raw.rstrip(b"\r\n"), strict=True)
        kind = info["content_type"].native
        if kind in LOCKED:
            raise Unreadable(GapReason.ENCRYPTED)
        if kind not in (SIGNED, COMPRESSED):
            raise Unreadable(GapReason.UNKNOWN)
        yield Container(path=source.path, media_type=media_type)
        content = info["content"]["encap_content_info"]["content"].native
        if kind == COMPRESSED:
            content = _inflated(content, budget)
        if content:
            yield replace(source.child(content, "signed"), declared=MAIL)


UNPACKER = _Smime()


def _inflated(raw: bytes, budget: Budget) -> bytes:
    stream = zlib.decompressobj()
    content = stream.decompress(raw, budget.max_bytes + 1)
    if len(content) > budget.max_bytes:
        raise Unreadable(GapReason.TOO_BIG)
    return content
