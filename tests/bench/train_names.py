"""Train the tagger of names: `python -m tests.bench.train_names DATA`, with sudachidict_core==20240409 installed.

In: DATA/ud-gsd-train.bio, DATA/stockmark-ner.json, DATA/asdc-dialogues.tsv, and the dictionary's binary (its format ended in 2025).
Out: detectors/data/sentences.npz. Every seventh sentence is left out: by them the benchmark judges. Fails: loudly.

`python -m tests.bench.train_names DATA --folds` writes nothing: it leaves out each of the seven sevenths in turn, and says how names
are found there.
"""

from __future__ import annotations

import random
import re
import struct
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import numpy as np

import detectors
from detectors import _features, _tagger
from detectors._features import (
    APART,
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
from tests.bench import crf, prose

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
_SEED = 1
_RARE = 12_000  # cost in the dictionary
_LEAST = {
    GIVEN: 9_000,
    PLACE: 9_000,
    NOUN: 6_500,
}  # of a word of one letter: as a sign it costs nothing there


def main() -> None:
    """Train and write the model, or judge how well such models do."""
    folder = Path(sys.argv[1])
    if "--folds" in sys.argv:
        return _judge(folder)
    model = trained(folder, left_out=0)
    _write(model)
    return None


def trained(folder: Path, *, left_out: int) -> _tagger.Model:
    """Train a model on all sevenths but one."""
    known = words()
    hashes = sorted(known)
    lexicon = Words.of(hashes, [known[one] for one in hashes])
    learnt = [
        (_features.rows_of(_features.codes(sentence + APART), lexicon)[:, : len(sentence)].T, tags)
        for sentence, tags in _learnt(folder, left_out)
    ]
    # A row speaks for one template: hashing them together costs little and needs no list of names.
    weights, moves = crf.train(learnt, size=1 << _features.BITS, seed=_SEED)
    whole = np.clip(np.rint(weights / _tagger.STEP), -_tagger.ZERO, _tagger.ZERO - 1) + _tagger.ZERO
    return _tagger.Model(words=lexicon, rows=whole.astype(np.uint16).view(np.uint64).ravel(), moves=moves)


def _judge(folder: Path) -> None:
    """Print, for each seventh that was not learnt from, exact F1, recall and how many sentences that name nobody are flagged."""
    corpora = {"web": prose.web(folder), "encyclopedia": prose.encyclopedia(folder)}
    figures: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
    for left_out in range(prose.HELD_OUT):
        model = trained(folder, left_out=left_out)
        _tagger.model = lambda model=model: model  # type: ignore[assignment]
        _tagger.forget()
        for title, corpus in corpora.items():
            figures[title].append(_figures(corpus[left_out :: prose.HELD_OUT]))
            print(left_out, title, *(f"{figure:.3f}" for figure in figures[title][-1]), flush=True)
    for title, each in figures.items():
        mean, error = np.mean(each, axis=0), np.std(each, axis=0, ddof=1) / np.sqrt(len(each))
        print(title, *(f"{figure:.3f}±{off:.3f}" for figure, off in zip(mean, error, strict=True)))


def _figures(sentences: list[prose.Sentence]) -> tuple[float, float, float]:
    found = [
        {(one.start, one.end) for one in detectors.scan_text(text) if one.kind == "name"}
        for text, _ in sentences
    ]
    hits = sum(len(spans & gold) for spans, (_, gold) in zip(found, sentences, strict=True))
    named = sum(len(gold) for _, gold in sentences)
    clean = [spans for spans, (_, gold) in zip(found, sentences, strict=True) if not gold]
    return 2 * hits / (sum(map(len, found)) + named), hits / named, sum(map(bool, clean)) / len(clean)


def _learnt(folder: Path, left_out: int) -> Iterator[tuple[str, list[int]]]:
    """Yield folded sentences with the tags of their characters: those of the corpora, then those with other names in them."""
    learnt = [
        sentence
        for corpus in (prose.web(folder), prose.encyclopedia(folder), prose.dialogues(folder)[:1500])
        for number, sentence in enumerate(corpus)
        if number % prose.HELD_OUT != left_out
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
        yield folded.folded, [_tagger.TAGS.index(tag) for tag in tags]


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


@cache
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
        for word, kind in sorted(may_be.items())  # of two with one hash the last is known
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


_DICTIONARY = "20240409"


def _dictionary() -> Iterator[tuple[str, list[str], int]]:
    """Read SudachiDict (Apache-2.0), binary format of 2019: surface, part of speech, cost."""
    try:
        installed = distribution("sudachidict_core")
    except PackageNotFoundError:
        installed = None
    if installed is None or installed.version != _DICTIONARY:
        raise SystemExit(f"sudachidict_core=={_DICTIONARY} is not installed; later ones have another format")
    raw = Path(str(installed.locate_file("sudachidict_core/resources/system.dic"))).read_bytes()
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


def _write(model: _tagger.Model) -> None:
    """Write the weights that say anything, and the words."""
    weights = model.rows.view(np.uint16).reshape(-1, len(_tagger.TAGS) - 1)
    (places,) = (weights != _tagger.ZERO).any(axis=1).nonzero()
    np.savez_compressed(
        OUT,
        bits=_features.BITS,
        words=np.diff(model.words.hashes, prepend=np.uint32(0)),
        kinds=model.words.kinds,
        places=np.diff(places.astype(np.uint32), prepend=np.uint32(0)),
        weights=weights[places],
        moves=model.moves,
    )
    print(f"{len(model.words.hashes)} words, {len(places)} rows, {OUT.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
