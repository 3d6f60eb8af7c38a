"""What is behind /readyz: can mail be kept, and can it go on.

In: the settings, the store. Out: each check by its name. Fails: never.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog

from gateway.settings import Settings
from gateway.store.database import Database

log = structlog.get_logger()


def readiness(settings: Settings, database: Database) -> Callable[[], Awaitable[Mapping[str, bool]]]:
    """Give the check behind /readyz: can mail be kept, and can it go on."""

    def store_usable() -> bool:
        try:
            with database.write("ready") as tx:
                tx.connection.exec_driver_sql("SELECT 1")
        except Exception as error:  # noqa: BLE001 - whatever it is, we are not ready
            log.warning("store.unusable", error=type(error).__name__)
            return False
        return True

    async def next_hop_usable() -> bool:
        try:
            async with asyncio.timeout(5):
                reader, writer = await asyncio.open_connection(settings.relay.host, settings.relay.port)
                greeting = await reader.readline()
                writer.close()
        except (OSError, TimeoutError):
            return False
        return greeting.startswith(b"220")

    async def check() -> Mapping[str, bool]:
        checks = {"store": await asyncio.to_thread(store_usable)}
        if settings.relay.host is not None:
            checks["next_hop"] = await next_hop_usable()
        return checks

    return check
