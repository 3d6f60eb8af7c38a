"""When a delivery is tried again, and how much of a send may have gone by now.

In: attempts, times, settings. Out: a time, a number. Fails: never.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta


def next_attempt(
    attempts: int, *, retry_seconds: Sequence[int], give_up_hours: float, released_at: datetime, now: datetime
) -> datetime | None:
    """Give the time of the next try after so many; None: give up (RFC 5321, 4.5.4.1)."""
    if now - released_at >= timedelta(hours=give_up_hours):
        return None
    return now + timedelta(
        seconds=retry_seconds[min(attempts, len(retry_seconds)) - 1] if retry_seconds else 60
    )


def allowed(
    waves: Sequence[int], *, wave_seconds: float, released_at: datetime, now: datetime, total: int
) -> int:
    """Give how many deliveries may have begun: the first wave at once, each further one after a pause, then all."""
    opened = (
        max(0, int((now - released_at).total_seconds() // wave_seconds)) + 1
        if wave_seconds > 0
        else len(waves) + 1
    )
    return total if opened > len(waves) else min(total, sum(waves[:opened]))
