"""Find that somebody was harmed by a crime (犯罪により害を被った事実, 個人情報保護法 2条3項).

In: running text after a label or about a named person, whole cells of a column so headed. Out: the words. Fails: never.
"""

from __future__ import annotations

from detectors._sensitive import free, sensitive
from detectors._words import headings

kind = "crime_victim"

header = headings(kind)


def cell(value: str) -> str | None:
    """Give a cell of a column known to hold this kind, if it says something."""
    return free(value)


_find = sensitive(
    kind,
    r"犯罪被害(?:歴|の有無)?|DV被害|被害歴|虐待歴",
    r"(?:ストーカー|DV|性犯罪|性暴力|詐欺|強盗|傷害|暴行|虐待|窃盗|痴漢|家庭内暴力)(?:の)?被害",
    hints="被害 虐待",
)
trigger, find = _find.trigger, _find.find
