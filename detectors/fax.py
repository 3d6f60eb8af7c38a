"""Find fax numbers (電気通信番号計画): in 2014 they stood in the stolen lists beside names and due dates.

In: running text after FAX, whole cells of a column so headed. Out: the national number in digits. Fails: never.
"""

from __future__ import annotations

from detectors import phone
from detectors._labelled import labelled
from detectors._words import headings

kind = "fax"

header = headings(kind)


def cell(value: str) -> str | None:
    """Give the national number of a cell of a column known to hold fax numbers."""
    return phone.cell(value)


_find = labelled(
    kind,
    r"(?:F(?<![/・]F)(?:AX|ax)|f(?<![/・]f)ax|フ(?<![/・]フ)ァ(?:ックス|クス|クシミリ))(?:番号|No\.?)?",
    r"\+81[- ]?[1-9][0-9]{0,3}[- ]?[0-9]{1,4}[- ]?[0-9]{4}|\(0[0-9]{1,4}\) ?[0-9]{1,4}[- ]?[0-9]{4}|0[0-9]{1,4}(?:[- ] ?|\()[0-9]{1,4}(?:[- ] ?|\))[0-9]{3,4}|0[1-9][0-9]{8}",
    lambda shown: phone.cell(shown.replace(" ", "-")),
    hints="FAX Fax fax ファ",
)
trigger, find = _find.trigger, _find.find
