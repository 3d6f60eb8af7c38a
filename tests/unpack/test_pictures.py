"""Pictures: what they show is read where the extra `ocr` is installed; else what has room for a list is a gap."""

from __future__ import annotations

import struct
import zlib

import pytest

from gateway.inspection.jobs import DOCUMENT_READ, ReadDocument, Sought
from gateway.inspection.sandbox import Sandbox, limits_of
from gateway.model import Gap, GapReason, Table, Text
from gateway.settings import InspectSettings
from gateway.unpack import Budget, Source, unpack
from gateway.unpack._image_size import size_of
from gateway.unpack._rows import Line, rows_of
from tests.unpack import pictures
from tests.unpack.counting import LIMITS, inspected, people
from tests.unpack.documents import PEOPLE, ROWS

FEW = [PEOPLE[number] for number in (0, 3, 7)]
ENTRIES = [(name, phone) for name, _, phone, _, _ in PEOPLE[:12]]


def opened(raw: bytes, effort: float | None = 60) -> list:
    source = Source(raw=raw, path=("x",), name="x", attachment=True)
    return list(unpack(source, Budget(ocr_effort=effort)))


def reasons(leaves) -> list[str]:
    return [leaf.reason.value for leaf in leaves if isinstance(leaf, Gap)]


def people_in(raw: bytes) -> int:
    return people(inspected(raw, "x"))


@pytest.mark.parametrize("pixels", [12, 16, 24])
@pytest.mark.parametrize("colours", [pictures.LIGHT, pictures.DARK], ids=["light", "dark"])
def test_a_screenshot_of_a_phone_book_is_a_list_of_people(pixels, colours):
    found = people_in(pictures.raw(pictures.phone_book(ENTRIES, pixels, colours)))
    assert len(ENTRIES) * 0.9 <= found <= len(ENTRIES) * 1.1


def test_a_screenshot_of_a_table_is_that_table():
    raw = pictures.raw(pictures.table(ROWS, 12))
    (table,) = (leaf for leaf in opened(raw) if isinstance(leaf, Table))
    assert list(table.frame.columns) == list(ROWS[0])
    assert table.frame.shape == (30, 5)
    assert 27 <= people_in(raw) <= 33


@pytest.mark.parametrize("angle", [0, 90, 180, 270, 3, -7])
def test_a_scan_that_lies_as_it_likes_counts_each_person_once(angle):
    picture = pictures.table(ROWS[:13], 20).rotate(angle, expand=True, fillcolor="white", resample=3)
    assert people_in(pictures.raw(picture)) == 12


def test_letters_too_small_for_belief_are_read_and_held():
    leaves = opened(pictures.raw(pictures.table(ROWS, 6)))
    assert reasons(leaves) == ["IMAGE"]
    assert any(isinstance(leaf, Text) for leaf in leaves)


def test_small_letters_are_read_twice_as_large():
    leaves = opened(pictures.raw(pictures.table(ROWS, 8)))
    assert reasons(leaves) == []
    (text,) = (leaf.content for leaf in leaves if isinstance(leaf, Text))
    assert sum(phone in text for _, _, phone, _, _ in PEOPLE) >= 0.9 * len(PEOPLE)


@pytest.mark.parametrize("kind", ["JPEG", "GIF", "WEBP", "TIFF", "BMP"])
def test_every_format_is_read(kind):
    leaves = opened(pictures.raw(pictures.table(FEW, 20), kind))
    assert reasons(leaves) == []
    (text,) = (leaf.content for leaf in leaves if isinstance(leaf, Text))
    assert all(phone in text for _, _, phone, _, _ in FEW)


def shown(leaves) -> str:
    return "\n".join(leaf.content for leaf in leaves if isinstance(leaf, Text))


def test_every_page_is_read():
    pages = [pictures.table([row], 20) for row in FEW]
    for kind in ("TIFF", "PDF"):
        text = shown(opened(pictures.raw(pages[0], kind, save_all=True, append_images=pages[1:])))
        assert all(phone in text for _, _, phone, _, _ in FEW)


def test_white_letters_on_nothing_are_read():
    shape = pictures.table(FEW, 20, ("black", "white", "white")).convert("L")
    for colour in ("white", "black"):
        picture = pictures.Image.new("RGBA", shape.size, colour)
        picture.putalpha(shape)
        assert FEW[0][2] in shown(opened(pictures.raw(picture)))


def test_a_picture_that_lies_on_its_side_is_read():
    picture = pictures.table(ROWS[:8], 16).rotate(270, expand=True)
    assert 7 <= people_in(pictures.raw(picture)) <= 8


def test_a_picture_larger_than_a_tile_loses_no_line():
    text = shown(opened(pictures.raw(pictures.table([row[:3] for row in ROWS], 40))))
    assert all(phone in text for _, _, phone, _, _ in PEOPLE)


def test_what_cannot_be_read_with_confidence_is_a_gap():
    picture = pictures.table(ROWS, 5)
    assert reasons(opened(pictures.raw(picture))) == ["IMAGE"]


def test_a_photograph_of_nothing_written_is_no_gap():
    picture = pictures.Image.effect_noise((400, 300), 60)
    assert reasons(opened(pictures.raw(picture))) == []


def test_more_than_the_budget_is_a_gap_and_what_was_read_before_is_inspected():
    pages = [pictures.table([row], 20) for row in FEW]
    raw = pictures.raw(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    leaves = opened(raw, 0.05)
    assert reasons(leaves) == ["TIMEOUT"]
    assert FEW[0][2] in shown(leaves) and FEW[2][2] not in shown(leaves)


def test_equal_frames_are_read_once_but_end_somewhere():
    page = pictures.table(FEW, 20)
    film = pictures.raw(page, "TIFF", save_all=True, append_images=[page] * 300)
    assert shown(opened(film)).count(FEW[0][2]) == 1
    assert reasons(opened(film, 0.5)) == ["TIMEOUT"]


def test_more_pixels_than_anybody_takes_are_a_gap_before_they_are_unpacked():
    for side in (7_000, 60_000):
        head = struct.pack(">II", side, side) + b"\x08\0\0\0\0"
        raw = b"\x89PNG\r\n\x1a\n" + b"".join(
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
            for kind, body in [(b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * side)), (b"IEND", b"")]
        )
        assert reasons(opened(raw)) == ["TOO_BIG"]


def test_a_picture_that_was_cut_is_a_gap():
    raw = pictures.raw(pictures.table(FEW, 20))
    assert "CORRUPT" in reasons(opened(raw[: len(raw) // 2]))


def test_a_confined_worker_reads_pictures():
    sandbox = Sandbox(LIMITS, workers=1, sought=Sought())
    try:
        job = ReadDocument(raw=pictures.raw(pictures.phone_book(ENTRIES, 16)), name="x.png", secret=b"s" * 32)
        read = DOCUMENT_READ.validate_json(sandbox.run(job))
    finally:
        sandbox.close()
    assert [part.gap for part in read.attached.parts if part.gap] == []
    assert len(read.attached.people) >= len(ENTRIES) * 0.9


def test_an_organisation_that_wants_none_read_has_gaps():
    assert limits_of(InspectSettings(ocr_seconds=0)).ocr_seconds is None
    raw = pictures.raw(pictures.phone_book(ENTRIES, 12))
    assert reasons(opened(raw, None)) == [GapReason.IMAGE]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP"])
@pytest.mark.parametrize(("size", "reason"), [((600, 90), "SMALL_IMAGE"), ((60, 900), "SMALL_IMAGE"), ((200, 160), "IMAGE")])  # fmt: skip
def test_without_a_reader_a_logo_is_told_from_what_has_room_for_a_list(kind, size, reason):
    raw = pictures.raw(pictures.Image.new("RGB", size, "white"), kind)
    assert size_of(raw, f"image/{kind.lower()}") == size
    assert reasons(opened(raw, None)) == [reason]


@pytest.mark.parametrize("options", [{"lossless": True}, {"lossless": False}, {"save_all": True}])
def test_every_webp_tells_its_size(options):
    first, second = (pictures.Image.new("RGB", (300, 200), colour) for colour in ("white", "black"))
    more = {"append_images": [second]} if "save_all" in options else {}
    assert size_of(pictures.raw(first, "WEBP", **options, **more), "image/webp") == (300, 200)


def line(text: str, left: float, top: float, width: float = 80) -> Line:
    return Line(text=text, confidence=1, left=left, top=top, right=left + width, bottom=top + 12)


def test_lines_beside_each_other_are_a_row_though_one_stands_a_little_lower():
    lines = [line("c", 200, 2), line("a", 0, 0), line("b", 100, -2), line("d", 0, 30), line("f", 200, 33)]
    assert rows_of(lines) == [["a", "b", "c"], ["d", "", "f"]]


def test_a_number_below_a_name_stands_beside_it():
    names = [line(name, 50, 60 * at) for at, name in enumerate(["山田", "佐藤"])]
    numbers = [line(f"090-0000-000{at}", 50, 60 * at + 20) for at in range(2)]
    assert rows_of([*names, *numbers]) == [["山田", "090-0000-0000"], ["佐藤", "090-0000-0001"]]
