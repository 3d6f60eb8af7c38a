"""The scanner: inspects one document, or one mail as its sending would, and judges it.

In: documents. Out: what each holds, and the verdict. Fails: never for a document: what cannot be read is a gap, or an error.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import detectors
from gateway import __version__, locale
from gateway.customers import NOBODY, Customers, file_of, open_customers
from gateway.exposure import SharedPart, measure
from gateway.forms import exposure_as_object, part_as_object, reasons_as_objects
from gateway.inspection import jobs
from gateway.inspection.generation import generation
from gateway.inspection.inside import Confinement
from gateway.inspection.locks import read_passwords
from gateway.inspection.sandbox import Died, sandbox_of
from gateway.model import Decision, Exposure, GapReason, Inspection, Outcome, Part, Verdict
from gateway.policy import Policy, judge
from gateway.scan.documents import Document
from gateway.settings import Settings
from gateway.store.database import open_database


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """What one document holds and what the policy says of it; `error` where it could not be read at all."""

    path: str
    verdict: Verdict | None
    exposure: Exposure | None
    parts: tuple[Part, ...]
    error: str | None = None

    @property
    def passes(self) -> bool:
        """Whether nothing speaks against it."""
        return self.error is None and self.verdict is not None and self.verdict.decision is Decision.PASS


class Scanner:
    """Inspects documents; people are known only by hashes, which end with the program."""

    def __init__(self, settings: Settings, policy: Policy, *, jobs: int, spans: bool = False) -> None:
        self._settings = settings
        self._policy = policy
        self._bulk_at = settings.sends.bulk_at
        self._spans = spans
        self._passwords = read_passwords(settings.passwords.file)
        self._secret, self._customers = _secret_and_customers(settings)
        self._sandbox = sandbox_of(settings.inspect, policy, workers=jobs)

    @property
    def confinement(self) -> Confinement | None:
        """How the workers are confined; known when the first has begun."""
        return self._sandbox.confinement

    @property
    def kind_names(self) -> Mapping[str, Mapping[str, str]]:
        """What the kinds of the policy are called, in each language."""
        return self._policy.kind_names

    def close(self) -> None:
        """End the workers."""
        self._sandbox.close()

    @property
    def decided_by(self) -> str:
        """What decides a verdict, as one hash: policy, program, limits, registered customers, passwords."""
        file = self._settings.customers.file or file_of(self._settings)
        register = file.stat() if file.exists() else None
        listed = self._settings.passwords.file
        deciding = (
            __version__,
            repr(self._policy),
            generation(self._sandbox.limits),
            self._bulk_at,
            (register.st_size, register.st_mtime_ns) if register else None,
            listed.stat().st_mtime_ns if listed else None,
        )
        return hashlib.sha256(repr(deciding).encode()).hexdigest()

    def scan(self, document: Document) -> Scanned:
        """Inspect a document."""
        if document.error is not None:
            return Scanned(path=document.path, verdict=None, exposure=None, parts=(), error=document.error)
        if isinstance(document.content, GapReason):
            return self._judged(document.path, _gap(document.name, document.content))
        return self.scan_bytes(document.content, document.path, name=document.name)

    def scan_bytes(self, raw: bytes, path: str, *, name: str | None = None) -> Scanned:
        """Inspect bytes under the name of a path."""
        name = name or Path(path).name
        job = jobs.ReadDocument(
            raw=raw, name=name, secret=self._secret, spans=self._spans, passwords=self._passwords
        )
        try:
            read = jobs.DOCUMENT_READ.validate_json(self._sandbox.run(job))
        except Died as death:
            read = _gap(name, death.reason)
        return self._judged(path, read)

    def _judged(self, path: str, read: jobs.DocumentRead) -> Scanned:
        recipients = len(read.addresses)
        exposure = measure(
            own=[(read.own, 1)] if recipients == 1 else [],
            # A document that is nobody's mail is measured as if everybody read it.
            shared=[
                SharedPart(inspection=inspection, mails=1, readers=recipients or 2)
                for inspection in ([read.attached] if recipients == 1 else [read.own, read.attached])
            ],
            recipients=frozenset(read.addresses),
            mails=1,
            recipient_count=recipients,
            own_kinds=frozenset(self._policy.kind_names),
            customers=self._customers,
        )
        bulk = recipients == 0 or recipients >= self._bulk_at
        return Scanned(
            path=path,
            verdict=judge(self._policy, exposure, bulk=bulk),
            exposure=exposure,
            parts=read.own.parts + read.attached.parts,
        )


def _gap(name: str, reason: GapReason) -> jobs.DocumentRead:
    """Say that a document could not be read at all."""
    part = Part(
        path=(name,),
        media_type="application/octet-stream",
        encoding=None,
        outcome=Outcome.GAP,
        gap=reason,
    )
    attached = Inspection(parts=(part,))
    return jobs.DocumentRead(own=Inspection(parts=()), attached=attached, addresses=())


def as_object(scanned: Scanned) -> dict[str, Any]:
    """Give the JSON of the outside contract."""
    return {
        "path": scanned.path,
        "verdict": scanned.verdict.decision if scanned.verdict else None,
        "reasons": reasons_as_objects(scanned.verdict),
        "exposure": exposure_as_object(scanned.exposure),
        "parts": [_explained(part_as_object(part)) for part in scanned.parts],
        "error": scanned.error,
    }


def as_explanation(scanned: Scanned, own_names: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """Yield a line for each table and each finding in a text: what it is and why, in Japanese and English.

    `own_names` says what the kinds of the policy are called in each language.
    """
    for part in scanned.parts:
        where = " › ".join(part.path)
        if part.why:
            yield f"\t{where}\t{' / '.join(_in_words(part.why).values())}"
        for span in part.spans:
            own = own_names.get(span.kind, {})
            called = " / ".join(own.get(lang) or _kind(lang, span.kind) for lang in locale.LANGUAGES)
            yield f"\t{where}\t{span.start}-{span.end}\t{called}\t{' / '.join(_in_words(span.why).values())}"


def _explained(form: dict[str, Any]) -> dict[str, Any]:
    """Add to whatever has a reason the reason in words."""
    for one in (form, *form.get("spans", ())):
        if one["why"]:
            one["explanation"] = _in_words(one["why"])
    return form


def _in_words(why: str) -> dict[str, str]:
    return {
        lang: detectors.explain(why, lang, {kind: _kind(lang, kind) for kind in detectors.KINDS})
        for lang in locale.LANGUAGES
    }


def _kind(lang: str, kind: str) -> str:
    return locale.text_or(lang, f"kind.{kind}", kind)


def as_line(scanned: Scanned) -> str:
    """Give a line for people, who read Japanese or English."""
    if scanned.verdict is None or scanned.exposure is None:
        return f"ERROR\t{scanned.path}\t{scanned.error}"
    reasons = "; ".join(f"{reason.ja} / {reason.en}" for reason in scanned.verdict.reasons)
    return f"{scanned.verdict.decision}\t{scanned.path}\t{scanned.exposure.people} 人 / people\t{reasons}"


def _secret_and_customers(settings: Settings) -> tuple[bytes, Customers]:
    """Give the register with the secret that it was written under; without one, a secret that nothing else has."""
    if settings.customers.file is None and not file_of(settings).exists():
        return secrets.token_bytes(32), NOBODY
    database = open_database(settings.store)
    try:
        secret = database.people_secret
    finally:
        database.close()
    return secret, open_customers(settings, secret)
