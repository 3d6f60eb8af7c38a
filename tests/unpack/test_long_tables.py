"""A long CSV is read in blocks from its bytes, and is the same table as if it were short."""

from __future__ import annotations

import base64
import io

import openpyxl
import pandas as pd
import pytest

from gateway.demo.families import HEADER, families
from gateway.model import Gap, Leaf, Table, Text
from gateway.unpack import Budget, Source, _embedded, csv, text, unpack

ROWS = families(people=400, households=200, repeats=0, rewritten=0)
LINES = [",".join(row) for row in (HEADER, *ROWS)]
PLAIN = "\r\n".join(LINES) + "\r\n"
QUOTED = PLAIN.replace("可\r\n", '"可,""か""\r\n否"\r\n')
WIDER = PLAIN + ",".join([*ROWS[0], "もう一つ"]) + "\r\n"
TITLED = "会員名簿,2023年10月\r\n\r\n" + PLAIN
TWO = PLAIN + "\r\n氏名,メールアドレス\r\n" + "".join(f"{row[1]},{row[0]}\r\n" for row in ROWS)
TITLED_TWO = (
    PLAIN + "\r\n\r\n追加分\r\n氏名,メールアドレス\r\n" + "".join(f"{row[1]},{row[0]}\r\n" for row in ROWS)
)
HEADLESS = "\r\n".join(LINES[1:])
TEXTS = {
    "plain": PLAIN,
    "quoted": QUOTED,
    "wider": WIDER,
    "titled": TITLED,
    "two tables": TWO,
    "two tables with a title": TITLED_TWO,
    "headless": HEADLESS,
    "tabs": PLAIN.replace(",", "\t"),
    "swallowed": PLAIN + '"' + "x" * 70_000 + "\r\n090-0000-0000",
}


def opened(raw: bytes, name: str = "list.csv") -> list[Leaf]:
    return list(unpack(Source(raw=raw, path=(name,), name=name, attachment=True), Budget()))


def shown(leaves: list[Leaf]) -> list[object]:
    """Give what leaves say: of a table all its rows, evened up."""
    found: list[object] = []
    for leaf in leaves:
        if isinstance(leaf, Table):
            whole = pd.concat([frame.T.reset_index().T.iloc[1:] for frame in leaf.frames()]).fillna("")
            labels = [label for label in leaf.frame.columns if label] if leaf.header else []
            found.append((leaf.media_type, leaf.encoding, leaf.header, labels, whole.to_numpy().tolist()))
        else:
            found.append(leaf)
    return found


@pytest.fixture
def in_blocks(monkeypatch):
    monkeypatch.setattr(text, "LONG_BYTES", 1)
    monkeypatch.setattr(csv, "BLOCK_ROWS", 37)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "euc_jp"])
@pytest.mark.parametrize("name", TEXTS)
def test_in_blocks_it_is_the_same_table(name, encoding, monkeypatch):
    raw = TEXTS[name].translate(str.maketrans("髙﨑", "高崎")).encode(encoding)
    short = opened(raw)
    monkeypatch.setattr(text, "LONG_BYTES", 1)
    monkeypatch.setattr(csv, "BLOCK_ROWS", 37)
    long = opened(raw)
    assert shown(long) == shown(short)
    assert len(list(next(leaf for leaf in long if isinstance(leaf, Table)).frames())) > 5


@pytest.mark.parametrize(
    "raw",
    [
        PLAIN.encode() + "最後だけ".encode("cp932"),
        PLAIN.encode("utf-16"),
        PLAIN.encode("iso2022_jp", "replace"),
        PLAIN.encode("cp932") + b"\x1b$B\x1b(B",
        b"[\n" + PLAIN.encode(),
        PLAIN.encode() + "INSERT INTO a (b) VALUES ('山田');".encode(),
        PLAIN.encode() + b"BEGIN:VCARD\r\nFN:x\r\nEND:VCARD\r\n",
    ],
    ids=["two encodings", "utf-16", "escaped", "stray escape", "json", "dump", "card"],
)
def test_what_is_doubtful_is_read_in_one_piece(raw, in_blocks):
    tables = [leaf for leaf in opened(raw) if isinstance(leaf, Table)]
    assert all(len(list(table.frames())) == 1 for table in tables)


def test_a_long_text_that_is_no_table_is_a_text(in_blocks):
    letter = "拝啓 時下ますますご清栄のこととお慶び申し上げます。\r\n" * 300
    assert opened(letter.encode("cp932"), "letter.txt") == [
        Text(path=("letter.txt",), media_type="text/plain", encoding="cp932", content=letter)
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\u2028"])
@pytest.mark.parametrize("heading", ["電話番号", ""])
def test_a_long_list_of_one_column_is_a_table_in_blocks(end, heading, in_blocks):
    numbers = [f"090-0000-{number:04}" for number in range(500)]
    lines = [heading, *numbers, '"090-0000-9999"'] if heading else numbers
    table, whole = opened(end.join(lines).encode(), "numbers.txt" if end == "\n" else "numbers.csv")
    assert isinstance(table, Table)
    assert isinstance(whole, Text)
    frames = list(table.frames())
    assert len(frames) > 10
    assert [cell for frame in frames for cell in frame.iloc[:, 0]] == [
        line.strip('"') for line in lines if line != heading
    ]


@pytest.mark.parametrize("text", ["", "\n\n", '"\n"\n""', '" "\n', "氏名"])
def test_lines_that_say_nothing_are_no_list(text):
    assert not [leaf for leaf in opened(text.encode()) if isinstance(leaf, Table)]


def test_base64_is_found_between_rows_wherever_a_piece_of_the_search_ends(monkeypatch):
    out = io.BytesIO()
    openpyxl.Workbook().save(out)
    hidden = base64.encodebytes(out.getvalue())
    for size in (1000, 1013, 4096):
        monkeypatch.setattr(_embedded, "_PIECE_BYTES", size)
        leaves = opened(PLAIN.encode("cp932") + b"   " + hidden + b"\r\n")
        assert any(isinstance(leaf, Gap) and leaf.reason == "AMBIGUOUS" for leaf in leaves)


def test_a_sheet_keeps_two_tables_apart():
    book = openpyxl.Workbook()
    for row in (
        HEADER,
        *ROWS[:20],
        [],
        ["追加分"],
        ["氏名", "メールアドレス"],
        *([row[1], row[0]] for row in ROWS[:5]),
    ):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    (table,) = (leaf for leaf in opened(out.getvalue()) if isinstance(leaf, Table))
    assert len(table.frame) == 20 + 3 + 5
    assert not any(table.frame.iloc[20])


@pytest.mark.parametrize("cell", ["XFD1", "A1048576", "AB99999", "ZZZ9"])
def test_a_sheet_that_spans_too_much_is_a_gap(cell):
    book = openpyxl.Workbook()
    book.active["A1"], book.active[cell] = "氏名", "山田太郎"
    book.active["C1048576" if cell != "A1048576" else "XFD1"] = 1
    out = io.BytesIO()
    book.save(out)
    reasons = [leaf.reason for leaf in opened(out.getvalue()) if isinstance(leaf, Gap)]
    assert reasons == ["TOO_BIG"]
