"""Fold Japanese text so that one thing is written one way.

In: text as people type it: full width, half-width kana, five kinds of hyphen, old forms of kanji, hidden characters.
Out: the folded text, with the way back to the offsets of the original.
Fails: never; any string folds, lone surrogates included.

NFKC (Unicode Standard Annex #15) does most of it. It leaves alone what a person reads as a hyphen in a number, beside a digit
(U+2010, U+2212, U+30FC …: 090‐1234, A‐1234), and the old forms of kanji, which are folded here. A ー among kana is a vowel and stays.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from detectors._model import Text

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# U+FF70 and U+FF0D need no place here: NFKC has made them U+30FC and "-" by then.
_HYPHENS = "‐‑‒–—―−⁃﹣ーｰ－─━"
# Here `re`, not `regex`: it turns a large class into a bitmap and passes over it forty times as fast.
_HYPHEN_OF_NUMBER = re.compile(rf"[{_HYPHENS}](?:(?<=[0-9].)(?=[0-9A-Za-z])|(?<=[A-Za-z].)(?=[0-9]))")

_OLD_TO_NEW = (
    "髙→高 﨑→崎 嵜→崎 濵→浜 濱→浜 邉→辺 邊→辺 齋→斉 齊→斉 斎→斉 澤→沢 廣→広 國→国 櫻→桜 眞→真 惠→恵 嶋→島 "
    "嶌→島 冨→富 德→徳 瀨→瀬 黑→黒 增→増 淸→清 靜→静 榮→栄 條→条 學→学 壽→寿 將→将 會→会 圓→円 萬→万 曾→曽 "
    "藏→蔵 亞→亜 檜→桧 籐→藤 𠮷→吉 龍→竜 瀧→滝 彌→弥 峯→峰 渕→淵 渊→淵 豐→豊 實→実 彥→彦 禮→礼 靏→鶴 舘→館 "
    "樣→様 號→号 縣→県 區→区 應→応 假→仮 傳→伝 兒→児 內→内 單→単 嚴→厳 圖→図 堯→尭 專→専 尙→尚 巖→巌 巢→巣 "
    "戶→戸 拔→抜 步→歩 歷→歴 每→毎 氣→気 淨→浄 滿→満 澁→渋 濟→済 爲→為 獨→独 瑤→瑶 祿→禄 稻→稲 穗→穂 竝→並 "
    "絲→糸 綠→緑 緖→緒 聲→声 與→与 莊→荘 薰→薫 藝→芸 蘆→芦 螢→蛍 衞→衛 譽→誉 讓→譲 豫→予 賴→頼 鄕→郷 鐵→鉄 "
    "關→関 靑→青 顏→顔 顯→顕 驒→騨 髮→髪 鷄→鶏 鹽→塩 麥→麦 黃→黄 齒→歯"
)
_VARIANTS = dict(pair.split("→") for pair in _OLD_TO_NEW.split())
_VARIANT = re.compile("[" + "".join(_VARIANTS) + "]")

# Read by nobody, used to hide a word from a filter: zero-width, soft hyphen, direction marks, variation selectors.
_HIDDEN = "\u00ad\u034f\u061c\u115f\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef"


_KEPT = "…‥"  # dots say nothing of people


def _resized() -> str:
    """List, as a character class, the characters whose NFKC form is not one character long."""
    # Of the Basic Multilingual Plane: the kanji above it stay one, and all else there is folded in runs.
    points = [
        point
        for point in (*range(0xA0, 0x3400), *range(0xF900, 0xFE00), *range(0xFE10, 0xFFF0))
        if chr(point) not in _KEPT and len(unicodedata.normalize("NFKC", chr(point))) != 1
    ]
    return "".join(f"\\u{point:04x}" for point in points)


_MARKS = "\u0300-\u036f\u3099\u309a\uff9e\uff9f"
_INVISIBLE = re.compile(f"[{_HIDDEN}]")
_ABOVE = "\U00010000-\U0001ffff"  # symbols, old scripts: together, since some become several and some one of several
_UNEVEN = re.compile(f"[{_MARKS}{_HIDDEN}{_ABOVE}{_resized()}]+")
_DOTS = re.compile(f"([{_KEPT}])")
_MARK = re.compile(f"[{_MARKS}]")


def fold(text: str) -> Text:
    """Fold a text and remember where each character came from."""
    if text.isascii():
        return Text(original=text, folded=text)
    parts: list[str] = []
    offsets: list[int] | None = None  # None as long as every character stayed one
    at = 0
    for match in _UNEVEN.finditer(text):
        start, end = match.span()
        if start > at and _MARK.match(_INVISIBLE.sub("", match[0])):
            start -= 1  # a mark changes the letter before it: ﾊﾟ → パ
        seen = text[start:end]
        new = unicodedata.normalize("NFKC", _INVISIBLE.sub("", seen))
        parts += (_even(text[at:start]), new)
        if offsets is None and len(new) != len(seen):
            offsets = list(range(at))
        if offsets is not None:
            offsets += range(at, start)
            offsets += [start] * len(new)
        at = end
    parts.append(_even(text[at:]))
    folded = _spell("".join(parts))
    if offsets is None:
        return Text(original=text, folded=folded)
    offsets += range(at, len(text) + 1)
    return Text(original=text, folded=folded, offsets=tuple(offsets))


def _even(piece: str) -> str:
    """Fold a piece in which every character stays one character."""
    folded = unicodedata.normalize("NFKC", piece)
    if len(folded) == len(piece):
        return folded
    if any(dots in piece for dots in _KEPT):
        return "".join(one if one in _KEPT else _even(one) for one in _DOTS.split(piece))
    # What composes across characters (conjoining Hangul) goes one by one.
    return "".join(new if len(new := unicodedata.normalize("NFKC", one)) == 1 else one for one in piece)


def _spell(folded: str) -> str:
    """Write hyphens of numbers and old kanji the one way; the length stays."""
    return _renewed(_joined(folded))


def _joined(folded: str) -> str:
    return _HYPHEN_OF_NUMBER.sub("-", folded)


def _renewed(folded: str) -> str:
    return _VARIANT.sub(lambda match: _VARIANTS[match[0]], folded)


@lru_cache(maxsize=65536)
def fold_cell(value: str) -> str:
    """Fold a table cell: as a text, and trimmed, with runs of blanks made one."""
    return _unmarked(" ".join(_plain(value).split()))


_END = "\x1e"  # of a cell


def fold_cells(values: Sequence[str]) -> dict[str, str]:
    """Fold many cells at once: one pass over all of them costs a tenth of a pass over each."""
    cells = dict(zip(values, values, strict=True))
    joined = _END.join(cells)
    if joined.count(_END) >= max(1, len(cells)):  # a cell holds the separator itself
        return {cell: fold_cell(cell) for cell in cells}
    marks = _marks(joined)
    written = joined
    if marks & _HIDES:
        written = _END.join(map(_plain, cells))
    elif not unicodedata.is_normalized("NFKC", joined):
        written = _END.join(map(_normal, cells))
    if written is not joined:
        marks = _marks(written)
    if marks & _JOINS:
        written = _joined(written)
    if marks & _OLD:
        written = _renewed(written)
    blank = marks & _PARTS or " " in (written[:1], written[-1:])
    marked = "'" in written or '="' in written
    if written == joined and not (blank or marked):
        return cells
    folded = written.split(_END)
    if blank:
        folded = [" ".join(new.split()) for new in folded]
    if marked:
        folded = list(map(_unmarked, folded))
    return dict(zip(cells, folded, strict=True))


def _unmarked(cell: str) -> str:
    """Leave out what spreadsheets write before digits to keep them a text: '090…, ="090…"."""
    marked = _TEXT_MARK.fullmatch(cell)
    return cell if marked is None else marked[1] or marked[2]


_TEXT_MARK = re.compile(r"'([+0-9].*)|=\"([^\"]*)\"")
# What str.split knows as blank and NFKC leaves.
_BLANK = "\t\n\x0b\x0c\r\x1c\x1d\x1f\x85\u2028\u2029\u1680"
_HIDES, _JOINS, _OLD, _PARTS = 1, 2, 4, 8


def _marks(text: str) -> int:
    """Tell which of four sorts of signs some cells hold; an expression for each takes twenty times as long."""
    import numpy as np  # noqa: PLC0415

    units = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), np.uint16)
    if not len(units):
        return 0
    marks = int(np.bitwise_or.reduce(_sorts()[units]))
    # Two blanks, and a blank at the edge of a cell, are signs to be taken out, too.
    blank = units == ord(" ")
    edge = blank | (units == ord(_END))
    return marks | (_PARTS if (blank[:-1] & edge[1:] | edge[:-1] & blank[1:]).any() else 0)


@cache
def _sorts() -> NDArray[np.uint8]:
    """Give the sorts of each UTF-16 unit; half of a pair may be of any."""
    import numpy as np  # noqa: PLC0415

    sorts = np.zeros(0x10000, np.uint8)
    hidden = (chr(point) for point in range(0x10000) if _INVISIBLE.match(chr(point)))
    for signs, sort in ((hidden, _HIDES), (_HYPHENS, _JOINS), (_VARIANTS, _OLD), (_BLANK, _PARTS)):
        sorts[[ord(sign) for sign in signs if ord(sign) < len(sorts)]] |= sort
    sorts[0xD800:0xE000] = _HIDES | _JOINS | _OLD
    return sorts


def _normal(cell: str) -> str:
    """Write a cell in NFKC, dots aside."""
    if cell.isascii() or unicodedata.is_normalized("NFKC", cell):
        return cell
    if any(dots in cell for dots in _KEPT):
        return "".join(
            one if one in _KEPT else unicodedata.normalize("NFKC", one) for one in _DOTS.split(cell)
        )
    return unicodedata.normalize("NFKC", cell)


def _plain(value: str) -> str:
    """Fold without the way back."""
    if value.isascii():
        return value
    return _spell(_normal(_INVISIBLE.sub("", value)))


_KATAKANA = str.maketrans(
    {chr(point): chr(point + 0x60) for point in (*range(0x3041, 0x3097), 0x309D, 0x309E)}
)


def katakana(folded: str) -> str:
    """Write hiragana as katakana."""
    return folded.translate(_KATAKANA)


_NOT_IN_LABEL = re.compile(r"[\s_\-‐*※:;.,/・()\[\]【】〔〕「」<>《》■●◆□○◇▼▲★☆#\"'|]+")


@lru_cache(maxsize=4096)
def fold_label(raw: str) -> str:
    """Fold a column heading to its bare word: 「 e-Mail＊ 」 → "email"."""
    return _NOT_IN_LABEL.sub("", _plain(raw).lower())
