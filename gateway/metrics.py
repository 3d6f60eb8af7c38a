"""What operators watch; names as the outside contract fixes them.

In: counts from every room. Out: Prometheus metrics. Fails: never.

No label ever holds an address, a subject or a matched value. Several processes share these through
PROMETHEUS_MULTIPROC_DIR, which app.py sets before this module is imported anywhere else.
"""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

MAILS_ACCEPTED = Counter("sekisho_mails_accepted_total", "Mails accepted with 250", ["client"])
MAILS_REFUSED = Counter("sekisho_mails_refused_total", "Mails refused, by reason", ["reason"])
VERDICTS = Counter("sekisho_verdicts_total", "Verdicts on sends, by the rule that fired", ["verdict", "rule"])
PARTS_INSPECTED = Counter("sekisho_parts_inspected_total", "Parts inspected", ["media_type", "outcome"])
GAPS = Counter("sekisho_gaps_total", "Parts that could not be read", ["reason"])
FINDINGS = Counter("sekisho_findings_total", "Findings, by kind", ["kind"])
INSPECTION_SECONDS = Histogram("sekisho_inspection_seconds", "One job of an inspection worker, in seconds")
CONFINED = Gauge(
    "sekisho_inspection_confined",
    "Whether the kernel confines inspection workers, by mechanism",
    ["mechanism"],
    multiprocess_mode="min",
)
APPROVAL_SECONDS = Histogram(
    "sekisho_approval_seconds",
    "From held to decided on the page or by the API, in seconds",
    buckets=(60, 300, 900, 1800, 3600, 7200, 14400, 28800, 86400, 259200),
)
DELIVERIES = Counter("sekisho_deliveries_total", "Deliveries to the next hop, by outcome", ["status"])
STORE_SECONDS = Histogram("sekisho_store_seconds", "Transactions of the store, in seconds", ["operation"])

OTHER = "other"
_MEDIA_TYPES = frozenset(
    [
        "application/gzip",
        "application/json",
        "application/mac-binhex40",
        "application/ms-tnef",
        "application/msword",
        "application/octet-stream",
        "application/pdf",
        "application/pgp-encrypted",
        "application/pkcs7-mime",
        "application/rtf",
        "application/sql",
        "application/vnd.ms-cab-compressed",
        "application/vnd.ms-excel",
        "application/vnd.ms-excel.sheet.binary.macroEnabled.12",
        "application/vnd.ms-outlook",
        "application/vnd.ms-powerpoint",
        "application/vnd.oasis.opendocument.graphics",
        "application/vnd.oasis.opendocument.presentation",
        "application/vnd.oasis.opendocument.spreadsheet",
        "application/vnd.oasis.opendocument.text",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/vnd.rar",
        "application/vnd.sqlite3",
        "application/x-7z-compressed",
        "application/x-bzip2",
        "application/x-ds-store",
        "application/x-encrypted-office",
        "application/x-lzh",
        "application/x-ole-storage",
        "application/x-tar",
        "application/x-xz",
        "application/x-yenc",
        "application/xml",
        "application/yaml",
        "application/zip",
        "application/zstd",
        "image/bmp",
        "image/emf",
        "image/gif",
        "image/heic",
        "image/jpeg",
        "image/png",
        "image/tiff",
        "image/webp",
        "image/wmf",
        "message/external-body",
        "message/global",
        "message/partial",
        "message/rfc822",
        "multipart/alternative",
        "multipart/appledouble",
        "multipart/digest",
        "multipart/encrypted",
        "multipart/mixed",
        "multipart/related",
        "multipart/report",
        "multipart/signed",
        "text/calendar",
        "text/csv",
        "text/html",
        "text/plain",
        "text/tab-separated-values",
        "text/vcard",
        "text/x-amp-html",
    ]
)


def media_type_label(media_type: str) -> str:
    """Give a media type as a label: what the mail's own header calls a part is free text, so only known ones are."""
    return media_type if media_type in _MEDIA_TYPES else OTHER
