"""Families that do not exist, in the shape of the list that Plus One Education mailed by mistake.

In: how many. Out: rows of a table. Fails: ValueError where the numbers do not fit together.

The same seed gives the same families. Addresses end at example.jp, telephone numbers are made up.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta

HEADER = [
    "メールアドレス",
    "氏名",
    "フリガナ",
    "性別",
    "生年月日",
    "学年",
    "電話番号",
    "郵便番号",
    "住所",
    "メール受信可否",
]

SURNAMES = [
    pair.split(":")
    for pair in [
        "佐藤:サトウ",
        "鈴木:スズキ",
        "高橋:タカハシ",
        "田中:タナカ",
        "伊藤:イトウ",
        "渡辺:ワタナベ",
        "山本:ヤマモト",
        "中村:ナカムラ",
        "小林:コバヤシ",
        "加藤:カトウ",
        "吉田:ヨシダ",
        "山田:ヤマダ",
        "佐々木:ササキ",
        "山口:ヤマグチ",
        "松本:マツモト",
        "井上:イノウエ",
        "木村:キムラ",
        "斎藤:サイトウ",
        "清水:シミズ",
        "山崎:ヤマザキ",
        "阿部:アベ",
        "森:モリ",
        "池田:イケダ",
        "橋本:ハシモト",
        "石川:イシカワ",
        "山下:ヤマシタ",
        "小川:オガワ",
        "石井:イシイ",
        "長谷川:ハセガワ",
        "後藤:ゴトウ",
        "岡田:オカダ",
        "近藤:コンドウ",
        "前田:マエダ",
        "藤田:フジタ",
        "遠藤:エンドウ",
        "青木:アオキ",
        "坂本:サカモト",
        "村上:ムラカミ",
        "太田:オオタ",
        "金子:カネコ",
        "藤井:フジイ",
        "福田:フクダ",
        "西村:ニシムラ",
        "三浦:ミウラ",
        "竹内:タケウチ",
        "中川:ナカガワ",
        "岡本:オカモト",
        "松田:マツダ",
        "原田:ハラダ",
        "中野:ナカノ",
        "髙木:タカギ",
        "濵田:ハマダ",
    ]
]
GIVEN_F = [
    pair.split(":")
    for pair in [
        "花子:ハナコ",
        "陽菜:ヒナ",
        "結衣:ユイ",
        "美咲:ミサキ",
        "葵:アオイ",
        "凛:リン",
        "桜:サクラ",
        "結菜:ユイナ",
        "莉子:リコ",
        "美羽:ミウ",
        "真由美:マユミ",
        "由美子:ユミコ",
        "恵子:ケイコ",
        "裕子:ユウコ",
        "智子:トモコ",
        "久美子:クミコ",
        "陽子:ヨウコ",
        "直美:ナオミ",
        "香織:カオリ",
        "彩花:アヤカ",
        "優奈:ユウナ",
        "さくら:サクラ",
        "ひなた:ヒナタ",
        "真央:マオ",
    ]
]
GIVEN_M = [
    pair.split(":")
    for pair in [
        "太郎:タロウ",
        "蓮:レン",
        "大翔:ヒロト",
        "陽翔:ハルト",
        "湊:ミナト",
        "悠真:ユウマ",
        "颯太:ソウタ",
        "健一:ケンイチ",
        "浩:ヒロシ",
        "誠:マコト",
        "隆:タカシ",
        "哲也:テツヤ",
        "直樹:ナオキ",
        "大輔:ダイスケ",
        "拓也:タクヤ",
        "翔太:ショウタ",
        "健太:ケンタ",
        "達也:タツヤ",
        "和也:カズヤ",
        "悠斗:ユウト",
        "樹:イツキ",
        "朝陽:アサヒ",
        "蒼:アオ",
        "陸:リク",
    ]
]
PLACES = [
    ("170-0005", "東京都豊島区南大塚"), ("171-0033", "東京都豊島区高田"), ("154-0011", "東京都世田谷区上馬"), ("220-0012", "神奈川県横浜市西区みなとみらい"),
    ("330-0854", "埼玉県さいたま市大宮区桜木町"), ("260-0013", "千葉県千葉市中央区中央"), ("460-0008", "愛知県名古屋市中区栄"), ("530-0001", "大阪府大阪市北区梅田"),
    ("604-8005", "京都府京都市中京区恵比須町"), ("812-0011", "福岡県福岡市博多区博多駅前"), ("060-0042", "北海道札幌市中央区大通西"), ("980-0811", "宮城県仙台市青葉区一番町"),
]  # fmt: skip
TODAY = date(2023, 10, 31)


def families(
    *, people: int = 3719, households: int = 1740, repeats: int = 13, rewritten: int = 5, seed: int = 7
) -> list[list[str]]:
    """Make a list of so many people in so many households, `repeats` rows of it again, of which `rewritten` otherwise written."""
    if not households <= people <= households * 4 or not rewritten <= repeats <= people:
        raise ValueError("these numbers do not fit together")
    luck = random.Random(seed)  # noqa: S311 - the same families each time, nothing secret
    sizes = [1] * households
    while sum(sizes) < people:
        number = luck.randrange(households)
        if sizes[number] < 4:
            sizes[number] += 1
    rows = [row for number, size in enumerate(sizes) for row in _household(number, size, luck)]
    again = luck.sample(rows, repeats)
    extra = [_otherwise(row, way) for way, row in enumerate(again[:rewritten])] + [
        list(row) for row in again[rewritten:]
    ]
    for row in extra:
        rows.insert(luck.randrange(len(rows)), row)
    return rows


def _household(number: int, size: int, luck: random.Random) -> list[list[str]]:
    surname, kana = luck.choice(SURNAMES)
    postcode, place = PLACES[number % len(PLACES)]
    address = f"{place}{number // 600 + 1}丁目{number // 30 % 20 + 1}番{number % 30 + 1}号"
    mail = f"family{number:05}@example.jp"
    phone = (
        f"090-{number // 10_000 + 1000:04}-{number % 10_000:04}"
        if number % 3
        else f"03-{5000 + number // 10_000:04}-{number % 10_000:04}"
    )
    given = luck.sample(GIVEN_F, size) if luck.random() < 0.5 else luck.sample(GIVEN_M, size)
    girls = GIVEN_F
    rows = []
    for member, (name, reading) in enumerate(given):
        child = member > 0
        born = TODAY - timedelta(
            days=luck.randrange(6 * 365 + 210, 18 * 365 - 10) if child else luck.randrange(30 * 365, 55 * 365)
        )
        gender = "女" if [name, reading] in girls else "男"
        rows.append([mail, f"{surname} {name}", f"{kana} {reading}", gender, born.strftime("%Y/%m/%d"), grade(born) if child else "", phone,
                     postcode, address, luck.choice(["可", "可", "可", "否"])])  # fmt: skip
    return rows


def grade(born: date) -> str:
    """Give the school grade of a child, in Japan from April after the sixth birthday (学校教育法 17 条)."""
    years = TODAY.year - born.year - (1 if (born.month, born.day) >= (4, 2) else 0)
    year = max(1, min(12, years - 6 + 1))
    return f"小{year}" if year <= 6 else f"中{year - 6}" if year <= 9 else f"高{year - 9}"


def _otherwise(row: Sequence[str], way: int) -> list[str]:
    """Write a row as somebody else would have."""
    mail, name, reading, gender, born, school, phone, postcode, address, may = row
    wide = str.maketrans("0123456789-", "０１２３４５６７８９－")
    match way % 5:
        case 0:
            name, phone = name.replace(" ", "　"), phone.replace("-", "")
        case 1:
            name, mail = name.replace(" ", ""), mail.upper()
        case 2:
            address, postcode = address.translate(wide), postcode.translate(wide)
        case 3:
            year, month, day = map(int, born.split("/"))
            born = (
                f"平成{year - 1988}年{month}月{day}日"
                if year > 1989
                else f"昭和{year - 1925}年{month}月{day}日"
                if year < 1989
                else f"{year}-{month}-{day}"
            )
        case _:
            name, phone = name.replace("高", "髙"), phone.translate(wide)
            address = address.replace("丁目", "-").replace("番", "-").replace("号", "")
    return [mail, name, reading, gender, born, school, phone, postcode, address, may]
