"""A next hop that delivers to nobody and writes down who got how many mails.

In: SMTP on loopback. Out: counts. Fails: never.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import Counter
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session


class NextHop:
    """Runs in a thread of its own; `received` counts the mails of each recipient."""

    def __init__(self) -> None:
        self.received: Counter[str] = Counter()
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="next-hop", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        logging.getLogger("mail.log").setLevel(logging.ERROR)
        self._thread.start()
        self._ready.wait()

    def stop(self) -> None:
        """Stop listening."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:  # noqa: ARG002, N802 - aiosmtpd's name
        """Count a mail."""
        self.received.update(envelope.rcpt_tos)
        return "250 2.0.0 Ok"

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        serving = self._loop.create_server(
            lambda: _LongLines(self, hostname="next-hop.example.jp", loop=self._loop), "127.0.0.1", 0
        )
        server = self._loop.run_until_complete(serving)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()


class _LongLines(SMTP):
    line_length_limit = 1 << 20
