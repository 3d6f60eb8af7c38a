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
