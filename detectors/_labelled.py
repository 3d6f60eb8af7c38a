"""Find what only its label makes personal: 「旅券番号：…」, 「既往歴：…」.

In: a folded text, the labels of a kind and the shape of its values. Out: findings. Fails: never.

A twelve-digit number alone is an order, a lot, a licence or nobody's; Purview and others ask for a keyword as well. A
label stands before its value, on the same line or alone on the line above.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from detectors._model import Finding, Text

# What stands between a label and its value.
GLUE = r"(?:\([^()\n]{1,12}\))?(?:[ \t]*(?:[】\])〕》>」:=|;]|は|が|の|[Nn][Oo](?![a-z])[.:]?|→|\n)){0,3}[ \t「【\[]*"
SEP = r"(?:-\n?|[ \n])?"  # digits in groups: a hyphen, a blank, or the end of a line
OPEN = r"(?<![0-9A-Za-z.\-])"
BEGAN = r"(?<![0-9A-Za-z.\-].)"  # the same behind the first character, so that the search can begin with that
# Four digits and more of them, or the end of the line: what a number in groups has in each of its lines.
GROUPED = "|".join(f"{digit}[0-9]{{3}}(?:[- ]?[0-9]|[- ]?(?![^\\n]))" for digit in range(10))
CLOSE = r"(?![0-9A-Za-z]|[-.][0-9])"


def compact(shown: str) -> str:
    """Write a number without what groups its digits."""
    return shown.replace("-", "").replace(" ", "").replace("\n", "").upper()


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A kind by its labels and the shape of its values; `fits` says whether a shown value is one."""

    kind: str
    labels: re.Pattern[str]
    values: re.Pattern[str]  # the value is group 1
    fits: Callable[[str], object]
    trigger: str
    confidence: float = 0.9
    why: str = "label"

    def find(self, text: Text) -> Iterator[Finding]:
        """Yield the values that follow a label."""
        done = 0
        for label in self.labels.finditer(text.folded):
            match = self.values.match(text.folded, label.end())
            if match is None or match.start(1) < done or not self.fits(match[1]):
                continue
            done = match.end(1)
            first, last = text.span(*match.span(1))
            yield Finding(kind=self.kind, start=first, end=last, confidence=self.confidence, why=self.why)


def any_of(words: Iterable[str]) -> str:
    """Give the expression for any of some words, each branch by its first letter: `re` then passes over all others at once."""
    rests: defaultdict[str, list[str]] = defaultdict(list)
    all_words = list(dict.fromkeys(words))
    for word in all_words:
        if not any(other in word for other in all_words if other != word):  # 糖尿病 where 病 is sought anyway
            rests[word[0]].append(re.escape(word[1:]))
    return "|".join(f"{re.escape(first)}(?:{'|'.join(rest)})" for first, rest in rests.items())


def each_of(firsts: str, rest: str) -> str:
    """Give the expression for one of some letters and the rest, as branches that begin with a letter."""
    return "|".join(f"{re.escape(first)}{rest}" for first in firsts)


def labelled(
    kind: str,
    labels: str,
    values: str,
    fits: Callable[[str], object],
    *,
    hints: str,
    glue: str = GLUE,
    confidence: float = 0.9,
    why: str = "label",
) -> Labelled:
    """Make a Labelled of two expressions; a text in which none of the `hints` stands has no label."""
    return Labelled(
        kind=kind,
        labels=re.compile(labels),
        values=re.compile(f"{glue}({values})"),
        fits=fits,
        trigger=any_of(hints.split()),
        confidence=confidence,
        why=why,
    )


def said(value: str) -> bool:
    """Tell whether a value says something: 「既往歴：なし」 says that there is none."""
    return bool(value) and _NOTHING.fullmatch(value) is None


_NOTHING = re.compile(
    r"(?:特に|特記|とくに)?(?:事項)?(?:なし|無し|無|ない|ありません|該当なし|該当無し|非該当|不明|未記入|未回答|回答しない|異常なし|異常なしです|健康|良好"
    r"|いいえ|[-×xX✕/0]|none|no|n/a|nil|null|nan|false|-+)(?:です|でした)?。?",
    flags=re.IGNORECASE,
)
