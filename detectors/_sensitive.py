"""Find what the law calls 要配慮個人情報 (個人情報保護法 2条3項; 施行令 2条): by a label, or said of a named person.

In: a folded text, the words of a kind. Out: findings. Fails: never.

An illness in an article about it is nobody's illness. It is somebody's after a label (既往歴：糖尿病), in a sentence
whose subject has a name and an honorific (山田様は糖尿病の治療中です) or is one of a family (娘は喘息です), and where writers
say it of themselves (先日、糖尿病と診断されました). What is supposed (糖尿病でしたら) is nobody's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from detectors import _somebody, name
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
_PARTS = r" \t、,/|()"  # what parts the items of a line
_ITEM = re.compile(rf"(?<=[{_PARTS}])[^{_PARTS}\n]+\Z")
_LONGEST_ITEM = 16
_CUT = re.compile(r"[。\n!?]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitive:
    """A kind: labels that announce a value, and words that weigh when said of somebody."""

    kind: str
    labels: re.Pattern[str]
    words: re.Pattern[str]
    trigger: str
    items: frozenset[str]  # what weighs as an item of a line that a name heads
    ends: re.Pattern[str] | None

    def find(self, text: Text) -> Iterator[Finding]:
        """Yield values after a label, and words said of somebody."""
        folded = text.folded
        taken: set[int] = set()
        for start, end in self._labelled(folded):
            taken.update(range(start, end))
            yield self._finding(text, (start, end), 0.9, "label")
        for (start, end), why in self._said(folded):
            if start not in taken and not _SUPPOSED.match(folded, end):
                taken.add(start)
                yield self._finding(text, (start, end), 0.75, why)

    def _labelled(self, folded: str) -> Iterator[tuple[int, int]]:
        for label in self.labels.finditer(folded):
            match = _VALUE.match(folded, label.end())
            if match is None or not _is_label(folded, label, match) or not said(match[1].strip()):
                continue
            heads = "\n" in folded[label.end() : match.start(1)]
            if not _TALK.search(match[1]) and not (heads and _SENTENCE_ENDS.search(match[1])):
                yield match.span(1)

    def _said(self, folded: str) -> Iterator[tuple[tuple[int, int], str]]:
        """Yield the words said of somebody, and why."""
        for sentences, why in (
            (_sentences_about_somebody(folded), "said of a named person"),
            (_sentences_about_family(folded), "said of somebody"),
        ):
            for begin, end in sentences:
                # A word that begins in the sentence may be tested by what stands behind it.
                for word in self.words.finditer(folded, begin, end + _BEHIND):
                    if word.start() < end:
                        yield word.span(), why
        for begin, verb in _said_by_the_writer(folded):
            own = self.words.match(folded, begin)
            if own and _TO_VERB.fullmatch(folded, own.end(), verb):
                yield own.span(), "said of somebody"
        for last in self.ends.finditer(folded) if self.ends else ():
            item = _ITEM.search(folded, max(0, last.start() - _LONGEST_ITEM), last.end())
            if item and item[0] in self.items and _somebody.heads_line(folded, item.start()):
                yield item.span(), "said of somebody"

    def _finding(self, text: Text, span: tuple[int, int], confidence: float, why: str) -> Finding:
        first, last = text.span(*span)
        return Finding(kind=self.kind, start=first, end=last, confidence=confidence, why=why)


def _is_label(folded: str, label: re.Match[str], value: re.Match[str]) -> bool:
    """Tell whether a word stands as a label: something sets it off from what follows, and no sentence runs on."""
    between = folded[label.end() : value.start(1)]
    return any(sign in between for sign in ":=】]>|\t\n") or (
        bool(between) and between.isspace() and not label[0].isascii() and _starts_line(folded, label.start())
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


@lru_cache(maxsize=4)
def _sentences_about_family(folded: str) -> tuple[tuple[int, int], ...]:
    return tuple(_somebody.sentences_about_family(folded))


@lru_cache(maxsize=4)
def _said_by_the_writer(folded: str) -> tuple[tuple[int, int], ...]:
    return tuple(_somebody.said_by_the_writer(folded))


_BEHIND = 12
_TO_VERB = re.compile("(?:の疑い|の)?[でとに]?")  # 糖尿病の疑いで入院しました
_SENTENCE_ENDS = re.compile(r"(?:です|ます|ました|ません)$")  # a paragraph below its title
# Supposed, or what somebody is a master of.
_SUPPOSED = re.compile(
    r"以[上下]|[^。\n]{0,8}?(?:たら|なら(?![びな])|れば|場合|だと|かも|でしょう|ですか|ますか|\?)|[^。\n]{0,20}?(?:専門|研究|携わ|講演|講師|執筆|開発)"
)


def free(value: str) -> str | None:
    """Give a cell of a column known to hold such data, if it says something."""
    return value if len(value) <= _LONGEST and said(value) else None


def sensitive(kind: str, labels: str, words: str, *, hints: str, items: Iterable[str] = ()) -> Sensitive:
    """Make a Sensitive of its expressions and words; a text in which none of the `hints` stands has no label."""
    known = frozenset(items)
    ends = re.escape("".join(sorted({word[-1] for word in known})))
    return Sensitive(
        kind=kind,
        labels=re.compile(labels),
        words=re.compile(words),
        trigger=any_of(hints.split()),
        items=known,
        # Found by how they end: there are far fewer last letters than words.
        ends=re.compile(rf"[{ends}](?=[{_PARTS}\n]|\Z)(?![ \t]*(?:なし|無|ない|:))") if known else None,
    )
