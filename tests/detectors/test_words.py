"""The words of an organisation are gone by as the shipped ones are."""

from __future__ import annotations

import pandas as pd
import pytest

import detectors
from detectors import NO_OWN_WORDS, OwnWords


def found(text: str, own: OwnWords) -> list[tuple[str, str]]:
    findings = detectors.read_text(text, own=own).findings
    return [(one.kind, text[one.start : one.end]) for one in findings]


def kinds(header: list[str], row: list[str], own: OwnWords) -> list[str | None]:
    reading = detectors.table_reading(own=own)
    people = list(reading.read(pd.DataFrame([row] * 20, columns=header)))
    return [column.kind for column in reading.report(people).columns]


@pytest.mark.parametrize(
    ("text", "own", "finding"),
    [
        ("棋士：ええやません\n", {"labels": {"name": ["棋士"]}}, ("name", "ええやません")),
        (
            "認定番号：KX-1234（甲）\n",
            {"labels": {"member_number": ["認定番号"]}},
            ("member_number", "KX-1234"),
        ),
        ("ID認定: KX-1234, 甲\n", {"labels": {"member_number": ["ＩＤ認定"]}}, ("member_number", "KX-1234")),
        (
            "お生まれ：昭和58年3月4日\n",
            {"labels": {"birthdate": ["お生まれ"]}},
            ("birthdate", "昭和58年3月4日"),
        ),
        (
            "既往症状 糖尿病、高血圧\n",
            {"labels": {"health_condition": ["既往症状"]}},
            ("health_condition", "糖尿病、高血圧"),
        ),
        ("直通：03-3210-0001\n", {"labels": {"phone": ["直通"]}}, ("phone", "03-3210-0001")),
        ("立川志の輔山 師匠がお話しします。\n高橋師匠に頼む。\n", {"honorifics": ["師匠"]}, ("name", "高橋")),
    ],
    ids=lambda value: value[:8] if isinstance(value, str) else None,
)
def test_own_words_find_what_follows_them(text, own, finding):
    assert finding in found(text, OwnWords.of(**own))


def test_whom_an_honorific_calls_though_nobody_is_named_is_said_by_a_policy():
    text = "清水様は水のことです。"
    assert ("name", "清水") in found(text, NO_OWN_WORDS)
    assert ("name", "清水") not in found(text, OwnWords.of(nobody=["清水"]))


def test_a_number_of_something_else_is_no_telephone():
    text = "整理番号 090-1234-5678\n"
    assert ("phone", "090-1234-5678") in found(text, NO_OWN_WORDS)
    assert found(text, OwnWords.of(not_phones=["整理番号"])) == []


def test_own_labels_stand_over_columns():
    own = OwnWords.of({"member_number": ["認定 番号"], "relationship": ["立場"]})
    header, row = ["認定番号", "立場"], ["KX1234", "長男"]
    assert kinds(header, row, NO_OWN_WORDS)[0] is None
    assert kinds(header, row, own) == ["member_number", "relationship"]


def test_a_label_does_not_reach_into_the_next_word_or_over_a_line():
    own = OwnWords.of({"member_number": ["認定"]})
    assert found("認定番号 KX-1234\n", own) == []
    assert found("認定\n本日は晴れ\nKX-1234\n", own) == []
