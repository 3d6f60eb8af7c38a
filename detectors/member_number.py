"""Find numbers by which a business knows a person: 会員番号, 顧客番号, 社員番号 (個人情報保護法ガイドライン 通則編 2-1).

In: running text after its label, whole cells of a column so headed. Out: the number in capitals. Fails: never.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import regex

from detectors._model import Finding, Text
from detectors._words import headings

kind = "member_number"

_WHO = r"会員|顧客|お客様|お客さま|利用者|ユーザー?|社員|職員|従業員|学生|生徒|児童|学籍|患者|診察券|カルテ|登録者|契約者|受験|受講者?|応募者|申込者|会員カード|ポイントカード|メンバー|組合員"
header = headings(kind)
_WHOLE = re.compile(r"(?=[A-Za-z_\-]{0,8}[0-9])[A-Za-z0-9_\-]{2,24}")


def cell(value: str) -> str | None:
    """Give the number of a cell of a column known to hold such numbers."""
    value = value.removesuffix(".0")
    return value.upper() if _WHOLE.fullmatch(value) else None


_VALUE = r"(?P<number>(?=[A-Za-z_\-]{0,8}[0-9])[A-Za-z0-9_\-]{3,24})"
_IN_TEXT = regex.compile(
    rf"(?:{_WHO})(?:様)?(?:番号|(?i:id|no\.?)|コード)(?:[ \t]*[】\])〕(:=|はが\n \t]{{1,4}}[ \t]*|(?<=\.)){_VALUE}"
)
_ENGLISH = {
    "m": "ember(?:ship)?",
    "c": "ustomer|lient",
    "e": "mployee",
    "s": "taff|tudent",
    "p": "atient",
    "u": "ser",
}
# Member ID: A123, Customer No. 123, Employee number 12345
_IN_ENGLISH = re.compile(
    "(?:"
    + "|".join(
        f"{letter}(?<![A-Za-z]{letter})(?i:{rest})"
        for first, rest in _ENGLISH.items()
        for letter in (first, first.upper())
    )
    + rf")[ _-]?(?i:id|no\b\.?|number|code|#)(?:[ \t]*[:=#|\n][ \t]*#?|(?<=\.) ?| (?=[A-Za-z_\-]{{0,8}}[0-9]{{4}})){_VALUE}"
)
# What whose number it is ends with, and the word for a number behind it: fewer branches than there are such words.
_ENDS = "".join(dict.fromkeys(who.removesuffix("?")[-1] for who in _WHO.split("|"))) + "ザ様"
_ENDS_ALSO = rf"{_ENDS}rptefRPTEF _\-"
trigger = (
    rf"番(?<=[{_ENDS}]番)号|コ(?<=[{_ENDS}]コ)ード|I(?<=[{_ENDS_ALSO}]I)[Dd]|i(?<=[{_ENDS_ALSO}]i)[Dd](?![A-Za-z])|#(?<=[{_ENDS_ALSO}]#)"
    rf"|N(?<=[{_ENDS_ALSO}]N)(?:[oO](?![A-Za-z])|[uU][mM][bB])|n(?<=[{_ENDS_ALSO}]n)(?:[oO](?![A-Za-z])|[uU][mM][bB])"
    rf"|C(?<=[{_ENDS_ALSO}]C)[oO][dD][eE]|c(?<=[{_ENDS_ALSO}]c)[oO][dD][eE]"
)


def find(text: Text) -> Iterator[Finding]:
    """Yield numbers after their label."""
    folded = text.folded
    for pattern in (_IN_TEXT, _IN_ENGLISH):
        for match in pattern.finditer(folded):
            first, last = text.span(*match.span("number"))
            yield Finding(kind=kind, start=first, end=last, confidence=0.9, why="label")
