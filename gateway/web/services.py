"""What the web room is given.

In: nothing. Out: Services. Fails: never.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from starlette.requests import Request

from gateway.inspection.evidence import Reader
from gateway.inspection.locks import Locks
from gateway.settings import Settings
from gateway.store.database import Database, Transaction

Seen = TypeVar("Seen")


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The store, the settings, the time, and what needs other rooms."""

    database: Database
    settings: Settings
    clock: Callable[[], datetime]
    readiness: Callable[[], Awaitable[Mapping[str, bool]]]
    evidence: Reader
    locks: Locks
    selftest: Callable[[], bool]  # a planted leak is held; takes a while
    kind_names: Mapping[str, Mapping[str, str]] = field(
        default_factory=dict
    )  # of kinds of the policy, by language

    @property
    def https(self) -> bool:
        """Whether the pages are reached by https."""
        return self.settings.web.tls_cert is not None or (self.settings.web.public_url or "").startswith(
            "https://"
        )

    async def read(self, look: Callable[[Transaction], Seen]) -> Seen:
        """Look at the store, in one state of it, without keeping others waiting."""

        def in_transaction() -> Seen:
            with self.database.read() as tx:
                return look(tx)

        return await asyncio.to_thread(in_transaction)


def services_of(request: Request) -> Services:
    """Give what the application was given."""
    services: Services = request.app.state.services
    return services
