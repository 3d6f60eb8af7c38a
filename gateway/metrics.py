"""What operators watch; names as the outside contract fixes them.

In: counts from every room. Out: Prometheus metrics. Fails: never.

No label ever holds an address, a subject or a matched value. Several processes share these through
PROMETHEUS_MULTIPROC_DIR, which app.py sets before this module is imported anywhere else.
"""

from __future__ import annotations

from prometheus_client import Counter, Histogram

MAILS_ACCEPTED = Counter("sekisho_mails_accepted_total", "Mails accepted with 250", ["client"])
MAILS_REFUSED = Counter("sekisho_mails_refused_total", "Mails refused, by reason", ["reason"])
VERDICTS = Counter("sekisho_verdicts_total", "Verdicts on sends, by the rule that fired", ["verdict", "rule"])
PARTS_INSPECTED = Counter("sekisho_parts_inspected_total", "Parts inspected", ["media_type", "outcome"])
GAPS = Counter("sekisho_gaps_total", "Parts that could not be read", ["reason"])
FINDINGS = Counter("sekisho_findings_total", "Findings, by kind", ["kind"])
INSPECTION_SECONDS = Histogram("sekisho_inspection_seconds", "One job of an inspection worker, in seconds")
APPROVAL_SECONDS = Histogram(
    "sekisho_approval_seconds",
    "From held to decided, in seconds",
    buckets=(60, 300, 900, 1800, 3600, 7200, 14400, 28800, 86400, 259200),
)
DELIVERIES = Counter("sekisho_deliveries_total", "Deliveries to the next hop, by outcome", ["status"])
STORE_SECONDS = Histogram("sekisho_store_seconds", "Transactions of the store, in seconds", ["operation"])
