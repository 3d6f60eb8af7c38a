"""PDF: what no page shows is read where it says how to reach somebody, and letters that cannot be read are no text."""

from __future__ import annotations

import zlib

import pytest

from tests.unpack import documents
from tests.unpack.counting import gaps, inspected, people
from tests.unpack.documents import PEOPLE, pdf
from tests.unpack.test_documents import PICTURE, opened, reasons

LINES = [" ".join(person) for person in PEOPLE]
CATALOG = "<</Type/Catalog/Pages 2 0 R{}>>"
XMP = "<?xpacket begin=''?><x:xmpmeta xmlns:x='adobe:ns:meta/'><x>" + "\n".join(LINES) + "</x></x:xmpmeta>"
XFA = "<xfa:datasets xmlns:xfa='x'>" + documents.as_xml().decode().partition("?>")[2] + "</xfa:datasets>"


def marked(text: str) -> str:
    return f"<FEFF{text.encode('utf-16-be').hex()}>"


def stream(content: str | bytes, more: str = "") -> str:
    raw = (content if isinstance(content, bytes) else content.encode()).decode("latin-1")
    return f"<<{more}/Length {len(raw)}>>stream\n{raw}\nendstream"


def flated(content: str, more: str = "") -> str:
    return stream(zlib.compress(content.encode()), more + "/Filter/FlateDecode")


def annotated(kind: str, each) -> bytes:
    notes = {200 + n: f"<</Type/Annot/Subtype/{kind}/Rect[0 0 9 9]{each(n)}>>" for n in range(len(LINES))}
    return pdf([["x"]], notes, f"/Annots[{' '.join(f'{n} 0 R' for n in notes)}]")


def shown(codec: str = "utf-16-be") -> str:
    lines = "".join(
        f"1 0 0 1 40 {800 - 20 * n} Tm <{line.encode(codec).hex()}> Tj\n" for n, line in enumerate(LINES)
    )
    return f"BT /F 10 Tf {lines}ET\n"


def in_encoding(encoding: str, codec: str) -> bytes:
    font = f"<</Type/Font/Subtype/Type0/BaseFont/Ryumin-Light/Encoding/{encoding}/DescendantFonts[4 0 R]>>"
    return pdf([[]], {3: font, 101: stream(shown(codec))})


CSV = documents.as_csv()
STAMP = "<</Type/Annot/Subtype/Stamp/Rect[0 0 595 842]/AP<</N 201 0 R>>>>"
FILE = "<</Type/Annot/Subtype/FileAttachment/Rect[0 0 9 9]/FS<</Type/Filespec/F(a.csv)/EF<</F 201 0 R>>>>>>"
HIDDEN = "/OCProperties<</OCGs[200 0 R]/D<</OFF[200 0 R]>>>>"
PLACES = {
    "notes": annotated("Text", lambda n: f"/Contents{marked(LINES[n])}"),
    "fields": annotated("Widget", lambda n: f"/FT/Tx/T(a)/V{marked(LINES[n])}"),
    "choices of a field": annotated("Widget", lambda n: f"/FT/Ch/T(a)/Opt[{marked(LINES[n])}]"),
    "where links lead": annotated("Link", lambda n: f"/A<</S/URI/URI(mailto:{PEOPLE[n][3]})>>"),
    "a stamp": pdf([["x"]], {200: STAMP, 201: stream(shown(), "/Type/XObject/Subtype/Form/BBox[0 0 595 842]/Resources<</Font<</F 3 0 R>>>>")}, "/Annots[200 0 R]"),
    "a file on a page": pdf([["x"]], {200: FILE, 201: stream(CSV)}, "/Annots[200 0 R]"),
    "a file of the document": pdf([["x"]], {1: CATALOG.format("/AF[200 0 R]"), 200: "<</EF<</F 201 0 R>>>>", 201: stream(CSV, "/Type/EmbeddedFile")}),
    "properties": pdf([["x"]], {1: CATALOG.format("/Metadata 200 0 R"), 200: stream(XMP, "/Type/Metadata")}),
    "properties that are packed": pdf([["x"]], {1: CATALOG.format("/Metadata 200 0 R"), 200: flated(XMP)}),
    "a form in XML": pdf([["x"]], {1: CATALOG.format("/AcroForm<</XFA[(datasets) 200 0 R]>>"), 200: flated(XFA)}),
    "a script": pdf([["x"]], {1: CATALOG.format(f"/OpenAction<</S/JavaScript/JS{marked(str(LINES))}>>")}),
    "a layer that is off": pdf([[]], {1: CATALOG.format(HIDDEN), 101: stream(f"/OC /L BDC {shown()} EMC"),
        100: "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 101 0 R/Resources<</Font<</F 3 0 R>>/Properties<</L 200 0 R>>>>>>", 200: "<</Type/OCG/Name(x)>>"}),
    "white letters": pdf([[]], {101: stream("1 1 1 rg " + shown())}),
    "letters that are not drawn": pdf([[]], {101: stream("3 Tr " + shown())}),
    **{encoding: in_encoding(encoding, codec) for encoding, codec in (
        ("90ms-RKSJ-H", "cp932"), ("90msp-RKSJ-H", "cp932"), ("90ms-RKSJ-V", "cp932"), ("EUC-H", "euc_jp"), ("UniJIS-UCS2-H", "utf-16-be"))},
}  # fmt: skip


@pytest.mark.parametrize("raw", PLACES.values(), ids=PLACES)
def test_people_are_counted_wherever_they_stand(raw):
    read = inspected(raw, "x.pdf")
    assert people(read) == len(PEOPLE)
    assert gaps(read) == []


PACKED = zlib.compress(zlib.compress(zlib.compress(b" " * (64 << 20))))
HELD = {
    "letters that are shapes of a font which is not there": (in_encoding("UniJIS-UTF8-H", "utf-8"), "UNKNOWN"),
    "a form in XML that is not there": (pdf([["x"]], {1: CATALOG.format("/AcroForm<</XFA 200 0 R>>")}), "UNKNOWN"),
    "a file behind a filter": (pdf([["x"]], {200: FILE, 201: stream(b"x", "/Filter/LZWDecode")}, "/Annots[200 0 R]"), "UNKNOWN"),
    "a stream packed three times": (pdf([[]], {101: stream(PACKED, "/Filter[/FlateDecode/FlateDecode/FlateDecode]")}), "TOO_BIG"),
    "a scan in stripes": (pdf([[]], {101: stream("".join(f"q 595 0 0 40 0 {40 * n} cm /I Do Q " for n in range(20))), 300: PICTURE,
        100: "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 101 0 R/Resources<</XObject<</I 300 0 R>>>>>>"}), "IMAGE"),
    "letters drawn as one line": (pdf([[]], {101: stream(" ".join(f"{n % 500} {n} m {n % 500 + 1} {n} l" for n in range(800)) + " S")}), "IMAGE"),
}  # fmt: skip


@pytest.mark.parametrize(("raw", "reason"), HELD.values(), ids=HELD)
def test_what_cannot_be_read_is_held(raw, reason):
    assert reasons(opened(raw)) == [reason]


PLAIN = {
    "an empty page": pdf([[]]),
    "properties of a program": pdf([["x"]], {1: CATALOG.format("/Metadata 200 0 R"), 200: stream(XMP.partition("<x>")[0], "/Type/Metadata")}),
    "a logo beside a text": pdf([["x"]], {101: stream("q 60 0 0 60 0 0 cm /I Do Q " + shown()), 300: PICTURE,
        100: "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 101 0 R/Resources<</XObject<</I 300 0 R>>/Font<</F 3 0 R>>>>>>"}),
}  # fmt: skip


@pytest.mark.parametrize("raw", PLAIN.values(), ids=PLAIN)
def test_what_hides_nothing_is_not_held(raw):
    leaves = opened(raw)
    assert reasons(leaves) == []
    assert len(leaves) == 2
