"""P1, P2, P3, P8: mail accepted durably and entered in its send, beside Postfix with every mail on HOLD.

In: a Ground. Out: Figures. Fails: RuntimeError where a mail is missing or changed: then no speed counts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from statistics import median

from tests.bench import load, sekisho
from tests.bench.figures import WARM_UP_MAILS, Figure, Ground
from tests.bench.postfix import Postfix
from tests.bench.processes import forget_peak, memory_bytes
from tests.bench.workloads import plus_one


class Rounds:
    """What the rounds of one set-up gave: mails a second, bytes on the disk, bytes written on the way there."""

    def __init__(self) -> None:
        self._rates: list[float] = []
        self._stored: list[int] = []
        self._written: list[int] = []

    def add(self, sent: load.Load, *, stored: int, written: int) -> None:
        """Take a round."""
        self._rates.append(sent.rate)
        self._stored.append(stored)
        self._written.append(written)

    @property
    def rate(self) -> float:
        """Mails a second."""
        return median(self._rates)

    @property
    def stored(self) -> float:
        """Bytes on the disk afterwards."""
        return median(self._stored)

    @property
    def written(self) -> float:
        """Bytes written."""
        return median(self._written)


def against_postfix(ground: Ground) -> Iterator[Figure]:
    """P1, P2, P3. Interleaved: Postfix, then each of our set-ups, for one workload after the other."""
    ours = {("w1", 2): Rounds(), ("w2", 1): Rounds(), ("w2", 2): Rounds()}
    theirs = {"w1": Rounds(), "w2": Rounds()}
    for _ in range(ground.rounds):
        for workload in ("w1", "w2"):
            if ground.postfix is not None:
                _postfix_round(ground.postfix, workload, ground.mails, theirs[workload])
            for (ours_is, processes), rounds in ours.items():
                if ours_is == workload:
                    _sekisho_round(ground, workload, processes, rounds)
    measured = ground.postfix is not None
    for goal, bar, workload, processes in (("P1", 2.0, "w1", 2), ("P2", 0.9, "w2", 1), ("P2", 1.2, "w2", 2)):
        mine, reference = ours[workload, processes], theirs[workload]
        yield Figure(
            goal=goal,
            what=f"{workload.upper()} accepted, {processes} process{'es' * (processes > 1)}",
            measured=f"{mine.rate:,.0f} mails/s",
            reference=f"Postfix HOLD {reference.rate:,.0f}/s" if measured else "",
            ratio=mine.rate / reference.rate if measured else None,
            at_least=bar,
        )
    for what, bar, figure in (("on disk", 0.05, Rounds.stored), ("bytes written", 0.15, Rounds.written)):
        mine_bytes = figure.__get__(ours["w2", 2])
        reference_bytes = figure.__get__(theirs["w2"]) if measured else 0
        yield Figure(
            goal="P3",
            what=f"W2 {what}",
            measured=f"{mine_bytes / 1e6:,.0f} MB",
            reference=f"Postfix HOLD {reference_bytes / 1e6:,.0f} MB" if measured else "",
            ratio=mine_bytes / reference_bytes if measured else None,
            at_most=bar,
        )


def byte_exact(ground: Ground) -> Iterator[Figure]:
    """P3: what is kept is what came in, byte for byte."""
    mails = min(ground.mails, 200)
    with sekisho.running(ground.folder) as gateway:
        load.send(gateway.port, "w2", mails)
        kept = sorted(hashlib.sha256(raw).digest() for raw in gateway.contents())
    sent = sorted(hashlib.sha256(mail.raw).digest() for mail in plus_one(mails))
    same = len(set(kept) & set(sent)) / len(set(sent)) if len(kept) == len(sent) else 0.0
    yield Figure(
        goal="P3",
        what="W2 kept byte-exact, share of mails",
        measured=f"{mails} mails",
        ratio=same,
        at_least=1,
    )


def memory(ground: Ground) -> Iterator[Figure]:
    """P8: how much an accepting process grows under W2 over 20 connections."""
    with sekisho.running(ground.folder) as gateway:
        load.send(gateway.port, "w1", WARM_UP_MAILS)
        before = {process: memory_bytes(process) for process in gateway.accepting()}
        for process in before:
            forget_peak(process)
        load.send(gateway.port, "w2", ground.mails)
        mebibytes = max(memory_bytes(process, peak=True) - was for process, was in before.items()) / 2**20
    yield Figure(
        goal="P8",
        what="accepting process grows under W2 by, MiB",
        measured=f"{mebibytes:.0f} MiB",
        ratio=mebibytes,
        at_most=64,
    )


def _postfix_round(postfix: Postfix, workload: str, mails: int, rounds: Rounds) -> None:
    load.send(postfix.port, workload, WARM_UP_MAILS)
    postfix.empty()
    before = postfix.written()
    sent = load.send(postfix.port, workload, mails)
    if postfix.held() != mails:
        raise RuntimeError(f"Postfix holds {postfix.held()} of {mails} mails")
    rounds.add(sent, stored=postfix.queue_bytes(), written=postfix.written() - before)
    postfix.empty()


def _sekisho_round(ground: Ground, workload: str, processes: int, rounds: Rounds) -> None:
    with sekisho.running(ground.folder, processes=processes) as gateway:
        load.send(gateway.port, "w1", WARM_UP_MAILS)
        stored, written = gateway.stored_bytes(), gateway.written()
        sent = load.send(gateway.port, workload, ground.mails)
        if gateway.mails() != WARM_UP_MAILS + ground.mails:
            raise RuntimeError(f"{gateway.mails()} mails are kept, of {WARM_UP_MAILS + ground.mails}")
        rounds.add(sent, stored=gateway.stored_bytes() - stored, written=gateway.written() - written)
