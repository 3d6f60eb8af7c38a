"""Find dates of birth (生年月日, 個人情報保護法 2条1項1号), in the calendar and in the eras (元号法; JIS X 0301).

In: running text, whole cells. Out: ISO dates. A date in running text is a birthdate only with a label.
Fails: never.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from detectors import _dates
from detectors._labelled import GLUE
from detectors._model import Finding, Text
from detectors._words import headings

kind = "birthdate"

header = headings(kind)


@lru_cache(maxsize=65536)
def cell(value: str) -> str | None:
    """Give a whole cell that is a date as ISO; whether it is one of birth the column must say."""
    return _dates.read(value)


@lru_cache(maxsize=65536)
def known(value: str) -> str | None:
    """Give the date of a cell of a column known to hold dates of birth."""
    return _dates.read_known(value)


def age_on(born: str, today: date) -> int:
    """Give the full years lived between an ISO date and today."""
    year, month, day = int(born[:4]), int(born[5:7]), int(born[8:10])
    return today.year - year - ((today.month, today.day) < (month, day))


_SHORT = r"'?[0-9]{2}[./\-年][0-9]{1,2}[./\-月][0-9]{1,2}日?(?![0-9])|[1-5][0-9]{6}(?![0-9])|(?:18|19|20)[0-9]{2}, ?[0-9]{1,2}, ?[0-9]{1,2}(?![0-9,])"
_LABEL = re.compile(
    r"生年月日|誕生日|出生日|出生年月日|生まれ(?=[: ])|irth ?[Dd](?:ay|ate)|BIRTH ?DA(?:Y|TE)|ate [Oo]f [Bb]irth|ATE OF BIRTH|DOB|D\.O\.B\.?|orn(?<=[Bb]orn)(?: on)?"
)
_LABELLED = re.compile(rf"{GLUE}(?:西暦)?({_dates.SHOWN}|{_SHORT}|{_dates.PARTIAL})")
_BORN = re.compile(
    rf"(?<![0-9.\-/])({_dates.SHOWN})(?= ?(?:\([月火水木金土日]\) ?)?(?:生(?![産成活放徒命存鮮])|に?生まれ|に誕生(?!し(?:た|ました)。)|\(?誕生日|産まれ))"
)
# A line that goes on with the gender: 渡辺 恵 女 昭和43年7月8日 妻.
_GENDER = re.compile(r"男(?<![^ \t\n,、/]男)性?(?=[ \t,、/\n]|$)|女(?<![^ \t\n,、/]女)性?(?=[ \t,、/\n]|$)")
_BEHIND_GENDER = re.compile(rf"[ \t]?[ \t,、/][ \t]?({_dates.SHOWN})(?=[ \t]*(?:$|[\n,、/(生])|[ \t])")
_BEFORE_GENDER = re.compile(rf"(?<![0-9.\-/])({_dates.SHOWN})(?:生まれ?)?[ \t]?[ \t,、/][ \t]?\Z")
_ENDS = re.compile(r"[0-9日)][ (月火水木金土日)に]{0,5}\Z")
_BIRTH = re.compile(r"生|誕生|産まれ")
trigger = (
    r"男(?<![^ \t\n,、/]男)性?(?![^ \t\n,、/])|女(?<![^ \t\n,、/]女)性?(?![^ \t\n,、/])"
    r"|生(?:年月日|まれ[: ]|(?<=[0-9日) に]生))|誕生日|誕(?<=に誕)生|産(?<=[0-9日) に(]産)まれ|出生|irth|BIRTH|DOB|D\.O\.B|orn"
)
_REACH = 40  # characters of a date before it
_THING = re.compile(r" ?(?:\([月火水木金土日]\) ?)?に(?:誕生|生まれ)")
# Companies, shops, goods and towns are born, too.
_NOBODY = re.compile(
    r"(?:社|店|品|車|駅|市|町|村|県|園|校|館|ビル|施設|団体|番組|雑誌|サービス|ブランド|シリーズ|キャラクター|サイト|アプリ|モデル|チーム|グループ|ユニット)[はがも、]?[^。\n]{0,8}\Z"
)


def find(text: Text) -> Iterator[Finding]:
    """Yield dates that a label or 生まれ makes birthdates."""
    folded = text.folded
    taken: set[int] = set()
    matches = [(_LABELLED.match(folded, label.end()), "label") for label in _LABEL.finditer(folded)]
    for birth in _BIRTH.finditer(folded):
        before = max(0, birth.start() - _REACH)
        if _ENDS.search(folded, before, birth.start()):
            matches += [(match, "生まれ") for match in _BORN.finditer(folded, before, birth.end() + 2)]
    for gender in _GENDER.finditer(folded):
        lead = _BEFORE_GENDER.search(folded, max(0, gender.start() - _REACH), gender.start())
        follow = _BEHIND_GENDER.match(folded, gender.end())
        matches += [(match, "gender in the same line") for match in (lead, follow)]
    for match, why in matches:
        if match is None:
            continue
        shown = match[1].rstrip()
        start = match.start(1)
        is_whole = known(shown) is not None
        if start in taken or not (is_whole or (why == "label" and _dates.is_partial(shown))):
            continue
        if (
            why != "label"
            and _THING.match(folded, match.end(1))
            and _NOBODY.search(folded[max(0, start - _REACH) : start])
        ):
            continue
        taken.add(start)
        first, last = text.span(start, start + len(shown))
        yield Finding(kind=kind, start=first, end=last, confidence=0.95 if is_whole else 0.7, why=why)
