"""Find names of people: 氏名, the first item of 個人情報 (個人情報保護法 2条1項1号).

In: running text; whole cells in kanji, kana, romaji, letter-spaced, with 様 or a reading in brackets.
Out: findings of full names, or of words that a label or an honorific makes a name.
Fails: never.

A masked name (山〇〇郎, 山**郎) names nobody and is no finding; `masked` tells it apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import regex

from detectors._entity import is_company, is_entity
from detectors._fold import fold_label, katakana
from detectors._header import words
from detectors._lexicon import names, romaji
from detectors._model import Finding, Text

kind = "name"

SURE = 0.6  # from here a whole cell is taken for a full name

_WORDS = words(
    "氏名 御氏名 ご氏名 名前 お名前 御名前 姓名 芳名 ご芳名 御芳名 フルネーム 漢字 漢字氏名 カナ氏名 カナ フリガナ ふりがな かな ヨミ よみ "
    "よみがな ヨミガナ 読み 読み方 姓 名 苗字 名字 氏 セイ メイ せい めい 宛名 担当者 担当 代表者 保護者 本人 生徒 児童 園児 選手 患者 "
    "name fullname yourname lastname firstname familyname givenname surname forename middlename kana furigana reading yomi "
    "lastnamekana firstnamekana namekana kananame sei mei customername membername username realname contactname personname namae shimei "
    "kanji namekanji romaji ローマ字 英字氏名 性 会員 参加者 受講者 申込者",
    r"氏名|姓名|名前|お名|フリガナ|ふりがな|ヨミガナ|よみがな|(?:会員|顧客|生徒|児童|園児|選手|患者|保護者|申込者?|参加者|受講者?|受験者?|契約者?"
    r"|担当者?|代表者?|利用者|世帯主|本人|子供|子ども|お子様|社員|職員|教員|学生|購入者|注文者|受取人|届け?先|宛先|ご依頼主|来場者|応募者|当選者"
    r"|理事長|園長|院長|校長|店長|所長|施設長|管理者|責任者|監督)名|^[姓名][カか]|^(?:姓|名|セイ|メイ)(?:漢字|ローマ字|全角|英)"
    r"|(?:last|first|full|family|given|sur|customer|member|student|user|person|contact|guardian|parent|child)name",
    r"会社|企業|法人|団体|商品|製品|店舗|施設|店名|学校|園名|ブランド|メーカー|ファイル|建物|銀行|支店|部署|駅|市町村|町名|講座|コース|イベント|商号"
    r"|company|product|item|store|shop|brand|file|school|bank|住所|address",
)
_KANA_LABEL = regex.compile(r"カナ|かな|ガナ|がな|ヨミ|よみ|読み|kana|reading|yomi|^(?:セイ|メイ|せい|めい)$")
_FAMILY_LABEL = regex.compile(
    r"^(?:.*(?:者|会員|顧客|保護者|生徒))?(?:姓|苗字|名字|セイ|せい|氏|sei)(?!名)|lastname|familyname|surname"
)
_GIVEN_LABEL = regex.compile(r"^(?:名|メイ|めい|mei)(?:[カか漢ロ全英(]|$)|firstname|givenname|forename")


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
            return " ".join(sorted((romaji(self.family), romaji(self.given))))
        return self.family + self.given


def header(label: str) -> float:
    """Give how surely a heading announces names."""
    return _WORDS.score(label)


def role(label: str | None) -> tuple[str, bool]:
    """Tell which part of a name a heading announces ("full", "family", "given"), and whether it is a reading."""
    label = fold_label(label) if label else ""
    kana = bool(_KANA_LABEL.search(label))
    if _GIVEN_LABEL.search(label):
        return "given", kana
    if _FAMILY_LABEL.search(label):
        return "family", kana
    return "full", kana


def cell(value: str) -> str | None:
    """Give the key of a whole cell that is a full name."""
    name = parse(value)
    return name.key if name is not None and name.given and name.confidence >= SURE else None


def is_explicit(label: str) -> bool:
    """Tell whether a heading can mean nothing but names of people, so that nicknames under it are names."""
    return _EXPLICIT.search(label) is not None


_EXPLICIT = regex.compile(
    r"氏名|姓名|芳名|お名前|御名前|フリガナ|ふりがな|(?:会員|顧客|生徒|児童|園児|選手|患者|保護者|参加者|申込者?|利用者)名|(?:last|first|full|customer|member)name"
)


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
    word = _TAIL.sub("", value).replace(" ", "")
    return (katakana(word) if is_kana(word) else word.lower()) or None


def family_of(key: str, parsed: PersonName | None) -> str:
    """Give the family name of a name by its key; a word that nobody could cut is cut as most names are."""
    if parsed is None:
        return key[:2]
    return katakana(parsed.family) if parsed.script == "kana" else romaji(parsed.family)


def part_key(value: str) -> str | None:
    """Give the key of a cell that holds one part of a name."""
    return None if masked(value) or any(letter.isdigit() for letter in value) else bare(value)


_MASK = "〇○◯●◎＊*×✕✖■□▲△◆◇☆★※"
_MASKS = frozenset(_MASK)
_MASKED = regex.compile(rf"[\p{{L}}ー々 ・]*[{_MASK}][\p{{L}}ー々 ・{_MASK}]*")


def masked(value: str) -> bool:
    """Tell whether a cell is a name made unreadable."""
    return len(value) <= _LONGEST and _MASKED.fullmatch(value) is not None


_LONGEST = 40
_HONORIFIC = r"様方?|さま|さん|サン|殿|氏|君|くん|ちゃん|先生|御中"
_TAIL = regex.compile(rf"(?<=[^\s]{{2}})\s*(?:{_HONORIFIC})$")
_CLOSING = frozenset(")]】〉》>")
_READING = regex.compile(r"([^(\[【〈《<]+?)\s*[(\[【〈《<]\s*([^)\]】〉》>]+?)\s*[)\]】〉》>]")
_HAN = r"\p{Han}々〆ヶケノヵ"
_KANJI = regex.compile(rf"[{_HAN}\p{{Hiragana}}\p{{Katakana}}ー]+")
_KANA = regex.compile(r"[\p{Hiragana}\p{Katakana}ー・ ]+")
_LATIN = regex.compile(r"[A-Za-z][A-Za-z'.\-]*(?:[ ,]+[A-Za-z][A-Za-z'.\-]*){1,2}")
_JAPANESE_SYLLABLES = regex.compile(
    r"(?:(?:[kgsztdnhbpmrw]|[kgnhbpmrszjtdc][yh]|sh|ch|ts|f|j|y)?[aiueo]|n'?|(?=([ksptc]))\1(?=\1)|h)+"
)


@lru_cache(maxsize=65536)
def parse(value: str) -> PersonName | None:
    """Take a folded cell apart as a name, else None; a bare surname comes back without a given name."""
    if not 2 <= len(value) <= _LONGEST or not _MASKS.isdisjoint(value):
        return None
    if value[-1] in _CLOSING and (bracket := _READING.fullmatch(value)):
        value = bracket[1]
    value = _TAIL.sub("", value)
    parts = value.split()
    if len(parts) > 2 and all(len(part) == 1 for part in parts):
        parts = ["".join(parts)]  # 山 田 太 郎
    if value.isascii():
        return _latin(value) if _LATIN.fullmatch(value) else None
    if not parts or len(parts) > 2 or not _KANJI.fullmatch("".join(parts).replace("・", "")):
        return None
    if _KANA.fullmatch(value):
        return _in_kana(parts)
    return _in_kanji(parts)


def _in_kanji(parts: list[str]) -> PersonName | None:
    known = names()
    if len(parts) == 2:
        family, given = parts
        if len(family) > 5 or len(given) > 5 or is_company(family):
            return None
        both = (family in known.family) + _is_given(given)
        if is_entity(given) and both != 2:
            return None
        confidence = (0.6, 0.9, 0.98)[both] if len(family) <= 3 or both else 0.4
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


def _in_kana(parts: list[str]) -> PersonName | None:
    known = names()
    parts = [part for word in parts for part in katakana(word).split("・") if part]
    if len(parts) == 2:
        family, given = parts
        if max(len(family), len(given)) > 8:
            return None
        both = (family in known.family_kana) + (given in known.given_kana)
        return PersonName(family=family, given=given, script="kana", confidence=(0.45, 0.75, 0.98)[both])
    if len(parts) != 1 or not 2 <= len(parts[0]) <= 10:
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


def _latin(value: str) -> PersonName | None:
    known = names()
    first, *_, last = value.replace(",", " ").lower().split()
    both = max(
        (romaji(a) in known.family_romaji) + (romaji(b) in known.given_romaji)
        for a, b in ((first, last), (last, first))
    )
    if both == 2:
        sure = 0.95
    elif _JAPANESE_SYLLABLES.fullmatch(first) and _JAPANESE_SYLLABLES.fullmatch(last):
        sure = 0.7 if both else 0.4
    else:
        sure = 0.3
    return PersonName(family=first, given=last, script="romaji", confidence=sure)


_LABELS = (
    r"(?:ご|御|お)?(?:氏名|名前|芳名)|姓名|フリガナ|ふりがな|カナ氏名|(?:会員|参加者|申込者|受講者|利用者|生徒|児童|園児|保護者|担当者|代表者|契約者"
    r"|患者|本人|応募者|当選者)(?:名|氏名|様名)?|担当|宛名"
)
_LABELLED = regex.compile(
    rf"(?:{_LABELS})(?:\([^)\n]{{1,8}}\))?[ \t]*(?:[】\])〕>=:|]+[ \t]*\n?|\n|[ \t])[ \t]*"
    rf"([\p{{L}}々ー・]{{1,10}}(?:[ ,]{{1,2}}[\p{{L}}々ー]{{1,10}})?)"
)
_LABEL_GATE = regex.compile(r"[名者担姓氏員][名前者当員:\]】) (]|フリガナ|ふりがな|ガナ|本人")
_CALL = regex.compile(r"様|さま|さん|氏|殿|先生|くん|君|ちゃん")
# Read backwards from the honorific, so that text without one costs nothing.
_BEFORE_CALL = regex.compile(
    rf"(?r)(?<![\p{{L}}々ー])((?:[{_HAN}]{{1,5}}|\p{{Katakana}}[\p{{Katakana}}ー]{{1,7}}|\p{{Hiragana}}{{2,6}})"
    rf"(?:[ ]?(?:[{_HAN}]{{1,4}}|\p{{Hiragana}}{{2,5}}|\p{{Katakana}}{{2,7}}))?)[ ]?"
)
_BESIDE = re.compile(
    r"@\w|[0-9](?:[-)][0-9]{2,4}[-)]?[0-9]|[0-9]{9})|生年月日|日生|会員番号"
)  # `re` scans this three times as fast
_TOKEN = regex.compile(
    rf"(?<![\p{{L}}々ー])(?:[{_HAN}\p{{Hiragana}}]{{1,7}}(?:[ \t][{_HAN}\p{{Hiragana}}]{{1,5}})?"
    rf"|[\p{{Katakana}}ー]{{2,8}}[ ・]?[\p{{Katakana}}ー]{{0,8}}|[A-Z][A-Za-z]{{1,12}} [A-Z][A-Za-z]{{1,12}})(?![\p{{L}}々ー@])"
)
# Words that honorifics follow though nobody is named.
_NOBODYS = (
    "お客 客 皆 みな 皆々 神 王 お父 お母 父 母 お子 子 お嬢 奥 旦那 ご主人 主人 患者 生徒 会員 利用者 ご利用者 担当者 参加者 保護者 お疲れ "
    "ご苦労 お世話 貴 各 各位 何 他 弊社 御社 貴社 お取引先 取引先 ユーザー ゲスト オーナー たく 沢山 お得意 関係者 の 同 両 仏 姫 お医者 "
    "学生 読者 視聴者 株主 会員の皆 お客さま サンタ お兄 お姉 お爺 お婆 おじい おばあ おじ おば 赤 お坊 坊 女将 店長 部長 課長 社長 園長 院長 "
    "ご担当者 担当 ご担当 幹事 代表 パパ ママ 業者 職員 スタッフ 講師 監督 選手 左 右 王子 女王 妃 殿下 有 同様 多 模 仕 異 外 無 このよう その 皆さま "
    "お母さん お父さん 会社 お前 諸 どちら こちら あちら どなた 屋 "
)
_NOBODY = frozenset(_NOBODYS.split())


def find(text: Text) -> Iterator[Finding]:
    """Yield names after a label, before an honorific, and full names beside another identifier."""
    folded = text.folded
    taken: set[int] = set()
    for start, end, confidence, why in (*_labelled(folded), *_called(folded), *_beside(folded)):
        if start in taken or masked(folded[start:end]):
            continue
        taken.update(range(start, end))
        first, last = text.span(start, end)
        yield Finding(kind=kind, start=first, end=last, confidence=confidence, why=why)


def _labelled(folded: str) -> Iterator[tuple[int, int, float, str]]:
    if not _LABEL_GATE.search(folded):
        return
    for match in _LABELLED.finditer(folded):
        start, end = match.span(1)
        word = _TAIL.sub("", match[1])
        end = start + len(word)
        if folded[end : end + 1] and folded[end] in _MASK:
            continue
        name = parse(word)
        if name is not None and not _is_no_name(word):
            yield start, end, 0.95 if name.confidence >= SURE else 0.7, "label"
        elif _is_nickname(word, match[0]):
            yield start, end, 0.6, "label"


def _is_no_name(word: str) -> bool:
    """Tell whether a word is built as a company or a place, and is not a surname that only looks so (中村, 服部)."""
    return is_entity(word) and word not in names().family


def _is_nickname(word: str, labelled: str) -> bool:
    """Tell whether a word that no list knows may stand for a name because its label says so."""
    return (
        ":" in labelled
        and len(word) >= 2
        and word not in _NOBODY
        and not _is_no_name(word)
        and header(fold_label(word)) == 0
    )


def _called(folded: str) -> Iterator[tuple[int, int, float, str]]:
    known = names()
    for call in _CALL.finditer(folded):
        match = _BEFORE_CALL.match(folded, max(0, call.start() - _LONGEST), call.start())
        if match is None or _LETTER.match(folded, call.end()):
            continue
        word = match[1]
        if word in _NOBODY or word.split()[-1] in _NOBODY or _is_no_name(word):
            continue
        name = parse(word)
        start, end = match.span(1)
        if name is not None and name.given and name.confidence >= SURE:
            yield start, end, 0.9, "honorific"
        elif (
            word in known.family or katakana(word) in known.family_kana or katakana(word) in known.given_kana
        ):
            yield start, end, 0.6, "honorific"


_LETTER = regex.compile(r"[\p{Han}々]")


def _beside(folded: str) -> Iterator[tuple[int, int, float, str]]:
    """Yield full names in the lines round an identifier, and the nicknames of a phone book."""
    done = 0
    for match in _BESIDE.finditer(folded):
        start, end = _lines_round(folded, match.start(), match.end())
        for token in _TOKEN.finditer(folded, max(start, done), max(end, done)):
            name = parse(token[0])
            if (
                name is not None
                and name.given
                and name.confidence >= _BOTH_KNOWN
                and not _is_no_name(token[0])
            ):
                yield token.start(), token.end(), 0.8, "full name beside another identifier"
        done = max(done, end)
    entries = list(_ENTRY.finditer(folded)) if done else []
    if len(entries) >= _PHONE_BOOK:
        for entry in entries:
            if not _is_no_name(entry[1]) and entry[1] not in _NOBODY and header(fold_label(entry[1])) == 0:
                yield entry.start(1), entry.end(1), 0.6, "entry of a phone book"


# ええやません 090-0000-1234: one word and a mobile number or a mail address, line after line.
_ENTRY = regex.compile(
    r"^[ \t・]*([\p{L}々ー]{2,14})[ \t,:]+(?:0[6-9]0-?[0-9]{4}-?[0-9]{4}|[\w.+\-]+@[\w.\-]+)[ \t]*$",
    flags=regex.MULTILINE,
)
_PHONE_BOOK = 3


def _lines_round(folded: str, start: int, end: int) -> tuple[int, int]:
    """Give the span of the line of a hit, of the line above and of the line below."""
    above = folded.rfind("\n", 0, start)
    above = folded.rfind("\n", 0, above) if above >= 0 else -1
    below = folded.find("\n", end)
    below = folded.find("\n", below + 1) if below >= 0 else -1
    return above + 1, below if below >= 0 else len(folded)


_BOTH_KNOWN = 0.85
