"""Lines of text on a picture put into the rows and columns that they stand in.

In: lines with their places. Out: rows of cells, all equally long; of one cell where there are no columns. Fails: never.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import median

SAME_ROW = 0.5  # of a line's height: how far the middle of a line may be from its row's
FEW_ENTRIES = 2
FEW_CIRCLES = 3
ARROWS = frozenset(">›〉＞VvＶ")
_LETTER = re.compile(r"[^\W\d_]")
_NUMBER = re.compile(r"(?:TEL|Tel|携帯|電話|自宅|勤務先)?[:：]?[+(]?\d[\d()‐-]{7,16}")
ON_ITS_SIDE = 45  # degrees
STRAIGHT = 0.7  # degrees that are none


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of text, and the upright rectangle around it."""

    text: str
    confidence: float
    left: float
    top: float
    right: float
    bottom: float

    @classmethod
    def of(cls, text: str, confidence: float, corners: Sequence[Sequence[float]]) -> Line:
        """Make a line of the four corners around it."""
        across, down = [x for x, _ in corners], [y for _, y in corners]
        return cls(
            text=text.strip(),
            confidence=confidence,
            left=min(across),
            top=min(down),
            right=max(across),
            bottom=max(down),
        )

    def moved(self, right: float, down: float) -> Line:
        """Give it at another place."""
        return replace(
            self,
            left=self.left + right,
            right=self.right + right,
            top=self.top + down,
            bottom=self.bottom + down,
        )

    @property
    def height(self) -> float:
        """How high it is."""
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        """How far down its middle is."""
        return (self.top + self.bottom) / 2


@dataclass(frozen=True, slots=True)
class Seen:
    """A line of text as it stands on a picture: its corners, round it."""

    text: str
    confidence: float
    corners: tuple[tuple[float, float], ...]

    @property
    def height(self) -> float:
        """How high it is, whichever way it runs."""
        return min(math.dist(*self.corners[:2]), math.dist(*self.corners[1:3]))

    @property
    def angle(self) -> float:
        """Which way it runs, in degrees: from -45 up to 135, for which of both ends is its first the corners do not tell."""
        a, b, c, _ = self.corners
        first, last = (a, b) if math.dist(a, b) >= math.dist(b, c) else (b, c)
        angle = math.degrees(math.atan2(last[1] - first[1], last[0] - first[0])) % 180
        return angle - 180 if angle >= ON_ITS_SIDE + 90 else angle


def upright(seen: Sequence[Seen], *, upside_down: bool) -> list[Line]:
    """Give the lines of a picture that was scanned or taken aslant, on its side or upside down as they are to be read."""
    sides = [one.angle for one in seen if one.angle >= ON_ITS_SIDE]
    angles = sides if len(sides) * 2 > len(seen) else [one.angle for one in seen if one.angle < ON_ITS_SIDE]
    angle = median(angles) if angles else 0.0
    if abs(angle - round(angle / 90) * 90) < STRAIGHT:
        angle = round(angle / 90) * 90.0
    angle += 180 * upside_down
    if not angle:
        return [Line.of(one.text, one.confidence, one.corners) for one in seen]
    across, down = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    turned = [
        Line.of(
            one.text, one.confidence, [(x * across + y * down, y * across - x * down) for x, y in one.corners]
        )
        for one in seen
    ]
    left, top = min(line.left for line in turned), min(line.top for line in turned)
    return [line.moved(-left, -top) for line in turned]


def rows_of(lines: Iterable[Line]) -> list[list[str]]:
    """Put lines into rows, from the top, and cells, from the left."""
    lines = [line for line in lines if line.text]
    rows = _beside(_without_marks(_rows(lines)))
    columns = _columns(rows)
    if len(columns) < 2:
        return [["  ".join(line.text for line in row)] for row in rows]
    return [_cells(row, columns) for row in rows]


def _rows(lines: Iterable[Line]) -> list[list[Line]]:
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: line.middle):
        row = rows[-1] if rows else []
        height = min((other.bottom - other.top for other in (*row, line)), default=0.0)
        if row and line.middle - median(other.middle for other in row) <= SAME_ROW * height:
            row.append(line)
        else:
            rows.append([line])
    return [sorted(row, key=lambda line: line.left) for row in rows]


def _without_marks(rows: Iterable[Sequence[Line]]) -> list[list[Line]]:
    """Leave out what a list of contacts has beside its entries: an arrow at their end, their first letter in a circle."""
    rows = [[line for line in row if line.text not in ARROWS] for row in rows]
    firsts = [row[0] for row in rows if row and _LETTER.fullmatch(row[0].text)]
    circles = {
        line
        for line in firsts
        if sum(abs(line.left - other.left) < line.bottom - line.top for other in firsts) >= FEW_CIRCLES
    }
    return [[line for line in row if line not in circles] for row in rows]


def _beside(rows: Iterable[Sequence[Line]]) -> list[list[Line]]:
    """Put numbers and addresses that stand alone below a line beside it, in a column of their kind: an entry of several lines."""
    filled = [list(row) for row in rows if row]
    alone = [_place_beside(row) for row in filled]
    if sum(place > 0 for place in alone) < FEW_ENTRIES:
        return filled
    width = max(line.right for row in filled for line in row) + 1
    entries: list[list[Line]] = []
    for row, place in zip(filled, alone, strict=True):
        above = entries[-1][-1] if entries else None
        if place and above and above.left < width * place:
            entries[-1].append(row[0].moved(width * place - row[0].left, above.top - row[0].top))
        else:
            entries.append(row)
    return entries


def _place_beside(row: Sequence[Line]) -> int:
    """Tell which column a row belongs to: 0 for an entry's first, what it is called."""
    if len(row) != 1:
        return 0
    text = row[0].text.replace(" ", "")
    return 1 if _NUMBER.fullmatch(text) else 2 if "@" in text else 0


def _columns(rows: Iterable[Sequence[Line]]) -> list[tuple[float, float]]:
    """Find what lines that stand beside others cover, from left to right: between two columns nothing is written."""
    columns: list[tuple[float, float]] = []
    for left, right in sorted((line.left, line.right) for row in rows if len(row) > 1 for line in row):
        if columns and left < columns[-1][1]:
            columns[-1] = (columns[-1][0], max(columns[-1][1], right))
        else:
            columns.append((left, right))
    return columns


def _cells(row: Sequence[Line], columns: Sequence[tuple[float, float]]) -> list[str]:
    """Give a row's cells; a line goes to the column that begins last before its middle."""
    cells: list[list[str]] = [[] for _ in columns]
    for line in row:
        middle = (line.left + line.right) / 2
        place = sum(left <= middle for left, _ in columns) - 1
        cells[max(place, 0)].append(line.text)
    return [" ".join(cell) for cell in cells]
