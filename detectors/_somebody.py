"""Tell whether a text speaks of somebody right before a place: 奥寺美緒さん(42), 長女 小3, 娘は喘息です.

In: a folded text and a place in it. Out: yes or no. Fails: never.

42歳, 中学2年生 or 要介護3 alone are anybody's; behind a name, or behind a word for one of a family, they are somebody's.
"""

from __future__ import annotations

import regex

from detectors._entity import is_entity
from detectors._naming import TAIL, is_surname, sure

# 本人 stands for a name; 子供 and 保護者 are as many as there are.
FAMILY = (
    "本人|私|妻|夫|主人|家内|長男|次男|二男|三男|四男|長女|次女|二女|三女|四女|息子|娘|父親?|母親?|祖父|祖母|義父|義母|実父|実母|孫|兄|弟|姉|妹|叔父|叔母|伯父|伯母"
    "|お(?:父|母|祖父|祖母|爺|婆|兄|姉|子)(?:さん|様|ちゃん)"
)
_FAMILY = regex.compile(rf"(?:(?<![\p{{L}}々ー])|(?<=の))(?:ご)?(?:{FAMILY})$")
# 奥寺美緒(女、 / 奥寺美緒さんは / Hanako Suzuki,
_BETWEEN = regex.compile(
    r"(?<=\S)(?:[ \t]*[(、,・:/はが|][ \t]*|[ \t]{1,4})?(?:(?<=[ \t(、,・:/|])(?:男性?|女性?)[ \t]*[、,・/ \t][ \t]*)?$"
)
_WORDS = regex.compile(r"(?<![\p{L}々ー])[\p{L}々ー]{1,12}(?:[ ・][\p{L}々ー]{1,12})?$")
_REACH = 32
_SHORTEST = 3  # 東京 could be a 東 whose given name is 京


def stands_before(folded: str, at: int) -> bool:
    """Tell whether a person stands right before a place, with no more than a sign, は or the gender between."""
    line = folded[max(folded.rfind("\n", 0, at) + 1, at - _REACH) : at]
    between = _BETWEEN.search(line)
    before = line[: between.start()] if between else line
    if _FAMILY.search(before):
        return True
    words = _WORDS.search(before)
    return words is not None and any(map(_is_person, (words[0], words[0].split(" ")[-1])))


def _is_person(word: str) -> bool:
    called = TAIL.sub("", word)
    if called != word and is_surname(called):
        return True
    return len(called) >= _SHORTEST and not is_entity(called) and sure(called) is not None
