"""The words of what goes out: one recipient of one mail, and where his copy stands.

In: nothing. Out: a frozen dataclass and an enum. Fails: never.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gateway.model import Recipient


class DeliveryStatus(StrEnum):
    """Where one recipient's copy stands."""

    WAITING = "waiting"  # of its send, or of its next try
    SENDING = "sending"
    DELIVERED = "delivered"
    FAILED = "failed"  # for good: 5xx, or given up
    CANCELLED = "cancelled"  # rejected, expired or withdrawn: never sent


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One recipient of one mail: his ledger line."""

    id: int
    mail_id: str
    send_id: str
    recipient: Recipient
    status: DeliveryStatus
    attempts: int = 0
    next_attempt_at: datetime | None = None
    reply: str = ""
