"""`sekisho scan`: inspects documents and mails where they lie, by the same workers and the same policy as a send.

In: paths. Out: a line for each. Fails: exit 2 for a path that is not there, and for no file at all.
"""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from gateway.app import people_secret
from gateway.customers import NOBODY, Customers, file_of, open_customers
from gateway.exposure import SharedPart, measure
from gateway.forms import exposure_as_object, part_as_object, reasons_as_objects
from gateway.inspection import jobs
from gateway.inspection.sandbox import Confinement, Died, Sandbox, Sought, limits_of
from gateway.model import Decision, Exposure, Inspection, Outcome, Part, Verdict
from gateway.policy import Policy, judge, load_policy
from gateway.settings import Settings
from gateway.store.database import open_database


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """What one document holds and what the policy says of it; `error` where it could not be read at all."""

    path: str
    verdict: Verdict | None
    exposure: Exposure | None
    parts: tuple[Part, ...]
    error: str | None = None

    @property
    def passes(self) -> bool:
        """Whether nothing speaks against it."""
        return self.error is None and self.verdict is not None and self.verdict.decision is Decision.PASS


class Scanner:
    """Inspects documents; people are known only by hashes, which end with the program."""

    def __init__(self, settings: Settings, policy: Policy, *, jobs: int, spans: bool = False) -> None:
        self._policy = policy
        self._bulk_at = settings.sends.bulk_at
        self._spans = spans
        self._secret, self._customers = _secret_and_customers(settings)
        self._sandbox = Sandbox(
            limits_of(settings.inspect), workers=jobs, sought=Sought(kinds=policy.own_kinds)
        )

    @property
    def confinement(self) -> Confinement | None:
        """How the workers are confined; known when the first has begun."""
        return self._sandbox.confinement

    def close(self) -> None:
        """End the workers."""
        self._sandbox.close()

    def scan(self, path: str) -> Scanned:
        """Inspect what stands at a path; "-" is standard input."""
        try:
            raw = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
        except OSError as error:
            return Scanned(path=path, verdict=None, exposure=None, parts=(), error=_trouble(error))
        return self.scan_bytes(raw, path)

    def scan_bytes(self, raw: bytes, path: str) -> Scanned:
        """Inspect bytes under the name of a path."""
        name = "stdin" if path == "-" else Path(path).name
        job = jobs.ReadDocument(raw=raw, name=name, secret=self._secret, spans=self._spans)
        try:
            read = jobs.DOCUMENT_READ.validate_json(self._sandbox.run(job))
        except Died as death:
            gap = Part(
                path=(name,),
                media_type="application/octet-stream",
                encoding=None,
                outcome=Outcome.GAP,
                gap=death.reason,
            )
            attached = Inspection(parts=(gap,))
            read = jobs.DocumentRead(own=Inspection(parts=()), attached=attached, addresses=())
        recipients = len(read.addresses)
        exposure = measure(
            own=[(read.own, 1)] if recipients == 1 else [],
            # A document that is nobody's mail is measured as if everybody read it.
            shared=[
                SharedPart(inspection=inspection, mails=1, readers=recipients or 2)
                for inspection in ([read.attached] if recipients == 1 else [read.own, read.attached])
            ],
            recipients=frozenset(read.addresses),
            mails=1,
            recipient_count=recipients,
            own_kinds=frozenset(self._policy.kind_names),
            customers=self._customers,
        )
        bulk = recipients == 0 or recipients >= self._bulk_at
        return Scanned(
            path=path,
            verdict=judge(self._policy, exposure, bulk=bulk),
            exposure=exposure,
            parts=read.own.parts + read.attached.parts,
        )


def scan_paths(
    paths: Sequence[str], settings: Settings, *, policy_name: str, jobs: int, as_json: bool, spans: bool
) -> int:
    """Scan, print, and give the exit code: 0 all pass, 1 something does not, 2 something, or all, was not there to read."""
    wanted = list(_files(paths))
    if not wanted:
        print("検査するファイルがありません / there is no file to scan", file=sys.stderr)  # noqa: T201 - the command says why
        return 2
    scanner = Scanner(settings, load_policy(policy_name), jobs=jobs, spans=spans)
    codes = {0}
    progress = Progress(
        TextColumn("検査 / scan"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    progress.disable = not sys.stderr.isatty()
    try:
        with progress, ThreadPoolExecutor(jobs) as pool:
            for scanned in progress.track(pool.map(scanner.scan, wanted), total=len(wanted)):
                line = json.dumps(as_object(scanned), ensure_ascii=False) if as_json else as_line(scanned)
                print(line, flush=True)  # noqa: T201 - this is the command's output
                codes.add(2 if scanned.error else 0 if scanned.passes else 1)
    finally:
        scanner.close()
    return max(codes)


def as_object(scanned: Scanned) -> dict[str, Any]:
    """Give the JSON of the outside contract."""
    return {
        "path": scanned.path,
        "verdict": scanned.verdict.decision if scanned.verdict else None,
        "reasons": reasons_as_objects(scanned.verdict),
        "exposure": exposure_as_object(scanned.exposure),
        "parts": [part_as_object(part) for part in scanned.parts],
        "error": scanned.error,
    }


def as_line(scanned: Scanned) -> str:
    """Give a line for people, who read Japanese or English."""
    if scanned.verdict is None or scanned.exposure is None:
        return f"ERROR\t{scanned.path}\t{scanned.error}"
    reasons = "; ".join(f"{reason.ja} / {reason.en}" for reason in scanned.verdict.reasons)
    return f"{scanned.verdict.decision}\t{scanned.path}\t{scanned.exposure.people} 人 / people\t{reasons}"


def _trouble(error: OSError) -> str:
    """Say why a path could not be read."""
    match error:
        case FileNotFoundError():
            return "ファイルがありません / no such file"
        case PermissionError():
            return "読む権限がありません / no permission to read it"
        case _:
            return f"読めません / it cannot be read ({error.strerror or type(error).__name__})"


def _secret_and_customers(settings: Settings) -> tuple[bytes, Customers]:
    """Give the register with the secret that it was written under; without one, a secret that nothing else has."""
    if settings.customers.file is None and not file_of(settings).exists():
        return secrets.token_bytes(32), NOBODY
    database = open_database(settings.store)
    try:
        secret = people_secret(database)
    finally:
        database.close()
    return secret, open_customers(settings, secret)


def _files(paths: Sequence[str]) -> Iterator[str]:
    """Give the files of the paths; a folder stands for all that is in it."""
    for path in paths:
        if path != "-" and Path(path).is_dir():
            yield from sorted(str(file) for file in Path(path).rglob("*") if file.is_file())
        else:
            yield path
