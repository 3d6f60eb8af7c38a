"""The write-ahead log is folded into the database file now and then: small on the disk, quick to open again.

In: a database. Out: nothing that is seen in it. Fails: never; a log that could not be folded is folded later.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

import structlog

from gateway.store.database import Database

log = structlog.get_logger()

ROUND_SECONDS = 5.0


class Folding:
    """The one who folds."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def run(self, stop: asyncio.Event) -> None:
        """Fold until told to stop."""
        while not stop.is_set():
            try:
                await asyncio.to_thread(self._database.fold)
            except Exception as error:  # noqa: BLE001 - the log only stays longer; a full disk is told of by others
                log.warning("store.unfolded", error=type(error).__name__)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), ROUND_SECONDS)
