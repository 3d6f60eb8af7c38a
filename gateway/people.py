"""Data subjects (本人) as keyed hashes: one by one, and packed, since a list of half a million is held, kept and sent on.

In: hashes. Out: Person, People. Fails: ValueError where packed bytes are not what they say.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

MOST = 0xFF  # hashes of one sort that one person can have


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One data subject, known only by keyed hashes (63 bit) of what names him.

    Two with a common key are one person; two with a common household are one household.
    """

    keys: tuple[int, ...]
    households: tuple[int, ...] = ()
    addresses: tuple[int, ...] = ()  # his mail addresses
    minor: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Persons, packed: eight bytes a hash, where an int in a tuple takes forty; in pieces, so that joining copies nothing.

    A piece of `shapes` has four bytes for each: how many keys, households and addresses, and 1 for a minor. The piece of
    `hashes` beside it has their hashes, in this order, 64 bits each, high byte first; the lowest bit is not used.
    """

    shapes: tuple[bytes, ...] = ()
    hashes: tuple[bytes, ...] = ()

    __pydantic_config__ = {"ser_json_bytes": "base64", "val_json_bytes": "base64"}  # noqa: RUF012 - pydantic wants it so

    def __post_init__(self) -> None:
        """See that the hashes are as many as the shapes say: a worker that was taken over may send anything."""
        if len(self.shapes) != len(self.hashes) or any(
            len(shapes) % 4 or (sum(shapes) - sum(shapes[3::4])) * 8 != len(hashes)
            for shapes, hashes in zip(self.shapes, self.hashes, strict=True)
        ):
            raise ValueError("not as many hashes as people say they have")

    @classmethod
    def of(cls, persons: Iterable[Person]) -> People:
        """Pack persons."""
        shapes, hashes = bytearray(), array("Q")
        for one in persons:
            sorts = (one.keys[:MOST], one.households[:MOST], one.addresses[:MOST])
            shapes.extend((*map(len, sorts), one.minor))
            for sort in sorts:
                hashes.extend(value << 1 for value in sort)
        if sys.byteorder == "little":
            hashes.byteswap()
        return cls(shapes=(bytes(shapes),), hashes=(hashes.tobytes(),)) if shapes else cls()

    @classmethod
    def together(cls, several: Iterable[People]) -> People:
        """Make one of several, as they follow one another."""
        several = [one for one in several if one]
        return cls(
            shapes=tuple(piece for one in several for piece in one.shapes),
            hashes=tuple(piece for one in several for piece in one.hashes),
        )

    def __len__(self) -> int:
        return sum(map(len, self.shapes)) // 4

    def __iter__(self) -> Iterator[Person]:
        return chain.from_iterable(map(_unpacked, self.shapes, self.hashes))


def _unpacked(shapes: bytes, raw: bytes) -> Iterator[Person]:
    hashes = array("Q", raw)
    if sys.byteorder == "little":
        hashes.byteswap()
    start = 0
    for place in range(0, len(shapes), 4):
        keys, households, addresses, minor = shapes[place : place + 4]
        own = tuple(value >> 1 for value in hashes[start : start + keys + households + addresses])
        yield Person(
            keys=own[:keys],
            households=own[keys : keys + households],
            addresses=own[keys + households :],
            minor=bool(minor),
        )
        start += len(own)
