"""Sentences with the names of people marked in them: the development data, which is not in the repository.

In: the folder of the data. Out: (sentence, spans of its names). Fails: FileNotFoundError.
"""

from __future__ import annotations

import json
from pathlib import Path

Sentence = tuple[str, frozenset[tuple[int, int]]]
HELD_OUT = 7  # every seventh sentence is not learnt from


def web(folder: Path) -> list[Sentence]:
    """UD_Japanese-GSD (Megagon Labs; CC BY-SA 4.0): web prose, blogs, news."""
    sentences: list[Sentence] = []
    for block in (folder / "ud-gsd-train.bio").read_text(encoding="utf-8").split("\n\n"):
        sentence, spans, start = "", set(), None
        for line in [*filter(None, block.split("\n")), "\tO"]:
            word, tag = line.split("\t")
            if start is not None and tag != "I-PERSON":
                spans.add((start, len(sentence)))
                start = None
            if tag == "B-PERSON":
                start = len(sentence)
            sentence += word
        if sentence:
            sentences.append((sentence, frozenset(spans)))
    return sentences


def encyclopedia(folder: Path) -> list[Sentence]:
    """Stockmark's sentences of Wikipedia (CC BY-SA 3.0)."""
    return [
        (
            one["text"],
            frozenset(tuple(entity["span"]) for entity in one["entities"] if entity["type"] == "人名"),
        )
        for one in json.loads((folder / "stockmark-ner.json").read_text(encoding="utf-8"))
    ]


def dialogues(folder: Path) -> list[Sentence]:
    """ASDC (Megagon Labs; CC BY 4.0): polite prose of customer service in which nobody is named."""
    lines = (folder / "asdc-dialogues.tsv").read_text(encoding="utf-8").splitlines()
    return [(line.split("\t")[1], frozenset()) for line in lines]
