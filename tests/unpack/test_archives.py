"""Archives of every kind hold the same list: it is read, or there is a gap that says why not."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
import zlib

import cabarchive
import inflate64
import py7zr
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.model import Container, Gap, GapReason, Leaf, Table
from gateway.unpack import Budget, Source, unpack
from gateway.unpack._budget import BLOCK_BYTES, EFFORT, Unreadable
from gateway.unpack._zstd import zstd_decompressor
from tests.unpack.archive_samples import LZH, RAR_COMPRESSED, RAR_LOCKED, RAR_NAMES_LOCKED, RAR_STORED
from tests.unpack.mails import reads, reasons

CSV = ("氏名,電話\n" + "".join(f"山田太郎,090-0000-{n:04}\n" for n in range(40))).encode("cp932")
NAME = "名簿.csv"


def opened(raw: bytes, name: str = "x", budget: Budget | None = None) -> list[Leaf]:
    return list(unpack(Source(raw=raw, path=("x",), name=name, attachment=True), budget or Budget()))


def tables(leaves: list[Leaf]) -> list[tuple[str, ...]]:
    return [leaf.path for leaf in leaves if isinstance(leaf, Table) and leaf.frame.shape == (40, 2)]


def zipped(*, method: int = zipfile.ZIP_DEFLATED, raw: bytes = CSV, name: str = NAME) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr(name, raw)
    return out.getvalue()


def by_method(method: int, packed: bytes) -> bytes:
    """Make a ZIP by a method that zipfile cannot write."""
    name = b"list.csv"
    fields = (method, 0, 0, zlib.crc32(CSV), len(packed), len(CSV), len(name), 0)
    local = struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, 0, *fields) + name + packed
    directory = struct.pack("<4sHHHHHHIIIHHHHHII", b"PK\1\2", 20, 20, 0, *fields, 0, 0, 0, 0, 0) + name
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 1, 1, len(directory), len(local), 0)
    return local + directory + end


def deflated64(raw: bytes) -> bytes:
    deflater = inflate64.Deflater()
    packed: bytes = deflater.deflate(raw) + deflater.flush()
    return packed


def seven(**options) -> bytes:
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w", **options) as archive:
        archive.writestr(CSV, NAME)
    return out.getvalue()


def tarred(name: str = NAME, encoding: str = "utf-8", form: int = tarfile.PAX_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", encoding=encoding, format=form) as archive:
        member = tarfile.TarInfo(name)
        member.size = len(CSV)
        archive.addfile(member, io.BytesIO(CSV))
    return out.getvalue()


def old_tar() -> bytes:
    """Make a tar as before 1988: without signature."""
    raw = tarred("list.csv", form=tarfile.USTAR_FORMAT)
    header = raw[:148] + b" " * 8 + raw[156:257] + bytes(255)
    return header[:148] + b"%06o\0 " % sum(header) + header[156:] + raw[512:]


def cabinet() -> bytes:
    archive = cabarchive.CabArchive()
    archive["list.csv"] = cabarchive.CabFile(CSV)
    saved: bytes = archive.save(compress=True)
    return saved


def zstd(raw: bytes) -> bytes:
    module = __import__(type(zstd_decompressor()).__module__.rsplit("._", 1)[0], fromlist=["compress"])
    packed: bytes = module.compress(raw)
    return packed


READ = {
    "zip": zipped(),
    "zip, stored": zipped(method=zipfile.ZIP_STORED),
    "zip, bzip2": zipped(method=zipfile.ZIP_BZIP2),
    "zip, lzma": zipped(method=zipfile.ZIP_LZMA),
    "zip, deflate64": by_method(9, deflated64(CSV)),
    "zip, zstd": by_method(93, zstd(CSV)),
    "zip, xz": by_method(95, lzma.compress(CSV)),
    "7z": seven(),
    "7z, bzip2": seven(filters=[{"id": py7zr.FILTER_BZIP2}]),
    "7z, PPMd": seven(filters=[{"id": py7zr.FILTER_PPMD, "order": 6, "mem": 24}]),
    "7z, stored": seven(filters=[{"id": py7zr.FILTER_COPY}]),
    "tar": tarred(),
    "tar, old": old_tar(),
    "tar, GNU, CP932": tarred(encoding="cp932", form=tarfile.GNU_FORMAT),
    "tar.gz": gzip.compress(tarred()),
    "tar.bz2": bz2.compress(tarred()),
    "tar.xz": lzma.compress(tarred()),
    "tar.zst": zstd(tarred()),
    "gz": gzip.compress(CSV),
    "gz of two streams": gzip.compress(CSV[:100]) + gzip.compress(CSV[100:]),
    "bz2": bz2.compress(CSV),
    "xz": lzma.compress(CSV),
    "zst": zstd(CSV),
    "cab": cabinet(),
}


@pytest.mark.parametrize("raw", READ.values(), ids=READ)
def test_a_list_is_read_in_every_archive(raw):
    leaves = opened(raw)
    assert len(tables(leaves)) == 1
    assert reasons(leaves) == []


@pytest.mark.parametrize("raw", [LZH, RAR_STORED], ids=["lzh", "rar"])
def test_samples_of_other_programs_are_read(raw):
    if raw is LZH:
        pytest.importorskip("lhafile", reason="no wheel of lhafile for this machine")
    leaves = opened(raw)
    assert isinstance(leaves[0], Container) and not isinstance(leaves[1], Gap)


def test_names_are_japanese_in_each_of_their_encodings():
    for raw in (tarred(encoding="cp932", form=tarfile.GNU_FORMAT), seven(), zipped()):
        assert tables(opened(raw)) == [("x", NAME)]


def locked_names() -> bytes:
    return seven(password="secret", header_encryption=True)


HELD = {
    "7z with a password": (seven(password="secret"), "ENCRYPTED"),
    "7z with names locked": (locked_names(), "ENCRYPTED"),
    "7z cut off": (seven()[:-20], "CORRUPT"),
    "rar, compressed": (RAR_COMPRESSED, "UNKNOWN"),
    "rar with a password": (RAR_LOCKED, "ENCRYPTED"),
    "rar with names locked": (RAR_NAMES_LOCKED, "ENCRYPTED"),
    "gz cut off": (gzip.compress(CSV)[:-30], "CORRUPT"),
    "gz with something behind": (gzip.compress(CSV) + b"something else", "AMBIGUOUS"),
    "tar cut off": (tarred()[:700], "CORRUPT"),
    "tar behind its end": (tarred() + tarred(), "AMBIGUOUS"),
    "zip behind another": (zipped() + zipped(name="other.csv"), "AMBIGUOUS"),
    "zip with something before": (b"x" * 500 + zipped(), "AMBIGUOUS"),
    "zip with something behind": (zipped() + b"x" * 500, "AMBIGUOUS"),
    "zip behind a program": (b"MZ\x90\0\3\0" + bytes(600) + zipped(), "AMBIGUOUS"),
    "7z behind a program": (b"MZ\x90\0\3\0" + bytes(600) + seven(), "AMBIGUOUS"),
    "zip behind a picture": (b"\x89PNG\r\n\x1a\n" + bytes(600) + zipped(), "AMBIGUOUS"),
    "zip behind a PDF": (b"%PDF-1.7\n" + b"%" * 600 + b"\n" + zipped(), "AMBIGUOUS"),
    "zip behind a GIF": (b"GIF89a" + bytes(60) + zipped(), "AMBIGUOUS"),
    "cab cut off": (cabinet()[:-20], "CORRUPT"),
}


@pytest.mark.parametrize(("raw", "reason"), HELD.values(), ids=HELD)
def test_what_cannot_be_read_is_held_with_its_reason(raw, reason):
    assert reason in reasons(opened(raw))


@pytest.mark.parametrize("kind", ["program", "picture", "PDF", "GIF"])
def test_an_archive_behind_something_else_is_read_as_well(kind):
    assert tables(opened(next(raw for name, (raw, _) in HELD.items() if name == f"zip behind a {kind}")))


APPLEDOUBLE = b"\0\5\x16\7\0\2\0\0Mac OS X        " + bytes(40) + b"com.apple.quarantine"


def test_what_a_mac_leaves_in_a_zip_is_no_gap():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(NAME, CSV)
        archive.writestr(f"__MACOSX/._{NAME}", APPLEDOUBLE)
        archive.writestr(".DS_Store", b"\0\0\0\1Bud1" + bytes(50) + "山田太郎".encode("utf-16-be"))
    leaves = opened(out.getvalue())
    assert len(tables(leaves)) == 1 and reasons(leaves) == []
    assert reads(leaves, "com.apple.quarantine") and reads(leaves, "山田太郎")
    assert reasons(opened(APPLEDOUBLE + bytes(100_000))) == ["UNKNOWN"]


def test_an_empty_member_is_no_gap_but_an_empty_attachment_is():
    assert reasons(opened(zipped(raw=b""))) == []
    assert reasons(opened(b"")) == ["UNKNOWN"]


def zeros(count: int) -> bytes:
    return bytes(count)


def overlapping(count: int) -> bytes:
    """Make a ZIP whose members are all the same bytes."""
    packed = zlib.compress(zeros(1 << 20), 9)[2:-4]
    local = struct.pack(
        "<4sHHHHHIIIHH", b"PK\3\4", 20, 0, 8, 0, 0, zlib.crc32(zeros(1 << 20)), len(packed), 1 << 20, 1, 0
    )
    local += b"x" + packed
    entry = struct.pack(
        "<4sHHHHHHIIIHHHHHII",
        b"PK\1\2",
        20,
        20,
        0,
        8,
        0,
        0,
        zlib.crc32(zeros(1 << 20)),
        len(packed),
        1 << 20,
        1,
        0,
        0,
        0,
        0,
        0,
        0,
    )
    directory = (entry + b"x") * count
    return (
        local
        + directory
        + struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, count, count, len(directory), len(local), 0)
    )


BOMBS = {
    "zip": zipped(raw=zeros(60 << 20)),
    "gz": gzip.compress(zeros(60 << 20)),
    "gz in gz": gzip.compress(gzip.compress(zeros(60 << 20))),
    "bz2": bz2.compress(zeros(60 << 20)),
    "xz": lzma.compress(zeros(60 << 20)),
    "7z": None,
    "tar.gz": None,
    "overlapping": overlapping(100),
    "sparse tar": None,
}


def bomb(kind: str) -> bytes:
    match kind:
        case "7z":
            out = io.BytesIO()
            with py7zr.SevenZipFile(out, "w") as archive:
                archive.writestr(zeros(60 << 20), "x")
            return out.getvalue()
        case "tar.gz":
            out = io.BytesIO()
            with tarfile.open(fileobj=out, mode="w") as tar:
                member = tarfile.TarInfo("x")
                member.size = 60 << 20
                tar.addfile(member, io.BytesIO(zeros(member.size)))
            return gzip.compress(out.getvalue())
        case "sparse tar":
            out = io.BytesIO()
            with tarfile.open(fileobj=out, mode="w") as tar:
                member = tarfile.TarInfo("x")
                member.pax_headers = {"GNU.sparse.major": "0", "GNU.sparse.minor": "1", "GNU.sparse.name": "x",
                                      "GNU.sparse.size": str(1 << 40), "GNU.sparse.map": "0,0"}  # fmt: skip
                tar.addfile(member, io.BytesIO(b""))
            return out.getvalue()
    raw = BOMBS[kind]
    assert raw is not None
    return raw


@pytest.mark.parametrize("kind", BOMBS)
def test_a_bomb_is_a_gap(kind):
    found = reasons(opened(bomb(kind)))
    assert found and set(found) <= {"TOO_BIG", "AMBIGUOUS", "UNKNOWN", "CORRUPT"}
    assert "TOO_BIG" in found or kind == "overlapping"  # which an older Python finds CORRUPT


def test_members_that_are_too_big_are_unpacked_in_vain_only_so_often():
    budget, given = Budget(max_bytes=10), 0

    class Endless(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            nonlocal given
            given += size
            return bytes(size)

    for _ in range(1000):
        with pytest.raises(Unreadable):
            budget.read(Endless(), 1)
    assert given <= EFFORT + BLOCK_BYTES


def test_archives_in_each_other_end_somewhere():
    raw = CSV
    for _ in range(12):
        raw = gzip.compress(raw)
    assert [leaf.reason for leaf in opened(raw) if isinstance(leaf, Gap)] == [GapReason.TOO_DEEP]


SAMPLES = [
    zipped(),
    seven(),
    tarred(),
    gzip.compress(CSV),
    cabinet(),
    LZH,
    RAR_STORED,
    READ["zip, deflate64"],
]


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_a_damaged_archive_gives_leaves_or_gaps(data):
    raw = bytearray(data.draw(st.sampled_from(SAMPLES)))
    for _ in range(data.draw(st.integers(1, 8))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(raw)))
    for damaged in (bytes(raw), bytes(raw[:cut])):
        assert opened(damaged)
