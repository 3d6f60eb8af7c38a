"""Close up the labels that forms space out: 氏　　名, 生 年 月 日.

In: a folded text. Out: the text as long as before, the blanks of such a label behind it. Fails: never.

So every label is known in one form, triggers see what detectors see, and nothing but a label moves: no value is read at
another place than where it stands.
"""

from __future__ import annotations

import re
from functools import cache

from detectors import _naming
from detectors._words import every_heading

_LETTER = "ぁ-んァ-ヶー々一-鿿〒"
# A letter by itself behind a blank: hardly any text has one, and `re` looks no further where there is none.
_GATE = re.compile(rf"[ \t][{_LETTER}](?![{_LETTER}])")
# What is spaced out evenly: 氏  名  住  所 is two labels, or one.
_APART = re.compile(
    rf"(?<![{_LETTER}a-z])[{_LETTER}]([ \t]{{1,4}})[{_LETTER}](?:\1[{_LETTER}])*(?![{_LETTER}])"
)
_OF_WHOM = "氏名"


def close_up(folded: str) -> str:
    """Write each label in one piece."""
    return folded if folded.isascii() or not _GATE.search(folded) else _APART.sub(_closed, folded)


def _closed(run: re.Match[str]) -> str:
    gap, letters = run[1], run[0][:: len(run[1]) + 1]
    closed, at = "", 0
    while size := _label_at(letters, at):
        closed += letters[at : at + size] + gap * size
        at += size
    rest = letters[at:]
    if rest not in _GENDERS and not _naming.sure(rest):
        return run[0]  # 本 人 確 認
    return (closed + gap.join(rest))[: len(run[0])]


_GENDERS = ("", "男", "女")


def _label_at(letters: str, at: int) -> int:
    """Give how long the longest label is that begins with a letter; 0 where none does."""
    for size in range(min(_longest(), len(letters) - at), 1, -1):
        word = letters[at : at + size]
        if word in every_heading() or (
            word.endswith(_OF_WHOM) and word.removesuffix(_OF_WHOM) in every_heading()
        ):
            return size
    return 0


@cache
def _longest() -> int:
    return max(map(len, every_heading()))
