"""Make a distribution list of families such as an education company mails to; every value is fictitious.

In: how many people, households, repeated rows, rewritten rows, a seed. Out: rows of strings under HEADER, safe in CP932.
Fails: ValueError when that many people do not fit into that many households of one to four.
"""

from __future__ import annotations

import random
import unicodedata

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

_FAMILY = (
    "佐藤サトウ 鈴木スズキ 高橋タカハシ 田中タナカ 伊藤イトウ 渡辺ワタナベ 山本ヤマモト 中村ナカムラ 小林コバヤシ 加藤カトウ 吉田ヨシダ 山田ヤマダ 佐々木ササキ 山口ヤマグチ "
    "松本マツモト 井上イノウエ 木村キムラ 林ハヤシ 斎藤サイトウ 清水シミズ 山崎ヤマザキ 阿部アベ 池田イケダ 橋本ハシモト 石川イシカワ 前田マエダ 藤田フジタ 小川オガワ "
    "後藤ゴトウ 岡田オカダ 長谷川ハセガワ 村上ムラカミ 近藤コンドウ 石井イシイ 坂本サカモト 遠藤エンドウ 青木アオキ 藤井フジイ 西村ニシムラ 福田フクダ 太田オオタ 三浦ミウラ "
    "岡本オカモト 松田マツダ 中島ナカジマ 中野ナカノ 原田ハラダ 小野オノ 田村タムラ 竹内タケウチ 金子カネコ 和田ワダ 中山ナカヤマ 石田イシダ 上田ウエダ 森田モリタ 原ハラ 柴田シバタ "
    "酒井サカイ 工藤クドウ 髙木タカギ 﨑山サキヤマ 濱田ハマダ 渡邉ワタナベ 廣瀬ヒロセ 小澤オザワ 服部ハットリ 五十嵐イガラシ 東海林ショウジ 勅使河原テシガワラ"
)
_MEN = (
    "大翔ヒロト 蓮レン 悠真ユウマ 湊ミナト 陽翔ハルト 樹イツキ 律リツ 蒼アオイ 颯太ソウタ 健太ケンタ 翔太ショウタ 拓也タクヤ 大輔ダイスケ 直樹ナオキ 和也カズヤ 誠マコト 浩ヒロシ 隆タカシ 健一ケンイチ 博之ヒロユキ "
    "雄一ユウイチ 秀樹ヒデキ 哲也テツヤ 亮リョウ 慎吾シンゴ 俊介シュンスケ 陸リク 海斗カイト 奏多カナタ 朝陽アサヒ"
)
_WOMEN = (
    "陽菜ヒナ 結衣ユイ 葵アオイ 凛リン 咲良サクラ 莉子リコ 美咲ミサキ 愛アイ 七海ナナミ 優花ユウカ 彩アヤ 真由美マユミ 恵子ケイコ 裕子ユウコ 久美子クミコ 由美ユミ 智子トモコ 陽子ヨウコ 香織カオリ 麻衣マイ "
    "さくらサクラ ひなたヒナタ あかりアカリ 千尋チヒロ 琴音コトネ 美月ミヅキ 花音カノン 芽依メイ 紬ツムギ 杏アン"
)
_TOWNS = (
    "東京都世田谷区桜 東京都八王子市みなみ野 神奈川県横浜市港北区日吉 神奈川県川崎市宮前区鷺沼 埼玉県さいたま市浦和区常盤 千葉県船橋市本町 千葉県市川市八幡 愛知県名古屋市千種区今池 大阪府吹田市千里山東 "
    "大阪府堺市北区百舌鳥町 兵庫県西宮市甲子園口 京都府京都市左京区一乗寺 福岡県福岡市早良区西新 北海道札幌市豊平区平岸 宮城県仙台市青葉区中央 広島県広島市中区白島 静岡県四日町市原 三重県四日市市三重"
)
_BUILDINGS = ("", "", "", " メゾン桜", " コーポ山本", " グランハイツ", " 第二青葉荘")
_PLUS = str.maketrans({chr(point): chr(point + 0xFEE0) for point in range(0x21, 0x7F)})
_YEAR_NOW = 2026


def families(
    people: int = 3719, households: int = 1740, repeats: int = 13, rewritten: int = 5, seed: int = 7
) -> list[list[str]]:
    """Make `people` + `repeats` rows, `rewritten` of the repeats written differently."""
    if not households <= people <= 4 * households or rewritten > repeats:
        raise ValueError("that many people do not fit into that many households of one to four")
    dice = random.Random(seed)  # noqa: S311 - the same families each time, nothing secret
    sizes = [1] * households
    left = people - households
    while left:
        place = dice.randrange(households)
        if sizes[place] < 4:
            sizes[place] += 1
            left -= 1
    rows: list[list[str]] = []
    seen: set[tuple[str, str]] = set()
    for number, size in enumerate(sizes):
        rows.extend(_household(dice, number, size, seen))
    dice.shuffle(rows)
    again = dice.sample(range(people), repeats)
    copies = [list(rows[place]) for place in again]
    for number, row in enumerate(copies[:rewritten]):
        copies[number] = REWRITES[number % len(REWRITES)](row)
    for row in copies:
        rows.insert(dice.randrange(len(rows)), row)
    return rows


def _household(dice: random.Random, number: int, size: int, seen: set[tuple[str, str]]) -> list[list[str]]:
    family, reading = _cut(dice.choice(_FAMILY.split()))
    mail = f"{dice.choice(('hana', 'sora', 'umi', 'mori', 'yuki', 'niji'))}{dice.choice('._-')}{number:04d}@example.{dice.choice(('jp', 'com', 'net'))}"
    start = dice.choice(("090-", "080-", "070-"))
    phone = (
        f"{start}{number // 10000:04d}-{number % 10000:04d}"
        if dice.random() < 0.8
        else f"03-{number // 10000:04d}-{number % 10000:04d}"
    )
    postcode = f"{dice.randrange(100, 999)}-{number:04d}"
    address = f"{dice.choice(_TOWNS.split())}{dice.randrange(1, 9)}-{number // 40 + 1}-{number % 40 + 1}{dice.choice(_BUILDINGS)}"
    if not address[-1].isdigit():
        address += f"{dice.randrange(1, 9)}{dice.randrange(1, 12):02d}"
    rows = []
    used: set[str] = set()
    for place in range(size):
        parent = size > 1 and place == 0
        while True:
            man = dice.random() < 0.5
            given, sound = _cut(dice.choice((_MEN if man else _WOMEN).split()))
            age = dice.randrange(30, 55) if parent else dice.randrange(4, 18)
            born = f"{_YEAR_NOW - 1 - age}-{dice.randrange(1, 13):02d}-{dice.randrange(1, 29):02d}"
            if (
                given not in used
                and sound not in used
                and (family + given, born) not in seen
                and (reading + sound, born) not in seen
            ):
                break
        used |= {given, sound}
        seen |= {(family + given, born), (reading + sound, born)}
        grade = "" if parent else _grade(age)
        rows.append(
            [
                mail,
                f"{family} {given}",
                f"{reading} {sound}",
                "男" if man else "女",
                born,
                grade,
                phone,
                postcode,
                address,
                dice.choice(("可", "可", "否")),
            ]
        )
    return rows


def _grade(age: int) -> str:
    if age < 7:
        return ("年少", "年中", "年長")[age - 4]
    if age < 13:
        return f"小{age - 6}"
    return f"中{age - 12}" if age < 16 else f"高{age - 15}"


def _cut(word: str) -> tuple[str, str]:
    """Cut 佐藤サトウ into the word and its reading."""
    at = next(place for place, letter in enumerate(word) if "ァ" <= letter <= "ヴ")
    return word[:at], word[at:]


def _narrow(kana: str) -> str:
    """Write katakana in half width (JIS X 0201)."""
    narrow = {unicodedata.normalize("NFKC", chr(point)): chr(point) for point in range(0xFF66, 0xFF9E)}
    decomposed = unicodedata.normalize("NFD", kana).replace("\u3099", "ﾞ").replace("\u309a", "ﾟ")
    return "".join(narrow.get(letter, letter) for letter in decomposed)


def _era(born: str) -> str:
    """Write a date in its era."""
    year, month, day = (int(part) for part in born.split("-"))
    if (year, month, day) >= (2019, 5, 1):
        return f"令和{'元' if year == 2019 else year - 2018}年{month}月{day}日"
    if (year, month, day) >= (1989, 1, 8):
        return f"H{year - 1988}.{month}.{day}"
    return f"昭和{year - 1925}年{month}月{day}日"


def _no_spaces(row: list[str]) -> list[str]:
    mail, name, kana, *rest, phone, postcode, address, consent = row
    return [
        mail,
        name.replace(" ", ""),
        _narrow(kana),
        *rest,
        phone.replace("-", ""),
        postcode,
        address,
        consent,
    ]


def _wide(row: list[str]) -> list[str]:
    mail, name, kana, gender, born, grade, phone, postcode, address, consent = row
    return [
        mail.upper().translate(_PLUS),
        name.replace(" ", "　"),
        kana,
        gender,
        _era(born),
        grade,
        phone.translate(_PLUS),
        postcode,
        address,
        consent,
    ]


def _counted(row: list[str]) -> list[str]:
    *head, address, consent = row
    at = next(place for place, letter in enumerate(address) if letter.isdigit())
    numbers, _, building = address[at:].partition(" ")
    one, two, three = numbers.split("-")
    written = f"{address[:at]}{one.translate(_PLUS)}丁目{two.translate(_PLUS)}番{three.translate(_PLUS)}号{'　' + building if building else ''}"
    return [*head, written, consent]


def _in_kana(row: list[str]) -> list[str]:
    return [row[0], row[2], *row[2:]]


def _addressed(row: list[str]) -> list[str]:
    mail, name, kana, gender, born, grade, phone, postcode, address, consent = row
    return [
        mail,
        name + " 様",
        kana,
        gender,
        born.replace("-", "/"),
        grade,
        phone,
        postcode.replace("-", ""),
        address,
        consent,
    ]


REWRITES = (_no_spaces, _wide, _counted, _in_kana, _addressed)
