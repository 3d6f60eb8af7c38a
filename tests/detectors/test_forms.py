"""Sheets that are filled in as forms: labels with what is filled in beside them, several pairs in a row, card below card."""

from __future__ import annotations

import pandas as pd
import pytest

import detectors
from tests.detectors.lists import GIVEN, SURNAMES, mobile

NAMES = [f"{family} {given}" for given in GIVEN for family in SURNAMES]
APPLICATION = [
    ["入会申込書"],
    [""],
    ["氏名", "奥寺美緒", "フリガナ", "オクデラミオ"],
    ["生年月日", "1983/3/4", "性別", "女"],
    ["住所", "東京都世田谷区北沢2-3-4"],
    ["電話", "090-0000-1000", "メール", "mio@example.jp"],
    [""],
    ["保護者氏名", "奥寺健一", "続柄", "父"],
    ["携帯", "090-0000-1001"],
]


def sheet(rows):
    width = max(map(len, rows))
    return detectors.scan_table(
        pd.DataFrame([[*row, *[""] * (width - len(row))] for row in rows]), header=False
    )


def card(number):
    return [["氏名", NAMES[number], "性別", "女"], ["電話", mobile(number), "年齢", "42"]]


def in_one_column(number):
    return [
        ["氏名", NAMES[number]],
        ["電話", mobile(number)],
        ["住所", f"東京都港区芝1-{number + 1}-2"],
        [""],
    ]


FORMS = {
    "one row": (
        [["氏名", "奥寺美緒", "フリガナ", "オクデラミオ"], ["電話", "090-0000-1000", "性別", "女"]],
        1,
    ),
    "an application": (APPLICATION, 2),
    "an indented application": ([["", *row] for row in APPLICATION], 2),
    "labels over merged cells": (
        [["氏名", "", "奥寺美緒", "", "年齢", "", "42"], ["電話", "", "090-0000-1000", "", "性別", "", "女"]],
        1,
    ),
    "labels that no detector knows": (
        [
            ["申込日", "2026/1/1", "コース", "A"],
            ["氏名", "奥寺美緒", "職業", "会社員"],
            ["電話", "090-0000-1000", "性別", "女"],
            ["住所", "東京都世田谷区北沢2-3-4", "備考", ""],
        ],
        1,
    ),
    "40 cards": ([row for number in range(40) for row in [*card(number), [""]]], 40),
    "6 cards, two abreast": (
        [
            [*one, "", *two]
            for at in range(3)
            for one, two in zip(card(2 * at), card(2 * at + 1), strict=True)
        ],
        6,
    ),
    "40 cards in one column": ([row for number in range(40) for row in in_one_column(number)], 40),
    "tables on their side, one below the other": (
        [
            ["氏名", *NAMES[:3]],
            ["電話", *map(mobile, range(3))],
            [""],
            ["氏名", *NAMES[3:6]],
            ["電話", *map(mobile, range(3, 6))],
        ],
        6,
    ),
    "a form above a list": (
        [
            *APPLICATION,
            [""],
            ["No", "氏名", "性別", "年齢"],
            *([str(n), NAMES[n], "女", "42"] for n in range(4)),
        ],
        6,
    ),
}


@pytest.mark.parametrize("name", FORMS)
def test_each_who_filled_in_a_form_is_a_person(name):
    rows, people = FORMS[name]
    assert sheet(rows).people == people


def test_cards_go_on_however_many_they_are():
    rows = [
        row
        for number in range(1200)
        for row in (["氏名", NAMES[number % 400], "性別", "女"], ["電話", mobile(number), "年齢", "42"])
    ]
    report = sheet(rows)
    assert (report.records, report.people) == (1200, 1200)


def test_the_first_row_of_a_form_is_no_heading():
    rows, people = FORMS["one row"]
    assert detectors.scan_table(pd.DataFrame(rows[1:], columns=rows[0])).people == people


NOBODY = {
    "an empty form": [["氏名", "", "フリガナ", ""], ["電話", "", "性別", ""]],
    "what is required": [["氏名", "必須", "性別", "任意"], ["電話番号", "必須", "住所", "必須"]],
    "what a database holds": [
        ["項目名", "型", "桁数"],
        ["氏名", "VARCHAR", "50"],
        ["電話番号", "VARCHAR", "20"],
        ["住所", "VARCHAR", "200"],
    ],
    "a shop": [
        ["店名", "青空商店", "電話", "03-0000-0001"],
        ["住所", "東京都港区芝1-2-3", "営業時間", "10:00-20:00"],
    ],
    "what was changed": [["変更項目", "変更前", "変更後"], *[["住所", "旧", "新"], ["電話", "旧", "新"]] * 5],
}


@pytest.mark.parametrize("name", NOBODY)
def test_forms_that_nobody_filled_in_are_of_nobody(name):
    assert sheet(NOBODY[name]).people == 0


def test_who_is_marked_alike_everywhere_is_a_person():
    rows = [
        ["氏名", "小鳥遊彩", "出席", "○"],
        ["電話", "090-0000-1000", "懇親会", "○"],
        ["性別", "女", "年齢", "42"],
    ]
    assert sheet(rows).people == 1
