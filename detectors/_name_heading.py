"""Tell what a heading says of the names below it, beyond that it announces some.

In: a folded heading (`fold_label`). Out: which part of a name, and whose. Fails: never.
"""

from __future__ import annotations

import regex

_READINGS = r"フリガナ|ふりがな|ヨミガナ|よみがな|カナ|かな|ヨミ|よみ|ローマ字|漢字|全角|半角|英字|英"
_KANA = regex.compile(r"カナ|かな|ガナ|がな|ヨミ|よみ|読み|kana|reading|yomi|^(?:セイ|メイ|せい|めい)$")
_FAMILY = regex.compile(
    rf"^(?:.*(?:者|会員|顧客|保護者|生徒))?(?:姓|苗字|名字|セイ|せい|氏|sei)(?!名)|(?<!同)姓(?:{_READINGS})*$|lastname|familyname|surname"
)
_GIVEN = regex.compile(
    rf"^(?:名|メイ|めい|mei)(?:[カか漢ロ全英(]|$)|(?:氏名|名前|姓名|芳名|{_READINGS})(?:名|メイ|めい)(?:{_READINGS})*$|firstname|givenname|forename"
)


def role(label: str) -> tuple[str, bool]:
    """Tell which part of a name a heading announces ("full", "family", "given"), and whether it is a reading."""
    kana = bool(_KANA.search(label))
    if _GIVEN.search(label):
        return "given", kana
    if _FAMILY.search(label):
        return "family", kana
    return "full", kana


def family_beside(label: str) -> str:
    """Give the heading that the family name would have beside this one of a given name: 注文者名 → 注文者姓; "" for none."""
    return _NAME_AT_END.sub(r"姓\1", label) if _NAME_AT_END.search(label) else ""


_NAME_AT_END = regex.compile(rf"(?<=[者人先主様客員用])名((?:{_READINGS})*)$")


def is_explicit(label: str) -> bool:
    """Tell whether a heading can mean nothing but names of people, so that nicknames under it are names."""
    return _EXPLICIT.search(label) is not None


_EXPLICIT = regex.compile(
    r"氏名|姓名|芳名|お名前|御名前|フリガナ|ふりがな|(?:会員|顧客|生徒|児童|園児|選手|患者|保護者|参加者|申込者?|利用者|議員|委員|受講者?|職員|社員)名|(?:last|first|full|customer|member)name"
)


def is_role(label: str) -> bool:
    """Tell whether a heading says that somebody did or is something, so that names under it are no accident."""
    return _ROLE.search(label) is not None


_ROLE = regex.compile(
    r"(?:者|人|主|員|官|師|士|医|担当|担任|当番|客様|顧客|生徒|児童|園児|[学業験修習]生|(?<!切)手|[理監幹]事|名義|[遺親]族|子様|会長|施設長|ゲスト|ドライバー|オーナー|スタッフ|ユーザー?|プレ[イー]ヤー|ランナー|メンバー|コーチ|主査|副査|主任|教授|乗客|アーティスト|歌手|俳優|声優|監督|(?:送付|送り|発送|配送|届け|宛|紹介)先)(?:の?(?:お?名前?|氏名))?\d?$"
    r"|^(?:本|芸|旧姓|通称|戸籍|担当|営業)(?:名|氏名|担当)$|^担当(?!部|課|係|班|区|地|業|科|学|教|店|会|窓|事|所|内|日|時|コ|エ)"
    r"|(?:user|owner|employee|staff|patient|recipient|shipping|billing|display|author|artist|contact|representative|driver|person|pax|passenger|guest|player|attendee|participant|student)(?:name)?$"
)


def is_of_the_row(label: str) -> bool:
    """Tell whether a heading says by itself what the row is called; 担当者 is somebody beside what the row is about."""
    return label in _OF_THE_ROW


_OF_THE_ROW = frozenset(["name", "fullname", "名前", "なまえ", "namae", "shimei", "membername"])


def is_mere_reading(label: str) -> bool:
    """Tell whether a heading says no more than that something is written in kana, be it a person, a school or a bridge."""
    return _MERE_READING.fullmatch(label) is not None


_MERE_READING = regex.compile(
    r"(?:全角|半角)?(?:(?:フリ|ふり|ヨミ|よみ|読み)(?:ガナ|がな|仮名)|カナ|かな|仮名|ヨミ|よみ|読み|読み方|カタカナ|ひらがな|kana|furigana|reading|yomi)\d?"
)


def is_of_a_thing(label: str) -> bool:
    """Tell whether a heading says that the rows below are called so, and not by whom: 馬名, 船名, 列車名."""
    return not is_role(label) and _OF_A_THING.search(label) is not None


_OF_A_THING = regex.compile(r"[^氏姓本芸別旧実父母夫妻子]名(?:称|カナ|かな)?$")


def is_of_an_organisation(label: str) -> bool:
    """Tell whether a heading says that shops, schools or teams stand below: 屋号, 優勝校, 派遣会社."""
    return not is_role(label) and _OF_AN_ORGANISATION.search(label) is not None


_OF_AN_ORGANISATION = regex.compile(
    r"屋号|(?:校|社|店|園|館|駅|局|企業|法人|組織|団体|大学|チーム|クラブ)名?$"
)
