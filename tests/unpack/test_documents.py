"""Documents of every kind hold the same list: it is a table; and what stands beside the run of a document is read, too."""

from __future__ import annotations

import io
import sqlite3
import struct
import zlib

import openpyxl
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msoffcrypto.format.ooxml import OOXMLFile
from openpyxl.comments import Comment

from gateway.model import Gap, Leaf, Table, Text
from gateway.unpack import Budget, Source, unpack
from tests.unpack import compound, documents
from tests.unpack.documents import HEADING, PEOPLE, TEXTS
from tests.unpack.mails import reads, reasons

SECRET = "山田太郎 090-0000-1234"


def opened(raw: bytes, name: str = "x") -> list[Leaf]:
    return list(unpack(Source(raw=raw, path=("x",), name=name, attachment=True), Budget()))


TABLES = {**documents.TABLES, "xls": compound.xls(documents.ROWS)}


@pytest.mark.parametrize("kind", TABLES)
def test_a_list_is_a_table_whatever_it_comes_in(kind):
    leaves = opened(TABLES[kind], f"list.{kind}")
    (table,) = [leaf for leaf in leaves if isinstance(leaf, Table)]
    cells = [[cell for cell in row if cell] for row in table.frame.to_numpy().tolist()]
    if kind == "vcf":  # its fields come in their own order
        cells = [row[1:] for row in cells]
    assert [sorted(row) for row in cells] == [sorted(row) for row in PEOPLE]
    assert table.header and (kind == "vcf" or [one for one in table.frame.columns if one] == list(HEADING))
    assert reasons(leaves) == []


@pytest.mark.parametrize("kind", TEXTS)
def test_a_list_without_cells_is_a_text_with_a_line_each(kind):
    (text,) = [leaf for leaf in opened(TEXTS[kind]) if isinstance(leaf, Text)]
    lines = [line.split() for line in text.content.splitlines()]
    assert [" ".join(person).split() in lines for person in PEOPLE] == [True] * len(PEOPLE)


def book(change) -> bytes:
    workbook, out = openpyxl.Workbook(), io.BytesIO()
    workbook.active["A1"] = "品番"
    change(workbook)
    workbook.save(out)
    return out.getvalue()


def hidden_sheet(workbook) -> None:
    workbook.create_sheet("裏")["B7"] = SECRET
    workbook["裏"].sheet_state = "hidden"


def very_hidden_sheet(workbook) -> None:
    workbook.create_sheet("裏")["B7"] = SECRET
    workbook["裏"].sheet_state = "veryHidden"


def comment(workbook) -> None:
    workbook.active["A1"].comment = Comment(SECRET, "x")


def header(workbook) -> None:
    workbook.active.oddHeader.center.text = SECRET


def title(workbook) -> None:
    workbook.properties.title = SECRET


def hidden_column(workbook) -> None:
    workbook.active["D1"] = SECRET
    workbook.active.column_dimensions["D"].hidden = True


def choice(workbook) -> None:
    from openpyxl.worksheet.datavalidation import DataValidation

    workbook.active.add_data_validation(DataValidation(type="list", formula1=f'"{SECRET}"', sqref="A2"))


def with_part(raw: bytes, name: str, part: bytes | str) -> bytes:
    import zipfile

    out = io.BytesIO(raw)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, part)
    return out.getvalue()


PLAIN = book(lambda workbook: None)
S = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
ENTRY = f"{documents.paragraph(SECRET)}"
MARK = f"<w:comment w:author='x'>{ENTRY}</w:comment>"
BOX = f"<a:sp><a:txBody><a:p><a:r><a:t>{SECRET}</a:t></a:r></a:p></a:txBody></a:sp>"
BESIDE = {
    "a hidden sheet": book(hidden_sheet),
    "a very hidden sheet": book(very_hidden_sheet),
    "a hidden column": book(hidden_column),
    "a comment of a cell": book(comment),
    "a header of a sheet": book(header),
    "a title": book(title),
    "a list of choices": book(choice),
    "a text box on a sheet": with_part(PLAIN, "xl/drawings/drawing9.xml", f'<xdr:x xmlns:xdr="x" {documents.A}>{BOX}</xdr:x>'),
    "a string that no cell has": with_part(
        PLAIN.replace(b"xl/sharedStrings.xml", b"xl/sharedStringz.xml"), "xl/sharedStrings.xml",
        f"<sst {S}><si><t>品番</t></si><si><r><t>{SECRET[:3]}</t></r><r><t>{SECRET[3:]}</t></r></si></sst>"),
    "a cache of a pivot table": with_part(
        PLAIN, "xl/pivotCache/pivotCacheRecords1.xml", f'<pivotCacheRecords {S}><r><s v="{SECRET}"/></r></pivotCacheRecords>'),
    "a cache of another book": with_part(
        PLAIN, "xl/externalLinks/externalLink1.xml", f"<externalLink {S}><cell><v>{SECRET}</v></cell></externalLink>"),
    "a book in a book": with_part(PLAIN, "xl/embeddings/book.xlsx", book(lambda workbook: workbook.active.append([SECRET]))),
    "a file in a book": with_part(PLAIN, "list.txt", SECRET * 3),
    "a tracked change": documents.docx(f"<w:p><w:del><w:r><w:delText>{SECRET}</w:delText></w:r></w:del></w:p>"),
    "a text box": documents.docx(f"<w:p><w:r><w:txbxContent>{ENTRY}</w:txbxContent></w:r></w:p>"),
    "a description of a picture": documents.docx(f'<w:p><w:r><w:docPr descr="{SECRET}"/></w:r></w:p>'),
    "a word in pieces": documents.docx("<w:p>" + "".join(f"<w:r><w:t xml:space='preserve'>{one}</w:t></w:r>" for one in SECRET) + "</w:p>"),
    "a comment": documents.docx("", **{"word/comments.xml": f"<w:comments {documents.W}>{MARK}</w:comments>"}),
    "a header": documents.docx("", **{"word/header1.xml": f"<w:hdr {documents.W}>{ENTRY}</w:hdr>"}),
    "a footnote": documents.docx("", **{"word/footnotes.xml": f"<w:x {documents.W}><w:footnote>{ENTRY}</w:footnote></w:x>"}),
    "custom data": documents.docx("", **{"customXml/item1.xml": f"<list>{SECRET}</list>"}),
    "a comment in XML": documents.docx(f"<!-- {SECRET} -->"),
    "notes of a slide": documents.pptx(**{"ppt/notesSlides/notesSlide1.xml": documents.slide(BOX)}),
    "a comment on a slide": documents.pptx(**{"ppt/comments/comment1.xml": f"<p:cm {documents.A}><p:text>{SECRET}</p:text></p:cm>"}),
    "a master of slides": documents.pptx(**{"ppt/slideMasters/slideMaster1.xml": documents.slide(BOX)}),
    "a remark in a table": documents.odf("spreadsheet", "<office:spreadsheet><table:table table:name='x'><table:table-row><table:table-cell>"
        f"<office:annotation><text:p>{SECRET}</text:p></office:annotation></table:table-cell></table:table-row></table:table></office:spreadsheet>"),
    "an OpenDocument text": documents.odf("text", f"<office:text><text:p>{SECRET[:3]}<text:span>{SECRET[3:]}</text:span></text:p></office:text>"),
    "a note on a PDF": documents.pdf([["x"]], {20: f"<</Type/Annot/Subtype/Text/Rect[0 0 9 9]/Contents<FEFF{SECRET.encode('utf-16-be').hex()}>>>"},
        "/Annots[20 0 R]"),
    "a form in a PDF": documents.pdf([["x"]], {20: "<</Type/Annot/Subtype/Widget/FT/Tx/T(name)/Rect[0 0 9 9]"
        f"/V<FEFF{SECRET.encode('utf-16-be').hex()}>>>"}, "/Annots[20 0 R]"),
    "a header of an RTF": rb"{\rtf1\ansi\ansicpg932{\header " + "".join(f"\\'{byte:02x}" for byte in SECRET.encode("cp932")).encode() + rb"\par}x}",
    "a box in an RTF": rb"{\rtf1\ansi{\shp{\*\shpinst{\shptxt \uc0" + "".join(f"\\u{ord(one)} " for one in SECRET).encode() + rb"}}}x}",
    "an RTF in Unicode": rb"{\rtf1\ansi\uc1 " + "".join(f"\\u{ord(one)}?" for one in SECRET).encode() + rb"}",
    "a list in JSON in a list": b'{"a": {"b": ["x", {"c": "%s"}]}}' % SECRET.encode(),
    "a key that comes twice": b'[{"a": "%s", "a": 1}, {"a": 2}]' % SECRET.encode(),
    "a comment in a list in XML": f"<l><!-- {SECRET} --><r><a>1</a><b>2</b></r><r><a>1</a><b>2</b></r></l>".encode(),
    "an old vCard": b"BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=SHIFT_JIS;ENCODING=QUOTED-PRINTABLE:=8E=52=93=63=91=BE=\r\n"
                    b"=98=59\r\nTEL;CELL:090-0000-1234\r\nEND:VCARD\r\nBEGIN:VCARD\r\nN:x\r\nEND:VCARD\r\n",
    "a calendar": f"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:{SECRET[:6]}\r\n {SECRET[6:]}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n".encode(),
    "a comment in an old book": compound.xls([("品番",)], comment=SECRET),
    "a header in an old book": compound.xls([("品番",)], header=SECRET),
    "an old Word document": compound.doc(f"拝啓\r{SECRET}\r"),
    "an old presentation": compound.ppt(SECRET),
    "a letter of Outlook": compound.msg("x", SECRET, "x.txt", b"hello, reader"),
    "an attachment of a letter of Outlook": compound.msg("x", "y", "x.txt", SECRET.encode()),
    "a mailbox": b"".join(b"From a@example.jp Sat Nov 21 10:00:00 2026\r\nFrom: a@example.jp\r\nSubject: x\r\n\r\n" + text + b"\r\n\r\n"
                          for text in (b"x", SECRET.encode(), b"y")),
}  # fmt: skip


@pytest.mark.parametrize("raw", BESIDE.values(), ids=BESIDE)
def test_what_stands_beside_is_read(raw):
    leaves = opened(raw)
    assert all(reads(leaves, word) for word in SECRET.split())


def test_an_attachment_of_a_pdf_is_opened():
    document = pypdfium2.PdfDocument(documents.pdf([["x"]]))
    document.new_attachment("名簿.csv").set_data(TABLES["csv"])
    out = io.BytesIO()
    document.save(out)
    document.close()
    tables = [leaf for leaf in opened(out.getvalue()) if isinstance(leaf, Table)]
    assert [table.path for table in tables] == [("x", "名簿.csv")]


def test_a_blob_in_a_database_is_opened():
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE files (name, raw)")
    database.execute("INSERT INTO files VALUES ('x', ?)", (TABLES["xlsx"],))
    database.commit()
    leaves = opened(bytes(database.serialize()))
    database.close()
    assert any(isinstance(leaf, Table) and leaf.frame.shape == (30, 5) for leaf in leaves)


def locked(raw: bytes) -> bytes:
    out = io.BytesIO()
    OOXMLFile(io.BytesIO(raw)).encrypt("secret", out)
    return out.getvalue()


def flated(raw: bytes) -> str:
    packed = zlib.compress(raw, 9)
    return f"<</Length {len(packed)}/Filter/FlateDecode>>stream\n{packed.decode('latin-1')}\nendstream"


def png(width: int, height: int, text: bytes = b"") -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I4s", len(body), kind) + body + struct.pack(">I", zlib.crc32(kind + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress((b"\0" * (width + 1)) * height))
    texts = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(text)) if text else b""
    return b"\x89PNG\r\n\x1a\n" + head + texts + pixels + chunk(b"IEND", b"")


PICTURE = "<</Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8/Length 1>>stream\nx\nendstream"
LOCK = f"<</Filter/Standard/V 1/R 2/P -4/O<{'00' * 32}>/U<{'11' * 32}>>>"
ENTITIES = '<!DOCTYPE x [<!ENTITY a "' + "x" * 50 + '"><!ENTITY b "' + "&a;" * 50 + '">]>'
HELD = {
    "a locked book": (locked(PLAIN), "ENCRYPTED"),
    "a locked text": (locked(documents.docx(ENTRY)), "ENCRYPTED"),
    "a locked PDF": (documents.pdf([["x"]], {30: LOCK}), "ENCRYPTED"),
    "a PDF of a picture": (
        documents.pdf([[]], {21: PICTURE, 101: "<</Length 25>>stream\nq 595 0 0 842 0 0 cm /I Do Q\nendstream"}, "").replace(
            b"/Resources<<", b"/Resources<</XObject<</I 21 0 R>>"), "IMAGE"),
    "a picture in a text": (documents.docx("", **{"word/media/image1.png": b"\x89PNG\r\n\x1a\n" + bytes(60)}), "IMAGE"),
    "a picture in a book": (with_part(PLAIN, "xl/media/image1.png", b"\x89PNG\r\n\x1a\n" + bytes(60)), "IMAGE"),
    "macros": (with_part(PLAIN, "xl/vbaProject.bin", compound.compound({"VBA/dir": bytes(600), "PROJECT": b"ID=x"})), "UNKNOWN"),
    "a sheet that the book does not list": (
        with_part(PLAIN, "xl/worksheets/sheet9.xml", f"<worksheet {S}><sheetData/></worksheet>"), "AMBIGUOUS"),
    "entities in a text": (documents.package(**{"[Content_Types].xml": documents.TYPES, "word/document.xml": f"{ENTITIES}<x>&b;</x>"}),
        "AMBIGUOUS"),
    "a text that is no XML": (documents.package(**{"[Content_Types].xml": documents.TYPES, "word/document.xml": "<w:p>"}), "CORRUPT"),
    "a book that says two things": (b"x" * 100 + PLAIN, "AMBIGUOUS"),
    "a cut PDF": (TEXTS["pdf"][:300], "CORRUPT"),
    "a damaged database": (TABLES["sqlite"][:4096] + b"\xff" * 4096, "CORRUPT"),
    "a far-away cell in single quotes": (
        with_part(PLAIN, "xl/worksheets/sheet9.xml", f"<worksheet {S}><c r='A1'/><c r = 'XFD1048576'/></worksheet>"), "TOO_BIG"),
    "few cells far apart": (book(lambda workbook: workbook.active.__setitem__("Z1000000", "x")), "TOO_BIG"),
    "a page of a million lines": (documents.pdf([["x"]], {60: flated(b"(x) Tj " * 4_000_000)}), "TOO_BIG"),
    "a picture": (png(400, 300), "IMAGE"),
    "something behind a picture": (png(16, 16) + b"x" * 100, "AMBIGUOUS"),
    "a locked Word document": (compound.doc(SECRET, encrypted=True), "ENCRYPTED"),
    "a locked presentation": (compound.ppt(SECRET, encrypted=True), "ENCRYPTED"),
    "a compound file of nobody": (compound.compound({"Contents": b"x" * 600}), "UNKNOWN"),
    "no rich text to the end": (TABLES["rtf"][:-1], "AMBIGUOUS"),
}  # fmt: skip


@pytest.mark.parametrize(("raw", "reason"), HELD.values(), ids=HELD)
def test_what_cannot_be_read_is_held_with_its_reason(raw, reason):
    assert reason in reasons(opened(raw))


def test_an_icon_is_no_gap_but_what_it_says_is_read():
    leaves = opened(png(16, 16, SECRET.encode()))
    assert reasons(leaves) == [] and reads(leaves, SECRET)
    assert reads(opened(png(400, 300, SECRET.encode())), SECRET)


SAMPLES = [raw for name, raw in {**TABLES, **TEXTS}.items() if name not in ("csv", "tsv", "txt")]
SAMPLES += [compound.doc(SECRET), compound.ppt(SECRET), compound.msg("x", SECRET, "x.csv", TABLES["csv"])]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_damaged_document_gives_leaves_or_gaps(data):
    raw = bytearray(data.draw(st.sampled_from(SAMPLES)))
    for _ in range(data.draw(st.integers(1, 8))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    for damaged in (bytes(raw), bytes(raw[: data.draw(st.integers(1, len(raw)))])):
        assert all(isinstance(leaf, Gap) or leaf.path for leaf in opened(damaged))


def test_a_parser_in_rust_that_panics_leaves_a_gap():
    raw = bytearray(TABLES["xls"])
    raw[537] = 0xFF  # an offset far behind the end
    assert reasons(opened(bytes(raw))) == ["CORRUPT"]


def test_a_letter_of_outlook_names_its_attachment():
    (table,) = [
        one for one in opened(compound.msg("x", "y", "名簿.csv", TABLES["csv"])) if isinstance(one, Table)
    ]
    assert table.path == ("x", "名簿.csv")
