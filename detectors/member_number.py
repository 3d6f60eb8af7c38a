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


_IN_TEXT = regex.compile(
    rf"(?:{_WHO})(?:様)?(?:番号|(?i:id|no\.?)|コード)(?:[ \t]*[】\])〕:=|はが\n \t]{{1,4}}[ \t]*|(?<=\.))((?=[A-Za-z_\-]{{0,8}}[0-9])[A-Za-z0-9_\-]{{3,24}})"
)
trigger = "|".join(f"{who}様?(?:番号|[IiNn]|コ)" for who in _WHO.split("|"))


def find(text: Text) -> Iterator[Finding]:
    """Yield numbers after their label."""
    folded = text.folded
    for match in _IN_TEXT.finditer(folded):
        first, last = text.span(*match.span(1))
        yield Finding(kind=kind, start=first, end=last, confidence=0.9, why="label")
