"""The command `sekisho scan`, killed in the middle and run again."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.unit.test_scan_archives import mail, mbox
from tests.wire.program import environment, until

MAILS = 300


def test_what_was_killed_goes_on_where_it_was(tmp_path):
    (tmp_path / "box").write_bytes(mbox(*(mail(number) for number in range(MAILS))))
    state = tmp_path / "state"
    command = [sys.executable, "-m", "gateway", "scan", "--json", "--jobs", "1", "--state", str(state), "box"]
    whole = {"cwd": tmp_path, "env": environment(), "text": True}
    first = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **whole)
    until(lambda: state.exists() and state.read_text().count("\n") > 20)
    first.kill()
    first.communicate()
    kept = state.read_text().count("\n") - 1
    second = subprocess.run(command, capture_output=True, check=False, timeout=120, **whole)
    assert second.returncode == 0, second.stderr
    read = [json.loads(line)["path"] for line in second.stdout.splitlines()]
    assert len(read) == MAILS - kept
    known = {json.loads(line)["path"] for line in state.read_text().splitlines()[1:] if line.endswith("}}")}
    assert known == {f"box/mail {number}" for number in range(1, MAILS + 1)}
