"""P5, P7, P10, P11: what comes in is unpacked and judged, while more comes in.

In: a Ground. Out: Figures. Fails: RuntimeError where something was not held, or not in time for the figure to mean anything.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import median

from tests.bench import load, sekisho
from tests.bench.figures import WARM_UP_MAILS, Figure, Ground
from tests.bench.inspecting import sha256_seconds


def whole_way(ground: Ground) -> Iterator[Figure]:
    """P11, P7, P5: W2 accepted, unpacked, judged and held; and what its ZIP costs each further mail."""
    alone, whole, verdict, with_list, without_list = [], [], [], [], []
    for _ in range(ground.rounds):
        with sekisho.running(ground.folder) as gateway:
            alone.append(load.send(gateway.port, "w2", ground.mails).seconds)
        accepted, judged, cpu = _judged(ground, "w2")
        whole.append(accepted + judged)
        verdict.append(judged)
        with_list.append(cpu)
        without_list.append(_judged(ground, "w2-without-list")[2])
    yield Figure(
        goal="P11",
        what="W2 accepted, unpacked, judged, held",
        measured=f"{median(whole):.2f} s",
        reference=f"accepting alone {median(alone):.2f} s",
        ratio=median(whole) / median(alone),
        at_most=1.3,
    )
    seconds = median(verdict)
    yield Figure(
        goal="P7",
        what="W2's verdict after the quiet period, s",
        measured=f"{seconds:.2f} s",
        ratio=seconds,
        at_most=1,
    )
    again = max(median(with_list) - median(without_list), 0) / ground.mails
    sha = sha256_seconds()
    yield Figure(
        goal="P5",
        what="W2's ZIP again, CPU of the workers",
        measured=f"{again * 1e3:.2f} ms a mail",
        reference=f"its SHA-256 {sha * 1e3:.2f} ms",
        ratio=again / sha,
        at_most=3,
    )


def beside_a_huge_one(ground: Ground) -> Iterator[Figure]:
    """P10: W1 accepted while W4 is being judged, against W1 accepted alone."""
    alone, beside = [], []
    for _ in range(ground.rounds):
        with sekisho.running(ground.folder, roles="smtp,worker", quiet_seconds=600) as gateway:
            load.send(gateway.port, "w1", WARM_UP_MAILS)
            gateway.wait_for_inspection()
            alone.append(load.send(gateway.port, "w1", ground.mails).rate)
            gateway.wait_for_inspection()
            load.send(gateway.port, "w4", ground.huge_megabytes)
            gateway.wait_for_work()
            beside.append(load.send(gateway.port, "w1", ground.mails).rate)
            if gateway.uninspected() == 0:
                raise RuntimeError("W4 was read before W1 had been accepted: give it more megabytes")
    yield Figure(
        goal="P10",
        what=f"W1 accepted while {ground.huge_megabytes} MB of CSV are judged",
        measured=f"{median(beside):,.0f} mails/s",
        reference=f"alone {median(alone):,.0f}/s",
        ratio=median(beside) / median(alone),
        at_least=0.7,
    )


def _judged(ground: Ground, workload: str) -> tuple[float, float, float]:
    """Send a workload through the whole gateway: seconds to accept it, seconds more to judge it, CPU of the workers."""
    with sekisho.running(ground.folder, roles="smtp,worker") as gateway:
        load.send(gateway.port, "w1", 2)  # starts the workers
        gateway.wait_for_verdicts(2)
        before = gateway.worker_cpu_seconds()
        sent = load.send(gateway.port, workload, ground.mails)
        gateway.wait_for_verdicts(ground.mails + 2)
        more = time.monotonic() - sent.ended_at - sekisho.QUIET_SECONDS
        cpu = gateway.worker_cpu_seconds() - before
        if workload == "w2" and gateway.held() != ground.mails:
            raise RuntimeError(f"{gateway.held()} mails of W2 are held, of {ground.mails}")
    return sent.seconds, more, cpu
