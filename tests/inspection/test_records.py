"""The figure of records: each once, though a page says it as a table and as text."""

from __future__ import annotations

import pytest

from gateway.exposure import SharedPart, measure
from gateway.inspection import jobs
from gateway.inspection.detection import MAX_CHARACTERS, inspect
from gateway.inspection.jobs import Sought
from gateway.model import GapReason, Text
from tests.inspection.test_reader import CLASS
from tests.inspection.workers import Workers
from tests.unpack.documents import docx, odf, paragraph

HEAD = ["氏名", "電話番号", "住所", "備考"]
ROWS = [
    [name, f"090-1111-{number:04}", f"東京都渋谷区神宮前1-2-{number + 1}", ""]
    for number, name in enumerate(CLASS)
]
PROSE = (
    "先月の面談では進路の話をしました。ご家庭への連絡は、お母様の木村明子さん（03-1234-5678）へお願いします。"
)
OUTSIDE = "担当外：小川洋子 080-2222-3333 東京都港区芝公園4-2-8"


def as_html(rows: list[list[str]], outside: str) -> bytes:
    cells = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<html><body><p>{outside}</p><table>{cells}</table></body></html>".encode()


def as_docx(rows: list[list[str]], outside: str) -> bytes:
    lines = "".join(
        f"<w:tr>{''.join(f'<w:tc>{paragraph(cell)}</w:tc>' for cell in row)}</w:tr>" for row in rows
    )
    return docx(f"{paragraph(outside)}<w:tbl>{lines}</w:tbl>")


def as_odt(rows: list[list[str]], outside: str) -> bytes:
    lines = "".join(
        "<table:table-row>"
        + "".join(f"<table:table-cell><text:p>{cell}</text:p></table:table-cell>" for cell in row)
        + "</table:table-row>"
        for row in rows
    )
    return odf("text", f"<text:p>{outside}</text:p><table:table>{lines}</table:table>")


FORMS = pytest.mark.parametrize(
    ("name", "written"), [("a.html", as_html), ("a.docx", as_docx), ("a.odt", as_odt)]
)


def measured(name: str, raw: bytes):
    answer = Workers().run(jobs.ReadDocument(raw=raw, name=name, secret=b"s" * 32))
    found = jobs.DOCUMENT_READ.validate_json(answer).attached
    shared = [SharedPart(inspection=found, mails=1, readers=2)]
    return measure(own=[], shared=shared, recipients=frozenset(), mails=1, recipient_count=0)


@FORMS
def test_the_rows_of_a_page_count_once(name, written):
    found = measured(name, written([HEAD, *ROWS], "名簿です。"))
    assert (found.records, found.people) == (len(CLASS), len(CLASS))
    assert found.items["name"] == found.items["phone"] == len(CLASS)


@FORMS
def test_what_stands_outside_the_table_counts_too(name, written):
    found = measured(name, written([HEAD, *ROWS], OUTSIDE))
    assert (found.records, found.people) == (len(CLASS) + 1, len(CLASS) + 1)
    assert found.items["phone"] == len(CLASS) + 1


@FORMS
def test_prose_in_a_cell_is_read_as_prose(name, written):
    rows = [[*row[:3], PROSE if number == 2 else ""] for number, row in enumerate(ROWS)]
    found = measured(name, written([HEAD, *rows], "名簿です。"))
    assert found.items["phone"] == len(CLASS) + 1


def test_what_is_too_long_to_be_read_is_a_gap_and_what_is_short_beside_it_is_read():
    long, short = (
        Text(path=(name,), media_type="text/plain", encoding=None, content=content)
        for name, content in (("long", " " * (MAX_CHARACTERS + 1)), ("short", "電話 090-0000-0001"))
    )
    found = inspect([short, long], b"s" * 32, Sought())
    assert [(part.gap, part.findings) for part in found.parts] == [
        (None, {"phone": 1}),
        (GapReason.TOO_BIG, {}),
    ]
