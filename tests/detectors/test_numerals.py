"""Numerals in kanji and digits are counted in one place, and nonsense is no number."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors import address, birthdate
from detectors._numerals import KANJI, number


@pytest.mark.parametrize(
    ("shown", "counted"),
    [
        ("55", 55),
        ("五十五", 55),
        ("十", 10),
        ("十二", 12),
        ("二十", 20),
        ("一九八〇", 1980),
        ("元", 1),
        ("十十", None),
        ("二三十", None),
        ("", None),
    ],
)
def test_a_numeral_is_counted(shown, counted):
    assert number(shown) == counted


@given(st.text(KANJI + "十", min_size=1, max_size=4))
def test_whatever_stands_before_a_year_or_a_block_is_read_without_failing(numeral):
    assert birthdate.known(f"昭和{numeral}年三月四日") is None or number(numeral) is not None
    assert address.normal(f"港区芝{numeral}丁目2番1号")
