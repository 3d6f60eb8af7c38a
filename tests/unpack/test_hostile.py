"""What is made to be passed over, or to take for ever: it is read, or it is a gap."""

from __future__ import annotations

import binascii
import io
import time
import zipfile

import pytest

import detectors
from gateway.model import Gap, GapReason, Table
from gateway.unpack import Budget, Source, read_headers, unpack
from tests.unpack.documents import as_xlsx
from tests.unpack.mails import part, reads, reasons, whole

SECRET = "山田太郎 090-0000-1234"


def opened(raw: bytes, **hints) -> list:
    return list(unpack(Source(raw=raw, path=("x",), attachment=True, **hints), Budget()))


PAGES = {
    "3,000 divs deep": "<html>" + "<div>" * 3000 + SECRET,
    "300,000 divs deep": "<html>" + "<div>" * 300_000 + SECRET,
    "tables in tables": "<html>" + "<table><tr><td>" * 3000 + SECRET,
    "a quote never closed": f"<html><p title='x>{SECRET}</p>",
    "a comment never closed": f"<html><!-- <p>{SECRET}</p>",
    "a comment in a comment": f"<html><!-- <!-- <p>{SECRET}</p> -->",
    "a script never closed": f"<html><script>list = '{SECRET}'",
    "a hidden block": f"<html><div style='display:none'>{SECRET}</div>",
    "an attribute": f'<html><img alt="{SECRET}">',
    "another attribute": f'<html><b data-x="{SECRET}">',
    "a style": f"<html><style>p:after {{ content: '{SECRET}' }}</style>",
    "a frame": f'<html><iframe srcdoc="&lt;p>{SECRET}&lt;/p>">',
    "a template": f"<html><template><p>{SECRET}</template>",
    "no page at all": f"<p {SECRET}",
    "NULs between": "<html><p>" + "\0".join(SECRET),
    "entities": "<html><p>" + "".join(f"&#{ord(character)};" for character in SECRET),
}


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_a_page_hides_nothing(page):
    leaves = opened(page.encode(), declared="text/html", name="page.html")
    assert reads(leaves, SECRET) or all(reads(leaves, word) for word in SECRET.split())


def test_a_page_of_data_uris_is_opened():
    raw = binascii.b2a_base64(SECRET.encode() * 3, newline=False).decode()
    assert reads(opened(f'<html><a href="data:text/plain;base64,{raw}">x</a>'.encode()), SECRET)


def test_a_folder_with_something_in_it_is_a_file():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(zipfile.ZipInfo("folder/"), SECRET * 10)
    assert reads(opened(out.getvalue()), SECRET)


def uuencoded(raw: bytes, end: str = "`\r\nend\r\n") -> str:
    lines = [binascii.b2a_uu(raw[at : at + 45]).decode().rstrip("\n") for at in range(0, len(raw), 45)]
    return "begin 644 list.txt\r\n" + "\r\n".join(lines) + "\r\n" + end


@pytest.mark.parametrize("end", ["`\r\nend\r\n", ""], ids=["whole", "cut off"])
def test_a_uuencoded_file_in_a_letter_is_read(end):
    letter = "お送りします。\r\n" + uuencoded((SECRET + "\n").encode() * 20, end)
    leaves = whole(part("Subject: x", "To: a@example.jp", "Content-Type: text/plain", body=letter))
    assert reads(leaves, SECRET)
    assert reasons(leaves) == ([] if end else ["CORRUPT"])


ADDRESSES = {
    "200,000 of them": ", ".join(f"山田 <a{n}@example.jp>" for n in range(200_000)),
    "open brackets": "(" * 400_000 + "a@example.jp",
    "open quotes": '"' * 400_001 + "a@example.jp",
    "open angles": "<" * 400_000,
    "backslashes": "\\" * 400_001,
    "brackets in brackets": "(" * 100_000 + ")" * 100_000 + " a@example.jp",
    "groups": "a:" * 200_000 + ";" * 200_000,
    "encoded words": "=?utf-8?q?" * 100_000 + " <a@example.jp>",
}


@pytest.mark.parametrize("value", ADDRESSES.values(), ids=ADDRESSES)
def test_reading_an_address_list_made_to_be_slow_ends(value):
    headers = read_headers(part(f"To: {value}"))
    assert all("\n" not in address for _, address in headers.addresses("to"))


def test_an_address_in_any_dress_is_found():
    header = part(
        'To: =?utf-8?b?5bGx55Sw?= <a@example.jp>, b@example.jp (鈴木 (一郎)), "x, y" <c@example.jp>;'
    )
    assert read_headers(header).addresses("to") == (
        ("山田", "a@example.jp"),
        ("鈴木 (一郎)", "b@example.jp"),
        ("x, y", "c@example.jp"),
    )


def test_more_members_than_anybody_packs_are_a_gap():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(50):
            archive.writestr(f"{number}.txt", f"品番 {number}")
    leaves = list(unpack(Source(raw=out.getvalue(), path=("x",), attachment=True), Budget(max_members=20)))
    assert [leaf.reason for leaf in leaves if isinstance(leaf, Gap)] == [GapReason.TOO_BIG]


def test_reading_end_tags_that_end_nothing_ends():
    leaves = opened(f"<html>{'<b>' * 100_000}{SECRET}{'</i>' * 100_000}".encode())
    assert reads(leaves, SECRET) and reasons(leaves) == ["TOO_DEEP"]


def test_a_sheet_that_is_packed_too_well_is_not_given_to_what_unpacks_without_end():
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(as_xlsx())) as book,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bomb,
    ):
        for name in book.namelist():
            raw = book.read(name)
            if name.endswith("sheet1.xml"):
                raw = raw.replace(b"<sheetData>", b"<sheetData>" + b" " * (32 << 20))
            bomb.writestr(name, raw)
    leaves = opened(out.getvalue())
    assert "TOO_BIG" in reasons(leaves) and not any(isinstance(leaf, Table) for leaf in leaves)


def test_what_is_packed_too_well_ends_soon():
    raw = b"x" * (20 << 20)
    for _ in range(3):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(16):
                archive.writestr(f"{number}.bin", raw)
        raw = out.getvalue()
    started = time.process_time()
    assert "TOO_BIG" in reasons(opened(raw))
    assert time.process_time() - started < 10


def test_what_seems_many_identifiers_on_one_line_is_read_in_one_pass():
    started = time.process_time()
    assert detectors.scan_text("a@" * 500_000) == []
    assert time.process_time() - started < 10  # a pass for each would take minutes
