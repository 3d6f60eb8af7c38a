"""The shape of the code: what a reader may rely on in every file."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAX_LINES = 400
STUB = re.compile(r"\b(?:TODO|FIXME|XXX|HACK|raise NotImplementedError)\b")


def _modules(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", _modules("gateway", "detectors", "policies", "tests"), ids=_name)
def test_a_file_has_at_most_400_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MAX_LINES


@pytest.mark.parametrize("path", _modules("gateway", "detectors"), ids=_name)
def test_nothing_is_left_to_be_done(path: Path) -> None:
    assert not STUB.findall(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", _modules("gateway", "detectors", "policies"), ids=_name)
def test_a_module_says_what_it_does(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert docstring
    if path.name not in ("__init__.py", "__main__.py") and "migrations" not in path.parts:
        missing = [word for word in ("In:", "Out:", "Fails:") if word not in docstring]
        assert not missing


def test_there_is_no_room_for_everything() -> None:
    vague = re.compile(r"^_?(utils?|helpers?|common|misc|managers?|base)$")
    assert [_name(path) for path in _modules("gateway", "detectors") if vague.match(path.stem)] == []
