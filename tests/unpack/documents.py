"""The same list of made-up people in every dress that a list comes in."""

from __future__ import annotations

import csv
import html
import io
import json
import sqlite3
import zipfile
from xml.sax.saxutils import escape

import openpyxl

HEADING = ("氏名", "フリガナ", "電話番号", "メール", "住所")
SURNAMES = ("山田", "佐藤", "鈴木", "高橋", "田中", "渡辺", "伊藤", "中村", "小林", "加藤")
KANA = (
    "ヤマダ",
    "サトウ",
    "スズキ",
    "タカハシ",
    "タナカ",
    "ワタナベ",
    "イトウ",
    "ナカムラ",
    "コバヤシ",
    "カトウ",
)
PEOPLE = [
    (
        f"{SURNAMES[n % 10]} {given}",
        f"{KANA[n % 10]} {reading}",
        f"090-0000-{1000 + n}",
        f"person{n}@example.jp",
        f"東京都千代田区千代田{n + 1}-1",
    )
    for n in range(30)
    for given, reading in [(("太郎", "タロウ"), ("花子", "ハナコ"), ("次郎", "ジロウ"))[n // 10]]
]
ROWS = [HEADING, *PEOPLE]


def as_csv(delimiter: str = ",") -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows(ROWS)
    return out.getvalue().encode("cp932")


def as_xlsx() -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in ROWS:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def package(**parts: str | bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in parts.items():
            archive.writestr(name, raw)
    return out.getvalue()


TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{escape(text[:2])}</w:t></w:r><w:r><w:t>{escape(text[2:])}</w:t></w:r></w:p>"


def docx(body: str, **parts: str | bytes) -> bytes:
    document = f'<?xml version="1.0"?><w:document {W}><w:body>{body}</w:body></w:document>'
    return package(**{"[Content_Types].xml": TYPES, "word/document.xml": document, **parts})


def as_docx() -> bytes:
    rows = ("".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in row) for row in ROWS)
    return docx("<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in rows) + "</w:tbl>")


def slide(body: str) -> str:
    return f'<?xml version="1.0"?><p:sld {A}><p:cSld>{body}</p:cSld></p:sld>'


def pptx(**parts: str | bytes) -> bytes:
    return package(
        **{"[Content_Types].xml": TYPES, "ppt/presentation.xml": f"<p:presentation {A}/>", **parts}
    )


def as_pptx() -> bytes:
    rows = (
        "".join(f"<a:tc><a:p><a:r><a:t>{escape(cell)}</a:t></a:r></a:p></a:tc>" for cell in row)
        for row in ROWS
    )
    table = "<a:tbl>" + "".join(f"<a:tr>{row}</a:tr>" for row in rows) + "</a:tbl>"
    return pptx(**{"ppt/slides/slide1.xml": slide(table)})


OFFICE = "urn:oasis:names:tc:opendocument:xmlns:"
ODF = f'xmlns:office="{OFFICE}office:1.0" xmlns:table="{OFFICE}table:1.0" xmlns:text="{OFFICE}text:1.0"'


def odf(kind: str, body: str) -> bytes:
    content = f'<?xml version="1.0"?><office:document-content {ODF} office:version="1.2"><office:body>{body}</office:body></office:document-content>'
    manifest = (
        f'<manifest:manifest xmlns:manifest="{OFFICE}manifest:1.0">'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
    )
    return package(
        mimetype=f"application/vnd.oasis.opendocument.{kind}",
        **{"content.xml": content, "META-INF/manifest.xml": manifest},
    )


def odf_table(more: str = "") -> str:
    cells = (
        "".join(
            f'<table:table-cell office:value-type="string"><text:p>{escape(cell)}</text:p></table:table-cell>'
            for cell in row
        )
        for row in ROWS
    )
    rows = "".join(f"<table:table-row>{row}</table:table-row>" for row in cells)
    return f'<table:table table:name="名簿">{rows}{more}</table:table>'


def as_ods() -> bytes:
    tail = '<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    return odf("spreadsheet", f"<office:spreadsheet>{odf_table(tail)}</office:spreadsheet>")


def as_odt() -> bytes:
    return odf("text", f"<office:text>{odf_table()}</office:text>")


def as_html() -> bytes:
    rows = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}" for cell in row) for row in ROWS)
    return f"<html><body><table>{rows}</table>".encode()


def records() -> list[dict[str, str]]:
    return [dict(zip(HEADING, row, strict=True)) for row in PEOPLE]


def as_json() -> bytes:
    return json.dumps({"count": 30, "members": records()}, ensure_ascii=False, indent=1).encode()


def as_jsonl() -> bytes:
    return "\n".join(json.dumps(one) for one in records()).encode()


def as_xml() -> bytes:
    rows = "".join(
        f"<member>{''.join(f'<{key}>{escape(value)}</{key}>' for key, value in one.items())}</member>"
        for one in records()
    )
    return f'<?xml version="1.0" encoding="UTF-8"?><list><title>x</title><members>{rows}</members></list>'.encode()


def as_sql() -> bytes:
    tuples = ",\n".join(
        "(" + ",".join("'" + cell.replace("'", "''") + "'" for cell in row) + ")" for row in PEOPLE
    )
    columns = ", ".join(f"`{one}`" for one in HEADING)
    return f"CREATE TABLE members (id int);\nINSERT INTO `members` ({columns}) VALUES\n{tuples};\nCOMMIT;\n".encode()


def as_copy() -> bytes:
    lines = "\n".join("\t".join(row) for row in PEOPLE)
    return f"COPY public.members ({', '.join(HEADING)}) FROM stdin;\n{lines}\n\\.\n".encode()


def as_sqlite() -> bytes:
    database = sqlite3.connect(":memory:")
    columns = ", ".join(f'"{one}"' for one in HEADING)
    database.execute(f"CREATE TABLE members ({columns})")
    database.executemany("INSERT INTO members VALUES (?, ?, ?, ?, ?)", PEOPLE)
    database.commit()
    raw = bytes(database.serialize())
    database.close()
    return raw


def as_vcards() -> bytes:
    cards = (
        f"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:{name}\r\nSORT-STRING:{kana}\r\nTEL;TYPE=CELL:{phone}\r\n"
        f"EMAIL:{mail}\r\nADR:;;{address};;;;\r\nEND:VCARD\r\n"
        for name, kana, phone, mail, address in PEOPLE
    )
    return "".join(cards).encode()


def as_rtf() -> bytes:
    def cell(text: str) -> str:
        return "".join(f"\\'{byte:02x}" for byte in text.encode("cp932"))

    rows = "".join("\\trowd " + "".join(f"{cell(one)}\\cell " for one in row) + "\\row\n" for row in ROWS)
    return f"{{\\rtf1\\ansi\\ansicpg932{{\\fonttbl{{\\f0\\fcharset128 MS Gothic;}}}}\\f0 {rows}}}".encode(
        "ascii"
    )


def pdf(pages: list[list[str]], more: dict[int, str] | None = None, page_more: str = "") -> bytes:
    """Write a PDF with a Japanese font that every reader has, in UTF-16 (UniJIS-UTF16-H)."""
    objects: dict[int, bytes] = {
        1: b"<</Type/Catalog/Pages 2 0 R"
        + (b"/AcroForm<</Fields[20 0 R]>>" if more and 20 in more else b"")
        + b">>",
        3: b"<</Type/Font/Subtype/Type0/BaseFont/Ryumin-Light/Encoding/UniJIS-UTF16-H/DescendantFonts[4 0 R]>>",
        4: b"<</Type/Font/Subtype/CIDFontType0/BaseFont/Ryumin-Light"
        b"/CIDSystemInfo<</Registry(Adobe)/Ordering(Japan1)/Supplement 6>>/DW 1000/FontDescriptor 5 0 R>>",
        5: b"<</Type/FontDescriptor/FontName/Ryumin-Light/Flags 4/FontBBox[0 -200 1000 900]/ItalicAngle 0"
        b"/Ascent 800/Descent -200/CapHeight 700/StemV 80>>",
    }
    kids = []
    for number, lines in enumerate(pages):
        page, content = 100 + 2 * number, 101 + 2 * number
        kids.append(f"{page} 0 R")
        shown = "".join(
            f"1 0 0 1 40 {800 - 20 * row} Tm <{line.encode('utf-16-be').hex()}> Tj\n"
            for row, line in enumerate(lines)
        )
        stream = f"BT /F 10 Tf\n{shown}ET\n".encode()
        objects[page] = (
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents {content} 0 R/Resources<</Font<</F 3 0 R>>>>{page_more}>>"
        ).encode()
        objects[content] = b"<</Length %d>>stream\n%bendstream" % (len(stream), stream)
    objects[2] = f"<</Type/Pages/Kids[{' '.join(kids)}]/Count {len(kids)}>>".encode()
    for number, body in (more or {}).items():
        objects[number] = body.encode("latin-1")
    out = bytearray(b"%PDF-1.7\n")
    places = {}
    for number in sorted(objects):
        places[number] = len(out)
        out += b"%d 0 obj\n%b\nendobj\n" % (number, objects[number])
    start = len(out)
    out += b"xref\n0 1\n0000000000 65535 f \n"
    for number in sorted(places):
        out += b"%d 1\n%010d 00000 n \n" % (number, places[number])
    encrypt = b"/Encrypt 30 0 R/ID[<00><00>]" if more and 30 in more else b""
    out += b"trailer<</Size 500/Root 1 0 R" + encrypt + b">>\nstartxref\n%d\n%%%%EOF\n" % start
    return bytes(out)


def as_pdf() -> bytes:
    lines = [" ".join(row) for row in ROWS]
    return pdf([lines[:20], lines[20:]])


def as_text() -> bytes:
    return "\n".join("  ".join(row) for row in ROWS).encode("cp932")


TABLES = {
    "csv": as_csv(),
    "tsv": as_csv("\t"),
    "xlsx": as_xlsx(),
    "docx": as_docx(),
    "pptx": as_pptx(),
    "ods": as_ods(),
    "odt": as_odt(),
    "html": as_html(),
    "json": as_json(),
    "jsonl": as_jsonl(),
    "xml": as_xml(),
    "sql": as_sql(),
    "copy": as_copy(),
    "sqlite": as_sqlite(),
    "vcf": as_vcards(),
    "rtf": as_rtf(),
}
TEXTS = {"pdf": as_pdf(), "txt": as_text()}
