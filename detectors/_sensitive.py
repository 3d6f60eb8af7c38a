"""Find what the law calls 要配慮個人情報 (個人情報保護法 2条3項; 施行令 2条): by a label, or said of a named person.

In: a folded text, the words of a kind. Out: findings. Fails: never.

An illness in an article about it is nobody's illness. It is somebody's after a label (既往歴：糖尿病), or in a sentence
whose subject has a name and an honorific (山田様は糖尿病の治療中です).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from detectors import name
from detectors._labelled import GLUE, any_of, said
from detectors._model import Finding, Text

_LONGEST = 60
_VALUE = re.compile(
    GLUE
    + r"([^\s:=。、,;|()【】「」<>](?:\([^()\n]{0,20}\)|[^\n:=。;|【】「」<>\t]){0,40}?)(?=[ \t]*(?:$|[\n\t。;|】」<>)]|[、, ][^\n:]{0,12}:))"
)
_TALK = re.compile(
    r"について|に関する|とは|ください|のお知らせ|のご案内|講座|講演|相談窓口|支援センター"
)  # 宗教：三大宗教について学ぶ
_SENTENCE = 50
_CUT = re.compile(r"[。\n!?]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitive:
    """A kind: labels that announce a value, and words that weigh when said of a named person."""

    kind: str
    labels: re.Pattern[str]
    words: re.Pattern[str]
    trigger: str

    def find(self, text: Text) -> Iterator[Finding]:
        """Yield values after a label, and words in a sentence about a named person."""
        folded = text.folded
        done = 0
        for label in self.labels.finditer(folded):
            match = _VALUE.match(folded, label.end())
            if match is None or not _is_label(folded, label, match) or not said(match[1].strip()):
                continue
            if _TALK.search(match[1]):
                continue
            done = match.end(1)
            yield self._finding(text, match.span(1), 0.9, "label")
        taken: set[int] = set()
        for begin, end in _sentences_about_somebody(folded):
            # A word that begins in the sentence may be tested by what stands behind it.
            for word in self.words.finditer(folded, max(begin, done), end + _BEHIND):
                if word.start() < end and word.start() not in taken:
                    taken.add(word.start())
                    yield self._finding(text, word.span(), 0.75, "said of a named person")

    def _finding(self, text: Text, span: tuple[int, int], confidence: float, why: str) -> Finding:
        first, last = text.span(*span)
        return Finding(kind=self.kind, start=first, end=last, confidence=confidence, why=why)


def _is_label(folded: str, label: re.Match[str], value: re.Match[str]) -> bool:
    """Tell whether a word stands as a label: something sets it off from what follows, and no sentence runs on."""
    between = folded[label.end() : value.start(1)]
    return any(sign in between for sign in ":=】]>|\t\n") or (
        bool(between) and between.isspace() and _starts_line(folded, label.start())
    )


def _starts_line(folded: str, at: int) -> bool:
    return folded[folded.rfind("\n", 0, at) + 1 : at].strip(" \t・■●◆□○*-【[<(") == ""


@lru_cache(maxsize=4)
def _sentences_about_somebody(folded: str) -> tuple[tuple[int, int], ...]:
    """Give what a sentence says behind a name with its honorific."""
    said_of = []
    for start, end, _, _ in name.called(folded):
        cut = _CUT.search(folded, end, start + _SENTENCE)
        said_of.append((end, cut.start() if cut else min(start + _SENTENCE, len(folded))))
    return tuple(said_of)


_BEHIND = 12


def free(value: str) -> str | None:
    """Give a cell of a column known to hold such data, if it says something."""
    return value if len(value) <= _LONGEST and said(value) else None


def sensitive(kind: str, labels: str, words: str, *, hints: str) -> Sensitive:
    """Make a Sensitive of two expressions; a text in which none of the `hints` stands has no label."""
    return Sensitive(
        kind=kind,
        labels=re.compile(labels),
        words=re.compile(words),
        trigger=any_of(hints.split()),
    )
