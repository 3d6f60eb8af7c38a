"""Train the tagger of names: `python -m tests.bench.train_names DATA`, with python-crfsuite and sudachidict_core==20240409 installed.

In: DATA/ud-gsd-train.bio, DATA/stockmark-ner.json, DATA/asdc-dialogues.tsv, and the dictionary's binary (its format ended in 2025).
Out: detectors/data/sentences.npz. Every seventh sentence is left out: by them the benchmark judges. Fails: loudly.
"""

from __future__ import annotations

import importlib.util
import random
import re
import struct
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from detectors import _features, _tagger
from detectors._features import (
    FAMILY,
    FOREIGN_NAME,
    FOREIGN_NOUN,
    FOREIGN_PLACE,
    GIVEN,
    NOUN,
    PLACE,
    TELLING,
    TITLE,
    USUAL,
    Words,
)
from detectors._fold import fold
from detectors._lexicon import names
from detectors._segments import cost_bits
from tests.bench import prose

OUT = Path(__file__).parents[2] / "detectors" / "data" / "sentences.npz"
_HAN = re.compile("[一-龠々ヶケノ]+")
_KATAKANA = re.compile("[ァ-ヺー]{2,24}")
_HIRAGANA = re.compile("[ぁ-んー]+")
_SHORT_KATAKANA = re.compile("[ァ-ヶー]{3,4}")
_TO_HIRAGANA = {point: point - 0x60 for point in range(ord("ァ"), ord("ヶ") + 1)}
_JOINED = ("接尾辞", "接頭辞", "副詞", "代名詞", "形状詞")  # what stands in runs of kanji besides nouns
TITLES = Path(__file__).with_name("titles.txt")
_NEVER = 32_767
_LIKE_A_NAME = 10_000
_TIMES = 3
_RARE = 12_000  # cost in the dictionary
_LEAST = {
    GIVEN: 9_000,
    PLACE: 9_000,
    NOUN: 6_500,
}  # of a word of one letter: as a sign it costs nothing there


def main() -> None:
    """Train and write the model."""
    import pycrfsuite

    known = words()
    hashes = sorted(known)
    lexicon = Words.of(hashes, [known[one] for one in hashes])
    trainer = pycrfsuite.Trainer(verbose=False)
    for sentence, tags in _learnt(Path(sys.argv[1])):
        rows = _features.rows_of(_features.codes(sentence + "\n"), lexicon)[:, :-1].T
        # A row speaks for one template: hashing them together costs little and needs no list of names.
        trainer.append([list(map(str, row)) for row in rows.tolist()], tags)
    trainer.set_params(
        {
            "c1": 0.3,
            "c2": 2.0,
            "max_iterations": 60,
            "feature.minfreq": 2,
            "feature.possible_transitions": True,
        }
    )
    with tempfile.TemporaryDirectory() as folder:
        trainer.train(f"{folder}/model")
        tagger = pycrfsuite.Tagger()
        tagger.open(f"{folder}/model")
        _write(hashes, [known[one] for one in hashes], tagger.info())


def _learnt(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield folded sentences with the tags of their characters: those of the corpora, then those with other names in them."""
    learnt = [
        sentence
        for corpus in (prose.web(folder), prose.encyclopedia(folder), prose.dialogues(folder)[:1500])
        for number, sentence in enumerate(corpus)
        if number % prose.HELD_OUT
    ]
    for sentence, gold in (*learnt, *_with_other_names(learnt)):
        folded = fold(sentence)
        if folded.offsets is not None or not sentence or "\n" in sentence:
            continue
        if any(ord(letter) > 0xFFFF for letter in folded.folded):
            continue
        tags = ["O"] * len(sentence)
        for start, end in gold:
            tags[start:end] = ["B", *"I" * (end - start - 2), "E"] if end - start > 1 else ["S"]
        yield folded.folded, tags


def _with_other_names(learnt: Iterable[prose.Sentence]) -> Iterator[prose.Sentence]:
    """Yield each sentence that names somebody some more times, with names of other sentences that are written alike."""
    named = [(sentence, sorted(gold)) for sentence, gold in learnt if gold]
    pool: dict[str, set[str]] = defaultdict(set)
    for sentence, gold in named:
        for start, end in gold:
            pool[_script(sentence[start:end])].add(sentence[start:end])
    pool.pop("", None)
    alike = {script: sorted(some) for script, some in pool.items()}
    chance = random.Random(1)
    for sentence, gold in named * _TIMES:
        others: dict[str, str] = {}
        text, spans, at = "", set(), 0
        for start, end in gold:
            one = sentence[start:end]
            others.setdefault(one, chance.choice(alike.get(_script(one), [one])))
            text += sentence[at:start]
            spans.add((len(text), len(text) + len(others[one])))
            text, at = text + others[one], end
        yield text + sentence[at:], frozenset(spans)


def _script(shown: str) -> str:
    """Give how a name is written, "" for a mixture: a surname in kanji is no full name, and a name of three parts none of two."""
    if _HAN.fullmatch(shown):
        return "full" if len(shown) > 2 else "short"
    if re.fullmatch("[ァ-ヺー・=]+", shown):
        return f"katakana {shown.count('・')}"
    if _HIRAGANA.fullmatch(shown):
        return "hiragana"
    return "half" if re.fullmatch("[一-龠々ヶケノぁ-ん]+", shown) else ""


def words() -> dict[int, int]:
    """Give what every known word may be, and its cost, by its hash."""
    may_be: dict[str, int] = defaultdict(int)
    lists = names()
    for kind, some in ((FAMILY, lists.family | lists.family_kana), (GIVEN, lists.given | lists.given_kana)):
        for word in some:
            may_be[word] |= kind
    costs: dict[int, dict[str, int]] = {
        GIVEN: {},
        PLACE: {},
        NOUN: {},
    }  # logarithms: the less, the more often
    spoken = set()
    for word, part_of_speech, cost in _dictionary():
        if kind := _kind(word, part_of_speech, cost):
            may_be[word] |= kind
        of = {"人名": GIVEN, "地名": PLACE}.get(part_of_speech[2], NOUN)
        dear = max(cost, _LEAST[of]) if len(word) == 1 else cost
        costs[of][word] = min(dear, costs[of].get(word, dear))
        if part_of_speech[0] not in ("名詞", "記号") and _HIRAGANA.fullmatch(word):
            spoken.add(word)
    _mark_names(may_be, costs)
    for word in [word for word in may_be if _SHORT_KATAKANA.fullmatch(word)]:
        as_hiragana = word.translate(_TO_HIRAGANA)
        if as_hiragana not in spoken:
            may_be[as_hiragana] |= may_be[word] & (FAMILY | GIVEN)
    for title in TITLES.read_text(encoding="utf-8").split():
        may_be[title] |= TITLE
    return {
        _features.word_hash(word): kind
        | cost_bits(min((of[word] for of in costs.values() if word in of), default=_LIKE_A_NAME))
        for word, kind in may_be.items()
        if kind and (_KATAKANA.fullmatch(word) or len(word) <= _features.LONGEST_WORD)
    }


def _mark_names(may_be: dict[str, int], costs: dict[int, dict[str, int]]) -> None:
    """Mark the words that are names more often than anything else, and those that tell of a name by themselves."""
    lists = names()
    as_name, as_place, as_noun = costs[GIVEN], costs[PLACE], costs[NOUN]
    for word in [word for word, kind in may_be.items() if kind & (FAMILY | GIVEN) and len(word) > 1]:
        if as_name.get(word, _NEVER - 1) < min(as_noun.get(word, _NEVER), as_place.get(word, _NEVER)):
            may_be[word] |= USUAL
    foreign = {word for word, kind in may_be.items() if kind & FOREIGN_NAME}
    for word in lists.family | lists.given | foreign:
        if word in lists.family:
            tells = as_name.get(word, _RARE) < as_noun.get(word, _NEVER)
        else:
            tells = word not in as_noun and not may_be[word] & PLACE
        if len(word) > 1 and tells:
            may_be[word] |= TELLING


def _kind(word: str, part_of_speech: list[str], cost: int) -> int:
    noun, sort, of, part = part_of_speech[:4]
    if noun in _JOINED and _HAN.fullmatch(word):
        return NOUN
    if _KATAKANA.fullmatch(word):
        return FOREIGN_NAME if of == "人名" else FOREIGN_PLACE if of == "地名" else FOREIGN_NOUN
    if noun != "名詞" or not _HAN.fullmatch(word):
        return 0
    if of == "人名":
        return FAMILY if part == "姓" else GIVEN
    if of == "地名":
        return PLACE if cost < _RARE else 0
    return NOUN if sort != "数詞" else 0


def _dictionary() -> Iterator[tuple[str, list[str], int]]:
    """Read SudachiDict (Apache-2.0), binary format of 2019: surface, part of speech, cost."""
    spec = importlib.util.find_spec("sudachidict_core")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("sudachidict_core==20240409 is not installed")
    raw = (Path(next(iter(spec.submodule_search_locations))) / "resources" / "system.dic").read_bytes()
    at = 272

    def text(at: int) -> tuple[str, int]:
        size, at = raw[at], at + 1
        if size >= 0x80:
            size, at = (size & 0x7F) << 8 | raw[at], at + 1
        return raw[at : at + 2 * size].decode("utf-16-le", "replace"), at + 2 * size

    (count,), at = struct.unpack_from("<H", raw, at), at + 2
    parts_of_speech = []
    for _ in range(count):
        parts = []
        for _ in range(6):
            part, at = text(at)
            parts.append(part)
        parts_of_speech.append(parts)
    left, right = struct.unpack_from("<hh", raw, at)
    at += 4 + 2 * left * right
    for unit in (4, 1):  # trie, word ids
        at += 4 + unit * struct.unpack_from("<I", raw, at)[0]
    (count,), at = struct.unpack_from("<I", raw, at), at + 4
    costs = np.frombuffer(raw, "<i2", 3 * count, at)[2::3]
    for offset, cost in zip(
        struct.unpack_from(f"<{count}I", raw, at + 6 * count), costs.tolist(), strict=True
    ):
        word, after = text(offset)
        after += 1 if raw[after] < 0x80 else 2
        yield word, parts_of_speech[struct.unpack_from("<h", raw, after)[0]], cost


def _write(hashes: list[int], kinds: Iterable[int], info: object) -> None:
    """Write the weights, each against that of O, in whole steps; and the words."""
    weights = np.zeros((1 << _features.BITS, len(_tagger.TAGS)), np.float64)
    for (row, tag), weight in info.state_features.items():  # type: ignore[attr-defined]
        weights[int(row), _tagger.TAGS.index(tag)] = weight
    against = np.rint((weights[:, 1:] - weights[:, :1]) / _tagger.STEP)
    against = np.clip(against, -_tagger.ZERO, _tagger.ZERO - 1)
    (places,) = against.any(axis=1).nonzero()
    moves = np.full((len(_tagger.TAGS),) * 2, -100, np.float32)
    for pair in ("OO", "OB", "OS", "BI", "BE", "II", "IE", "EO", "EB", "ES", "SO", "SB", "SS"):
        before, after = map(_tagger.TAGS.index, pair)
        moves[before, after] = info.transitions.get((pair[0], pair[1]), -3)  # type: ignore[attr-defined]
    np.savez_compressed(
        OUT,
        bits=_features.BITS,
        words=np.diff(np.array(hashes, np.uint32), prepend=np.uint32(0)),
        kinds=np.array(list(kinds), np.uint16),
        places=np.diff(places.astype(np.uint32), prepend=np.uint32(0)),
        weights=(against[places] + _tagger.ZERO).astype(np.uint16),
        moves=moves,
    )
    print(f"{len(hashes)} words, {len(places)} rows, {OUT.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
