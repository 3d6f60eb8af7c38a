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


_BODY_AND_MIND = ("身体", "精神", "知的", "視覚", "聴覚", "発達")
_DEGREES = tuple(f"{degree}級" for degree in range(1, 8))


def _each(rest: str) -> str:
    """Give the expression for any disability and the rest: `re` passes over what begins with none of their letters."""
    return "|".join(f"{what}障(?:害|がい){rest}" for what in _BODY_AND_MIND)


_find = sensitive(
    kind,
    r"障(?:害|がい)(?:者)?(?:の)?(?:種別|等級|程度|区分|名|支援区分|有無|手帳(?:の?等級|の?有無)?)|療育手帳|"
    + _each("者?(?:保健福祉)?手帳")
    + r"|障(?:害|がい)(?=[ \t]*[:=][ \t]*(?:身体|知的|精神|発達|視覚|聴覚|言語|肢体|内部|難聴|自閉|[1-7]級))",
    _each("") + "|言語障(?:害|がい)|障(?:害|がい)者手帳|車椅子を利用|車いすを利用|要(?:介護[1-5]|支援[12])",
    items=(
        *(f"要介護{degree}" for degree in range(1, 6)),
        *("要支援1", "要支援2"),
        *(
            f"{what}障{harm}{degree}"
            for what in _BODY_AND_MIND
            for harm in ("害", "がい")
            for degree in ("", *_DEGREES)
        ),
    ),
    hints="障 手帳 車椅子 車いす 要介護 要支援",
)
trigger, find = _find.trigger, _find.find
