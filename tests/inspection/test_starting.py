"""What cannot start says so in one line: the error's type and its module, no trace and no value."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

START = """
import structlog
from gateway.inspection import jobs
from gateway.inspection.jobs import Sought
from gateway.inspection.sandbox import NotStarted, Sandbox, limits_of
from gateway.log import set_up
from gateway.settings import InspectSettings, LogSettings
if __name__ == "__main__":
    set_up(LogSettings())
    sandbox = Sandbox(limits_of(InspectSettings()), workers=1, sought=Sought())
    try:
        sandbox.run(jobs.ReadDocument(raw=b"", name="a", secret=b"", spans=False))
    except NotStarted:
        print("not started")
    finally:
        sandbox.close()
"""


def test_a_worker_that_fails_at_import_is_one_line(tmp_path):
    (tmp_path / "pandas.py").write_text("raise ImportError('hunter2', name='pandas')\n")
    script = tmp_path / "start.py"
    script.write_text(START)
    run = subprocess.run(
        [sys.executable, str(script)],
        capture_output=True, text=True, timeout=60, check=True,
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{Path.cwd()}"},
    )  # fmt: skip
    assert run.stdout == "not started\n"
    (line,) = run.stderr.splitlines()
    said = json.loads(line)
    assert (said["event"], said["error"], said["module"]) == (
        "inspection.worker_not_started",
        "ImportError",
        "pandas",
    )


def test_a_role_that_fails_is_one_line(tmp_path):
    script = tmp_path / "start.py"
    script.write_text(
        "from gateway import app\n"
        "from gateway.log import set_up\n"
        "from gateway.settings import LogSettings, Settings\n"
        "def fails(settings):\n"
        "    raise ValueError('hunter2')\n"
        "app.open_database = fails\n"
        "set_up(LogSettings())\n"
        "app.run_role(Settings(), app.RunRole.WORKER)\n"
    )
    run = subprocess.run(
        [sys.executable, str(script)],
        capture_output=True, text=True, timeout=60, check=False,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )  # fmt: skip
    assert run.returncode == 1
    (line,) = run.stderr.splitlines()
    said = json.loads(line)
    assert (said["event"], said["role"], said["error"], said["module"]) == (
        "role.failed",
        "worker",
        "ValueError",
        "__main__:5",
    )
