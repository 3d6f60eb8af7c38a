"""Find what tells of somebody's health (病歴, 個人情報保護法 2条3項; 健診の結果, 診療・調剤: 施行令 2条2号, 3号).

In: running text after a label or about a named person, whole cells. Out: the words. Fails: never.

The names of illnesses are data/conditions.txt, which an administrator may add to.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

from detectors._fold import fold
from detectors._sensitive import free, sensitive
from detectors._words import headings

kind = "health_condition"

header = headings(kind)
_ENGLISH = (
    "diabet|cancer|carcinoma|tumou?r|leuk[a]?emia|lymphoma|hypertens|asthma|influenza|pneumonia|covid|hiv|aids|hepatitis|tubercul|stroke|infarct|angina"
    "|depressi|bipolar|schizo|anxiety|adhd|autism|dementia|alzheimer|parkinson|epilep|fracture|arthritis|migraine|an[a]?emia|thyroid|syndrome|disorder"
)
_LABELS = (
    r"病歴|既往歴|既往症|現病歴|持病|傷病名|診断名|診断(?=[ \t]?[:=】])|病名|疾患名|主訴|服薬(?:状況|中の薬)?|服用(?:中の)?薬|常用薬|アレルギー(?:の有無|歴)?|健康状態|健診結果|健康診断(?:の)?結果|検査結果"
    r"|入院歴|手術歴|通院歴|治療歴|要介護(?:度|状態区分)|ストレスチェック結果|妊娠(?:の有無|の状況|状況|歴|週数)|感染症(?=[ \t]*[:=][^\n]{0,20}(?:HIV|陽性|梅毒|肝炎|結核|有|あり))"
    r"|edical [Hh]istory|llergies|llergy"
    rf"|iagnosis(?=[ \t]*[:=\t][^\n]{{0,30}}(?i:{_ENGLISH}))"
)
_HINTS = "病 歴 既往 傷 診断 疾患 主訴 服薬 服用 常用薬 アレルギー 健康 健診 検査 介護 ストレスチェック 妊娠 感染症 dical gnos gies gy 症 炎 腫 障害 感染 膜下 硬化 不全 潰瘍 梗塞"


@cache
def conditions() -> frozenset[str]:
    """Read the names of illnesses."""
    raw = resources.files("detectors").joinpath("data", "conditions.txt").read_text(encoding="utf-8")
    lines = (line for line in fold(raw).folded.split("\n") if not line.startswith("#"))
    return frozenset(word for line in lines for word in line.split())


_KNOWN = "|".join(sorted(map(re.escape, conditions()), key=len, reverse=True))
_find = sensitive(
    kind,
    _LABELS,
    rf"(?:{_KNOWN})(?=(?:の疑い)?(?:と診断|で入院|で通院|で治療|で亡くな|で死去|で休職|で療養|を患|を発症|に罹患|にかか|の治療|の手術|の既往|の持病|のため|により|が判明|が再発|が悪化|を抱え|があ[りる]|になりまし|になった(?!ら)|なので|に感染|で[、す]|です|でした|だ))|妊娠(?:[0-9]{{1,2}}(?:[かヶカヵ]月|週)|中(?=です|で[、す]|のため)|して)",
    items=conditions(),
    hints=" ".join((_HINTS, *sorted(conditions()))),
)
trigger, find = _find.trigger, _find.find


def cell(value: str) -> str | None:
    """Give a whole cell that is the name of an illness."""
    return value if value in conditions() else None


def known(value: str) -> str | None:
    """Give a cell of a column known to tell of health, if it says something."""
    return free(value)
