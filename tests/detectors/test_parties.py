"""Who else stands in a row: staff who look after it reach nobody of it, whom a parcel goes to is one more person."""

from __future__ import annotations

import pytest

from tests.detectors.lists import GIVEN, SURNAMES, mobile, scan

NAMES = [f"{family} {given}" for family, given in zip(SURNAMES, GIVEN, strict=True)]


@pytest.mark.parametrize("heading", ["担当者メール", "ご依頼主メールアドレス", "営業担当者 E-Mail"])
def test_the_mail_address_of_who_looks_after_the_row_is_not_that_of_the_customer(heading):
    rows = [
        ["山田 太郎", mobile(1), "suzuki@example.co.jp"],
        ["佐藤 花子", mobile(2), "suzuki@example.co.jp"],
        ["山田 太郎", mobile(3), "suzuki@example.co.jp"],
    ]
    report = scan(["お客様名", "電話番号", heading], rows)
    assert (report.people, report.households) == (3, 3)
    assert not any(one.email_addresses for one in report.identities)


def test_contacts_of_companies_are_reached_by_their_own_addresses():
    rows = [["株式会社青空", name, f"user{at}@example.co.jp"] for at, name in enumerate(NAMES)]
    report = scan(["会社名", "担当者名", "担当者メール"], rows)
    assert report.people == len(NAMES)
    assert all(one.email_addresses for one in report.identities)


def test_parcels_of_one_shop_go_to_people_of_whom_none_shares_its_number():
    rows = [[name, mobile(at % 10), "青空商店", "03-0000-0000"] for at, name in enumerate(NAMES * 2)]
    report = scan(["お届け先名", "お届け先電話番号", "ご依頼主名", "ご依頼主電話番号"], rows)
    assert (report.people, report.households) == (20, 20)


def test_whom_a_present_goes_to_is_a_person_beside_who_ordered_it():
    rows = [
        [name, mobile(at), other, mobile(at if other == name else 100 + at)]
        for at, (name, other) in enumerate(zip(NAMES, NAMES[:5] + NAMES[:4:-1], strict=True))
    ]
    strangers = sum(row[0] != row[2] for row in rows)
    report = scan(["注文者氏名", "注文者電話番号", "送付先氏名", "送付先電話番号"], rows)
    assert (report.people, report.records) == (20 + strangers, 20)


@pytest.mark.parametrize("heading", ["連帯保証人氏名", "緊急連絡先（氏名）", "身元引受人名"])
def test_who_stands_surety_or_is_called_is_a_person_too(heading):
    rows = [[f"{at}号室", NAMES[at], mobile(at), NAMES[10 + at]] for at in range(10)]
    report = scan(["部屋番号", "契約者名", "電話番号", heading], rows)
    assert (report.people, report.records) == (20, 10)


def test_orders_name_family_and_given_name_of_both_parties():
    families = [name.split() for name in NAMES]
    rows = [[*families[at], mobile(at), *families[(at + 1) % 20], mobile((at + 1) % 20)] for at in range(20)]
    heading = ["注文者姓", "注文者名", "注文者電話番号", "送付先姓", "送付先名", "送付先電話番号"]
    report = scan(heading, rows)
    assert [column.kind for column in report.columns] == ["name", "name", "phone"] * 2
    assert report.people == 20


def test_a_former_family_name_is_no_part_of_todays():
    rows = [[SURNAMES[at], SURNAMES[19 - at], GIVEN[at], mobile(at)] for at in range(20)]
    report = scan(["姓", "旧姓", "名", "電話"], rows)
    assert {one.names for one in report.identities} == {(name,) for name in NAMES}


def test_names_in_latin_letters_differ_by_what_stands_in_their_middle():
    rows = [["NGUYEN THI HA"], ["NGUYEN VAN HA"], ["Nguyen Thi Ha"], ["Ha, Nguyen Thi"]]
    assert scan(["氏名"], rows).people == 2


@pytest.mark.parametrize(
    "heading", [["氏名", "電話"] * 2, ["No", "氏名", "", "No", "氏名"], ["氏名", "電話", "氏名.1", "電話.1"]]
)
def test_records_that_stand_side_by_side_are_each_a_person(heading):
    rows = []
    for at in range(10):
        pair = [NAMES[2 * at], mobile(at)], [NAMES[2 * at + 1], mobile(at)]
        rows.append(
            [*pair[0], *pair[1]] if len(heading) == 4 else [str(at), pair[0][0], "", str(10 + at), pair[1][0]]
        )
    assert scan(heading, rows).people == 20


A, B, C = (lambda at: NAMES[at]), (lambda at: NAMES[at + 5]), (lambda at: NAMES[at + 10])
KANA = [
    "ヤマダ タロウ",
    "サトウ ハナコ",
    "スズキ ケンタ",
    "タナカ ミサキ",
    "イトウ ショウタ",
    "ワタナベ ユイ",
    "ヤマモト ダイスケ",
    "ナカムラ アヤ",
    "コバヤシ ナオキ",
    "カトウ ヨウコ",
]
TEL, TEL_2 = mobile, (lambda at: mobile(at + 100))


@pytest.mark.parametrize(
    ("heading", "cells", "people"),
    [
        ("申込者氏名 申込者電話 同伴者氏名 同伴者電話", (A, TEL, B, TEL_2), 2),
        ("申込者氏名 申込者電話 参加者氏名", (A, TEL, B), 2),
        ("氏名 申込者電話", (A, TEL), 1),
        ("世帯主氏名 電話 家族1氏名 家族2氏名", (A, TEL, B, C), 3),
        ("氏名1 電話1 氏名2 電話2", (A, TEL, B, TEL_2), 2),
        ("氏名 電話1 電話2", (A, TEL, TEL_2), 1),
        ("氏名 電話 家族①氏名 家族②氏名", (A, TEL, B, C), 3),
        ("紹介者氏名 紹介者電話 紹介先氏名 紹介先電話", (A, TEL, B, TEL_2), 2),
        ("氏名 電話 紹介者", (A, TEL, B), 1),
        ("児童氏名 父氏名 母氏名 電話番号", (A, B, C, TEL), 3),
        ("生徒氏名 保護者1氏名 保護者2氏名 電話番号", (A, B, C, TEL), 3),
        ("氏名 保護者氏名 緊急連絡先氏名 緊急連絡先電話", (A, B, B, TEL), 2),
        ("契約者氏名 被保険者氏名 電話番号", (A, B, TEL), 2),
        ("契約者氏名 被保険者氏名 電話番号", (A, A, TEL), 1),
        ("契約者氏名 被保険者氏名 受取人氏名", (A, B, C), 3),
        ("ご依頼主名 ご依頼主電話番号 お届け先名 お届け先電話番号", (A, TEL, B, TEL_2), 2),
        ("夫氏名 妻氏名 電話", (A, B, TEL), 2),
        ("代表者氏名 代表者電話 同行者1 同行者2", (A, TEL, B, C), 3),
        ("部署 氏名 電話 氏名 電話", (lambda _: "総務部", A, TEL, B, TEL_2), 2),
        ("氏名 電話 氏名 メール", (A, TEL, B, lambda at: f"u{at}@example.jp"), 2),
        ("氏名 電話 担当者 担当者メール", (A, TEL, B, lambda at: f"u{at}@example.jp"), 1),
        ("氏名 電話 口座名義人", (A, TEL, A), 1),
        ("氏名 電話 お子様氏名", (A, TEL, B), 2),
        ("保護者氏名 電話 お子様のお名前 学年", (A, TEL, B, lambda _: "小3"), 2),
        ("お子様氏名 お子様生年月日 電話", (A, lambda at: f"2015-01-{at + 1:02}", TEL), 1),
        ("売主氏名 買主氏名 電話", (A, B, TEL), 2),
        ("学校名 選手1 選手2", (lambda at: f"市立{'東西南北上'[at]}中学校", A, B), 2),
        ("代表者名 メンバー1 メンバー2", (A, B, C), 3),
    ],
)
def test_each_who_is_named_in_a_row_is_a_person_of_it(heading, cells, people):
    rows = [[cell(at) for cell in cells] for at in range(5)]
    report = scan(heading.split(), rows)
    assert report.people == people * len(rows)
    assert report.about_people


@pytest.mark.parametrize(
    ("heading", "people"),
    [
        ("お子さまのお名前 ふりがな 電話", 1),
        ("申込者氏名 フリガナ 電話", 1),
        ("申込者氏名 氏名（カナ） 電話", 1),
        ("保護者氏名 フリガナ 電話", 1),
        ("氏名 同伴者氏名 フリガナ 電話", 2),
        ("氏名 フリガナ 同伴者氏名 フリガナ 電話", 2),
        ("氏名1 カナ1 氏名2 カナ2 電話", 2),
        ("フリガナ 申込者氏名 電話", 1),
        ("申込者氏名 ローマ字氏名 電話", 1),
        ("申込者氏名 口座名義 電話", 1),
        ("ローマ字氏名 電話", 1),
    ],
)
def test_a_reading_is_that_of_the_name_it_stands_beside(heading, people):
    written, read = iter((A, B, C)), iter((lambda at: KANA[at], lambda at: KANA[at + 5]))
    cells = [
        TEL if one == "電話" else next(read) if "ナ" in one or "がな" in one else next(written)
        for one in heading.split()
    ]
    assert scan(heading.split(), [[cell(at) for cell in cells] for at in range(5)]).people == 5 * people


def test_members_of_a_home_live_together_and_companions_do_not():
    rows = [[A(at), TEL(at), B(at)] for at in range(5)]
    assert scan(["氏名", "電話", "家族氏名"], rows).households == 5
    assert scan(["氏名", "電話", "同伴者氏名"], rows).households == 10


@pytest.mark.parametrize(("heading", "minors"), [("園児名", 20), ("児童氏名", 20), ("会員氏名", 0)])
def test_children_are_minors_where_the_heading_says_that_they_are_children(heading, minors):
    rows = [[name, mobile(at)] for at, name in enumerate(NAMES)]
    assert scan([heading, "緊急連絡先"], rows).minors == minors


@pytest.mark.parametrize("heading", ["題名 著者1 著者2", "店名 担当1 担当2", "会社名 代表者1 代表者2"])
def test_authors_staff_and_heads_do_not_make_a_list_of_people_by_their_number(heading):
    what = {"題名": "山の図鑑", "店名": "青空商店", "会社名": "株式会社青空"}[heading.split()[0]]
    rows = [[f"{what}{at}", A(at), B(at)] for at in range(5)]
    assert not scan(heading.split(), rows).about_people
