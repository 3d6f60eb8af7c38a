"""A detector that the sieve leaves out would have found nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import detectors
from detectors._sieve import Sieve, folded_of

_SAMPLES = [
    line.translate(str.maketrans("", "", "⟦⟧"))
    for path in sorted(Path(__file__).with_name("samples").glob("*.txt"))
    for line in path.read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]
_PIECES = st.sampled_from(_SAMPLES) | st.text(
    "0123456789 -:：山田様性別年生電話氏名①ﾊﾟ\u200b\u0301", max_size=12
)
_SIEVE = Sieve(detectors.DETECTORS)


def _found(text, chosen):
    return [(one.kind, one.start, one.end, one.why) for detector in chosen for one in detector.find(text)]


@settings(max_examples=300, deadline=None)
@given(st.lists(_PIECES, max_size=6).map("\n".join))
def test_a_text_read_through_the_sieve_says_what_all_detectors_say(text):
    folded, chosen = _SIEVE.read(text)
    assert folded == folded_of(text)
    assert _found(folded, chosen) == _found(folded, detectors.DETECTORS)


@pytest.mark.parametrize("length", [1, 20_001])
def test_a_long_text_is_sieved_as_a_whole(length):
    folded, chosen = _SIEVE.read("あ" * length + "\nメール taro@example.jp")
    assert [kind for kind, *_ in _found(folded, chosen)] == ["email_address"]


def test_a_text_that_triggers_nothing_is_read_for_names_alone():
    _, chosen = _SIEVE.read("いつもありがとうございます。")
    assert [detector.kind for detector in chosen] == ["name"]
