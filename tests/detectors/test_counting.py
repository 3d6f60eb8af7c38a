"""Distinct people (本人の数) and households of tables whose numbers are known, as such tables are really written."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
import pytest

import detectors
from tests.detectors.lists import GIVEN, SURNAMES, mobile

IN_KANA = (
    "サトウ スズキ タカハシ タナカ イトウ ワタナベ ヤマモト ナカムラ コバヤシ カトウ ヨシダ ヤマダ ササキ ヤマグチ マツモト イノウエ キムラ ハヤシ シミズ ヤマザキ "
    "タロウ ハナコ ケンタ ミサキ ショウタ ユイ ダイスケ アヤ ナオキ ヨウコ マコト ユミ タカシ ケイコ ヒロシ トモコ タクヤ マイ テツヤ カオリ"
)
READINGS = dict(zip((*SURNAMES, *GIVEN), IN_KANA.split(), strict=True))
HALF = str.maketrans(
    "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワンョ",
    "ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜﾝｮ",
)
WIDE = str.maketrans(
    "0123456789-@.abcdefghijklmnopqrstuvwxyz",
    "０１２３４５６７８９－＠．ａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ",
)
NUMBER = 60


@dataclass(frozen=True, slots=True)
class Someone:
    """A made-up person; those with the same home share mail, phone and address."""

    family: str
    given: str
    born: str
    home: int

    @property
    def name(self) -> str:
        return f"{self.family} {self.given}"

    @property
    def kana(self) -> str:
        return f"{READINGS[self.family]} {READINGS[self.given]}"

    @property
    def mail(self) -> str:
        return f"home{self.home}@example.jp"

    @property
    def phone(self) -> str:
        return mobile(self.home)

    @property
    def address(self) -> str:
        return f"東京都港区芝{self.home % 5 + 1}-{self.home // 5 + 1}-{self.home % 7 + 1}"


def crowd(number: int = NUMBER, *, per_home: int = 1, seed: int = 3) -> list[Someone]:
    """Make people, no two of one name, as many in each home."""
    dice = random.Random(seed)
    pairs = [(family, given) for family in SURNAMES for given in GIVEN]
    dice.shuffle(pairs)
    return [
        Someone(
            pairs[place // per_home * per_home][0],
            GIVEN[(GIVEN.index(pairs[place // per_home * per_home][1]) + place % per_home) % len(GIVEN)],
            f"{dice.randrange(1950, 2000)}-{dice.randrange(1, 13):02}-{dice.randrange(1, 29):02}",
            place // per_home,
        )
        for place in range(number)
    ]


PEOPLE = crowd()
Rows = list[list[str]]


def halved(kana: str) -> str:
    """Write katakana in half width; a voiced sound becomes two signs."""
    plain = "".join(
        {
            "ダ": "タ゛",
            "ガ": "カ゛",
            "グ": "ク゛",
            "ザ": "サ゛",
            "ズ": "ス゛",
            "バ": "ハ゛",
            "ベ": "ヘ゛",
            "ジ": "シ゛",
        }.get(one, one)
        for one in kana
    )
    return plain.translate(HALF).replace("゛", "ﾞ")


def written_in_width() -> Rows:
    again = [
        [one.name.replace(" ", ""), one.mail.translate(WIDE), one.phone.translate(WIDE)]
        for one in PEOPLE[:25]
    ]
    return [
        ["氏名", "メールアドレス", "電話番号"],
        *([one.name, one.mail, one.phone] for one in PEOPLE),
        *again,
    ]


def written_with_spaces() -> Rows:
    again = [["　".join(one.name.split()) + " 様", one.phone.replace("-", "")] for one in PEOPLE[:25]]
    spaced = [["  ".join(one.name.split()), f" {one.phone} "] for one in PEOPLE[25:30]]
    return [["お名前", "携帯電話"], *([one.name, one.phone] for one in PEOPLE), *again, *spaced]


def written_in_old_kanji() -> Rows:
    pairs = [
        ("高橋 一郎", "髙橋一郎"),
        ("山崎 二郎", "山﨑二郎"),
        ("渡辺 三郎", "渡邉三郎"),
        ("斉藤 四郎", "齋藤四郎"),
        ("浜田 五郎", "濵田五郎"),
        ("桜井 六郎", "櫻井六郎"),
    ]
    rows = [[name, mobile(place)] for place, pair in enumerate(pairs) for name in pair]
    return [["氏名", "電話番号"], *rows]


def kanji_and_kana() -> Rows:
    full = [[one.name, one.kana, one.mail, one.phone] for one in PEOPLE]
    in_kana = [["", one.kana, one.mail, ""] for one in PEOPLE[:10]]
    narrow = [["", halved(one.kana), "", one.phone] for one in PEOPLE[10:20]]
    as_name = [[one.kana, one.kana, one.mail, one.phone] for one in PEOPLE[20:30]]
    return [["氏名", "フリガナ", "メール", "電話"], *full, *in_kana, *narrow, *as_name]


def split_names() -> Rows:
    rows = [[one.family, one.given, *one.kana.split(), one.mail] for one in PEOPLE]
    return [["姓", "名", "セイ", "メイ", "メールアドレス"], *rows, *rows[:12]]


def guardians_and_children() -> Rows:
    homes = crowd(90, per_home=3)
    rows = [
        [parent.name, child.name, child.phone]
        for parent, *children in (homes[at : at + 3] for at in range(0, 90, 3))
        for child in children
    ]
    return [["保護者氏名", "児童氏名", "電話番号"], *rows]


def guardians_and_pupils_born() -> Rows:
    homes = crowd(60, per_home=2)
    rows = [
        [child.name, child.kana, f"2015-05-{at % 28 + 1:02}", "小3", parent.name, parent.kana, parent.mail]
        for at, (parent, child) in enumerate(homes[at : at + 2] for at in range(0, 60, 2))
    ]
    return [
        ["児童名", "児童名フリガナ", "生年月日", "学年", "保護者名", "保護者名フリガナ", "保護者メール"],
        *rows,
    ]


def guardians_who_are_listed_too() -> Rows:
    homes = crowd(60, per_home=2)
    rows = []
    for at in range(0, 60, 2):
        parent, child = homes[at : at + 2]
        rows += [
            [parent.name, parent.born, parent.phone, ""],
            [child.name, "2015-05-05", child.phone, parent.name],
        ]
    return [["氏名", "生年月日", "電話番号", "保護者氏名"], *rows]


def two_tables() -> Rows:
    return [
        ["氏名", "電話番号", ""],
        *([one.name, one.phone, ""] for one in PEOPLE[:40]),
        ["", "", ""],
        ["氏名", "メールアドレス", "電話番号"],
        *([one.name, one.mail, one.phone] for one in PEOPLE[30:]),
    ]


def transposed() -> Rows:
    return [
        ["氏名", *(one.name for one in PEOPLE[:12])],
        ["電話番号", *(one.phone for one in PEOPLE[:12])],
        ["生年月日", *(one.born for one in PEOPLE[:12])],
    ]


def two_rows_of_headings() -> Rows:
    return [
        ["申込者", "", "連絡先", ""],
        ["氏名", "フリガナ", "電話番号", "メール"],
        *([one.name, one.kana, one.phone, one.mail] for one in PEOPLE),
    ]


def below_a_title() -> Rows:
    return [
        ["2023年度 会員名簿", "", ""],
        ["作成日 2023/10/31", "", ""],
        ["氏名", "生年月日", "住所"],
        *([one.name, one.born, one.address] for one in PEOPLE),
    ]


def no_heading() -> Rows:
    rows = [[one.mail, one.name, one.kana, one.born, one.phone] for one in PEOPLE]
    return [*rows, *rows[:7]]


def households() -> Rows:
    return [
        ["氏名", "生年月日", "電話番号", "住所"],
        *([one.name, one.born, one.phone, one.address] for one in crowd(80, per_home=4)),
    ]


def same_name_other_birthdate() -> Rows:
    rows = [["佐藤 太郎", f"19{60 + at}-01-01", mobile(at // 2)] for at in range(20)]
    return [["氏名", "生年月日", "電話番号"], *rows, *rows[:5]]


def same_name_other_phone() -> Rows:
    return [["氏名", "電話番号"], *(["鈴木 花子", mobile(at)] for at in range(15))]


def mail_alone() -> Rows:
    rows = [[one.mail] for one in PEOPLE]
    return [["メールアドレス"], *rows, *([one.mail.upper()] for one in PEOPLE[:9])]


def phone_alone() -> Rows:
    rows = [[one.phone] for one in PEOPLE]
    return [["携帯電話番号"], *rows, *([one.phone.replace("-", "")] for one in PEOPLE[:9])]


def member_numbers() -> Rows:
    rows = [[f"A{at:05}", "佐藤 太郎" if at % 2 else "鈴木 花子"] for at in range(50)]
    return [["会員番号", "氏名"], *rows, *rows[:8]]


def member_numbers_and_birthdates() -> Rows:
    rows = [[f"{at:08}", one.born, "東京都"] for at, one in enumerate(PEOPLE)]
    return [["会員番号", "生年月日", "都道府県"], *rows, *rows[:8]]


def empty_names() -> Rows:
    named = [[one.name, one.mail, one.phone] for one in PEOPLE[:40]]
    nameless = [["", one.mail, one.phone] for one in PEOPLE[40:]]
    return [["氏名", "メール", "電話"], *named, *nameless, ["", "", ""], ["", "", ""]]


def total_row() -> Rows:
    return [
        ["No.", "氏名", "電話番号", "金額"],
        *([str(at), one.name, one.phone, "5000"] for at, one in enumerate(PEOPLE, 1)),
        ["", "合計", f"{NUMBER}名", str(5000 * NUMBER)],
        ["", "小計", "", "5000"],
        ["", "※ 社外秘", "", ""],
        ["", "以上", "", ""],
    ]


def headings_on_each_page() -> Rows:
    heading = ["氏名", "電話番号"]
    return [
        row
        for at in range(0, NUMBER, 20)
        for row in (heading, *([one.name, one.phone] for one in PEOPLE[at : at + 20]))
    ]


FOREIGN = [
    f"{given}・{family}"
    for given in ("マイケル", "エミリー", "カルロス", "ファティマ", "ディミトリ")
    for family in ("ジョンソン", "ガルシア", "グエン", "オリヴェイラ", "シュミット", "パテル")
]


def foreign_names() -> Rows:
    return [[name, mobile(at)] for at, name in enumerate(FOREIGN)]


def foreign_names_alone() -> Rows:
    return [[name.replace("・", " ")] for name in FOREIGN]


def romaji() -> Rows:
    taro = [
        ("Taro Yamada", "YAMADA TARO"),
        ("Hanako Sato", "SATO HANAKO"),
        ("Kenta Suzuki", "Suzuki, Kenta"),
        ("Misaki Tanaka", "TANAKA Misaki"),
    ]
    return [
        ["Name", "Email"],
        *([name, f"u{at}@example.jp"] for at, pair in enumerate(taro) for name in pair),
    ]


def eras() -> Rows:
    rows = [
        ["山田 太郎", "昭和58年3月4日"],
        ["山田太郎", "1983/03/04"],
        ["ヤマダ タロウ", "S58.3.4"],
        ["山田 花子", "平成元年1月8日"],
        ["山田花子", "1989-01-08"],
    ]
    return [
        ["氏名", "生年月日", "フリガナ", "電話番号"],
        *([*row, "ヤマダ タロウ" if "花" not in row[0] else "ヤマダ ハナコ", mobile(1)] for row in rows),
    ]


@dataclass(frozen=True, slots=True)
class Known:
    """A table, and what is known of it."""

    rows: Callable[[], Rows]
    people: int
    households: int | None = None


KNOWN = [
    Known(written_in_width, 60, 60),
    Known(written_with_spaces, 60, 60),
    Known(written_in_old_kanji, 6, 6),
    Known(kanji_and_kana, 60, 60),
    Known(split_names, 60),
    Known(guardians_and_children, 90, 30),
    Known(guardians_and_pupils_born, 60),
    Known(guardians_who_are_listed_too, 60, 30),
    Known(two_tables, 60),
    Known(transposed, 12),
    Known(two_rows_of_headings, 60),
    Known(below_a_title, 60, 60),
    Known(no_heading, 60),
    Known(households, 80, 20),
    Known(same_name_other_birthdate, 20, 10),
    Known(same_name_other_phone, 15, 15),
    Known(mail_alone, 60),
    Known(phone_alone, 60),
    Known(member_numbers, 50),
    Known(member_numbers_and_birthdates, 60),
    Known(empty_names, 60),
    Known(total_row, 60),
    Known(headings_on_each_page, 60),
    Known(foreign_names, 30),
    Known(foreign_names_alone, 30),
    Known(romaji, 4),
    Known(eras, 2),
]


@pytest.mark.parametrize("known", KNOWN, ids=lambda known: known.rows.__name__)
def test_people_are_counted_exactly(known):
    rows = known.rows()
    width = max(map(len, rows))
    report = detectors.scan_table(
        pd.DataFrame([[*row, *[""] * (width - len(row))] for row in rows]), header=False
    )
    assert report.about_people, report.why
    assert report.people == known.people
    if known.households is not None:
        assert report.households == known.households


def test_a_guardian_is_a_person_and_his_childs_row_is_one_record():
    frame = pd.DataFrame(
        {"児童氏名": ["佐藤 健太"], "保護者氏名": ["佐藤 一郎"], "電話番号": ["090-0000-0001"]}
    )
    report = detectors.scan_table(frame)
    assert (report.people, report.records) == (2, 1)
