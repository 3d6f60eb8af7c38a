"""A list of one column has no delimiter, and is a table all the same, as a CSV and as a text."""

from __future__ import annotations

import pytest

from tests.unpack.counting import gaps, inspected, people

NAMES = [
    f"{family} {given}"
    for family in ["三枝", "榊原", "五十嵐", "阿久津", "諸星", "門脇", "真鍋", "的場"]
    for given in ["実優", "颯大", "花笑", "琴乃", "陽和"]
]
LISTS = {
    "names": ("氏名", NAMES, 40),
    "names in quotes": ("氏名", [f'"{name}"' for name in NAMES], 40),
    "mobile numbers without a heading": (None, [f"090-0000-{n:04}" for n in range(40)], 40),
    "mail addresses": ("メールアドレス", [f"yumi{n}@example.jp" for n in range(40)], 40),
    "licences": ("運転免許証番号", [f"30{n:010}" for n in range(40)], 40),
    "shops": ("店舗名", [f"{name.split()[0]}商店" for name in NAMES], 0),
    "sentences": (None, ["本日は晴天なり。次回は5月です。"] * 40, 0),
}


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize(
    ("file", "encoding"), [("list.csv", "cp932"), ("list.csv", "utf-8-sig"), ("list.txt", "utf-8")]
)
def test_a_list_of_one_column_counts_its_people(name: str, file: str, encoding: str):
    heading, cells, expected = LISTS[name]
    lines = [heading, *cells] if heading else cells
    read = inspected("\r\n".join([*lines, ""]).encode(encoding), file)
    assert (people(read), gaps(read)) == (expected, [])
    assert read.attached.records <= len(cells)


def test_a_short_letter_is_no_list():
    letter = "拝啓\n先日の件ですが\n来週お伺いします\nよろしくお願いします\n敬具\n総務課\n\n".encode()
    assert people(inspected(letter, "letter.txt")) == 0


@pytest.mark.parametrize("bullet", ["・", "{}. ", "（{}）", "● ", "{}）"])
@pytest.mark.parametrize("heading", ["参加者", ""])
def test_a_list_with_bullets_counts_each_once(bullet: str, heading: str):
    lines = [heading, *(bullet.format(place) + name for place, name in enumerate(NAMES, 1)), ""]
    assert people(inspected("\n".join(lines).encode(), "list.txt")) == len(NAMES)


@pytest.mark.parametrize(
    "form",
    ["氏　　名　{}\n性　　別　女\n携　　帯　090-0000-{:04}\n", "氏名：{}\n性別：女\n電話：090-0000-{:04}\n"],
)
def test_records_of_labelled_lines_count_each_once(form: str):
    text = "\n".join(form.format(name.replace(" ", "　"), place) for place, name in enumerate(NAMES))
    assert people(inspected(text.encode(), "form.txt")) == len(NAMES)
