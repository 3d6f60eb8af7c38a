"""The same customers in every dress and every wrapping are the same number of people."""

from __future__ import annotations

import sys

import pytest

from tests.unpack import compound, documents, dresses
from tests.unpack.counting import gaps, inspected, people
from tests.unpack.documents import PEOPLE, ROWS

DRESSES = {
    **{name: documents.TABLES[name] for name in ("csv", "tsv", "xlsx", "ods", "docx", "pptx", "html", "json", "sql", "sqlite", "vcf", "rtf")},
    "xls": compound.xls(ROWS),
    "xlsb": dresses.as_xlsb(),
    "txt": documents.TEXTS["txt"],
    "pdf": dresses.as_pdf_table(),
    "text.pdf": documents.TEXTS["pdf"],
}  # fmt: skip
WRAPPINGS = {
    "plain": (lambda raw, name: raw, ""),
    "zip": (dresses.in_zip, ".zip"),
    "7z": (dresses.in_7z, ".7z"),
    "lzh": (dresses.in_lzh, ".lzh"),
    "zip in eml": (dresses.in_eml, ".eml"),
    "tnef": (dresses.in_tnef, ".dat"),
}
needs_lhafile = pytest.mark.skipif(
    sys.version_info >= (3, 14), reason="lhafile has no wheel for this Python: LZH holds there"
)


@pytest.mark.parametrize(
    "wrapping", [pytest.param(one, marks=needs_lhafile if one == "lzh" else ()) for one in WRAPPINGS]
)
@pytest.mark.parametrize("dress", DRESSES)
def test_people_are_counted_exactly(dress, wrapping):
    wrap, ending = WRAPPINGS[wrapping]
    name = f"名簿.{dress}"
    read = inspected(wrap(DRESSES[dress], name), name + ending)
    assert (people(read), gaps(read)) == (len(PEOPLE), [])


@pytest.mark.parametrize(
    "wrapping", [pytest.param(one, marks=needs_lhafile if one == "lzh" else ()) for one in WRAPPINGS]
)
def test_a_screenshot_is_nine_tenths_of_them(wrapping):
    from tests.unpack import pictures  # skips aloud where the extra `ocr` is not installed

    wrap, ending = WRAPPINGS[wrapping]
    raw = pictures.raw(pictures.table([row[:3] for row in ROWS], 12))
    read = inspected(wrap(raw, "名簿.png"), "名簿.png" + ending)
    assert len(PEOPLE) * 0.9 <= people(read) <= len(PEOPLE) * 1.1 and gaps(read) == []
