"""Find the age of a person (年齢; 年齢計算ニ関スル法律).

In: running text after its label or about somebody, whole cells. Out: years as digits. Fails: never.

Years alone are a rule (20歳以上), a statistic or anybody's: in a sentence they are found where a person stands before them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from detectors._labelled import each_of
from detectors._model import Finding, Text
from detectors._numerals import number
from detectors._somebody import heads_line, stands_before, stands_behind
from detectors._words import headings

kind = "age"

header = headings(kind)
_KANJI = "一二三四五六七八九"
_NUMBER = rf"(?:[0-9]{{1,3}}|[{_KANJI}]?十[{_KANJI}]?|[{_KANJI}])"
_WHOLE = re.compile(rf"満?({_NUMBER}) ?(?:歳|才)(?:[0-9]{{1,2}}(?:か|ヶ|ケ|カ)月)?")
_BARE = re.compile(rf"({_NUMBER})(?:\.0)?")
_OLDEST = 125


def cell(value: str) -> str | None:
    """Give the years of a whole cell written with 歳 or 才."""
    match = _WHOLE.fullmatch(value)
    return _years(match[1]) if match else None


def years(value: str) -> str | None:
    """Give the years of a cell of a column known to hold ages."""
    match = _BARE.fullmatch(value) or _WHOLE.fullmatch(value)
    return _years(match[1]) if match else None


def _years(shown: str) -> str | None:
    counted = number(shown)
    return str(counted) if counted is not None and counted <= _OLDEST else None


# 対象年齢 and 平均年齢 are nobody's, nor is what has a bound: 18歳以上, 20代, 65-.
_RULES = "対象|推奨|平均|使用|参加|応募|受験|適用|適応|利用|上限|下限|最低|最高|開始|終了|支給|退職|定年|精神|肉体|血管"
_BOUND = r"[0-9代~\-+ヶか]| ?[歳才]?(?:以[上下降]|未満|から|まで|前後|代|児|超|~|\+)| (?:and|or|to) "
_LABELLED = re.compile(
    rf"(?:年(?<!(?:{_RULES})年)齢|a(?<![A-Za-z]a)ge|A(?<![A-Za-z]A)(?:ge|GE))[ \t]*[】\])〕:=|は\n \t]{{1,4}}[ \t]*満?(?P<years>{_NUMBER})(?!{_BOUND})"
)
_RULE_IN_ENGLISH = re.compile(
    r"(?:minimum|maximum|average|mean|median|legal|drinking|voting|school|retirement) \Z", re.IGNORECASE
)
_IN_BRACKETS = re.compile(rf"\(満?(?P<years>{_NUMBER}) ?[歳才]\)")
_WORD = re.compile(r"[ぁ-ヶー一-鿿々] ?\Z")
_NO_PERSON = re.compile(r"(?:定年|成人|成年|高齢者|若者|対象|基準|上限|下限|当時|享年) ?\Z")
# 奥寺美緒さん(42), 奥寺美緒(25歳、女), 長女 8歳; Hanako Suzuki, aged 42
_SIGN = re.compile(
    r"歳(?=[ \t\n、,。)・/男女]|です|だ|\Z)|才(?=[ \t\n、,。)・/男女]|です|だ|\Z)|y(?<=[0-9][ \-]y)ears?[ \-]old"
    r"|a(?<=[ (]a)ged (?P<aged>[0-9]{1,3})(?![0-9]| (?:and|or|to|years?(?! old)|months)|-)|\((?P<alone>[0-9]{2,3})\)"
)
_COUNTED = re.compile(rf"(?<![0-9.{_KANJI}十])満?(?P<years>{_NUMBER})[ \-]?\Z")
_ITEM = re.compile(r"(?:[ \t\n、,/|]|^)[^ \t\n、,/|]+[ \t\n、,/|]?")  # of a line: 奥寺美緒 営業部 42歳
_IS = re.compile(r" is \Z")
_NEAR = 16
trigger = (
    "年齢|"
    + each_of("aA", "(?i:ge)")
    + r"|\([0-9]{2,3}\)|"
    + "|".join(f"{sign}(?<=[0-9{_KANJI}十 ]{sign})" for sign in "歳才")
    + r"|y(?<=[0-9][ \-]y)ears?[ \-]old"
)


def find(text: Text) -> Iterator[Finding]:
    """Yield ages after their label, in brackets with 歳, or of somebody who stands before them."""
    folded = text.folded
    taken: set[int] = set()
    for start, end, why in (*_labelled(folded), *_in_brackets(folded), *_of_somebody(folded)):
        if start not in taken and _years(folded[start:end]) is not None:
            taken.add(start)
            first, last = text.span(start, end)
            yield Finding(kind=kind, start=first, end=last, confidence=0.85, why=why)


def _labelled(folded: str) -> Iterator[tuple[int, int, str]]:
    for match in _LABELLED.finditer(folded):
        if not _RULE_IN_ENGLISH.search(folded, max(0, match.start() - _NEAR), match.start()):
            yield *match.span("years"), "label"


def _in_brackets(folded: str) -> Iterator[tuple[int, int, str]]:
    for match in _IN_BRACKETS.finditer(folded):
        before = folded[max(0, match.start() - _NEAR) : match.start()]
        if _WORD.search(before) and not _NO_PERSON.search(before):
            yield *match.span("years"), "歳 in brackets"


def _of_somebody(folded: str) -> Iterator[tuple[int, int, str]]:
    for sign in _SIGN.finditer(folded):
        start, (first, last) = sign.start(), sign.span(sign.lastgroup or 0)
        if sign.lastgroup is None:
            counted = _COUNTED.search(folded, max(0, start - _NEAR), start)
            if counted is None:
                continue
            start, (first, last) = counted.start(), counted.span("years")
        lead = _IS.search(folded, max(0, start - _NEAR), start)
        is_item = _ITEM.fullmatch(folded, max(0, start - 1), sign.end() + 1) is not None
        if stands_before(folded, lead.start() if lead else start) or (
            is_item and (heads_line(folded, start) or stands_behind(folded, sign.end()))
        ):
            yield first, last, "said of somebody"
