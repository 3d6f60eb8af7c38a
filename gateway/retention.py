"""Removing what is past its term: the mails of finished sends, and later what is known of them.

In: settings, the time. Out: rows removed, each send's end in the event chain. Fails: never; trouble leaves everything
where it is until the next round.

Small steps, so that a mail that comes in meanwhile waits for milliseconds. Held and unfinished sends are never touched
(store/retention.py); events stay.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta

import structlog

from gateway.model import Event
from gateway.settings import RetentionSettings
from gateway.store import events, retention
from gateway.store.database import Database

log = structlog.get_logger()

ROUND_SECONDS = 86_400.0  # terms are days, and looking for parts reads every mail
SENDS_A_READING = 1000
ROWS_A_STEP = 500
BLOBS_A_STEP = 2  # each may be as large as a mail


class Retention:
    """The one who clears up."""

    def __init__(
        self, database: Database, settings: RetentionSettings, *, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._contents_stay = timedelta(days=settings.quarantine_days)
        self._evidence_stays = timedelta(days=settings.evidence_days)
        self._clock = clock

    async def run(self, stop: asyncio.Event) -> None:
        """Clear up at the start and then every day, until told to stop."""
        while not stop.is_set():
            steps = self.steps()
            try:
                while not stop.is_set() and await asyncio.to_thread(next, steps, False):
                    pass
            except Exception as error:  # noqa: BLE001 - nothing is lost by what stays
                log.error("retention.failed", error=type(error).__name__)  # noqa: TRY400 - a trace could show values
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), ROUND_SECONDS)

    def steps(self) -> Iterator[bool]:
        """Do one round, a short transaction at each step."""
        while full := self._past(retention.with_contents, self._contents_stay):
            for send_id in full:
                yield from self._empty(send_id)
        while known := self._past(retention.with_evidence, self._evidence_stays):
            for send_id in known:
                yield from self._forget(send_id)
        for shared, limit in ((retention.BLOBS, BLOBS_A_STEP), (retention.INSPECTIONS, ROWS_A_STEP)):
            with self._database.read() as tx:
                unneeded = retention.unneeded(tx, shared)
            for start in range(0, len(unneeded.keys), limit):
                with self._database.write("retention") as tx:
                    retention.remove(tx, shared, unneeded, start, start + limit)
                yield True

    def _past(self, which: Callable[..., list[str]], stays: timedelta) -> list[str]:
        with self._database.read() as tx:
            return which(tx, finished_before=self._clock() - stays, limit=SENDS_A_READING)

    def _empty(self, send_id: str) -> Iterator[bool]:
        emptied = ROWS_A_STEP
        while emptied == ROWS_A_STEP:
            with self._database.write("retention") as tx:
                emptied = retention.remove_contents(tx, send_id, limit=ROWS_A_STEP)
                if emptied < ROWS_A_STEP:
                    mails = retention.contents_are_gone(tx, send_id, now=self._clock())
                    events.append(tx, self._told("send.contents_purged", send_id, mails=mails))
            yield True
        log.info("send.contents_purged", send=send_id, mails=mails)

    def _forget(self, send_id: str) -> Iterator[bool]:
        gone = False
        while not gone:
            with self._database.write("retention") as tx:
                gone = retention.remove_evidence(tx, send_id, limit=ROWS_A_STEP)
                if gone:
                    events.append(tx, self._told("send.evidence_purged", send_id))
            yield True
        log.info("send.evidence_purged", send=send_id)

    def _told(self, kind: str, send_id: str, **facts: int) -> Event:
        return Event(kind=kind, at=self._clock(), actor="sekisho", send_id=send_id, facts=facts)
