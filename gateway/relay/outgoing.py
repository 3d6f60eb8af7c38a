"""A mail as it goes out: as it came in, with one Received line before it.

In: a mail's bytes, its envelope. Out: the line; the bytes that follow DATA. Fails: Unsendable, where a mail holds what no
accepted mail holds.
"""

from __future__ import annotations

from datetime import datetime
from email.utils import format_datetime

import regex

from gateway.model import Envelope

_UNSAFE = regex.compile(r"[^A-Za-z0-9.:_\[\]-]")  # neither parentheses nor ";": they have a meaning here
NAME_CHARACTERS = 255


class Unsendable(Exception):
    """What no accepted mail holds: it was changed since, and goes nowhere; it is never mended on the way."""


def received_line(envelope: Envelope, *, hostname: str, mail_id: str, received_at: datetime) -> bytes:
    """Write the trace line (RFC 5321, 4.4), folded; without its "for", since that would name a recipient."""
    peer = _safe(envelope.peer)
    address = f"IPv6:{peer}" if ":" in peer else peer  # RFC 5321, 4.1.3
    return (
        f"Received: from {_safe(envelope.helo)} ([{address}])\r\n"
        f"\tby {_safe(hostname)} with {_protocol(envelope)}\r\n"
        f"\tid {_safe(mail_id)};\r\n"
        f"\t{format_datetime(received_at)}\r\n"
    ).encode("ascii")


def data(content: bytes, line: bytes) -> bytes:
    """Give what follows DATA: the line, the content with its dots doubled, and the end (RFC 5321, 4.5.2).

    Raises: Unsendable for a bare CR, a bare LF, a NUL, or a last line without its end.
    """
    whole = line + content
    ends = whole.count(b"\r\n")
    if (
        whole.count(b"\n") != ends
        or whole.count(b"\r") != ends
        or b"\0" in whole
        or not whole.endswith(b"\r\n")
    ):
        raise Unsendable("bare CR, bare LF, NUL or an unfinished line")
    return whole.replace(b"\r\n.", b"\r\n..") + b".\r\n"  # the first line is ours and has no dot


def _protocol(envelope: Envelope) -> str:
    """Name the protocol (RFC 3848, RFC 6531, 4.3); a login shows where the submitter is not just the client."""
    name = "UTF8SMTP" if "SMTPUTF8" in envelope.parameters else "ESMTP"
    return name + ("S" if envelope.tls else "") + ("A" if envelope.submitter != envelope.client else "")


def _safe(text: str) -> str:
    return _UNSAFE.sub("?", text)[:NAME_CHARACTERS] or "unknown"
