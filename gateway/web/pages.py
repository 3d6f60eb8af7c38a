"""The review pages: what is held, why, and the two people's decision. No script; a form is all it takes.

In: requests of a browser. Out: HTML. Fails: an error page in plain words.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gateway.errors import NotAllowed, Stale, Unusable
from gateway.inspection.evidence import Numbered
from gateway.model import Choice, Decision, GapReason, Outcome, Send, State
from gateway.review import approvals
from gateway.review.states import Act
from gateway.settings import Settings
from gateway.store import accounts, sends
from gateway.store.database import Transaction
from gateway.web import acts
from gateway.web.page import show
from gateway.web.security import Person, check_change, person
from gateway.web.services import services_of
from gateway.web.views import send_json, send_line

TABS = (
    State.HELD, State.OPEN, State.CLEARED, State.RELEASING, State.STOPPED, State.DONE, State.REJECTED, State.EXPIRED
)  # fmt: skip
MASKED_PARTS = 12  # of a page; the others are shown when somebody reveals them
STEERING_ACTS = {"stop": acts.stop, "resume": acts.resume, "withdraw": acts.withdraw}
Page = Callable[[Request, Person], Awaitable[Response]]


def signed_in(page: Page) -> Callable[[Request], Awaitable[Response]]:
    """Send to the login who is not known."""

    async def guarded(request: Request) -> Response:
        who = await person(request)
        if who is None:
            return RedirectResponse("/login", 303)
        request.state.who = who
        return await page(request, who)

    return guarded


@signed_in
async def home(request: Request, who: Person) -> Response:
    """List the sends of a state, a page at a time, the held ones first of all."""
    services = services_of(request)
    asked = request.query_params.get("state", State.HELD)
    state = State(asked) if asked in set(State) else None

    after = request.query_params.get("after")

    def look(tx: Transaction) -> tuple[list[Send], dict[State, int]]:
        of = acts.whose(who.account)
        return sends.listed(tx, [state] if state else [], after=after, of=of), sends.counted(tx, of=of)

    found, counts = await services.read(look)
    lines, following = [send_line(send) for send in found], sends.next_page(found)
    return show(request, "home.html", sends=lines, following=following, counts=counts, tabs=TABS, state=state)


@signed_in
async def send_page(request: Request, who: Person) -> Response:
    """Show one send, its evidence masked."""
    return await _show(request, who)


@signed_in
async def reveal(request: Request, who: Person) -> Response:
    """Show one send with one part as it is, once it is recorded that it was shown. No address leads to this page."""
    services = services_of(request)
    form = await request.form()
    check_change(request, who, str(form.get("csrf", "")))
    send_id, name = request.path_params["id"], str(form.get("part", ""))
    part = await asyncio.to_thread(
        acts.reveal, services.database, send_id, who.account.name, name, now=services.clock()
    )
    return await _show(request, who, part)


async def _show(request: Request, who: Person, revealed: Numbered | None = None) -> Response:
    services = services_of(request)
    needed = services.settings.review.approvals

    def look(tx: Transaction) -> tuple[dict[str, Any], bool, bool]:
        send = acts.visible(tx, who.account, request.path_params["id"])
        decided = sends.approvals(tx, send.id)
        try:
            approvals.check(send, who.account, decided, accounts.by_name(tx), seen=send.seen or "")
            may_decide = True
        except (NotAllowed, Stale):
            may_decide = False
        return send_json(tx, send, needed=needed), may_decide, acts.may_withdraw(who.account, send)

    send, may_decide, may_withdraw = await services.read(look)
    readable = [part["id"] for part in send["parts"] if part["outcome"] in (Outcome.TEXT, Outcome.TABLE)]
    wanted = [part for part in map(Numbered.from_text, readable[:MASKED_PARTS]) if part != revealed]
    common = await services.evidence.template(send["id"])
    evidence = await services.evidence.masked(send["id"], wanted)
    if revealed is not None:
        evidence[revealed] = await services.evidence.revealed(send["id"], revealed)
    return show(
        request,
        "send.html",
        send=send,
        expire_hours=f"{services.settings.review.expire_hours:g}",
        waits=_waits(send, settings=services.settings),
        common=common,
        parts=_without_opened(send["parts"]),
        evidence={str(part): shown for part, shown in evidence.items()},
        revealed=str(revealed) if revealed else None,
        may_reveal=who.account.role in acts.REVEALING,
        may_decide=may_decide,
        may_unlock=_may_unlock(send, who),
        may_steer=who.account.role in acts.STEERING,
        may_withdraw=may_withdraw,
    )


def _may_unlock(send: dict[str, Any], who: Person) -> bool:
    """Tell whether a password is asked for: something is locked, and this person may give one."""
    locked = send["state"] == State.HELD and GapReason.ENCRYPTED in (send["exposure"] or {}).get("gaps", ())
    return locked and who.account.role in acts.REVEALING


def _waits(send: dict[str, Any], *, settings: Settings) -> str | None:
    """Say for what a send waits that nobody has to decide on any more; a key of the locale."""
    if send["state"] == State.CLEARED:
        return "send.waits_for_worker" if settings.relay.host else "send.waits_for_hop"
    stops = [event["actor"] for event in send["events"] if event["kind"] == Act.STOP]
    if send["state"] == State.STOPPED and stops[-1:] == ["sekisho"]:
        return "send.waits_with_archive" if send["password_of"] else "send.waits_for_person"
    if send["state"] == State.HELD and send["seen"] is None:
        return "send.waits_for_judgement"
    if send["state"] == State.HELD and send["verdict"] == Decision.PASS:
        return "send.held_though_clean"
    return None


def _without_opened(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out the containers whose contents are listed themselves, but not those of which there is something to say."""
    inside = {tuple(part["path"][:depth]) for part in parts for depth in range(len(part["path"]))}
    return [
        part
        for part in parts
        if part["outcome"] != Outcome.CONTAINER or part["claimed"] or tuple(part["path"]) not in inside
    ]


@signed_in
async def decide(request: Request, who: Person) -> Response:
    """Take the form of a decision."""
    services = services_of(request)
    form = await request.form()
    check_change(request, who, str(form.get("csrf", "")))
    try:
        choice = Choice(str(form.get("decision", "")))
    except ValueError as error:
        raise HTTPException(422) from error
    if choice is Choice.APPROVE and form.get("confirm") != "yes":
        raise Unusable("not-confirmed")
    send_id = request.path_params["id"]
    await asyncio.to_thread(
        acts.decide,
        services.database,
        send_id,
        who.account.name,
        choice=choice,
        seen=str(form.get("seen", "")),
        comment=str(form.get("comment", "")),
        review=services.settings.review,
        via="page",
        now=services.clock(),
    )
    return RedirectResponse(f"/sends/{send_id}", 303)


@signed_in
async def enter_password(request: Request, who: Person) -> Response:
    """Take the form of a password for what is locked in a send."""
    services = services_of(request)
    form = await request.form()
    check_change(request, who, str(form.get("csrf", "")))
    send_id, password = request.path_params["id"], str(form.get("password", ""))
    await asyncio.to_thread(
        acts.enter_password,
        services.database,
        services.locks,
        send_id,
        who.account.name,
        password,
        via="page",
    )
    return RedirectResponse(f"/sends/{send_id}", 303)


def _steering(name: str) -> Callable[[Request], Awaitable[Response]]:
    """Give the page that takes the form of a stop, a resumption or a withdrawal."""

    @signed_in
    async def steer(request: Request, who: Person) -> Response:
        services = services_of(request)
        form = await request.form()
        check_change(request, who, str(form.get("csrf", "")))
        send_id = request.path_params["id"]
        await asyncio.to_thread(
            STEERING_ACTS[name], services.database, send_id, who.account.name, now=services.clock()
        )
        return RedirectResponse(f"/sends/{send_id}", 303)

    return steer


ROUTES = [
    Route("/", home),
    Route("/sends/{id}", send_page),
    Route("/sends/{id}/reveals", reveal, methods=["POST"]),
    Route("/sends/{id}/approvals", decide, methods=["POST"]),
    Route("/sends/{id}/passwords", enter_password, methods=["POST"]),
    *(Route(f"/sends/{{id}}/{act}", _steering(act), methods=["POST"]) for act in STEERING_ACTS),
]
