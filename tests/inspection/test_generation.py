"""An inspection is kept as long as what decided it: another byte there, and the same part is inspected anew."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from gateway.inspection.generation import ABOVE, HERE, digest_of, generation, libraries
from gateway.inspection.jobs import Limits
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


def test_another_version_of_a_library_is_another_generation(tmp_path, monkeypatch):
    before = generation(LIMITS)
    reader = tmp_path / "reader-1.1.dist-info"
    reader.mkdir()
    (reader / "METADATA").write_text("Metadata-Version: 2.1\nName: reader\nVersion: 1.1\n")
    monkeypatch.syspath_prepend(tmp_path)
    generation.cache_clear()
    after = generation(LIMITS)
    generation.cache_clear()
    assert ("reader", "1.1") in libraries()
    assert after != before


def test_every_module_that_an_inspection_is_made_by_is_part_of_it():
    script = "import sys, gateway.inspection.detection; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    made_by = {name for name in loaded.stdout.split() if name.startswith("gateway.")}
    files = {*ABOVE, *(f"inspection/{name}" for name in HERE)}
    named = {"gateway." + name.removesuffix(".py").replace("/", ".") for name in files}
    assert {name for name in made_by - named if not name.startswith("gateway.unpack")} == {
        "gateway.inspection"  # the package, which is empty
    }


def test_a_part_is_inspected_anew_under_other_limits(database, workers):
    campaign(database, "one")
    inspect(database, workers)
    workers.limits = replace(LIMITS, max_depth=LIMITS.max_depth + 1)
    campaign(database, "two")
    inspect(database, workers)
    assert workers.did["ReadPart"] == 2
