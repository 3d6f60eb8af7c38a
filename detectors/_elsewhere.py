"""Tell a column of names from elsewhere that no list knows: 王小明, グエン・ティ・ハー, SHRESTHA RAM.

In: folded cells of a column. Out: the share that is built as such names. Fails: never.

One by one they are built as words are (高校, 金庫, タン ステーキ); that most cells of a column begin with family names, and with several
of them, is no accident.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import resources

import regex

from detectors._fold import fold_cell
from detectors._lexicon import names
from detectors._naming import sure

_HAN = regex.compile(r"(\p{Han}{1,2}?)(?: \p{Han}{1,3}|\p{Han}{1,2})")
_WORD = regex.compile(
    r"\p{Han}{2}"
)  # most names of China are of three characters, most words of Japanese of two
_KATAKANA = regex.compile(
    r"\p{Katakana}[\p{Katakana}ー]{0,11}(?:[ ・=]\p{Katakana}[\p{Katakana}ー]{0,11}){1,4}"
)
_LATIN = regex.compile(r"[A-Za-z'\-]{2,14}(?:,? [A-Za-z'\-]{1,14}\.?){1,4}")
_PARTS = regex.compile(r"[ ・=,]+")
MOST = 0.7  # of the cells are to be such names
_MOST_WORDS = 0.75
_SEVERAL = 4  # family names among them


def share(cells: Sequence[str]) -> float:
    """Give the share of cells that are built as names from elsewhere, 0 where it may be an accident."""
    families = {cell: family for cell in cells if not cell[0].isdigit() and (family := _family(cell))}
    words = sum(1 for cell in families if _WORD.fullmatch(cell))
    if len(set(families.values())) < _SEVERAL or words > _MOST_WORDS * len(families):
        return 0.0
    # Those from here may stand among them.
    found = sum(1 for cell in cells if cell in families or sure(cell)) / len(cells)
    return found if found >= MOST else 0.0


def _family(cell: str) -> str | None:
    """Give the family name that a cell begins or ends with."""
    known = _surnames()
    if _HAN.fullmatch(cell):
        return next((cell[:cut] for cut in (2, 1) if cell[:cut] in known and len(cell) > cut), None)
    if not (_KATAKANA.fullmatch(cell) or _LATIN.fullmatch(cell)):
        return None
    first, *_, last = filter(None, _PARTS.split(cell.lower()))
    return next((one for one in (first, last) if one in known or one in names().foreign), None)


@cache
def _surnames() -> frozenset[str]:
    raw = resources.files("detectors").joinpath("data", "surnames_elsewhere.txt").read_text(encoding="utf-8")
    lines = (line for line in raw.splitlines() if not line.startswith("#"))
    return frozenset(fold_cell(word) for line in lines for word in line.split())
