"""Whoever is named in the remarks of a row, and what is public of the organisation, in tables."""

from __future__ import annotations

import pandas as pd
import pytest

import detectors
from tests.detectors.lists import GIVEN, SURNAMES, mobile, scan

NAMES = [f"{family} {given}" for family, given in zip(SURNAMES, GIVEN, strict=True)]


def with_remark(remark: str) -> detectors.TableReport:
    rows = [[name, mobile(at), ""] for at, name in enumerate(NAMES)]
    rows[3][2] = remark
    return scan(["氏名", "電話番号", "備考"], rows)


@pytest.mark.parametrize(
    "remark",
    [
        "緊急連絡先 山田花子 090-0000-1111",
        "祖母 田中 よし子 03-0000-0004 に連絡",
        "紹介者：小林 大輔（kobayashi@example.jp）",
        "実家：山口県萩市江向1-2-3 佐藤 義男",
        "緊急連絡先：中野 花子（叔母）０９０－００００－１１１１",
    ],
)
def test_whom_a_remark_names_in_full_with_how_to_reach_him_is_one_more_person(remark):
    report = with_remark(remark)
    assert (report.people, report.records) == (21, 20)


@pytest.mark.parametrize(
    "remark",
    [
        "母携帯 090-0000-2222",  # the same household
        f"旧番号 {NAMES[3]} 090-0000-5555",  # himself
        f"{NAMES[3].replace(' ', '')}様 旧アドレス old@example.jp",
        "中村様より090-0000-7777へ折り返し",  # a surname alone
        "株式会社青空 03-0000-0000 勤務",
        "喘息あり。アレルギー（卵・乳）、要注意",
        "山田花子さんと同じ班を希望",  # mentioned, not reached
        "受付番号 2023-0401-0012 確認済み",
    ],
)
def test_remarks_about_the_person_of_the_row_name_nobody_else(remark):
    assert with_remark(remark).people == 20


def read(frame: pd.DataFrame, *contacts: str) -> detectors.TableReport:
    reading = detectors.table_reading(public=detectors.Public(contacts=contacts))
    return reading.report(list(reading.read(frame)))


def test_the_organisations_own_number_reaches_nobody_in_a_table():
    rows = [[NAMES[at % 4], "０３（０００１）００００" if at % 2 else mobile(at)] for at in range(8)]
    frame = pd.DataFrame(rows, columns=["氏名", "電話"])
    known = read(frame, "03-0001-0000")
    assert (known.items["phone"], known.columns[1].found) == (4, 4)
    assert not any("p:0300010000" in key for one in known.identities for key in one.keys)
    assert read(frame, "03-0001-9999").items["phone"] == 8


def test_a_column_of_the_organisations_own_contacts_is_of_no_kind():
    frame = pd.DataFrame(
        {
            "担当課": ["総務課", "市民課", "税務課"],
            "メール": ["taro@example.jp"] * 3,
            "住所": ["東京都港区芝1-2-3 本館"] * 3,
        }
    )
    report = read(frame, "taro@example.jp", "東京都港区芝一丁目2番3号")
    assert (report.about_people, [column.kind for column in report.columns]) == (False, [None] * 3)
    assert read(frame).columns[1].kind == "email_address"
