"""Which send a mail joins, when a send is whole, and what of it varies."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model import Send, State
from gateway.sends.gather import Candidate, choose, due_at, series_of
from gateway.sends.merge import MAX_LINE, merge_fields, shared_subject
from gateway.sends.template import Fingerprint

NOW = datetime(2023, 10, 31, 9, 0, tzinfo=UTC)
SEND = Send(
    id="s1",
    series="s1",
    client="mail-merge",
    submitter="tanaka",
    sender="news@example.jp",
    subject="",
    state=State.OPEN,
    version=1,
    mails=1,
    recipients=1,
    opened_at=NOW,
    last_mail_at=NOW,
)


def lines(*numbers: int) -> Fingerprint:
    return Fingerprint(0, frozenset(numbers))


AUTUMN = Candidate(id="autumn", series="week", fingerprint=lines(*range(10)))
WINTER = Candidate(id="winter", series="other", fingerprint=lines(*range(100, 110)))


def test_a_mail_joins_the_send_that_it_is_most_like():
    nearly = Candidate(id="nearly", series="week", fingerprint=lines(*range(8), 50, 51))
    assert choose(lines(*range(9), 99), [WINTER, nearly, AUTUMN]) is AUTUMN


def test_a_mail_like_none_opens_a_send_and_a_series_of_its_own():
    assert choose(lines(*range(200, 210)), [AUTUMN, WINTER]) is None
    assert series_of(lines(*range(200, 210)), [AUTUMN, WINTER]) is None
    assert choose(lines(*range(10)), []) is None


def test_the_seventh_send_is_of_the_series_of_the_six_before():
    assert series_of(lines(*range(9), 99), [WINTER, AUTUMN]) == "week"


@pytest.mark.parametrize(("seconds", "whole"), [(0, False), (59.9, False), (60, True), (-7200, False)])
def test_a_send_is_whole_when_it_has_been_quiet_and_a_clock_set_back_is_not_quiet(
    seconds: float, whole: bool
):
    at = due_at(SEND, quiet_seconds=60, max_open_seconds=3600)
    assert (NOW + timedelta(seconds=seconds) >= at) is whole


def test_a_send_that_is_never_quiet_is_whole_after_its_time():
    def at(seconds: float) -> bool:
        now = NOW + timedelta(seconds=seconds)
        return now >= due_at(replace(SEND, last_mail_at=now), quiet_seconds=60, max_open_seconds=3600)

    assert not at(3599)
    assert at(3600)


def test_a_name_and_a_number_are_merge_fields():
    pieces = merge_fields(
        [
            "山田 太郎 様\nお電話 090-1111-2222 までご連絡します。\n以上",
            "佐藤 花子 様\nお電話 090-3333-4444 までご連絡します。\n以上",
        ]
    )
    assert [piece for piece, varies in pieces if varies] == ["山田", "太郎", "090-1111-2222"]
    assert (
        "".join(piece for piece, _ in pieces)
        == "山田 太郎 様\nお電話 090-1111-2222 までご連絡します。\n以上\n"
    )


def test_a_line_that_only_one_mail_has_varies_whole():
    assert merge_fields(["前\n病名は糖尿病です\n後", "前\n後"]) == [
        ("前\n", False),
        ("病名は糖尿病です", True),
        ("\n後\n", False),
    ]


def test_what_varies_in_any_mail_varies():
    assert [piece for piece, varies in merge_fields(["a b c", "a x c", "y b c"]) if varies] == ["a", "b"]


def test_a_line_is_compared_with_the_one_in_its_place():
    assert [piece for piece, varies in merge_fields(["a 1\nb 2\nz", "a 3\nb 2 c\nz"]) if varies] == ["1"]


def test_a_line_that_is_too_long_to_be_compared_varies_whole():
    line = "a " * (MAX_LINE // 2) + "b"
    assert merge_fields([f"{line}\nend", f"{line} c\nend"]) == [(line, True), ("\nend\n", False)]
    fits = "a" * MAX_LINE
    assert merge_fields([fits, fits, f"{fits} c"]) == [(f"{fits}\n", False)]


def test_of_a_line_with_too_many_words_the_two_ends_are_compared():
    odd, even = (" ".join(f"{number}" for number in range(start, 98, 2)) for start in (10, 11))
    (head, middle, tail) = merge_fields([f"same {odd} same", f"same {even} same"])
    assert (head, tail) == (("same ", False), (" same\n", False)) and middle == (odd, True)


@pytest.mark.parametrize(
    ("subjects", "shared"),
    [
        ([], ""),
        (["お知らせ"], "お知らせ"),
        (["", "お知らせ", "お知らせ"], "お知らせ"),
        (["山田 様へのご案内", "佐藤 様へのご案内"], "… 様へのご案内"),
        (["7月 1日のご案内", "7月 2日のご案内", "8月 2日のご案内"], "…月 …日のご案内"),
        (["… 様へのご案内", "鈴木 様へのご案内"], "… 様へのご案内"),
    ],
)
def test_what_subjects_have_in_common_is_the_subject_of_all(subjects: list[str], shared: str):
    assert shared_subject(subjects) == shared


def test_a_single_mail_shows_nothing_as_template():
    assert merge_fields(["山田 太郎 様"]) == [("山田 太郎 様", True)]
    assert merge_fields([]) == []


@given(st.lists(st.text(max_size=60), min_size=2, max_size=3))
def test_the_pieces_are_the_first_text(texts: list[str]):
    whole = "".join(piece for piece, _ in merge_fields(texts))
    assert whole.splitlines() == texts[0].splitlines()


@pytest.mark.parametrize(
    "texts",
    [
        ["\n".join(["01" * 200] * 600), "\n".join(["011" * 133] * 600)],
        ["\n".join(["あa" * 25] * 600), "\n".join(["あaa" * 16] * 600)],
        ["\n".join("ab" * 40_000), "\n".join("aab" * 40_000)],
        ["x" * 10_000_000, "y" * 10_000_000],
    ],
    ids=["digits", "words", "lines", "one-line"],
)
def test_comparing_texts_made_to_be_slow_ends(texts: list[str]):
    whole = "".join(piece for piece, _ in merge_fields(texts))
    assert texts[0].startswith(whole.removesuffix("\n"))
