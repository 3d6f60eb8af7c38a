"""The figures that are read from the store when Prometheus asks, beside those that the processes count.

In: the store. Out: the exposition. Fails: never; a figure that cannot be had is left out.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from gateway.model import State
from gateway.store import deliveries, events, sends
from gateway.store.database import Database

log = structlog.get_logger()

CHECK_SECONDS = 300.0


class Figures(Collector):
    """Reads the store at each scrape; the chain and the self-test, which take longer, every few minutes in a thread."""

    def __init__(
        self, database: Database, *, clock: Callable[[], datetime], selftest: Callable[[], bool]
    ) -> None:
        self._database = database
        self._clock = clock
        self._selftest = selftest
        self._checked: dict[str, bool] = {}
        self._checked_at = float("-inf")
        self._checking = threading.Lock()

    def exposition(self) -> tuple[bytes, str]:
        """Give all metrics as text."""
        registry = CollectorRegistry()
        if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
            text = generate_latest(registry)
        else:
            text = generate_latest(REGISTRY)
        own = CollectorRegistry()
        own.register(self)
        return text + generate_latest(own), CONTENT_TYPE_LATEST

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Read the store."""
        with self._database.read() as tx:
            counts = sends.counted(tx)
            oldest = sends.oldest_held_at(tx)
            queued = deliveries.queued(tx)
        by_state = GaugeMetricFamily("sekisho_sends", "Sends, by state", labels=["state"])
        for state in State:
            by_state.add_metric([state], counts.get(state, 0))
        yield by_state
        waited = 0.0 if oldest is None else max(0.0, (self._clock() - oldest).total_seconds())
        yield GaugeMetricFamily(
            "sekisho_oldest_held_seconds", "How long the oldest held send has waited", value=waited
        )
        yield GaugeMetricFamily(
            "sekisho_relay_queue", "Deliveries released and not yet settled", value=queued
        )
        self._check_in_time()
        for name, passed in self._checked.items():
            yield GaugeMetricFamily(f"sekisho_{name}_ok", "1 where it holds", value=float(passed))

    def _check_in_time(self) -> None:
        if time.monotonic() - self._checked_at > CHECK_SECONDS and self._checking.acquire(blocking=False):
            self._checked_at = time.monotonic()
            threading.Thread(target=self._check, name="checks", daemon=True).start()

    def _check(self) -> None:
        try:
            for name, check in (("audit", self._chain_is_whole), ("selftest", self._selftest)):
                try:
                    self._checked[name] = check()
                except Exception as error:  # noqa: BLE001 - what cannot be checked is not ok
                    log.error("check.failed", check=name, error=type(error).__name__)  # noqa: TRY400 - no values in logs
                    self._checked[name] = False
        finally:
            self._checking.release()

    def _chain_is_whole(self) -> bool:
        with self._database.read() as tx:
            return events.verify(tx) is None
