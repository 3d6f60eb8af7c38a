"""Find postal addresses of people (住所, 住居表示に関する法律; prefectures: JIS X 0401).

In: running text, whole cells. Out: an address whose parts are written one way: 丁目, 番, 号 as hyphens, kanji numerals as digits.
Fails: never.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import regex

from detectors._labelled import each_of
from detectors._model import Finding, Text
from detectors._naming import parse
from detectors._numerals import number
from detectors._words import headings

kind = "address"

_PREFECTURES = (
    "北海道 青森県 岩手県 宮城県 秋田県 山形県 福島県 茨城県 栃木県 群馬県 埼玉県 千葉県 東京都 神奈川県 新潟県 富山県 石川県 福井県 山梨県 長野県 岐阜県 "
    "静岡県 愛知県 三重県 滋賀県 京都府 大阪府 兵庫県 奈良県 和歌山県 鳥取県 島根県 岡山県 広島県 山口県 徳島県 香川県 愛媛県 高知県 福岡県 佐賀県 長崎県 "
    "熊本県 大分県 宮崎県 鹿児島県 沖縄県"
)
PREFECTURES = tuple(_PREFECTURES.split())
header = headings(kind)
_PART_LABEL = regex.compile(r"都道府県|^府県|^pref|^state$")
_PREFECTURE = "(?:" + "|".join(PREFECTURES) + ")"
_TOWN = r"[\p{Han}\p{Hiragana}\p{Katakana}々ーヶケノ]{1,8}?(?:市|区|郡|町|村)"
_NUMBERS = r"[0-9一二三四五六七八九十]{1,4}(?:丁目|番地?|号|-|の[0-9])"
_WHOLE = regex.compile(
    rf"(?:〒? ?[0-9]{{3}}-?[0-9]{{4}} ?)?(?:{_PREFECTURE} ?{_TOWN}.*|{_PREFECTURE}[\p{{Han}}\p{{Hiragana}}\p{{Katakana}}ー]{{2,}}.*[0-9].*"
    rf"|{_TOWN}[\p{{L}}ー々 ]{{0,16}}{_NUMBERS}.*|{_TOWN}[\p{{L}}ー々 ]{{1,16}}[0-9]+(?:-[0-9]+)+.*|{_TOWN}[\p{{Han}}ヶケノの々]{{1,10}}[0-9]{{1,5}})"
)
_LONGEST = 120


def is_prefecture_label(label: str) -> bool:
    """Tell whether a heading announces prefectures alone."""
    return _PART_LABEL.search(label) is not None


def cell(value: str) -> str | None:
    """Give the normal form of a whole cell that is an address down to the municipality at least."""
    if not 5 <= len(value) <= _LONGEST or not _WHOLE.fullmatch(value):
        return None
    return normal(value)


_KANJI_NUMBER = regex.compile(
    r"[一二三四五六七八九十〇]+(?=丁目|番|号|[-ー]|の[0-9一二三四五六七八九十])|(?<=[-目番地の])[一二三四五六七八九十]+(?=$|[番号\-])"
)
_COUNTER = regex.compile(r"(?<=[0-9])(?:丁目|番地の?|番町?(?=[0-9])|番|号室?|の(?=[0-9])|[-‐−–—―ー－])+")
# What stands wherever the patterns above and below find anything, a hyphen alone between two digits aside.
_KANJI_DIGIT = re.compile("[一二三四五六七八九十〇]")
_COUNTED = re.compile(r"[0-9][丁番号の‐−–—―ー－]|--|-(?![0-9])")
_APART = re.compile("[ 、,()]")
_POSTCODE = re.compile("〒?[0-9]{3}-?[0-9]{4}")
_HAMLET = regex.compile(r"大字|字(?=\p{Han})")
_GAP = regex.compile(r"(?<=[0-9]) (?=[0-9])")
_LEADING = re.compile(_PREFECTURE)
_TRAILING = regex.compile(r"-+(?=\D|$)")


@lru_cache(maxsize=4096)
def normal(value: str) -> str:
    """Write an address the one way, without its prefecture: 東京都港区芝三丁目２番１号 → 港区芝3-2-1."""
    if " " in value:
        value = _GAP.sub("-", value)  # 3-2-1 101 is room 101, not house 1101
    value = _APART.sub("", value)
    if found := _POSTCODE.match(value):
        value = value[found.end() :]
    if "字" in value:
        value = _HAMLET.sub("", value)
    if found := _LEADING.match(value):
        value = value[found.end() :]
    if _KANJI_DIGIT.search(value):
        value = _KANJI_NUMBER.sub(_in_digits, value)
    if _COUNTED.search(value):
        block = _BLOCK if value.endswith(_BLOCK) else ""
        value = _COUNTER.sub("-", value)
        value = _TRAILING.sub("", value) + block
    return value.replace("ケ", "ヶ").lower()


def _in_digits(kanji: regex.Match[str]) -> str:
    counted = number(kanji[0])
    return kanji[0] if counted is None else str(counted)


def is_house(normal_form: str) -> bool:
    """Tell whether a normal form goes down to a house, so that those who share it live together; 丁目 are many houses."""
    return _HOUSE.search(normal_form) is not None and not normal_form.endswith(_BLOCK)


_BLOCK = "丁目"
_HOUSE = re.compile("[^0-9][0-9]")
_BEHIND = (
    r"[^\n]{0,24}(?:[0-9一二三四五六七八九十](?:丁目|番|-[0-9]|号|の[0-9])|[市区郡町村字][^\n]{1,12}[0-9])"
)
_LABELLED = "住所[^\\n]{3,20}[0-9]"
_ROMAN_SUFFIX = "-(?:ku|shi|gun|cho|machi)[, ]"
_IN_JAPANESE = each_of("都道府県市区郡町村", _BEHIND) + f"|{_LABELLED}"
trigger = f"{_IN_JAPANESE}|{_ROMAN_SUFFIX}"
_GATE = re.compile(_IN_JAPANESE)
_NUMERAL = "[0-9一二三四五六七八九十]{1,4}"
_LETTER = r"[\p{Han}\p{Hiragana}\p{Katakana}々ーヶケノ]"
# What is counted is no house: 1-3月期, 3-2で勝利.
_COUNTED_ALSO = (
    r"[0-9]|[年月日時分人円件個台名校戸店か所箇回団世万千位社点勝敗期%.]|,[0-9]| ?[でのと](?:勝|敗|下|破|引)"
)
_NO_TOWN = "[国県府都市]道|では|には|とは|での|から|まで|して|され"
_STREET = (
    rf"(?:(?!{_NO_TOWN}){_LETTER}| ){{0,16}}?(?!一番(?![地町0-9一-九]))(?:[0-9]{{1,2}}(?:条|線|地割)\p{{Han}}{{0,3}})?(?<!の){_NUMERAL}(?:丁目?|番町?地?の?|号|-(?=[0-9]|$)|の(?=[0-9]))"
    rf"(?:{_NUMERAL}(?:丁目|番町?地?の?|号室?|-(?=[0-9]|$))?){{0,4}}+(?!{_COUNTED_ALSO})"
)
# A lot without 番地: what stands before it has to make it sure.
_LOT = rf"[\p{{Han}}々ヶケノツ]{{1,10}}[0-9]{{1,5}}(?!{_COUNTED_ALSO}|,)"
# 京都の通り名: the crossing of two streets, and the way from there.
_CROSSING = rf"京都市\p{{Han}}{{1,3}}区 ?{_LETTER}{{2,20}}?(?:[上下](?:る|ル|ガル)|[東西]入[るル]?|通) ?[\p{{Han}}\p{{Katakana}}ノ之]{{1,12}}[0-9]{{1,5}}(?:番地)?(?:[-の][0-9]{{1,4}}){{0,2}}+(?!{_COUNTED_ALSO})"
# Without its prefecture a place begins where no word runs on, or behind は and the like, and no area or market is one.
_CITY = rf"(?!市区|市町)(?:(?![はをでへ]|(?<!えび|たつ|紀)の){_LETTER}){{1,7}}?(?:市(?!場|民|営|立|長|議)|(?<![地学校特各同全街工管挙])区(?!間|分|域|画|切|別|民|立|長|議)|郡(?!部))"
_TOWN_BEGINS = r"(?! ?[0-9]|[のはがをでにへともや内](?=[\p{Han}0-9 、]))"
_BEGINS = r"(?:(?<![\p{L}々ー0-9])|(?<=[はがにの])|(?<=-[0-9]{4})|(?<=〒[0-9]{7}))"
_BUILDING = r"(?P<building> ?[\p{Han}\p{Katakana}A-Za-z][\p{L}\p{N}ー・]{1,20}(?: ?[0-9]{1,4}(?:号室?|F|階)?)?(?=$|[\n,\t」) ])| [0-9]{1,4}号室)?"
_IN_TEXT = regex.compile(
    rf"(?:(?:京都府 ?)?{_CROSSING}|{_PREFECTURE} ?(?:{_TOWN}){{1,3}}(?:{_STREET}|{_LOT})|{_BEGINS}{_CITY}{_TOWN_BEGINS}(?:{_STREET}|(?<=住所[^\n]{{1,16}}){_LOT})){_BUILDING}"
)
_BUILT = regex.compile(
    r"[0-9]|ビル|マンション|アパート|タワー|ハイツ|コーポ|ハウス|メゾン|[荘館寮棟室階方内]$|団地|住宅|センター|病院|学校|大学|役所|役場"
)
_LABEL_NEXT = regex.compile(r" ?(?i:tel|fax|e?-?mail|phone|mobile|http)")
_GOES_ON = regex.compile(
    rf"[ \t]?\n ?[0-9]{{1,4}}(?:(?:-|番地?の?|の)[0-9]{{1,4}}){{0,3}}+(?:番地?|号)?(?!{_COUNTED_ALSO})"
)
_ROMAN_WORD = "[A-Z][A-Za-z'āīūēō]+"
_ROMAN_PREFECTURE = (
    "Hokkaido|Aomori|Iwate|Miyagi|Akita|Yamagata|Fukushima|Ibaraki|Tochigi|Gunma|Saitama|Chiba|Tokyo|Kanagawa|Niigata|Toyama|Ishikawa"
    "|Fukui|Yamanashi|Nagano|Gifu|Shizuoka|Aichi|Mie|Shiga|Kyoto|Osaka|Hyogo|Nara|Wakayama|Tottori|Shimane|Okayama|Hiroshima|Yamaguchi"
    "|Tokushima|Kagawa|Ehime|Kochi|Fukuoka|Saga|Nagasaki|Kumamoto|Oita|Miyazaki|Kagoshima|Okinawa|Japan"
)
# 2-3-4 Kitazawa, Setagaya-ku, Tokyo 155-0031
_ENGLISH = regex.compile(
    rf"(?<![0-9\-/])[0-9]{{1,4}}(?:(?:-[0-9]{{1,4}}){{1,3}},? |,? (?={_ROMAN_WORD}[, ]))(?:{_ROMAN_WORD}(?:-{_ROMAN_WORD})?,? ){{0,3}}"
    rf"{_ROMAN_WORD}-(?:ku|shi|gun|cho|machi),? (?:{_ROMAN_WORD}(?:-(?:ku|shi|gun|fu|ken|to))?,? ){{0,2}}(?:{_ROMAN_PREFECTURE})(?![A-Za-z])(?:[, ]{{1,2}}[0-9]{{3}}-[0-9]{{4}}(?![0-9]))?"
)


def find(text: Text) -> Iterator[Finding]:
    """Yield addresses that go down to a house number."""
    folded = text.folded
    done = 0
    for gate in _GATE.finditer(folded):
        if gate.start() < done:
            continue
        at = folded.rfind("\n", 0, gate.start()) + 1
        done = folded.find("\n", gate.start())
        done = len(folded) if done < 0 else done
        if done - at <= _LONGEST_LINE:
            yield from _in_line(text, folded[at:done], at)
    if _ROMAN.search(folded):
        for match in _ENGLISH.finditer(folded):
            yield _finding(text, *match.span(), labelled=False)


_ROMAN = re.compile(_ROMAN_SUFFIX)
_LONGEST_LINE = 2000


def _in_line(text: Text, line: str, at: int) -> Iterator[Finding]:
    try:
        matches = list(_IN_TEXT.finditer(line, timeout=0.2))
    except TimeoutError:
        return
    for match in matches:
        building = match["building"]
        end = match.start("building") if building and not _is_building(building, match) else match.end()
        shown = line[match.start() : end]
        end = at + match.start() + len(shown.rstrip(" -"))
        if not line[match.start() + len(shown) :].strip() and shown.endswith(_UNFINISHED):
            goes_on = _GOES_ON.match(text.folded, at + match.start() + len(shown))
            end = goes_on.end() if goes_on else end
        yield _finding(text, at + match.start(), end, labelled="住所" in line[: match.start()])


_UNFINISHED = ("丁目", "番", "番地", "番地の", "-")


def _is_building(word: str, match: regex.Match[str]) -> bool:
    """Tell whether what follows a house number is a building, and not whoever lives there."""
    if _LABEL_NEXT.match(word):
        return False
    if _BUILT.search(word):
        return True
    name = parse(word.strip())
    runs_on = match.string[match.end() : match.end() + 1] == " "
    return _NOT_HAN.search(word) is not None and not runs_on and (name is None or not name.given)


_NOT_HAN = regex.compile(r"[\p{Katakana}A-Za-z]")


def _finding(text: Text, start: int, end: int, *, labelled: bool) -> Finding:
    first, last = text.span(start, end)
    return Finding(
        kind=kind,
        start=first,
        end=last,
        confidence=0.95 if labelled else 0.8,
        why="label" if labelled else "prefecture to house number",
    )
