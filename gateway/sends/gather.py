"""Which send a mail belongs to, and when a send is whole.

In: fingerprints, the sends of the same client and sender, the time. Out: a choice. Fails: never.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.model import Send
from gateway.sends.template import ALIKE, Fingerprint, alike


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A send that a mail may belong to."""

    id: str
    series: str
    fingerprint: Fingerprint


def choose(fingerprint: Fingerprint, sends: Iterable[Candidate]) -> Candidate | None:
    """Choose the send whose template the mail has; None: it opens one."""
    best = max(
        ((alike(fingerprint, send.fingerprint), send) for send in sends),
        key=lambda pair: pair[0],
        default=None,
    )
    return best[1] if best is not None and best[0] >= ALIKE else None


def series_of(fingerprint: Fingerprint, sends: Iterable[Candidate]) -> str | None:
    """Give the series whose sends resemble this mail."""
    like = choose(fingerprint, sends)
    return None if like is None else like.series


def due_at(send: Send, *, quiet_seconds: float, max_open_seconds: float) -> datetime:
    """Give when a send is whole: quiet for long enough, or open for too long."""
    quiet_at = send.last_mail_at + timedelta(seconds=quiet_seconds)
    return min(quiet_at, send.opened_at + timedelta(seconds=max_open_seconds))
