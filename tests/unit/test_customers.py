"""Registered customers: kept as hashes, found in any part, added, removed, and never quietly lost."""

from __future__ import annotations

import json
import logging
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner

import detectors
from gateway.cli import app
from gateway.customers import NOBODY, open_customers, write_customers
from gateway.errors import BadConfig
from gateway.settings import CustomersSettings, Settings, StoreSettings

SECRET = b"s" * 32
HEADER = "会員番号,氏名,フリガナ,生年月日,電話番号,メールアドレス\n"
TARO = "1001,山田 太郎,ヤマダ タロウ,1980-03-04,090-0000-1234,taro@example.com\n"
HANAKO = "1002,髙橋 花子,タカハシ ハナコ,1975-11-30,080-0000-5678,hanako@example.com\n"
JIRO = "1003,鈴木 次郎,スズキ ジロウ,1990-07-08,070-0000-9012,jiro@example.com\n"
COLUMNS = ("--column", "氏名", "--column", "生年月日", "--column", "電話番号", "--column", "メールアドレス")


@pytest.fixture(autouse=True)
def logs() -> Iterator[None]:
    """Take back what a command sets up: it writes to the standard error of this test, which nobody has later."""
    handlers = list(logging.root.handlers)
    yield
    logging.root.handlers[:] = handlers
    structlog.reset_defaults()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SEKISHO_STORE__URL", f"sqlite:///{tmp_path}/data/sekisho.db")
    return tmp_path


def sekisho(*arguments: object) -> str:
    outcome = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if outcome.exception is not None and not isinstance(outcome.exception, SystemExit):
        raise outcome.exception
    return outcome.stdout


def register(folder: Path, rows: str, *options: str, columns: tuple[str, ...] = COLUMNS) -> str:
    file = folder / "customers.csv"
    file.write_text(HEADER + rows, encoding="cp932", errors="xmlcharrefreplace")
    return sekisho("register", file, *columns, *options)


def customers_in(folder: Path, name: str, content: str) -> int:
    file = folder / name
    file.write_text(content, encoding="utf-8")
    return json.loads(sekisho("scan", file, "--json"))["exposure"]["customers"]


def test_customers_are_counted_in_tables_and_texts_however_they_are_written(folder: Path):
    assert "2 人" in register(folder, TARO + HANAKO.replace("髙", "高"))
    table = "お名前,TEL,備考\n山田　太郎,０９０−００００−１２３４,\n髙橋花子,080-0000-5678,\n佐藤 三郎,090-0000-0003,\n"
    assert customers_in(folder, "list.csv", table) == 2
    letter = "各位\n\nお名前：高橋 花子\n生年月日：昭和50年11月30日\n"
    assert customers_in(folder, "letter.txt", letter) == 1
    assert (
        customers_in(folder, "other.csv", "氏名,電話番号\n山田 太郎,090-0000-0009\n佐藤 三郎,090-0000-0003\n")
        == 0
    )


def test_only_the_columns_that_were_named_make_a_customer(folder: Path):
    register(folder, TARO, columns=("--column", "氏名", "--column", "生年月日"))
    assert customers_in(folder, "born.csv", "氏名,生年月日\n山田太郎,S55.3.4\n佐藤三郎,1999-01-02\n") == 1
    assert (
        customers_in(folder, "phone.csv", "氏名,電話番号\n山田太郎,090-0000-1234\n佐藤三郎,090-0000-0003\n")
        == 0
    )


def test_a_list_that_is_read_in_blocks_is_registered_to_its_end(folder: Path):
    rows = "".join(
        f"{number},山田 太郎,ヤマダ タロウ,1980-03-04,090-{number // 10000:04}-{number % 10000:04},p{number}@example.com\n"
        for number in range(80_000)
    )
    assert len(rows) > 4 << 20
    assert "80,000 人" in register(folder, rows)


def test_customers_are_added_removed_and_replaced(folder: Path):
    everyone = HEADER + TARO + HANAKO + JIRO
    register(folder, TARO)
    assert "2 人" in register(folder, TARO + HANAKO, "--add")
    assert customers_in(folder, "all.csv", everyone) == 2
    assert "1 人" in register(folder, TARO, "--remove")
    assert customers_in(folder, "all.csv", everyone) == 1
    assert "1 人" in register(folder, JIRO)
    assert customers_in(folder, "all.csv", everyone) == 1


def test_nothing_of_the_list_is_kept_and_nobody_else_reads_the_hashes(folder: Path):
    register(folder, TARO + HANAKO)
    kept = folder / "data" / "customers.hashes"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    for shown in ("山田", "090", "1234", "taro", "1980"):
        assert shown.encode() not in kept.read_bytes()
    assert [file.name for file in kept.parent.glob("*customers*")] == ["customers.hashes"]


@pytest.mark.parametrize(
    ("columns", "content"),
    [
        (("--column", "氏名"), HEADER + TARO),
        (("--column", "会員番号"), HEADER + TARO),
        (("--column", "住所"), HEADER + TARO),
        (COLUMNS, "山田 太郎\n"),
        ((*COLUMNS, "--add", "--remove"), HEADER + TARO),
    ],
)
def test_what_registers_nobody_is_refused_and_leaves_the_register(folder: Path, columns, content: str):
    register(folder, HANAKO)
    before = (folder / "data" / "customers.hashes").read_bytes()
    file = folder / "broken.csv"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(BadConfig) as caught:
        sekisho("register", file, *columns)
    assert "山田" not in str(caught.value)
    assert (folder / "data" / "customers.hashes").read_bytes() == before


def test_a_register_that_was_never_written_is_of_nobody(tmp_path: Path):
    assert open_customers(Settings(store=StoreSettings(url=f"sqlite:///{tmp_path}/s.db")), SECRET) is NOBODY


@pytest.mark.parametrize("damage", ["missing", "empty", "cut", "other key", "more people"])
def test_a_register_that_cannot_be_used_is_never_one_of_nobody(tmp_path: Path, damage: str):
    file = tmp_path / "customers.hashes"
    settings = Settings(customers=CustomersSettings(file=file))
    hashes = b"".join(number.to_bytes(8, "little") for number in (3, 5, 2**63 - 1))
    write_customers(file, b"o" * 32 if damage == "other key" else SECRET, people=2, hashes=hashes)
    if damage != "other key":
        found = open_customers(settings, SECRET)
        assert found.people == 2
        assert [number in found for number in (0, 3, 4, 5, 2**63 - 1)] == [False, True, False, True, True]
    raw = file.read_bytes()
    match damage:
        case "missing":
            file.unlink()
        case "empty":
            file.write_bytes(b"")
        case "cut":
            file.write_bytes(raw[:-8])
        case "more people":
            file.write_bytes(raw[:8] + b"\x09" + raw[9:])
    with pytest.raises(BadConfig) as caught:
        open_customers(settings, SECRET)
    assert (caught.value.file, caught.value.key) == (str(file), "customers.file")


def test_every_identity_of_a_registered_row_has_one_of_its_keys():
    import pandas as pd

    rows = [line.split(",") for line in (TARO + HANAKO).splitlines()]
    frame = pd.DataFrame(rows, columns=HEADER.strip().split(","))
    known = [set(keys) for keys in detectors.row_keys(frame, ["氏名", "フリガナ", "生年月日", "電話番号"])]
    for left_out in ([], ["生年月日"], ["電話番号"], ["氏名"], ["フリガナ", "メールアドレス"]):
        people = detectors.scan_table(frame.drop(columns=left_out)).identities
        met = [sum(1 for person in people if keys & set(person.keys)) for keys in known]
        assert met == [1, 1], left_out
