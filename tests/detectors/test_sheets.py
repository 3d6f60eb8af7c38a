"""Sheets as people make them: titles above the headings, several tables on one sheet, tables that lie on their side."""

from __future__ import annotations

import random

import pandas as pd
import pytest

import detectors
from tests.detectors.lists import GIVEN, SURNAMES, kinds, mobile

NAMES = [f"{family} {given}" for given in GIVEN for family in SURNAMES]
random.Random(1).shuffle(NAMES)
PEOPLE = [[name, mobile(number)] for number, name in enumerate(NAMES[:30])]


def sheet(rows):
    width = max(map(len, rows))
    return detectors.scan_table(
        pd.DataFrame([[*row, *[""] * (width - len(row))] for row in rows]), header=False
    )


@pytest.mark.parametrize(
    "above",
    [[], [["2023年度 会員名簿"]], [["会員名簿"], ["作成: 2023/10/31"], [""]]],
    ids=["none", "title", "three"],
)
def test_headings_stand_below_a_title(above):
    report = sheet([*above, ["氏名", "電話番号"], *PEOPLE])
    assert kinds(report) == ["name", "phone"]
    assert (report.records, report.people) == (30, 30)


def test_a_title_taken_for_the_headings_is_given_back():
    rows = pd.DataFrame([["氏名", "電話番号"], *PEOPLE], columns=["2023年度 会員名簿", ""])
    assert detectors.scan_table(rows).people == 30


def test_tables_below_each_other_are_counted_each_by_itself():
    shops = [[f"{number}号店", f"03-0000-{number:04d}"] for number in range(20)]
    more = [[name, f"u{number}@example.jp"] for number, name in enumerate(NAMES[30:50])]
    report = sheet(
        [
            ["氏名", "電話番号"],
            *PEOPLE,
            [""],
            ["店名", "電話"],
            *shops,
            [""],
            ["追加分"],
            ["氏名", "メールアドレス"],
            *more,
        ]
    )
    assert (report.records, report.people) == (50, 50)
    assert report.items == {"name": 50, "phone": 30, "email_address": 20}


def test_the_same_people_in_two_tables_count_once():
    report = sheet([["氏名", "電話番号"], *PEOPLE, [""], ["氏名", "電話番号"], *PEOPLE[:10]])
    assert (report.records, report.people) == (40, 30)


def test_a_table_on_its_side_is_read_from_top_to_bottom():
    people = PEOPLE[:5]
    rows = [
        ["氏名", *[name for name, _ in people]],
        ["電話番号", *[number for _, number in people]],
        ["生年月日", *[f"1980/1/{day}" for day in range(1, 6)]],
    ]
    assert sheet(rows).people == 5
    assert detectors.scan_table(pd.DataFrame(rows[1:], columns=rows[0])).people == 5


@pytest.mark.parametrize("before", [[], [""], ["会員"]], ids=["none", "empty", "spanning"])
@pytest.mark.parametrize("people", [59, 60, 400])
def test_a_table_on_its_side_may_have_any_number_of_people(people, before):
    items = [("氏名", *NAMES[:people]), ("電話番号", *map(mobile, range(people))), ("性別", *["男"] * people)]
    rows = [[*(before if not number else before and [""]), *item] for number, item in enumerate(items)]
    assert sheet(rows).people == people
    assert sheet([["会員名簿"], [""], *rows]).people == people
    assert detectors.scan_table(pd.DataFrame(rows[1:], columns=rows[0])).people == people


def test_figures_of_many_towns_on_their_side_are_of_nobody():
    towns = [f"{family}町" for family in SURNAMES] * 4
    rows = [
        ["町名", *towns],
        ["人口", *map(str, range(80))],
        ["電話番号", *[f"03-0000-{n:04}" for n in range(80)]],
    ]
    assert not sheet(rows).about_people


def test_headings_that_come_again_on_every_page_are_nobody():
    rows = [["氏名", "電話番号"], *PEOPLE[:15], ["氏名", "電話番号"], *PEOPLE[15:]]
    assert sheet(rows).people == 30


def test_a_survey_has_attributes_and_nobody():
    dice = random.Random(2)
    report = detectors.scan_table(
        pd.DataFrame(
            {
                "性別": [dice.choice(["男性", "女性"]) for _ in range(50)],
                "年齢": [dice.randrange(20, 80) for _ in range(50)],
                "満足度": [dice.randrange(1, 6) for _ in range(50)],
            }
        )
    )
    assert not report.about_people
    assert "attributes of people" in report.why


def test_an_empty_table_keeps_its_headings():
    report = detectors.scan_table(pd.DataFrame([], columns=["氏名", "電話番号"]))
    assert [column.header for column in report.columns] == ["氏名", "電話番号"]
    assert report.people == 0


def test_headings_in_several_rows_are_read_together_or_by_the_lowest():
    labels = [
        ("児童", "氏名"),
        ("児童", "学年"),
        ("保護者", "氏名"),
        ("保護者", "電話番号"),
        ("Unnamed: 4_level_0", "備考"),
    ]
    families = [("花子", "明子"), ("太郎", "恵子"), ("一郎", "正子")]
    rows = [(f"山田 {one}", "小3", f"山田 {other}", mobile(n), "") for n, (one, other) in enumerate(families)]
    report = detectors.scan_table(pd.DataFrame(rows, columns=pd.MultiIndex.from_tuples(labels)))
    assert [column.header for column in report.columns][:3] == ["児童氏名", "児童学年", "保護者氏名"]
    assert kinds(report) == ["name", "school_grade", "name", "phone", None]
    assert report.people == 6


SEATS = [NAMES[6 * row : 6 * row + 6] for row in range(5)]


@pytest.mark.parametrize(
    "rows",
    [
        SEATS,
        [["座席表 3年2組"], [""], ["", "", "教卓"], *SEATS, ["廊下側", "", "", "", "", "窓側"]],
        [[*row[:3], "", *row[3:]] for row in SEATS],
        [[cell for place, name in enumerate(row) for cell in (str(place), name)] for row in SEATS],
    ],
    ids=["bare", "classroom", "aisle", "numbered"],
)
def test_each_who_has_a_seat_is_a_person(rows):
    report = sheet(rows)
    assert (report.about_people, report.people, report.items["name"]) == (True, 30, 30)


def test_names_that_are_unknown_sit_between_those_that_are_known():
    rows = [
        [*row[:3], odd, *row[4:]]
        for row, odd in zip(SEATS, ["角 光", "王 小明", "阿 久", "嘉 助", "鳳 啓"], strict=True)
    ]
    assert sheet(rows).people == 30


@pytest.mark.parametrize(
    "rows",
    [
        [["北海道", "青森県", "岩手県"], ["宮城県", "秋田県", "山形県"], ["福島県", "茨城県", "栃木県"]],
        [["高田", "青山", "中野"], ["平井", "小山", "上野"], ["大宮", "千葉", "松本"]],
        [[f"株式会社{name}建設" for name in SURNAMES[4 * row : 4 * row + 4]] for row in range(5)],
    ],
    ids=["prefectures", "stations", "companies"],
)
def test_what_else_stands_in_a_grid_is_nobody(rows):
    assert not sheet(rows).about_people


def test_who_comes_again_beside_himself_is_one():
    rows = [[name, mobile(at), name] for at, name in enumerate(NAMES[:20])]
    assert sheet(rows).people == 20


def two_lines(people):
    return [
        row
        for at in range(people)
        for row in ([NAMES[at % 400], f"1980/1/{at % 28 + 1}"], [f"サトウ {at}", mobile(at)])
    ]


@pytest.mark.parametrize("above", [[], [["会員名簿"], [""]]], ids=["none", "title"])
@pytest.mark.parametrize("people", [10, 25, 1600])
def test_records_that_take_two_rows_are_each_a_person(people, above):
    report = sheet([*above, ["氏名", "生年月日"], ["フリガナ", "電話番号"], *two_lines(people)])
    assert (report.records, report.people) == (people, people)
    assert report.items["phone"] == report.items["birthdate"] == people


def test_headings_in_two_languages_head_one_row_each():
    report = sheet([["氏名", "電話番号"], ["Name", "Phone"], *PEOPLE])
    assert report.people == 30
