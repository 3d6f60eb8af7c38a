"""P9: mail that may go, going out to a sink, beside Postfix letting go of what it had on HOLD.

In: a Ground with Postfix, whose smtp-sink takes the mail. Out: Figures. Fails: TimeoutError where mail stays.

Ours runs from the verdict to the last delivery in the ledger (policy `monitor`, which holds nothing); Postfix's from
`postsuper -H` to its empty queue.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import median

from tests.bench import load, sekisho
from tests.bench.figures import Figure, Ground
from tests.bench.postfix import Postfix, sink
from tests.bench.processes import free_port

BARS = {"w1": 1.5, "w2": 1.0}


def against_release(ground: Ground) -> Iterator[Figure]:
    """P9, for W1 and W2."""
    if ground.postfix is None:
        return
    for workload, bar in BARS.items():
        ours, theirs = [], []
        for _ in range(ground.rounds):
            theirs.append(_released(ground.postfix, workload, ground.mails))
            ours.append(_relayed(ground, workload))
        yield Figure(
            goal="P9",
            what=f"{workload.upper()} relayed to a sink",
            measured=f"{ground.mails / median(ours):,.0f} mails/s",
            reference=f"Postfix release {ground.mails / median(theirs):,.0f}/s",
            ratio=median(theirs) / median(ours),
            at_least=bar,
        )


def _released(postfix: Postfix, workload: str, mails: int) -> float:
    postfix.empty()
    load.send(postfix.port, workload, mails)
    return postfix.release()


def _relayed(ground: Ground, workload: str) -> float:
    port = free_port()
    with sink(port), sekisho.running(ground.folder, roles="smtp,worker", sink=port) as gateway:
        load.send(gateway.port, workload, ground.mails)
        gateway.wait_for_verdicts(ground.mails)
        began = time.monotonic()
        gateway.wait_for_deliveries(ground.mails)
        return time.monotonic() - began
