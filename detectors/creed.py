"""Find creeds (信条, 個人情報保護法 2条3項): faith, and which party or union somebody holds with.

In: running text after a label or about a named person, whole cells of a column so headed. Out: the words. Fails: never.
"""

from __future__ import annotations

from detectors._sensitive import free, sensitive
from detectors._words import headings

kind = "creed"

header = headings(kind)


def cell(value: str) -> str | None:
    """Give a cell of a column known to hold this kind, if it says something."""
    return free(value)


_find = sensitive(
    kind,
    r"思想・?信条|信条|信仰(?:する宗教)?|宗教|宗派|支持政党|所属政党"
    r"|[Rr]eligion(?=[ \t]*[:=\t][ \t]*(?:Buddhist|Christian|Catholic|Roman Catholic|Protestant|Orthodox|Muslim|Islam|Hindu|Jewish|Shinto|Sikh|Mormon|Atheist|Agnostic|Jehovah's Witness)[ \t]*(?:$|[\n,;/|.(]))",
    r"(?:キリスト教|カトリック|プロテスタント|イスラム教|仏教|創価学会|エホバの証人|統一教会|天理教|幸福の科学|ユダヤ教|ヒンドゥー教)(?:の)?(?:信者|教徒|会員|信徒|に入信)|(?:自民党|立憲民主党|公明党|共産党|維新|国民民主党|社民党|れいわ)(?:の)?(?:党員|支持者|を支持)|労働組合(?:の|に)(?:組合員|加入)",
    hints="信条 信仰 宗 政党 eligion キリスト教 カトリック プロテスタント イスラム教 仏教 創価学会 エホバの証人 統一教会 天理教 幸福の科学 ユダヤ教 ヒンドゥー教 自民党 立憲民主党 公明党 共産党 維新 国民民主党 社民党 れいわ 労働組合",
)
trigger, find = _find.trigger, _find.find
