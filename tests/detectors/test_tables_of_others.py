"""Tables as others publish and fill them: tables/*.csv, whose people are made up; a privacy officer can add to them.

The first line says whom a table is about: `# people 24`, `# people` (however many), `# nobody`, `# whoever` (nothing is
asked), with `, without heading` where it has none. Headings of names, or the first of their cells, stand in ⟦ ⟧.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest

import detectors
from tests.detectors.lists import GIVEN, SURNAMES

TABLES = sorted(Path(__file__).with_name("tables").glob("*.csv"))


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_columns_of_names_and_people_are_those_that_the_table_says(path: Path):
    first, *lines = path.read_text(encoding="utf-8").splitlines()
    said, _, without_heading = first.removeprefix("# ").partition(", ")
    head, *rows = csv.reader(lines)
    plain = [cell.strip("⟦⟧") for cell in head]
    frame = pd.DataFrame([plain, *rows]) if without_heading else pd.DataFrame(rows, columns=plain)
    report = detectors.scan_table(frame, header=not without_heading)
    found = [cell for cell, column in zip(plain, report.columns, strict=True) if column.kind == "name"]
    assert found == [cell.strip("⟦⟧") for cell in head if cell.startswith("⟦")]
    word, _, number = said.partition(" ")
    if word != "whoever":
        assert report.about_people == (word == "people"), report.why
    if number:
        assert report.people == int(number)


def test_numbers_outside_the_plan_are_numbers_where_the_column_says_so():
    numbers = ["053859403", "0548325966", "04384335", "0604917628", "(0548)32-5966", "045-32-596"]
    report = detectors.scan_table(pd.DataFrame({"氏名": ["山田 太郎"] * 6, "電話番号": numbers}))
    assert (report.columns[1].kind, report.columns[1].share) == ("phone", 1.0)
    nobodys = ["0120-000-000", "0800-123-4567", "0570-000-000", "000-0000", "12345678", "内線 2001"] * 4
    report = detectors.scan_table(pd.DataFrame({"氏名": ["山田 太郎"] * 24, "電話番号": nobodys}))
    assert report.columns[1].kind is None


@pytest.mark.parametrize(
    "heading",
    [
        "契約者",
        "従業員名",
        "営業担当",
        "相続人",
        "入居者名",
        "主治医",
        "本名",
        "display_name",
        "author",
        "お客様名",
    ],
)
def test_whoever_did_or_is_something_is_named_below_in_any_script(heading: str):
    for names in (
        ["日下部 実優", "五十嵐 颯大", "諸星 花笑", "小早川 昂聖"],
        ["Sato Yuki", "Mori Aoi", "ITO SOTA", "Hanako Suzuki"],
        ["マリア・ガルシア", "ジョン スミス", "グエン・ヴァン・アン", "キム ミンス"],
    ):
        report = detectors.scan_table(
            pd.DataFrame({"No": list("1234"), heading: names, "金額": list("5678")})
        )
        assert [column.kind for column in report.columns] == [None, "name", None]


@pytest.mark.parametrize("heading", ["工事箇所", "登録業種", "所属部屋", "種別"])
def test_words_that_could_be_names_are_none_under_a_heading_that_says_something_else(heading: str):
    cells = ["中山地内", "土木一式", "山田大学", "川口地内"] * 10
    report = detectors.scan_table(pd.DataFrame({"番号": [str(n) for n in range(40)], heading: cells}))
    assert report.columns[1].kind is None


def test_amounts_sizes_and_agencies_are_no_telephones_genders_or_ages():
    frame = pd.DataFrame(
        {
            "value": [str(112_345_678 + 7_654_321 * n) for n in range(40)],
            "サイズ": ["M"] * 40,
            "agency_id": [str(n % 9 + 1) for n in range(40)],
        }
    )
    assert [column.kind for column in detectors.scan_table(frame).columns] == [None, None, None]
    eaten = [f"9000000{n:03}" if n % 3 else f"30000{n:04}" for n in range(40)]
    frame = pd.DataFrame({"氏名": ["山田 太郎"] * 40, "電話番号": eaten})
    assert detectors.scan_table(frame).columns[1].kind == "phone"


def test_customers_who_order_again_and_again_are_customers():
    names = ["日下部 実優", "諸星 花笑", "角 光", "楠 瑛都"] * 15
    frame = pd.DataFrame(
        {"商品名": [f"品{n}" for n in range(60)], "購入者": names, "お届け先住所": ["港区芝3-2-1"] * 60}
    )
    report = detectors.scan_table(frame)
    assert (report.about_people, report.people) == (True, 4)
    looked_after = frame.rename(columns={"商品名": "物件名", "購入者": "担当者", "お届け先住所": "所在地"})
    assert not detectors.scan_table(looked_after).about_people


FROM_ELSEWHERE = {
    "China": "王小明 李娜 張偉 陳美玲 劉洋 趙麗 周杰 呉建国 孫悦 朱志強",
    "Korea": "金明哲 朴英姫 李相宇 崔秀賢 鄭美愛 姜東勲 尹恵珍 韓知恩 呉俊英",
    "Vietnam": "グエン・ティ・ハー チャン・バン・ナム レー・ティ・フォン ファム・ミン・ドゥック ホアン・ティ・ラン ダン・ティ・トゥイ",
    "Nepal": "SHRESTHA_RAM_BAHADUR TAMANG_SUNITA Gurung_Bishnu LAMA_PRAKASH Thapa_Maya_Kumari RAI_DIPENDRA",
}


@pytest.mark.parametrize("origin", FROM_ELSEWHERE)
@pytest.mark.parametrize("heading", ["対象", "相手", "連絡先", "Member", None])
def test_names_from_elsewhere_are_names_under_any_heading(origin: str, heading: str | None):
    names = [name.replace("_", " ") for name in FROM_ELSEWHERE[origin].split()]
    rows = [[name, f"090-0000-{at:04}", at * 10] for at, name in enumerate(names)]
    frame = pd.DataFrame(rows, columns=[heading, "電話", "金額"] if heading else None)
    report = detectors.scan_table(frame, header=heading is not None)
    assert [column.kind for column in report.columns] == ["name", "phone", None]
    assert report.people == len(names)


@pytest.mark.parametrize(
    "words",
    [
        "高校 金庫 林道 周辺 呉服 黄金 馬車 何度 任意 康楽",  # each begins as a family name does, and is one of many words
        "東京 大阪 高松 金沢 林崎 馬場 熊本 秦野 江東 石巻",
        "Lee_Jeans Park_Hyatt Tokyo_Tower Blue_Note Smith_Island Red_Line",
        "タン・ステーキ マー・ボー スープ・カレー オムライス・セット チーズ・ケーキ",
    ],
)
def test_words_that_begin_as_names_from_elsewhere_are_words(words: str):
    cells = [word.replace("_", " ") for word in words.split()]
    report = detectors.scan_table(pd.DataFrame({"内容": cells, "数": range(len(cells))}))
    assert report.columns[0].kind is None


def test_who_came_and_went_is_named_day_by_day():
    names = ["日下部 実優", "五十嵐 颯大", "諸星 花笑", "小早川 昂聖", "佐藤 健太", "鈴木 美咲"]
    rows = [[name, f"2026/11/{day:02}", "8:55", "18:03"] for name in names for day in range(1, 7)]
    report = detectors.scan_table(pd.DataFrame(rows), header=False)
    assert (report.about_people, report.people) == (True, len(names))
    goods = [[f"六角ボルト M{at}", at * 10, name] for at, name in enumerate(names * 6)]
    assert not detectors.scan_table(pd.DataFrame(goods), header=False).about_people


def test_numbers_from_abroad_that_were_read_as_figures_are_telephones():
    frame = pd.DataFrame({"氏名": ["山田 太郎"] * 3, "電話番号": [819000000001, 81300000000, 818000000002]})
    report = detectors.scan_table(frame)
    assert report.columns[1].kind == "phone"
    assert {"n:山田太郎|p:09000000001", "n:山田太郎|p:0300000000"} <= {
        key for one in report.identities for key in one.keys
    }


def test_shifts_under_a_title_name_who_works():
    names = ["日下部 実優", "五十嵐 颯大", "諸星 花笑", "小早川 昂聖", "佐藤 健太", "鈴木 美咲"]
    rows = [["氏名", *range(1, 11)], *([name, *"早遅休日夜早遅休日夜"] for name in names)]
    title = ["11月勤務表", *(f"Unnamed: {place}" for place in range(1, 11))]
    report = detectors.scan_table(pd.DataFrame(rows, columns=title))
    assert (report.about_people, report.people, report.columns[0].kind) == (True, 6, "name")


def test_towns_without_a_heading_are_addresses_beside_people_alone():
    towns = [
        f"神奈川県横浜市瀬谷区{'*' * 10}" if at % 2 else f"東京都港区芝{at % 5 + 1}丁目" for at in range(40)
    ]
    alone = pd.DataFrame([[town, at * 3] for at, town in enumerate(towns)])
    assert [column.kind for column in detectors.scan_table(alone, header=False).columns] == [None, None]
    names = ["日下部 実優", "五十嵐 颯大", "諸星 花笑", "小早川 昂聖", "佐藤 健太"] * 8
    customers = pd.DataFrame([[name, town, "1980-04-05"] for name, town in zip(names, towns, strict=True)])
    kinds = [column.kind for column in detectors.scan_table(customers, header=False).columns]
    assert kinds[:2] == ["name", "address"]


def test_ages_under_a_heading_are_no_table_on_its_side():
    ages = [21, 34, 27, 56, 39, 65, 22, 57, 46]
    names = [f"{family} {given}" for family, given in zip(SURNAMES, GIVEN, strict=True)][: len(ages)]
    report = detectors.scan_table(pd.DataFrame({"年齢": ages, "区分": list("ABCABCABC"), "購入者": names}))
    assert [column.kind for column in report.columns] == ["age", None, "name"]
    assert report.people == len(ages)
