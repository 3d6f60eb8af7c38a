"""`sekisho scan`: what people read of it, and the exit code where there was nothing to read."""

from __future__ import annotations

import json
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


def test_with_spans_each_finding_says_why_in_both_languages(tmp_path, capsys):
    letter = tmp_path / "letter.txt"
    letter.write_text("お名前: 山田 太郎\n電話番号: 090-0000-1234\n", encoding="utf-8")
    scan(letter, spans=True)
    assert capsys.readouterr().out.splitlines()[1:] == [
        "\tletter.txt\t5-10\t氏名 / name\t項目名のすぐ後にあります / It follows a label that announces it",
        "\tletter.txt\t17-30\t電話番号 / phone\t項目名のすぐ後にあります / It follows a label that announces it",
    ]
    scan(letter, spans=True, as_json=True)
    (part,) = json.loads(capsys.readouterr().out)["parts"]
    assert part["spans"][0]["explanation"] == {
        "ja": "項目名のすぐ後にあります",
        "en": "It follows a label that announces it",
    }


def test_with_spans_a_table_says_why_it_is_about_people_and_its_name_forges_no_line(tmp_path, capsys):
    table = tmp_path / "a\nb.csv"
    table.write_text("氏名,電話番号\n山田 太郎,090-0000-1234\n佐藤 花子,090-0000-5678\n", encoding="utf-8")
    scan(table, spans=True)
    said = "氏名と電話番号が並んでいます / Names beside phone"
    assert f"\ta\ufffdb.csv\t{said}" in capsys.readouterr().out.splitlines()


def test_with_spans_a_kind_of_the_policy_has_its_own_names(tmp_path, capsys):
    policy = tmp_path / "ours.toml"
    policy.write_text(
        'name = "ours"\nmode = "enforce"\nja = "弊社"\nen = "Ours"\n[[kind]]\nname = "case_number"\nja = "案件番号"\n'
        'en = "Case number"\npattern = "PRJ-[0-9]{4}"\nsamples = ["⟦PRJ-2024⟧"]\n[[rule]]\nid = "cases"\n'
        'figure = "item.case_number"\nover = 0\ndecision = "HOLD"\nja = "{figure} 件"\nen = "{figure} cases"\n',
        encoding="utf-8",
    )
    letter = tmp_path / "letter.txt"
    letter.write_text("案件 PRJ-2024 について\n", encoding="utf-8")
    scan(letter, spans=True, policy=str(policy))
    why = "組織が定めた書式に合います / It fits a pattern that your organisation defined"
    assert capsys.readouterr().out.splitlines()[1:] == [f"\tletter.txt\t3-11\t案件番号 / Case number\t{why}"]
