"""The template behind a merged mail, recognised without parsing the mail.

In: a mail's own bytes (its skeleton). Out: a Fingerprint. Fails: never.

A fingerprint is the set of the mail's lines as 32-bit hashes, transfer encoding undone: in the mails of one job nearly all lines
are the same, and the few that differ carry the merge fields. It decides only which mails people judge together; what
a mail holds is read elsewhere, behind walls.
"""

from __future__ import annotations

import binascii
import quopri
import zlib
from array import array
from dataclasses import dataclass

import regex

MAX_LINES = 400
ALIKE = 0.5  # share of common lines from which two mails are of one template
FEW_LINES = 4  # under this the subject decides

_TRANSFER_ENCODING = regex.compile(rb"(?im)^content-transfer-encoding:\s*(base64|quoted-printable)")
_SUBJECT = regex.compile(rb"(?im)^subject:[ \t]*((?:.|\r\n[ \t])*)")
_BREAKS = regex.compile(rb"[\r\n]+|(?<=>)(?=<)|(?i:<br ?/?>|</(?:p|div|td|tr|li|h[1-6])>)|(?<=\xe3\x80\x82)")
_VARIES = regex.compile(rb"[0-9]+|[\w.+-]+@[\w.-]+")


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What two mails of one template have in common."""

    subject: int
    lines: frozenset[int]

    def to_bytes(self) -> bytes:
        """Write it, smallest first, so that equal ones are equal bytes."""
        return array("I", [self.subject, *sorted(self.lines)]).tobytes()

    @classmethod
    def from_bytes(cls, raw: bytes) -> Fingerprint:
        """Read it."""
        numbers = array("I")
        numbers.frombytes(raw)
        return cls(subject=numbers[0], lines=frozenset(numbers[1:]))


def fingerprint(raw: bytes) -> Fingerprint:
    """Take the fingerprint of a mail's own bytes."""
    head, _, _ = raw.partition(b"\r\n\r\n")
    found = _SUBJECT.search(head)
    subject = _VARIES.sub(b"#", found[1]) if found else b""
    lines: set[int] = set()
    for text in _texts(raw):
        for line in _BREAKS.split(text):
            stripped = line.strip()
            if len(stripped) > 1:
                lines.add(zlib.crc32(_VARIES.sub(b"#", stripped)))
                if len(lines) >= MAX_LINES:
                    return Fingerprint(zlib.crc32(subject), frozenset(lines))
    return Fingerprint(zlib.crc32(subject), frozenset(lines))


def alike(one: Fingerprint, other: Fingerprint) -> float:
    """Give the share of lines that two mails have in common, 0 to 1; of very short mails, whether their subjects agree."""
    fewer = min(len(one.lines), len(other.lines))
    if fewer < FEW_LINES:
        return 1.0 if one.subject == other.subject else 0.0
    return len(one.lines & other.lines) / max(len(one.lines), len(other.lines))


def same_template(one: Fingerprint, other: Fingerprint) -> bool:
    """Tell whether two mails come of one template."""
    return alike(one, other) >= ALIKE


def _texts(raw: bytes) -> list[bytes]:
    """Give the bodies between boundary lines, their transfer encoding undone where it can be."""
    texts = []
    for piece in raw.split(b"\r\n--"):
        head, blank, body = piece.partition(b"\r\n\r\n")
        if not blank:
            continue
        encoding = _TRANSFER_ENCODING.search(head)
        texts.append(_decoded(body, encoding[1].lower() if encoding else b""))
    return texts


def _decoded(body: bytes, encoding: bytes) -> bytes:
    if encoding == b"base64":
        try:
            return binascii.a2b_base64(body)
        except binascii.Error:
            return body
    return quopri.decodestring(body) if encoding == b"quoted-printable" else body
