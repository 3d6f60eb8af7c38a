"""What people and tools write into a header as they like: Subject, Comments, Keywords (RFC 5322, 3.6.5), X-… of their own.

In: Headers. Out: text. Fails: never.

Any field may carry any text, so all are read but those that are known to be written by machines (machine_fields.txt).
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

from gateway.model import Path, Text
from gateway.unpack._headers import Headers, decode_field, decode_words

HEADER_TYPE = "text/rfc822-headers"  # RFC 6522
PLACE = "(header)"

_LINES = (files("gateway.unpack") / "machine_fields.txt").read_text("utf-8").splitlines()
_MACHINE = frozenset(line for line in _LINES if line and not line.startswith("#"))
_MACHINE_BEGINNINGS = tuple(line.removesuffix("*") for line in _MACHINE if line.endswith("*"))


def free_text(headers: Headers, path: Path = ()) -> Text | None:
    """Give what a header says freely, a field a line: the subject as it is, others behind their names; None where it says nothing."""
    lines = [
        line
        for name, value in headers.fields
        if name not in _MACHINE
        and (line := (_remembered if len(value) <= _SHORT_BYTES else _line)(name, value))
    ]
    if not lines:
        return None
    return Text(path=(*path, PLACE), media_type=HEADER_TYPE, encoding=None, content="\n".join(lines))


def _line(name: str, value: bytes) -> str:
    decoded = "" if name.startswith(_MACHINE_BEGINNINGS) else decode_words(decode_field(value)).strip()
    return decoded if not decoded or name == "subject" else f"{name}: {decoded}"


_SHORT_BYTES = 512
_remembered = lru_cache(maxsize=512)(_line)
