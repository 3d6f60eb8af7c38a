"""Say which rows below an address are of the same home: a spreadsheet writes what its merged cells hold once, at the head.

In: the houses (an address that does not go down to one is none), addresses, postcodes, families and relations of the rows.
Out: houses and postcodes with what was carried down. Fails: never.

A blank address is mostly one that nobody wrote. It is that of the row above only where all of the list says so: below the heads of
families stand theirs. 同上 says so by itself.
"""

from __future__ import annotations

from collections.abc import Sequence

_HEADS = frozenset(("本人", "世帯主", "self"))
_SAME = frozenset(("同上", "〃", "同じ", "同", "々", "同住所"))
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
    if not any(houses) or (all(places) and _SAME.isdisjoint(places)):
        return houses, postcodes
    head = -1
    same: list[tuple[int, int]] = []  # rows that say so, and the row that has the address above
    below: list[tuple[int, int]] = []  # rows without one
    firsts: list[
        bool
    ] = []  # of each address but the first, whether it stands below somebody of the same family
    for row, place in enumerate(places):
        if place in _SAME:
            same += [(row, head)] if head >= 0 else []
        elif place:
            if row:
                firsts.append(families[row] == families[row - 1])
            head = row if houses[row] else -1
        elif head >= 0 and families[row]:
            below.append((row, head))
    fits = [pair for pair in below if _is_below(*pair, families, relations)]
    # A list in the order of names has those of one family below each other, whoever they are.
    merged = len(fits) >= max(_FEW, _NEARLY_ALL * len(below)) and sum(firsts) * 2 <= len(firsts)
    houses, postcodes = list(houses), list(postcodes)
    for row, head in [*same, *(fits if merged else ())]:
        houses[row] = houses[head]
        postcodes[row] = postcodes[row] or postcodes[head]
    return houses, postcodes


def _is_below(row: int, head: int, families: Sequence[str], relations: Sequence[str]) -> bool:
    """Tell whether a row is of somebody in the family of the head above it."""
    if relations[row] in _HEADS:
        return False
    return families[row] == families[head] or (bool(relations[row]) and relations[head] in _HEADS)
