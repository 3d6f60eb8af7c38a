"""When a delivery is tried again, and how much of a send may have begun by now.

In: attempts, times, settings. Out: a time, a number. Fails: never.

Giving up counts the waits that lie behind a delivery, not the time since its release: a clock that leaps, a gateway that
was down and a send that was stopped for a week take no tries away, and no clock set back makes the tries endless.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

DEFAULT_RETRY_SECONDS = (60,)


def next_attempt(
    attempts: int, *, retry_seconds: Sequence[int], give_up_hours: float, now: datetime
) -> datetime | None:
    """Give the time of the next try after so many; None: give up (RFC 5321, 4.5.4.1)."""
    ladder = [max(1, seconds) for seconds in retry_seconds or DEFAULT_RETRY_SECONDS]
    step = max(1, attempts)
    behind = sum(ladder[: step - 1]) + ladder[-1] * max(0, step - 1 - len(ladder))
    left = give_up_hours * 3600 - behind
    if left <= 0:
        return None
    return now + timedelta(seconds=min(ladder[min(step, len(ladder)) - 1], left))


def longest_wait(retry_seconds: Sequence[int]) -> timedelta:
    """Give the longest wait that next_attempt gives; one that lies further ahead was made under another clock."""
    return timedelta(seconds=max(1, *DEFAULT_RETRY_SECONDS, *retry_seconds))


def allowed(
    waves: Sequence[int], *, wave_seconds: float, released_at: datetime, now: datetime, total: int
) -> int:
    """Give how many deliveries may have begun: the first wave at once, one more after each pause, then all."""
    if not waves or wave_seconds <= 0:
        return total
    opened = max(0, int((now - released_at).total_seconds() // wave_seconds)) + 1
    return total if opened > len(waves) else min(total, sum(max(0, wave) for wave in waves[:opened]))
