"""Numbers that are one person's by themselves (個人識別符号): a table of them is about people, with or without a name."""

from __future__ import annotations

import pandas as pd
import pytest

import detectors
from detectors import my_number

ROWS = 40


def checked(base: int) -> str:
    """Give a My Number of eleven digits and the digit that fits them."""
    return next(shown for digit in range(10) if my_number.cell(shown := f"{base:011}{digit}"))


NUMBERS = {
    "マイナンバー": ("my_number", [checked(12_000 + row) for row in range(ROWS)]),
    "運転免許証番号": ("driving_licence", [f"30{row:010}" for row in range(ROWS)]),
    "旅券番号": ("passport", [f"TZ{row:07}" for row in range(ROWS)]),
    "在留カード番号": ("residence_card", [f"ZZ{row:08}ZZ" for row in range(ROWS)]),
    "基礎年金番号": ("pension_number", [f"0000-{row:06}" for row in range(ROWS)]),
    "被保険者番号": ("health_insurance", [f"{row:08}" for row in range(ROWS)]),
}


@pytest.mark.parametrize("heading", NUMBERS)
def test_each_number_is_a_person_whatever_stands_beside_it(heading: str):
    kind, numbers = NUMBERS[heading]
    frame = pd.DataFrame({"No": [str(n) for n in range(ROWS)], heading: numbers, "備考": ["済"] * ROWS})
    twice = pd.concat([frame, frame.head(10)])
    report = detectors.scan_table(twice)
    assert (report.about_people, report.records, report.people) == (True, ROWS + 10, ROWS)
    assert report.items == {kind: ROWS + 10}


def test_the_number_of_the_insurer_is_nobodys():
    insurers = pd.DataFrame({"保険者番号": [f"{271000 + n}" for n in range(ROWS)], "所管": ["府"] * ROWS})
    assert not detectors.scan_table(insurers).about_people


def test_my_numbers_are_counted_in_a_list_of_shops_too():
    shops = pd.DataFrame({"店名": [f"{n}号店" for n in range(ROWS)], "個人番号": NUMBERS["マイナンバー"][1]})
    report = detectors.scan_table(shops)
    assert (report.about_people, report.items) == (False, {"my_number": ROWS})


@pytest.mark.parametrize("heading", ["口座番号", "病名", "続柄"])
def test_a_name_beside_an_account_an_illness_or_a_relation_is_somebodys(heading: str):
    said = {"口座番号": "1234567", "病名": "糖尿病", "続柄": "長男"}[heading]
    frame = pd.DataFrame({"名義": ["日下部 実優", "諸星 花笑", "角 光"] * 8, heading: [said] * 24})
    assert detectors.scan_table(frame.assign(金額="1000", 日付="2024-05-01")).about_people


@pytest.mark.parametrize("heading", ["コード", "取引先コード", "伝票番号", "lot no", "管理番号"])
def test_codes_of_ten_digits_are_no_telephone_numbers(heading: str):
    codes = [f"03{12345678 + n * 977}" for n in range(ROWS)]
    assert detectors.scan_table(pd.DataFrame({heading: codes, "数量": "1"})).columns[0].kind is None


@pytest.mark.parametrize(
    "number",
    [lambda n: f"03-1234-{5600 + n}", lambda n: f"090{12345678 + n * 977}"],
    ids=["parted", "mobile"],
)
def test_what_can_only_be_a_telephone_number_is_one_under_any_heading(number):
    frame = pd.DataFrame({"コード": [number(n) for n in range(ROWS)], "数量": "1"})
    assert detectors.scan_table(frame).columns[0].kind == "phone"
