"""Find due dates of births (出産予定日): they tell of a pregnancy (母子保健法 15条 asks for its notification).

In: running text after its label, whole cells of a column so headed. Out: ISO dates. Fails: never.
"""

from __future__ import annotations

from detectors import _dates
from detectors._labelled import labelled
from detectors._words import headings

kind = "due_date"

header = headings(kind)


def cell(value: str) -> str | None:
    """Give the date of a cell of a column known to hold due dates."""
    return _dates.read_known(value)


_find = labelled(
    kind,
    r"出産の?予定日?|分娩の?予定日?|お産の?予定日?|予定日(?=[: ]*(?:20|令和|R))(?=[^\n]{0,20}(?:出産|妊娠|分娩))|ue [Dd]ate of (?:[Bb]irth|[Dd]elivery)|xpected [Dd]ate of [Dd]elivery",
    _dates.SHOWN,
    lambda shown: _dates.read(shown.strip()),
    hints="出産 分娩 お産 予定日 ate",
)
trigger, find = _find.trigger, _find.find
