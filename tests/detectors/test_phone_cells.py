"""Telephone numbers in cells: in every notation the number, whoever stands above and below."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors import phone
from detectors._fold import fold_cells

WRITTEN = {
    "090-0000-1234": "09000001234",
    "09000001234": "09000001234",
    "0900000-1234": "09000001234",
    "(090)0000-1234": "09000001234",
    "090 0000 1234": "09000001234",
    "090 - 0000 - 1234": "09000001234",
    "+81-90-0000-1234": "09000001234",
    "+81 (0)90 0000 1234": "09000001234",
    "03-1000-1234": "0310001234",
    "(03)1000-1234": "0310001234",
    "03(1000)1234": "0310001234",
    "03-1000 1234": "0310001234",
    "045-100-1234": "0451001234",
    "0463-10-0123": "0463100123",
    "04992-1-0123": "0499210123",
    "03-1000-1234(自宅)": "0310001234",
    "TEL 03-1000-1234": "0310001234",
}
OTHERS = [
    "0120-000-123",
    "0800-000-1234",
    "0570-00-1234",
    "0000-00-1234",
    "03-1000-12",
    "2024-01-15",
    "100-0001",
]
OTHERS += ["0.123456789", "01 23 45 67 89", "0-1-2-3-4-5-6-7-8-9", "㈱", "1,234,567"]


@pytest.mark.parametrize("written", WRITTEN)
def test_a_number_is_read_however_it_is_written(written: str):
    assert phone.cell(written) == WRITTEN[written]


@pytest.mark.parametrize("other", OTHERS)
def test_what_reaches_nobody_is_none(other: str):
    assert phone.cell(other) is None


@settings(deadline=None)
@given(
    st.lists(
        st.one_of(st.sampled_from([*WRITTEN, *OTHERS, ""]), st.text(alphabet="0189-() .\n+", max_size=14))
    )
)
def test_the_cells_of_a_column_are_read_as_each_is_alone(cells: list[str]):
    folded = fold_cells(cells).values()
    assert phone.all_dialled(folded) == [phone.dialled(cell) for cell in folded]
