"""What one mail or document may cost while it is unpacked.

In: amounts. Out: nothing. Fails: Unreadable, which becomes a gap.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from gateway.model import GapReason

BLOCK_BYTES = 1 << 20
FREE_BYTES = 16 << 20  # what one member may give, however small it is packed
MAX_MEMBER_BYTES = 256 << 20  # however large it is packed: all of it is in memory at once
FREE_IN_ALL = 24 << 20  # and all members of an attachment together
EFFORT = 256 << 20  # what may come out in vain, of members that are too big
TRYING = 20_000  # what passwords may cost that are tried, in about milliseconds of one core
MAX_RATIO = 200  # from there on: a list packs to a tenth, markup to a hundredth, zeros to a thousandth


Opened = TypeVar("Opened")


class Unreadable(Exception):
    """A part cannot be read, for this reason."""

    def __init__(self, reason: GapReason) -> None:
        super().__init__(reason)
        self.reason = reason


class Stream(Protocol):
    """What gives bytes when it is asked."""

    def read(self, size: int, /) -> bytes:
        """Give the next bytes, none at the end."""
        ...


@dataclass(slots=True, kw_only=True)
class Passwords:
    """Passwords for all that is locked in one document, however deep it lies, and what trying them may cost.

    How many are tried does not depend on the clock, so that what was opened once is opened again.
    """

    candidates: tuple[str, ...] = ()
    effort: int = TRYING
    fitted: list[str] = field(default_factory=list)

    def open(self, attempt: Callable[[str], Opened | None], *, cost: int) -> Opened:
        """Give what the first password that fits makes of something locked; `attempt` gives None for one that does not.

        What has fitted before comes first: the members of an archive mostly share one. Raises: Unreadable (ENCRYPTED).
        """
        for password in dict.fromkeys((*self.fitted, *self.candidates)):
            if self.effort < cost:
                break
            self.effort -= cost
            opened = attempt(password)
            if opened is not None:
                if password not in self.fitted:
                    self.fitted.append(password)
                return opened
        raise Unreadable(GapReason.ENCRYPTED)


@dataclass(slots=True, kw_only=True)
class Budget:
    """Bytes and members that may still come out, how deep, and the passwords for what is locked.

    What does not fit takes nothing, so that its siblings are still read.
    """

    max_bytes: int = 2 << 30
    max_depth: int = 8
    max_members: int = 10_000
    effort: int = EFFORT
    passwords: Passwords = field(default_factory=Passwords)
    ocr_effort: float | None = (
        None  # what reading pictures may cost, in about seconds of one core; None: nobody reads them
    )

    def begin(self, packed: int) -> None:
        """Begin an attachment of so many bytes: what may come out of it depends on them."""
        self.max_bytes = min(self.max_bytes, max(FREE_IN_ALL, packed * MAX_RATIO))

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

    def spend_ocr(self, seconds: float) -> None:
        """Take what reading a piece of a picture costs, by its size and not by the clock: what was read once is read again.

        Raises: Unreadable: IMAGE where nobody reads pictures, TIMEOUT where no more may be read.
        """
        if self.ocr_effort is None:
            raise Unreadable(GapReason.IMAGE)
        if self.ocr_effort < 0:
            raise Unreadable(GapReason.TIMEOUT)
        self.ocr_effort -= seconds

    def room(self, packed: int) -> int:
        """Give how many bytes may come out of so many that are packed."""
        return min(self.max_bytes, MAX_MEMBER_BYTES, max(FREE_BYTES, packed * MAX_RATIO))

    def read(self, stream: Stream, packed: int, claimed: int = 0) -> bytes:
        """Read all that a stream gives, whatever size it claims. Raises: Unreadable (TOO_BIG)."""
        content = io.BytesIO()  # gives what it holds without a second copy of it
        if FREE_BYTES < claimed <= self.room(packed):
            # Room for all of it at once: growing would leave holes in memory, as large together as it is in the end.
            content.seek(claimed - 1)
            content.write(b"\0")
            content.seek(0)
        left = room = self.room(packed)
        if self.effort <= 0:
            raise Unreadable(GapReason.TOO_BIG)
        while block := stream.read(BLOCK_BYTES):
            left -= len(block)
            if left < 0:
                self.effort -= room - left  # what came out, also where nothing more might
                raise Unreadable(GapReason.TOO_BIG)
            content.write(block)
        content.truncate()
        return content.getvalue()
