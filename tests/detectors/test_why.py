"""Every reason can be read by a reviewer, in Japanese and in English."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import detectors
from detectors._why import SENTENCES

SAMPLES = sorted(Path(__file__).with_name("samples").glob("*.txt"))


@pytest.mark.parametrize("path", SAMPLES, ids=[path.stem for path in SAMPLES])
def test_what_is_found_in_a_sample_has_a_reason_in_words(path):
    text = re.sub("[⟦⟧]", "", path.read_text(encoding="utf-8"))
    reasons = {finding.why for finding in detectors.scan_text(text)}
    assert reasons <= SENTENCES.keys()


def test_whatever_reason_a_detector_gives_has_words():
    # Reasons stand in the source behind `why=`, `why = ` or as the last of what a detector yields.
    said = {
        one
        for path in Path(detectors.__file__).parent.glob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(
            r"\bwhy(?:: str)?(?: =|=)|^IN_A_SENTENCE|\byield .*0\.\d+, \"|for confidence, why in|matches \+?= \[",
            line,
        )
        for one in re.findall(r'"([^"]+)"', line)
    }
    assert {"label", "honorific", "生まれ", "own pattern", "check digits throughout"} <= said
    assert said - SENTENCES.keys() == set()
    assert all(ja.strip() and en.strip() and en.isascii() for ja, en in SENTENCES.values())


def test_the_verdicts_on_tables_have_sentences():
    said = re.findall(r'return (?:True|False), f?"([^"{(]+?)(?: \(?\{.*)?"', _source("_subject"))
    assert said
    assert [why for why in said if why.strip() not in SENTENCES] == []


def test_a_reason_lists_its_kinds_in_the_words_of_the_reader():
    names = {"phone": "電話番号", "address": "住所"}
    assert (
        detectors.explain("names beside address, phone", "ja", names) == "氏名と住所、電話番号が並んでいます"
    )
    assert detectors.explain("names beside address, phone", "en") == "Names beside address, phone"
    survey = "attributes of people (age, gender), but nothing that says who they are"
    assert detectors.explain(survey, "en") == (
        "Attributes of people (age, gender), but nothing that says who they are"
    )


def test_an_unknown_reason_comes_back_as_it_is():
    assert detectors.explain("something else") == "something else"


def _source(module):
    return Path(detectors.__file__).with_name(f"{module}.py").read_text(encoding="utf-8")
