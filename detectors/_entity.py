"""Tell names of companies, shops, facilities, places and goods from names of people.

In: a folded cell or word, or a folded heading. Out: yes or no. Fails: never.
"""

from __future__ import annotations

from functools import lru_cache

import regex

_COMPANY = regex.compile(
    r"株式会社|有限会社|合同会社|合名会社|合資会社|社団法人|財団法人|学校法人|医療法人|社会福祉法人|NPO法人|独立行政法人|宗教法人|\([株有社財学医福同]\)"
    r"|信金|信組|農協|漁協|労金|生協|商店|商事|工業|産業|製作所|建設|不動産|銀行|信用金庫|組合|協会|連盟|委員会|事務所|営業所|出張所|センター|クリニック|病院|医院|診療所|薬局|歯科"
    r"|ホテル|旅館|食堂|大学|学園|学院|高校|中学|小学|幼稚園|保育|こども園|図書館|公民館|体育館|美術館|博物館|公園|神社|寺院|役所|役場|支店|本店|支社|本社"
    r"|サポート|事務局|窓口|運営|サービス|ショップ|ストア|スーパー|マート|Inc\b|Ltd\b|Corp\b|LLC\b|Co\.,"
)
_ENDING = regex.compile(
    r"(?:店|園|院|館|所|社|校|局|課|部|係|室|会|県|府|都|道|市|区|町|村|郡|駅|線|号|丁目|番地|寺|荘|塾|屋|堂|亭|庵|株|組|団|隊|班|棟|階|港|科)$"
)


@lru_cache(maxsize=65536)
def is_entity(value: str) -> bool:
    """Tell whether a word is built as the name of a company, a facility or a place."""
    return _COMPANY.search(value) is not None or (len(value) > 1 and _ENDING.search(value) is not None)


@lru_cache(maxsize=65536)
def is_company(value: str) -> bool:
    """Tell whether a word says outright that it is a company or a facility."""
    return _COMPANY.search(value) is not None


# What the rows of a table are, when they are not people.
_SUBJECT = regex.compile(
    r"^(?:店|店名|店舗|屋号|支店|施設|園名|校名|学校|病院|医院|事業所|営業所|会社|企業|法人|団体|名称|商品|製品|品名|品番|型番|品目|銘柄|書名|タイトル|ブランド"
    r"|メーカー|制作|jan|isbn|ean|upc|sku|asin|駅|路線|市町村|自治体|物件|建物|カテゴリ)"
    r"|(?:店|店舗|施設|機関|事業所|営業所|会社|企業|法人|団体|商品|製品|サービス|学校|病院|薬局|保育所|幼稚園|公園|駅|ブランド|メーカー|物件|建物|自治体|市町村)(?:名|名称|コード|番号|cd|id)"
    r"|(?:store|shop|facility|company|product|item|brand|maker|manufacturer|station|school|hospital|office|branch|vendor|supplier)(?:name|cd|code|id|no)?$"
    r"|(?:institution|clinic|hotel|restaurant|corporation|organi[sz]ation|agency)name$|^商号"
)
_AFFILIATION = regex.compile(
    r"勤務先|所属|会社|企業|法人|団体|学校|校名|company|organization|school|園名|クラス"
)
_GOODS = regex.compile(
    r"商品|製品|品名|品番|型番|jan|isbn|ean|upc|sku|asin|ブランド|メーカー|product|item|brand|maker|manufacturer|書名|著者|タイトル"
    r"|件名|題名|題目|曲名|作品|論文|議案|講座|演題|番組|イベント|行事|発明の名称"
)
_OFFICER = regex.compile(
    r"代表|店長|院長|園長|校長|所長|館長|施設長|理事長|管理者|責任者|開設者|設置者|著者|作者|監督|駅長|住職|宮司|支配人|representative|principal|director|president|manager|owner|author|メーカー|ブランド|maker|brand"
)


def names_subject(label: str) -> bool:
    """Tell whether a heading says that the rows are shops, companies, facilities or goods."""
    return _SUBJECT.search(label) is not None


def names_affiliation(label: str) -> bool:
    """Tell whether a heading may name where a person works or studies."""
    return _AFFILIATION.search(label) is not None


def names_goods(label: str) -> bool:
    """Tell whether a heading belongs to a list of goods or works."""
    return _GOODS.search(label) is not None


def names_officer(label: str) -> bool:
    """Tell whether a heading names the head of a facility or the maker of goods, not the one the row is about."""
    return _OFFICER.search(label) is not None


def names_staff(label: str) -> bool:
    """Tell whether a heading names whoever of an office looks after the row; one of them comes again and again."""
    return _STAFF.search(label) is not None


_STAFF = regex.compile(
    r"担当|責任者|受付者|作成者|承認者|登録者|記入者|staff|agent|assignee|createdby|updatedby"
)
