"""One list in several dresses is one list of people, all the way from bytes to exposure."""

from __future__ import annotations

import io
import zipfile

import openpyxl

from gateway.demo.families import HEADER, REWRITES, families
from gateway.exposure import SharedPart, measure
from gateway.inspection import jobs
from gateway.model import Exposure
from gateway.unpack import csv, text
from tests.inspection.workers import Workers

ROWS = families(people=600, households=280, repeats=20, rewritten=10)


def in_csv(rows: list[list[str]]) -> bytes:
    return "\r\n".join(",".join(row) for row in (HEADER, *rows)).encode("cp932")


def in_workbook(rows: list[list[str]]) -> bytes:
    book = openpyxl.Workbook()
    for row in (HEADER, *rows):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def zipped(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, raw in files.items():
            archive.writestr(name.replace("_", "."), raw)
    return out.getvalue()


def exposed(raw: bytes, name: str) -> Exposure:
    answer = Workers().run(jobs.ReadDocument(raw=raw, name=name, secret=b"s" * 32))
    attached = jobs.DOCUMENT_READ.validate_json(answer).attached
    shared = [SharedPart(inspection=attached, mails=2, readers=2)]
    return measure(own=[], shared=shared, recipients=frozenset(), mails=2, recipient_count=2)


def test_a_list_attached_as_csv_and_as_workbook_counts_once():
    again = [REWRITES[place % len(REWRITES)](row) for place, row in enumerate(ROWS[:100])]
    found = exposed(zipped(a_csv=in_csv(ROWS), b_xlsx=in_workbook(ROWS), c_csv=in_csv(again)), "all.zip")
    assert (found.people, found.households) == (600, 280)
    assert found.records == 620 * 2 + 100


def test_a_list_read_in_blocks_is_the_same_people(monkeypatch):
    short = exposed(in_csv(ROWS), "list.csv")
    monkeypatch.setattr(text, "LONG_BYTES", 1)
    monkeypatch.setattr(csv, "BLOCK_ROWS", 90)
    assert exposed(in_csv(ROWS), "list.csv") == short
    assert (short.people, short.households, short.gaps) == (600, 280, {})
