"""Describe every character of a sentence for the tagger: what it is, what stands round it, which words it may belong to.

In: folded text. Out: for each character one number a template, the row of the model that speaks of it. Fails: never.

All characters at once by numpy, since a Python call for each would cost a hundred times as much. Words are known by
28 bits of their hash: among half a million of them one in five hundred strings is taken for a word by accident.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detectors._segments import COST, LONGEST_WORD, segments

Numbers = NDArray[np.uint64]

BITS = 20  # rows of the model: 2 ** 18
FAMILY, GIVEN, NOUN, PLACE, FOREIGN_NAME, FOREIGN_NOUN, FOREIGN_PLACE, TELLING, TITLE, USUAL = (
    1 << bit for bit in range(COST)
)
_LONGEST_RUN = 24
_EDGE = 3  # characters that a template looks to the left and to the right
_GATE_BITS = 22

# c character, t its type; f g n p m: which words of families, given names, nouns, places and titles begin, end and go on there;
# s the word that it belongs to where a run of kanji is cut into the likeliest words, l the word to the left, j the one to the right;
# r its place in a run of one type; k what is known of a run of katakana, i the runs on both sides of it, o those beyond;
# b, a the character before and after the run, d, e the two before and after it. A number is the distance.
_SHOWN = (
    "c-3 / c-2 / c-1 / c0 / c1 / c2 / c3 / c-2 c-1 / c-1 c0 / c0 c1 / c1 c2 / c1 c2 c3 / c-3 c-2 c-1 / c-1 c0 c1 / t-1 t0 t1 / t-2 t-1 t0 t1 t2 / "
    "f0 t-1 t1 / g0 t-1 t1 / f0 g0 / f-1 f0 f1 / g-1 g0 g1 / f-1 g0 / f0 g1 / f-2 g-1 g0 / f0 g1 g2 / r0 / k0 / k0 t-1 t1 i0 / k0 t-1 t1 o0 / k0 b0 / k0 a0 / "
    "k0 a0 b0 / n0 f0 g0 / p0 f0 g0 / n-1 n0 n1 / p0 n0 / e0 t0 / d0 t0 / m1 t0 / m0 t-1 / m-1 t0 / s0 t-1 t1 / s0 l0 / s0 j0 / s-1 s0 / s0 s1 / l0 s0 j0 / s0 c0"
)
TEMPLATES = tuple(
    tuple((part[0], int(part[1:])) for part in template.split()) for template in _SHOWN.split(" / ")
)
_PRIME, _MIX = 0x100000001B3, 0x9E3779B97F4A7C15
_KNOWN = np.uint32(0xFFFFFFF0)
_END = 10  # a line feed
APART = "\n" * _EDGE  # between sentences: no template sees across


def _types() -> Numbers:
    """Give the type of each character of the Basic Multilingual Plane."""
    types = np.ones(0x10000, np.uint64)
    for first, last, number in (
        ("0", "9", 2),
        ("A", "Z", 3),
        ("a", "z", 4),
        ("ぁ", "ゟ", 5),
        ("゠", "ヿ", 6),
        ("㐀", "鿿", 7),
    ):
        types[ord(first) : ord(last) + 1] = number
    for signs, number in (
        ("々〆", 7),
        ("・", 8),
        ("。、,.!?「」『』()[]{}<>《》【】:;\"'", 9),
        ("\n", 10),
        (" ", 11),
        ("=", 12),
    ):
        types[[ord(sign) for sign in signs]] = number
    return types


_TYPES = _types()
_KATAKANA, _HAN, _BREAK = 6, 7, 10


def codes(text: str) -> Numbers:
    """Give the code units of a text; what lies beyond the Basic Multilingual Plane must have been replaced."""
    return np.frombuffer(text.encode("utf-16-le", "surrogatepass"), np.uint16).astype(np.uint64)


def word_hash(word: str) -> int:
    """Give the number by which a word is known."""
    units = codes(word)
    return int(_hashes(units, np.array([0]), np.array([len(units)]))[0])


def _hashes(units: Numbers, starts: NDArray[np.intp], lengths: NDArray[np.intp]) -> NDArray[np.uint32]:
    """Hash the words that begin at some places and have some lengths."""
    total = np.zeros(len(starts), np.uint64)
    for place in range(int(lengths.max(initial=0))):
        within = lengths > place
        total[within] = total[within] * np.uint64(_PRIME) + units[starts[within] + place]
    return _folded(total)


def _folded(total: Numbers) -> NDArray[np.uint32]:
    return ((total * np.uint64(_MIX)) >> np.uint64(32)).astype(np.uint32) & _KNOWN


@dataclass(frozen=True, slots=True)
class Words:
    """Known words by their hashes, each with what it may be (FAMILY | GIVEN | …)."""

    hashes: NDArray[np.uint32]
    kinds: NDArray[np.uint16]
    gate: NDArray[np.uint16]

    @classmethod
    def of(cls, hashes: Iterable[int], kinds: Iterable[int]) -> Words:
        """Make Words of sorted hashes and their kinds."""
        known, of = np.asarray(hashes, np.uint32), np.asarray(kinds, np.uint16)
        gate = np.zeros(1 << _GATE_BITS, np.uint16)
        np.bitwise_or.at(gate, known >> np.uint32(32 - _GATE_BITS), of)
        return cls(known, of, gate)

    def look_up(self, hashes: NDArray[np.uint32], wanted: int = 0xFFFF) -> Numbers:
        """Give what the words with these hashes may be of the kinds wanted, 0 for what is no such word."""
        found = np.zeros(len(hashes), np.uint64)
        (likely,) = (self.gate[hashes >> np.uint32(32 - _GATE_BITS)] & np.uint16(wanted)).nonzero()
        these = hashes[likely]
        at = np.minimum(np.searchsorted(self.hashes, these), len(self.hashes) - 1)
        found[likely] = np.where(self.hashes[at] == these, self.kinds[at] & np.uint16(wanted), 0)
        return found


def rows_of(units: Numbers, words: Words) -> NDArray[np.uint32]:
    """Give the row of the model for every template (down) and character (across)."""
    size = len(units)
    columns = {"c": units, "t": _TYPES[units.astype(np.intp)]}
    columns |= _word_columns(units, columns["t"], words)
    columns |= _run_columns(units, columns["t"], words)
    fill = {"c": _END, "t": _BREAK}
    padded = {
        name: np.concatenate([edge := np.full(_EDGE, fill.get(name, 0), np.uint64), column, edge])
        for name, column in columns.items()
    }
    rows = np.empty((len(TEMPLATES), size), np.uint32)
    for number, template in enumerate(TEMPLATES):
        mixed = np.full(size, (number + 1) * _PRIME, np.uint64)
        for name, distance in template:
            mixed ^= padded[name][_EDGE + distance : _EDGE + distance + size]
            mixed *= np.uint64(_MIX)
            mixed ^= mixed >> np.uint64(29)
        rows[number] = mixed >> np.uint64(64 - BITS)
    return rows


def telling(units: Numbers, words: Words) -> NDArray[np.intp]:
    """Give the places of words that may well be names; a sentence without any is not worth tagging."""
    types = _TYPES[units.astype(np.intp)]
    (han,) = ((types[:-2] == _HAN) & (types[1:-1] == _HAN)).nonzero()
    two = units[han] * np.uint64(_PRIME) + units[han + 1]
    three = two * np.uint64(_PRIME) + units[han + 2]
    places = []
    for total, length in ((two, 2), (three, 3)):
        hits = han[words.look_up(_folded(total), TELLING) > 0]
        after = units[np.minimum(hits + length, len(units) - 1)]
        places.append(hits[~np.isin(after, _OF_PLACES)])
    starts, lengths = _runs(types)
    for kind, longest in ((_KATAKANA, _LONGEST_RUN), (_HAN, LONGEST_WORD)):
        whole = (types[starts] == kind) & (lengths > 1) & (lengths <= longest)
        kinds = words.look_up(_hashes(units, starts[whole], lengths[whole])) & np.uint64(_SORTS)
        named = (kinds & np.uint64(FAMILY | GIVEN) > 0) & (kinds & np.uint64(NOUN | PLACE) == 0)
        if kind == _KATAKANA:
            unknown = kinds == 0
            unknown[unknown] = ~_compound(units, starts[whole][unknown], lengths[whole][unknown], words)
            named = (kinds & np.uint64(TELLING) > 0) | unknown
        places.append(starts[whole][named])
    return np.sort(np.concatenate(places))


_SORTS = (1 << COST) - 1
_OF_PLACES = codes("県市区町村郡駅府都道島湖温内")  # 長野県, 宇都宮市, 芦田温泉: places


def _compound(
    units: Numbers, starts: NDArray[np.intp], lengths: NDArray[np.intp], words: Words
) -> NDArray[np.bool_]:
    """Tell which runs of katakana are two nouns on end: シャトルバス, オーシャンビュー."""
    found = np.zeros(len(starts), np.bool_)
    for cut in range(2, int(lengths.max(initial=0)) - 1):
        (may,) = (~found & (lengths >= cut + 2)).nonzero()
        head = words.look_up(
            _hashes(units, starts[may], np.full(len(may), cut)), FOREIGN_NOUN | FOREIGN_PLACE
        )
        may = may[head > 0]
        tail = words.look_up(_hashes(units, starts[may] + cut, lengths[may] - cut), FOREIGN_NOUN)
        found[may[tail > 0]] = True
    return found


def _runs(types: Numbers) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Give where runs of one type start, and how long they are."""
    starts = np.concatenate([[0], (types[1:] != types[:-1]).nonzero()[0] + 1])
    return starts, np.diff(np.concatenate([starts, [len(types)]]))


def _word_columns(units: Numbers, types: Numbers, words: Words) -> dict[str, Numbers]:
    """Tell of each character how long the longest word is that begins and that ends there, and whether one goes on."""
    size = len(units)
    found: list[Numbers] = []
    total = np.zeros(size, np.uint64)
    for length in range(1, LONGEST_WORD + 1):
        total = total[: size - length + 1] * np.uint64(_PRIME) + units[length - 1 :]
        found.append(words.look_up(_folded(total)))
    han_starts, han_lengths = _runs(types)
    han = (types[han_starts] == _HAN) & (han_lengths <= _LONGEST_RUN)
    columns = segments(found, han_starts[han], han_lengths[han])
    for name, kind in (("f", FAMILY), ("g", GIVEN), ("n", NOUN), ("p", PLACE), ("m", TITLE)):
        begins, ends, goes_on = (np.zeros(size, np.uint64) for _ in range(3))
        for length, kinds in enumerate(found, 1):
            (hits,) = (kinds & np.uint64(kind)).nonzero()
            begins[hits] = length
            ends[hits + length - 1] = length
            for place in range(1, length - 1):
                goes_on[hits + place] = 1
        columns[name] = begins | ends << np.uint64(3) | goes_on << np.uint64(6)
    return columns


def _run_columns(units: Numbers, types: Numbers, words: Words) -> dict[str, Numbers]:
    """Tell of each character in what run of one type it stands: how long, where in it, between what."""
    size = len(units)
    starts, lengths = _runs(types)
    place = np.arange(size) - np.repeat(starts, lengths)
    rest = np.repeat(lengths, lengths) - place - 1
    katakana = (types[starts] == _KATAKANA) & (lengths <= _LONGEST_RUN) & (lengths > 1)
    known = np.zeros(len(starts), np.uint64)
    kinds = words.look_up(_hashes(units, starts[katakana], lengths[katakana]))
    known[katakana] = np.uint64(8) | kinds >> np.uint64(4) & np.uint64(7)
    round_about = np.concatenate([np.zeros(2, np.uint64), known, np.zeros(2, np.uint64)])
    beyond, beside, _, follows, last = (round_about[offset : offset + len(known)] for offset in range(5))
    breaks = np.concatenate([[True], types[starts] == _BREAK, [True]])
    beyond, last = np.where(breaks[:-2], 0, beyond), np.where(breaks[2:], 0, last)
    unit = np.concatenate([[_END, _END], units, [_END, _END]]).astype(np.uint64)
    before, after = unit[starts + 1], unit[starts + lengths + 2]
    two_before, two_after = unit[starts], unit[starts + lengths + 3]

    def spread(column: NDArray[np.uint64]) -> Numbers:
        return np.repeat(column, lengths)

    inside = (place == 0).astype(np.uint64) | (rest == 0).astype(np.uint64) << np.uint64(1)
    capped = [
        np.minimum(column, 9).astype(np.uint64) for column in (np.repeat(lengths, lengths), place, rest)
    ]
    return {
        "r": capped[0] | capped[1] << np.uint64(4) | capped[2] << np.uint64(8) | types << np.uint64(12),
        "k": spread(known) | inside << np.uint64(4),
        "i": spread(beside | follows << np.uint64(4)),
        "o": spread(beyond | last << np.uint64(4)),
        "b": spread(before),
        "a": spread(after),
        "d": spread(before | two_before << np.uint64(16)),
        "e": spread(after | two_after << np.uint64(16)),
    }
