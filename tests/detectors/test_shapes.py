"""Shapes of real lists: those whose rows are people, and those whose rows only look so."""

from __future__ import annotations

import random

import pandas as pd
import pytest

import detectors
from tests.detectors.lists import GIVEN, SURNAMES, TOWNS

ROWS = 120
dice = random.Random(1)


def name():
    return dice.choice(SURNAMES) + dice.choice(("", " ", "　")) + dice.choice(GIVEN)


def place():
    return (
        dice.choice("桜緑泉森丘") + dice.choice("甲乙丙丁一二三四五六七八九十") + dice.choice("北南東西上下")
    )


def address():
    return f"{dice.choice(TOWNS)}{dice.randrange(1, 9)}-{dice.randrange(1, 20)}-{dice.randrange(1, 20)}"


def fixed():
    return f"03-0000-{dice.randrange(10000):04d}"


def mobile():
    return f"0{dice.choice('789')}0-0000-{dice.randrange(10000):04d}"


def mail():
    return f"{dice.choice('abcdefgh')}{dice.choice(('yamada', 'sato', 'suzuki'))}{dice.randrange(9999)}@example.jp"


def day(first=1930, last=2010):
    return f"{dice.randrange(first, last)}/{dice.randrange(1, 13)}/{dice.randrange(1, 29)}"


NOBODY = {
    "nurseries": (
        "施設名 施設長 電話番号 FAX 郵便番号 所在地 定員",
        lambda: [place() + "保育園", name(), fixed(), fixed(), "100-0001", address(), "60"],
    ),
    "clinics": (
        "医療機関名 院長 診療科 電話 住所",
        lambda: [place() + "内科クリニック", name(), "内科", fixed(), address()],
    ),
    "companies": (
        "会社名 代表者 業種 電話番号 メールアドレス 住所",
        lambda: [
            "株式会社" + place() + "商事",
            name(),
            "製造",
            fixed(),
            f"info@c{dice.randrange(9999)}.example.jp",
            address(),
        ],
    ),
    "shops": (
        "store_cd store_name prefecture address tel_no open_date",
        lambda: [
            f"S{dice.randrange(99999):05d}",
            dice.choice(SURNAMES) + "屋 " + place() + "店",
            "東京都",
            address(),
            fixed(),
            day(1980, 2020),
        ],
    ),
    "schools": (
        "学校名 校長名 電話番号 住所 児童数",
        lambda: [place() + "小学校", name(), fixed(), address(), str(dice.randrange(500))],
    ),
    "parks": (
        "名称 所在地 緯度 経度 電話番号",
        lambda: [place() + "公園", address(), "35.1", "139.2", fixed()],
    ),
    "stations": (
        "駅名 路線 乗降人員",
        lambda: [
            dice.choice(
                ("高田馬場", "中野", "三鷹", "田町", "石川町", "山口", "福島", "小林", "松本", "大森")
            ),
            "本線",
            str(dice.randrange(9999)),
        ],
    ),
    "towns": (
        "都道府県 市区町村 人口",
        lambda: ["東京都", dice.choice(("府中市", "中野区", "福島市", "山口市")), str(dice.randrange(99999))],
    ),
    "banks": (
        "銀行コード 銀行名 カナ 支店名",
        lambda: [
            f"{dice.randrange(9999):04d}",
            place() + "銀行",
            dice.choice(("ヤマグチ", "チバ", "サガ", "ミヤザキ")),
            place() + "支店",
        ],
    ),
    "cars": (
        "車種 型番 年式 メーカー",
        lambda: ["セダン", f"X-{dice.randrange(99)}", "2020", dice.choice(("ホンダ", "スズキ", "マツダ"))],
    ),
    "flats": (
        "物件名 所在地 家賃 築年月",
        lambda: ["メゾン" + dice.choice(SURNAMES), address(), "80000", day(1970, 2020)],
    ),
    "sales": (
        "日付 店舗 売上 担当",
        lambda: [day(2023, 2025), place() + "店", str(dice.randrange(9999)), dice.choice(SURNAMES)],
    ),
    "opinions": (
        "No 性別 年齢 都道府県 感想",
        lambda: [
            str(dice.randrange(999)),
            dice.choice("男女"),
            str(dice.randrange(99)),
            "東京都",
            "楽しかった",
        ],
    ),
}
SOMEBODY = {
    "contacts": (
        "会社名 部署 氏名 メールアドレス TEL",
        lambda: ["株式会社" + place(), "営業部", name(), mail(), fixed()],
    ),
    "patients": (
        "診察券番号 患者名 生年月日 性別 保険",
        lambda: [
            f"{dice.randrange(999999):06d}",
            name(),
            f"S{dice.randrange(1, 64)}.1.2",
            dice.choice("男女"),
            "社保",
        ],
    ),
    "pupils": (
        "学年 組 番号 氏名 ふりがな 保護者氏名 電話",
        lambda: [dice.choice("123"), "A", "7", name(), "やまだ たろう", name(), mobile()],
    ),
    "orders": (
        "注文番号 注文日 氏名 〒 お届け先住所 TEL 商品名 金額",
        lambda: [
            f"O{dice.randrange(10**8)}",
            day(2024, 2025),
            name(),
            "100-0001",
            address(),
            mobile(),
            "りんご",
            "980",
        ],
    ),
    "applicants": (
        "タイムスタンプ お名前 ご年齢 ご住所 ご連絡先(電話番号) E-mail",
        lambda: ["2024/1/1 10:00", name(), "34", address(), mobile(), mail()],
    ),
    "staff": ("社員番号 氏名 所属 内線", lambda: [f"{dice.randrange(99999):05d}", name(), "総務部", "1234"]),
    "attendance": ("No. 氏名 参加可否", lambda: [str(dice.randrange(99)), name(), "可"]),
    "readers": (
        "会員ID メールアドレス 登録日",
        lambda: [f"M{dice.randrange(999999):06d}", mail(), day(2019, 2025)],
    ),
    "english": (
        "First_Name Last_Name Email Phone DOB",
        lambda: [
            dice.choice(("Taro", "Hanako", "Ken")),
            dice.choice(("Yamada", "Sato", "Suzuki")),
            mail(),
            mobile(),
            day(),
        ],
    ),
}


def scan(shape, *, headed):
    heading, row = shape
    rows = [row() for _ in range(ROWS)]
    return detectors.scan_table(
        pd.DataFrame(rows, columns=heading.split() if headed else None), header=headed
    )


@pytest.mark.parametrize("headed", [True, False], ids=["headed", "headless"])
@pytest.mark.parametrize("shape", NOBODY.values(), ids=NOBODY.keys())
def test_rows_that_only_look_like_people_are_nobody(shape, headed):
    report = scan(shape, headed=headed)
    assert (report.about_people, report.people, report.items) == (False, 0, {}), report.why


@pytest.mark.parametrize("headed", [True, False], ids=["headed", "headless"])
@pytest.mark.parametrize("shape", SOMEBODY.values(), ids=SOMEBODY.keys())
def test_rows_of_people_are_people(shape, headed):
    report = scan(shape, headed=headed)
    assert report.about_people, report.why
    assert report.people > 0.7 * ROWS


def test_surnames_and_given_names_side_by_side_without_headings_are_a_list_of_names():
    rows = [name().replace("　", " ").split(" ") for _ in range(ROWS * 2)]
    rows = [row for row in rows if len(row) == 2]
    report = detectors.scan_table(pd.DataFrame(rows), header=False)
    assert [column.kind for column in report.columns] == ["name", "name"]
    assert (report.about_people, report.why) == (True, "a list of names")


def test_foreign_names_under_a_heading_of_members_are_names():
    names = ["ジョン・スミス", "マリア・ガルシア", "グエン・ヴァン・アン", "アンナ・ミュラー"] * 20
    report = detectors.scan_table(pd.DataFrame({"議員名": names}))
    assert [column.kind for column in report.columns] == ["name"]
