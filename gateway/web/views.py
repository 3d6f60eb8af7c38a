"""What is shown of a send: the same facts for the page, the API and the command line.

In: a transaction, a send. Out: plain objects. Fails: never.

Addresses are masked, and values stay out: what a part says is read when it is asked for (inspection/evidence.py).
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from gateway.forms import exposure_as_object, part_as_object, reasons_as_objects
from gateway.inspection.evidence import Numbered
from gateway.inspection.jobs import Evidence
from gateway.model import Send
from gateway.review import approvals
from gateway.store import accounts, deliveries, events, mails, passwords, sends
from gateway.store.database import Transaction

SAMPLE_RECIPIENTS = 5
TOP_DOMAINS = 8
MAX_PARTS = 200  # what speaks against a send comes first


def send_line(send: Send) -> dict[str, Any]:
    """Give a send as a list shows it."""
    return {
        "id": send.id,
        "series": send.series,
        "state": send.state,
        "client": send.client,
        "submitter": send.submitter,
        "sender": masked(send.sender),
        "subject": send.subject,
        "mails": send.mails,
        "recipients": send.recipients,
        "verdict": send.verdict.decision if send.verdict else None,
        "people": send.exposure.people if send.exposure else None,
        "opened_at": send.opened_at.isoformat(),
        "last_mail_at": send.last_mail_at.isoformat(),
        "held_at": send.held_at.isoformat() if send.held_at else None,
        "released_at": send.released_at.isoformat() if send.released_at else None,
    }


def send_json(tx: Transaction, send: Send, *, needed: int) -> dict[str, Any]:
    """Give all of a send."""
    decided = sends.approvals(tx, send.id)
    tally = approvals.tally(send, decided, accounts.by_name(tx), needed=needed)
    parts = _parts(tx, send)
    return {
        **send_line(send),
        "seen": send.seen,
        "reasons": reasons_as_objects(send.verdict),
        "exposure": exposure_as_object(send.exposure),
        "parts": parts[:MAX_PARTS],
        "parts_left_out": max(0, len(parts) - MAX_PARTS),
        "opened_by": [_related(one) for one in passwords.opened_by(tx, send.id)],
        "password_of": [_related(one) for one in passwords.told_of(tx, send.id)],
        "series_difference": _series_difference(tx, send),
        "approvals": [
            {
                "reviewer": a.reviewer,
                "decision": a.choice,
                "comment": a.comment,
                "at": a.at.isoformat(),
                "counts": a.seen == send.seen,
            }
            for a in decided
        ],
        "tally": {"needed": tally.needed, "approved": len(tally.approvers), "missing": tally.missing},
        "deliveries": deliveries.tally(tx, send.id),
        "addressees": _addressees(tx, send),
        "events": [
            {"kind": e.kind, "at": e.at.isoformat(), "actor": e.actor}
            for e in events.of_send(tx, send.id)
            if e.kind != "mails.accepted"
        ],
    }


def evidence_json(evidence: Evidence) -> dict[str, Any]:
    """Give what is shown of a part."""
    return {
        "path": list(evidence.path),
        "outcome": evidence.outcome,
        "headers": list(evidence.headers),
        "rows": [list(row) for row in evidence.rows],
        "pieces": [piece._asdict() for piece in evidence.pieces],
        "left_out": evidence.left_out,
    }


def _related(one: passwords.Related) -> dict[str, Any]:
    """Give where a password came from, or in what it opened something: the send, never the password."""
    return {"source": one.source, "send": one.send_id, "state": one.state, "at": one.at.isoformat()}


def masked(address: str) -> str:
    """Give an address as it may be shown: the first letter and the domain."""
    local, at, domain = address.rpartition("@")
    return f"{local[:1]}***{at}{domain}" if at else address[:1] + "***" if address else "<>"


def _parts(tx: Transaction, send: Send) -> list[dict[str, Any]]:
    """Give the parts, each with the number of mails that have it; equal ones of many mails are one line."""
    carried: Counter[bytes] = Counter()
    for content in mails.contents(tx, send.id):
        carried[content.own] += content.mails
        for key in set(content.parts):
            carried[key] += content.mails
    found = mails.inspections(tx, [key for key in carried if key is not None])
    lines: dict[str, dict[str, Any]] = {}
    for key, inspection in found.items():
        for index, part in enumerate(inspection.parts):
            form = part_as_object(part)
            line = lines.setdefault(repr(form), {"id": str(Numbered(key, index)), **form, "mails": 0})
            line["mails"] += carried[key]
    return sorted(
        lines.values(),
        key=lambda line: (not line["about_people"], line["gap"] is line["claimed"] is None, line["path"]),
    )


def _series_difference(tx: Transaction, send: Send) -> dict[str, Any] | None:
    """Say in what a send differs from the one before it in its series (Plus One: six clean days, and the seventh)."""
    earlier = sends.previous_in_series(tx, send)
    if earlier is None:
        return None
    kinds_now, kinds_then = ({part["media_type"] for part in _parts(tx, one)} for one in (send, earlier))
    return {
        "previous": earlier.id,
        "previous_state": earlier.state,
        "mails": send.mails - earlier.mails,
        "people": (send.exposure.people if send.exposure else 0)
        - (earlier.exposure.people if earlier.exposure else 0),
        "new_media_types": sorted(kinds_now - kinds_then),
    }


def _addressees(tx: Transaction, send: Send) -> dict[str, Any]:
    addresses = mails.recipients(tx, send.id)
    domains = Counter(address.rpartition("@")[2].lower() for address in addresses)
    return {
        "count": len(addresses),
        "distinct": len(set(addresses)),
        "domains": dict(domains.most_common(TOP_DOMAINS)),
        "sample": list(dict.fromkeys(map(masked, addresses)))[:SAMPLE_RECIPIENTS],
    }
