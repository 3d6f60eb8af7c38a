"""The list of made-up people in dresses that no library here writes: XLSB, a PDF with cells; and what it is sent in."""

from __future__ import annotations

import io
import struct
import zipfile
from email.message import EmailMessage

import py7zr

from tests.unpack import documents
from tests.unpack.documents import ROWS

TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
BOOK = "application/vnd.ms-excel.sheet.binary.macroEnabled.main"


def _record(number: int, body: bytes = b"") -> bytes:
    """Write a record ([MS-XLSB], 2.1.4): number and length in seven bits a byte."""
    kind = bytes([number]) if number < 0x80 else bytes([number & 0x7F | 0x80, number >> 7])
    length = len(body)
    size = b""
    while length >= 0x80:
        size, length = size + bytes([length & 0x7F | 0x80]), length >> 7
    return kind + size + bytes([length]) + body


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def as_xlsb() -> bytes:
    sheet = (
        _record(129) + _record(148, struct.pack("<4I", 0, len(ROWS) - 1, 0, len(ROWS[0]) - 1)) + _record(145)
    )
    for number, row in enumerate(ROWS):
        sheet += _record(0, struct.pack("<IIHBBB", number, 0, 300, 0, 0, 0) + bytes(4))
        sheet += b"".join(_record(6, struct.pack("<II", at, 0) + _wide(cell)) for at, cell in enumerate(row))
    sheet += _record(146) + _record(130)
    listed = _record(156, struct.pack("<II", 0, 1) + _wide("rId1") + _wide("名簿"))
    book = _record(131) + _record(143) + listed + _record(144) + _record(132)
    return documents.package(
        **{
            "[Content_Types].xml": f'<Types xmlns="{TYPES}"><Default Extension="bin" ContentType="{BOOK}"/></Types>',
            "_rels/.rels": f'<Relationships xmlns="{RELATIONS}"><Relationship Id="rId1" Type="{OFFICE}/officeDocument"'
            ' Target="xl/workbook.bin"/></Relationships>',
            "xl/workbook.bin": book,
            "xl/_rels/workbook.bin.rels": f'<Relationships xmlns="{RELATIONS}"><Relationship Id="rId1" Type="{OFFICE}/worksheet"'
            ' Target="worksheets/sheet1.bin"/></Relationships>',
            "xl/worksheets/sheet1.bin": sheet,
        }
    )  # fmt: skip


def as_pdf_table() -> bytes:
    """Write a page with each cell at its place, as word processors do."""
    shown = "".join(
        f"1 0 0 1 {20 + 110 * at} {800 - 20 * down} Tm <{cell.encode('utf-16-be').hex()}> Tj\n"
        for down, row in enumerate(ROWS)
        for at, cell in enumerate(row)
    )
    stream = f"BT /F 9 Tf\n{shown}ET\n"
    return documents.pdf([[]], {101: f"<</Length {len(stream)}>>stream\n{stream}endstream"})


def in_zip(raw: bytes, name: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, raw)
    return out.getvalue()


def in_7z(raw: bytes, name: str) -> bytes:
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w") as archive:
        archive.writef(io.BytesIO(raw), name)
    return out.getvalue()


def in_lzh(raw: bytes, name: str) -> bytes:
    """Write an LZH with a stored member and a header of level 0."""
    shown = name.encode("cp932")
    fields = b"-lh0-" + struct.pack("<IIIBBB", len(raw), len(raw), 0, 0x20, 0, len(shown)) + shown
    head = fields + struct.pack("<H", _crc16(raw))
    return bytes([len(head), sum(head) & 0xFF]) + head + raw + b"\0"


def _crc16(raw: bytes) -> int:
    table = []
    for start in range(256):
        value = start
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
        table.append(value)
    crc = 0
    for byte in raw:
        crc = crc >> 8 ^ table[(crc ^ byte) & 0xFF]
    return crc


def in_eml(raw: bytes, name: str) -> bytes:
    """Write a mail that carries the ZIP of it."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@example.jp", "b@example.jp", "x"
    mail.set_content("添付のとおりです。\n")
    mail.add_attachment(in_zip(raw, name), maintype="application", subtype="zip", filename="x.zip")
    return mail.as_bytes()


def in_tnef(raw: bytes, name: str) -> bytes:
    """Write a winmail.dat ([MS-OXTNEF], 2.1.3): a level, an attribute, its length, its bytes and their sum."""

    def attribute(level: int, number: int, body: bytes) -> bytes:
        return struct.pack("<BII", level, number, len(body)) + body + struct.pack("<H", sum(body) & 0xFFFF)

    return (
        struct.pack("<IH", 0x223E9F78, 1)
        + attribute(1, 0x00089006, struct.pack("<I", 0x00010000))
        + attribute(2, 0x00069002, bytes(14))
        + attribute(2, 0x00018010, name.encode("cp932") + b"\0")
        + attribute(2, 0x0006800F, raw)
    )
