"""Kinds that a policy adds, from the file to the verdict."""

from __future__ import annotations

import asyncio
import json
import logging
from pathlib import Path
from typing import Any

import pytest
import structlog
from typer.testing import CliRunner

import detectors
from gateway.cli import app
from gateway.errors import BadConfig
from gateway.inspection import jobs
from gateway.inspection.evidence import Numbered, Reader
from gateway.inspection.jobs import Evidence
from gateway.inspection.worker import do
from gateway.model import GapReason, Outcome
from gateway.store import mails
from tests.inspection.workers import LIMITS, inspect
from tests.store.mail import enter, send_of

POLICY = """
name = "ours"
mode = "enforce"
ja = "弊社"
en = "Ours"

[[kind]]
name = "point_card"
ja = "ポイントカード番号"
en = "Point card number"
pattern = '[A-Z]{2}-?[0-9]{8}'
headers = ["カードNo"]
keywords = ["ポイントカード"]
check_digit = "luhn"
samples = ["ポイントカード ⟦AB-12345674⟧"]

[[rule]]
id = "cards"
figure = "item.point_card"
over = 1
decision = "REJECT"
ja = "カード {figure} 件"
en = "{figure} cards"
"""
TABLE = "品目,カードNo\r\nパン,AB12345674\r\n米,AB12345682\r\n塩,AB12345678\r\n"
ENDLESS = jobs.Sought(kinds=(detectors.OwnKind(kind="endless", pattern="(?:x|xx)+y"),))
FOREVER = "x" * 60
ROWS = 500
NOTES = (
    b"From: s@example.jp\r\nTo: r@example.com\r\nSubject: SUBJECT\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nSUBJECT\r\n'
    b'--b\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename="notes.txt"\r\n\r\n'
    + b"a secret of nobody and of no use\r\n" * ROWS
    + b"--b--\r\n"
)


@pytest.fixture(autouse=True)
def logs():
    """Take back what a command sets up: it writes to the standard error of this test, which nobody has later."""
    handlers = list(logging.root.handlers)
    yield
    logging.root.handlers[:] = handlers
    structlog.reset_defaults()


@pytest.fixture
def policy(tmp_path):
    file = tmp_path / "ours.toml"
    file.write_text(POLICY, encoding="utf-8")
    return file


def sekisho(*arguments: object) -> tuple[int, str]:
    outcome = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if isinstance(outcome.exception, BadConfig):
        raise outcome.exception
    return outcome.exit_code, outcome.stdout


def test_a_kind_of_the_policy_counts_in_tables_of_nobody_and_decides(tmp_path, policy):
    table, text = tmp_path / "goods.csv", tmp_path / "note.txt"
    table.write_text(TABLE, encoding="cp932")
    text.write_text("ポイントカードは AB-12345674 です。\n", encoding="utf-8")
    code, said = sekisho("scan", table, text, "--json", "--spans", "--policy", policy)
    first, second = map(json.loads, said.splitlines())
    assert code == 1
    assert (first["verdict"], first["exposure"]["items"]) == ("REJECT", {"point_card": 2})
    assert first["parts"][0]["columns"][1]["kind"] == "point_card"
    assert (second["verdict"], second["exposure"]["items"]) == ("PASS", {"point_card": 1})
    assert [(span["start"], span["end"]) for span in second["parts"][0]["spans"]] == [(9, 20)]


def test_what_a_policy_knows_to_be_public_is_nobodys(tmp_path, policy):
    letter = tmp_path / "desks.txt"
    letter.write_text("受付\n山田 太郎 03-3210-0001\n佐藤 花子 03-3210-0002\n", encoding="utf-8")
    before = json.loads(sekisho("scan", letter, "--json", "--policy", policy)[1])
    assert before["exposure"]["people"] == 2
    public = '[public]\ncontacts = ["03-3210-0001", "03-3210-0002"]\n'
    policy.write_text(POLICY.replace("[[kind]]", f"{public}\n[[kind]]", 1), encoding="utf-8")
    after = json.loads(sekisho("scan", letter, "--json", "--policy", policy)[1])
    assert (after["exposure"]["people"], after["verdict"]) == (0, "PASS")


def scanned(*files: Path, policy: Path) -> list[dict[str, Any]]:
    """Scan files by the command; give what each exposes."""
    lines = sekisho("scan", *files, "--json", "--policy", policy)[1].splitlines()
    return [json.loads(line)["exposure"] for line in lines]


def test_words_of_a_policy_are_gone_by_in_letters_and_lists(tmp_path, policy):
    letter, members = tmp_path / "letter.txt", tmp_path / "members.csv"
    letter.write_text("隊員氏名:ええやません\n電話 090-0000-0001\n", encoding="utf-8")
    rows = "".join(f"KX-{1000 + row},090-0000-{row:04}\n" for row in range(20))
    members.write_text(f"認定番号,電話\n{rows}", encoding="utf-8")
    before = scanned(letter, members, policy=policy)
    words = '[words.labels]\nname = ["隊員氏名"]\nmember_number = ["認定番号"]\n'
    policy.write_text(POLICY.replace("[[kind]]", f"{words}\n[[kind]]", 1), encoding="utf-8")
    after = scanned(letter, members, policy=policy)
    assert [one["items"].get("member_number") for one in (*before, *after)] == [None, None, None, 20]
    assert [one["people"] for one in after] == [1, 20]


def test_scan_goes_by_the_policy_of_the_settings_where_none_is_named(tmp_path, policy, monkeypatch):
    cards = tmp_path / "cards.txt"
    cards.write_text("ポイントカード AB-12345674\nポイントカード AB12345682\n", encoding="utf-8")
    assert json.loads(sekisho("scan", cards, "--json")[1])["verdict"] == "PASS"
    monkeypatch.setenv("SEKISHO_POLICY__FILE", str(policy))
    assert json.loads(sekisho("scan", cards, "--json")[1])["verdict"] == "REJECT"


def test_check_names_the_sample_that_fails(tmp_path, policy, monkeypatch):
    monkeypatch.setenv("SEKISHO_POLICY__FILE", str(policy))
    assert sekisho("check")[0] == 0
    policy.write_text(POLICY.replace("12345674⟧", "12345675⟧"), encoding="utf-8")
    with pytest.raises(BadConfig) as caught:
        sekisho("check")
    assert (caught.value.file, caught.value.key) == (str(policy), "kind.0.samples.0")


@pytest.mark.parametrize(("raw", "name"), [(FOREVER, "note.txt"), (f"備考,数\n{FOREVER},1\n", "list.csv")])
def test_a_pattern_that_does_not_end_is_a_gap(raw, name, monkeypatch):
    monkeypatch.setattr("detectors._own.SECONDS", 0.2)
    job = jobs.ReadDocument(raw=raw.encode(), name=name, secret=b"s" * 32)
    found = jobs.DOCUMENT_READ.validate_json(do(job, LIMITS, ENDLESS)).attached
    assert [part.outcome for part in found.parts][-1] is Outcome.GAP
    assert found.parts[-1].gap is GapReason.TIMEOUT
    assert found.parts[-1].path == found.parts[-2].path  # which is read by the other detectors all the same


def test_what_is_sought_otherwise_is_inspected_anew_and_what_was_inspected_before_is_shown(database, workers):
    ids = []
    for pattern in ("other", "secret"):
        workers.sought = jobs.Sought(kinds=(detectors.OwnKind(kind="word", pattern=pattern),))
        ids += enter(database, NOTES.replace(b"SUBJECT", pattern.encode()), sender=f"{pattern}@example.jp")
        inspect(database, workers)
    before, after = (shared(database, mail_id) for mail_id in ids)
    assert [found.parts[0].findings.get("word", 0) for _, found in (before, after)] == [0, ROWS]
    assert workers.did["ReadPart"] == 2
    for mail_id, (key, _) in zip(ids, (before, after), strict=True):
        numbered = Numbered(key, 0)
        shown = asyncio.run(Reader(database, workers).masked(send_of(database, mail_id), [numbered]))
        assert isinstance(shown[numbered], Evidence)


def shared(database, mail_id):
    """Give the key and the inspection of a mail's one attachment."""
    with database.read() as tx:
        contents = mails.contents(tx, send_of(database, mail_id))
        [(key, found)] = mails.inspections(tx, contents[0].parts).items()
        return key, found
