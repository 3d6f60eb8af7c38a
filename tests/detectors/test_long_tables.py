"""A table that comes block by block is read as it is read in one piece."""

from __future__ import annotations

import random

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import detectors
from detectors import _table
from gateway.demo.families import HEADER, families
from tests.detectors.lists import GIVEN, SURNAMES, mobile

ROWS = families(people=1100, households=520, repeats=60, rewritten=25)
MEMBERS = [
    [f"M{number:06}", family, given, f"member{number}@example.jp", mobile(number)]
    for number, (family, given) in enumerate((family, given) for given in GIVEN for family in SURNAMES)
]
LATE = [
    ["", mobile(number)] if number < 900 else [f"佐藤 {GIVEN[number % 20]}", mobile(number)]
    for number in range(1400)
]


def two_tables() -> pd.DataFrame:
    """Give a list and, below an empty row, another one of the same people, with other columns."""
    first = [HEADER, *ROWS[:700]]
    second = [["氏名", "メールアドレス"], *([row[1], row[0]] for row in ROWS[400:900])]
    rows = [*first, [""], *second]
    return pd.DataFrame([[*row, *[""] * (len(HEADER) - len(row))] for row in rows])


def with_guardians_listed() -> pd.DataFrame:
    """Give 300 homes: the parents and, far below them, 600 children who name one of them; 900 people in all."""
    parents = [
        [
            f"{SURNAMES[home % 20]} {GIVEN[home // 20]}",
            f"{1970 + home % 15}-04-{home % 28 + 1:02}",
            mobile(home),
            "",
        ]
        for home in range(300)
    ]
    children = [
        [f"{SURNAMES[home % 20]} {GIVEN[(home // 20 + 5 + child) % 20]}", f"201{child}-05-05", phone, parent]
        for child in (1, 3)
        for home, (parent, _, phone, _) in enumerate(parents)
    ]
    return pd.DataFrame([*parents, *children], columns=["氏名", "生年月日", "電話番号", "保護者氏名"])


TABLES = {
    "families": (pd.DataFrame(ROWS, columns=HEADER), True),
    "families without heading": (pd.DataFrame(ROWS), False),
    "names in two columns": (pd.DataFrame(MEMBERS, columns=["会員番号", "姓", "名", "メール", "携帯"]), True),
    "names in two columns without heading": (pd.DataFrame(MEMBERS), False),
    "guardians": (
        pd.DataFrame(
            [[*row[:3], row[6], ROWS[place // 3][1]] for place, row in enumerate(ROWS)],
            columns=[*HEADER[:3], "電話番号", "保護者氏名"],
        ),
        True,
    ),
    "guardians who are listed themselves": (with_guardians_listed(), True),
    "two tables": (two_tables(), False),
    "names that begin late": (pd.DataFrame(LATE, columns=["氏名", "携帯電話"]), True),
    "numbers above all names": (
        pd.DataFrame(
            [
                ["" if n < 1500 else f"{SURNAMES[n % 20]} {GIVEN[n // 20 % 20]}", f"03-0000-{n:04}", "甲"]
                for n in range(2500)
            ],
            columns=["氏名", "電話番号", "区分"],
        ),
        True,
    ),
    "names in a few rows at the end": (
        pd.DataFrame(
            [
                [f"{SURNAMES[n % 20]} {GIVEN[n // 20 % 20]}" if n >= 1960 else "", f"03-0000-{n:04}"]
                for n in range(2000)
            ],
            columns=["氏名", "電話番号"],
        ),
        True,
    ),
    "birthdates above all names": (
        pd.DataFrame(
            [
                [
                    f"19{60 + n % 40}-0{n % 9 + 1}-11",
                    "" if n < 1000 else f"{SURNAMES[n % 20]} {GIVEN[n // 20 % 20]}",
                ]
                for n in range(1400)
            ],
            columns=["生年月日", "氏名"],
        ),
        True,
    ),
    "several parties of whom one begins late": (
        pd.DataFrame(
            [
                [
                    f"{SURNAMES[n % 20]} {GIVEN[n // 20 % 20]}" if n >= 700 else "",
                    mobile(n),
                    f"{SURNAMES[n % 7]} {GIVEN[n // 7 % 11]}",
                    mobile(n % 500 + 5000),
                ]
                for n in range(1300)
            ],
            columns=["申込者氏名", "申込者電話", "同伴者氏名", "同伴者電話"],
        ),
        True,
    ),
    "addresses in parts of which the first begins late": (
        pd.DataFrame(
            [
                [
                    f"{SURNAMES[n % 20]} {GIVEN[n // 20 % 5]}",
                    "東京都港区芝" if n >= 700 else "",
                    f"{n % 9 + 1}-{n % 7 + 1}",
                    f"青空荘{n % 3 + 1}01",
                ]
                for n in range(1300)
            ],
            columns=["氏名", "住所1", "住所2", "住所3"],
        ),
        True,
    ),
    "lists side by side of which one is shorter": (
        pd.DataFrame(
            [
                [
                    f"{SURNAMES[n % 20]} {GIVEN[n // 20 % 20]}" if n >= 700 else "",
                    mobile(n) if n >= 700 else "",
                    f"{SURNAMES[n % 20]} {GIVEN[n // 20 % 20]}",
                    mobile(n + 5000),
                ]
                for n in range(1300)
            ],
            columns=["氏名", "電話", "氏名", "電話"],
        ),
        True,
    ),
    "nobody": (
        pd.DataFrame([[f"{n}号店", f"03-0000-{n:04}"] for n in range(1000)], columns=["店名", "電話"]),
        True,
    ),
}


SHUFFLED = TABLES.keys() - {
    "two tables",
    "names that begin late",
    "numbers above all names",
    "names in a few rows at the end",
    "birthdates above all names",
    "several parties of whom one begins late",
    "addresses in parts of which the first begins late",
    "lists side by side of which one is shorter",
}


def said(report: detectors.TableReport) -> tuple[object, ...]:
    """Give all that a report says, but shares, which are of the first rows."""
    columns = [(each.header, each.kind, each.found, each.masked) for each in report.columns]
    counts = (report.records, report.people, report.households, report.minors, dict(report.items))
    return columns, report.about_people, counts


@pytest.mark.parametrize("name", TABLES)
@settings(max_examples=6, deadline=None)
@given(rows=st.integers(170, 1300), seed=st.integers(0, 3))
def test_however_it_is_cut_a_table_says_the_same(name: str, rows: int, seed: int):
    frame, header = TABLES[name]
    if seed and name in SHUFFLED:
        places = list(range(len(frame)))
        random.Random(seed).shuffle(places)
        frame = frame.iloc[places]
    whole = _table.read(frame, detectors.DETECTORS, header=header, block_rows=10**9)
    assert said(_table.read(frame, detectors.DETECTORS, header=header, block_rows=rows)) == said(whole)


@pytest.mark.parametrize("rows", [170, 299, 300, 301, 700, 2000])
def test_a_guardian_who_is_listed_in_another_block_is_one_person(rows: int):
    report = _table.read(with_guardians_listed(), detectors.DETECTORS, header=True, block_rows=rows)
    assert (report.records, report.people, report.households, report.minors) == (900, 900, 300, 600)


def test_who_is_passed_over_as_long_as_nobody_is_named_is_read_again():
    frame, header = TABLES["numbers above all names"]
    reading = detectors.table_reading(header=header)
    frames = [frame.iloc[start : start + 500] for start in range(0, len(frame), 500)]
    first = [person for one in frames for person in reading.read(one)]
    again = reading.again()
    assert again is not None
    second = [person for one in frames for person in again.read(one)]
    assert (len(first), len(second), again.report(second).people) == (1000, 2500, 2500)
    assert again.again() is None


def test_a_table_whose_first_rows_tell_who_they_are_is_read_once():
    reading = detectors.table_reading()
    reading.read(pd.DataFrame(ROWS, columns=HEADER))
    assert reading.again() is None


def test_frames_of_any_length_are_one_table():
    reading = detectors.table_reading()
    frame = pd.DataFrame(ROWS, columns=HEADER)
    identities = [
        person
        for start in range(0, len(frame), 300)
        for person in reading.read(frame.iloc[start : start + 300])
    ]
    assert said(reading.report(identities)) == said(detectors.scan_table(frame))


def test_what_begins_below_the_first_block_is_found_there():
    rows = [["ご案内", ""]] * 3000 + [[name, mobile(number)] for number, (_, name, *_) in enumerate(ROWS)]
    report = _table.read(pd.DataFrame(rows), detectors.DETECTORS, header=False, block_rows=1000)
    assert report.about_people
    assert report.people >= 1100


def test_a_row_that_is_wider_than_all_above_it_loses_nothing():
    reading = detectors.table_reading()
    names = pd.DataFrame([[row[1]] for row in ROWS[:200]], columns=["氏名"])
    wider = pd.DataFrame([[row[1], row[0]] for row in ROWS[200:500]], columns=["氏名", ""])
    identities = [*reading.read(names), *reading.read(wider)]
    assert reading.report(identities).items["email_address"] == 300
