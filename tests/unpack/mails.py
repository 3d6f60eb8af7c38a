"""Mails for the tests, and reading them whole and as the store keeps them: in pieces."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from itertools import chain

from gateway.model import Gap, Leaf, Segment, Skeleton, Table, Text
from gateway.store.pieces import cut
from gateway.unpack import HEADER_TYPE, Budget, free_text, inline, structure, unpack_leaf

FILLER = "".join(f"{n:05} これは長い本文の行です。特に意味はありません。\r\n" for n in range(300))


def unpack_mail(raw: bytes, budget: Budget) -> Iterator[Leaf]:
    """Open a whole mail."""
    taken_apart = structure(Skeleton(raw=raw))
    yield from taken_apart.marks
    for leaf in taken_apart.leaves:
        yield from unpack_leaf(leaf, inline(leaf), budget)
    if header := free_text(taken_apart):
        yield header


def part(*fields: str, body: str | bytes = "") -> bytes:
    head = "".join(f"{field}\r\n" for field in fields).encode()
    return head + b"\r\n" + (body.encode() if isinstance(body, str) else body)


def multipart(
    *parts: bytes, boundary: str = "outer", kind: str = "mixed", more: tuple[str, ...] = ()
) -> bytes:
    line = f"--{boundary}".encode()
    body = b"".join(line + b"\r\n" + one + b"\r\n" for one in parts) + line + b"--\r\n"
    return part(*more, f'Content-Type: multipart/{kind}; boundary="{boundary}"', body=body)


def in_base64(raw: bytes) -> bytes:
    return base64.encodebytes(raw).replace(b"\n", b"\r\n")


def whole(raw: bytes) -> list[Leaf]:
    return list(unpack_mail(raw, Budget()))


def in_pieces(raw: bytes) -> list[Leaf]:
    skeleton, cut_out = cut(raw)
    blobs = {blob.digest: blob.raw for blob in cut_out}
    taken_apart = structure(skeleton)
    leaves: list[Leaf] = list(taken_apart.marks)
    for leaf in taken_apart.leaves:
        encoded = b"".join(blobs[p.digest] if isinstance(p, Segment) else p for p in leaf.pieces)
        leaves += unpack_leaf(leaf, encoded, Budget())
    header = free_text(taken_apart)
    return [*leaves, header] if header else leaves


def texts(leaves: list[Leaf]) -> set[str]:
    """What was read, wherever it stood; of headers each line, for a mail in a mail may have its own or not."""
    read = [leaf for leaf in leaves if isinstance(leaf, Text) and leaf.content.strip()]
    headers = (leaf.content.split("\n") for leaf in read if leaf.media_type == HEADER_TYPE)
    return (
        {leaf.content for leaf in read if leaf.media_type != HEADER_TYPE}
        | set(chain.from_iterable(headers))
        | {leaf.frame.to_csv() for leaf in leaves if isinstance(leaf, Table)}
    )


def reasons(leaves: list[Leaf]) -> list[str]:
    return sorted({leaf.reason.value for leaf in leaves if isinstance(leaf, Gap)})


def reads(leaves: list[Leaf], words: str) -> bool:
    return any(words in text for text in texts(leaves))
