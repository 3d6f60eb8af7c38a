"""Data subjects (本人) as keyed hashes: one by one, and packed, since a list of half a million is held, kept and sent on.

In: hashes. Out: Person, People. Fails: ValueError where packed bytes are not what they say.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MOST = 0xFFFF  # hashes of one sort that one person can have


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
    """Persons, packed: eight bytes a hash, where an int in a tuple takes forty.

    `shapes` has four numbers for each: how many keys, households and addresses, and 1 for a minor. `hashes` has the hashes of
    all, in this order; of their 64 bits the lowest is not used.
    """

    shapes: bytes = b""  # 16 bit each, high byte first
    hashes: bytes = b""  # 64 bit each, high byte first

    __pydantic_config__ = {"ser_json_bytes": "base64", "val_json_bytes": "base64"}  # noqa: RUF012 - pydantic wants it so

    def __post_init__(self) -> None:
        """See that the hashes are as many as the shapes say: a worker that was taken over may send anything."""
        shapes = _numbers("H", self.shapes)
        if len(shapes) % 4 or (sum(shapes) - sum(shapes[3::4])) * 8 != len(self.hashes):
            raise ValueError("not as many hashes as people say they have")

    @classmethod
    def of(cls, persons: Iterable[Person]) -> People:
        """Pack persons."""
        shapes, hashes = array("H"), array("Q")
        for one in persons:
            sorts = (one.keys[:MOST], one.households[:MOST], one.addresses[:MOST])
            shapes.extend((*map(len, sorts), one.minor))
            for sort in sorts:
                hashes.extend(value << 1 for value in sort)
        return cls(shapes=_raw(shapes), hashes=_raw(hashes))

    @classmethod
    def together(cls, several: Iterable[People]) -> People:
        """Make one of several, as they follow one another."""
        several = list(several)
        return cls(
            shapes=b"".join(one.shapes for one in several), hashes=b"".join(one.hashes for one in several)
        )

    def __len__(self) -> int:
        return len(self.shapes) // 8

    def __iter__(self) -> Iterator[Person]:
        shapes, hashes = _numbers("H", self.shapes), _numbers("Q", self.hashes)
        start = 0
        for place in range(0, len(shapes), 4):
            keys, households, addresses, minor = shapes[place : place + 4]
            of_homes = start + keys
            of_mails = of_homes + households
            end = of_mails + addresses
            own = [value >> 1 for value in hashes[start:end]]
            yield Person(
                keys=tuple(own[:keys]),
                households=tuple(own[keys : of_mails - start]),
                addresses=tuple(own[of_mails - start :]),
                minor=bool(minor),
            )
            start = end


def _numbers(code: str, raw: bytes) -> array[int]:
    """Read numbers. Raises: ValueError, where the last is cut."""
    numbers = array(code)
    numbers.frombytes(raw)
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers


def _raw(numbers: array[int]) -> bytes:
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers.tobytes()
