"""What a mail says of a password, in the ways in which it is said: found among the first; what says none gives nothing to open with."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.inspection.candidates import MAX_CANDIDATES, candidates

SAID = {
    "beside a label": "パスワード:Kx9!tR-2",
    "in full width": "パスワード：Ｋｘ９！ｔＲ－２",
    "after は": "先ほどお送りしたファイルのパスワードは Kx9!tR-2 です。",
    "quoted": "解凍パスワードは「Kx9!tR-2」です。よろしくお願いいたします。",
    "in other quotes": "開封パスワード 『Kx9!tR-2』",
    "in brackets": "【パスワード】 Kx9!tR-2",
    "bracketed itself": "PW : [Kx9!tR-2]",
    "PW": "PW=Kx9!tR-2",
    "P/W": "P/W： Kx9!tR-2",
    "pass": "pass: Kx9!tR-2",
    "English": "The password is Kx9!tR-2.",
    "English, on its own line": "Hello,\n\nplease find below the password for the archive:\n\n  Kx9!tR-2\n\nRegards",
    "on the next line": "お世話になっております。\n解凍用パスワードをお送りします。\n\nKx9!tR-2\n\n以上",
    "on a decorated line": "暗証番号\n----------\n■ Kx9!tR-2\n----------",
    "named in the subject": "パスワードのご連絡\n株式会社サンプル\n佐藤様\n\nいつもお世話になっております。\n下記のとおりです。\n\nKx9!tR-2\n\n田中",
    "with a note between": "パスワード(半角英数):Kx9!tR-2",
    "as a key": "解凍キー：Kx9!tR-2",
    "in half-width kana": "ﾊﾟｽﾜｰﾄﾞ: Kx9!tR-2",
    "in short": "パスは Kx9!tR-2 です。",
    "with an arrow": "パスワード → Kx9!tR-2",
}


@pytest.mark.parametrize("way", SAID)
def test_a_password_is_found_however_it_is_said(way):
    assert "Kx9!tR-2" in candidates(SAID[way])[:8]


def test_a_password_in_japanese_is_found():
    assert "さくら2026" in candidates("パスワードは「さくら2026」です")
    assert "桜咲く春" in candidates("パスワード：桜咲く春です。")


def test_one_in_full_width_is_tried_as_it_stands_and_in_half_width():
    found = candidates("パスワード：Ａｂｃ１２３４")
    assert {"Ａｂｃ１２３４", "Abc1234"} <= set(found)


@pytest.mark.parametrize(
    "text",
    [
        "パスワードは弊社代表電話番号の下4桁です。",
        "パスワードはいつものものです。",
        "パスワードは別途お電話でお伝えします。",
    ],
)
def test_what_only_the_reader_knows_is_no_password(text):
    assert not any(len(one) >= 4 and one.isascii() for one in candidates(text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "今月のお知らせです。\n\nhttps://example.jp/\n詳しくは tokyo@example.jp まで。",
        "注文番号 Kx9!tR-2",
    ],
)
def test_what_speaks_of_no_password_has_none(text):
    assert candidates(text) == ()


@given(st.text(max_size=400))
def test_any_text_has_few_candidates(text):
    assert len(candidates(f"パスワード{text}")) <= MAX_CANDIDATES


def test_a_long_text_of_labels_is_read_in_its_time():
    assert len(candidates("パスワード：「x" * 30_000)) <= MAX_CANDIDATES
