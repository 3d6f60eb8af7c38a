"""The program is told to stop at any time of its start: it goes at once, and says nothing of what it had not begun."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request

import pytest

from tests.wire.program import Program, running


def test_what_opens_untrusted_bytes_begins_without_the_folder_of_the_metrics(tmp_path):
    gone = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "gone")}
    begun = [sys.executable, "-c", "import gateway.inspection.inside, gateway.inspection.worker"]
    ended = subprocess.run(begun, env=gone, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize("seconds", [0.05, 0.2, 0.4])
def test_it_may_be_told_to_stop_while_its_first_worker_begins(tmp_path, capfd, seconds):
    program = Program(tmp_path)
    with running(program):
        with urllib.request.urlopen(f"http://127.0.0.1:{program.web_port}/metrics", timeout=10) as answer:
            answer.read()  # begins the self-test, and with it a worker, which nobody waits for
        time.sleep(seconds)
    time.sleep(3)  # what was begun ends without its parent
    assert "Traceback" not in capfd.readouterr().err
