"""What is locked opens by the password that fits and by no other; without one it is ENCRYPTED, its names are read all the same."""

from __future__ import annotations

import hashlib
import io
import random
import struct
import zipfile
from collections.abc import Callable

import olefile
import py7zr
import pytest
import pyzipper
from Cryptodome.Cipher import ARC4
from hypothesis import given, settings
from hypothesis import strategies as st
from msoffcrypto.format.ooxml import OOXMLFile
from msoffcrypto.format.xls97 import Xls97File
from msoffcrypto.method.rc4 import _makekey

from gateway.model import Gap, GapReason, Leaf, Table, Text
from gateway.unpack import Budget, Passwords, Source, unpack
from tests.unpack import compound, documents

RIGHT = "7さくら-Kx9!"
ROWS = "氏名,電話\n" + "".join(f"山田太郎,090-0000-{n:04}\n" for n in range(40))
CSV = ROWS.encode("cp932")
NAME = "山田太郎様_名簿.csv"


def opened(raw: bytes, *candidates: str, effort: int = 20_000) -> list[Leaf]:
    budget = Budget(passwords=Passwords(candidates=candidates, effort=effort))
    return list(unpack(Source(raw=raw, path=("x",), name="x", attachment=True), budget))


def reasons(leaves: list[Leaf]) -> list[GapReason]:
    return [leaf.reason for leaf in leaves if isinstance(leaf, Gap)]


def aes(password: str = RIGHT, raw: bytes = CSV, *, encoding: str = "utf-8", name: str = NAME) -> bytes:
    out = io.BytesIO()
    with pyzipper.AESZipFile(out, "w", zipfile.ZIP_DEFLATED, encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(password.encode(encoding))
        archive.writestr(name, raw)
    return out.getvalue()


def zip_crypto(
    password: str = RIGHT, raw: bytes = CSV, *, encoding: str = "utf-8", name: str = NAME
) -> bytes:
    """Make what Python cannot write: a stored member under ZipCrypto (APPNOTE 6.1)."""
    plain = io.BytesIO()
    with zipfile.ZipFile(plain, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name), raw)
        member = archive.infolist()[0]
    keys = zip_keys(password.encode(encoding))
    head = bytes(11) + bytes([member.CRC >> 24])
    locked = bytes(keys(byte) for byte in head + raw)
    made = plain.getvalue()
    start = 30 + len(name.encode())
    local = bytearray(made[:start] + locked + made[start + len(raw) :])
    directory = made.find(b"PK\x01\x02") + 12
    for at in (6, directory + 8):
        local[at] |= 1
    for at in (18, directory + 20):
        local[at : at + 4] = len(locked).to_bytes(4, "little")
    end = local.rfind(b"PK\x05\x06")
    local[end + 16 : end + 20] = directory.to_bytes(4, "little")
    return bytes(local)


def zip_keys(password: bytes) -> Callable[[int], int]:
    table = list(range(256))
    for _ in range(8):
        table = [(n >> 1) ^ (0xEDB88320 if n & 1 else 0) for n in table]
    keys = [0x12345678, 0x23456789, 0x34567890]

    def update(byte: int) -> None:
        keys[0] = (keys[0] >> 8) ^ table[(keys[0] ^ byte) & 0xFF]
        keys[1] = ((keys[1] + (keys[0] & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
        keys[2] = (keys[2] >> 8) ^ table[(keys[2] ^ (keys[1] >> 24)) & 0xFF]

    def encrypt(byte: int) -> int:
        mask = keys[2] | 2
        update(byte)
        return byte ^ ((mask * (mask ^ 1)) >> 8 & 0xFF)

    for byte in password:
        update(byte)
    return encrypt


def seven(password: str = RIGHT, raw: bytes = CSV, *, names_too: bool = False, stored: bool = False) -> bytes:
    out = io.BytesIO()
    copied = [{"id": py7zr.FILTER_COPY}, {"id": py7zr.FILTER_CRYPTO_AES256_SHA256}]
    filters = copied if stored else None
    with py7zr.SevenZipFile(
        out, "w", password=password, filters=filters, header_encryption=names_too
    ) as archive:
        archive.writestr(raw, NAME)
    return out.getvalue()


def office(password: str = RIGHT) -> bytes:
    out = io.BytesIO()
    plain = documents.docx(
        documents.paragraph("電話 090-0000-0001"),
        **{"word/media/noise.bin": random.Random(1).randbytes(9000)},
    )
    OOXMLFile(io.BytesIO(plain)).encrypt(password, out)
    return out.getvalue()


PAD = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")


def pdf(password: str = "Kx9-secret") -> bytes:
    """Make a PDF whose user password this is (ISO 32000-1, 7.6.3: algorithms 2 and 4)."""
    key = hashlib.md5((password.encode() + PAD)[:32] + bytes(32) + b"\xfc\xff\xff\xff" + b"\0").digest()[:5]
    user = ARC4.new(key).encrypt(PAD)
    lock = f"<</Filter/Standard/V 1/R 2/P -4/O<{'00' * 32}>/U<{user.hex()}>>>"
    return documents.pdf([["x"]], {30: lock})


LOCKED = {
    "ZIP by AES": aes(),
    "ZIP by AES, the password in CP932": aes(encoding="cp932"),
    "ZIP by ZipCrypto": zip_crypto(),
    "ZIP by ZipCrypto, the password in CP932": zip_crypto(encoding="cp932"),
    "7z": seven(),
    "7z, stored": seven(stored=True),
    "7z with names": seven(names_too=True),
    "Office": office(),
}
VISIBLE = [name for name in LOCKED if name not in ("7z with names", "Office")]


@pytest.mark.parametrize("name", LOCKED)
def test_the_password_that_fits_opens(name):
    leaves = opened(LOCKED[name], "wrong", "", RIGHT, "別のパスワード")
    assert GapReason.ENCRYPTED not in reasons(leaves)
    if name == "Office":
        assert any(isinstance(leaf, Text) and "090-0000-0001" in leaf.content for leaf in leaves)
    else:
        assert [leaf.frame.shape for leaf in leaves if isinstance(leaf, Table)] == [(40, 2)]


@pytest.mark.parametrize("name", LOCKED)
def test_without_the_right_password_it_is_encrypted(name):
    for candidates in ((), ("wrong", "", "7さくら-Kx9", RIGHT.lower(), RIGHT + " ")):
        leaves = opened(LOCKED[name], *candidates)
        assert set(reasons(leaves)) == {GapReason.ENCRYPTED}
        assert not any(isinstance(leaf, Table) for leaf in leaves)


@settings(max_examples=300, deadline=None)
@given(st.text(min_size=1, max_size=20).filter(lambda password: password != RIGHT))
def test_a_wrong_password_never_opens(password):
    for name in ("ZIP by AES", "ZIP by ZipCrypto"):
        assert set(reasons(opened(LOCKED[name], password))) == {GapReason.ENCRYPTED}


@settings(max_examples=15, deadline=None)
@given(st.text(min_size=1, max_size=20).filter(lambda password: password != RIGHT))
def test_a_wrong_password_never_opens_what_takes_long(password):
    for name in ("7z", "7z, stored", "7z with names", "Office"):
        assert set(reasons(opened(LOCKED[name], password))) == {GapReason.ENCRYPTED}


def test_passwords_whose_check_byte_is_right_do_not_open_zip_crypto():
    """Of 3,000 wrong ones a dozen pass the check byte; the checksum over the content stops them."""
    raw = zip_crypto(raw=b"x")
    wrong = [f"wrong{n}" for n in range(3000)]
    assert set(reasons(opened(raw, *wrong))) == {GapReason.ENCRYPTED}
    assert reasons(opened(raw, *wrong, RIGHT)) == []


@pytest.mark.parametrize("name", VISIBLE)
@pytest.mark.parametrize("candidates", [(), (RIGHT,)], ids=["locked", "opened"])
def test_names_inside_what_is_locked_are_read(name, candidates):
    texts = [leaf.content for leaf in opened(LOCKED[name], *candidates) if isinstance(leaf, Text)]
    assert texts[:1] == [NAME]


def test_members_may_have_passwords_of_their_own():
    out = io.BytesIO()
    with pyzipper.AESZipFile(out, "w", encryption=pyzipper.WZ_AES) as archive:
        for number in range(4):
            archive.setpassword(b"odd" if number % 2 else b"even")
            archive.writestr(f"{number}.csv", CSV)
    leaves = opened(out.getvalue(), "odd", "even")
    assert reasons(leaves) == [] and sum(isinstance(leaf, Table) for leaf in leaves) == 4
    leaves = opened(out.getvalue(), "odd")
    assert len(reasons(leaves)) == 2 and sum(isinstance(leaf, Table) for leaf in leaves) == 2


def test_a_lock_within_a_lock_opens_by_its_own_password():
    inner = seven(password="inner")
    assert reasons(opened(aes(raw=inner, name="inner.7z"), RIGHT, "inner")) == []
    assert reasons(opened(aes(raw=inner, name="inner.7z"), RIGHT)) == [GapReason.ENCRYPTED]


def test_trying_ends_when_it_has_cost_enough():
    wrong = [f"wrong{n}" for n in range(40)]
    assert reasons(opened(aes(), *wrong, RIGHT, effort=20)) == [GapReason.ENCRYPTED]
    assert reasons(opened(seven(), *wrong, RIGHT, effort=2000)) == [GapReason.ENCRYPTED]
    assert reasons(opened(aes(), *wrong, RIGHT, effort=50)) == []


def test_a_member_of_nothing_tells_nothing_of_a_password():
    assert reasons(opened(zip_crypto(raw=b""), RIGHT)) == [GapReason.ENCRYPTED]


def test_a_pdf_opens_by_its_password_alone():
    assert reasons(opened(pdf(), "wrong", "Kx9-secre")) == [GapReason.ENCRYPTED]
    assert GapReason.ENCRYPTED not in reasons(opened(pdf(), "wrong", "Kx9-secret"))


def test_what_excel_opens_without_asking_is_no_lock():
    assert GapReason.ENCRYPTED not in reasons(opened(office("VelvetSweatshop")))


def test_a_locked_bomb_is_too_big():
    raw = aes(raw=bytes(100 << 20))
    assert reasons(opened(raw, RIGHT)) == [GapReason.TOO_BIG]


def locked_xls(password: str) -> bytes:
    """Lock a workbook of Excel 97 by RC4 (MS-OFFCRYPTO, 2.3.6): what unlocks it also locks it, but for the record that says so."""
    salt, verifier = b"s" * 16, b"v" * 16
    cipher = ARC4.new(_makekey(password, salt, 0))
    check = cipher.encrypt(verifier) + cipher.encrypt(hashlib.md5(verifier).digest())
    file_pass = struct.pack("<HHHHH", 0x2F, 54, 1, 1, 1) + salt + check
    plain = compound.workbook(
        [("氏名", "電話"), *((f"山田{n}郎", f"090-0000-{n:04}") for n in range(40))], file_pass
    )
    document = Xls97File(io.BytesIO(compound.compound({"Workbook": plain})))
    document.load_key(password=password)
    out = io.BytesIO()
    document.decrypt(out)
    with olefile.OleFileIO(out.getvalue()) as storage:
        stream = storage.openstream("Workbook").read()
    at = plain.index(file_pass)
    return compound.compound({"Workbook": stream[:at] + file_pass + stream[at + len(file_pass) :]})


def test_a_workbook_of_old_opens_by_its_password_alone():
    raw = locked_xls(RIGHT)
    assert reasons(opened(raw, "wrong")) == [GapReason.ENCRYPTED]
    leaves = opened(raw, "wrong", RIGHT)
    assert [leaf.frame.shape for leaf in leaves if isinstance(leaf, Table)] == [(40, 2)]
    assert reasons(leaves) == []
