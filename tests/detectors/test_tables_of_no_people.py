"""Tables that are not about people: shops, companies, goods, figures, and names that are masked."""

from __future__ import annotations

import random

import pandas as pd
import pytest

import detectors
from tests.detectors.lists import SURNAMES, TOWNS, mobile, person, scan


def test_a_list_of_shops_is_not_about_people():
    made = [
        [
            f"{SURNAMES[n % 20]}{'駅前' if n % 2 else ''}{n}号店",
            f"03-0000-{n:04d}",
            f"{TOWNS[n % 6]}{n % 9 + 1}-{n % 7 + 1}-{n % 5 + 1}",
            "10:00-20:00",
        ]
        for n in range(280)
    ]
    for report in (
        scan(["店名", "電話番号", "住所", "営業時間"], made),
        detectors.scan_table(pd.DataFrame(made), header=False),
    ):
        assert (report.about_people, report.records, report.people, report.households, report.items) == (
            False,
            0,
            0,
            0,
            {},
        )


@pytest.mark.parametrize("heading", ["メーカー", "brand", "ブランド名", "製造元"])
def test_products_whose_makers_are_bare_surnames_are_not_about_people(heading):
    dice = random.Random(4)
    made = [
        [f"49{dice.randrange(10**11):011d}", f"商品{n}", dice.choice(SURNAMES), dice.randrange(100, 9000)]
        for n in range(3000)
    ]
    report = scan(["JANコード", "商品名", heading, "価格"], made)
    assert (report.about_people, report.people) == (False, 0)


def test_products_without_headings_are_not_about_people():
    dice = random.Random(4)
    made = [
        [
            f"49{dice.randrange(10**11):011d}",
            f"カップ麺 {n}g",
            dice.choice(SURNAMES),
            dice.randrange(100, 9000),
        ]
        for n in range(3000)
    ]
    assert not detectors.scan_table(pd.DataFrame(made), header=False).about_people


def test_companies_with_the_names_of_their_heads_are_not_about_people():
    dice = random.Random(5)
    made = [
        [
            f"株式会社{dice.choice(SURNAMES)}商事{n}",
            person(dice),
            f"03-0000-{n:04d}",
            f"{dice.choice(TOWNS)}{n % 9 + 1}-1-1",
        ]
        for n in range(100)
    ]
    assert not scan(["会社名", "代表者名", "電話番号", "所在地"], made).about_people


@pytest.mark.parametrize("heading", ["地名", "機関", "サークル", "大会", "流域"])
def test_telephones_beside_a_few_who_look_after_the_rows_are_nobodys(heading):
    places = [
        "江刺の丘",
        "ギルダーランド",
        "近鉄沿線",
        "漳州",
        "日本橋界隈",
        "中山記念",
        "会津の里",
        "全日本GT",
    ]
    made = [
        [f"{places[n % 8]}{n}", ("佐藤", "田中", "高橋")[n % 3], f"03-0000-{n:04d}", n * 100]
        for n in range(12)
    ]
    report = scan([heading, "担当", "電話", "金額"], made)
    assert (report.about_people, report.people) == (False, 0)


def test_groups_among_those_who_donate_are_nobody():
    groups = ["緑ヶ丘自治会", "さくら商店街", "三年一組有志", "青葉ソフトボールクラブ", "第一中学校同窓会"]
    people = ["佐藤 正道", "田中佳都", "姜 正道", "高橋 一会", "鈴木美園", "渡辺 花子", "山本 太郎"]
    report = scan(["寄附者名", "金額"], [[name, 1000] for name in (*groups, *people)])
    assert (report.about_people, report.people) == (True, len(people))


def test_statistics_and_opening_hours_are_not_about_people():
    assert not scan(["年齢", "人数"], [[f"{n}歳", n * 10] for n in range(20, 60)]).about_people
    assert not scan(
        ["都道府県", "男", "女"], [["東京都", 10, 20], ["大阪府", 5, 6], ["北海道", 3, 4]]
    ).about_people
    assert not scan(
        ["曜日", "開始", "終了"], [["月", "10:00", "20:00"], ["火", "10:00", "20:00"]]
    ).about_people


@pytest.mark.parametrize("mask", ["〇〇", "○○", "●●", "**", "＊＊", "◯◯"])
@pytest.mark.parametrize("heading", [None, ["氏名", "電話", "都道府県"]], ids=["headless", "headed"])
def test_masked_names_are_nobody(mask, heading):
    made = [[f"{SURNAMES[n % 20][0]}{mask}郎", mobile(n), "東京都"] for n in range(50)]
    report = detectors.scan_table(pd.DataFrame(made, columns=heading), header=heading is not None)
    assert (report.about_people, report.people) == (False, 0)
    assert report.columns[0].kind is None
    assert report.columns[0].masked == 50


@pytest.mark.parametrize(
    "shown",
    [
        "佐__郎",
        "佐？？郎",
        "佐藤ＸＸ",
        "佐〜郎",
        "佐・・郎",
        "佐##郎",
        "xxx xxx",
        "Y.S.",
        "S様",
        "匿名希望",
        "（削除済）",
        "退会者",
        "非公表",
    ],
)
def test_what_stands_in_place_of_a_name_is_nobody(shown):
    report = scan(["氏名", "年代", "金額"], [[shown, "30代", n] for n in range(12)])
    assert (report.about_people, report.people, report.columns[0].kind) == (False, 0, None)


def test_letters_that_masks_are_made_of_stand_in_names_too():
    names = ["?橋 健太", "マックス・X・ミラー", "Maxx Foxx", "Alex Cox", "佐藤 太郎"]
    assert scan(["氏名", "金額"], [[name, 1] for name in names]).people == len(names)


def test_masked_names_beside_mail_addresses_are_people():
    made = [[f"{SURNAMES[n % 20][0]}〇〇郎", f"user{n}@example.jp"] for n in range(50)]
    assert scan(["氏名", "メール"], made).people == 50


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame(),
        pd.DataFrame({"氏名": []}),
        pd.DataFrame([[None, None]]),
        pd.DataFrame([["\ud800", "\x1e"]]),
    ],
)
def test_nothing_much_is_nobody(frame):
    assert not detectors.scan_table(frame).about_people
