"""Find names of people in sentences, without a label: a linear-chain conditional random field over characters.

In: folded sentences. Out: spans with their confidence. Fails: never; a missing model is a broken installation.

The model (data/sentences.npz; its sources, their licences and how it is trained: data/README.md) says for each character
how much speaks for it beginning, going on in, ending or being a name (B I E S) rather than none (O).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from detectors._features import APART, Words, codes, rows_of, telling

TAGS = "OBIES"
_OUTSIDE, _BEGIN, _INSIDE, _END, _SINGLE = range(len(TAGS))
_SURE = 0.91  # so likely must one name be for its sentence to name anybody at all
_LEAST = 0.4  # is enough for the others
_SHORTEST, _LONGEST_NAME = 2, 30
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


def find(folded: str, named: AbstractSet[int]) -> Iterator[tuple[int, int, float]]:
    """Yield start, end and confidence of names in a text; at the places `named` somebody is named anyway."""
    sentences = _sentences(folded)
    _tag_new(sentences.values())
    for at, sentence in sentences.items():
        found = _seen[sentence]
        if max((sure for _, _, sure in found), default=0) >= _SURE or (
            found and not named.isdisjoint(range(at, at + len(sentence)))
        ):
            for start, end, confidence in found:
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
    islands = _islands(scores, units != ord(APART[0]))
    begins, ends, likely = _likely(scores, *both_ways(scores, *islands, model().moves), model().moves)
    of = np.searchsorted(starts, begins, side="right") - 1
    for sentence, begin, end, sure in zip(of, begins, ends, likely, strict=True):
        at = starts[sentence]
        found[batch[sentence]].append((int(begin - at), int(end - at), float(sure)))


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


_UNTHINKABLE = -2  # nothing changes below


def both_ways(
    scores: NDArray[np.float32],
    starts: NDArray[np.intp],
    lengths: NDArray[np.intp],
    moves: NDArray[np.float32],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the logarithms of all ways that lead to each tag of each character, and of those that lead on from there.

    All stretches side by side, the shortest first. The ways to and from a tag together are its probability; outside the
    stretches nothing is a name.
    """
    weights = np.exp(moves.astype(np.float64))
    to, on = np.full((2, len(scores), len(TAGS)), -np.inf)
    to[:, _OUTSIDE] = on[:, _OUTSIDE] = 0
    longest = int(lengths.max(initial=0))
    going = [int(np.searchsorted(lengths, place, side="right")) for place in range(longest)]
    if longest:
        to[starts] = scores[starts]
        to[starts, _INSIDE] = to[starts, _END] = -np.inf
    for place in range(1, longest):
        here = starts[going[place] :] + place
        to[here] = _summed(to[here - 1], weights) + scores[here]
    ends = starts + lengths - 1
    for tag in (_OUTSIDE, _END, _SINGLE):
        on[ends, tag] = 0  # a name ends where its stretch does
    for place in range(longest - 1, 0, -1):
        here = starts[going[place] :] + place
        on[here - 1] = _summed(scores[here] + on[here], weights.T)
    whole = np.logaddexp.reduce(to[ends] + on[ends], axis=1)
    each = np.repeat(starts - np.concatenate([[0], lengths[:-1].cumsum()]), lengths) + np.arange(
        lengths.sum()
    )
    to[each] -= np.repeat(whole, lengths)[:, None]
    return to, on


def _summed(ways: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Add up ways, given by their logarithms, over every move."""
    most = ways.max(axis=1, keepdims=True)
    return np.asarray(np.log(np.exp(ways - most) @ weights) + most)


def _likely(
    scores: NDArray[np.float32], to: NDArray[np.float64], on: NDArray[np.float64], moves: NDArray[np.float32]
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """Give begin, end and probability of the likeliest name, if any, that begins at each character."""
    (begins,) = (to[:, _BEGIN] + on[:, _BEGIN] > np.log(_LEAST)).nonzero()
    ends, likely = begins + 1, np.zeros(len(begins))
    way, tag = to[begins, _BEGIN], _BEGIN
    for length in range(_SHORTEST, _LONGEST_NAME):
        last = np.minimum(begins + length, len(scores)) - 1
        whole = np.exp(way + moves[tag, _END] + scores[last, _END] + on[last, _END])
        better = whole > likely
        ends[better], likely[better] = last[better] + 1, whole[better]
        way, tag = way + moves[tag, _INSIDE] + scores[last, _INSIDE], _INSIDE
        way[np.isneginf(on[last, _INSIDE])] = -np.inf  # no name goes on behind its stretch
        if not (way + on[last, _INSIDE] > np.log(_LEAST)).any():
            break
    kept = (likely > _LEAST) & (ends - begins >= _SHORTEST)
    return begins[kept], ends[kept], likely[kept]
