"""Find race and ethnic origin (人種, 個人情報保護法 2条3項). Nationality alone is none (ガイドライン 通則編 2-3).

In: running text after a label or about a named person, whole cells of a column so headed. Out: the words. Fails: never.
"""

from __future__ import annotations

from detectors._sensitive import free, sensitive
from detectors._words import headings

kind = "race"

header = headings(kind)


def cell(value: str) -> str | None:
    """Give a cell of a column known to hold this kind, if it says something."""
    return free(value)


_find = sensitive(
    kind,
    r"人種(?:・民族)?|民族(?:的(?:出身|出自))?|[Ee]thnicity(?=[ \t]*[:=\t])"
    r"|(?:R(?<![A-Za-z]R)|r(?<![A-Za-z]r))ace(?=[ \t]*[:=\t][ \t]*(?:Asian|White|Black|Caucasian|Hispanic|Latin[oax]|African|Native|Pacific Islander|Ainu|Japanese|Korean|Chinese|Jewish|Mixed|Arab)"
    r"(?:[ -](?:American|Alaskan))?[ \t]*(?:$|[\n,;/|.(]))",
    r"アイヌ(?:民族)?(?:の出身|の血|出身|系)|在日(?:韓国|朝鮮)人|(?:黒|白)人(?:の)?(?:男性|女性|系)|ユダヤ人",
    hints="人種 民族 thnicity ace アイヌ 在日 黒人 白人 ユダヤ",
)
trigger, find = _find.trigger, _find.find
