"""`sekisho scan`: what is done with each document, and what is printed.

In: paths. Out: a line for each document on standard output; progress and a summary on standard error. Fails: exit 2 for a path
that is not there, and for no file at all.
"""

from __future__ import annotations

import json
import sys
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from gateway.model import GapReason
from gateway.policy import load_policy
from gateway.scan.documents import Document, documents, files
from gateway.scan.done import Done, Result, digest_of
from gateway.scan.scanner import Scanned, Scanner, as_explanation, as_line, as_object
from gateway.scan.summary import ERROR, Summary
from gateway.settings import Settings

AHEAD = 3  # documents for each worker that wait in memory
ENDED = 130  # by Ctrl-C, as shells have it
# What may be the machine's doing is read again by the next run.
PASSING_TROUBLE = frozenset({GapReason.TIMEOUT, GapReason.CRASHED})


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """How to scan and print."""

    policy: str | None = None  # None: that of the settings
    jobs: int = 2
    as_json: bool = False
    spans: bool = False
    state: Path | None = None


@dataclass(slots=True)
class _Asked:
    """A document and its place among what was asked for; `scanned` is None where an earlier run knows it."""

    path: str
    digest: str
    known: Result | None = None
    scanned: Future[tuple[Scanned, float]] | None = None


def scan_paths(paths: Sequence[str], settings: Settings, how: How) -> int:
    """Scan, print, and give the exit code. Raises: BadConfig."""
    wanted = list(files(paths, but_not=how.state))
    if not wanted:
        print("検査するファイルがありません / there is no file to scan", file=sys.stderr)  # noqa: T201 - the command says why
        return 2
    scanner = Scanner(
        settings, load_policy(how.policy or settings.policy.file), jobs=how.jobs, spans=how.spans
    )
    summary, console, begun = Summary(), Console(stderr=True), time.monotonic()
    code = None
    done: Done | None = None
    pool = ThreadPoolExecutor(how.jobs)
    try:
        done = Done(how.state, decided_by=scanner.decided_by)
        with _progress(console) as progress:
            task = progress.add_task("", total=len(wanted))
            asked = _asked(wanted, scanner, done, pool, settings.inspect.max_bytes)
            for one in _some_ahead(asked, how.jobs * AHEAD):
                if isinstance(one, int):  # a file held so many documents more than one
                    progress.update(task, total=(progress.tasks[task].total or 0) + one)
                    continue
                _finish(one, scanner, done, summary, how)
                progress.advance(task)
    except KeyboardInterrupt:
        goes_on = (
            " 同じ --state で続けられます / run again with the same --state to go on" if how.state else ""
        )
        console.print(f"途中で止めました / stopped before the end.{goes_on}", highlight=False, soft_wrap=True)
        code = ENDED
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        scanner.close()
        if done is not None:
            done.close()
    if summary.documents > 1 and (not how.as_json or sys.stderr.isatty()):
        summary.show(console, seconds=time.monotonic() - begun)
    return summary.exit_code if code is None else code


def _progress(console: Console) -> Progress:
    progress = Progress(
        TextColumn("検査 / scan"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )
    progress.disable = not sys.stderr.isatty()
    return progress


def _asked(
    wanted: Sequence[str], scanner: Scanner, done: Done, pool: ThreadPoolExecutor, max_bytes: int
) -> Iterator[_Asked | int]:
    """Ask for each document that no earlier run knows; a number says that a file holds so many more than one."""
    for path in wanted:
        for number, document in enumerate(documents(path, max_bytes=max_bytes)):
            if number:
                yield 1
            digest = digest_of(document)
            known = None if document.error else done.get(document.path, digest)
            future = None if known else pool.submit(_timed, scanner, document)
            yield _Asked(document.path, digest, known, future)


def _timed(scanner: Scanner, document: Document) -> tuple[Scanned, float]:
    begun = time.monotonic()
    return scanner.scan(document), time.monotonic() - begun


def _some_ahead(asked: Iterator[_Asked | int], ahead: int) -> Iterator[_Asked | int]:
    """Let a few be under way at once, and give them in their order."""
    under_way: deque[_Asked | int] = deque()
    for one in asked:
        under_way.append(one)
        if len(under_way) > ahead:
            yield under_way.popleft()
    yield from under_way


def _finish(one: _Asked, scanner: Scanner, done: Done, summary: Summary, how: How) -> None:
    """Print what came of a document, and keep it."""
    if one.known is not None:
        summary.add(one.path, one.known, earlier=True)
    elif one.scanned is not None:
        scanned, seconds = one.scanned.result()
        if how.as_json:
            lines = [json.dumps(as_object(scanned), ensure_ascii=False)]
        else:
            lines = [as_line(scanned), *(as_explanation(scanned, scanner.kind_names) if how.spans else ())]
        print(*lines, sep="\n", flush=True)  # noqa: T201 - this is the command's output
        result = _result(scanned, seconds)
        summary.add(one.path, result)
        if scanned.error is None and PASSING_TROUBLE.isdisjoint(result.gaps):
            done.keep(one.path, one.digest, result)


def _result(scanned: Scanned, seconds: float) -> Result:
    if scanned.verdict is None or scanned.exposure is None:
        return Result(verdict=ERROR, seconds=round(seconds, 3))
    return Result(
        verdict=scanned.verdict.decision,
        people=scanned.exposure.people,
        rules=tuple(reason.rule for reason in scanned.verdict.reasons),
        gaps=tuple(scanned.exposure.gaps),
        seconds=round(seconds, 3),
    )
