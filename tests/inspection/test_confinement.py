"""A parser that was taken over can do nothing but answer; where the kernel cannot see to that, it is said."""

from __future__ import annotations

import io
import lzma
import sys
from pathlib import Path

import py7zr
import pytest
import structlog

from gateway.inspection import jobs, sandbox, worker
from gateway.inspection.sandbox import Died, Sandbox
from gateway.model import GapReason
from gateway.selftest import planted_leak_is_held
from gateway.settings import Settings
from tests.inspection import hostile
from tests.inspection.workers import LIMITS
from tests.unpack import archive_samples
from tests.unpack.documents import TABLES, TEXTS

HARMLESS = {"load a library", "start a thread"}
TALKING = {"connect by TCP", "send by UDP", "open a socket in a thread", "set up io_uring"}
RUNNING = {"start a program", "replace itself by a program", "fork"}
OTHERS = {"signal its parent", "limit its parent"}
READING = {"read a file of others", "list a folder of others", "read the parent's environment"}
CHANGING = {
    "make a file",
    "make a temporary file",
    "overwrite a file",
    "make a folder",
    "remove a file",
    "rename a file",
    "link to a file",
}
MEMORY = {"take all the memory"}  # by the limits, which there are on every Linux
EVERYTHING = MEMORY | TALKING | RUNNING | OTHERS | READING | CHANGING


def in_7z(raw: bytes) -> bytes:
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w") as archive:
        archive.writef(io.BytesIO(raw), "名簿.csv")
    return out.getvalue()


DOCUMENTS = TABLES | {
    "pdf": TEXTS["pdf"],
    "7z": in_7z(TABLES["csv"]),
    "lzh": archive_samples.LZH,
    "rar": archive_samples.RAR_STORED,
    "xz": lzma.compress(TABLES["csv"]),
    "what libmagic knows": b"\x7fELF\2\1\1" + bytes(57),
}


class Confined:
    """One real worker with a hostile parser."""

    def __init__(self, monkeypatch, serve) -> None:
        monkeypatch.setattr(sandbox, "serve", serve)
        self.sandbox = Sandbox(LIMITS, workers=1, sought=jobs.Sought())

    def tries(self, folder: Path | str, *acts: str) -> dict[str, str]:
        """Give what came of each act."""
        raw = "\n".join((str(folder), *acts)).encode()
        job = jobs.ReadDocument(raw=raw, name="a.txt", secret=b"s" * 32)
        read = jobs.DOCUMENT_READ.validate_json(self.sandbox.run(job))
        return {part.path[0]: part.path[1] for part in read.attached.parts}

    def needs(self, *mechanisms: str) -> None:
        """Skip where the kernel has not what a test is about."""
        self.sandbox.begin()
        assert self.sandbox.confinement is not None
        missing = set(mechanisms).intersection(self.sandbox.confinement.missing)
        if missing:
            pytest.skip(f"this kernel gives no {' and no '.join(sorted(missing))} ({sys.platform})")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "secret.txt").write_text("hunter2")
    return tmp_path


@pytest.fixture
def confined(monkeypatch):
    begun: list[Confined] = []

    def begin(serve=hostile.serve) -> Confined:
        begun.append(Confined(monkeypatch, serve))
        return begun[-1]

    yield begin
    for one in begun:
        one.sandbox.close()


def denied(outcomes: dict[str, str]) -> set[str]:
    assert set(outcomes.values()) <= {"denied", "done"}
    return {name for name, outcome in outcomes.items() if outcome == "denied"}


def test_a_parser_that_was_taken_over_is_denied_everything_but_computing(confined, folder):
    taken = confined()
    taken.needs("landlock", "seccomp")
    outcomes = taken.tries(folder)
    assert denied(outcomes) == EVERYTHING
    assert {name for name, outcome in outcomes.items() if outcome == "done"} == HARMLESS
    assert [(file.name, file.read_text()) for file in folder.iterdir()] == [("secret.txt", "hunter2")]


def test_without_landlock_files_can_be_read_but_nothing_changed_and_nobody_spoken_to(confined, folder):
    taken = confined(hostile.serve_without_landlock)
    taken.needs("seccomp")
    assert taken.sandbox.confinement.missing == ("landlock",)
    assert denied(taken.tries(folder)) == EVERYTHING - READING
    assert (folder / "secret.txt").read_text() == "hunter2"


def test_without_seccomp_files_are_still_out_of_reach(confined, folder):
    taken = confined(hostile.serve_without_seccomp)
    taken.needs("landlock")
    assert taken.sandbox.confinement.missing == ("seccomp",)
    tried = MEMORY | READING | CHANGING | {"start a program", "load a library", "start a thread"}
    assert denied(taken.tries(folder, *tried)) == MEMORY | READING | CHANGING | {"start a program"}
    assert (folder / "secret.txt").read_text() == "hunter2"


def test_without_both_parts_are_inspected_and_it_is_said_aloud(confined, folder):
    taken = confined(hostile.serve_without_both)
    with structlog.testing.capture_logs() as said:
        taken.sandbox.begin()
        assert taken.tries(folder, "load a library") == {"load a library": "done"}
    (line,) = [one for one in said if one["event"].startswith("inspection.")]
    assert (line["event"], line["log_level"], line["missing"]) == (
        "inspection.not_confined",
        "warning",
        ("landlock", "seccomp"),
    )


def test_what_is_in_force_is_said_when_the_gateway_begins(confined):
    taken = confined()
    with structlog.testing.capture_logs() as said:
        taken.sandbox.begin()
    missing = taken.sandbox.confinement.missing
    assert [one["event"] for one in said] == ["inspection.not_confined" if missing else "inspection.confined"]


@pytest.fixture(scope="module")
def ordinary():
    sandbox = Sandbox(LIMITS, workers=1, sought=jobs.Sought())
    yield sandbox
    sandbox.close()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_is_confined_reads_what_the_unconfined_reads(ordinary, name):
    job = jobs.ReadDocument(raw=DOCUMENTS[name], name="a", secret=b"s" * 32)
    confined = jobs.DOCUMENT_READ.validate_json(ordinary.run(job))
    assert confined == jobs.DOCUMENT_READ.validate_json(worker.do(job, LIMITS, jobs.Sought()))
    assert confined.attached.parts


@pytest.mark.parametrize("death", ["abort", "kill"])
def test_a_confined_worker_can_still_die(confined, death):
    with pytest.raises(Died) as died:
        confined().tries(death)
    assert died.value.reason is GapReason.CRASHED


def test_the_selftest_says_what_is_in_force(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    outcome = planted_leak_is_held(Settings())
    assert outcome.held and "landlock=" in outcome.line and "seccomp=" in outcome.line
