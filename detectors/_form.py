"""Read a sheet that is filled in as a form: labels with what is filled in beside them, two or more pairs in a row, card below card.

In: the columns of a sheet, and what is a label. Out: its records as the columns of a table, and the row that a list begins in below
them; None where it is no form. Fails: never.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from detectors import name
from detectors._fold import fold_label
from detectors._words import ANNOUNCED

_INDENTED = 3  # columns of which one begins the form
_LOOKED_AT = 12  # labels of a column that tell it
_ALIKE = 2  # cells like that of the name
_FEWEST = 2  # labels of a record
_HEADINGS = 3  # of a list
_WIDEST = 60  # columns of a form

Grid = list[list[str]]
Pair = tuple[str, list[str]]  # a label, and the cells beside it up to the next


def records(
    grid: Grid, is_label: Callable[[str], bool], is_value: Callable[[str], bool]
) -> tuple[list[tuple[str | None, list[str]]], int] | None:
    """Give a column for each label, with a cell for each record of a form, no cell where nothing is filled in; and where it ends."""
    if len(grid) > _WIDEST or not any(_may_begin(cells, is_label) for cells in grid[:_INDENTED]):
        return None
    end = _end(grid, is_label)
    grid = [cells[:end] for cells in grid]
    first = next((place for place, cells in enumerate(grid[:_INDENTED]) if _begins(cells, is_label)), None)
    if first is None or any(sum(map(bool, cells)) * 2 > len(cells) for cells in grid[:first]):
        return None
    places = [first]
    for place in range(first + 1, len(grid)):
        if _goes_on(grid[place], is_label, is_value) and place > places[-1] + 1:
            places.append(place)
    beside = (cells for place, cells in enumerate(grid[first:], first) if place not in places)
    values = [cell for cells in beside for cell in cells if cell]
    if sum(map(is_label, values)) * 5 > len(values):  # 職業: 会社員
        return None
    found = [
        record
        for card in _cards(grid, places)
        for record in _cut(list(_pairs(grid, card)), is_value, is_one_of_many=len(card) == 1)
    ]
    if len(places) == 1 and (_comes_once(grid[first]) or sum(map(len, found)) < _FEWEST * len(found)):
        return None
    found = [
        record for record in found if not describes((label, cell) for (label, _), cell in record.items())
    ]
    if not found:
        return [(cell, []) for place in places for cell in grid[place] if cell], end
    labels = dict.fromkeys(label for record in found for label in record)
    return [(label, [record.get((label, number), "") for record in found]) for label, number in labels], end


def goes_on(grid: Grid, labels: Sequence[str | None]) -> bool:
    """Tell whether cards stand here, below those that have these labels."""
    known = set(filter(None, labels))
    return any(sum(cell in known for cell in cells[:_LOOKED_AT]) >= _FEWEST for cells in grid[:_INDENTED])


def describes(record: Iterable[tuple[str, str]]) -> bool:
    """Tell whether what stands for the name stands for most else as well: it is said what is to be filled in (文字列, 必須)."""
    names: set[str] = set()
    others: list[str] = []
    for label, cell in record:
        if cell and _is_name(label):
            names.add(cell)
        elif cell:
            others.append(cell)
    return any(others.count(word) >= max(_ALIKE, len(others) / 2) for word in names)


@lru_cache(maxsize=1024)
def _is_name(label: str) -> bool:
    return name.header(fold_label(label)) >= ANNOUNCED


def _comes_once(labels: Sequence[str]) -> bool:
    first = _first(labels)
    return not any(label == first for label in labels[labels.index(first) + 1 :])


def _may_begin(cells: Sequence[str], is_label: Callable[[str], bool]) -> bool:
    """Tell whether some of the first cells of a column are labels."""
    filled = [cell for cell in cells[: 4 * _LOOKED_AT] if cell][:_LOOKED_AT]
    return sum(map(is_label, filled)) >= _FEWEST


def _begins(cells: Sequence[str], is_label: Callable[[str], bool]) -> bool:
    """Tell whether most cells of a column are labels, and several are."""
    filled = [cell for cell in cells if cell]
    labels = sum(map(is_label, filled))
    return labels >= _FEWEST and labels * 2 > len(filled)


def _end(grid: Grid, is_label: Callable[[str], bool]) -> int:
    """Give the row that has the headings of a list, labels beside each other: 氏名 性別 年齢."""
    for row, cells in enumerate(zip(*grid, strict=True)):
        labels = [bool(cell) and is_label(cell) for cell in cells]
        if (
            sum(labels) >= _HEADINGS
            and sum(labels) * 2 > sum(map(bool, cells))
            and any(map(all, pairwise(labels)))
        ):
            return row
    return len(grid[0])


def _goes_on(cells: Sequence[str], is_label: Callable[[str], bool], is_value: Callable[[str], bool]) -> bool:
    """Tell whether a column beside labels has labels, too, among them such as are known to no detector."""
    filled = [cell for cell in cells if cell]
    labels = sum(map(is_label, filled))
    return labels * 2 > len(filled) or (labels * 5 >= len(filled) > 0 and not any(map(is_value, filled)))


def _cards(grid: Grid, places: Sequence[int]) -> Iterator[list[range]]:
    """Give the columns of each card, of which several may stand side by side: a label's, with those up to the next label's."""
    first = _first(grid[places[0]])
    card: list[range] = []
    for place, end in zip(places, [*places[1:], len(grid)], strict=True):
        if card and _first(grid[place]) == first:
            yield card
            card = []
        card.append(range(place, end))
    yield card


def _first(cells: Sequence[str]) -> str:
    return next(filter(None, cells), "")


def _pairs(grid: Grid, card: Sequence[range]) -> Iterator[Pair]:
    """Give labels and what is filled in, row by row."""
    for row in range(len(grid[0])):
        for columns in card:
            label, *filled = (grid[place][row] for place in columns)
            if label and any(filled):
                yield label, filled


def _cut(
    pairs: Sequence[Pair], is_value: Callable[[str], bool], *, is_one_of_many: bool
) -> Iterator[dict[tuple[str, int], str]]:
    """Give the records of cards one below the other: each begins where the first label comes again.

    Beside the only labels of a card others may stand, each with something beside the first label, or a value: a table that lies on its side.
    """
    starts = [place for place, (label, _) in enumerate(pairs) if label == pairs[0][0]]
    for start, end in zip(starts, [*starts[1:], len(pairs)][: len(starts)], strict=True):
        card = [
            (label, filled if is_one_of_many else [next(filter(None, filled))])
            for label, filled in pairs[start:end]
        ]
        for place, first in enumerate(card[0][1]):
            times: Counter[str] = Counter()
            record: dict[tuple[str, int], str] = {}
            for label, filled in card:
                record[label, times[label]] = filled[place]
                times[label] += 1
            if first or any(map(is_value, filter(None, record.values()))):
                yield record
