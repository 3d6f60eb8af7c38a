"""Lines of a letter that tell how to reach a place or a desk, and nobody: 会場：東京都…, お問い合わせ：03-….

In: the lines of a text, the words that such lines begin with. Out: nothing; what reaches a place leaves its line. Fails: never.

In doubt it stays: whoever is named in the line itself is reached by it, a mobile telephone is somebody's, and a letter
with many such lines is a list of something.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import regex

from detectors import address, email_address, phone, postcode
from detectors._fold import fold_cell
from detectors._lines import Line
from detectors._model import Finding, Text
from detectors._words import OwnWords, shipped

_OF_PLACES = frozenset((address.kind, postcode.kind, email_address.kind))
_FEW = 5  # lines


def leave_out(text: Text, lines: Sequence[Line], own: OwnWords) -> None:
    """Take from the lines what reaches a place."""
    begins = _begins(own)
    told = [line for line in lines if line.findings and begins.match(fold_cell(line.shown))]
    if len(told) > _FEW:
        return
    for line in told:
        if all(one.why == "label" for one in line.names()):  # 担当：山本
            line.findings = [one for one in line.findings if not _reaches_a_place(text, one)]


def _reaches_a_place(text: Text, finding: Finding) -> bool:
    if finding.kind != phone.kind:
        return finding.kind in _OF_PLACES
    number = phone.written(fold_cell(text.original[finding.start : finding.end]))
    return number is not None and not phone.is_mobile(number)


@lru_cache(maxsize=4)
def _begins(own: OwnWords) -> regex.Pattern[str]:
    words = "|".join(" ?".join(map(regex.escape, word)) for word in (*shipped("places"), *own.places))
    return regex.compile(rf"[^\p{{L}}\p{{N}}]*(?i:{words})(?:は|[^\p{{L}}\p{{N}}]|$)")
