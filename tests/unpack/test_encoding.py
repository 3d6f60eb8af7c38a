"""The encoding ladder: what Japanese files really are in, read back character by character."""

from __future__ import annotations

import pytest

from gateway.unpack._encoding import decode
from gateway.unpack._headers import decode_words, parse_value, read_headers
from gateway.unpack._iso2022_jp import decode_iso2022_jp

TEXTS = {
    "a short list": "氏名,電話\n山田太郎,03-1234-5678\n",
    "addresses": "東京都豊島区高田三丁目三二番一号 プラスワン\n大阪府大阪市\n" * 3,
    "vendor characters": "髙﨑①,㈱テスト\n",
    "half-width kana": "ﾔﾏﾀﾞ ﾀﾛｳ,ｻﾄｳ ﾊﾅｺ\nｽｽﾞｷ ｲﾁﾛｳ\n",
    "hiragana only": "やまだたろう さんへ おしらせ\n",
    "two kanji": "山田",
    "mostly ASCII": "a,b,c\n" * 50 + "山\n",
    "kanji after 200 lines": "abc,def\n" * 200 + "東京都千代田区\n山田太郎\n",
    "symbols": "①②Ⅳ㈱㈲℡№\n",
}


def can_hold(text: str, encoding: str) -> bool:
    try:
        return bool(text.encode(encoding))
    except UnicodeEncodeError:
        return False


ENCODINGS = ("utf-8", "utf-8-sig", "cp932", "euc_jp", "iso2022_jp_ext", "utf-16")
HELD = [
    (name, encoding) for name, text in TEXTS.items() for encoding in ENCODINGS if can_hold(text, encoding)
]


@pytest.mark.parametrize(("name", "encoding"), HELD)
def test_a_text_comes_back_from_every_encoding_that_can_hold_it(name, encoding):
    assert decode(TEXTS[name].encode(encoding)).text == TEXTS[name]


def cp50221(text: str) -> bytes:
    """Write ISO-2022-JP as Outlook does: rows and cells of CP932, seven-bit kana."""
    out = b""
    for character in text:
        raw = character.encode("cp932")
        if len(raw) == 2:
            lead, trail = raw
            row = (lead - (0x81 if lead < 0xA0 else 0xC1)) * 2 + 0x21 + (trail >= 0x9F)
            cell = trail - 0x7E if trail >= 0x9F else trail - (0x1F if trail < 0x7F else 0x20)
            out += b"\x1b$B" + bytes((row, cell)) + b"\x1b(B"
        elif raw[0] >= 0xA1:
            out += b"\x1b(I" + bytes((raw[0] & 0x7F,)) + b"\x1b(B"
        else:
            out += raw
    return out


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_iso_2022_jp_is_read_as_it_is_really_sent(text):
    assert decode_iso2022_jp(cp50221(text)) == text
    assert decode(cp50221(text)).text == text


def test_a_character_cut_between_two_encoded_words_is_whole_again():
    assert decode_words("=?utf-8?B?5bGx?= =?utf-8?B?55Q=?= =?utf-8?B?sA==?=") == "山田"


def test_a_name_in_pieces_and_percent_encoding_is_one_name():
    value = parse_value("attachment; filename*0*=UTF-8''%E5%90%8D; filename*1*=%E7%B0%BF; filename*2=.zip")
    assert (value.token, value.parameters["filename"]) == ("attachment", "名簿.zip")


def test_a_folded_transfer_encoding_is_read():
    headers = read_headers(b"Content-Transfer-Encoding:\r\n base64\r\nSubject: x\r\n")
    assert headers.text("content-transfer-encoding") == "base64"


def test_a_raw_eight_bit_subject_is_read():
    assert read_headers("Subject: 名簿を送ります\r\n".encode("cp932")).text("subject") == "名簿を送ります"


@pytest.mark.parametrize("said", ["utf-8", None, "iso-2022-jp"])
def test_a_text_with_accents_that_says_something_else_is_no_damage(said):
    text = "Die Hasen und die Frösche; wir können ja für dich – é à ô\r\n" * 3
    decoded = decode(text.encode("cp1252"), said)
    assert (decoded.text, decoded.damaged) == (text, False)


def test_japanese_with_a_damaged_letter_is_no_text_with_accents():
    for encoding in ("utf-8", "cp932", "euc_jp"):
        raw = "お客様の氏名と電話番号、カタカナのヨミもあります。".encode(encoding)[:-1] * 20
        assert decode(raw, None).encoding != "cp1252"


@pytest.mark.parametrize("charset", ["utf-7", "hz", "cp037"])
def test_who_believes_the_charset_reads_something_else_so_it_is_read_too(charset):
    text = "Yamada Taro 090-0000-1234"
    decoded = decode(text.encode(charset), charset)
    assert text in (decoded.text, decoded.alternative and decoded.alternative.text)


def test_what_is_turned_round_is_read_as_it_is_shown():
    decoded = decode("\u202e4321-0000-090\u202c 山田".encode(), None)
    assert decoded.alternative is not None and decoded.alternative.text == "090-0000-1234 山田"


@pytest.mark.parametrize("text", ["山田ﾔﾏﾀﾞ", "山田ﾀﾛｳ", "ｻﾄｳ花子"])
def test_bytes_that_both_encodings_read_well_are_read_in_both(text):
    decoded = decode(text.encode("euc_jp"), None)
    assert text in (decoded.text, decoded.alternative and decoded.alternative.text)


def test_a_damaged_text_is_judged_by_its_letters_however_far_down_they_stand():
    raw = b"x " * 20_000 + "山田太郎 090-0000-1000\r\n".encode() * 9 + b"\xe5"
    decoded = decode(raw, "utf-8")
    assert "山田太郎" in decoded.text


@pytest.mark.parametrize("at", [3, 20, -1])
def test_utf_8_that_lost_a_byte_is_not_read_as_something_else(at):
    raw = bytearray("お名前:山田太郎様、電話は 090-0000-1000 です。".encode() * 3)
    del raw[at]
    assert "山田太郎様、電話は" in decode(bytes(raw), None).text
