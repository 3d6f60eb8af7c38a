"""Find names of people: 氏名, the first item of 個人情報 (個人情報保護法 2条1項1号).

In: running text; whole cells in kanji, kana, romaji, letter-spaced, with 様 or a reading in brackets.
Out: findings of full names, or of words that a label or an honorific makes a name.
Fails: never.

A masked name (山〇〇郎, 山**郎) names nobody and is no finding.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from heapq import merge
from itertools import chain

import regex

from detectors import _latin_names, _nicknames
from detectors._entity import is_entity
from detectors._fold import fold_label, katakana
from detectors._labelled import each_of, said
from detectors._lexicon import names
from detectors._model import Finding, Text
from detectors._naming import (
    BEYOND_DOUBT,
    HAN,
    LONGEST,
    MASK,
    NO_ANSWER,
    TAIL,
    behind_affiliation,
    is_given,
    is_kana,
    is_surname,
    masked,
    parse,
)
from detectors._words import NO_OWN_WORDS, OwnWords, every_heading, headings, shipped
from detectors.address import PREFECTURES

kind = "name"

IN_A_SENTENCE = "name in a sentence"
SURE = 0.6  # from here a whole cell is taken for a full name

header = headings(kind)


def cell(value: str) -> str | None:
    """Give the key of a whole cell that is a full name."""
    name = parse(value)
    if name is None or name.confidence < BEYOND_DOUBT:
        name = behind_affiliation(value) or name
    return name.key if name is not None and name.given and name.confidence >= SURE else None


_LABELS = (
    r"(?:ご|御|お)?(?:氏名|名前|芳名)|姓名|フリガナ|ふりがな|カナ氏名|(?:会員|参加者|申込者|受講者|利用者|生徒|児童|園児|保護者|担当者|代表者|契約者"
    r"|患者|本人|応募者|当選者)(?:名|氏名|様名)?|担当|宛名"
)
_SPACED = rf"[{HAN}](?:[ \t][{HAN}]){{2,4}}(?![\p{{L}}々ー])"  # 坂 東 利 国
# Whoever has a part in something: behind these only a known name is one.
_ROLES = (
    r"(?:発表|紹介|依頼|申請|届出|推薦|作成|記入|報告|予約|購入|注文|入居|同居|登録|相談|保証|所有|運転|後見|差出|代理|受取|名義)(?:者|人)(?:名|氏名|様名)?"
    r"|世帯主|お?届け先|送り先|(?<![\p{L}々ー])姓"
)
_IN_PARTS = r"\p{Katakana}[\p{Katakana}ー]{0,11}(?:[ ・=]\p{Katakana}[\p{Katakana}ー]{0,11}){2,4}"  # マリア・ダ・シルバ
_AND_NAME = (
    rf"(?:\([^)\n]{{1,8}}\))?[ \t]*(?:[】\])〕>=:;→|【「]+[ \t]*\n?|(?P<told>は)|\n|[ \t])[ \t]*"
    rf"(?P<shown>{_SPACED}|{_IN_PARTS}|[A-Z]\. ?[A-Z][A-Za-z]{{1,12}}|[\p{{L}}々ー・]{{1,10}}(?:[ ,]{{1,2}}(?:[A-Z]\. ?)?[\p{{L}}々ー]{{1,10}}+(?! ?[:=]))?)"
)
# Each branch begins with a letter: `re` then passes over all others at once.
_LABEL_GATE = "|".join(
    (
        each_of("名者担姓氏員", r"[名前者当員:\]】) (【「]"),
        each_of("主先姓", r"[: \n]"),
        "人[:名]|フリガナ|ふりがな|ガナ|本人",
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hints:
    """What makes a word a name: labels, of which a text has none where `gate` finds none, and honorifics."""

    gate: re.Pattern[str]
    labelled: regex.Pattern[str]
    call: re.Pattern[str]
    nobody: frozenset[str]


@lru_cache(maxsize=4)
def _hints(own: OwnWords) -> _Hints:
    labels = tuple(map(re.escape, own.labels_of(kind)))
    return _Hints(
        gate=re.compile("|".join((_LABEL_GATE, *labels))),
        labelled=regex.compile(rf"(?:{'|'.join((*labels, _LABELS))}|(?P<role>{_ROLES})){_AND_NAME}"),
        call=re.compile("|".join(map(re.escape, (*shipped("honorifics"), *own.honorifics)))),
        nobody=frozenset((*shipped("nobody"), *own.nobody)),
    )


_ABROAD = r"\p{Katakana}[\p{Katakana}ー]{0,11}(?:[・=]\p{Katakana}[\p{Katakana}ー]{0,11}){1,3}"
# Read backwards from the honorific, so that text without one costs nothing.
_BEFORE_CALL = regex.compile(
    rf"(?r)(?<![\p{{L}}々ー])({_ABROAD}|(?:[{HAN}]{{1,5}}|\p{{Katakana}}[\p{{Katakana}}ー]{{1,7}}|\p{{Hiragana}}{{2,6}})"
    rf"(?:[ ]?(?:[{HAN}]{{1,4}}|\p{{Hiragana}}{{2,5}}|\p{{Katakana}}{{2,7}}))?)[ ]?"
)
# Mail, telephone, house number, label. `re` scans this three times as fast as `regex`.
_BESIDE = (
    re.compile(r"[0-9](?:[-)][0-9]{1,4}[-)]?[0-9]|[0-9]{9}|歳)"),
    re.compile(r"@|生年月日|日生|番号[: ]{0,2}[A-Za-z]{0,3}-?[0-9]{3}|会員番号"),
    re.compile(
        r"[男女](?:性?[ \t,、/][ \t]?[明大昭平令MTSHR12][0-9治正和成]|(?<=[0-9日][ \t,、/].)性?(?![ぁ-んァ-ヶ一-鿿]))"
    ),
)
_TOKEN = regex.compile(
    rf"(?<![\p{{L}}々ー])(?:{_SPACED}|[{HAN}\p{{Hiragana}}]{{1,7}}(?:(?:[ \t][A-Z]\.?)?[ \t][{HAN}\p{{Hiragana}}]{{1,5}})?"
    rf"|{_IN_PARTS}|[\p{{Katakana}}ー]{{2,4}} [{HAN}]{{1,3}}|[\p{{Katakana}}ー]{{2,16}}(?:[ ・][\p{{Katakana}}ー]{{1,8}})?|[A-Z][A-Za-z]{{1,12}},? [A-Z][A-Za-z]{{1,12}}|[A-Z]\. ?[A-Z][a-z]{{1,12}})(?![\p{{L}}々ー@])"
)
trigger = ""  # what makes a name may be any sentence


def find(text: Text, own: OwnWords = NO_OWN_WORDS) -> Iterator[Finding]:
    """Yield names after a label, before an honorific, beside another identifier, and those that a sentence is about."""
    folded = text.folded
    hints = _hints(own)
    taken: set[int] = set()
    by_form = (
        *_labelled(folded, hints),
        *called(folded, own),
        *_latin_names.find(folded),
        *_beside(folded, hints),
        *_of_a_desk(folded),
    )
    for start, end, confidence, why in chain(by_form, _tagged(folded, taken)):
        if (
            taken.isdisjoint(range(start, end))
            and not masked(folded[start:end])
            and not _is_example(folded, start, end)
        ):
            taken.update(range(start, end))
            first, last = text.span(start, end)
            yield Finding(kind=kind, start=first, end=last, confidence=confidence, why=why)


def _is_example(folded: str, start: int, end: int) -> bool:
    """Tell whether a form shows by a name how to fill it in: (例)山田太郎, 山田太郎(記入例)."""
    return bool(_EXAMPLE.match(folded, end) or _FOR_EXAMPLE.search(folded, max(0, start - _NEAR), start))


_EXAMPLE = re.compile(r"[ \t]*[(\[【](?:(?:記入|入力)?例)[)\]】]")
_FOR_EXAMPLE = re.compile(r"例[)\]】:][ \t]*$")
_NEAR = 6


def _tagged(folded: str, named: AbstractSet[int]) -> Iterator[tuple[int, int, float, str]]:
    """Yield what the trained tagger takes for names; numpy is loaded only here."""
    if folded.isascii():
        return
    from detectors import _tagger  # noqa: PLC0415

    for start, end, sure in _tagger.find(folded, named):
        covered = folded[end : end + 1] in _COVERED and not is_full_name(folded[start:end])
        if not covered and not _is_one_of_prefectures(folded, start, end):
            yield start, end, round(min(sure, 0.95) * 0.8, 3), IN_A_SENTENCE


def _is_one_of_prefectures(folded: str, start: int, end: int) -> bool:
    """Tell whether a word stands in a list of prefectures: 宮城・岩手・秋田."""
    around = _PREFECTURES.finditer(folded, max(0, start - LONGEST), end + LONGEST)
    return any(some.start() <= start < some.end() for some in around)


_PREFECTURE = "|".join(prefecture[:-1] for prefecture in PREFECTURES)
_PREFECTURES = re.compile(
    rf"(?:{_PREFECTURE})(?:[・、,/と](?:{_PREFECTURE}))+(?![一-龠々])"
)  # 宮城・岩手・秋田
_COVERED = frozenset("〇○◯●◎*×✕✖□")  # 佐藤〇子さん; 山田太郎○ is one who comes


def _labelled(folded: str, hints: _Hints) -> Iterator[tuple[int, int, float, str]]:
    if not hints.gate.search(folded):
        return
    for match in hints.labelled.finditer(folded):
        start = match.start("shown")
        word = _until_particle(TAIL.sub("", _without_next(_TOLD.sub("", match["shown"]))))
        end = start + len(word)
        if _is_heading(word) or _ASKS.search(word):
            continue
        if folded[end : end + 1] and folded[end] in MASK:
            continue
        name = parse(word)
        if match["told"] and not is_full_name(word):
            continue  # 氏名は別紙
        if match["role"] and (name is None or (name.given and name.confidence < SURE)):
            continue
        is_set_off = folded[start - 1] not in " \t" or _stands_alone(folded, match)
        if name is not None and name.script == "kana" and name.confidence < SURE and not is_set_off:
            continue  # 担当 よろしくお願いします
        if name is not None and not _is_no_name(word):
            confidence = 0.95 if name.confidence >= SURE else 0.7
            for first, last in _each(folded, start, end):
                yield first, last, confidence, "label"
        elif hints.nobody.isdisjoint((word, *_PARTS.split(word))) and _is_nickname(
            word, sure=":" in match[0] or (_stands_alone(folded, match) and _nicknames.CALLS.fullmatch(word))
        ):
            yield start, end, 0.6, "label"


def _without_next(words: str) -> str:
    """Cut off the next item of the line, where the first word is a name by itself or the second a label: 奥寺美緒 携帯."""
    if words.endswith((" 男", " 女")):
        words = words[:-2]  # 森 学 女
    first, *others = _BETWEEN.split(words, maxsplit=1)
    is_name = first not in names().family and is_full_name(first)
    return first if others and (is_name or _is_heading(others[0])) else words


_BETWEEN = re.compile("[ ,]+")


_ASKS = regex.compile("記入|入力|ください|下さい")


def _is_heading(word: str) -> bool:
    """Tell whether a word heads a column or a value and is nobody's name: 住所, but not かな."""
    label = fold_label(word)
    return (label in every_heading() or header(label) > 0) and not is_given(word)


def _each(folded: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Give the place of each name behind one label: 佐藤・鈴木; 奥寺美緒、鈴木花子."""
    first, *others = folded[start:end].split("・")
    if others and all(is_surname(one) and not is_kana(one) for one in (first, *others)):
        for one in (first, *others):
            yield start, start + len(one)
            start += len(one) + 1
        return
    yield start, end
    while (match := _NEXT.match(folded, end)) and is_full_name(TAIL.sub("", match[1])):
        yield match.start(1), match.start(1) + len(TAIL.sub("", match[1]))
        end = match.end()


_NEXT = regex.compile(r"[ \t]*[、,・/][ \t]*([\p{L}々ー]{2,10}(?: [\p{L}々ー]{1,6})?)")
_TOLD = re.compile(r"(?:です|でした|と申します|といいます)$")


def _until_particle(word: str) -> str:
    """Cut off what runs on behind a surname: 「木村まで 電話」."""
    match = _RUNS_ON.match(word)
    return match[1] if match and match[1] in names().family else word


_RUNS_ON = regex.compile(rf"([{HAN}]{{1,4}})(?:まで|から|より|です|あて)")


def _is_no_name(word: str) -> bool:
    """Tell whether a word is built as a company or a place, and is not a surname that only looks so (中村, 服部)."""
    return is_entity(word) and word not in names().family


def _stands_alone(folded: str, match: regex.Match[str]) -> bool:
    """Tell whether a label and its value are all that stands on their lines."""
    before = folded[folded.rfind("\n", 0, match.start()) + 1 : match.start()]
    behind = folded[match.end() : match.end() + LONGEST].partition("\n")[0]
    return not before.strip(" \t・■●◆○*【[<(") and not behind.strip()


def _is_nickname(word: str, *, sure: bool) -> bool:
    """Tell whether a word that no list knows may stand for a name because its label says so."""
    return sure and len(word) >= 2 and word not in NO_ANSWER and said(word) and not _is_no_name(word)


def called(folded: str, own: OwnWords = NO_OWN_WORDS) -> Iterator[tuple[int, int, float, str]]:
    """Yield the words that an honorific makes names."""
    known = names()
    hints = _hints(own)
    for call in hints.call.finditer(folded):
        match = _BEFORE_CALL.match(folded, max(0, call.start() - LONGEST), call.start())
        if match is None or _LETTER.match(folded, call.end()):
            continue
        word = match[1]
        parts = _PARTS.split(word)
        if word in hints.nobody or parts[-1] in hints.nobody or _is_no_name(word) or _WORSHIPPED.search(word):
            continue
        start, end = match.span(1)
        title, _, rest = word.partition(" ")
        if rest and title in hints.nobody:  # 担任 大野先生
            word, start = rest, end - len(rest)
        name = parse(word)
        is_abroad = not known.foreign.isdisjoint(parts)
        if (name is not None and name.given and name.confidence >= SURE) or (is_abroad and len(parts) > 1):
            yield start, end, 0.9, "honorific"
        elif is_abroad or is_surname(word) or katakana(word) in known.given_kana:
            yield start, end, 0.6, "honorific"


_PARTS = re.compile("[ ・=]")
_WORSHIPPED = re.compile("(?:明神|稲荷|観音|地蔵|菩薩|如来|天神|権現|大仏|不動尊|神宮|大社|天満宮|八幡宮)$")


_LETTER = regex.compile(r"(?!宅|邸|方|宛|用|分|御|本人|自身|夫妻|親子|一家)[\p{Han}々]")


def _beside(folded: str, hints: _Hints) -> Iterator[tuple[int, int, float, str]]:
    """Yield full names in the lines round an identifier, and the nicknames of a phone book."""
    done = line_end = 0
    for span in merge(*((match.span() for match in pattern.finditer(folded)) for pattern in _BESIDE)):
        if span[0] < line_end:
            continue  # the lines round this one were read
        line_end = folded.find("\n", span[1])
        line_end = len(folded) if line_end < 0 else line_end
        start, end = _lines_round(folded, *span)
        at, line = max(start, done), max(end, done)
        while token := _TOKEN.search(folded, at, line):
            title, _, rest = token[0].partition(" ")
            if rest and title in hints.nobody:
                at = token.end() - len(rest)  # 店長 鈴木 一郎
                continue
            at = token.end()
            shown = _without_next(token[0])
            if is_full_name(shown):
                yield token.start(), token.start() + len(shown), 0.8, "full name beside another identifier"
            else:
                shown = title
            if shown != token[0]:
                at = token.end() - len(rest)  # 祖母 田中 よし子
        done = max(done, end)
    for entry in _nicknames.entries(folded) if done else ():
        if (
            not _is_no_name(entry[1])
            and hints.nobody.isdisjoint((entry[1], TAIL.sub("", entry[1])))
            and not _is_heading(entry[1])
        ):
            yield entry.start(1), entry.end(1), 0.6, "entry of a phone book"


def _of_a_desk(folded: str) -> Iterator[tuple[int, int, float, str]]:
    """Yield full names behind a department: 総務課 山田太郎."""
    for desk in _DESK.finditer(folded):
        token = _TOKEN.match(folded, desk.end())
        if token is not None and is_full_name(token[0]):
            yield *token.span(), 0.7, "full name behind a department"


_DESK = re.compile("部[ \t]|課[ \t]|室[ \t]|係[ \t]|局[ \t]")


def is_full_name(word: str) -> bool:
    """Tell whether a word is a surname and a given name that are both known."""
    name = parse(word)
    return name is not None and name.given != "" and name.confidence >= _BOTH_KNOWN and not _is_no_name(word)


def _lines_round(folded: str, start: int, end: int) -> tuple[int, int]:
    """Give the span of the line of a hit, of the line above and of the line below."""
    above = folded.rfind("\n", 0, start)
    above = folded.rfind("\n", 0, above) if above >= 0 else -1
    below = folded.find("\n", end)
    below = folded.find("\n", below + 1) if below >= 0 else -1
    return above + 1, below if below >= 0 else len(folded)


_BOTH_KNOWN = 0.85
