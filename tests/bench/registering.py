"""EDM: what a million customers take of room, and what looking somebody up among them takes of a mail (exact data match).

In: a Ground. Out: Figures. Fails: RuntimeError where a customer is not known again.
"""

from __future__ import annotations

import csv
import secrets
import time
from collections.abc import Iterator
from statistics import median

import numpy as np

from gateway.cli_register import keys_in
from gateway.customers import open_customers, write_customers
from gateway.demo.families import HEADER, families
from gateway.inspection import jobs, worker
from gateway.settings import CustomersSettings, Settings
from tests.bench.figures import Figure, Ground
from tests.bench.inspecting import LIMITS
from tests.bench.processes import forget_peak, memory_bytes
from tests.bench.workloads import small

PEOPLE = 1_000_000
COLUMNS = ["氏名", "フリガナ", "生年月日", "メールアドレス", "電話番号", "住所"]
LOOKED_UP = 20_000


def registered(ground: Ground) -> Iterator[Figure]:
    """Register a list of which each person has some ten keys, and fill it up to a million with others."""
    secret = secrets.token_bytes(32)
    listed = ground.folder / "customers.csv"
    rows = [row for seed in range(3) for row in families(seed=seed)]
    with listed.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([HEADER, *rows])
    keys = list(keys_in(listed, COLUMNS, secret))
    known = np.unique(np.fromiter((key for some in keys for key in some), dtype=np.uint64))
    others = np.random.default_rng(7).integers(0, 2**63, PEOPLE * len(known) // len(keys), dtype=np.uint64)
    file = ground.folder / "customers.hashes"
    write_customers(file, secret, people=PEOPLE, hashes=np.union1d(known, others).tobytes())
    megabytes = file.stat().st_size / 1e6
    yield Figure(
        goal="EDM",
        what=f"register of {PEOPLE:,} people, MB",
        measured=f"{megabytes:.0f} MB",
        ratio=megabytes,
        at_most=100,
    )
    forget_peak()
    before = memory_bytes()
    customers = open_customers(Settings(customers=CustomersSettings(file=file)), secret)
    sought = [*keys[: LOOKED_UP // 2], *(_of_nobody(some) for some in keys[: LOOKED_UP // 2])]
    taken = []
    for _ in range(5):
        began = time.process_time()
        met = sum(any(key in customers for key in some) for some in sought)
        taken.append((time.process_time() - began) / len(sought))
        if met != len(sought) // 2:
            raise RuntimeError(f"{met} customers known again, of {len(sought) // 2}")
    growth = (memory_bytes(peak=True) - before) / 1e6
    yield Figure(
        goal="EDM", what="memory it takes, MB", measured=f"{growth:.0f} MB", ratio=growth, at_most=100
    )
    mail = _cpu_seconds_of_a_mail()
    yield Figure(
        goal="EDM",
        what="somebody looked up among them",
        measured=f"{median(taken) * 1e6:.0f} µs",
        reference=f"a small mail {mail * 1e6:.0f} µs",
        ratio=median(taken) / mail,
        at_most=0.02,
    )


def _of_nobody(keys: list[int]) -> list[int]:
    return [key ^ 0x5A5A for key in keys]


def _cpu_seconds_of_a_mail() -> float:
    """Give what looking into a mail of W1 takes."""
    worker.warm_up()
    secret = secrets.token_bytes(32)
    taken = []
    for mail in small(60):
        began = time.process_time()
        worker.do(
            jobs.ReadDocument(raw=mail.raw, name="mail.eml", secret=secret, spans=False),
            LIMITS,
            jobs.Sought(),
        )
        taken.append(time.process_time() - began)
    return median(taken[10:])
