"""Signing in and out.

In: forms of a browser. Out: pages, the session's cookie. Fails: with the same words for an unknown name and a wrong password.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gateway.model import Event
from gateway.store import accounts, events
from gateway.web.page import show
from gateway.web.security import Attempts, check_change, cookie_name, person, same_origin
from gateway.web.services import Services


async def login_page(request: Request) -> Response:
    """Ask who it is."""
    return show(request, "login.html", failed=None)


async def login(request: Request) -> Response:
    """Check a name and a password, and begin a session."""
    services: Services = request.app.state.services
    attempts: Attempts = request.app.state.attempts
    if not same_origin(request):
        raise HTTPException(403)
    form = await request.form()
    name, password = str(form.get("name", "")), str(form.get("password", ""))
    keys = (name[: accounts.MAX_NAME].casefold() or "-", request.client.host if request.client else "")
    wait_seconds = attempts.begun(*keys)
    if wait_seconds is None:
        return show(request, "login.html", 429, failed="page.sign_in_wait")
    before = request.cookies.get(cookie_name(services), "")

    def begin() -> str | None:
        with services.database.read() as tx:
            kept = accounts.password_hash(tx, name)
        fits = accounts.password_fits(kept, password)
        with services.database.write("login") as tx:
            if fits:
                accounts.revoke(tx, before)
                lasts = timedelta(minutes=services.settings.web.session_minutes)
                return accounts.issue(tx, name, accounts.Sort.SESSION, now=services.clock(), lasts=lasts)
            events.append(tx, Event(kind="login.failed", at=services.clock(), actor="web"))
        return None

    await asyncio.sleep(wait_seconds)
    async with attempts.checking:
        secret = await asyncio.to_thread(begin)
    if secret is None:
        return show(request, "login.html", 401, failed="page.sign_in_failed")
    attempts.succeeded(*keys)
    answer = RedirectResponse("/", 303)
    answer.set_cookie(
        cookie_name(services), secret, httponly=True, samesite="lax", secure=services.https, path="/"
    )
    return answer


async def logout(request: Request) -> Response:
    """End the session, here and in the store."""
    services: Services = request.app.state.services
    who = await person(request)
    if who is not None:
        form = await request.form()
        check_change(request, who, str(form.get("csrf", "")))

        def end() -> None:
            with services.database.write("logout") as tx:
                accounts.revoke(tx, request.cookies.get(cookie_name(services), ""))

        await asyncio.to_thread(end)
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(
        cookie_name(services), httponly=True, samesite="lax", secure=services.https, path="/"
    )
    return answer


ROUTES = [
    Route("/login", login_page, methods=["GET"]),
    Route("/login", login, methods=["POST"]),
    Route("/logout", logout, methods=["POST"]),
]
