"""Find personal data (個人情報) of people in Japan in running text and in tables.

In: strings and data frames. Out: findings and reports that hold no matched value.
Fails: never on content; what cannot be read as anything yields nothing.

Nothing here opens a file but the word lists of data/, and nothing imports the gateway: use it alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache, partial
from typing import TYPE_CHECKING
from unicodedata import normalize

from detectors import (
    _naming,
    address,
    age,
    bank_account,
    birthdate,
    corporate_number,
    credit_card,
    creed,
    crime_victim,
    criminal_record,
    disability,
    driving_licence,
    due_date,
    email_address,
    fax,
    gender,
    health_condition,
    health_insurance,
    member_number,
    my_number,
    name,
    passport,
    pension_number,
    phone,
    postcode,
    race,
    relationship,
    residence_card,
    school_grade,
    social_status,
)
from detectors._check_digits import CHECK_DIGITS
from detectors._extended import extended
from detectors._model import ColumnReport, Detector, Finding, Identity, TableReport, Text, TextReport
from detectors._own import OwnColumn, OwnKind, PatternTimeout, find_own, find_own_columns, own_pattern
from detectors._public import NOTHING, Public
from detectors._sieve import Sieve
from detectors._why import explain
from detectors._words import NO_OWN_WORDS, OwnWords

if TYPE_CHECKING:
    import pandas as pd

    from detectors._table import TableReading

DETECTORS: tuple[Detector, ...] = (
    name,
    phone,
    fax,
    postcode,
    birthdate,
    due_date,
    address,
    email_address,
    gender,
    age,
    school_grade,
    relationship,
    member_number,
    my_number,
    corporate_number,
    credit_card,
    bank_account,
    passport,
    driving_licence,
    residence_card,
    health_insurance,
    pension_number,
    health_condition,
    disability,
    criminal_record,
    crime_victim,
    creed,
    race,
    social_status,
)

KINDS: tuple[str, ...] = tuple(detector.kind for detector in DETECTORS)


@lru_cache(maxsize=4)
def _sieve(own: OwnWords) -> Sieve:
    return Sieve(extended(DETECTORS, own))


def scan_text(text: str) -> list[Finding]:
    """Find personal data in a running text; offsets are code points of `text`."""
    return list(read_text(text).findings)


def read_text(text: str, public: Public = NOTHING, own: OwnWords = NO_OWN_WORDS) -> TextReport:
    """Find personal data in a running text, and the people it is about; what is public of its writer is nobody's."""
    from detectors import _text  # noqa: PLC0415

    return _text.read(text, _sieve(own), public=public, own=own)


def prepare(texts: Iterable[str], own: OwnWords = NO_OWN_WORDS) -> None:
    """Do the part of reading texts that costs as much for one as for hundreds; a text that comes soon is read the faster."""
    from detectors import _text  # noqa: PLC0415

    _text.prepare(texts, _sieve(own))


def scan_table(frame: pd.DataFrame, *, header: bool = True) -> TableReport:
    """Say what each column of a table holds, and how many people the table is about."""
    from detectors import _table  # noqa: PLC0415  only here is pandas in play

    return _table.read(frame, DETECTORS, header=header, read_remarks=_read_remarks)


def table_reading(
    *, header: bool = True, public: Public = NOTHING, own: OwnWords = NO_OWN_WORDS
) -> TableReading:
    """Begin to read a table that comes frame by frame, however long it is; what is public of its writer is nobody's."""
    from detectors import _table  # noqa: PLC0415

    return _table.TableReading(
        extended(DETECTORS, own),
        header=header,
        public=public,
        read_remarks=partial(_read_remarks, public=public, own=own),
    )


def _read_remarks(text: str, public: Public = NOTHING, own: OwnWords = NO_OWN_WORDS) -> TextReport:
    """Read what stands in cells as sentences do."""
    from detectors import _text  # noqa: PLC0415

    return _text.read(text, _sieve(own), greets=False, public=public, own=own)


def row_keys(frame: pd.DataFrame, wanted: Sequence[str], *, header: bool = True) -> Iterator[tuple[str, ...]]:
    """Yield, for each row, all keys that an Identity of its person may have, made of the columns with these headings.

    Raises: KeyError for a heading that there is not.
    """
    from detectors import _table  # noqa: PLC0415

    return _table.row_keys(frame, DETECTORS, wanted, header=header)


def name_key(shown: str) -> str:
    """Give what is compared of a name: 髙橋　健一 様 and 高橋健一 are one."""
    return _naming.key(shown)


def address_key(shown: str) -> str:
    """Give what is compared of a mail address, the form in which an Identity names it."""
    return email_address.cell(normalize("NFKC", shown)) or shown.lower()


__all__ = [
    "CHECK_DIGITS",
    "DETECTORS",
    "KINDS",
    "NO_OWN_WORDS",
    "ColumnReport",
    "Detector",
    "Finding",
    "Identity",
    "OwnColumn",
    "OwnKind",
    "OwnWords",
    "PatternTimeout",
    "Public",
    "TableReport",
    "Text",
    "TextReport",
    "address_key",
    "explain",
    "find_own",
    "find_own_columns",
    "name_key",
    "own_pattern",
    "prepare",
    "read_text",
    "row_keys",
    "scan_table",
    "scan_text",
    "table_reading",
]
