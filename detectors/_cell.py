"""Read a cell once its column is known: looser than a detector, which has to be sure by the cell alone.

In: a folded cell. Out: its normal form, or None for one of another sort. Fails: never.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

import regex

from detectors import (
    _name_heading,
    _naming,
    address,
    age,
    birthdate,
    gender,
    health_condition,
    name,
    phone,
    postcode,
    relationship,
    school_grade,
)
from detectors._entity import is_company

# What stands in the column of names below the last of them, or among those who sit side by side.
_FOOTERS = frozenset(
    (
        "合計",
        "合 計",
        "小計",
        "総計",
        "総合計",
        "累計",
        "平均",
        "以上",
        "以下余白",
        "余白",
        "total",
        "subtotal",
        *("教卓", "教壇", "黒板", "通路", "廊下側", "窓側", "出入口", "入口", "出口", "空席"),
    )
)
_FOOTNOTE = regex.compile(r"※|\(?注[)):\d]|\(?備考[)):]|敬称略")
_INITIALS = regex.compile(r"[A-Z](?:[. ]{0,2}[A-Z])?\.?(?:様|さま|さん|氏|くん|君|ちゃん)?")
_PARTY = regex.compile(
    r"(?:ご|お|御)?(?:\p{Han}{1,4}[者員]|スタッフ|メンバー|ゲスト|ドライバー|選手|生徒|児童|園児|学生|会員|顧客|お?客様|[遺親]族|借主|貸主|買主|売主|世帯主)(?:名|氏名|様)?"
)
# Who donates and is no person, beside what says so outright; given names end in 会, 道 and 都 as well.
_GROUP = regex.compile(
    r"(?:自治|町内|同窓|後援|協議|振興|婦人|老人|長寿|子ども|商工|友の|の|同好|保存|育成|実行委員|親睦|互助)会$|商店街|(?:店|社|校|館|組|団|クラブ|チーム|有志|一同)$"
)


def named_cell(value: str) -> str | None:
    """Give the key of a cell of a column headed as names: nicknames and bare surnames too."""
    found = named(value)
    return found[0] if found else None


def named(value: str) -> tuple[str, str] | None:
    """Give key and family name of a cell of a column headed as names."""
    plain = _naming.plain(value)
    if plain is not None:
        return plain
    parsed = _naming.behind_affiliation(value) or _naming.parse(value)
    if parsed is not None:
        family = parsed.family if parsed.script == "kanji" else _naming.family_of(parsed.key, parsed)
        return parsed.key, family
    if (
        value.lower() in _FOOTERS
        or _FOOTNOTE.match(value)
        or _naming.masked(value)
        or len(value) > 30
        or is_company(value)
        or _GROUP.search(value)
        or _INITIALS.fullmatch(value)
        or _PARTY.fullmatch(value)
        or value.strip("()").lower() in _naming.NO_ANSWER
        or name.header(value.lower()) == 1.0  # headings that come again on every page
        or _name_heading.is_explicit(value)
        or any(c.isdigit() or c in "@/:" for c in value)
    ):
        return None
    key = _naming.bare(value)
    return (key, _naming.family_of(key, None)) if key else None


def _placed(value: str) -> str | None:
    """Give the normal form of a cell of a column headed as addresses."""
    return address.normal(value) if len(value) <= 160 else None


# How a cell is read once its column is known, where that is looser than Detector.cell, which has to be sure by itself.
_LOOSER: Mapping[str, Callable[[str], str | None]] = {
    name.kind: named_cell,
    phone.kind: phone.dialled,
    postcode.kind: postcode.digits,
    address.kind: _placed,
    birthdate.kind: birthdate.known,
    gender.kind: gender.coded,
    age.kind: age.years,
    school_grade.kind: school_grade.known,
    relationship.kind: relationship.known,
    health_condition.kind: health_condition.known,
}


def reader_of(kind: str) -> Callable[[str], str | None]:
    """Give how a cell is read once its column is known."""
    return _LOOSER.get(kind) or _cell_of(kind)


def read_all(kind: str, folded: Mapping[str, str]) -> dict[str, str]:
    """Read the cells of a column whose kind is known; those of another sort are left out."""
    cells = folded.values()
    forms = phone.all_dialled(cells) if kind == phone.kind else map(reader_of(kind), cells)
    return {cell: form for cell, form in zip(folded, forms, strict=True) if form is not None}


@lru_cache(maxsize=256)
def _cell_of(kind: str) -> Callable[[str], str | None]:
    from detectors import DETECTORS  # noqa: PLC0415  it imports what imports us

    return next(detector.cell for detector in DETECTORS if detector.kind == kind)
