"""The time: rules are handed it, services are handed this.

In: nothing. Out: the time. Fails: never.
"""

from datetime import UTC, datetime


def now() -> datetime:
    """Give the time."""
    return datetime.now(UTC)
