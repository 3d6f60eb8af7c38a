"""A long list is read frame by frame: who stands above all that shows that it is of people is counted too."""

from __future__ import annotations

import pandas as pd
import pytest

from gateway.inspection.addressee import Addressee
from gateway.inspection.detection import inspect
from gateway.inspection.jobs import Sought
from gateway.model import Table
from gateway.unpack import Headers
from tests.detectors.lists import GIVEN, SURNAMES

ROWS = [
    ["" if n < 2500 else f"{SURNAMES[n % 20]} {GIVEN[n // 20 % 20]}", f"03-0000-{n:04}", "甲"]
    for n in range(5000)
]


def late(rows: list[list[str]], heading: list[str], length: int) -> Table:
    frames = [
        pd.DataFrame(rows[start : start + length], columns=heading) for start in range(0, len(rows), length)
    ]
    return Table(
        path=("名簿.csv",),
        media_type="text/csv",
        encoding="utf-8",
        frame=frames[0],
        header=True,
        more=lambda: frames[1:],
    )


@pytest.mark.parametrize("rows", [500, 2000, 5000])
def test_who_stands_above_the_first_name_is_counted(rows: int):
    table = late(ROWS, ["氏名", "電話番号", "区分"], rows)
    found = inspect([table], b"s" * 32, Sought())
    assert (found.records, len(found.people)) == (5000, 5000)
    assert (found.parts[0].rows, found.parts[0].findings) == (5000, {"name": 2500, "phone": 5000})


def test_the_readers_own_record_is_left_out_once():
    rows = [[*row[:2], "mio@example.jp" if row[0] and at == 2600 else ""] for at, row in enumerate(ROWS)]
    reader = Addressee(("mio@example.jp",), Headers((("to", b"mio@example.jp"),)))
    found = inspect([late(rows, ["氏名", "電話番号", "メール"], 500)], b"s" * 32, Sought(), reader)
    assert (len(found.people), len(found.left_out)) == (4999, 1)
