"""Letters as organisations send them to everybody: who stands for something in them is nobody's record; whose data they hold is."""

from __future__ import annotations

import pytest

import detectors
from detectors import OwnWords

EVENT = """会員の皆様

春の講演会のご案内です。

日時：2024年4月20日（土）14:00～16:00
会　場：東京都千代田区千代田1-2-3 みほんホール
講師：山田太郎氏（見本大学教授）

お申し込み・お問い合わせ
NPO法人みほん会 事務局 担当：佐藤
TEL：03-0000-0001　FAX：03-0000-0002
"""
TRIP = """修学旅行のしおり
引率：校長 加藤 誠、教諭 山口 恵子、養護 渡辺 彩
宿泊：ホテルみほん 京都市下京区四条通烏丸東入1-2 075-000-0003
"""
SIGNED = """お世話になっております。みほん株式会社の高橋です。
会議の件、木村様にもお伝えください。
---
みほん株式会社 営業部
高橋 直樹（Naoki Takahashi）
Mobile: 090-0000-0004
Mail: n.takahashi@mihon.example.co.jp
"""
NOTICE = """株式会社みほんは、代表取締役社長 高橋 健一が退任し、伊藤 誠が就任いたしますのでご案内申し上げます。

株式会社みほん
代表取締役社長 伊藤 誠
〒100-0001 東京都千代田区千代田1-1-1
TEL 03-0000-0005
"""
SPEAKERS = """登壇者
・佐々木 花子（株式会社甲 人事部長）
・中村 大輔（株式会社乙 代表）
・小林 彩（丙大学 准教授）
お問い合わせ：seminar@example.co.jp（担当 山本）
"""
VOICES = """お客様の声
・東京都 A.S様（30代女性）「とても良かったです」
・大阪府 山田様（40代男性）「また利用します」
"""
COACH = "日曜日の練習は9時からです。\nコーチ：清水 翔太\n雨天のときはコーチ（090-0000-0006）まで。\n"
CANDIDATE = "候補者 田中 一郎（たなか いちろう）58歳 新人\n昭和41年3月4日生まれ\n電話 042-000-0007\n"


@pytest.mark.parametrize("letter", [EVENT, TRIP, SIGNED, NOTICE, SPEAKERS, VOICES])
def test_a_letter_to_everybody_is_nobodys_record(letter):
    assert detectors.read_text(letter).identities == ()


@pytest.mark.parametrize("letter", [COACH, CANDIDATE])
def test_a_person_who_can_be_reached_or_whose_birthdate_is_told_is_one(letter):
    assert len(detectors.read_text(letter).identities) == 1


def test_a_policy_says_how_lines_about_places_begin():
    letter = "佐藤 花子さんが教えます。\n道場：東京都千代田区千代田1-2-3 電話 03-0000-0008\n"
    assert len(detectors.read_text(letter).identities) == 1
    assert detectors.read_text(letter, own=OwnWords.of(places=["道場"])).identities == ()


@pytest.mark.parametrize("place", ["本社 ", "営業所　", "支店：", "お問い合わせ "])
@pytest.mark.parametrize("number", ["090-0000-00{}", "03-0000-00{}"])
def test_whoever_is_named_in_a_line_about_a_place_is_reached_by_it(place, number):
    names = ("佐藤 花子", "鈴木 一郎", "高橋 健一", "小林 彩", "渡辺 恵子", "山田 太郎")
    lines = [f"{place}{name} {number.format(10 + at)}" for at, name in enumerate(names)]
    assert len(detectors.read_text("連絡網\n" + "\n".join(lines)).identities) == len(names)
    assert len(detectors.read_text("連絡網\n" + "\n".join(lines[:3])).identities) == 3


@pytest.mark.parametrize("number", ["090-0000-0010", "０９０（００００）００１０", "+81 90-0000-0010"])
def test_a_mobile_telephone_is_somebodys_wherever_it_stands(number):
    assert len(detectors.read_text(f"佐藤 花子さんに聞いてください。\n会場：{number}\n").identities) == 1


def test_many_lines_about_places_are_a_list_of_something():
    cards = [f"佐藤 花{letter}\n勤務先 03-0000-00{10 + at}\n" for at, letter in enumerate("子奈実恵美香")]
    assert len(detectors.read_text("\n".join(cards)).identities) == len(cards)
