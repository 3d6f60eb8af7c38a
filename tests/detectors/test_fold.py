"""Folding: one thing is written one way, and every offset leads back."""

from __future__ import annotations

import tomllib
import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import detectors
from detectors._fold import fold, fold_cell, fold_cells, fold_label
from detectors._spacing import close_up

_LETTERS = st.text(
    alphabet=st.one_of(st.characters(), st.sampled_from("ｶﾞﾊﾟ㈱…①ー−‐－　\u200b\ufeff髙﨑0123か\u3099㍿ﬁ"))
)


@settings(deadline=None)  # the first example reads the word lists
@given(_LETTERS)
def test_every_folded_span_leads_back_into_the_original(text):
    folded = fold(text)
    first, end = folded.span(0, len(folded.folded))
    assert fold(text[:first]).folded == fold(text[end:]).folded == ""
    last = 0
    for place in range(len(folded.folded)):
        start, end = folded.span(place, place + 1)
        assert last <= start <= end <= len(text)
        last = start


@settings(deadline=None)
@given(_LETTERS)
@example("\U0001d1bb")  # a note that is written as two
def test_cells_fold_as_texts_do(value):
    assert fold_cells([value, "x"]) == {value: fold_cell(value), "x": "x"}
    text = " ".join(fold(value).folded.split())
    assert fold_cell(value) == text or text.startswith(("'", '="'))


def test_what_keeps_figures_a_text_in_a_spreadsheet_is_no_part_of_the_cell():
    marked = {
        "'09000000001": "09000000001",
        "'+81 90-0000-0001": "+81 90-0000-0001",
        '="0300000000"': "0300000000",
    }
    assert fold_cells(list(marked)) == marked
    assert fold_cell("'90年代") == "90年代"
    assert fold_cell("'til") == "'til"


@settings(deadline=None)
@given(_LETTERS)
def test_no_text_makes_the_detectors_stumble(text):
    for finding in detectors.scan_text(text):
        assert 0 <= finding.start < finding.end <= len(text)


@settings(deadline=None)
@given(st.text(alphabet="‐‑‒–—―−－ｰー-", min_size=2, max_size=2), st.booleans())
def test_a_telephone_is_found_whatever_its_hyphens_and_width(hyphens, wide):
    number = f"090{hyphens[0]}0000{hyphens[1]}1234"
    if wide:
        number = "".join(chr(ord(letter) + 0xFEE0) if letter.isdigit() else letter for letter in number)
    text = f"山田太郎様の携帯は{number}です"
    assert [text[one.start : one.end] for one in detectors.scan_text(text) if one.kind == "phone"] == [number]


@settings(deadline=None)
@given(st.lists(st.sampled_from(["㈱", "…", "ﾊﾟ", "①", "\u200b", "㍿", "あ", "か\u3099"])))
def test_what_stands_before_does_not_move_a_finding(before):
    text = "".join(before) + "\n携帯 090-0000-1234"
    assert [text[one.start : one.end] for one in detectors.scan_text(text) if one.kind == "phone"] == [
        "090-0000-1234"
    ]


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("ﾔﾏﾀﾞ　ﾀﾛｳ", "ヤマダ タロウ"),
        ("髙橋﨑子", "高橋崎子"),
        ("０９０−１２３４‐５６７８", "090-1234-5678"),
        ("サーバー1号", "サーバー1号"),
        ("３ー２", "3-2"),
        ("ラーメン", "ラーメン"),
        ("山\u200b田", "山田"),
        ("  a \t b ", "a b"),
        ("辻\U000e0100", "辻"),
    ],
)
def test_folding(written, folded):
    assert fold_cell(written) == folded


def test_labels_fold_to_the_bare_word():
    assert fold_label(" e-Mail＊ ") == "email"
    assert fold_label("氏名（漢字）") == "氏名漢字"
    assert fold_label("last_name") == "lastname"


def test_an_even_text_needs_no_way_back():
    text = "こんにちは。３，９８０円！"
    assert fold(text).offsets is None
    assert fold(text).folded == unicodedata.normalize("NFKC", text)


def test_every_heading_that_a_detector_knows_survives_folding():
    shipped = tomllib.loads((Path(detectors.__file__).parent / "data" / "words.toml").read_text("utf-8"))
    known = [(kind, word) for kind, entry in shipped["headings"].items() for word in entry["words"]]
    assert {kind for kind, _ in known} == set(detectors.KINDS)
    assert [(kind, word) for kind, word in known if fold_label(word) != word] == []


@pytest.mark.parametrize("hyphen", "‐‑−ーｰ－")
def test_what_stands_beside_a_digit_as_a_hyphen_is_one(hyphen):
    for shown in ("A-1000", "AB-12345678-CD", "090-0000-0001"):
        assert fold_cell(shown.replace("-", hyphen)) == fold(shown.replace("-", hyphen)).folded == shown


def test_a_long_vowel_stays_one():
    assert fold_cell("データーA ユーザー1 サーバー") == "データーA ユーザー1 サーバー"


@settings(deadline=None)
@given(st.text(alphabet="氏名年齢生月日山田A \n:。1", max_size=30))
@example("氏 名 年 齢 生 年 月 日")
def test_closing_up_labels_moves_blanks_alone(text):
    closed = close_up(text)
    assert len(closed) == len(text)
    assert closed.replace(" ", "") == text.replace(" ", "")
    assert [line.count(" ") for line in closed.split("\n")] == [line.count(" ") for line in text.split("\n")]


@pytest.mark.parametrize(
    ("spaced", "closed"),
    [
        ("氏 名:山田", "氏名 :山田"),
        ("氏  名  住  所", "氏名    住所  "),
        ("生 年 月 日 1983", "生年月日    1983"),
        ("名 古 屋", "名 古 屋"),
        ("氏 名簿", "氏 名簿"),
        ("山 田 太 郎", "山 田 太 郎"),
    ],
)
def test_labels_that_are_spaced_out_are_closed_up(spaced, closed):
    assert close_up(spaced) == closed
