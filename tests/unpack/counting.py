"""How many people a document is of, counted as its sending would."""

from __future__ import annotations

from gateway.exposure import measure
from gateway.inspection.jobs import DOCUMENT_READ, DocumentRead, ReadDocument, Sought
from gateway.inspection.sandbox import limits_of
from gateway.inspection.worker import do
from gateway.model import GapReason
from gateway.settings import InspectSettings

LIMITS = limits_of(InspectSettings())


def inspected(raw: bytes, name: str) -> DocumentRead:
    job = ReadDocument(raw=raw, name=name, secret=b"s" * 32)
    return DOCUMENT_READ.validate_json(do(job, LIMITS, Sought()))


def people(read: DocumentRead) -> int:
    return measure(
        own=[(read.own, 1), (read.attached, 1)], shared=[], recipients=frozenset(), mails=1, recipient_count=1
    ).people


def gaps(read: DocumentRead) -> list[GapReason]:
    return [part.gap for part in (*read.own.parts, *read.attached.parts) if part.gap]
