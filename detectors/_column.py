"""Say what one column holds: by its heading, by the grammar of its cells, and by their share.

In: a heading (or none) and the cells as strings. Out: a Column with a kind, and the normal form of every distinct cell.
Fails: never.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import repeat

from detectors import (
    _elsewhere,
    _name_heading,
    _naming,
    address,
    age,
    credit_card,
    creed,
    crime_victim,
    criminal_record,
    disability,
    email_address,
    gender,
    health_condition,
    my_number,
    name,
    phone,
    postcode,
    race,
    relationship,
    school_grade,
    social_status,
)
from detectors._cell import named, named_cell, read_all, reader_of
from detectors._entity import is_entity
from detectors._fold import fold_cells, fold_label
from detectors._model import Detector
from detectors._words import ANNOUNCED

_FEW_WORDS, _MANY, _HANDFUL = 0.3, 20, 10
SAMPLE = 160  # distinct cells that decide on a kind; more change nothing
ENOUGH = 0.6  # share of the cells that must fit where no heading helps (Purview Data Map uses the same)
_HEADED = 0.3  # … and where one does


@dataclass(slots=True, kw_only=True)
class Column:
    """A column on its way to a report; `normal` maps a cell to its normal form, cells of another sort left out.

    `families` are the family names, by cell.
    """

    header: str | None
    label: str
    cells: Sequence[str]
    kind: str | None = None
    part: str = "full"
    kana: bool = False
    share: float = 0.0
    confidence: float = 0.0
    masked: int = 0
    normal: Mapping[str, str] = field(default_factory=dict)
    families: Mapping[str, str] = field(default_factory=dict)
    kept: Mapping[str, str] | None = None
    sampled: list[str] | None = None
    counted: int | None = None

    @property
    def folded(self) -> Mapping[str, str]:
        """Give each distinct cell that holds anything, folded; a column that is nothing is never asked for it."""
        if self.kept is None:
            self.kept = _filled(self.cells)
        return self.kept

    @property
    def filled(self) -> int:
        """Count the distinct cells that hold anything."""
        return len(self.folded)

    def sample(self) -> list[str]:
        """Give some distinct folded cells, from the whole length of the column."""
        if self.sampled is None:
            cells = list(dict.fromkeys(self.cells) if self.kept is None else self.kept)
            self.sampled = list(_filled(cells[:: max(1, len(cells) // SAMPLE)][:SAMPLE]).values())
        return self.sampled

    def distinctness(self) -> float:
        """Give the share of distinct values among the filled cells."""
        rows = _held(self.cells, self.folded)
        return len(self.folded) / rows if rows else 0.0

    def is_of_few_words(self) -> bool:
        """Tell whether it says the same over and over, as no list of those whom its rows are about does."""
        return self.distinctness() < _FEW_WORDS and len(self.cells) >= _MANY

    def forms(self) -> list[str]:
        """Give the normal form of each cell, "" for one of another sort."""
        return list(map(self.normal.get, self.cells, repeat("")))

    def found(self) -> int:
        """Count the cells of the kind."""
        if self.counted is None:
            self.counted = _held(self.cells, self.normal)
        return self.counted

    def settle(self, kind: str, share: float, confidence: float) -> None:
        """Take a kind and normalise every distinct cell by it."""
        self.kind, self.share, self.confidence, self.counted = kind, share, confidence, None
        if kind == name.kind and self.part == "full":
            read = {cell: found for cell, folded in self.folded.items() if (found := named(folded))}
            self.normal = {cell: key for cell, (key, _) in read.items()}
            self.families = {cell: family for cell, (_, family) in read.items()}
            return
        if kind == name.kind:  # one part of a name is not to be cut again
            parts = {cell: _naming.part_key(folded) for cell, folded in self.folded.items()}
            self.normal = {cell: form for cell, form in parts.items() if form is not None}
        else:
            self.normal = read_all(kind, self.folded)
        self.families = self.normal if self.part == "family" else {}

    def leave_out(self, cells: set[str]) -> None:
        """Take back what some cells hold; a column of nothing else is of no kind."""
        self.normal = {cell: form for cell, form in self.normal.items() if cell not in cells}
        self.counted = None
        if not self.normal:
            self.dismiss()

    def dismiss(self) -> None:
        """Take back that it is of any kind."""
        self.kind, self.part, self.kana, self.masked = None, "full", False, 0
        self.share = self.confidence = 0.0
        self.normal, self.families, self.counted = {}, {}, None

    def resume(self, above: Column) -> None:
        """Take what the rows above were settled as."""
        self.part, self.kana = above.part, above.kana
        self.settle(above.kind or "", above.share, above.confidence)
        if self.kind == name.kind:
            self.masked = _masked_cells(self)

    def emptied(self) -> Column:
        """Keep what was settled, and no cell."""
        return replace(self, cells=(), kept={}, normal={}, families={}, sampled=None, counted=None)


def _held(cells: Iterable[str], of: Mapping[str, str]) -> int:
    return sum(map(of.__contains__, cells))


def column(header: str | None, cells: Sequence[str]) -> Column:
    """Make a column of its cells, not yet typed."""
    return Column(header=header, label=fold_label(header) if header else "", cells=cells)


def _filled(cells: Sequence[str]) -> Mapping[str, str]:
    folded = fold_cells(cells)
    if _EMPTY.isdisjoint(folded.values()):
        return folded
    return {cell: value for cell, value in folded.items() if value not in _EMPTY}


_EMPTY = frozenset(
    ("", "-", "--", "ー", "nan", "NaN", "None", "null", "NULL", "N/A", "なし", "無し", "未登録", "*")
)


# What is told in free words: 「なし」 belongs there too and says that there is none.
_FREE = frozenset(
    (
        health_condition.kind,
        disability.kind,
        criminal_record.kind,
        crime_victim.kind,
        creed.kind,
        race.kind,
        social_status.kind,
    )
)
# What the grammar of its cells betrays without a heading. All else is told by a heading, or by its neighbours (_table).
_BY_CELLS = (
    name,
    phone,
    postcode,
    address,
    email_address,
    gender,
    age,
    school_grade,
    relationship,
    health_condition,
)
# What amounts and codes look like as well: nine digits are a telephone number that lost its 0 where a heading says so.
_SURER: Mapping[str, Callable[[str], str | None]] = {phone.kind: phone.shown}
# One in ten or fifty random numbers fits: only a column in which all do is one.
_CHECKED = (my_number, credit_card)
_ACCIDENT = 8


def share_of(values: Sequence[str], fits: Callable[[str], object]) -> float:
    """Give the share of values that fit."""
    return sum(1 for value in values if fits(value)) / len(values) if values else 0.0


def _share_if_enough(values: Sequence[str], fits: Callable[[str], object]) -> float:
    """Give the share of values that fit, or 0 as soon as it cannot be enough any more."""
    misses, most = 0, (1 - ENOUGH) * len(values)
    for value in values:
        if not fits(value):
            misses += 1
            if misses > most:
                return 0.0
    return (len(values) - misses) / len(values)


@lru_cache(maxsize=4096)
def announced(label: str, detectors: tuple[Detector, ...]) -> tuple[tuple[Detector, float], ...]:
    """Give what a heading may announce, the likeliest first."""
    scores = ((detector, detector.header(label)) for detector in detectors)
    return tuple(sorted((pair for pair in scores if pair[1] >= ANNOUNCED), key=lambda pair: -pair[1]))


def type_by_heading(self: Column, detectors: Sequence[Detector]) -> bool:
    """Take the kind that the heading announces, if the cells bear it out."""
    return bool(self.sample()) and any(
        _bears_out(self, *pair) for pair in announced(self.label, tuple(detectors))
    )


def _bears_out(self: Column, detector: Detector, score: float) -> bool:
    values = self.sample()
    kind = detector.kind
    if kind == name.kind:
        part, self.kana = _name_heading.role(self.label)
        self.part = part if self.part == "full" else self.part
        share = _share_of_names(self, values)
    elif kind == address.kind:
        share = _share_of_places(self, values)
    elif kind in _FREE:
        share = share_of(
            values, lambda value: len(value) <= _LONGEST and not value.replace("-", "").isdigit()
        )
        if not any(map(reader_of(kind), values)):
            return False
    else:
        share = share_of(values, reader_of(kind))
    if share < _HEADED:
        self.part, self.kana = "full", False
        return False
    self.settle(kind, share, min(0.99, 0.5 + score * 0.3 + share * 0.2))
    return True


_LONGEST = 100


def _share_of_places(self: Column, values: Sequence[str]) -> float:
    share = share_of(values, lambda value: not value.replace(".", "").isdigit() or len(value) <= 4)
    if share < ENOUGH or share_of(values, lambda value: "@" in value) > _HEADED:
        return 0.0
    strict = share_of(values, address.cell)
    if strict < _HEADED and _surely_named(values):
        return 0.0  # 送付先: whom it is sent to, not where
    if address.is_prefecture_label(self.label):
        self.part = "prefecture"
        share = share_of(values, lambda value: not value.isdigit())  # 1 to 47 in a survey
    else:
        self.part = "full" if strict >= _HEADED else "rest"
    return share


def _share_of_names(self: Column, values: Sequence[str]) -> float:
    """Give the share of a headed column that may be names; a column of shops headed "name" has none."""
    self.masked = _masked_cells(self)
    of_things = share_of(
        values, lambda value: is_entity(value) and not (_naming.is_surname(value) or name.cell(value))
    )
    if of_things > ENOUGH / 2:
        # Companies stand among those who donate or are paid; shops headed "name" have nobody among them.
        is_of_people = _name_heading.is_explicit(self.label) or _name_heading.is_role(self.label)
        strict = share_of(values, name.cell) if is_of_people else 0.0
        return strict if strict >= _HEADED else 0.0
    if self.part == "given":
        return share_of(values, _naming.is_given)
    if self.part == "family":
        return share_of(values, _naming.is_surname)
    strict = share_of(values, name.cell)
    if strict >= _HEADED:
        return strict
    # Nicknames and bare surnames hang on a heading that can mean nobody but people.
    return share_of(values, named_cell) * 0.9 if _name_heading.is_explicit(self.label) else strict


def _is_of_others(self: Column, values: Sequence[str]) -> bool:
    """Tell whether what looks like names is something else, by its heading and by how often it comes again."""
    handful = _HANDFUL if self.label else _HANDFUL // 2
    few = self.filled < handful and self.is_of_few_words()
    few = few or (self.filled == 1 and len(self.cells) > _BOTH)  # 国籍: 中国
    if few or not self.label:
        return few
    # Horses and trains have names in kana that are people's as well.
    is_thing = _name_heading.is_of_a_thing(self.label) and share_of(values, _naming.is_kana) >= ENOUGH
    is_thing = is_thing or _name_heading.is_of_an_organisation(self.label)
    return is_thing or not (_surely_named(values) or _elsewhere.share(values))


_BOTH = 2


def _surely_named(values: Sequence[str]) -> bool:
    """Tell whether names under a heading that says something else are such beyond doubt."""
    return share_of(values, lambda one: _naming.sure(one) or _naming.behind_affiliation(one)) >= ENOUGH


# Ten digits may be those of a telephone in the house, or of anything that is counted.
_CODES = re.compile(
    r"コード|code|ロット|lot|シリアル|serial|(?:伝票|注文|受注|発注|管理|整理|製造|受付|荷物|追跡|お問い?合わせ)(?:番号|no)"
)


def _is_code(value: str) -> bool:
    return value.isdigit() and not phone.is_mobile(value)


def _masked_cells(self: Column) -> int:
    written = "".join(self.folded.values())
    if not _naming.may_mask(written):
        return 0
    return _held(self.cells, {cell: "" for cell, value in self.folded.items() if _naming.masked(value)})


def type_by_cells(self: Column) -> None:
    """Take the kind whose grammar most cells fit."""
    values = self.sample()
    if not values:
        return
    if len(values) >= _ACCIDENT:
        for detector in _CHECKED:
            if all(map(detector.cell, values)):
                self.settle(detector.kind, 1.0, 0.8)
                return
    best, share = max(
        (
            (detector, _share_if_enough(values, _SURER.get(detector.kind, detector.cell)))
            for detector in _BY_CELLS
        ),
        key=lambda pair: pair[1],
    )
    if share >= ENOUGH:
        if best.kind == gender.kind and self.label and len(values) < _BOTH:
            return  # サイズ: M
        if best.kind == phone.kind and _CODES.search(self.label) and share_of(values, _is_code) >= ENOUGH:
            return
        if best.kind == name.kind and not _name_heading.is_role(self.label) and _is_of_others(self, values):
            return
        if best.kind == name.kind:
            self.kana = share_of(values, _naming.is_kana) >= ENOUGH
        self.settle(best.kind, share, round(0.9 * share, 3))
        self.share = max(share, len(self.normal) / self.filled)
        if best.kind == name.kind:
            self.masked = _masked_cells(self)
        return
    if share_of(values, _naming.masked) >= ENOUGH:
        self.masked = _masked_cells(self)
    elif (share := _elsewhere.share(values)) and not _name_heading.is_of_a_thing(self.label):
        self.kana = share_of(values, _naming.is_kana) >= ENOUGH
        self.settle(name.kind, share, round(0.8 * share, 3))
