"""`sekisho scan`: what people read of it, and the exit code where there was nothing to read."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.scan.command import How, scan_paths
from gateway.settings import Settings


def scan(*paths: object, **how: Any) -> int:
    return scan_paths([str(path) for path in paths], Settings(), How(jobs=1, **how))


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """Stand in a folder without a store."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


def test_an_empty_folder_is_no_pass(tmp_path, capsys):
    (tmp_path / "empty" / "inner").mkdir(parents=True)
    assert scan(tmp_path / "empty") == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "検査するファイルがありません / there is no file to scan" in said.err


def test_a_path_that_is_not_there_is_said_in_both_languages(tmp_path, capsys):
    assert scan(tmp_path / "missing.csv") == 2
    assert capsys.readouterr().out == f"ERROR\t{tmp_path}/missing.csv\tファイルがありません / no such file\n"


def test_a_line_gives_each_reason_in_both_languages(tmp_path, capsys):
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04 cut short")
    assert scan(tmp_path / "broken.zip") == 1
    decision, path, people, reasons = capsys.readouterr().out.rstrip("\n").split("\t")
    assert (decision, path, people) == ("HOLD", f"{tmp_path}/broken.zip", "0 人 / people")
    japanese, english = reasons.split("; ")[0].split(" / ")
    assert not japanese.isascii()
    assert english.isascii()
