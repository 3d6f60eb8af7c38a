"""The lock: everything by its hash, nothing by a host."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PIN = re.compile(
    r"^([a-z0-9][a-z0-9.-]*)==([^ ]+)[^\n]*((?:\n    --hash=sha256:[0-9a-f]{64}[^\n]*)*)", re.MULTILINE
)


def test_every_pin_has_a_hash() -> None:
    pins = PIN.findall(LOCK)
    assert len(pins) > 40
    assert [name for name, _, hashes in pins if not hashes] == []


def test_every_line_is_a_pin_a_hash_or_a_comment() -> None:
    odd = [
        line
        for line in LOCK.splitlines()
        if line and not re.match(r"#|    #|    --hash=sha256:|[a-z0-9.-]+==", line)
    ]
    assert odd == []


def test_no_host_is_named() -> None:
    assert re.findall(r"\w+://\S+|--(?:extra-)?index-url|--find-links|--trusted-host", LOCK) == []


def test_every_dependency_is_pinned() -> None:
    wanted = [
        *PROJECT["project"]["dependencies"],
        *PROJECT["dependency-groups"]["dev"],
        *PROJECT["build-system"]["requires"],
    ]
    pinned = {name for name, _, _ in PIN.findall(LOCK)}
    names = [re.match(r"[\w.-]+", line)[0].lower().replace(".", "-") for line in wanted]
    assert [name for name in names if name not in pinned] == []
