"""Find bank accounts (全銀協 全銀フォーマット: 銀行 4 桁, 支店 3 桁, 種目, 口座番号 7 桁; ゆうちょ: 記号 5 桁, 番号 8 桁まで).

In: running text after 普通, 当座, 口座番号 or 記号・番号, whole cells of a column so headed. Out: the digits. Fails: never.

Seven digits alone are a postcode, a telephone number or nothing, and never fire.
"""

from __future__ import annotations

import re

from detectors._labelled import CLOSE, GLUE, compact, labelled
from detectors._words import headings

kind = "bank_account"

header = headings(kind)
_WHOLE = re.compile(
    r"(?:(?:普通|当座|貯蓄|普|当|総合)?(?:預金)?[ -]?)?([0-9]{4,8})|([0-9]{4}-?[0-9]{3}-?(?:[124]-?)?[0-9]{7})|(1[0-9]{4}[- ][0-9]{2,8})|([0-9]{3}[- ][0-9]{7})"
)


def cell(value: str) -> str | None:
    """Give the digits of a cell of a column known to hold accounts."""
    match = _WHOLE.fullmatch(value.removesuffix(".0"))
    return compact(match[match.lastindex or 0]) if match else None


_find = labelled(
    kind,
    "|".join(f"{sort}(?:預金)?(?:口座)?(?:番号)?" for sort in ("普通", "当座", "貯蓄", "総合"))
    + r"|\([普当]\)|口座番号|口座(?=[: ])|ccount (?:[Nn]o\.?|[Nn]umber)|振替口座|記号(?:・?番号)?",
    rf"[0-9]{{6,8}}{CLOSE}(?! ?[円台個人件点枚本部])|[0-9]{{4}}-[0-9]{{3}}-[0-9]{{7}}{CLOSE}|[0-9]{{5}}[-– ](?:番号[: ]*)?[0-9]{{2,8}}{CLOSE}|[0-9]{{5}} ?-[0-9] ?-[0-9]{{2,8}}{CLOSE}",
    lambda shown: len(set(compact(shown))) > 1,
    glue=GLUE.replace("|が|の", ""),  # 「普通の 1234567」
    hints="口座 普通 当座 貯蓄 総合 普) 当) 記号 ccount",
)
trigger, find = _find.trigger, _find.find
