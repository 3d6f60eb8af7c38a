"""What inspecting a send may take of the workers, so that one send of many bombs keeps no other waiting for days.

In: sends, seconds that a worker had. Out: whether there is any left. Fails: never.

What a send has taken is known to this process alone: after a restart it begins anew, and what was inspected by then is kept.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable

SENDS = 10_000  # remembered at most: those that began first are forgotten first


class Allowance:
    """Seconds of workers, by send; asked and told from several threads."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._taken: dict[str, float] = {}
        self._lock = threading.Lock()

    def is_left(self, send_id: str) -> bool:
        """Tell whether a send may take any more."""
        return self._taken.get(send_id, 0.0) < self._seconds

    def take(self, send_ids: Iterable[str], seconds: float) -> None:
        """Take what a job of some mails took, from the send of each alike."""
        each = list(send_ids)
        with self._lock:
            for send_id in each:
                self._taken[send_id] = self._taken.get(send_id, 0.0) + seconds / len(each)
            while len(self._taken) > SENDS:
                del self._taken[next(iter(self._taken))]
