"""What people read: each word there is, in both languages."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from string import Formatter

import pytest

import detectors
from gateway import locale
from gateway.delivery import DeliveryStatus
from gateway.inspection.evidence import Unshown
from gateway.model import Choice, GapReason, State
from gateway.review.states import Act

GATEWAY = Path(locale.__file__).parents[1]
TEMPLATES = sorted((GATEWAY / "web" / "templates").glob("*.html"))
JAPANESE = locale.catalogue("ja")


def blanks(text: str) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_both_languages_have_the_same_words_with_the_same_blanks():
    english = locale.catalogue("en")
    assert set(JAPANESE) == set(english)
    assert {key for key in JAPANESE if blanks(JAPANESE[key]) != blanks(english[key])} == set()


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_each_word_of_a_template_is_there(template):
    keys = re.findall(r"""["'](send|page)\.([a-z_]+)["']""", template.read_text(encoding="utf-8"))
    assert {f"{section}.{name}" for section, name in keys} <= set(JAPANESE)


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ("state", State),
        ("gap", GapReason),
        ("status", DeliveryStatus),
        ("choice", Choice),
        ("unshown", Unshown),
        ("event", Act),
        ("kind", detectors.KINDS),
    ],
    ids=str,
)
def test_each_word_that_can_come_up_is_there(section: str, words: type[StrEnum] | tuple[str, ...]):
    assert {f"{section}.{word}" for word in words} <= set(JAPANESE)
