"""The review pages: what is held, why, and the two people's decision. No script; a form is all it takes.

In: requests of a browser. Out: HTML. Fails: an error page in plain words.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from babel.dates import format_datetime, get_timezone
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.templating import Jinja2Templates

from gateway import locale
from gateway.errors import NotAllowed, NotFound, Stale
from gateway.model import Choice, Event, State
from gateway.review import approvals
from gateway.sends.merge import merge_fields
from gateway.store import accounts, events, mails, sends
from gateway.store.database import Transaction
from gateway.web import acts
from gateway.web.security import Person, check_change, cookie_name, person, same_origin
from gateway.web.services import Services
from gateway.web.views import send_json, send_line

TABS = (State.HELD, State.RELEASING, State.STOPPED, State.DONE, State.REJECTED, State.EXPIRED)
TEMPLATE_SAMPLES = 3
STEERING_ACTS = {"stop": acts.stop, "resume": acts.resume, "withdraw": acts.withdraw}
TOKYO = get_timezone("Asia/Tokyo")

templates = Jinja2Templates(directory=__file__.removesuffix("pages.py") + "templates")
Page = Callable[[Request, Person], Awaitable[Response]]


def lang_of(request: Request) -> str:
    """Choose the language: as asked, as before, as the browser says; else Japanese."""
    for wanted in (
        request.query_params.get("lang"),
        request.cookies.get("lang"),
        request.headers.get("accept-language", "ja")[:2],
    ):
        if wanted in locale.LANGUAGES:
            return wanted
    return "ja"


def show(request: Request, template: str, status: int = 200, **values: Any) -> Response:
    """Fill a template."""
    lang = lang_of(request)

    def when(text: str | None) -> str:
        return (
            ""
            if text is None
            else format_datetime(datetime.fromisoformat(text), "short", tzinfo=TOKYO, locale=lang)
        )

    context = {
        "t": lambda key, **filled: locale.text(lang, key, **filled),
        "word": lambda section, key: locale.text_or(lang, f"{section}.{key}", str(key)),
        "when": when,
        "lang": lang,
        **values,
    }
    answer = templates.TemplateResponse(request, template, context, status_code=status)
    answer.set_cookie(
        "lang",
        lang,
        samesite="lax",
        httponly=True,
        secure=request.app.state.services.https,
        max_age=31_536_000,
    )
    return answer


def signed_in(page: Page) -> Callable[[Request], Awaitable[Response]]:
    """Send to the login who is not known; say in plain words what went wrong."""

    async def guarded(request: Request) -> Response:
        who = await person(request)
        if who is None:
            return RedirectResponse("/login", 303)
        try:
            return await page(request, who)
        except NotAllowed as error:
            return show(request, "error.html", 403, code=error.reason, who=who)
        except Stale:
            return show(request, "error.html", 409, code="stale", who=who)
        except NotFound:
            return show(request, "error.html", 404, code="not-found", who=who)
        except HTTPException as error:
            return show(request, "error.html", error.status_code, code="cross-site", who=who)

    return guarded


@signed_in
async def home(request: Request, who: Person) -> Response:
    """List the sends of a state, the held ones first of all."""
    services: Services = request.app.state.services
    asked = request.query_params.get("state", State.HELD)
    state = State(asked) if asked in set(State) else None

    def look(tx: Transaction) -> tuple[list[dict[str, Any]], dict[State, int]]:
        return [send_line(send) for send in sends.listed(tx, [state] if state else [])], sends.counted(tx)

    found, counts = await _read(services, look)
    return show(request, "home.html", sends=found, counts=counts, tabs=TABS, state=state, who=who)


@signed_in
async def send_page(request: Request, who: Person) -> Response:
    """Show one send."""
    services: Services = request.app.state.services
    needed = services.settings.review.approvals

    def look(tx: Transaction) -> tuple[dict[str, Any], bool, bool, list[str]]:
        send = sends.get(tx, request.path_params["id"])
        try:
            approvals.check(send, who.account, sends.approvals(tx, send.id), seen=send.seen or "")
            may_decide = True
        except (NotAllowed, Stale):
            may_decide = False
        samples = [mail.id for mail in mails.samples(tx, send.id, limit=TEMPLATE_SAMPLES)]
        return send_json(tx, send, needed=needed), may_decide, acts.may_withdraw(who.account, send), samples

    send, may_decide, may_withdraw, samples = await _read(services, look)
    template = merge_fields(await services.texts_of(samples))
    return show(
        request,
        "send.html",
        send=send,
        template_pieces=template,
        may_decide=may_decide,
        may_steer=who.account.role in acts.STEERING,
        may_withdraw=may_withdraw,
        who=who,
    )


@signed_in
async def decide(request: Request, who: Person) -> Response:
    """Take the form of a decision."""
    services: Services = request.app.state.services
    form = await request.form()
    await check_change(request, who, str(form.get("csrf", "")))
    choice = Choice.REJECT if form.get("decision") == Choice.REJECT else Choice.APPROVE
    if choice is Choice.APPROVE and form.get("confirm") != "yes":
        raise NotAllowed("not-confirmed")
    send_id = request.path_params["id"]
    await asyncio.to_thread(
        acts.decide,
        services.database,
        send_id,
        who.account.name,
        choice=choice,
        seen=str(form.get("seen", "")),
        comment=str(form.get("comment", "")),
        needed=services.settings.review.approvals,
        now=services.clock(),
    )
    return RedirectResponse(f"/sends/{send_id}", 303)


def _steering(name: str) -> Callable[[Request], Awaitable[Response]]:
    """Give the page that takes the form of a stop, a resumption or a withdrawal."""

    @signed_in
    async def steer(request: Request, who: Person) -> Response:
        services: Services = request.app.state.services
        form = await request.form()
        await check_change(request, who, str(form.get("csrf", "")))
        send_id = request.path_params["id"]
        await asyncio.to_thread(
            STEERING_ACTS[name], services.database, send_id, who.account.name, now=services.clock()
        )
        return RedirectResponse(f"/sends/{send_id}", 303)

    return steer


async def login_page(request: Request) -> Response:
    """Ask who it is."""
    return show(request, "login.html", failed=None, who=None)


async def login(request: Request) -> Response:
    """Check a name and a password, and begin a session."""
    services: Services = request.app.state.services
    attempts = request.app.state.attempts
    form = await request.form()
    name, password = str(form.get("name", "")), str(form.get("password", ""))
    peer = request.client.host if request.client else ""
    if not same_origin(request):
        return show(request, "error.html", 403, code="cross-site", who=None)
    if attempts.blocked(f"name:{name}", f"peer:{peer}"):
        return show(request, "login.html", 429, failed="page.sign_in_wait", who=None)

    def begin() -> str | None:
        with services.database.read() as tx:
            kept = accounts.password_hash(tx, name)
        fits = accounts.password_fits(kept, password)
        with services.database.write("login") as tx:
            if fits:
                lasts = timedelta(minutes=services.settings.web.session_minutes)
                return accounts.issue(tx, name, accounts.Sort.SESSION, now=services.clock(), lasts=lasts)
            events.append(tx, Event(kind="login.failed", at=services.clock(), actor="web"))
        return None

    secret = await asyncio.to_thread(begin)
    if secret is None:
        attempts.failed(f"name:{name}", f"peer:{peer}")
        return show(request, "login.html", 401, failed="page.sign_in_failed", who=None)
    attempts.succeeded(f"name:{name}", f"peer:{peer}")
    answer = RedirectResponse("/", 303)
    answer.set_cookie(
        cookie_name(services), secret, httponly=True, samesite="lax", secure=services.https, path="/"
    )
    return answer


@signed_in
async def logout(request: Request, who: Person) -> Response:
    """End the session, here and in the store."""
    services: Services = request.app.state.services
    form = await request.form()
    await check_change(request, who, str(form.get("csrf", "")))

    def end() -> None:
        with services.database.write("logout") as tx:
            accounts.revoke(tx, request.cookies.get(cookie_name(services), ""))

    await asyncio.to_thread(end)
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(cookie_name(services))
    return answer


async def _read(services: Services, look: Callable[[Transaction], Any]) -> Any:
    def in_transaction() -> Any:
        with services.database.read() as tx:
            return look(tx)

    return await asyncio.to_thread(in_transaction)


ROUTES = [
    Route("/", home),
    Route("/login", login_page, methods=["GET"]),
    Route("/login", login, methods=["POST"]),
    Route("/logout", logout, methods=["POST"]),
    Route("/sends/{id}", send_page),
    Route("/sends/{id}/approvals", decide, methods=["POST"]),
    *(Route(f"/sends/{{id}}/{act}", _steering(act), methods=["POST"]) for act in STEERING_ACTS),
]
