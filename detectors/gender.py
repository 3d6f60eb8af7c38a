"""Find the gender of a person (性別), in words and as the codes of JIS X 0303 / ISO/IEC 5218 (0, 1, 2, 9).

In: running text after its label, whole cells. Out: "male", "female" or "other". Fails: never.
"""

from __future__ import annotations

from collections.abc import Iterator

import regex

from detectors._labelled import each_of
from detectors._model import Finding, Text
from detectors._words import headings

kind = "gender"

header = headings(kind)
_MEANING = {
    **dict.fromkeys(
        ("男", "男性", "男子", "男児", "m", "male", "man", "boy", "おとこ", "オトコ", "♂", "だんせい"), "male"
    ),
    **dict.fromkeys(
        ("女", "女性", "女子", "女児", "f", "female", "woman", "girl", "おんな", "オンナ", "♀", "じょせい"),
        "female",
    ),
    **dict.fromkeys(
        (
            "その他",
            "不明",
            "無回答",
            "回答しない",
            "未回答",
            "other",
            "x",
            "unknown",
            "nonbinary",
            "未設定",
            "答えたくない",
        ),
        "other",
    ),
}
_CODES = {"1": "male", "2": "female", "0": "other", "9": "other"}


def cell(value: str) -> str | None:
    """Give the gender a whole cell says in words."""
    return _MEANING.get(value.lower())


def coded(value: str) -> str | None:
    """Give the gender of a cell of a column known to hold it: also codes, also 1:男性."""
    value = value.lower().removesuffix(".0")
    return _MEANING.get(value) or _CODES.get(value) or _MEANING.get(_CODE_BEFORE.sub("", value))


_CODE_BEFORE = regex.compile(r"^[0-9][:. ]?")
_IN_TEXT = regex.compile(
    r"(?:性別|(?i:gender|sex))(?:[ \t]*[】\])〕:=|\n \t]{1,4}[ \t]*|\()(男性?|女性?|男子|女子|(?i:female|male)|[FMfm](?=[ \t]*$)|その他|回答しない)(?![\p{Han}A-Za-z]|[ \t]*[・/,、|]?[ \t]*[□☐○]?[ \t]*(?:男|女|(?i:fe)?male))",
    flags=regex.MULTILINE,
)
trigger = "性別|" + each_of("gG", "(?i:ender)") + "|" + each_of("sS", "(?i:ex)")


def find(text: Text) -> Iterator[Finding]:
    """Yield genders after their label."""
    for match in _IN_TEXT.finditer(text.folded):
        first, last = text.span(*match.span(1))
        yield Finding(kind=kind, start=first, end=last, confidence=0.9, why="label")
