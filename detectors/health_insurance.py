"""Find the numbers of health insurance (被保険者等記号・番号等, 健康保険法 194条の2: nobody may ask for them without need; 保険者番号 8 or 6 digits).

In: running text after its label, whole cells of a column so headed. Out: the number as it stands. Fails: never.
"""

from __future__ import annotations

import re

from detectors._labelled import CLOSE, compact, labelled
from detectors._words import headings

kind = "health_insurance"

header = headings(kind)
_WHOLE = re.compile(r"(?=[^0-9]{0,6}[0-9])[0-9A-Za-z一-龠]{0,6}[-・ ]?[0-9][0-9\- ・]{1,18}")


def cell(value: str) -> str | None:
    """Give the number of a cell of a column known to hold such numbers."""
    return compact(value) if _WHOLE.fullmatch(value) else None


_find = labelled(
    kind,
    r"(?:被?保険者)(?:証|等)?(?:の)?(?:記号)?[・/]?(?:番号|No\.?)|保険証(?:の)?(?:記号)?[・/]?(?:番号|No\.?)|健康保険(?:証)?(?:の)?(?:記号)?[・/]?(?:番号|No\.?)?(?=[: ])|保険証(?=[: ]{0,2}記号[: ]*[0-9])"
    r"|[Hh]ealth [Ii]nsurance (?:[Nn]o\.?|[Nn]umber)",
    rf"(?:記号[: ]*)?[0-9A-Za-z一-龠]{{0,4}}[0-9][0-9\-・]{{0,11}}[0-9](?:[ ,、・/]*(?:番号[: ]*)?[0-9]{{1,8}})?(?:\(?枝番[: ]*[0-9]{{2}}\)?)?{CLOSE}",
    lambda shown: sum(sign.isdigit() for sign in shown) >= _DIGITS,
    hints="保険 nsurance",
)
trigger, find = _find.trigger, _find.find
_DIGITS = 4
