"""Tables: what the columns hold, whether the rows are people, and how many people and households they are."""

from __future__ import annotations

import random
import subprocess
import sys
from datetime import UTC, datetime

import pandas as pd
import pytest

import detectors
from gateway.demo.families import HEADER, REWRITES, families
from tests.detectors.lists import GIVEN, SURNAMES, kinds, mobile, person, scan

ALL_EIGHT = {"email_address", "name", "gender", "birthdate", "school_grade", "phone", "postcode", "address"}
# --- the known distribution list ---


@pytest.fixture(scope="module")
def rows():
    return families()


@pytest.mark.parametrize("header", [True, False], ids=["headed", "headless"])
def test_the_distribution_list_is_3719_people_in_1740_households(rows, header):
    report = detectors.scan_table(pd.DataFrame(rows, columns=HEADER if header else None), header=header)
    assert report.about_people
    assert (report.records, report.people, report.households) == (3732, 3719, 1740)
    assert set(kinds(report)) - {None} == ALL_EIGHT
    assert report.items["name"] == report.items["email_address"] == report.items["phone"] == 3732
    assert report.items["school_grade"] < 3732
    assert len(report.identities) == 3719


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("header", [True, False], ids=["headed", "headless"])
def test_any_list_of_families_is_counted_exactly(seed, header):
    made = families(people=500, households=240, repeats=25, rewritten=20, seed=seed)
    order = random.Random(seed).sample(range(len(HEADER)), len(HEADER))
    shuffled = pd.DataFrame(
        [[row[place] for place in order] for row in made],
        columns=[HEADER[place] for place in order] if header else None,
    )
    report = detectors.scan_table(shuffled, header=header)
    assert (report.records, report.people, report.households) == (525, 500, 240)
    assert set(kinds(report)) - {None} == ALL_EIGHT


@pytest.mark.parametrize("rewrite", REWRITES, ids=lambda rewrite: rewrite.__name__.strip("_"))
def test_a_row_written_differently_is_the_same_person(rewrite):
    for row in families(people=60, households=30, repeats=0, rewritten=0, seed=3):
        assert scan(HEADER, [row, rewrite(row)]).people == 1


def test_place_holders_for_headings_are_no_headings(rows):
    frame = pd.DataFrame(rows, columns=["Unnamed: 0", *range(1, 10)])
    assert detectors.scan_table(frame).people == 3719


def test_every_value_can_be_written_in_cp932(rows):
    "".join("".join(row) for row in rows).encode("cp932")


def test_english_and_split_headings_count_as_well():
    header = [
        "email",
        "last_name",
        "first_name",
        "last_name_kana",
        "first_name_kana",
        "sex",
        "birthday",
        "tel_no",
        "zip_code",
        "pref",
        "city",
        "street",
    ]
    made = []
    for mail, name, kana, sex, born, _, phone, postcode, address, _ in families(
        people=300, households=140, repeats=0, rewritten=0
    ):
        cut = address.index("県") + 1 if "県" in address[:5] else 3
        place = next(at for at, letter in enumerate(address) if letter.isdigit())
        made.append(
            [
                mail,
                *name.split(),
                *kana.split(),
                sex,
                born,
                phone,
                postcode,
                address[:cut],
                address[cut:place],
                address[place:],
            ]
        )
    report = scan(header, made)
    assert kinds(report) == [
        "email_address",
        *["name"] * 4,
        "gender",
        "birthdate",
        "phone",
        "postcode",
        *["address"] * 3,
    ]
    assert (report.people, report.households) == (300, 140)
    assert report.items["name"] == 300


def test_split_names_without_headings_are_names():
    dice = random.Random(1)
    made = [[dice.choice(SURNAMES), dice.choice(GIVEN), mobile(number)] for number in range(50)]
    report = detectors.scan_table(pd.DataFrame(made), header=False)
    assert kinds(report) == ["name", "name", "phone"]
    assert report.people == 50


# --- lists of people ---


def test_member_numbers_names_and_mail_addresses_of_5212_people_are_5212_people():
    dice = random.Random(2)
    made = [[f"{number:08d}", person(dice), f"user{number}@example.jp"] for number in range(5212)]
    assert scan(["会員番号", "氏名", "メールアドレス"], made).people == 5212
    headless = detectors.scan_table(pd.DataFrame(made), header=False)
    assert headless.people == 5212
    assert kinds(headless) == ["member_number", "name", "email_address"]


def test_mail_addresses_alone_are_people():
    report = scan(["メールアドレス"], [[f"user{number}@example.jp"] for number in range(300)])
    assert (report.about_people, report.people) == (True, 300)


def test_nicknames_beside_telephone_numbers_are_people():
    made = [
        [nick, mobile(number)]
        for number, nick in enumerate(["ええやません", "A山びーろう", "たこやき", "山田太郎", "さっちゃん"])
    ]
    assert scan(["名前", "電話番号"], made).people == 5


@pytest.mark.parametrize(
    "written",
    [
        ("山田太郎", "佐藤花子", "鈴木一郎"),
        ("ヤマダ タロウ", "サトウ ハナコ", "スズキ イチロウ"),
        ("ﾔﾏﾀﾞ ﾀﾛｳ", "ｻﾄｳ ﾊﾅｺ", "ｽｽﾞｷ ｲﾁﾛｳ"),
        ("やまだ たろう", "さとう はなこ", "すずき いちろう"),
        ("Taro Yamada", "Hanako Sato", "Ichiro Suzuki"),
        ("YAMADA TARO", "SATO HANAKO", "SUZUKI ICHIRO"),
        ("山田 太郎 様", "佐藤 花子 様", "鈴木 一郎 様"),
        ("山 田 太 郎", "佐 藤 花 子", "鈴 木 一 郎"),
        ("山田太郎（ヤマダタロウ）", "佐藤花子（サトウハナコ）", "鈴木一郎（スズキイチロウ）"),
    ],
)
def test_names_are_typed_without_a_heading_however_written(written):
    report = detectors.scan_table(
        pd.DataFrame([[name, mobile(number)] for number, name in enumerate(written)]), header=False
    )
    assert kinds(report) == ["name", "phone"]
    assert report.people == 3


def test_a_telephone_column_read_as_numbers_is_still_telephones():
    frame = pd.DataFrame(
        {"氏名": ["山田太郎", "佐藤花子", "鈴木一郎"], "携帯": [9000001234, 8000002345, None]}
    )
    report = detectors.scan_table(frame)
    assert kinds(report) == ["name", "phone"]
    assert report.items == {"name": 3, "phone": 2}


def test_missing_cells_of_any_sort_are_nothing():
    frame = pd.DataFrame(
        {
            "氏名": ["山田太郎", None, float("nan"), pd.NA],
            "生年月日": [pd.Timestamp("1980-01-02"), pd.NaT, pd.NaT, pd.NaT],
        }
    )
    report = detectors.scan_table(frame)
    assert (report.records, report.people) == (1, 1)
    assert kinds(report) == ["name", "birthdate"]


def test_siblings_who_share_everything_but_the_birthdate_are_two():
    header = ["氏名", "生年月日", "メール", "電話"]
    made = [
        ["山田 薫", "2012-01-02", "a@example.jp", "090-0000-0001"],
        ["山田 薫", "2015-03-04", "a@example.jp", "090-0000-0001"],
    ]
    report = scan(header, made)
    assert (report.people, report.households, report.minors) == (2, 1, 2)


def test_a_family_that_shares_a_mail_address_is_several_people():
    made = [["山田 太郎", "a@example.jp"], ["山田 花子", "a@example.jp"], ["山田　太郎", "A@EXAMPLE.JP"]]
    assert scan(["氏名", "メール"], made).people == 2


def test_old_and_new_forms_of_kanji_are_one_person():
    made = [
        ["髙橋 太郎", "a@example.jp"],
        ["高橋太郎", "a@example.jp"],
        ["渡邊 﨑子", "b@example.jp"],
        ["渡辺崎子 様", "b@example.jp"],
    ]
    assert scan(["氏名", "メール"], made).people == 2


def test_a_reader_that_took_the_first_record_for_headings_loses_nobody():
    frame = pd.DataFrame([["佐藤花子", "b@example.jp"]], columns=["山田太郎", "a@example.jp"])
    assert detectors.scan_table(frame).people == 2


def test_registration_dates_are_no_birthdates():
    dice = random.Random(3)
    made = [
        [
            person(dice),
            f"{dice.randrange(1940, 2015)}-0{dice.randrange(1, 10)}-11",
            f"{dice.randrange(2019, 2025)}/0{dice.randrange(1, 10)}/01",
        ]
        for _ in range(80)
    ]
    assert kinds(scan(["氏名", "生年月日", "登録日"], made)) == ["name", "birthdate", None]
    assert kinds(detectors.scan_table(pd.DataFrame(made), header=False)) == ["name", "birthdate", None]


# --- the rest ---


def test_minors_are_told_by_birthdate_grade_or_age():
    now = datetime.now(UTC)
    header = ["氏名", "生年月日", "学年", "年齢"]
    made = [
        ["山田 太郎", f"{now.year - 30}-01-02", "", ""],
        ["山田 花子", f"{now.year - 10}-01-02", "", ""],
        ["佐藤 健太", "", "小3", ""],
        ["鈴木 美咲", "", "", "17"],
        ["田中 誠", "", "", "18"],
    ]
    assert scan(header, made).minors == 3


def test_identities_carry_what_joins_them_across_tables():
    one = scan(["氏名", "メール"], [["山田 太郎", "taro@example.jp"]]).identities[0]
    other = scan(["e-mail", "お名前"], [["TARO@example.jp", "山田太郎"]]).identities[0]
    assert set(one.keys) & set(other.keys)
    assert one.email_addresses == ("taro@example.jp",)
    assert one.names == ("山田 太郎",)


def test_fax_numbers_are_no_telephones():
    made = [["山田太郎", "03-0000-0001", "03-0000-0002"], ["佐藤花子", "03-0000-0003", "03-0000-0004"]]
    assert kinds(scan(["氏名", "TEL", "FAX"], made)) == ["name", "phone", "fax"]


def test_importing_the_package_does_not_import_pandas():
    code = "import sys, detectors; detectors.read_text('山田太郎様 090-0000-1234'); sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


CALLERS = ["山田太郎", "佐藤花子", "鈴木一郎", "高橋健", "田中美咲", "伊藤翔太"]


@pytest.mark.parametrize(
    ("heading", "said"),
    [
        ("備考", "{name}様よりお電話。090-0000-{number:04} に折り返し希望"),
        ("内容", "{name} 090-0000-{number:04} {number}@example.jp"),
        (
            "お問い合わせ内容",
            "氏名：{name}\n電話：090-0000-{number:04}\n退会したいのですが、どうすればよいですか。",
        ),
    ],
)
def test_records_that_stand_whole_in_one_cell_are_people(heading: str, said: str):
    cells = [said.format(name=name, number=number) for number, name in enumerate(CALLERS)]
    rows = [(f"R-{number:03}", cell) for number, cell in enumerate(cells)]
    report = detectors.scan_table(pd.DataFrame(rows, columns=["受付番号", heading]))
    assert (report.about_people, report.people) == (True, len(CALLERS))
    assert report.why == "records in cells"
    assert detectors.scan_table(pd.DataFrame(cells), header=False).people == len(CALLERS)


def test_descriptions_of_goods_are_nobodys_records():
    rows = [
        (f"P-{number}", f"やわらかなストール {number}。お問い合わせは電話 0120-000-000 まで。")
        for number in range(30)
    ]
    report = detectors.scan_table(pd.DataFrame(rows, columns=["品番", "説明"]))
    assert (report.about_people, report.people, report.items) == (False, 0, {})
