"""Numbers of a workbook are read as its reader sees them, where zeros and signs make them what they are."""

from __future__ import annotations

import io

import openpyxl
import pytest

from gateway.model import Table
from gateway.unpack._number_format import format_of
from tests.unpack.test_documents import opened

TELEPHONE = r"[<=99999999]####-####;\(00\)\ ####-####"
POSTCODE = r"[<=999]000;[<=9999]000\-00;000\-0000"
SHOWN = [
    (9012345678, "000-0000-0000", "090-1234-5678"),
    (312345678, TELEPHONE, "(03) 1234-5678"),
    (12345678, TELEPHONE, "1234-5678"),
    (600001, POSTCODE, "060-0001"),
    (8501, POSTCODE, "085-01"),
    (60, POSTCODE, "060"),
    (123, "00000", "00123"),
    (123, "00000;00000;0", "00123"),
    (0, "00000;00000;0", "0"),
    (42, '"会員"0000', "会員0042"),
    (5, '"第"0"回"', "第5回"),
    (123456789012, "0000-0000-0000", "1234-5678-9012"),
    (7, "[Red]000_ ", "007"),
    (7, "〒000", "〒007"),
]


@pytest.mark.parametrize(("number", "code", "shown"), SHOWN)
def test_a_number_is_shown_in_its_shape(number, code, shown):
    known = format_of(code)
    assert known is not None and known.shown(number) == shown


@pytest.mark.parametrize(
    "code",
    ["General", "0", "0.00", "#,##0", "0%", "yyyy/m/d", "h:mm", "0.00E+00", "@", '#,##0"円"', "[h]:mm"],
)
def test_amounts_shares_and_dates_keep_their_value(code):
    assert format_of(code) is None


@pytest.mark.parametrize(("number", "code"), [(5, ";;;"), (5, '"済"'), (-5, "0000"), (1e16, "0000")])
def test_what_a_format_hides_is_kept(number, code):
    known = format_of(code)
    assert known is None or known.shown(number) is None


@pytest.mark.parametrize("left", [1, 4])
def test_cells_are_read_as_they_are_shown(left):
    book, out = openpyxl.Workbook(), io.BytesIO()
    sheet = book.active
    sheet.title = "名簿"
    for down, (number, code, _) in enumerate(SHOWN):
        sheet.cell(row=down + 3, column=left, value=f"x{down}")
        sheet.cell(row=down + 3, column=left + 1, value=number).number_format = code
    book.save(out)
    (table,) = (leaf for leaf in opened(out.getvalue()) if isinstance(leaf, Table))
    assert [row[-1] for row in table.frame.to_numpy().tolist()] == [shown for _, _, shown in SHOWN]
