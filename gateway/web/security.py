"""Who asks, whether the browser may be believed, and what every answer says of itself.

In: requests. Out: a Person, or a refusal. Fails: HTTPException with a plain status.

Sessions live in the store and can be ended there; a change of state needs POST, an own origin and the session's token (OWASP
ASVS 5.0, 3.5). Answers may not be framed, sniffed, cached or scripted (3.4).
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.model import Account
from gateway.store import accounts
from gateway.web.refusals import failed
from gateway.web.services import Services, services_of

log = structlog.get_logger()

MAX_BODY_BYTES = 64 << 10
MAX_DIGITS = 18  # of a number that every database takes
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks; `csrf` is the session's token, "" for an API token, which no browser sends by itself."""

    account: Account
    csrf: str


class Broken(Exception):
    """An answer that had begun cannot be ended; the connection is closed on it."""


class Guard:
    """Puts the headers on every answer, bounds what a request may bring, and says of a bug only that there is one."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self._app = app
        self._headers = HEADERS | ({"Strict-Transport-Security": "max-age=31536000"} if https else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        received = 0
        begun = False

        async def bounded() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > MAX_BODY_BYTES:
                raise HTTPException(413)
            return message

        async def with_headers(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                MutableHeaders(scope=message).update(self._headers)
            await send(message)

        try:
            await self._app(scope, bounded, with_headers)
        except Exception as error:  # noqa: BLE001 - the server would write a trace, and a trace could show values
            log.error("web.failed", error=type(error).__name__)  # noqa: TRY400 - a trace could show values
            if begun:
                raise Broken from None
            await failed(Request(scope))(scope, receive, with_headers)


def cookie_name(services: Services) -> str:
    """Give the name of the session's cookie; the prefix makes browsers hold it to https and this host."""
    return "__Host-sekisho" if services.https else "sekisho"


async def person(request: Request) -> Person | None:
    """Find out who asks: by a bearer token, or by the session's cookie."""
    services = services_of(request)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        secret, sort = token.strip(), accounts.Sort.TOKEN
    else:
        secret, sort = request.cookies.get(cookie_name(services), ""), accounts.Sort.SESSION
    if not secret:
        return None

    def look() -> accounts.Credential | None:
        with services.database.read() as tx:
            return accounts.recognised(tx, secret, sort, now=services.clock())

    found = await asyncio.to_thread(look)
    if found is None:
        return None
    return Person(found.account, found.csrf if sort is accounts.Sort.SESSION else "")


def check_change(request: Request, who: Person, token: str) -> None:
    """See that a change of state is meant: from our own page, with its token.

    Raises: HTTPException 403.
    """
    if not who.csrf:
        return
    if not same_origin(request) or not hmac.compare_digest(who.csrf.encode(), token.encode(errors="replace")):
        raise HTTPException(403)


def row_number(request: Request) -> int:
    """Read after which row a page begins.

    Raises: HTTPException 422.
    """
    text = request.query_params.get("after", "0")
    if not (text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS):
        raise HTTPException(422)
    return int(text)


def same_origin(request: Request) -> bool:
    """Tell whether a request comes from a page of ours, as far as its browser says."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is None or origin.partition("://")[2] == request.headers.get("host", "")


class Attempts:
    """Slows down who guesses passwords: a name has to wait where it failed, an address that fails a lot is slower.

    Who signs in from elsewhere does not notice; `checking` bounds what Argon2 takes of memory and processors.
    """

    LIMIT = 5  # failures of one name from one address, in a row
    PEER_LIMIT = 50  # of an address, whatever the names
    WAIT_SECONDS = 60.0
    SLOW_SECONDS = 2.0
    CHECKS_AT_ONCE = 2
    MAX_KEPT = 10_000

    def __init__(self, time: Callable[[], float]) -> None:
        self.checking = asyncio.Semaphore(self.CHECKS_AT_ONCE)
        self._time = time
        self._failures: dict[tuple[str, str], tuple[int, float]] = {}

    def begun(self, name: str, peer: str) -> float | None:
        """Count a try, before its password is looked at: many at once are many. Give the seconds to wait; None: refused.

        A try counts as a failure until it has succeeded.
        """
        now = self._time()
        if self._recent(name, peer, now) >= self.LIMIT:
            return None
        if len(self._failures) > self.MAX_KEPT:
            self._failures = {k: v for k, v in self._failures.items() if now - v[1] < self.WAIT_SECONDS}
        slow = self._recent("", peer, now) >= self.PEER_LIMIT
        for key in ((name, peer), ("", peer)):
            self._failures[key] = (self._recent(*key, now) + 1, now)
        return self.SLOW_SECONDS if slow else 0.0

    def succeeded(self, name: str, peer: str) -> None:
        """Forget the failures of this name here; the address keeps those of other names."""
        times, _ = self._failures.pop((name, peer), (0, 0.0))
        of_all, last = self._failures.get(("", peer), (0, 0.0))
        self._failures["", peer] = (max(0, of_all - times), last)

    def _recent(self, name: str, peer: str, now: float) -> int:
        times, last = self._failures.get((name, peer), (0, float("-inf")))
        return times if now - last < self.WAIT_SECONDS else 0
