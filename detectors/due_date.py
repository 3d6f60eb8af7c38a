"""Find due dates of births (出産予定日): they tell of a pregnancy (母子保健法 15条 asks for its notification).

In: running text after its label, whole cells of a column so headed. Out: ISO dates. Fails: never.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from detectors import _dates
from detectors._labelled import labelled
from detectors._model import Finding, Text
from detectors._words import headings

kind = "due_date"

header = headings(kind)


def cell(value: str) -> str | None:
    """Give the date of a cell of a column known to hold due dates."""
    return _dates.read_known(value)


def _is_date(shown: str) -> bool:
    return _dates.read(shown.strip()) is not None or _dates.is_partial(shown.strip())


_DATES = f"{_dates.SHOWN}|{_dates.PARTIAL}"
_find = labelled(
    kind,
    r"出産の?予定日?|分娩の?予定日?|お産の?予定日?|予定日(?=[: ]*(?:20|令和|R))(?=[^\n]{0,20}(?:出産|妊娠|分娩))|ue [Dd]ate of (?:[Bb]irth|[Dd]elivery)|xpected [Dd]ate of [Dd]elivery",
    _DATES,
    _is_date,
    hints="出産 分娩 お産 予定日 ate EDD",
)
# Invoices and deliveries are due, too.
_due = labelled(
    kind,
    r"E(?<![A-Za-z]E)DD(?=[: ])|D(?<![A-Za-z]D)ue [Dd]ate(?=[: ])|d(?<![A-Za-z]d)ue date(?=[: ])",
    _DATES,
    _is_date,
    hints="EDD",
)
_DUE = ("EDD", "ue date", "ue Date")
_BIRTH = re.compile(
    r"(?i:pregnan|matern|obstetric|midwi|gestation|antenatal|prenatal|expecting|baby)|妊娠|妊婦|出産|分娩|母子|産婦人科"
)
trigger = _find.trigger


def find(text: Text) -> Iterator[Finding]:
    """Yield dates after their label; EDD and Due date are labels where a text speaks of a birth."""
    yield from _find.find(text)
    due = list(_due.find(text)) if any(label in text.folded for label in _DUE) else []
    if due and _BIRTH.search(text.folded):
        yield from due
