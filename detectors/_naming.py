"""Take names of people apart: the grammar of a whole cell in kanji, kana and romaji.

In: a folded cell or word. Out: a PersonName with its confidence, or None. Fails: never.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import regex

from detectors._entity import is_company, is_entity
from detectors._fold import fold_cell, katakana
from detectors._lexicon import names, romaji
from detectors._words import shipped


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonName:
    """A name taken apart; `given` is empty where only a surname stands."""

    family: str
    given: str
    script: str  # "kanji", "kana" or "romaji"
    confidence: float

    @property
    def key(self) -> str:
        """Give the form that all spellings of this name share."""
        if self.script == "kana":
            return katakana(self.family + self.given)
        if self.script == "romaji":
            return " ".join(sorted(map(romaji, (self.family, *self.given.split()))))
        return self.family + self.given


def is_surname(value: str) -> bool:
    """Tell whether a word is a surname, in any script."""
    known = names()
    return (
        value in known.family or katakana(value) in known.family_kana or romaji(value) in known.family_romaji
    )


def is_given(value: str) -> bool:
    """Tell whether a word is a given name, in any script."""
    return _is_given(value) or romaji(value) in names().given_romaji


def is_kana(value: str) -> bool:
    """Tell whether a cell is written in kana alone."""
    return _KANA.fullmatch(value) is not None


def bare(value: str) -> str | None:
    """Give a word as it stands, without honorific, blanks and the difference of hiragana and katakana."""
    word = TAIL.sub("", value).replace(" ", "")
    return (katakana(word) if is_kana(word) else word.lower()) or None


def key(shown: str) -> str:
    """Give what is compared of a name: 髙橋　健一 様 and 高橋健一 are one; "" for what holds no letter of a name."""
    folded = fold_cell(shown)
    parsed = parse(folded)
    return parsed.key if parsed else bare(folded) or ""


def family_of(key: str, parsed: PersonName | None) -> str:
    """Give the family name of a name by its key; a word that nobody could cut is cut as most names are."""
    if parsed is None:
        return key[:2]
    return katakana(parsed.family) if parsed.script == "kana" else romaji(parsed.family)


def part_key(value: str) -> str | None:
    """Give the key of a cell that holds one part of a name."""
    return None if masked(value) or any(letter.isdigit() for letter in value) else bare(value)


NO_ANSWER = frozenset(shipped("no_answer"))
MASK = "〇○◯●◎＊*×✕✖■□▲△◆◇☆★※"
MASKS = frozenset(MASK)
# 佐??郎, 佐__郎, 佐XX; one "?" alone is a letter that an encoding did not have.
_SCRIBBLES = r"\?{2,}|_+|#{2,}|[~〜]|・{2,}|(?<=[\p{Han}\p{Katakana}])[Xx]{1,3}(?![A-Za-z])"
_SCRIBBLED = regex.compile(
    rf"[\p{{Han}}\p{{Katakana}}\p{{Hiragana}}ー々 ]*(?:{_SCRIBBLES})[\p{{Han}}\p{{Katakana}}\p{{Hiragana}}ー々 ?_#~〜・Xx]*|[Xx]{{2,}}(?: [Xx]{{2,}})?"
)
_MAY_MASK = regex.compile(rf"[{MASK}]|{_SCRIBBLES}|[Xx]{{2}}")
_MASKED = regex.compile(rf"[\p{{L}}ー々 ・]*[{MASK}][\p{{L}}ー々 ・{MASK}]*")


def masked(value: str) -> bool:
    """Tell whether a cell is a name made unreadable."""
    return len(value) <= LONGEST and (
        _MASKED.fullmatch(value) is not None or _SCRIBBLED.fullmatch(value) is not None
    )


def may_mask(written: str) -> bool:
    """Tell whether anything that masks names stands in a text."""
    return _MAY_MASK.search(written) is not None


LONGEST = 40
_HONORIFIC = r"様方?|さま|さん|サン|殿|氏|君|くん|ちゃん|先生|御中"
TAIL = regex.compile(rf"(?<=\S{{2}}|\S\s\S)\s*(?:{_HONORIFIC})$")
_CLOSING = frozenset(")]】〉》>")
_READING = regex.compile(r"([^(\[【〈《<]+?)\s*[(\[【〈《<]\s*([^)\]】〉》>]+?)\s*[)\]】〉》>]")
HAN = r"\p{Han}々〆ヶケノヵ"
_KANJI = regex.compile(rf"[{HAN}\p{{Hiragana}}\p{{Katakana}}ー]+")
_KANA = regex.compile(r"[\p{Hiragana}\p{Katakana}ー・ ]+")
_LATIN = regex.compile(r"[A-Za-z][A-Za-z'.\-]*(?:[ ,/]+[A-Za-z][A-Za-z'.\-]*){1,3}")
_BETWEEN = regex.compile(r"[ ,/]+")  # AOKI/KIYOTO MR, as airlines write
_ENGLISH_TITLES = frozenset(("mr", "mr.", "mrs", "mrs.", "ms", "ms.", "miss", "mstr", "dr", "dr."))
_JAPANESE_SYLLABLES = regex.compile(
    r"(?:(?:[kgsztdnhbpmrw]|[kgnhbpmrszjtdc][yh]|sh|ch|ts|f|j|y)?[aiueo]|n'?|(?=([ksptc]))\1(?=\1)|h)+"
)


def plain(value: str) -> tuple[str, str] | None:
    """Give key and family name of a name whose two parts both stand in the lists; most names do, and need no parsing."""
    family, _, given = value.partition(" ")
    known = names()
    if family in known.family and given in known.given:
        return family + given, family
    if family in known.family_kana and given in known.given_kana:
        return family + given, family
    return None


@lru_cache(maxsize=65536)
def parse(value: str) -> PersonName | None:
    """Take a folded cell apart as a name, else None; a bare surname comes back without a given name."""
    if not 2 <= len(value) <= LONGEST or not MASKS.isdisjoint(value) or value in NO_ANSWER:
        return None
    if value[-1] in _CLOSING and (bracket := _READING.fullmatch(value)):
        value = bracket[1]
    value = TAIL.sub("", value)
    parts = value.split()
    if len(parts) == 3 and _INITIAL.fullmatch(parts[1]):
        value = f"{parts[0]} {parts[2]}"  # 田中 M. 太郎
        parts = value.split()
    if len(parts) > 2 and all(len(part) == 1 for part in parts):
        parts = ["".join(parts)]  # 山 田 太 郎
    if 2 < len(parts) <= _FOREIGN_PARTS and parts[0] in names().foreign:
        parts = ["・".join(parts)]  # グエン ヴァン ナム
    if value.isascii():
        return _latin(value) if _LATIN.fullmatch(value) else _with_initial(value)
    if not parts or len(parts) > 2 or not _KANJI.fullmatch("".join(parts).replace("・", "")):
        return None
    if _KANA.fullmatch(value):
        return _in_kana(parts)
    return _in_kanji(parts)


def sure(value: str) -> PersonName | None:
    """Take a cell apart as a full name that is one beyond doubt: 中山地内 may be one, 中山太一 is."""
    name = parse(value)
    return name if name is not None and name.given and name.confidence >= BEYOND_DOUBT else None


BEYOND_DOUBT = 0.85


def behind_affiliation(value: str) -> PersonName | None:
    """Take a cell apart that says first where somebody is from: 株式会社青空 営業部 山田 太郎."""
    first, _, rest = value.partition(" ")
    if not rest or not (is_entity(first) or _TITLED.search(first)) or first in names().family:
        return None
    return sure(rest) or behind_affiliation(rest)


_TITLED = regex.compile(r"[社会市町村区部課局室]長$|議員$|役$|事$|係$|員$|教授$|主任$")


def _in_kanji(parts: list[str]) -> PersonName | None:
    known = names()
    if len(parts) == 2:
        family, given = parts
        if len(family) > 5 or len(given) > 5 or (is_company(family) and family not in known.family):
            return None
        both = (family in known.family) + _is_given(given)
        if is_entity(given) and both != 2:
            return None
        confidence = (0.6, 0.9, 0.98)[both] if len(family) <= 3 or both else 0.4
        if is_entity(family) and family not in known.family:
            confidence = min(confidence, 0.6)  # 麺屋 清人
        return PersonName(family=family, given=given, script="kanji", confidence=confidence)
    solid = parts[0]
    if len(solid) > 8:
        return None
    best: PersonName | None = None
    for cut in range(min(5, len(solid) - 1), 0, -1):
        family, given = solid[:cut], solid[cut:]
        sure = _fit(family, given)
        if sure and (best is None or sure > best.confidence):
            best = PersonName(family=family, given=given, script="kanji", confidence=sure)
    if solid in known.family and (best is None or best.confidence < 0.9):
        return PersonName(family=solid, given="", script="kanji", confidence=0.3)
    if best is not None and is_entity(solid) and (best.confidence < 0.9 or len(best.given) == 1):
        return None
    return best


def _fit(family: str, given: str) -> float:
    """Judge one way to cut a name that is written without a space."""
    known = names()
    if family in known.family or (len(family) > 1 and katakana(family) in known.family_kana):
        if _is_given(given):
            return 0.95 if len(family) > 1 else 0.85
        if len(family) > 1 and len(given) <= 3 and all(letter in known.given_letters for letter in given):
            return 0.7
        return 0.0
    if len(family) <= 3 and len(family) > 1 and len(given) > 1 and given in known.given:
        return 0.6
    return 0.0


def _is_given(word: str) -> bool:
    known = names()
    return word in known.given or katakana(word) in known.given_kana


# Most end in ケン, which is a given name too.
_PREFECTURE_WORDS = (
    "ホッカイドウ アオモリケン イワテケン ミヤギケン アキタケン ヤマガタケン フクシマケン イバラキケン トチギケン グンマケン サイタマケン チバケン "
    "トウキョウト カナガワケン ニイガタケン トヤマケン イシカワケン フクイケン ヤマナシケン ナガノケン ギフケン シズオカケン アイチケン ミエケン シガケン "
    "キョウトフ オオサカフ ヒョウゴケン ナラケン ワカヤマケン トットリケン シマネケン オカヤマケン ヒロシマケン ヤマグチケン トクシマケン カガワケン "
    "エヒメケン コウチケン フクオカケン サガケン ナガサキケン クマモトケン オオイタケン ミヤザキケン カゴシマケン オキナワケン"
)
_PREFECTURES = frozenset(_PREFECTURE_WORDS.split())
_FOREIGN_PARTS, _FOREIGN_LONGEST = 4, 12


def _in_kana(parts: list[str]) -> PersonName | None:
    known = names()
    parts = [part for word in parts for part in katakana(word).split("・") if part]
    if 2 < len(parts) <= _FOREIGN_PARTS and parts[0] in known.foreign:
        parts = [
            parts[0],
            "".join(parts[1:]),
        ]  # マリア・ダ・シルバ
    if len(parts) == 2:
        family, given = parts
        from_elsewhere = (family in known.foreign) + (given in known.foreign)
        if max(len(family), len(given)) > (_FOREIGN_LONGEST if from_elsewhere else 8):
            return None
        both = from_elsewhere or (family in known.family_kana) + (given in known.given_kana)
        return PersonName(family=family, given=given, script="kana", confidence=(0.45, 0.75, 0.98)[both])
    if len(parts) != 1 or not 2 <= len(parts[0]) <= 10 or parts[0] in _PREFECTURES:
        return None
    solid = parts[0]
    best: PersonName | None = None
    for cut in range(len(solid) - 1, 0, -1):
        family, given = solid[:cut], solid[cut:]
        both = 2 * (len(family) > 1 and family in known.family_kana) + (
            len(given) > 1 and given in known.given_kana
        )
        sure = (0.0, 0.5, 0.45, 0.85)[both]
        if sure and (best is None or sure > best.confidence):
            best = PersonName(family=family, given=given, script="kana", confidence=sure)
    if solid in known.family_kana and (best is None or best.confidence < 0.8):
        return PersonName(family=solid, given="", script="kana", confidence=0.3)
    return best


_LATIN_PARTS = 3
NOT_IN_NAMES = frozenset(shipped("not_in_names"))
_PLACE_ENDS = frozenset(("shi", "ku", "gun", "cho", "mura", "fu"))  # MATSUMOTO SHI, as the post writes it
_ROMAJI_WORDS = (
    "aomori iwate miyagi akita yamagata fukushima ibaraki tochigi gunma saitama chiba kanagawa niigata toyama ishikawa fukui yamanashi nagano "
    "gifu shizuoka aichi mie shiga hyogo nara wakayama tottori shimane okayama hiroshima yamaguchi tokushima kagawa ehime kochi fukuoka saga "
    "nagasaki kumamoto oita miyazaki kagoshima okinawa"
)
_PREFECTURES_ROMAJI = frozenset(_ROMAJI_WORDS.split())


_INITIAL = regex.compile(r"[A-Z]\.?")
_INITIALED = regex.compile(r"([A-Z])\. ?([A-Z][A-Za-z]{1,14})")


def _with_initial(value: str) -> PersonName | None:
    """Take apart T.Yamada."""
    match = _INITIALED.fullmatch(value)
    if match is None or romaji(match[2]) not in names().family_romaji:
        return None
    return PersonName(family=match[2].lower(), given=match[1].lower(), script="romaji", confidence=0.85)


def _latin(value: str) -> PersonName | None:
    known = names()
    words = [
        word for word in _BETWEEN.split(value.lower()) if word.strip("x") and word not in _ENGLISH_TITLES
    ]
    if not 2 <= len(words) <= _LATIN_PARTS:
        return None
    first, *middle, last = words
    if last in _PLACE_ENDS or (last == "ken" and first in _PREFECTURES_ROMAJI):
        return None
    both = max(
        (romaji(a) in known.family_romaji) + (romaji(b) in known.given_romaji)
        for a, b in ((first, last), (last, first))
    )
    if both == 2:
        sure = 0.95
    elif known.english.intersection((first, last)) and NOT_IN_NAMES.isdisjoint(words):
        sure = 0.85
    elif _JAPANESE_SYLLABLES.fullmatch(first) and _JAPANESE_SYLLABLES.fullmatch(last):
        sure = 0.7 if both else 0.4
    else:
        sure = 0.3
    return PersonName(family=first, given=" ".join((*middle, last)), script="romaji", confidence=sure)
