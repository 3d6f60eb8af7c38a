"""Kinds that an organisation adds: pattern, keywords, check digit, headings, and a pattern that never ends."""

from __future__ import annotations

import pandas as pd
import pytest

import detectors
from detectors import OwnKind, PatternTimeout
from detectors._check_digits import fits

CARD = OwnKind(kind="point_card", pattern=r"[A-Z]{2}-?[0-9]{8}")
NEAR = OwnKind(kind="point_card", pattern=r"[0-9]{8}", keywords=("ポイントカード", "point card"))
HEADED = OwnKind(kind="point_card", pattern=r"[0-9]{8}", headers=("カードNo.",))
ENDLESS = OwnKind(kind="endless", pattern=r"(?:x|xx)+y")
FOREVER = "x" * 60


def shown(text: str, own: OwnKind) -> list[str]:
    return [text[one.start : one.end] for one in detectors.find_own(text, [own])]


def cells(frame: pd.DataFrame, own: OwnKind, *, header: bool = True) -> list[tuple[int, int]]:
    found = detectors.find_own_columns(frame, [own], header=header)
    return [(one.place, one.found) for one in found]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("カード AB-12345678 です", ["AB-12345678"]),
        ("㈱カード ＡＢ－１２３４５６７８", ["ＡＢ－１２３４５６７８"]),
        ("XAB-12345678 AB-123456789", []),
    ],
)
def test_a_pattern_is_a_whole_word_in_any_width(text: str, found: list[str]):
    assert shown(text, CARD) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ポイントカード: 12345678", ["12345678"]),
        ("ﾎﾟｲﾝﾄｶｰﾄﾞ 12345678", ["12345678"]),
        ("POINT CARD 12345678", ["12345678"]),
        ("12345678 (ポイントカード)", ["12345678"]),
        ("注文番号 12345678", []),
        (f"ポイントカード{'、' * 200}12345678", []),
    ],
)
def test_a_keyword_has_to_stand_near(text: str, found: list[str]):
    assert shown(text, NEAR) == found


def test_header_words_alone_find_nothing_in_a_text():
    assert shown("カードNo. 12345678", HEADED) == []


@pytest.mark.parametrize("own", [NEAR, HEADED])
def test_a_heading_announces_its_column_and_no_other(own: OwnKind):
    frame = pd.DataFrame(
        {"ポイントカード / カードＮｏ": ["12345678", "87654321", ""], "注文": ["12345679", "", ""]}
    )
    assert cells(frame, own) == [(0, 2)]


def test_a_heading_below_a_title_announces_too():
    frame = pd.DataFrame([["会員一覧", ""], ["氏名", "カードNo"], ["山田 太郎", "12345678"]])
    assert cells(frame, HEADED, header=False) == [(1, 1)]


def test_a_heading_at_the_left_of_a_table_on_its_side_announces():
    frame = pd.DataFrame([["氏名", "山田 太郎", "佐藤 花子"], ["カードNo", "12345678", "87654321"]])
    assert cells(frame, HEADED, header=False) == [(1, 1), (2, 1)]


def test_remarks_are_read_as_texts():
    frame = pd.DataFrame({"備考": ["ポイントカード 12345678 を再発行", "注文 12345678", "なし"]})
    assert cells(frame, NEAR) == [(0, 1)]


def test_numbers_in_numeric_columns_are_found():
    assert cells(pd.DataFrame({"カードNo": [12345678.0, float("nan")]}), HEADED) == [(0, 1)]


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("luhn", "4111 1111 1111 1111", "4111 1111 1111 1112"),
        ("mod10", "4901234567894", "4901234567895"),
        ("mod11", "1234-5674", "1234-5673"),
        ("mod11", "6-X", "6-1"),
        ("mod97", "AB 3214282912345698765432161182", "AB 3214282912345698765432161183"),
        ("my_number", "123456789018", "123456789017"),
        ("corporate_number", "T7000012050002", "T6000012050002"),
    ],
)
def test_check_digits_by_name(name: str, right: str, wrong: str):
    if name == "mod11" and right == "6-X":
        right, wrong = "0006-X", "0006-1"
    assert fits(name, right)
    assert not fits(name, wrong)


def test_only_numbers_whose_check_digit_fits_are_found():
    own = OwnKind(kind="point_card", pattern=r"[A-Z]{2}[0-9]{8}", check_digit="luhn")
    assert shown("AB12345674 AB12345678", own) == ["AB12345674"]


def test_a_pattern_that_does_not_end_is_said_to():
    detectors._own.SECONDS, before = 0.2, detectors._own.SECONDS
    try:
        with pytest.raises(PatternTimeout) as caught:
            detectors.find_own(FOREVER, [ENDLESS])
        assert FOREVER not in str(caught.value)
        with pytest.raises(PatternTimeout):
            detectors.find_own_columns(pd.DataFrame({"備考": [FOREVER]}), [ENDLESS])
    finally:
        detectors._own.SECONDS = before
