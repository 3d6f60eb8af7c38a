"""`make bench-detectors DATA=folder`: how well and how fast the detectors are, beside Sudachi's 人名 tags and a plain regex.

In: the development data (real data of others, not in the repository); of its prose, the sentences the tagger did not learn from.
Out: a table. Fails: exit 2 without data.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd

import detectors
from detectors import _tagger
from tests.bench import prose

Spans = set[tuple[int, int]]
_PLAIN_NAME = re.compile(
    r"(?<![一-龠々])[一-龠々]{1,4}[ \u3000]?[一-龠々ぁ-んァ-ヶ]{1,4}(?=さん|様|氏|くん|ちゃん|先生)"
)
_PLAIN_CELL = re.compile(
    r"[一-龠々]{1,4}[ \u3000]?[一-龠々ぁ-んァ-ヶ]{1,4}|[ァ-ヶー]{2,8}[ \u3000][ァ-ヶー]{2,8}"
)
_PLAIN_PHONE = re.compile(r"0\d{1,4}-?\d{1,4}-?\d{4}")
# What the columns of the development tables hold, as their publishers describe them.
CUSTOMER = {
    "customer_id": "member_number",
    "customer_name": "name",
    "gender_cd": "gender",
    "gender": "gender",
    "birth_day": "birthdate",
    "age": "age",
    "postal_cd": "postcode",
    "address": "address",
}
OF_NOBODY = ("store", "product", "category")


def main() -> int:
    """Measure and print."""
    given = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("DATA", "")
    folder = Path(given)
    if not given or not (folder / "stockmark-ner.json").exists():
        print("make bench-detectors DATA=folder: the folder of the development data", file=sys.stderr)
        return 2
    print(f"{'':34}{'precision':>10}{'recall':>8}{'F1':>7}{'flagged':>9}{'MB/s':>8}")
    detectors.scan_text("田中一郎さんと話した。")  # reads the word lists
    tables(folder)
    sentences(folder)
    return 0


def tables(folder: Path) -> None:
    """Print what the tables come to: columns, people, speed; names and telephones cell by cell."""
    raw = (folder / "100knocks-customer.csv").read_bytes()
    seconds, report = _timed(lambda: detectors.scan_table(_frame(raw)))
    right = sum(CUSTOMER.get(str(column.header)) == column.kind for column in report.columns)
    print(
        f"customers: {right} of {len(report.columns)} columns, {report.people} people of {report.records} records"
    )
    _line("  CSV bytes to report", speed=len(raw) / seconds / 1e6)
    flagged = [name for name in OF_NOBODY if detectors.scan_table(_csv(folder, name)).about_people]
    banks = detectors.scan_table(_banks(folder))
    flagged += ["banks"] if banks.about_people else []
    print(f"tables of nobody taken for people: {len(flagged)} of {len(OF_NOBODY) + 1} {' '.join(flagged)}")
    people, others = _cells(folder)
    for who, is_name in _cell_readers():
        seconds, found = _timed(lambda is_name=is_name: [is_name(cell) for cell in (*people, *others)])
        hits = sum(found[: len(people)])
        false = sum(found[len(people) :])
        size = sum(len(cell.encode()) for cell in (*people, *others))
        _line(
            f"  cells of names, {who}",
            hits=hits,
            false=false,
            missed=len(people) - hits,
            speed=size / seconds / 1e6,
        )
    _phones(folder)


def sentences(folder: Path) -> None:
    """Print how names in prose are found."""
    for title, corpus in (
        ("web prose", prose.web(folder)),
        ("encyclopedia", prose.encyclopedia(folder)),
        ("customer service", prose.dialogues(folder)),
    ):
        held_out = corpus[:: prose.HELD_OUT]
        print(f"names in {title}, {len(held_out)} sentences not learnt from")
        size = sum(len(sentence.encode()) for sentence, _ in held_out)
        for who, find in _finders():
            seconds, found = _timed(
                lambda find=find, held_out=held_out: [find(sentence) for sentence, _ in held_out]
            )
            pairs = list(zip(found, (gold for _, gold in held_out), strict=True))
            clean = [spans for spans, gold in pairs if not gold]
            _line(
                f"  {who}",
                hits=sum(len(spans & gold) for spans, gold in pairs),
                false=sum(len(spans - gold) for spans, gold in pairs),
                missed=sum(len(gold - spans) for spans, gold in pairs),
                flagged=sum(map(bool, clean)) / max(1, len(clean)),
                speed=size / seconds / 1e6,
            )
        whole = "\n".join(sentence for sentence, _ in corpus)
        seconds, _ = _timed(lambda whole=whole: detectors.scan_text(whole))
        _line("  Sekisho, all kinds, in one piece", speed=len(whole.encode()) / seconds / 1e6)


def _finders() -> Iterator[tuple[str, Callable[[str], Spans]]]:
    yield (
        "Sekisho, all kinds",
        lambda text: {(one.start, one.end) for one in detectors.scan_text(text) if one.kind == "name"},
    )
    yield "Sudachi core, 人名", _sudachi()
    yield "plain regex", lambda text: {match.span() for match in _PLAIN_NAME.finditer(text)}


def _cell_readers() -> Iterator[tuple[str, Callable[[str], bool]]]:
    from detectors import name
    from detectors._fold import fold_cell

    yield "Sekisho", lambda cell: name.cell(fold_cell(cell)) is not None
    tag = _sudachi()
    yield "Sudachi core, 人名", lambda cell: bool(tag(cell))
    yield "plain regex", lambda cell: _PLAIN_CELL.fullmatch(cell) is not None


def _sudachi() -> Callable[[str], Spans]:
    """Give a finder of runs of morphemes tagged 人名, joined as 姓 and 名 are."""
    from sudachipy import Dictionary, SplitMode

    tokenizer = Dictionary(dict="core").tokenizer()

    def find(text: str) -> Spans:
        spans: Spans = set()
        start = end = -1
        for word in tokenizer.tokenize(text, SplitMode.C):
            if word.part_of_speech()[2] != "人名":
                continue
            if word.begin() != end:
                spans |= {(start, end)} if end >= 0 else set()
                start = word.begin()
            end = word.end()
        return spans | ({(start, end)} if end >= 0 else set())

    return find


def _phones(folder: Path) -> None:
    from detectors import phone
    from detectors._fold import fold_cell

    shops = _csv(folder, "store")
    numbers = [
        *shops["tel_no"],
        *(f"0{prefix}0-{n % 10000:04}-{n * 7 % 10000:04}" for n in range(2000) for prefix in "789"),
    ]
    customers, products = _csv(folder, "customer"), _csv(folder, "product")
    others = [
        *customers["postal_cd"][:2000],
        *customers["application_date"][:2000],
        *products["product_cd"][:2000],
    ]
    for who, is_phone in (
        ("Sekisho", lambda cell: phone.cell(fold_cell(cell)) is not None),
        ("plain regex", lambda cell: _PLAIN_PHONE.search(cell) is not None),
    ):
        seconds, found = _timed(lambda is_phone=is_phone: [is_phone(cell) for cell in (*numbers, *others)])
        hits, false = sum(found[: len(numbers)]), sum(found[len(numbers) :])
        _line(f"  cells of telephones, {who}", hits=hits, false=false, missed=len(numbers) - hits)
    frame = pd.DataFrame({"電話番号": numbers * 10})
    seconds, _ = _timed(lambda: detectors.scan_table(frame))
    _line("  a column of telephones", speed=sum(map(len, numbers)) * 10 / seconds / 1e6)


def _cells(folder: Path) -> tuple[list[str], list[str]]:
    """Give cells that are names, and cells that are not: shops, goods, banks, places."""
    people = list(dict.fromkeys(_csv(folder, "customer")["customer_name"]))
    others: dict[str, None] = dict.fromkeys(_csv(folder, "store")["store_name"])
    for column in ("category_major_name", "category_medium_name", "category_small_name"):
        others |= dict.fromkeys(_csv(folder, "category")[column])
    others |= dict.fromkeys(_banks(folder)["name"])
    return people, list(others)


def _csv(folder: Path, name: str) -> pd.DataFrame:
    return _frame((folder / f"100knocks-{name}.csv").read_bytes())


def _frame(raw: bytes) -> pd.DataFrame:
    head, *rows = csv.reader(io.StringIO(raw.decode("utf-8").lstrip("\ufeff")))
    return pd.DataFrame(dict(zip(head, map(list, zip(*rows, strict=True)), strict=True)))


def _banks(folder: Path) -> pd.DataFrame:
    return pd.DataFrame(list(json.loads((folder / "zengin-banks.json").read_text(encoding="utf-8")).values()))


def _timed(work: Callable[[], Any], times: int = 3) -> tuple[float, Any]:
    """Give the least processor time of some runs that remember nothing of each other, and the answer."""
    taken = []
    for _ in range(times):
        _tagger.forget()
        began = time.process_time()
        answer = work()
        taken.append(time.process_time() - began)
    return min(taken), answer


def _line(
    what: str, *, hits: int = -1, false: int = 0, missed: int = 0, flagged: float = -1, speed: float = -1
) -> None:
    wide = sum(sign > "\u2fff" for sign in what)
    shown = f"{what:<{34 - wide}}"
    if hits >= 0 and hits + missed:
        precision, recall = hits / max(1, hits + false), hits / (hits + missed)
        both = 2 * precision * recall / max(1e-9, precision + recall)
        shown += f"{precision:>10.3f}{recall:>8.3f}{both:>7.3f}"
    else:
        shown += " " * 25
    shown += f"{flagged:>9.1%}" if flagged >= 0 else " " * 9
    print(shown + (f"{speed:>8.1f}" if speed >= 0 else ""), flush=True)


if __name__ == "__main__":
    sys.exit(main())
