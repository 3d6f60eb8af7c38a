"""Opening what mails carry: texts, tables, containers, and gaps where something could not be read."""

from __future__ import annotations

import io
import zipfile
from email.message import EmailMessage
from email.policy import SMTP

import openpyxl
import pytest
import pyzipper
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.model import Container, Gap, GapReason, Skeleton, Table, Text
from gateway.store.pieces import cut, join
from gateway.unpack import Budget, Source, structure, unpack
from tests.unpack.mails import unpack_mail

CSV = "氏名,メール,電話\n" + "".join(f"山田太郎,a{n}@example.jp,090-0000-{n:04}\n" for n in range(50))


def opened(raw: bytes, **hints) -> list:
    return list(unpack(Source(raw=raw, path=("x",), attachment=True, **hints), Budget()))


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in members.items():
            archive.writestr(name, raw)
    return out.getvalue()


def workbook(**cells: str) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    for place, value in cells.items():
        book.active[place] = value
    book.save(out)
    return out.getvalue()


def gaps(leaves: list) -> list[GapReason]:
    return [leaf.reason for leaf in leaves if isinstance(leaf, Gap)]


@pytest.mark.parametrize("encoding", ["cp932", "utf-8", "utf-8-sig", "euc_jp", "utf-16"])
def test_a_list_is_a_table_in_every_encoding(encoding):
    (table,) = opened(CSV.encode(encoding))
    assert isinstance(table, Table)
    assert (table.frame.shape, list(table.frame.columns), table.header) == (
        (50, 3),
        ["氏名", "メール", "電話"],
        True,
    )


def test_tabs_without_a_heading_are_a_table_all_the_same():
    (table,) = opened("\n".join(CSV.splitlines()[1:]).replace(",", "\t").encode("cp932"))
    assert (table.media_type, table.header, len(table.frame)) == ("text/tab-separated-values", False, 50)


def test_rows_of_other_lengths_are_kept():
    (table,) = opened(b"a,b\n1,2\n3,4,5\n6\n7,8\n9,10\n1,2\n1,2\n1,2\n1,2\n1,2\n")
    assert "5" in table.frame.to_csv()


def test_an_open_quote_hides_nothing():
    leaves = opened(('a,b\n1,2\n3,"' + "x" * 70_000 + "\n4,090-0000-0000\n").encode())
    assert any(isinstance(leaf, Text) and "090-0000-0000" in leaf.content for leaf in leaves)


def test_a_zip_is_a_zip_whatever_it_calls_itself():
    leaves = opened(
        zipped(**{"list.csv": CSV.encode("cp932")}), name="report.pdf", declared="application/pdf"
    )
    assert [type(leaf) for leaf in leaves] == [Container, Table]


def test_names_in_cp932_are_read():
    raw = bytearray(zipped(**{"xxxxxx.csv": CSV.encode()}))
    cp932 = "名簿表".encode("cp932")
    for _ in range(2):
        place = raw.index(b"xxxxxx.csv")
        raw[place : place + 6] = cp932
    assert opened(bytes(raw))[1].path == ("x", "名簿表.csv")


def test_a_zip_in_a_zip_is_opened():
    leaves = opened(zipped(**{"in.zip": zipped(**{"list.csv": CSV.encode()})}))
    assert leaves[-1].path == ("x", "in.zip", "list.csv")


def test_nesting_without_end_is_a_gap():
    raw = CSV.encode()
    for _ in range(12):
        raw = zipped(**{"next.zip": raw})
    assert gaps(opened(raw)) == [GapReason.TOO_DEEP]


def test_more_than_the_budget_is_a_gap():
    raw = zipped(zeros=bytes(10_000_000))
    leaves = list(unpack(Source(raw=raw, path=("x",), attachment=True), Budget(max_bytes=1_000_000)))
    assert gaps(leaves) == [GapReason.TOO_BIG]


def encrypted() -> bytes:
    out = io.BytesIO()
    with pyzipper.AESZipFile(out, "w", encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(b"secret")
        archive.writestr("list.csv", CSV)
    return out.getvalue()


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", GapReason.UNKNOWN),
        (bytes(range(256)) * 20, GapReason.UNKNOWN),
        (b"%PDF-1.7\n" + b"x" * 100, GapReason.CORRUPT),
        (zipped(a=b"x" * 1000)[:-30], GapReason.CORRUPT),
        (b"PK\x03\x04 nothing", GapReason.CORRUPT),
        (b"stray bytes before it" + zipped(a=b"hello, text"), GapReason.AMBIGUOUS),
        (encrypted(), GapReason.ENCRYPTED),
        (workbook(XFD1048576="far away"), GapReason.TOO_BIG),
    ],
    ids=["empty", "noise", "pdf", "cut off", "no zip", "prepended", "encrypted", "far-away cell"],
)
def test_what_cannot_be_read_is_a_gap_with_its_reason(raw, reason):
    assert gaps(opened(raw)) == [reason]


def test_a_workbook_is_a_table_and_a_telephone_number_no_float():
    leaves = opened(workbook(A1="氏名", B1="電話", A2="山田", B2=9012345678, A3="佐藤", B3=312345678))
    assert [leaf.frame.iloc[0, 1] for leaf in leaves if isinstance(leaf, Table)] == ["9012345678"]


def test_html_keeps_words_whole_and_cells_apart():
    rows = "".join(f"<tr><td>山<b>田</b>{n}</td><td>03-0000-000{n}</td></tr>" for n in range(6))
    leaves = opened(f"<html><body><p>お知らせ</p><table>{rows}</table></body></html>".encode())
    assert "山田0\t03-0000-0000" in leaves[0].content
    assert leaves[1].frame.shape == (6, 2)


def letter() -> bytes:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = "a@example.jp", "山田太郎 <b@example.jp>", "名簿"
    message.set_content("こんにちは\n")
    message.add_alternative("<p>こんにちは</p>", subtype="html")
    message.add_attachment(
        zipped(**{"list.csv": CSV.encode("cp932") * 40}),
        maintype="application",
        subtype="zip",
        filename="名簿.zip",
    )
    return message.as_bytes()


def test_a_mail_is_opened_to_its_leaves():
    leaves = list(unpack_mail(letter(), Budget()))
    assert [type(leaf).__name__ for leaf in leaves] == ["Text", "Text", "Container", "Table", "Text"]
    assert [leaf.path for leaf in leaves[-2:]] == [("名簿.zip", "list.csv"), ("(header)",)]


def test_a_mail_has_the_same_structure_with_and_without_its_blobs():
    raw = letter().replace(b"\r\n\r\n", b"\r\n\r\n", 1)
    whole, (skeleton, _) = structure(Skeleton(raw=raw)), cut(raw)
    assert [leaf.path for leaf in structure(skeleton).leaves] == [leaf.path for leaf in whole.leaves]
    assert structure(skeleton).headers.addresses("to") == (("山田太郎", "b@example.jp"),)


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--y\r\n\r\nhello\r\n",
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x--\r\n--x\r\n\r\nhello\r\n",
        b"Content-Transfer-Encoding: base64\r\nContent-Transfer-Encoding: 7bit\r\n\r\naGVsbG8=\r\n",
        b"Content-Transfer-Encoding: base64\r\n\r\naGV!sbG8\r\n",
    ],
    ids=["boundary not there", "closed first", "two encodings", "damaged base64"],
)
def test_what_two_readers_might_read_in_two_ways_is_a_gap_besides(head):
    found = gaps(list(unpack_mail(b"Subject: x\r\n" + head, Budget())))
    assert {GapReason.CORRUPT, GapReason.AMBIGUOUS} & set(found)


def test_two_thousand_multiparts_in_each_other_are_a_gap_and_no_crash():
    raw = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(2000)
    )
    assert GapReason.TOO_DEEP in gaps(list(unpack_mail(raw, Budget())))


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=2000))
def test_unpacking_never_raises(noise):
    opened(noise)
    opened(b"PK\x03\x04" + noise)
    list(unpack_mail(noise, Budget()))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_damaged_archive_never_raises(data):
    raw = bytearray(zipped(a=b"hello" * 50, b=CSV.encode()))
    for _ in range(data.draw(st.integers(1, 6))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    opened(bytes(raw))


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [b"\r\n--x", b"\r\n\r\n", b"--", b"a" * 9000, b"Content-Type: text/plain\r\n", b"b", b"\r\n"]
        )
    )
)
def test_cutting_and_joining_give_the_same_bytes(pieces):
    raw = b"".join(pieces)
    skeleton, blobs = cut(raw)
    assert join(skeleton, {blob.digest: blob.raw for blob in blobs}) == raw
    assert skeleton.length == len(raw)
