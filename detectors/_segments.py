"""Cut runs of kanji into the likeliest words, for the tagger: 下総|権守, 県立|半田|工業高校, 森|喜朗|元首相.

In: which words begin where, and what each costs. Out: for each character the word it belongs to, and those beside that. Fails: never.

The cheapest way through a run by the costs of its words (Viterbi without connections), all runs side by side.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.uint64]

LONGEST_WORD = 4
COST = 10  # in what is known of a word, its cost stands above these bits
STEP = 512  # of the dictionary's costs
_MOST = 31
_EACH = 10  # so that few long words are likelier than many short ones
_UNKNOWN = 40
_SAID = np.uint64(0b1100001111)  # surname, given name, noun, place; title, usual
_SIZE, _BEGINS, _ENDS = np.uint64(10), np.uint64(13), np.uint64(14)


def cost_bits(cost: int) -> int:
    """Give how a cost of the dictionary stands in what is known of a word."""
    return min(max(cost // STEP, 0), _MOST) << COST


def segments(
    found: Sequence[Numbers], starts: NDArray[np.intp], lengths: NDArray[np.intp]
) -> dict[str, Numbers]:
    """Tell of each character its word (s), the word to the left (l) and to the right (j); `found[n]` knows the words of n + 1 characters."""
    order = lengths.argsort(kind="stable")
    starts, lengths = starts[order], lengths[order]
    last = _cheapest(found, starts, lengths)
    size = len(found[0])
    word, left, right = (np.zeros(size, np.uint64) for _ in "slj")
    at = lengths.copy()
    after = np.zeros(len(starts), np.uint64)  # the word that follows, and where it begins and how long it is
    begun, long = np.zeros(len(starts), np.intp), np.zeros(len(starts), np.intp)
    runs = np.arange(len(starts))
    while len(runs):
        cut = last[runs, at[runs]]
        begins = starts[runs] + at[runs] - cut
        known = np.zeros(len(runs), np.uint64)
        for length in range(1, LONGEST_WORD + 1):
            these = cut == length
            known[these] = found[length - 1][begins[these]] & _SAID
        known |= cut.astype(np.uint64) << _SIZE
        for place in range(LONGEST_WORD):
            within = cut > place
            here = begins[within] + place
            word[here], right[here] = known[within], after[runs[within]]
            following = long[runs] > place
            left[begun[runs][following] + place] = known[following]
        word[begins] |= np.uint64(1) << _BEGINS
        word[begins + cut - 1] |= np.uint64(1) << _ENDS
        after[runs], begun[runs], long[runs] = known, begins, cut
        at[runs] -= cut
        runs = runs[at[runs] > 0]
    return {"s": word, "l": left, "j": right}


def _cheapest(
    found: Sequence[Numbers], starts: NDArray[np.intp], lengths: NDArray[np.intp]
) -> NDArray[np.int8]:
    """Give, for each run and each place in it, how long the word is that ends there in the cheapest way to it."""
    longest = int(lengths.max(initial=0))
    least = np.full((len(starts), longest + 1), np.inf, np.float32)
    least[:, 0] = 0
    last = np.zeros((len(starts), longest + 1), np.int8)
    for at in range(1, longest + 1):
        going = np.searchsorted(lengths, at)
        for length in range(1, min(at, LONGEST_WORD) + 1):
            known = found[length - 1][starts[going:] + at - length]
            dear = (known >> np.uint64(COST)).astype(np.float32) + _EACH
            unknown = _UNKNOWN + _EACH if length == 1 else np.inf
            total = least[going:, at - length] + np.where(known > 0, dear, unknown)
            better = total < least[going:, at]
            least[going:, at][better] = total[better]
            last[going:, at][better] = length
    return last
