"""Whose addresses a mail shows to all who read it: the letter to everybody whose Bcc was forgotten.

In: a mail's header and recipients. Out: addresses. Fails: never.
"""

from __future__ import annotations

from importlib.resources import files
from itertools import chain

import detectors
from gateway import unpack

FIELDS = ("to", "cc", "bcc", "resent-to", "resent-cc", "resent-bcc")  # a Bcc that was left in is shown, too

SHARED_DOMAINS = frozenset(
    (files("gateway.inspection") / "shared_domains.txt").read_text("utf-8").split("\n")
)


def visible_addresses(headers: unpack.Headers, recipients: tuple[str, ...]) -> tuple[str, ...]:
    """Give the addresses that a mail's readers see beside their own, less those of its sender's domain.

    The reader's own is among them where there are others: so the mails that show the same list say the same of it.
    """
    values = [value for name, value in headers.fields if name in FIELDS]
    if sum(value.count(b"@") or 2 * (b"=?" in value) for value in values) < 2:
        return ()  # as nearly every mail of a merge: its reader's alone, or one that stands for all
    own = _own_domain(headers)
    pairs = chain.from_iterable(headers.addresses(field) for field in FIELDS)
    shown = {detectors.address_key(address) for _, address in pairs if "@" in address}
    outside = {address for address in shown if not _is_within(_domain(address), own)}
    reader = {detectors.address_key(address) for address in recipients} if len(recipients) == 1 else set()
    return tuple(sorted(outside)) if outside - reader else ()


def _own_domain(headers: unpack.Headers) -> str:
    """Give the domain of who writes, as readers see it; "" where strangers have theirs there, too."""
    domain = next((_domain(detectors.address_key(address)) for _, address in headers.addresses("from")), "")
    return "" if domain in SHARED_DOMAINS else domain


def _domain(address: str) -> str:
    return address.rpartition("@")[2]


def _is_within(domain: str, own: str) -> bool:
    return own != "" and (domain == own or domain.endswith(f".{own}"))
