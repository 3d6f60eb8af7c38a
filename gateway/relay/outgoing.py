"""A mail as it goes out: as it came in, with one Received line before it.

In: a stored mail's bytes and envelope. Out: bytes for DATA. Fails: Unsendable, where it holds what no mail may hold.
"""

from __future__ import annotations

from datetime import datetime
from email.utils import format_datetime

import regex

from gateway.model import Envelope

_UNSAFE = regex.compile(r"[^A-Za-z0-9.:_\[\]-]")


class Unsendable(Exception):
    """Bare CR, bare LF or NUL in a mail that was accepted without: it was changed since, and goes nowhere."""


def received_line(envelope: Envelope, *, hostname: str, mail_id: str, now: datetime) -> bytes:
    """Write the trace line (RFC 5321, 4.4); what the client said of itself is made harmless, whom it goes to is left out."""
    protocol = ("UTF8SMTP" if "SMTPUTF8" in envelope.parameters else "ESMTP") + ("S" if envelope.tls else "")
    helo = _UNSAFE.sub("?", envelope.helo)[:100] or "unknown"
    peer = _UNSAFE.sub("?", envelope.peer)[:100] or "unknown"
    return (
        f"Received: from {helo} ([{peer}])\r\n"
        f"\tby {hostname} (Sekisho) with {protocol} id {mail_id};\r\n"
        f"\t{format_datetime(now)}\r\n"
    ).encode("ascii", "replace")


def data(raw: bytes, received: bytes) -> bytes:
    """Give what follows DATA: the line, the mail, dots stuffed, and the end (RFC 5321, 4.5.2).

    Raises: Unsendable.
    """
    lines = raw.count(b"\r\n")
    if raw.count(b"\n") != lines or raw.count(b"\r") != lines or b"\0" in raw:
        raise Unsendable
    whole = received + raw
    if b"\n." in whole:
        whole = whole.replace(b"\r\n.", b"\r\n..")
    return whole + (b".\r\n" if whole.endswith(b"\r\n") else b"\r\n.\r\n")
