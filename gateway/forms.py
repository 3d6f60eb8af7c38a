"""The JSON that the outside contract fixes, the same for `scan --json` and for the API.

In: model values. Out: plain objects. Fails: never.
"""

from __future__ import annotations

from typing import Any

from gateway.model import Exposure, Part, Verdict


def reasons_as_objects(verdict: Verdict | None) -> list[dict[str, Any]]:
    """Give the reasons of a verdict."""
    if verdict is None:
        return []
    return [
        {
            "rule": r.rule,
            "text": r.ja,
            "text_en": r.en,
            "decision": r.decision,
            "figure": r.figure,
            "limit": r.limit,
        }
        for r in verdict.reasons
    ]


def exposure_as_object(exposure: Exposure | None) -> dict[str, Any] | None:
    """Give an exposure."""
    if exposure is None:
        return None
    return {
        "people": exposure.people,
        "households": exposure.households,
        "records": exposure.records,
        "minors": exposure.minors,
        "customers": exposure.customers,
        "passwords": exposure.passwords,
        "items": dict(exposure.items),
        "sensitive": list(exposure.sensitive),
        "overlap": exposure.overlap,
        "reportable": exposure.reportable,
        "gaps": dict(exposure.gaps),
        "mislabelled": exposure.mislabelled,
        "visible": exposure.visible,
        "mails": exposure.mails,
        "recipients": exposure.recipients,
    }


def part_as_object(part: Part) -> dict[str, Any]:
    """Give a part."""
    fields: dict[str, Any] = {
        "path": list(part.path),
        "media_type": part.media_type,
        "encoding": part.encoding,
        "outcome": part.outcome,
        "gap": part.gap,
        "claimed": part.claimed,
        "rows": part.rows,
        "columns": [{"header": c.header, "kind": c.kind, "share": c.share} for c in part.columns],
        "findings": dict(part.findings),
        "about_people": part.about_people,
        "why": part.why,
    }
    if part.spans:
        fields["spans"] = [
            {"kind": s.kind, "start": s.start, "end": s.end, "confidence": s.confidence, "why": s.why}
            for s in part.spans
        ]
    return fields
