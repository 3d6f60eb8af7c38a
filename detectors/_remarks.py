"""Read what the cells of a table say in words: 備考, お問い合わせ内容.

In: typed columns, and how a text is read. Out: the records in cells of rows that are nobody's; whoever else is named in full, and how to
reach him, in those of people. Fails: never.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from detectors import _naming
from detectors._column import Column
from detectors._model import Identity, TextReport

ReadRemarks = Callable[[str], TextReport]

_SHORTEST = 12  # characters from which on a cell may hold a record: a surname and a telephone number
_REACHES = re.compile(
    r"[0０][0-9０-９]{1,3}.?[0-9０-９]{1,4}.?[0-9０-９]{3,4}|[@＠]|[市区郡町村][^\n]{1,20}[0-9０-９]"
)


def records(columns: Sequence[Column], read_remarks: ReadRemarks) -> TextReport | None:
    """Read the cells that no kind explains, where rows are nobody's; None where they tell of nobody."""
    remarks = list(_unexplained(columns))
    report = read_remarks("\n\n".join(remarks)) if remarks else None
    return report if report is not None and report.identities else None


def third_parties(
    columns: Sequence[Column], people: Sequence[Identity], read_remarks: ReadRemarks
) -> list[Identity]:
    """Give those whom the cells name beside the people of the rows: 緊急連絡先 山田花子 090-….

    A name alone is mentioned, not reached; a number alone (母携帯) reaches whom the row is about.
    """
    speaking = [each for each in columns if each.kind is None and _speaks(each.cells)]
    remarks = [cell for cell in _unexplained(speaking) if _may_reach(cell)]
    if not remarks:
        return []
    known = {_naming.key(shown) for one in people for shown in one.names}
    return [
        one._replace(has_record=False)
        for one in read_remarks("\n\n".join(remarks)).identities
        if one.names and known.isdisjoint(map(_naming.key, one.names)) and _naming.sure(one.names[0])
    ]


def _unexplained(columns: Sequence[Column]) -> Iterator[str]:
    """Give each long cell that is of no kind, once in its column."""
    for each in columns:
        if each.kind is None:
            yield from (cell for cell in dict.fromkeys(each.cells) if len(cell) >= _SHORTEST)


def _speaks(cells: Sequence[str]) -> bool:
    """Tell whether there are letters in a column, and anything that reaches somebody: dates and codes are passed over at once."""
    written = "\n".join(cells)
    is_of_figures = written.isascii() and written.lower() == written.upper()
    return not is_of_figures and _REACHES.search(written) is not None


def _may_reach(cell: str) -> bool:
    """Tell whether a cell may say in words how to reach somebody."""
    return (" " in cell or not cell.isascii()) and _REACHES.search(cell) is not None
