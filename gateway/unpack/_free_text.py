"""What people and tools write into a header as they like: Subject, Comments, Keywords (RFC 5322, 3.6.5), X-… of their own.

In: a mail taken apart. Out: text. Fails: never.

Any field may carry any text, so all are read but those that are known to be written by machines (machine_fields.txt): of the
mail, of its parts, of the mails in it; and what files are called. Whom a mail goes to is judged elsewhere, whom a mail in it went to
is not: it is read where it is a list.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files

from gateway.exposure import CORRESPONDENCE
from gateway.model import Path, Text
from gateway.unpack._headers import Headers, decode_field, decode_words
from gateway.unpack.mime import Structure

HEADER_TYPE = "text/rfc822-headers"  # RFC 6522
PLACE = "(header)"

_LINES = (files("gateway.unpack") / "machine_fields.txt").read_text("utf-8").splitlines()
_MACHINE = frozenset(line for line in _LINES if line and not line.startswith("#"))
_MACHINE_BEGINNINGS = tuple(line.removesuffix("*") for line in _MACHINE if line.endswith("*"))
_ADDRESSED = frozenset({"to", "cc", "bcc", "reply-to", "resent-to", "resent-cc", "resent-bcc"})


def free_text(structure: Structure, path: Path = (), *, carried: bool = False) -> Text | None:
    """Give what headers say freely, a field a line: the subject as it is, others behind their names; None where they say nothing.

    `carried` is a mail in another: its own header is one of those within.
    """
    inner = (structure.headers, *structure.inner) if carried else structure.inner
    lines = [] if carried else list(_said(structure.headers))
    within = dict.fromkeys(line for headers in inner for line in (*_said(headers), *_listed(headers)))
    names = dict.fromkeys(f"filename: {leaf.name}" for leaf in structure.leaves if leaf.name)
    lines += [*within, *names]
    if not lines:
        return None
    return Text(path=(*path, PLACE), media_type=HEADER_TYPE, encoding=None, content="\n".join(lines))


def _said(headers: Headers) -> Iterator[str]:
    for name, value in headers.fields:
        if name not in _MACHINE:
            line = (_remembered if len(value) <= _SHORT_BYTES else _line)(name, value)
            if line:
                yield line


def _listed(headers: Headers) -> Iterator[str]:
    """Give those whom a mail within went to, each on a line, where they are many."""
    fields = [name for name, _ in headers.fields if name in _ADDRESSED]
    if fields:
        pairs = [pair for field in dict.fromkeys(fields) for pair in headers.addresses(field)]
        if len(pairs) > CORRESPONDENCE:
            yield from (f"{name} {address}" for name, address in pairs)


def _line(name: str, value: bytes) -> str:
    decoded = "" if name.startswith(_MACHINE_BEGINNINGS) else decode_words(decode_field(value)).strip()
    return decoded if not decoded or name == "subject" else f"{name}: {decoded}"


_SHORT_BYTES = 512
_remembered = lru_cache(maxsize=512)(_line)
