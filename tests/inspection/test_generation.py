"""An inspection is kept as long as what decided it: another byte there, and the same part is inspected anew."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.inspection.generation import digest_of, generation
from gateway.inspection.sandbox import Limits
from tests.inspection.test_inspector import campaign
from tests.inspection.workers import LIMITS, inspect


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "name.py").write_text("kind = 'name'\n")
    (tmp_path / "data" / "surnames.txt").write_text("山田\n")
    return tmp_path


@pytest.mark.parametrize("file", ["name.py", "data/surnames.txt", "data/new.txt"])
def test_another_byte_is_another_generation(folder, file):
    before = digest_of([folder])
    with (folder / file).open("a") as changed:
        changed.write("#")
    assert digest_of([folder]) != before


def test_what_python_compiled_says_nothing(folder):
    before = digest_of([folder])
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "name.cpython-312.pyc").write_bytes(b"x")
    assert digest_of([folder]) == before


def test_every_limit_is_part_of_it():
    limits = replace(LIMITS, ocr_seconds=20)
    others = {
        generation(replace(limits, **{name: getattr(limits, name) + 1}))
        for name in Limits.__dataclass_fields__
    }
    assert len(others | {generation(limits)}) == len(Limits.__dataclass_fields__) + 1


def test_a_part_is_inspected_anew_under_other_limits(database, workers):
    campaign(database, "one")
    inspect(database, workers)
    workers.limits = replace(LIMITS, max_depth=LIMITS.max_depth + 1)
    campaign(database, "two")
    inspect(database, workers)
    assert workers.did["ReadPart"] == 2
