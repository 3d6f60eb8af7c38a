"""What leaves a worker of a part: its shape, or what a reviewer asked for."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.inspection.jobs import Shown, Sight, Sought
from gateway.inspection.sight import evidence, mask, subject, template
from gateway.model import Container, Gap, GapReason, Table, Text

PATH = ("名簿.csv",)
MARKS = set("〇x#")


def table(rows: list[list[str]], columns: list[str] | None = None) -> Table:
    frame = pd.DataFrame(rows, columns=columns)
    return Table(path=PATH, media_type="text/csv", encoding="cp932", frame=frame, header=columns is not None)


def text(content: str) -> Text:
    return Text(path=PATH, media_type="text/plain", encoding="utf-8", content=content)


@given(st.text())
def test_a_mask_keeps_no_letter_and_no_digit(content):
    left = {sign for sign in mask(content) if sign.isalnum() or (ord(sign) > 0x7F and sign.isprintable())}
    kept = {sign for sign in left if sign not in MARKS and not (sign.isspace() or not sign.isalnum())}
    assert kept == set()


@pytest.mark.parametrize(
    ("content", "shape"),
    [
        ("山田 太郎", "〇〇 〇〇"),
        ("ﾔﾏﾀﾞ ﾀﾛｳ", "xxxx xxx"),
        ("090-1234-5678", "###-####-####"),
        ("０９０(1234)５６７８", "###(####)####"),
        ("hanako.s@example.jp", "xxxxxx.x@xxxxxxx.xx"),
        ("昭和五十五年①", "〇〇〇〇〇〇#"),
        ("■ ♂ 五十嵐 ■ A+", "■ x 〇〇〇 ■ x+"),
        ("a\u0301\u200b\u202eb", "xxx"),
        ("👩🏽‍⚕️", "〇〇xx"),
    ],
)
def test_the_shape_of_things(content, shape):
    assert mask(content) == shape


def test_a_masked_table_shows_neither_cells_nor_what_was_taken_for_headings():
    shown = evidence([table([["090-0000-1234"]] * 12, ["山田 太郎"])], 0, Sight.MASKED, Sought())
    assert shown is not None
    assert (shown.headers, shown.rows, shown.left_out) == ((), (("###-####-####",),) * 10, 2)


def test_a_revealed_table_shows_its_first_rows_and_headings():
    shown = evidence([table([["山田 太郎", "1"]], ["氏名", "数"])], 0, Sight.REVEALED, Sought())
    assert shown is not None
    assert (shown.headers, shown.rows, shown.left_out) == (("氏名", "数"), (("山田 太郎", "1"),), 0)


def test_a_table_of_columns_with_one_name_and_a_table_of_nothing_are_shown():
    twins = evidence([table([["a", "b"]], ["名", "名"])], 0, Sight.REVEALED, Sought())
    empty = evidence([table([], ["氏名"])], 0, Sight.REVEALED, Sought())
    assert twins and twins.rows == (("a", "b"),)
    assert empty and empty.rows == () and empty.headers == ("氏名",)


def test_what_is_personal_in_a_text_is_marked_with_its_kind():
    content = "氏名: 山田 太郎\r\n電話: 090-0000-1234\r\n"
    shown = evidence([text(content)], 0, Sight.REVEALED, Sought())
    assert shown is not None
    assert "".join(piece.text for piece in shown.pieces) == content.replace("\r\n", "\n")
    assert ("山田 太郎", "name", "label") in shown.pieces
    masked = evidence([text(content)], 0, Sight.MASKED, Sought())
    assert masked is not None
    assert [one[1:] for one in masked.pieces] == [one[1:] for one in shown.pieces]
    assert ("〇〇 〇〇", "name", "label") in masked.pieces


def test_the_part_asked_for_is_shown_and_no_other():
    leaves = [
        Container(path=PATH, media_type="application/zip"),
        text("one"),
        Gap(path=PATH, media_type="text/plain", reason=GapReason.CORRUPT),
        text("two"),
    ]
    shown = [evidence(leaves, index, Sight.REVEALED, Sought()) for index in range(5)]
    assert [one and one.pieces for one in shown] == [
        None,
        (("one", None, ""),),
        None,
        (("two", None, ""),),
        None,
    ]


def test_writing_that_turns_round_is_shown_straight():
    shown = evidence([text("invoice\u202egpj.exe\0\ud800")], 0, Sight.REVEALED, Sought())
    assert shown is not None and shown.pieces == (("invoicegpj.exe", None, ""),)


LETTER = "{} 様\n\n11月のお知らせです。\nお問い合わせ: 03-0000-0001 田中一郎\n会員番号: {}\n"


def test_a_template_shows_what_is_the_same_and_hides_what_varies_and_what_is_personal():
    pieces = template([LETTER.format("山田", "A100"), LETTER.format("佐藤", "B200")], Sought())
    shown = "".join(piece for piece, _ in pieces)
    assert "11月のお知らせです。" in shown and "様" in shown
    assert not any(value in shown for value in ("山田", "A100", "佐藤", "03-0000-0001"))
    assert [piece for piece, what in pieces if what is Shown.VARIES] == ["", ""]
    assert any("##-####-####" in piece for piece, what in pieces if what is Shown.FOUND)


def test_a_template_that_lists_people_is_masked_altogether():
    people = "".join(
        f"氏名: 山田 {name}\n電話: 090-0000-000{n}\n" for n, name in enumerate(("一郎", "二郎", "三郎"))
    )
    letter = "{} 様\n\n参加者は次のとおりです。備考: 見落とし\n" + people
    pieces = template([letter.format("鈴木"), letter.format("佐藤")], Sought())
    assert {what for _, what in pieces} == {Shown.VARIES, Shown.FOUND}
    assert not {"見", "落", "山", "一"} & set("".join(piece for piece, _ in pieces))


def test_of_one_mail_alone_there_is_no_template():
    assert template([LETTER.format("山田", "A100")], Sought()) == ()
    assert template([], Sought()) == ()


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("山田太郎様へのお知らせ", "〇〇〇〇様へのお知らせ"),
        ("Re: 携帯 090-1234-5678 の件", "Re: 携帯 ###-####-#### の件"),
        ("taro@example.jp 様", "xxxx@xxxxxxx.xx 様"),
        ("10月号のお知らせ\u202e", "10月号のお知らせ"),
        ("山" * 1000, "山" * 500),
        ("", ""),
    ],
)
def test_what_is_personal_in_a_subject_is_shown_by_its_shape(said, shown):
    assert subject(said, Sought()) == shown
