"""The same list of people where nobody looks: each of them is counted, or the document is held; and nothing is clean unread."""

from __future__ import annotations

import io
import sqlite3
import struct
import tarfile
import zipfile
from html import escape

import openpyxl
import pytest
from openpyxl.workbook.defined_name import DefinedName

from gateway.model import Text
from gateway.unpack import Budget, Source, unpack
from tests.unpack import compound, documents
from tests.unpack.counting import gaps, inspected, people
from tests.unpack.documents import HEADING, PEOPLE, ROWS, A, W
from tests.unpack.mails import reasons
from tests.unpack.test_documents import PLAIN, S, book, with_part

LINES = [" ".join(person) for person in PEOPLE]
MICROSOFT = 'xmlns="http://schemas.microsoft.com/office/2018"'
CHART = "http://schemas.openxmlformats.org/drawingml/2006/chart"
LINKS = "http://schemas.openxmlformats.org/package/2006/relationships"


def each(template: str) -> str:
    """Fill a template by each person."""
    return "".join(
        template.format(line=line, name=line.split()[0], mail=line.split()[4], number=n)
        for n, line in enumerate(LINES)
    )


def names_of_cells(workbook) -> None:
    for number, line in enumerate(LINES):
        workbook.defined_names[f"n{number}"] = DefinedName(f"n{number}", attr_text=f'"{line}"')


def names_of_sheets(workbook) -> None:
    for name, _, phone, _, _ in PEOPLE:
        workbook.create_sheet(f"{name} {phone}")


def formulas(workbook) -> None:
    for line in LINES:
        workbook.active.append([f'=HYPERLINK("https://example.jp","{line}")'])


def far_away(workbook) -> None:
    for down, row in enumerate(ROWS):
        for across, cell in enumerate(row):
            workbook.active.cell(row=900 + down, column=300 + across, value=cell)


def cells(row: str, cell: str) -> str:
    return "".join(
        f"<row>{''.join(cell.format(escape(one)) for one in line)}</row>".replace("row", row) for line in ROWS
    )


def sheet(rest: str) -> bytes:
    return replaced(PLAIN, "xl/worksheets/sheet1.xml", f"<worksheet {S}><sheetData/>{rest}</worksheet>")


def replaced(raw: bytes, name: str, part: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w") as new:
        for other in old.namelist():
            new.writestr(other, part if other == name else old.read(other))
    return out.getvalue()


def pivot(items: bool) -> bytes:
    fields = "".join(
        f'<cacheField name="{name}"><sharedItems>{"".join(f"<s v={chr(34)}{cell}{chr(34)}/>" for cell in column) if items else ""}</sharedItems></cacheField>'
        for name, column in zip(HEADING, zip(*PEOPLE, strict=True), strict=True)
    )
    records = "".join(
        "<r>" + "".join(f'<x v="{number}"/>' if items else f'<s v="{cell}"/>' for cell in person) + "</r>"
        for number, person in enumerate(PEOPLE)
    )
    raw = with_part(
        PLAIN,
        "xl/pivotCache/pivotCacheDefinition1.xml",
        f"<pivotCacheDefinition {S}><cacheFields>{fields}</cacheFields></pivotCacheDefinition>",
    )
    raw = with_part(
        raw,
        "xl/pivotCache/_rels/pivotCacheDefinition1.xml.rels",
        f'<Relationships xmlns="{LINKS}"><Relationship Target="pivotCacheRecords9.xml"/></Relationships>',
    )
    return with_part(
        raw, "xl/pivotCache/pivotCacheRecords9.xml", f"<pivotCacheRecords {S}>{records}</pivotCacheRecords>"
    )


def packaged(name: str, raw: bytes) -> bytes:
    label, path = name.encode("cp932") + b"\0", b"C:\\x\0"
    body = (
        struct.pack("<H", 2)
        + label
        + path
        + struct.pack("<II", 0x30000, len(path))
        + path
        + struct.pack("<I", len(raw))
        + raw
    )
    return compound.compound(
        {
            "\x01Ole10Native": struct.pack("<I", len(body)) + body,
            "\x01CompObj": bytes(90),
            "\x03ObjInfo": bytes(6),
        }
    )


def rich(markup: str) -> bytes:
    return (r"{\rtf1\ansi\uc1 " + markup + "}").encode()


RICH = r"\par ".join(
    "".join(f"\\u{ord(sign)}?" if ord(sign) > 127 else sign for sign in line) for line in LINES
)
CHARTED = f'<c:chartSpace xmlns:c="{CHART}">{each("<c:pt><c:v>{line}</c:v></c:pt>")}</c:chartSpace>'
PLACES = {
    "names of cells": book(names_of_cells),
    "names of sheets": book(names_of_sheets),
    "formulas that nobody has worked out": book(formulas),
    "cells far away": book(far_away),
    "the cache of a pivot table, value by value": pivot(items=False),
    "the cache of a pivot table, by its items": pivot(items=True),
    "the cache of another book": with_part(PLAIN, "xl/externalLinks/externalLink1.xml", f"<externalLink {S}><sheetData>{cells('row', '<cell><v>{}</v></cell>')}</sheetData></externalLink>"),
    "the cache of a chart": with_part(PLAIN, "xl/charts/chart1.xml", CHARTED),
    "a discussion": with_part(PLAIN, "xl/threadedComments/threadedComment1.xml", f"<x {MICROSOFT}>{each('<threadedComment><text>{line}</text></threadedComment>')}</x>"),
    "who discussed": with_part(PLAIN, "xl/persons/person.xml", f"<x {MICROSOFT}>{each('<person displayName=`{name}` userId=`{mail}`/>').replace('`', chr(34))}</x>"),
    "a filter": sheet("<autoFilter><filters>" + each('<filter val="{line}"/>') + "</filters></autoFilter>"),
    "a rule of colours": sheet("<conditionalFormatting>" + each('<cfRule text="{line}"/>') + "</conditionalFormatting>"),
    "formats of numbers": with_part(PLAIN, "xl/styles9.xml", f"<styleSheet {S}>{each('<numFmt formatCode=`{line}`/>').replace('`', chr(34))}</styleSheet>"),
    "how it is read": with_part(PLAIN, "xl/phonetic/sharedStrings.xml", f"<sst {S}>{each('<si><t>x</t><rPh><t>{line}</t></rPh></si>')}</sst>"),
    "a file that was dragged into a document": documents.docx("", **{"word/embeddings/oleObject1.bin": packaged("名簿.csv", documents.as_csv())}),
    "a workbook that was inserted": documents.docx("", **{"word/embeddings/oleObject1.bin": compound.compound({"Package": documents.as_xlsx(), "\x01Ole": bytes(20)})}),
    "XML that somebody put into a document": documents.docx("", **{"customXml/item1.xml": documents.as_xml()}),
    "attributes of it": documents.docx("", **{"customXml/item1.xml": "<l>" + each("<m n='{name}' e='{mail}'/>") + "</l>"}),
    "the chart of a document": documents.docx("", **{"word/charts/chart1.xml": CHARTED}),
    "variables of a document": documents.docx("", **{"word/settings.xml": f"<w:settings {W}>{each('<w:docVar w:val=`{line}`/>').replace('`', chr(34))}</w:settings>"}),
    "a choice in a document": documents.docx(each('<w:sdt><w:listItem w:displayText="{line}"/></w:sdt>')),
    "marks in a document": documents.docx(each('<w:bookmarkStart w:name="{line}"/>')),
    "letters in shapes": documents.docx(each("<w:p><v:textpath xmlns:v='urn:schemas-microsoft-com:vml' string='{line}'/></w:p>")),
    "links out of a document": documents.docx("", **{"word/_rels/document.xml.rels": f"<Relationships xmlns='{LINKS}'>{each('<Relationship Target=`https://example.jp/?{line}`/>').replace('`', chr(34))}</Relationships>"}),
    "a name with its reading above it": documents.docx("".join(f"<w:p><w:r><w:ruby><w:rt><w:t>{kana}</w:t></w:rt><w:rubyBase><w:t>{name}</w:t></w:rubyBase></w:ruby></w:r><w:t> {phone} {mail}</w:t></w:p>" for name, kana, phone, mail, _ in PEOPLE)),
    "tags of slides": documents.pptx(**{"ppt/tags/tag1.xml": f"<p:tagLst {A}>{each('<p:tag val=`{line}`/>').replace('`', chr(34))}</p:tagLst>"}),
    "names of shapes": documents.pptx(**{"ppt/slides/slide1.xml": documents.slide(each('<p:cNvPr name="{line}"/>'))}),
    "rules for cells": documents.odf("spreadsheet", "<office:spreadsheet>" + each('<table:content-validation table:condition="{line}"/>') + "<table:table/></office:spreadsheet>"),
    "changes that were tracked": documents.odf("spreadsheet", "<office:spreadsheet>" + each("<table:previous><text:p>{line}</text:p></table:previous>") + "<table:table/></office:spreadsheet>"),
    "fields of a text": documents.odf("text", "<office:text>" + each('<text:user-field-decl office:string-value="{line}"/>') + "</office:text>"),
    "a group of rich text that nobody sees": rich(r"x{\*\foo " + RICH + "}"),
    "a table of fonts": rich(r"{\fonttbl{\f0 " + RICH + "}}x"),
    "behind the end of rich text": rich("x") + ("{" + RICH + "}").encode(),
    "nothing but a group that nobody sees": rich(r"{\*\foo " + RICH + "}"),
    "attributes of a page": ("<html>" + each('<b note="{line}">x</b>')).encode(),
    "JSON in a script of a page": ("<html><script>x = " + documents.as_json().decode().encode("ascii", "backslashreplace").decode() + "</script>").encode(),
}  # fmt: skip


@pytest.mark.parametrize("raw", PLACES.values(), ids=PLACES)
def test_people_are_counted_wherever_they_stand(raw):
    assert people(inspected(raw, "x")) == len(PEOPLE)


def unlisted() -> bytes:
    return with_part(PLAIN, "xl/data/other.xml", f"<worksheet {S}><sheetData>{cells('row', '<c t=`inlineStr`><is><t>{}</t></is></c>').replace('`', chr(34))}</sheetData></worksheet>")  # fmt: skip


def doubled() -> bytes:
    rows = "".join(f'<row r="1"><c r="A1" t="inlineStr"><is><t>{line}</t></is></c></row>' for line in LINES)
    return replaced(
        PLAIN, "xl/worksheets/sheet1.xml", f"<worksheet {S}><sheetData>{rows}</sheetData></worksheet>"
    )


def tarred(kind: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        member = tarfile.TarInfo("x")
        member.type, member.linkname = kind, "y"
        archive.addfile(member)
    return out.getvalue()


def folders() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("名簿/", b"")
    return out.getvalue()


NOTHING_CAME_OUT = {
    "a sheet that the book does not list": (unlisted(), "AMBIGUOUS"),
    "cells over each other": (doubled(), "AMBIGUOUS"),
    "an object of a program": (compound.compound({"Package": b"hello, reader", "Contents": bytes(600)}), "UNKNOWN"),
    "a locked text of OpenDocument": (replaced(documents.odf("text", "<office:text/>"), "META-INF/manifest.xml", "<x><manifest:encryption-data/></x>"), "ENCRYPTED"),
    "a ZIP of folders": (folders(), "UNKNOWN"),
    "a tar of folders": (tarred(tarfile.DIRTYPE), "UNKNOWN"),
    "a tar of links": (tarred(tarfile.SYMTYPE), "UNKNOWN"),
    "a presentation without a record": (compound.compound({"PowerPoint Document": b"", "Current User": b""}), "UNKNOWN"),
    "a letter of Outlook without a property": (compound.compound({"__properties_version1.0": bytes(32)}), "UNKNOWN"),
    "a winmail.dat without an attribute": (struct.pack("<IH", 0x223E9F78, 1), "UNKNOWN"),
    "a document without its text": (documents.package(**{"[Content_Types].xml": documents.TYPES, "word/document.xml": b""}), "CORRUPT"),
}  # fmt: skip


@pytest.mark.parametrize(("raw", "reason"), NOTHING_CAME_OUT.values(), ids=NOTHING_CAME_OUT)
def test_what_gives_nothing_is_held(raw, reason):
    assert reason in gaps(inspected(raw, "x"))


def emptied() -> bytes:
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE x (y)")
    raw = bytes(database.serialize())
    database.close()
    return raw


def saved(workbook: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def blank_cells() -> bytes:
    cells = "".join(f'<row r="{n}"><c r="A{n}" t="inlineStr"><is><t></t></is></c><c r="B{n}" t="str"><v></v></c></row>' for n in range(1, 300))  # fmt: skip
    return replaced(
        PLAIN, "xl/worksheets/sheet1.xml", f"<worksheet {S}><sheetData>{cells}</sheetData></worksheet>"
    )


EMPTY = {
    "a book of empty texts": blank_cells(),
    "a book": saved(openpyxl.Workbook()),
    "an old book": compound.xls([]),
    "a sheet of OpenDocument": documents.odf("spreadsheet", "<office:spreadsheet><table:table table:name='x'/></office:spreadsheet>"),
    "a text of OpenDocument": documents.odf("text", "<office:text/>"),
    "a document": documents.docx(""),
    "a presentation": documents.pptx(),
    "a database": emptied(),
    "a page": b"<html><body></body></html>",
    "a list in JSON": b"[]",
}  # fmt: skip


@pytest.mark.parametrize("raw", EMPTY.values(), ids=EMPTY)
def test_what_is_empty_says_so_and_is_not_held(raw):
    leaves = list(unpack(Source(raw=raw, path=("x",), attachment=True), Budget()))
    assert reasons(leaves) == []
    assert any(isinstance(leaf, Text) for leaf in leaves)
