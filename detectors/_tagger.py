"""Find names of people in sentences, without a label: a linear-chain conditional random field over characters.

In: folded sentences. Out: spans with their confidence. Fails: never; a missing model is a broken installation.

The model (data/sentences.npz; its sources, their licences and how it is trained: data/README.md) says for each character
how much speaks for it beginning, going on in, ending or being a name (B I E S) rather than none (O).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from detectors._features import APART, Words, codes, rows_of, telling

TAGS = "OBIES"
_OUTSIDE, _BEGIN, _INSIDE, _END, _SINGLE = range(len(TAGS))
_CHARACTERS = 200_000  # in one go: 100 MB of rows at most
STEP = 1 / 64  # a weight is a whole number of these
ZERO = 512  # stored weights have no sign


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """Weights: four of 16 bits in each row (B, I, E, S, each against O), and one for each pair of tags."""

    words: Words
    rows: NDArray[np.uint64]
    moves: NDArray[np.float32]


@cache
def model() -> Model:
    """Read the model, once a process."""
    with (
        resources.as_file(resources.files("detectors").joinpath("data", "sentences.npz")) as path,
        np.load(path, allow_pickle=False) as file,
    ):
        rows = np.full((1 << int(file["bits"]), len(TAGS) - 1), ZERO, np.uint16)
        rows[file["places"].cumsum()] = file["weights"]
        return Model(
            words=Words.of(file["words"].cumsum(), file["kinds"]),
            rows=rows.view(np.uint64).ravel(),
            moves=file["moves"],
        )


_LONGEST = 400  # characters; what is longer is no sentence
_SHORT_TEXT = 4_000  # characters; of a longer one, only sentences with a telling word are read
_SENTENCE = re.compile(rf"[^\n。]{{2,{_LONGEST}}}")
_SPOKEN = re.compile("[ぁ-ん、]")
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_DIGIT = re.compile("[1-9]")
_seen: dict[str, list[tuple[int, int, float]]] = {}
_REMEMBERED = 20_000  # sentences; the mails of a send share nearly all of theirs


def find(folded: str) -> Iterator[tuple[int, int, float]]:
    """Yield start, end and confidence of names in a text."""
    sentences = _sentences(folded)
    _tag_new(sentences.values())
    for at, sentence in sentences.items():
        for start, end, confidence in _seen[sentence]:
            yield at + start, at + end, confidence


def prepare(folded: Iterable[str]) -> None:
    """Tag the sentences of many texts at once: a few sentences cost as much as hundreds."""
    short = (text for text in folded if len(text) <= _SHORT_TEXT)
    _tag_new(chain.from_iterable(_sentences(text).values() for text in short))


def _sentences(folded: str) -> dict[int, str]:
    """Give the sentences in which somebody may be named, by their places."""
    text = _ASTRAL.sub("〓", folded)
    cut = (
        _telling(text)
        if len(text) > _SHORT_TEXT
        else ((one.start(), one[0]) for one in _SENTENCE.finditer(text))
    )
    # Numbers tell sentences apart that are the same to us.
    return {at: _DIGIT.sub("0", sentence) for at, sentence in cut if _SPOKEN.search(sentence)}


def _tag_new(sentences: Iterable[str]) -> None:
    """See that sentences are tagged."""
    wanted = dict.fromkeys(sentences)
    if len(_seen) > _REMEMBERED:
        forget()
    new = [one for one in wanted if one not in _seen]
    _seen.update(zip(new, spans(new), strict=True))


def forget() -> None:
    """Drop the sentences that were seen, for those who measure."""
    _seen.clear()


def _telling(text: str) -> Iterator[tuple[int, str]]:
    """Yield the sentences that hold a telling word, and where they start."""
    done = 0
    for at in telling(codes(text), model().words).tolist():
        if at < done:
            continue
        first = max(done, at - _LONGEST // 2)
        start = max(text.rfind("\n", first, at), text.rfind("。", first, at)) + 1 or first
        stops = (text.find(stop, at, start + _LONGEST) for stop in "\n。")
        done = min((stop for stop in stops if stop > 0), default=min(start + _LONGEST, len(text)))
        yield start, text[start:done]


def spans(sentences: Sequence[str]) -> list[list[tuple[int, int, float]]]:
    """Give start, end and confidence of the names in each sentence."""
    found: list[list[tuple[int, int, float]]] = [[] for _ in sentences]
    batch: list[int] = []
    size = 0
    for number in sorted(range(len(sentences)), key=lambda number: len(sentences[number])):
        if batch and size + len(sentences[number]) > _CHARACTERS:
            _tag(sentences, batch, found)
            batch, size = [], 0
        batch.append(number)
        size += len(sentences[number]) + len(APART)
    if batch:
        _tag(sentences, batch, found)
    return found


def _tag(sentences: Sequence[str], batch: Sequence[int], found: list[list[tuple[int, int, float]]]) -> None:
    """Tag the sentences of a batch, the shortest first."""
    joined = APART.join([sentences[number] for number in batch]) + APART
    lengths = np.array([len(sentences[number]) for number in batch])
    starts = np.concatenate([[0], (lengths + len(APART)).cumsum()[:-1]])
    units = codes(joined)
    scores = scores_of(units, model())
    tags = _best(scores, *_islands(scores, units != ord(APART[0])), model().moves)
    (begins,) = ((tags == _BEGIN) | (tags == _SINGLE)).nonzero()
    (ends,) = ((tags == _END) | (tags == _SINGLE)).nonzero()
    of = np.searchsorted(starts, begins, side="right") - 1
    margins = _margins(scores, tags, starts, begins, ends)
    for sentence, begin, end, margin in zip(of, begins, ends, margins, strict=True):
        at = starts[sentence]
        found[batch[sentence]].append((int(begin - at), int(end - at) + 1, float(1 / (1 + np.exp(-margin)))))


def scores_of(units: NDArray[np.uint64], known: Model) -> NDArray[np.float32]:
    """Add up what speaks for each tag of each character."""
    rows = rows_of(units, known.words)
    total = np.zeros(len(units), np.uint64)
    for row in rows:
        total += known.rows[row]  # four sums at once: none of them outgrows its 16 bits
    scores = np.zeros((len(units), len(TAGS)), np.float32)
    scores[:, 1:] = (total.view(np.uint16).reshape(-1, 4).astype(np.float32) - ZERO * len(rows)) * STEP
    return scores


def _islands(
    scores: NDArray[np.float32], inside: NDArray[np.bool_]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Give start and length of the stretches in which a name is thinkable, and a character on either side, the shortest first."""
    thinkable = np.concatenate([[False], scores[:, 1:].max(axis=1) > _UNTHINKABLE, [False]])
    island = inside & (thinkable[:-2] | thinkable[1:-1] | thinkable[2:])
    edges = np.diff(island.astype(np.int8), prepend=0, append=0)
    begins, ends = (edges == 1).nonzero()[0], (edges == -1).nonzero()[0]
    order = (ends - begins).argsort(kind="stable")
    return begins[order], (ends - begins)[order]


_UNTHINKABLE = 0  # nothing changes down to -50


def _best(
    scores: NDArray[np.float32],
    starts: NDArray[np.intp],
    lengths: NDArray[np.intp],
    moves: NDArray[np.float32],
) -> NDArray[np.int8]:
    """Give the likeliest tags (Viterbi), all stretches side by side, the shortest first."""
    tags = np.zeros(len(scores), np.int8)
    longest = int(lengths.max(initial=0))
    if not longest:
        return tags
    back = np.zeros((longest, len(starts), len(TAGS)), np.int8)
    best = np.full((len(starts), len(TAGS)), -np.inf, np.float32)
    going = np.searchsorted(lengths, 0, side="right")
    best[going:] = scores[starts[going:]]
    best[:, [_INSIDE, _END]] = -np.inf
    for place in range(1, longest):
        going = np.searchsorted(lengths, place, side="right")
        ways = best[going:, :, None] + moves
        back[place, going:] = ways.argmax(axis=1)
        best[going:] = ways.max(axis=1) + scores[starts[going:] + place]
    best[:, [_BEGIN, _INSIDE]] = -np.inf  # a name ends where its stretch does
    tag = best.argmax(axis=1).astype(np.int8)
    for place in range(longest - 1, -1, -1):
        going = np.searchsorted(lengths, place, side="right")
        tags[starts[going:] + place] = tag[going:]
        tag[going:] = back[place, np.arange(going, len(starts)), tag[going:]]
    return tags


def _margins(
    scores: NDArray[np.float32],
    tags: NDArray[np.int8],
    starts: NDArray[np.intp],
    begins: NDArray[np.intp],
    ends: NDArray[np.intp],
) -> NDArray[np.float32]:
    """Give by how much each name is likelier than no name in its place."""
    moves = model().moves
    nothing = tags[:1] * 0
    before, after = np.concatenate([nothing, tags[:-1]]), np.concatenate([tags[1:], nothing])
    gained = scores[np.arange(len(tags)), tags] + moves[before, tags] - moves[before, _OUTSIDE]
    gained[starts] = scores[starts, tags[starts]]  # nothing leads into the first character of a sentence
    staying = moves[before, _OUTSIDE] - moves[_OUTSIDE, _OUTSIDE]
    staying[[*starts, *begins]] = 0  # inside a name its own tags would not be there
    sums = np.concatenate([[0.0], (gained + staying).cumsum(dtype=np.float64)])
    leaving = moves[tags[ends], after[ends]] - moves[_OUTSIDE, after[ends]]
    return np.asarray(sums[ends + 1] - sums[begins] + leaving, np.float32)
