"""`make bench`, `python -m tests.bench [--quick] [--rounds N] [--only P1,P2]`.

In: arguments. Out: the table, line by line as it is measured. Fails: exit 1 where a bar is missed.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.bench import accepting, inspecting, judging, postfix, registering, relaying
from tests.bench.figures import Ground, heading

MEASURES = {
    inspecting.floor: {"R"},
    inspecting.first_verdict: {"P4"},
    inspecting.huge: {"P6"},
    inspecting.workbook: {"P12"},
    accepting.against_postfix: {"P1", "P2", "P3"},
    accepting.byte_exact: {"P3"},
    accepting.memory: {"P8"},
    judging.whole_way: {"P5", "P7", "P11"},
    judging.beside_a_huge_one: {"P10"},
    relaying.against_release: {"P9"},
    registering.registered: {"EDM"},
}


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one round, a tenth of the mails: does it run?")
    parser.add_argument(
        "--rounds", type=int, default=3, help="interleaved rounds; 3 or more make a median (default: 3)"
    )
    parser.add_argument("--only", default="", help="some goals, as P1,P2")
    parser.add_argument(
        "--folder", type=Path, default=Path(tempfile.gettempdir()), help="on the disk to be measured"
    )
    arguments = parser.parse_args()
    wanted = set(filter(None, arguments.only.upper().split(",")))
    missed = 0
    with ExitStack() as stack:
        folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="sekisho-bench-", dir=arguments.folder))
        )
        folder.chmod(0o755)  # Postfix's own user has to get in
        has_postfix = postfix.available()
        ground = Ground(
            folder=folder,
            rounds=1 if arguments.quick else arguments.rounds,
            mails=200 if arguments.quick else 2000,
            huge_megabytes=20 if arguments.quick else 100,
            postfix=stack.enter_context(postfix.running(folder)) if has_postfix else None,
        )
        print(
            f"{ground.rounds} rounds, {ground.mails} mails, {os.cpu_count()} cores, Python {platform.python_version()}",
            flush=True,
        )
        if not has_postfix:
            print("no Postfix here (or not root): its ratios stay empty", flush=True)
        print(heading(), flush=True)
        for measure, goals in MEASURES.items():
            if wanted and not wanted & goals:
                continue
            for figure in measure(ground):
                print(figure.line(), flush=True)
                missed += figure.missed
    print(f"{missed} missed" if missed else "all bars reached")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
