"""What one mail or document may cost while it is unpacked.

In: amounts. Out: nothing. Fails: Unreadable, which becomes a gap.
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.model import GapReason


class Unreadable(Exception):
    """A part cannot be read, for this reason."""

    def __init__(self, reason: GapReason) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(slots=True, kw_only=True)
class Budget:
    """Bytes and members that may still come out, and how deep.

    What does not fit takes nothing, so that its siblings are still read.
    """

    max_bytes: int = 2 << 30
    max_depth: int = 8
    max_members: int = 10_000

    def spend_bytes(self, amount: int) -> None:
        """Take bytes. Raises: Unreadable (TOO_BIG)."""
        if amount > self.max_bytes:
            raise Unreadable(GapReason.TOO_BIG)
        self.max_bytes -= amount

    def spend_member(self) -> None:
        """Take one member of a container. Raises: Unreadable (TOO_BIG)."""
        if self.max_members < 1:
            raise Unreadable(GapReason.TOO_BIG)
        self.max_members -= 1
