"""How the words of the model are written in the store, and read again.

In: model values, or text. Out: the other. Fails: pydantic's ValidationError on text that no version wrote.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import replace
from functools import lru_cache

from pydantic import TypeAdapter

from gateway.model import Envelope, Exposure, Inspection, Recipient, Verdict
from gateway.people import People, Person

_VERDICT = TypeAdapter(Verdict)
_EXPOSURE = TypeAdapter(Exposure)
_INSPECTION = TypeAdapter(Inspection)
_PERSONS = TypeAdapter(tuple[Person, ...])
_LISTED = b'"people":['


def envelope_to_text(envelope: Envelope) -> str:
    """Write an envelope less its recipients, which are deliveries."""
    return _fields_to_text(
        client=envelope.client,
        submitter=envelope.submitter,
        sender=envelope.sender,
        parameters=envelope.parameters,
        peer=envelope.peer,
        helo=envelope.helo,
        tls=envelope.tls,
    )


@lru_cache(maxsize=256)  # the mails of one connection have the same
def _fields_to_text(**fields: object) -> str:
    return json.dumps(fields, ensure_ascii=False)


def envelope_from_text(text: str, recipients: tuple[Recipient, ...] = ()) -> Envelope:
    """Read an envelope."""
    fields = json.loads(text)
    return Envelope(**{**fields, "parameters": tuple(fields["parameters"])}, recipients=recipients)


def recipient_from_row(address: str, parameters: str) -> Recipient:
    """Read a recipient of a delivery's row."""
    return Recipient(address=address, parameters=tuple(json.loads(parameters)) if parameters else ())


def storable(text: str) -> str:
    """Replace what not every database takes: NUL, and halves of surrogate pairs."""
    return text.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def verdict_to_text(verdict: Verdict) -> str:
    """Write a verdict."""
    return _VERDICT.dump_json(verdict).decode()


def verdict_from_text(text: str | None) -> Verdict | None:
    """Read a verdict."""
    return None if text is None else _VERDICT.validate_json(text)


def exposure_to_text(exposure: Exposure) -> str:
    """Write an exposure."""
    return _EXPOSURE.dump_json(exposure).decode()


def exposure_from_text(text: str | None) -> Exposure | None:
    """Read an exposure."""
    return None if text is None else _EXPOSURE.validate_json(text)


def inspection_to_bytes(inspection: Inspection) -> bytes:
    """Write an inspection, packed: the hashes of 5,000 people are many digits."""
    return zlib.compress(_INSPECTION.dump_json(inspection), 1)


def inspection_from_bytes(packed: bytes) -> Inspection:
    """Read an inspection, also one that a version before people were packed has written."""
    text = zlib.decompress(packed)
    if _LISTED not in text:
        return _INSPECTION.validate_json(text)
    fields = json.loads(text)
    people = People.of(_PERSONS.validate_python(fields.pop("people")))
    return replace(_INSPECTION.validate_json(json.dumps(fields)), people=people)


def inspection_from_json(text: str | bytes) -> Inspection:
    """Read what a worker process sent; it is checked, since a worker may have been taken over."""
    return _INSPECTION.validate_json(text)


def inspection_to_json(inspection: Inspection) -> bytes:
    """Write what a worker process sends."""
    return _INSPECTION.dump_json(inspection)
