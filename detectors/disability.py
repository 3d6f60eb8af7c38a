"""Find disabilities (身体・知的・精神障害その他の心身の機能の障害, 個人情報保護法施行令 2条1号).

In: running text after a label or about a named person, whole cells of a column so headed. Out: the words. Fails: never.
"""

from __future__ import annotations

from detectors._sensitive import free, sensitive
from detectors._words import headings

kind = "disability"

header = headings(kind)


def cell(value: str) -> str | None:
    """Give a cell of a column known to hold this kind, if it says something."""
    return free(value)


_find = sensitive(
    kind,
    r"障(?:害|がい)(?:者)?(?:の)?(?:種別|等級|程度|区分|名|支援区分|有無|手帳(?:の?等級|の?有無)?)|(?:身体|精神|知的)障(?:害|がい)者?(?:保健福祉)?手帳|療育手帳",
    r"(?:身体|精神|知的|視覚|聴覚|発達|言語)障(?:害|がい)|障(?:害|がい)者手帳|車椅子を利用|車いすを利用|要介護[1-5]",
    hints="障 手帳 車椅子 車いす 要介護",
)
trigger, find = _find.trigger, _find.find
