"""What calls itself something else is said; what is called by another usual name is not."""

from __future__ import annotations

import io
import tomllib
import zipfile
from importlib.resources import files

import pytest

from gateway.model import Claim, Leaf
from gateway.unpack import Budget, Source, unpack
from gateway.unpack._claims import untrue_claim
from gateway.unpack._media_type import (
    APPLEDOUBLE,
    DOCX,
    ENCRYPTED_OFFICE,
    HTML,
    MSG,
    OCTETS,
    PDF,
    PPTX,
    RAR,
    TEXT,
    XLS,
    XLSX,
    ZIP,
)
from tests.unpack.documents import as_csv, as_pdf, as_xlsx
from tests.unpack.mails import in_base64, multipart, part, whole

LIES = [
    # name, declared type, what the bytes are, what it is called
    ("請求書.pdf", "application/pdf", ZIP, Claim.PDF),
    ("請求書.PDF ", None, ZIP, Claim.PDF),
    ("dir/請求書.pdf", OCTETS, XLSX, Claim.PDF),
    ("list.csv", "application/pdf", "text/csv", Claim.PDF),
    ("list.pdf", "text/csv", "text/csv", Claim.PDF),
    ("写真.jpg", "image/jpeg", ZIP, Claim.IMAGE),
    ("写真.jpg", "image/jpeg", "text/csv", Claim.IMAGE),
    ("readme.txt", TEXT, ZIP, Claim.TEXT),
    ("readme.txt", TEXT, XLSX, Claim.TEXT),
    ("notes.docx", DOCX, XLSX, Claim.DOCUMENT),
    ("slides.pptx", None, ZIP, Claim.PRESENTATION),
    ("list.xlsx", XLSX, ZIP, Claim.SPREADSHEET),
    ("list.xlsx", "application/vnd.ms-excel", PDF, Claim.SPREADSHEET),
    ("archive.zip", ZIP, "application/x-dosexec", Claim.ARCHIVE),
    ("song.mp3", None, "text/csv", Claim.RECORDING),
    (None, "image/png", "text/csv", Claim.IMAGE),
    (None, "application/ms-tnef", ZIP, Claim.TNEF),
    ("smime.p7m", "application/pkcs7-mime", ZIP, Claim.SIGNED),
    ("letter.eml", None, ZIP, Claim.MAIL),
]
HARMLESS = [
    ("list.csv", "application/vnd.ms-excel", "text/csv"),
    ("list.csv", TEXT, "text/csv"),
    ("list.csv", OCTETS, "text/csv"),
    ("list.csv", "application/csv", TEXT),
    ("list.txt", "text/csv", TEXT),
    ("export.xls", "application/vnd.ms-excel", HTML),
    ("export.xls", "application/vnd.ms-excel", "text/tab-separated-values"),
    ("old.xls", "application/vnd.ms-excel", XLSX),
    ("new.xlsx", XLSX, XLS),
    ("letter.doc", "application/msword", "application/rtf"),
    ("letter.doc", "application/msword", DOCX),
    ("letter.docx", ZIP, DOCX),
    ("letter.docx", "application/x-zip-compressed", DOCX),
    ("list.xlsx", OCTETS, ENCRYPTED_OFFICE),
    ("slides.pptx", OCTETS, PPTX),
    ("photo.jpg", "image/pjpeg", "image/png"),
    ("photo.heic", "image/heic", "image/jpeg"),
    ("archive.zip", ZIP, RAR),
    ("archive.lzh", "application/x-lzh-compressed", "application/x-lzh"),
    ("backup.tar.gz", "application/x-gzip", "application/gzip"),
    ("data.json", "application/json", TEXT),
    ("data.yaml", "application/yaml", "application/yaml"),
    ("data.txt", TEXT, "application/yaml"),
    ("card.vcf", "text/x-vcard", "text/vcard"),
    ("page.html", "text/html", "message/rfc822"),
    ("mail.msg", "application/vnd.ms-outlook", MSG),
    ("mail.eml", OCTETS, TEXT),
    ("winmail.dat", "application/ms-tnef", "application/ms-tnef"),
    ("__MACOSX/._請求書.pdf", None, APPLEDOUBLE),
    ("broken.pdf", "application/pdf", OCTETS),  # a gap says so
    ("list.zi_", None, ZIP),
    ("v1.2 final", None, ZIP),
    (None, TEXT, ZIP),  # text/plain is what a header without a type means
    (None, None, ZIP),
    ("", "", TEXT),
]


@pytest.mark.parametrize(("name", "declared", "media_type", "claim"), LIES)
def test_a_wrong_name_or_type_is_a_claim(name, declared, media_type, claim):
    assert untrue_claim(name, declared, media_type) is claim


@pytest.mark.parametrize(("name", "declared", "media_type"), HARMLESS)
def test_another_usual_name_is_no_claim(name, declared, media_type):
    assert untrue_claim(name, declared, media_type) is None


def test_the_table_speaks_of_every_claim_and_says_nothing_twice():
    table = tomllib.loads((files("gateway.unpack") / "claims.toml").read_text("utf-8"))
    assert table.keys() - {"silent"} == set(Claim)
    for words in ("endings", "declared"):
        said = [word for claim in Claim for word in table[claim][words]]
        assert len(said) == len(set(said)) and said == [word.lower() for word in said]


def claims(leaves: list[Leaf]) -> dict[tuple[str, ...], str]:
    return {leaf.path: leaf.claimed for leaf in leaves if leaf.claimed is not None}


def opened(raw: bytes, name: str) -> list[Leaf]:
    return list(unpack(Source(raw=raw, path=(name,), name=name, attachment=True), Budget()))


def in_zip(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, raw in members.items():
            archive.writestr(name.replace("_", "."), raw)
    return out.getvalue()


def test_a_zip_that_calls_itself_pdf_is_opened_and_said():
    leaves = opened(in_zip(list_csv=as_csv()), "請求書.pdf")
    assert claims(leaves) == {("請求書.pdf",): Claim.PDF}
    assert ("請求書.pdf", "list.csv") in {leaf.path for leaf in leaves}


def test_members_are_compared_too():
    leaves = opened(in_zip(photo_jpg=as_xlsx(), invoice_pdf=as_pdf(), list_csv=as_csv()), "a.zip")
    assert claims(leaves) == {("a.zip", "photo.jpg"): Claim.IMAGE}


def test_what_cannot_be_read_is_compared_too():
    assert claims(opened(b"MZ" + bytes(62) + b"PE\0\0" + bytes(200), "請求書.pdf")) == {
        ("請求書.pdf",): Claim.PDF
    }


def test_the_header_of_a_mail_is_compared():
    raw = multipart(
        part("Content-Type: text/plain", body="see attached"),
        part(
            'Content-Type: application/pdf; name="a"',
            "Content-Transfer-Encoding: base64",
            body=in_base64(as_xlsx()),
        ),
        part(
            'Content-Type: application/vnd.ms-excel; name="a.csv"',
            "Content-Transfer-Encoding: base64",
            body=in_base64(as_csv()),
        ),
    )
    assert claims(whole(raw)) == {("a",): Claim.PDF}
