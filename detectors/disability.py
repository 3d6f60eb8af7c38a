"""Find disabilities (身体・知的・精神障害その他の心身の機能の障害, 個人情報保護法施行令 2条1号).

In: running text after a label or about a named person, whole cells of a column so headed. Out: the words. Fails: never.
"""

from __future__ import annotations

from detectors._header import words
from detectors._sensitive import free, sensitive

kind = "disability"

header = words(
    "障害 障がい 障害名 障害種別 障害区分 障害の種類 障害の程度 障害等級 障害支援区分 障害者手帳 障がい者手帳 手帳等級 障害者区分 療育手帳 身体障害者手帳 精神障害者保健福祉手帳 disability handicap",
    r"障(?:害|がい|碍)者(?:手帳|区分|等級|番号)?$|障(?:害|がい)(?:名|の?種[別類]|の?等級|の?程度|の?有無|支援区分)|手帳(?:の)?等級|療育手帳|障(?:害|がい)者?手帳|disabilit",
    r"件数|人数|発生|復旧|対応|原因|システム|施設|事業|内容|番号$",
).score


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
