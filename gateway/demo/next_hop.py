"""A next hop that delivers to nobody and writes down who got how many mails.

In: SMTP on loopback. Out: counts. Fails: never.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session


class NextHop:
    """Runs in a thread of its own; `received` counts the mails of each recipient."""

    def __init__(self) -> None:
        self.received: Counter[str] = Counter()
        self.port = 0
        self._ready = threading.Event()
        self._told: Callable[[], object] = lambda: None
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve()), name="next-hop", daemon=True
        )

    def start(self) -> None:
        """Begin to listen."""
        logging.getLogger("mail.log").setLevel(logging.ERROR)
        self._thread.start()
        self._ready.wait()

    def stop(self) -> None:
        """Stop listening."""
        self._told()
        self._thread.join(5)

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:  # noqa: ARG002, N802 - aiosmtpd's name
        """Count a mail."""
        self.received.update(envelope.rcpt_tos)
        return "250 2.0.0 Ok"

    async def _serve(self) -> None:
        loop, stop = asyncio.get_running_loop(), asyncio.Event()
        self._told = lambda: loop.call_soon_threadsafe(stop.set)
        server = await loop.create_server(
            lambda: _LongLines(self, hostname="next-hop.example.jp", loop=loop), "127.0.0.1", 0
        )
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        async with server:
            await stop.wait()


class _LongLines(SMTP):
    line_length_limit = 1 << 20
