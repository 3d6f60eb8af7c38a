"""Say which rows below an address are of the same home: a spreadsheet writes what its merged cells hold once, at the head.

In: the houses (an address that does not go down to one is no house), addresses, postcodes, families and relations of the rows. Out: houses and postcodes with what was carried down. Fails: never.

A blank address is mostly one that nobody wrote. It is that of the row above only where all of the list says so: below the heads of
families stand theirs.
"""

from __future__ import annotations

from collections.abc import Sequence

_HEADS = frozenset(("本人", "世帯主", "self"))
_FEW = 2  # blank cells are an accident
_NEARLY_ALL = 0.9


def carried_down(
    houses: list[str],
    places: Sequence[str],
    postcodes: Sequence[str],
    families: Sequence[str],
    relations: Sequence[str],
) -> tuple[list[str], Sequence[str]]:
    """Fill the blanks below each head of a family with his house and postcode, where the cells are clearly merged."""
    if all(places) or not any(houses):
        return houses, postcodes
    head = -1
    below: list[tuple[int, int]] = []  # rows without an address, and the row that has the one above
    firsts: list[
        bool
    ] = []  # of each address but the first, whether it stands below somebody of the same family
    for row, place in enumerate(places):
        if place:
            if row:
                firsts.append(families[row] == families[row - 1])
            head = row if houses[row] else -1
        elif head >= 0 and families[row]:
            below.append((row, head))
    fits = [pair for pair in below if _is_below(*pair, families, relations)]
    merged = len(fits) >= max(_FEW, _NEARLY_ALL * len(below))
    # A list in the order of names has those of one family below each other, whoever they are.
    if not merged or sum(firsts) * 2 > len(firsts):
        return houses, postcodes
    houses, postcodes = list(houses), list(postcodes)
    for row, head in fits:
        houses[row] = houses[head]
        postcodes[row] = postcodes[row] or postcodes[head]
    return houses, postcodes


def _is_below(row: int, head: int, families: Sequence[str], relations: Sequence[str]) -> bool:
    """Tell whether a row is of somebody in the family of the head above it."""
    if relations[row] in _HEADS:
        return False
    return families[row] == families[head] or (bool(relations[row]) and relations[head] in _HEADS)
