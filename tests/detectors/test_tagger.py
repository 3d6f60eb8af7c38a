"""Names in sentences, without label or honorific: the tagger, and when it is asked."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import detectors
from detectors import _segments, _tagger
from tests.bench import crf

FILLER = "本日はお忙しいところお越しいただき、誠にありがとうございました。\n"


def names(text):
    return [text[one.start : one.end] for one in detectors.scan_text(text) if one.kind == "name"]


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("昨日の会議では山田太郎が議長を務めた。", ["山田太郎"]),
        ("この曲を作ったのは高橋美咲と鈴木健太である。", ["高橋美咲", "鈴木健太"]),
        ("監督のジョン・スミスは、次回作の準備を始めた。", ["ジョン・スミス"]),
        ("スキー場の最新情報をお届けします。", []),
        ("東京都千代田区に本社を置く会社である。", []),
        ("ホテルのロビーで、コーヒーをお召し上がりください。", []),
    ],
)
def test_a_sentence_tells_who_it_is_about(sentence, found):
    assert names(sentence) == found


def test_a_name_is_found_in_a_long_text_where_it_stands():
    text = FILLER * 300 + "昨日の会議では山田太郎が議長を務めた。\n" + FILLER * 300
    assert names(text) == ["山田太郎"]


def test_letters_outside_the_basic_plane_move_nothing():
    assert names("🎉🎉昨日の会議では山田太郎が議長を務めた。") == ["山田太郎"]


def test_whom_a_sentence_mentions_is_no_record():
    assert detectors.read_text("昨日の会議では山田太郎が議長を務めた。\n" * 3).identities == ()


def test_where_one_is_named_the_others_are_found_sooner(monkeypatch):
    sentence = "田中と山本が来る"
    monkeypatch.setitem(_tagger._seen, sentence, [(0, 2, 0.8), (3, 5, 0.5)])
    assert list(_tagger.find(sentence, frozenset())) == []
    assert [span[:2] for span in _tagger.find(sentence, frozenset([3]))] == [(0, 2), (3, 5)]
    monkeypatch.setitem(_tagger._seen, sentence, [(0, 2, 0.99), (3, 5, 0.5)])
    assert [span[:2] for span in _tagger.find(sentence, frozenset())] == [(0, 2), (3, 5)]


def test_a_name_is_as_likely_as_all_ways_through_it_together():
    chance = np.random.default_rng(1)
    moves = np.full((5, 5), -100, np.float32)
    for pair in crf.PAIRS:
        moves[_tagger.TAGS.index(pair[0]), _tagger.TAGS.index(pair[1])] = chance.normal()
    lengths = np.array([2, 3, 5])
    starts = np.array([1, 4, 8])  # a gap before each
    scores = chance.normal(size=(13, 5)).astype(np.float32)
    scores[:, 0] = 0
    to, on = _tagger.both_ways(scores, starts, lengths, moves)
    for start, length in zip(starts, lengths, strict=True):
        ways = {
            "".join(way): np.exp(
                sum(scores[start + place, _tagger.TAGS.index(tag)] for place, tag in enumerate(way))
                + sum(moves[_tagger.TAGS.index(a), _tagger.TAGS.index(b)] for a, b in pairwise(way))
            )
            for way in product(_tagger.TAGS, repeat=int(length))
            if way[0] in "OBS" and way[-1] in "OES"
        }
        for place, tag in product(range(length), range(5)):
            share = sum(weight for way, weight in ways.items() if way[place] == _tagger.TAGS[tag])
            together = np.exp(to[start + place, tag] + on[start + place, tag])
            assert together == pytest.approx(share / sum(ways.values()), abs=1e-6)


def test_training_twice_gives_the_same_model_and_it_knows_what_it_learnt():
    rows = np.arange(1, 9, dtype=np.uint32).reshape(4, 2)  # each character has two features of its own
    sentences = [(rows[[0, 1, 2, 3]], [0, 1, 3, 0]), (rows[[3, 0, 3]], [0, 0, 0])] * 100
    weights, moves = crf.train(sentences, size=16, seed=3)
    again, _ = crf.train(sentences, size=16, seed=3)
    assert (weights == again).all()
    scores = np.zeros((4, 5), np.float32)
    scores[:, 1:] = weights[rows].sum(axis=1)
    to, on = _tagger.both_ways(scores, np.array([0]), np.array([4]), moves)
    assert (to + on).argmax(axis=1).tolist() == [0, 1, 3, 0]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(alphabet="山田太郎高橋は、が。ジョン・アaA1\n 🎉東京", max_size=40), max_size=6))
def test_sentences_are_tagged_alike_alone_and_together(sentences):
    sentences = [one.replace("\n", "").replace("🎉", "") for one in sentences]
    together = _tagger.spans(sentences)
    for sentence, found in zip(sentences, together, strict=True):
        alone = _tagger.spans([sentence])[0]
        assert [span[:2] for span in alone] == [span[:2] for span in found]
        assert all(0 <= start < end <= len(sentence) and 0 <= sure <= 1 for start, end, sure in found)


# What words cost in a dictionary: the likelier, the less.
COSTS = {
    "県立": 5000,
    "半田": 9000,
    "工業高校": 6000,
    "県": 6500,
    "立": 9000,
    "半": 7000,
    "田": 7000,
    "工業": 5000,
    "高校": 5000,
    "山": 6500,
}


@pytest.mark.parametrize(
    ("run", "words"),
    [
        ("県立半田工業高校", [2, 2, 4]),  # few long words, and no 県|立
        ("半田山", [2, 1]),
        ("彁山", [1, 1]),  # what no list knows stands alone
        ("", []),
    ],
)
def test_a_run_of_kanji_is_cut_into_its_likeliest_words(run, words):
    found = [
        np.array(
            [
                1 | _segments.cost_bits(COSTS[run[at : at + length]]) if run[at : at + length] in COSTS else 0
                for at in range(len(run) - length + 1)
            ],
            np.uint64,
        )
        for length in range(1, _segments.LONGEST_WORD + 1)
    ]
    runs = np.array([0] if run else [], np.intp)
    word = _segments.segments(found, runs, runs + len(run))["s"].tolist()
    assert [one >> 10 & 7 for one in word if one >> 13 & 1] == words
