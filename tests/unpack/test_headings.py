"""Headings in two rows, as merged cells of a workbook give them."""

from __future__ import annotations

import pytest

import detectors
from gateway.unpack.csv import framed, read_table
from tests.detectors.lists import GIVEN, SURNAMES, mobile

NAMES = [f"{family} {given}" for family, given in zip(SURNAMES, GIVEN, strict=True)]


def test_children_and_guardians_below_merged_cells_are_told_apart():
    rows = [
        ["令和8年度 こども会 名簿", "", "", "", "", "", ""],
        ["No", "児童", "", "", "保護者", "", "備考"],
        ["", "氏名", "ふりがな", "学年", "氏名", "携帯", ""],
        *([f"{at}", NAMES[at], "さとう あい", "3年", NAMES[10 + at], mobile(at), ""] for at in range(1, 10)),
    ]
    frame, header, above = framed(rows)
    assert (header, above) == (True, 1)
    report = detectors.scan_table(frame, header=header)
    assert [column.header for column in report.columns][1:6] == [
        "児童氏名",
        "児童ふりがな",
        "児童学年",
        "保護者氏名",
        "保護者携帯",
    ]
    assert (report.people, report.households) == (18, 9)


@pytest.mark.parametrize(
    "text",
    [
        "会員名簿,,\r\n氏名,電話,住所\r\n佐藤 太郎,090-0000-0001,東京都港区芝1-1-1\r\n",
        "氏名,,電話\r\n佐藤 太郎,会員,090-0000-0001\r\n鈴木 花子,会員,090-0000-0002\r\n",
    ],
)
def test_a_title_and_a_gap_in_the_heading_span_nothing(text: str):
    found, _ = read_table(text)
    assert found is not None
    assert "氏名" in found.frame.columns
    report = detectors.scan_table(found.frame, header=found.header)
    assert report.people == len(found.frame)


@pytest.mark.parametrize("heading", ["隊員,結果", "スタッフ,時間", "ご遺族,班"])
def test_who_is_meant_by_a_heading_is_nobody_himself(heading: str):
    values = ("○", "8:15", "A")
    for value in values:
        text = "\r\n".join([heading, *(f"{name},{value}" for name in NAMES)])
        found, _ = read_table(text)
        assert found is not None
        assert detectors.scan_table(found.frame, header=found.header).people == len(NAMES)
