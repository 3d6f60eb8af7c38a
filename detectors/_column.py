"""Say what one column holds: by its heading, by the grammar of its cells, and by their share.

In: a heading (or none) and the cells as strings. Out: a Column with a kind, and the normal form of every distinct cell.
Fails: never.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from detectors import (
    _naming,
    address,
    age,
    birthdate,
    email_address,
    gender,
    member_number,
    name,
    phone,
    postcode,
    school_grade,
)
from detectors._entity import is_company, is_entity
from detectors._fold import fold_cells, fold_label
from detectors._header import ANNOUNCED
from detectors._model import Detector

SAMPLE = 160  # distinct cells that decide on a kind; more change nothing
ENOUGH = 0.6  # share of the cells that must fit where no heading helps (Purview Data Map uses the same)
_HEADED = 0.3  # … and where one does


@dataclass(slots=True, kw_only=True)
class Column:
    """A column on its way to a report; `normal` maps a cell to its normal form, cells of another sort left out."""

    header: str | None
    label: str
    cells: Sequence[str]
    folded: Mapping[str, str]
    kind: str | None = None
    part: str = "full"
    kana: bool = False
    share: float = 0.0
    confidence: float = 0.0
    masked: int = 0
    normal: Mapping[str, str] = field(default_factory=dict)

    @property
    def filled(self) -> int:
        """Count the distinct cells that hold anything."""
        return len(self.folded)

    def sample(self) -> list[str]:
        """Give some distinct folded cells."""
        return list(islice(self.folded.values(), SAMPLE))

    def distinctness(self) -> float:
        """Give the share of distinct values among the filled cells."""
        rows = sum(1 for cell in self.cells if cell in self.folded)
        return len(self.folded) / rows if rows else 0.0

    def found(self) -> int:
        """Count the cells of the kind."""
        normal = self.normal
        return sum(1 for cell in self.cells if cell in normal)

    def settle(self, kind: str, share: float, confidence: float) -> None:
        """Take a kind and normalise every distinct cell by it."""
        self.kind, self.share, self.confidence = kind, share, confidence
        reader = _name_reader(self) if kind == name.kind else READERS[kind]
        self.normal = {
            cell: form for cell, folded in self.folded.items() if (form := reader(folded)) is not None
        }


def column(header: str | None, cells: Sequence[str]) -> Column:
    """Make a column of its cells, not yet typed."""
    folded = {cell: value for cell, value in fold_cells(cells).items() if value and value not in _EMPTY}
    return Column(header=header, label=fold_label(header) if header else "", cells=cells, folded=folded)


_EMPTY = frozenset(("-", "--", "nan", "NaN", "None", "null", "NULL", "N/A", "なし", "無し", "未登録", "*"))


def named_cell(value: str) -> str | None:
    """Give the key of a cell of a column headed as names: nicknames and bare surnames too."""
    parsed = _naming.parse(value)
    if parsed is not None:
        return parsed.key
    if (
        _naming.masked(value)
        or len(value) > 30
        or is_company(value)
        or any(c.isdigit() or c in "@/:" for c in value)
    ):
        return None
    return _naming.bare(value)


def _name_reader(self: Column) -> Callable[[str], str | None]:
    """Give how the cells of a name column are read: one part of a name is not to be cut again."""
    if self.part == "full":
        return named_cell
    return _naming.part_key


def _placed(value: str) -> str | None:
    """Give the normal form of a cell of a column headed as addresses."""
    return address.normal(value) if len(value) <= 160 else None


# How a cell is read once its column is known: looser than Detector.cell, which has to be sure by itself.
READERS: Mapping[str, Callable[[str], str | None]] = {
    name.kind: named_cell,
    phone.kind: phone.cell,
    postcode.kind: postcode.digits,
    birthdate.kind: birthdate.cell,
    address.kind: _placed,
    email_address.kind: email_address.cell,
    gender.kind: gender.coded,
    age.kind: age.years,
    school_grade.kind: school_grade.known,
    member_number.kind: member_number.cell,
}


def share_of(values: Sequence[str], fits: Callable[[str], object]) -> float:
    """Give the share of values that fit."""
    return sum(1 for value in values if fits(value)) / len(values) if values else 0.0


def type_by_heading(self: Column, detectors: Sequence[Detector]) -> bool:
    """Take the kind that the heading announces, if the cells bear it out."""
    best = max(detectors, key=lambda detector: detector.header(self.label))
    score = best.header(self.label)
    if score < ANNOUNCED or not self.folded:
        return False
    values = self.sample()
    if best.kind == name.kind:
        self.part, self.kana = name.role(self.header)
        share = _share_of_names(self, values)
        if share < _HEADED:
            return False
    elif best.kind == address.kind:
        share = share_of(values, lambda value: not value.replace(".", "").isdigit() or len(value) <= 4)
        strict = share_of(values, address.cell)
        self.part = (
            "prefecture"
            if address.is_prefecture_label(self.label)
            else "full"
            if strict >= _HEADED
            else "rest"
        )
        if share < ENOUGH or share_of(values, lambda value: "@" in value) > _HEADED:
            return False
    else:
        share = share_of(values, READERS[best.kind])
        if share < _HEADED:
            return False
    self.settle(best.kind, share, min(0.99, 0.5 + score * 0.3 + share * 0.2))
    return True


def _share_of_names(self: Column, values: Sequence[str]) -> float:
    """Give the share of a headed column that may be names; a column of shops headed "name" has none."""
    self.masked = _masked_cells(self)
    if share_of(values, lambda value: is_entity(value) and not _naming.is_surname(value)) > ENOUGH / 2:
        return 0.0
    if self.part == "given":
        return share_of(values, _naming.is_given)
    if self.part == "family":
        return share_of(values, _naming.is_surname)
    strict = share_of(values, name.cell)
    if strict >= _HEADED:
        return strict
    # Nicknames and bare surnames hang on a heading that can mean nobody but people.
    return share_of(values, named_cell) * 0.9 if name.is_explicit(self.label) else strict


def _masked_cells(self: Column) -> int:
    masked = {cell for cell, value in self.folded.items() if _naming.masked(value)}
    return sum(1 for cell in self.cells if cell in masked) if masked else 0


def type_by_cells(self: Column, detectors: Sequence[Detector]) -> None:
    """Take the kind whose grammar most cells fit."""
    values = self.sample()
    if not values:
        return
    best, share = max(
        (
            (detector, share_of(values, detector.cell))
            for detector in detectors
            if detector.kind not in _NEED_A_HEADING
        ),
        key=lambda pair: pair[1],
    )
    if share >= ENOUGH:
        if best.kind == name.kind:
            self.kana = share_of(values, _naming.is_kana) >= ENOUGH
        self.settle(best.kind, share, round(0.9 * share, 3))
        if best.kind == name.kind:
            self.masked = _masked_cells(self)
        return
    if share_of(values, _naming.masked) >= ENOUGH:
        self.masked = _masked_cells(self)


# A date is one of birth, a code a member number, only by heading or by its neighbours (_table).
_NEED_A_HEADING = frozenset((birthdate.kind, member_number.kind))
