"""The last look before a mail starts: whether its send may still go.

In: ids of sends. Out: yes or no, read from the store after the question was asked. Fails: no, where the store cannot tell.

All connections ask at once; questions that come while one reading is under way share the next. So each mail costs an
eighth of a reading and none starts on an answer older than its question: after a stop is committed, no connection starts
another mail.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection

import structlog

log = structlog.get_logger()

Released = Callable[[Collection[str]], Awaitable[set[str]]]


class Gate:
    """Asks the store for many mails at once."""

    def __init__(self, released: Released) -> None:
        self._released = released
        self._asked: list[tuple[str, asyncio.Future[bool]]] = []
        self._reader: asyncio.Task[None] | None = None

    async def open_to(self, send_id: str) -> bool:
        """Tell whether a mail of this send may start now."""
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._asked.append((send_id, answer))
        if self._reader is None or self._reader.done():
            self._reader = asyncio.create_task(self._read())
        return await answer

    async def _read(self) -> None:
        while self._asked:
            asked, self._asked = self._asked, []
            try:
                released = await self._released({send_id for send_id, _ in asked})
            except Exception as error:  # noqa: BLE001 - not known to be released is not released
                log.error("relay.failed", error=type(error).__name__)  # noqa: TRY400 - a trace could show values
                released = set()
            for send_id, answer in asked:
                if not answer.done():
                    answer.set_result(send_id in released)
