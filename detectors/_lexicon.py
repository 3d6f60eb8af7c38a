"""Hold the words that are used as surnames and given names, read from data/ when first needed.

In: data/surnames.tsv and data/given_names.tsv (sources and licences: data/README.md).
Out: `names()`: sets of folded words in kanji, katakana and romaji.
Fails: never at run time; a missing file is a broken installation and raises FileNotFoundError.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib import resources

import regex

from detectors._fold import fold, katakana


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The words used as names; `given_letters` are the kanji of given names, `foreign` names from elsewhere in katakana, `english` given names."""

    family: frozenset[str]
    family_kana: frozenset[str]
    family_romaji: frozenset[str]
    given: frozenset[str]
    given_kana: frozenset[str]
    given_romaji: frozenset[str]
    given_letters: frozenset[str]
    foreign: frozenset[str]
    english: frozenset[str]


@cache
def names() -> Names:
    """Read the lists (80 ms, once a process)."""
    family, family_kana, family_romaji = set(), set(), set()
    for line in _lines("surnames.tsv"):
        kanji, kana, roman = line.split("\t")
        family.add(kanji)
        if kana:
            family_kana.add(katakana(kana))
        if roman:
            family_romaji.add(romaji(roman))
    given, given_kana, given_romaji = set(), set(), set()
    for line in _lines("given_names.tsv"):
        kana, roman, spellings = line.split("\t")
        given_kana.add(katakana(kana))
        given_romaji.add(romaji(roman))
        given.update(spellings.split(","))
    given.discard("")
    given_romaji.discard("")
    letters = Counter("".join(given))
    return Names(
        family=frozenset(family),
        family_kana=frozenset(family_kana),
        family_romaji=frozenset(family_romaji),
        given=frozenset(given),
        given_kana=frozenset(given_kana),
        given_romaji=frozenset(given_romaji),
        foreign=_words_of("foreign_names.txt"),
        english=_words_of("english_names.txt"),
        given_letters=frozenset(letter for letter, uses in letters.items() if uses >= _USED_IN_NAMES),
    )


_USED_IN_NAMES = 8


def _words_of(file: str) -> frozenset[str]:
    return frozenset(word for line in _lines(file) if line[0] != "#" for word in line.split())


def _lines(file: str) -> list[str]:
    """Read a list of data/, folded as the text will be that is compared with it."""
    raw = resources.files("detectors").joinpath("data", file).read_text(encoding="utf-8")
    return [line for line in fold(raw).folded.split("\n") if line]


_SPELLINGS = (
    ("sh", "s"), ("ch", "t"), ("tsu", "tu"), ("fu", "hu"), ("j", "z"), ("zy", "z"), ("sy", "s"), ("ty", "t"),
    ("oh", "o"), ("ou", "o"), ("oo", "o"), ("uu", "u"), ("mb", "nb"), ("mp", "np"), ("mm", "nm"), ("tt", "t"),
)  # fmt: skip
_OH_BEFORE_VOWEL = regex.compile(r"oh(?=[aiueo])")


@cache
def romaji(word: str) -> str:
    """Fold the ways of spelling Japanese in Latin letters: Hepburn, Kunrei, long vowels written or not."""
    word = _OH_BEFORE_VOWEL.sub("o_h", word.lower())
    for old, new in _SPELLINGS:
        word = word.replace(old, new)
    return word.replace("_", "")
