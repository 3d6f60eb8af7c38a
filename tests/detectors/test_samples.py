"""The samples that a privacy officer can add to: samples/<kind>.txt, one line each."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import detectors

_SAMPLES = sorted(Path(__file__).with_name("samples").glob("*.txt"))
_MARK = re.compile("⟦(.*?)⟧")


def _lines():
    for path in _SAMPLES:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if line and not line.startswith("#"):
                yield pytest.param(path.stem, line, id=f"{path.stem}-{number}")


@pytest.mark.parametrize(("kind", "line"), list(_lines()))
def test_exactly_what_is_marked_is_found(kind, line):
    text = _MARK.sub(r"\1", line)
    found = [
        text[finding.start : finding.end] for finding in detectors.scan_text(text) if finding.kind == kind
    ]
    assert found == _MARK.findall(line)


def test_every_kind_has_samples():
    assert {path.stem for path in _SAMPLES} == set(detectors.KINDS)


_FULL_WIDTH = str.maketrans({chr(point): chr(point + 0xFEE0) for point in range(0x21, 0x7F)})
_HYPHENS = "\u2010\u2011\u2212\u30fc\uff0d\uff70"
_NUMBERS = frozenset(
    (
        "my_number",
        "corporate_number",
        "credit_card",
        "bank_account",
        "passport",
        "driving_licence",
        "residence_card",
        "health_insurance",
        "pension_number",
        "phone",
        "fax",
        "postcode",
        "birthdate",
        "due_date",
        "member_number",
    )
)


def _variants(line):
    """Write a sample in the ways that mean the same: full width, and another hyphen beside a digit."""
    yield line.translate(_FULL_WIDTH)
    for hyphen in _HYPHENS:
        yield _HYPHEN.sub(hyphen, line)


_HYPHEN = re.compile(r"(?<=[0-9０-９])[-－‐−ー](?=[0-9A-Za-z０-９])|(?<=[A-Za-z])[-－‐−ー](?=[0-9０-９])")


@pytest.mark.parametrize(("kind", "line"), [case for case in _lines() if case.values[0] in _NUMBERS])
def test_width_and_hyphen_change_nothing(kind, line):
    expected = len(_MARK.findall(line))
    for variant in _variants(line):
        text = _MARK.sub(r"\1", variant)
        found = [text[one.start : one.end] for one in detectors.scan_text(text) if one.kind == kind]
        assert found == _MARK.findall(variant), variant
        assert len(found) == expected


@pytest.mark.parametrize("path", _SAMPLES, ids=lambda path: path.stem)
def test_how_lines_end_changes_nothing(path):
    lines = (
        _MARK.sub(r"\1", path.read_text(encoding="utf-8"))
        + "電話 090-0000-\n1234 マイナンバー 1234-5678-\n9018\n"
    )
    text = lines.replace("\n", "\r\n")
    found = [(one.kind, text[one.start : one.end]) for one in detectors.scan_text(text)]
    assert {"phone", "my_number"} <= {kind for kind, _ in found}
    assert [(kind, shown.replace("\r", "")) for kind, shown in found] == [
        (one.kind, lines[one.start : one.end]) for one in detectors.scan_text(lines)
    ]
