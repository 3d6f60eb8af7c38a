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


# Not behind a telephone's label: TEL/FAX, 電話・FAX, TEL兼FAX.
_ALONE = "".join(rf"(?<!{before}{{0}})" for before in (r"[^\W\d][/・&]", r"[^\W\d] [/・&] ", "[Ll話]兼"))
_WORDS = {"F": "(?:AX|ax)", "f": "ax", "フ": "ァ(?:ックス|クス|クシミリ)", "📠": ""}
_find = labelled(
    kind,
    "|".join(
        rf"{first}{_ALONE.format(first)}{rest}(?:番号|[Nn][Oo]\.?|[Nn]umber)?\.?"
        for first, rest in _WORDS.items()
    )
    + r"|F(?<![0-9A-Za-z/・]F)[:.]",
    phone.WRITTEN,
    phone.written,
    hints="FAX Fax fax ファ F: F. 📠",
)
trigger, find = _find.trigger, _find.find
