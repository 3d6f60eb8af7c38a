"""A sandbox may be closed at any time: who waits for a job hears that, and nothing else goes wrong."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

import detectors
from gateway.inspection.jobs import ReadDocument, Sought
from gateway.inspection.sandbox import Closed, Sandbox
from tests.inspection.workers import LIMITS

WORKERS = 3
SLOW = Sought(kinds=(detectors.OwnKind(kind="endless", pattern="(?:x|xx)+y"),))
JOB = ReadDocument(raw=b"x" * 60, name="note.txt", secret=b"s" * 32)


class Waiting(Sandbox):
    """A sandbox that tells when all of its workers are at work."""

    def __init__(self) -> None:
        super().__init__(LIMITS, workers=WORKERS, sought=SLOW)
        self.at_work = threading.Barrier(WORKERS + 1)

    def job(self) -> bytes:
        """Do a job that takes seconds."""
        self.at_work.wait()
        return self.run(JOB)


def test_a_sandbox_that_is_closed_amid_its_jobs_says_so_to_each():
    with ThreadPoolExecutor(WORKERS) as threads:
        for _ in range(3):
            sandbox = Waiting()
            sandbox.begin()
            jobs = [threads.submit(sandbox.job) for _ in range(WORKERS)]
            sandbox.at_work.wait()
            sandbox.close()
            for job in jobs:
                with pytest.raises(Closed):
                    job.result()
