"""What stands in a page itself: data: URIs (RFC 2397).

In: markup. Out: bytes. Fails: never; damaged base64 is read as far as it goes.
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

import regex

from gateway.unpack._transfer import from_base64

_URI = regex.compile(
    r"\"\s*+(data:[^\"]*+)\"|'\s*+(data:[^']*+)'|[=(]\s*+(data:[^\s\"'>)]++)|\(\s*+[\"']?(data:[^\"')]*+)",
    regex.I,
)
_SPACE = regex.compile(r"\s+")


def data_uris(text: str) -> Iterator[bytes]:
    """Find data: URIs where attributes or styles have them."""
    if "data:" not in text.lower():
        return
    for found in _URI.finditer(text):
        uri = html.unescape(next(filter(None, found.groups())))
        head, comma, data = uri[5:].partition(",")
        if not comma:
            continue
        raw = unquote_to_bytes(_SPACE.sub("", data) if ";base64" in head.lower() else data)
        if ";base64" in head.lower():
            raw = from_base64(raw.translate(bytes.maketrans(b"-_", b"+/")))[0]
        if raw:
            yield raw
