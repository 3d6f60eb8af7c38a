"""Takes notices of failure (DSN) to the senders, one after the other, until the next hop has each.

In: what the ledger kept with a failure. Out: mails from the null sender. Fails: never toward a loss: what is not known to be
taken is sent again, and what nobody takes is told to the event chain.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta

import structlog

from gateway.model import Event, Recipient
from gateway.relay import outgoing
from gateway.relay.schedule import next_attempt
from gateway.relay.smarthost import Handover, HopTrouble, Smarthost
from gateway.settings import Settings
from gateway.store import dsns, events
from gateway.store.database import Database
from gateway.store.dsns import Dsn

log = structlog.get_logger()

POLL_SECONDS = 1.0
CLAIMS = 20
LEASE = timedelta(minutes=10)


class Reporter:
    """The one who tells senders, on a connection of its own."""

    def __init__(self, database: Database, settings: Settings, *, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._settings = settings.relay
        self._hop = Smarthost(settings.relay, settings.smtp.hostname)
        self._clock = clock
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="reporter")

    async def run(self, stop: asyncio.Event) -> None:
        """Send what is due until told to stop."""
        work = asyncio.get_running_loop().run_in_executor
        try:
            while not stop.is_set():
                try:
                    for dsn in await work(self._thread, self._claimed):
                        if stop.is_set():
                            break  # it is due again when its claim has run out, or at the next start
                        said = await self._sent(dsn)
                        await work(self._thread, self._settle, dsn, said)
                except Exception as error:  # noqa: BLE001 - the store will be back, and all is kept
                    log.error("reporter.failed", error=type(error).__name__)  # noqa: TRY400 - a trace could show values
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), POLL_SECONDS)
            await self._hop.close()
        finally:
            self._hop.drop()
            self._thread.shutdown(wait=False)

    async def _sent(self, dsn: Dsn) -> int:
        """Hand one over; give the reply's code, or 451 where there was none."""
        try:
            data = outgoing.data(dsn.content, b"")
            mail = Handover(sender="", parameters=(), recipients=(Recipient(address=dsn.address),), data=data)
            return (await self._hop.send(mail))[0].code
        except HopTrouble as trouble:
            log.warning("reporter.trouble", mail=dsn.mail_id, what=trouble.what)
        except Exception as error:  # noqa: BLE001 - a bug: this one counts its tries, the others have their turn
            log.error("reporter.failed", mail=dsn.mail_id, error=type(error).__name__)  # noqa: TRY400 - no values in logs
            self._hop.drop()
        return 451

    def _claimed(self) -> list[Dsn]:
        now = self._clock()
        with self._database.read() as tx:
            if not dsns.any_due(tx, now=now):
                return []
        with self._database.write("relay") as tx:
            return dsns.claim(tx, now=now, again_at=now + LEASE, limit=CLAIMS)

    def _settle(self, dsn: Dsn, code: int) -> None:
        """Forget it, have it tried again, or tell that nobody takes it."""
        now = self._clock()
        again_at = (
            None
            if code // 100 in (2, 5)
            else next_attempt(
                dsn.attempts + 1,
                retry_seconds=self._settings.retry_seconds,
                give_up_hours=self._settings.give_up_hours,
                now=now,
            )
        )
        with self._database.write("relay") as tx:
            if again_at is not None:
                dsns.try_again(tx, dsn, at=again_at)
                return
            dsns.remove(tx, dsn)
            if code // 100 != 2:
                facts = {"mail": dsn.mail_id, "code": code}
                events.append(
                    tx,
                    Event(
                        kind="dsn.undeliverable", at=now, actor="sekisho", send_id=dsn.send_id, facts=facts
                    ),
                )
                log.warning("reporter.undeliverable", mail=dsn.mail_id, code=code)
