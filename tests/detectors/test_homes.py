"""Who lives together where an address stands once for a home: merged cells are blank below their first row."""

from __future__ import annotations

import random

import pytest

from tests.detectors.lists import GIVEN, SURNAMES, mobile, scan


def house(number):
    return f"東京都港区芝{number % 5 + 1}-{number + 1}-3"


def homes(number=6):
    """Give the rows of some homes of three, the address at the head of each."""
    return [
        [f"{SURNAMES[at]} {GIVEN[at + place]}", relation, house(at) if place == 0 else ""]
        for at in range(number)
        for place, relation in enumerate(("世帯主", "妻", "子"))
    ]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (0, 2), (2, 0)])
def test_an_address_in_merged_cells_is_that_of_the_family_below(order):
    heading = ["氏名", "続柄", "住所"]
    report = scan([heading[at] for at in order], [[row[at] for at in order] for row in homes()])
    assert (report.people, report.households) == (18, 6)
    assert report.items["address"] == 6


def test_a_relative_of_another_name_lives_with_the_head_as_well():
    rows = homes()
    rows[2][0] = "桐生 葵"
    assert scan(["氏名", "続柄", "住所"], rows).households == 6


def test_who_is_a_head_and_gave_no_address_lives_alone():
    rows = [*homes(), ["佐藤 一郎", "世帯主", ""]]
    assert scan(["氏名", "続柄", "住所"], rows).households == 7


def test_addresses_that_some_did_not_give_are_not_those_of_the_row_above():
    dice = random.Random(3)
    rows = [
        [f"{dice.choice(SURNAMES)} {given}", mobile(at), house(at) if dice.random() < 0.7 else ""]
        for at, given in enumerate(GIVEN * 3)
    ]
    assert scan(["氏名", "電話", "住所"], rows).households == 60


def test_a_list_in_the_order_of_names_has_no_homes_in_merged_cells():
    rows = sorted([f"{SURNAMES[at % 4]} {GIVEN[at // 4]}", house(at) if at % 5 else ""] for at in range(80))
    assert scan(["氏名", "住所"], rows).households == 80


def test_an_address_that_ends_before_the_house_is_nobodys_below():
    rows = homes()
    rows[0][2] = "東京都港区"
    assert scan(["氏名", "続柄", "住所"], rows).households == 8


@pytest.mark.parametrize("mark", ["同上", "〃"])
def test_the_same_as_above_is_the_same_home(mark):
    rows = [[name, place or mark] for name, _, place in homes()]
    rows[1][0] = "桐生 葵"
    assert scan(["氏名", "住所"], rows).households == 6
