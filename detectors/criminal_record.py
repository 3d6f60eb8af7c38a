"""Find criminal records (犯罪の経歴, 個人情報保護法 2条3項; 刑事・少年保護事件の手続: 施行令 2条4号, 5号).

In: running text after a label or about a named person, whole cells of a column so headed. Out: the words. Fails: never.
"""

from __future__ import annotations

from detectors._sensitive import free, sensitive
from detectors._words import headings

kind = "criminal_record"

header = headings(kind)


def cell(value: str) -> str | None:
    """Give a cell of a column known to hold this kind, if it says something."""
    return free(value)


_find = sensitive(
    kind,
    r"前科(?:・前歴|前歴)?|犯罪(?:の)?(?:経)?歴|犯歴|逮捕歴|補導歴|[Cc]riminal [Rr]ecord|賞罰(?=[^\n]{0,30}(?:罪|懲役|禁錮|拘禁刑|罰金|執行猶予|逮捕|前科))",
    r"懲役[0-9一二三四五六七八九十]{1,3}年|(?:禁錮|拘禁刑)[0-9一二三四五六七八九十]{1,3}年|執行猶予|前科[0-9一二三四五六七八九十]犯|前科があ|逮捕(?:さ|歴)|服役|書類送検|起訴(?:さ|猶予)|有罪判決|少年院|補導さ",
    hints="前科 犯 逮捕 補導 riminal 懲役 禁錮 拘禁刑 賞罰 執行猶予 服役 書類送検 起訴 有罪判決 少年院",
)
trigger, find = _find.trigger, _find.find
