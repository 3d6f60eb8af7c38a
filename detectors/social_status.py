"""Find social status that nobody leaves by his own effort (社会的身分, 個人情報保護法 2条3項): descent, birth out of wedlock.

In: running text after a label or about a named person, whole cells of a column so headed. Out: the words. Fails: never.
"""

from __future__ import annotations

from detectors._sensitive import free, sensitive
from detectors._words import headings

kind = "social_status"

header = headings(kind)


def cell(value: str) -> str | None:
    """Give a cell of a column known to hold this kind, if it says something."""
    return free(value)


_find = sensitive(
    kind,
    r"社会的身分|出自|嫡出(?:子)?(?:・非嫡出子)?(?:の別)?",
    r"被差別部落(?:の)?出身|同和地区(?:の)?出身|部落出身|非嫡出子",
    hints="社会的身分 出自 嫡出 被差別部落 同和地区 部落出身",
)
trigger, find = _find.trigger, _find.find
