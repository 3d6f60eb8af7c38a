"""Numbers of a workbook as its reader sees them: (03) 1234-5678 for 312345678, 001-0001 for 10001 (ECMA-376 1, 18.8.30).

In: the parts of a workbook. Out: what is shown, by sheet and cell. Fails: Unreadable.

Only formats that give digits a shape: zeros before them, signs and words between and around them. Amounts, shares and
dates say the same to a detector however they are written, and what no digit stands in (";;;") hides nothing here.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import regex

from gateway.unpack._markup import tree_of
from gateway.unpack._package import Package

Cell = tuple[int, int]  # row and column, from nought
MAX_DIGITS = 15  # of a number, which is a double
_TOKEN = regex.compile(r"\"([^\"]*)\"|\\(.)|[_*].|\[([^\]]*)\]|([0#?])|(.)", regex.S)
_SECTION = regex.compile(r"(?:\"[^\"]*\"|\\.|[_*].|\[[^\]]*\]|[^;])+|(?<=;)(?=;|$)", regex.S)
_CONDITION = regex.compile(r"(<=|>=|<>|<|>|=)(-?\d+(?:\.\d+)?)")
_COMPARED: Mapping[str, Callable[[float, float], bool]] = {
    "<=": operator.le, ">=": operator.ge, "<>": operator.ne, "<": operator.lt, ">": operator.gt, "=": operator.eq,
}  # fmt: skip
_PLAIN = frozenset("-+() :$~")  # that stand for themselves
_CELL = regex.compile(rb"<c\b([^>]*+)>(?:<f\b[^>]*+(?:(?<=/)>|>[^<]*+</f>))?<v>([^<]{1,30})</v>")
_STYLE = regex.compile(rb"\bs=\"(\d{1,6})\"")
_PLACE = regex.compile(rb"\br=\"([A-Z]{1,3})(\d{1,7})\"")
_KIND = regex.compile(rb"\bt=\"(?!n\")")


@dataclass(frozen=True, slots=True)
class _Section:
    """A part of a format: when it holds, and its pieces, "0", "#" and "?" for digits."""

    holds: Callable[[float], bool] | None
    pieces: tuple[tuple[str, bool], ...]  # and whether a digit stands there


@dataclass(frozen=True, slots=True)
class Format:
    """A format that gives digits a shape."""

    sections: tuple[_Section, ...]

    def shown(self, number: float) -> str | None:
        """Write a number; None where that is not of our concern."""
        if number < 0 or number >= 10**MAX_DIGITS:
            return None
        section = self._section(number)
        places = sum(is_digit for _, is_digit in section.pieces)
        if not places:
            return None
        digits = list(str(int(number + 0.5)))
        out: list[str] = []
        for piece, is_digit in reversed(section.pieces):
            if not is_digit:
                out.append(piece)
                continue
            places -= 1
            if digits and not places:
                out.append("".join(digits))
            else:
                out.append(digits.pop() if digits else "0" if piece == "0" else "")
        return "".join(reversed(out)).strip()

    def _section(self, number: float) -> _Section:
        if any(section.holds for section in self.sections):
            return next(
                (one for one in self.sections if one.holds is None or one.holds(number)), self.sections[-1]
            )
        return self.sections[2 if number == 0 and len(self.sections) > 2 else 0]


def format_of(code: str) -> Format | None:
    """Read a format; None for one that gives no shape."""
    sections = [_section(part) for part in _SECTION.findall(code)]
    known = tuple(section for section in sections if section is not None)
    if not known or len(known) < len(sections):
        return None
    pieces = [section.pieces for section in known]
    has_shape = any(
        sum(piece == "0" for piece, _ in some) > 1
        or any(not is_digit and piece.strip() for piece, is_digit in some)
        for some in pieces
    )
    return Format(known) if has_shape else None


def _section(code: str) -> _Section | None:
    """Read a section; None where it is of dates, shares or amounts."""
    holds: Callable[[float], bool] | None = None
    pieces: list[tuple[str, bool]] = []
    for found in _TOKEN.finditer(code):
        quoted, escaped, in_brackets, digit, other = found.groups()
        if digit:
            pieces.append((digit, True))
        elif quoted or escaped:
            pieces.append((quoted or escaped, False))
        elif in_brackets is not None:
            condition = _CONDITION.fullmatch(in_brackets)
            if condition:
                holds = _comparing(condition[1], float(condition[2]))
            elif in_brackets.startswith("$"):
                pieces.append((in_brackets[1:].partition("-")[0], False))
        elif other:
            if other.isascii() and other not in _PLAIN:
                return None
            pieces.append((other, False))
    return _Section(holds, tuple(pieces))


def _comparing(sign: str, bound: float) -> Callable[[float], bool]:
    return lambda number: _COMPARED[sign](number, bound)


def shown_numbers(package: Package) -> dict[str, dict[Cell, str]]:
    """Give what is shown in place of numbers, by the names of sheets and by cells."""
    formats = dict(_formats(package.parts.get("xl/styles.xml", b"")))
    if not formats:
        return {}
    wanted = [b's="%s"' % style for style in formats]
    return {
        name: dict(_cells(raw, formats))
        for name, raw in _sheets(package)
        if any(style in raw for style in wanted)
    }


def _formats(raw: bytes) -> Iterator[tuple[bytes, Format]]:
    """Give the formats by the numbers of the styles that cells name."""
    if b"formatCode" not in raw:
        return
    root = tree_of(raw)
    codes = {one.get("numFmtId"): format_of(one.get("formatCode", "")) for one in root.iter("{*}numFmt")}
    for number, style in enumerate(root.iterfind("{*}cellXfs/{*}xf")):
        known = codes.get(style.get("numFmtId"))
        if known is not None:
            yield b"%d" % number, known


def _sheets(package: Package) -> Iterator[tuple[str, bytes]]:
    book, links = (package.parts.get(name) for name in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels"))
    if book is None or links is None:
        return
    targets = {link.get("Id"): link.get("Target", "") for link in tree_of(links)}
    for sheet in tree_of(book).iter("{*}sheet"):
        link = next((value for key, value in sheet.attrib.items() if key.endswith("}id")), None)
        target = targets.get(link, "")
        raw = package.parts.get(target.lstrip("/") if target.startswith("/") else f"xl/{target}")
        if raw is not None:
            yield sheet.get("name", ""), raw


def _cells(raw: bytes, formats: Mapping[bytes, Format]) -> Iterator[tuple[Cell, str]]:
    for attributes, value in _CELL.findall(raw):
        style, place = _STYLE.search(attributes), _PLACE.search(attributes)
        known = formats.get(style[1]) if style else None
        if known is None or place is None or _KIND.search(attributes):
            continue
        try:
            shown = known.shown(float(value))
        except (ValueError, OverflowError):
            continue
        if shown:
            yield (int(place[2]) - 1, _column(place[1])), shown


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1
