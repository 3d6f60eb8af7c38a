"""Find the numbers of health insurance (被保険者等記号・番号等, 健康保険法 194条の2: nobody may ask for them without need; 保険者番号 8 or 6 digits).

In: running text after its label, whole cells of a column so headed. Out: the number as it stands. Fails: never.
"""

from __future__ import annotations

import re

from detectors._header import words
from detectors._labelled import CLOSE, compact, labelled

kind = "health_insurance"

header = words(
    "保険者番号 被保険者番号 被保険者証番号 保険証番号 保険証記号番号 健康保険証番号 被保険者証記号番号 被保険者記号番号 保険証記号 保険証 保険記号番号 健保番号 insurancenumber insuranceno healthinsurance healthinsurancenumber 介護保険被保険者番号 介護保険番号 保険番号 健康保険番号",
    r"保険者(?:証)?(?:等)?(?:記号|番号)|保険証(?:の)?(?:記号|番号)|健康?保険?証?番号|介護保険.*番号|healthinsurance",
    r"名称|期限|有効|有無|会社|雇用保険|区分|種別|expir|company|name",
).score
_WHOLE = re.compile(
    r"(?=[^0-9]{0,6}[0-9])[0-9A-Za-z\p{Han}]{0,6}[-・ ]?[0-9][0-9\- ・]{1,18}".replace(r"\p{Han}", "一-龠")
)


def cell(value: str) -> str | None:
    """Give the number of a cell of a column known to hold such numbers."""
    return compact(value) if _WHOLE.fullmatch(value) else None


_find = labelled(
    kind,
    r"(?:被?保険者)(?:証|等)?(?:の)?(?:記号)?[・/]?(?:番号|No\.?)|保険証(?:の)?(?:記号)?[・/]?(?:番号|No\.?)|健康保険(?:証)?(?:の)?(?:記号)?[・/]?(?:番号|No\.?)?(?=[: ])"
    r"|[Hh]ealth [Ii]nsurance (?:[Nn]o\.?|[Nn]umber)",
    rf"(?:記号[: ]*)?[0-9A-Za-z一-龠]{{0,4}}[0-9][0-9\-・]{{0,11}}[0-9](?:[ ,、・/]*(?:番号[: ]*)?[0-9]{{1,8}})?(?:\(?枝番[: ]*[0-9]{{2}}\)?)?{CLOSE}",
    lambda shown: sum(sign.isdigit() for sign in shown) >= _DIGITS,
    hints="保険 nsurance",
)
trigger, find = _find.trigger, _find.find
_DIGITS = 4
