"""The locks: everything by its hash, nothing by a host."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
GROUPS = PROJECT["dependency-groups"]
DEVELOPMENT = (
    "requirements.lock",
    [*PROJECT["project"]["dependencies"], *GROUPS["dev"], *PROJECT["build-system"]["requires"]],
)
BENCH = ("tests/bench/requirements.lock", GROUPS["bench"])
PIN = re.compile(
    r"^([a-z0-9][a-z0-9.-]*)==([^ ]+)[^\n]*((?:\n    --hash=sha256:[0-9a-f]{64}[^\n]*)*)", re.MULTILINE
)
each_lock = pytest.mark.parametrize(("file", "wanted"), [DEVELOPMENT, BENCH], ids=["development", "bench"])


@each_lock
def test_every_dependency_is_pinned_and_every_pin_has_a_hash(file: str, wanted: list[str]) -> None:
    pins = {name: hashes for name, _, hashes in PIN.findall(text_of(file))}
    names = [re.match(r"[\w.-]+", line)[0].lower().replace(".", "-") for line in wanted]
    assert [name for name in names if name not in pins] == []
    assert [name for name, hashes in pins.items() if not hashes] == []


@each_lock
def test_every_line_is_a_pin_a_hash_or_a_comment(file: str, wanted: list[str]) -> None:
    lines = filter(None, text_of(file).splitlines())
    assert [line for line in lines if not re.match(r"#|    #|    --hash=sha256:|[a-z0-9.-]+==", line)] == []


@each_lock
def test_no_host_is_named(file: str, wanted: list[str]) -> None:
    assert re.findall(r"\w+://\S+|--(?:extra-)?index-url|--find-links|--trusted-host", text_of(file)) == []


def text_of(file: str) -> str:
    return (ROOT / file).read_text(encoding="utf-8")
