"""R, P4, P6, P12: what one look into an attachment takes of one processor, against the least that it can take.

In: a Ground. Out: Figures. Fails: RuntimeError where people were missed: then no speed counts.
"""

from __future__ import annotations

import base64
import hashlib
import io
import re
import secrets
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from statistics import median

from openpyxl import Workbook

from gateway.inspection import jobs, worker
from gateway.inspection.sandbox import limits_of
from gateway.settings import InspectSettings
from tests.bench.figures import Figure, Ground
from tests.bench.processes import forget_peak, memory_bytes
from tests.bench.workloads import CSV_ROWS, HEADER, families, list_csv, list_zip, zipped_list

LIMITS = limits_of(InspectSettings(seconds=900, memory_mib=8192))
PATTERNS = re.compile(
    r"""
      [\w.+-]+@[\w-]+(?:\.[\w-]+)+                                           # mail address
    | (?<!\d)0\d{1,4}[-(－\ ]?\d{1,4}[-)－\ ]?\d{3,4}(?!\d)                  # telephone
    | (?<!\d)〒?\d{3}[-－]\d{4}(?!\d)                                        # postcode
    | (?:19|20)\d\d[/年.-]\d{1,2}[/月.-]\d{1,2}日?                            # date
    | (?:明治|大正|昭和|平成|令和|[MTSHR])\d{1,2}[年.]\d{1,2}[月.]\d{1,2}       # date by era
    | (?:東京都|北海道|(?:京都|大阪)府|[一-龠]{2,3}県)[^,\r\n]{2,40}            # address
    | (?<!\d)\d{4}[ -]?\d{4}[ -]?\d{4}(?!\d)                                # my number
    | (?<!\d)\d{4}[ -]?\d{4}[ -]?\d{4}[ -]?\d{4}(?!\d)                      # card
    | (?<![一-龠々])[一-龠々]{1,4}[ \u3000][一-龠々ぁ-んァ-ヶ]{1,4}             # name
    | [ァ-ヶー]{2,6}[ \u3000][ァ-ヶー]{2,6}                                    # its reading
    """,
    re.VERBOSE,
)


def floor(_: Ground) -> Iterator[Figure]:
    """R: what anything that looks into W2's ZIP has to do."""
    seconds = _floor_seconds()
    rate = len(list_csv()) / seconds / 1e6
    yield Figure(
        goal="R",
        what="floor: inflate, decode CP932, one regex pass",
        measured=f"{seconds * 1e3:.0f} ms, {rate:.0f} MB/s",
    )


def first_verdict(_: Ground) -> Iterator[Figure]:
    """P4: W2's ZIP for the first time: every kind, names and addresses, people counted."""
    worker.warm_up()
    _look(list_zip(), "list.zip", rows=CSV_ROWS)
    seconds = _cpu_seconds(lambda: _look(list_zip(), "list.zip", rows=CSV_ROWS), times=5)
    yield Figure(
        goal="P4",
        what="first look into W2's ZIP",
        measured=f"{seconds * 1e3:.0f} ms",
        reference=f"R {_floor_seconds() * 1e3:.0f} ms",
        ratio=seconds / _floor_seconds(),
        at_most=2.5,
    )


def huge(ground: Ground) -> Iterator[Figure]:
    """P6: W4, and a tenth of it."""
    tenth, _, _ = _alone(ground.huge_megabytes // 10)
    seconds, growth, floor_seconds = _alone(ground.huge_megabytes)
    per_byte = seconds / (ground.huge_megabytes * 1e6)
    reference = floor_seconds / len(list_csv())
    yield Figure(
        goal="P6",
        what=f"{ground.huge_megabytes} MB of CSV in a ZIP, per byte",
        measured=f"{seconds:.1f} s",
        reference=f"R {reference * ground.huge_megabytes * 1e6:.1f} s",
        ratio=per_byte / reference,
        at_most=2.5,
    )
    yield Figure(
        goal="P6",
        what="memory it takes, MB",
        measured=f"{growth / 1e6:.0f} MB",
        ratio=growth / 1e6,
        at_most=200,
    )
    yield Figure(
        goal="P6",
        what="ten times the rows",
        measured=f"{seconds:.1f} s",
        reference=f"a tenth {tenth:.1f} s",
        ratio=seconds / tenth,
        at_most=11,
    )


def workbook(_: Ground) -> Iterator[Figure]:
    """P12: an XLSX of about 1 MB."""
    worker.warm_up()
    raw, rows = _workbook()
    inflate = _cpu_seconds(lambda: _inflate_all(raw))
    seconds = _cpu_seconds(lambda: _look(raw, "list.xlsx", rows=rows), times=3)
    yield Figure(
        goal="P12",
        what=f"look into an XLSX, {len(raw) / 1e6:.1f} MB",
        measured=f"{seconds * 1e3:.0f} ms",
        reference=f"inflating it {inflate * 1e3:.0f} ms",
        ratio=seconds / inflate,
        at_most=15,
    )


def _look(raw: bytes, name: str, *, rows: int) -> None:
    """Do what a worker does with a document."""
    answer = worker.do(
        jobs.ReadDocument(raw=raw, name=name, secret=secrets.token_bytes(32), spans=False),
        LIMITS,
        jobs.Sought(),
    )
    records = jobs.DOCUMENT_READ.validate_json(answer).attached.records
    if records < rows:
        raise RuntimeError(f"{records} records found in {name}, of {rows}")


def _alone(megabytes: int) -> tuple[float, int, float]:
    """Look into W4 in a process of its own: seconds, bytes of memory, and the floor's seconds before and after it."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_look_into_huge, megabytes).result()


def _look_into_huge(megabytes: int) -> tuple[float, int, float]:
    worker.warm_up()
    raw, rows = zipped_list(megabytes)
    floor_before = _cpu_seconds(_least_work)
    forget_peak()
    before = memory_bytes()
    began = time.process_time()
    _look(raw, "all.zip", rows=rows)
    taken, growth = time.process_time() - began, memory_bytes(peak=True) - before
    return taken, growth, (floor_before + _cpu_seconds(_least_work)) / 2


@cache
def _floor_seconds() -> float:
    return _cpu_seconds(_least_work)


def _least_work() -> int:
    return len(PATTERNS.findall(_inflate_all(list_zip()).decode("cp932")))


def sha256_seconds() -> float:
    """Give the time of W2's ZIP through SHA-256, as it stands in the mail."""
    as_mailed = base64.encodebytes(list_zip())
    return _cpu_seconds(lambda: hashlib.sha256(as_mailed).digest(), times=99)


def _cpu_seconds(work: Callable[[], object], *, times: int = 7) -> float:
    """Give the median processor time that some work takes in this thread: what else the machine does is not in it."""
    taken = []
    for _ in range(times):
        began = time.process_time()
        work()
        taken.append(time.process_time() - began)
    return median(taken)


def _inflate_all(raw: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return b"".join(archive.read(name) for name in archive.namelist())


@cache
def _workbook() -> tuple[bytes, int]:
    rows = [row for seed in range(3) for row in families(seed=seed)][:9536]
    book = Workbook(write_only=True)
    sheet = book.create_sheet("名簿")
    for row in (HEADER, *rows):
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue(), len(rows)
