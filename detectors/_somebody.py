"""Tell whether a text speaks of somebody right before a place: 奥寺美緒さん(42), 長女 小3, 娘は喘息です.

In: a folded text and a place in it. Out: yes or no. Fails: never.

42歳, 中学2年生 or 要介護3 alone are anybody's; behind a name, or behind a word for one of a family, they are somebody's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import regex

from detectors._entity import is_entity
from detectors._naming import TAIL, is_surname, sure
from detectors._words import shipped

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
_SENTENCE = 50
_SHORTEST = 3  # 東京 could be a 東 whose given name is 京

_NOBODY = frozenset(shipped("nobody"))  # 皆さん, 神様

_FAMILYS = re.compile(FAMILY)
_OWN = re.compile(r"(?:^|[\n 。、,「(・]|うちの|私の|我が家の|その)\Z")
_SUBJECT = re.compile(r"(?:さん|ちゃん)?(?:は|が|も|に(?!つい|関)|の(?!日|よう))")
# What writers say of themselves has no subject: 先日、糖尿病と診断されました。
_SAID_POLITELY = re.compile(
    r"診断され(?:まし|てい)|入院し(?:まし|てい)|通院し(?:まし|てい)|休職し(?:まし|てい)|発症しまし|罹患しまし|感染しまし|があります|治療中です"
)
_WHEN = re.compile(
    r"[ \t・]*(?:実は|私も?、|現在|先日|先月|先週|昨年|去年|今年|以前|過去に|重い|重度の|軽い|軽度の|[0-9]+[年月日](?:前|に)?|[、,])*"
)
_ENDS_SENTENCE = re.compile(r"[。\n!?]")


def sentences_about_family(folded: str) -> Iterator[tuple[int, int]]:
    """Yield what sentences say of one of a family: 娘は喘息です."""
    for one in _FAMILYS.finditer(folded):
        subject = _SUBJECT.match(folded, one.end())
        if subject and _OWN.search(folded, max(0, one.start() - _REACH), one.start()):
            yield subject.end(), _end_of_sentence(folded, subject.end())


def said_by_the_writer(folded: str) -> Iterator[tuple[int, int]]:
    """Yield where a sentence without a subject begins, and where its verb stands: 先日、喘息と診断されました."""
    for said in _SAID_POLITELY.finditer(folded):
        begins = max(said.start() - _REACH, 0)
        for end in _ENDS_SENTENCE.finditer(folded, begins, said.start()):
            begins = end.end()
        when = _WHEN.match(folded, begins, said.start())
        yield when.end() if when else begins, said.start()


def _end_of_sentence(folded: str, at: int) -> int:
    end = _ENDS_SENTENCE.search(folded, at, at + _SENTENCE)
    return end.start() if end else min(at + _SENTENCE, len(folded))


def heads_line(folded: str, at: int) -> bool:
    """Tell whether the line of a place begins with a full name: 奥寺美緒 85歳 要介護3."""
    line = folded[folded.rfind("\n", 0, at) + 1 : at]
    head = _HEAD.match(line)
    return head is not None and any(map(_is_person, (head[1], head[1].split(" ")[0])))


_HEAD = regex.compile(
    r"[ \t]*(?:[・■●◆○*-]|\(?[0-9]{1,3}[.):])?[ \t]*((?:[\p{L}々ー]{1,12})(?:[ ・][\p{L}々ー]{1,12})?)[ \t、,:/(|]"
)


def stands_before(folded: str, at: int) -> bool:
    """Tell whether a person stands right before a place, with no more than a sign, は or the gender between."""
    line = folded[max(folded.rfind("\n", 0, at) + 1, at - _REACH) : at]
    between = _BETWEEN.search(line)
    before = line[: between.start()] if between else line
    if _FAMILY.search(before):
        return True
    words = _WORDS.search(before)
    return words is not None and any(map(_is_person, (words[0], words[0].split(" ")[-1])))


def stands_behind(folded: str, at: int) -> bool:
    """Tell whether a full name stands right behind a place, with no more than a sign or the gender between."""
    words = _NEXT.match(folded, at)
    return words is not None and any(map(_is_person, (words[1], words[1].split(" ")[0])))


_NEXT = regex.compile(
    r"[ \t]*[ \t、,・/|][ \t]*(?:(?:男性?|女性?)[ \t]*[、,・/ \t][ \t]*)?([\p{L}々ー]{1,12}(?:[ ・][\p{L}々ー]{1,12})?)"
)


def _is_person(word: str) -> bool:
    called = TAIL.sub("", word)
    if called != word and is_surname(called):
        return called not in _NOBODY
    return len(called) >= _SHORTEST and not is_entity(called) and sure(called) is not None
