"""The HTTP API under /api/v1, as the outside contract has it.

In: JSON. Out: JSON. Fails: 401, 403, 404, 409, 410, 422, 503 with {"error", "message"}; never an exception's text.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.delivery import Delivery
from gateway.errors import NotAllowed
from gateway.inspection.evidence import Unshown
from gateway.model import Role, Send, State
from gateway.review import audit
from gateway.store import deliveries, events, sends
from gateway.store.database import Transaction
from gateway.web import acts, bodies
from gateway.web.openapi import OPENAPI
from gateway.web.security import Person, check_change, person, row_number
from gateway.web.services import services_of
from gateway.web.views import evidence_json, masked, send_json, send_line

LOG_READERS = frozenset({Role.AUDITOR, Role.ADMIN})

Endpoint = Callable[[Request, Person], Awaitable[Response]]


def signed_in(endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
    """Let only those in who are known, and change nothing that a page of ours, or a token, did not ask for."""

    async def guarded(request: Request) -> Response:
        who = await person(request)
        if who is None:
            raise HTTPException(401)
        if request.method == "POST":
            check_change(request, who, request.headers.get("x-csrf-token", ""))
        return await endpoint(request, who)

    return guarded


@signed_in
async def list_sends(request: Request, who: Person) -> Response:
    """List sends, newest first, the held ones by when they expire."""
    state = request.query_params.get("state")
    if state is not None and state not in set(State):
        raise HTTPException(422)
    states = [State(state)] if state else []
    after = request.query_params.get("after")
    found = await services_of(request).read(
        lambda tx: sends.listed(tx, states, after=after, of=acts.whose(who.account))
    )
    return JSONResponse({"sends": [send_line(send) for send in found], "next": sends.next_page(found)})


@signed_in
async def show_send(request: Request, who: Person) -> Response:
    """Give one send."""
    services = services_of(request)
    needed = services.settings.review.approvals

    def look(tx: Transaction) -> dict[str, Any]:
        return send_json(tx, acts.visible(tx, who.account, request.path_params["id"]), needed=needed)

    return JSONResponse(await services.read(look))


@signed_in
async def add_approval(request: Request, who: Person) -> Response:
    """Approve or reject."""
    services = services_of(request)
    wanted = await bodies.said(request, bodies.DECISION)
    after = await asyncio.to_thread(
        acts.decide,
        services.database,
        request.path_params["id"],
        who.account.name,
        choice=wanted.decision,
        seen=wanted.seen,
        comment=wanted.comment,
        review=services.settings.review,
        via="api",
        now=services.clock(),
    )
    return await _after(request, after)


def _steering(act: Callable[..., Send]) -> Callable[[Request], Awaitable[Response]]:
    @signed_in
    async def steer(request: Request, who: Person) -> Response:
        services = services_of(request)
        after = await asyncio.to_thread(
            act, services.database, request.path_params["id"], who.account.name, now=services.clock()
        )
        return await _after(request, after)

    return steer


@signed_in
async def reveal(request: Request, who: Person) -> Response:
    """Show a part as it is, once it is recorded that it was shown."""
    services = services_of(request)
    wanted = await bodies.said(request, bodies.REVEAL)
    send_id = request.path_params["id"]
    part = await asyncio.to_thread(
        acts.reveal, services.database, send_id, who.account.name, wanted.part, now=services.clock()
    )
    shown = await services.evidence.revealed(send_id, part)
    if isinstance(shown, Unshown):
        raise HTTPException(410 if shown is Unshown.PURGED else 503)
    return JSONResponse({"part": str(part), **evidence_json(shown)})


@signed_in
async def enter_password(request: Request, who: Person) -> Response:
    """Try a password on what is locked in a send."""
    services = services_of(request)
    wanted = await bodies.said(request, bodies.UNLOCKING)
    send_id, name = request.path_params["id"], who.account.name
    after = await asyncio.to_thread(
        acts.enter_password, services.database, services.locks, send_id, name, wanted.password, via="api"
    )
    return await _after(request, after)


async def _after(request: Request, send: Send) -> Response:
    services = services_of(request)
    needed = services.settings.review.approvals
    return JSONResponse(await services.read(lambda tx: send_json(tx, send, needed=needed)))


@signed_in
async def list_deliveries(request: Request, who: Person) -> Response:
    """List the deliveries of a send, a page at a time."""
    after = row_number(request)

    def look(tx: Transaction) -> list[Delivery]:
        send = acts.visible(tx, who.account, request.path_params["id"])
        return deliveries.of_send(tx, send.id, after=after)

    found = await services_of(request).read(look)
    return JSONResponse(
        {"deliveries": [_delivery(delivery) for delivery in found], "next": found[-1].id if found else None}
    )


def _delivery(delivery: Delivery) -> dict[str, Any]:
    return {
        "id": delivery.id,
        "mail": delivery.mail_id,
        "recipient": masked(delivery.recipient.address),
        "status": delivery.status,
        "attempts": delivery.attempts,
        "next_attempt_at": delivery.next_attempt_at.isoformat() if delivery.next_attempt_at else None,
        "reply": delivery.reply,
    }


@signed_in
async def list_events(request: Request, who: Person) -> Response:
    """Read the sealed chain, a page at a time."""
    if who.account.role not in LOG_READERS:
        raise NotAllowed("wrong-role")
    after = row_number(request)
    found = await services_of(request).read(lambda tx: list(events.sealed(tx, after=after, limit=1000)))
    entries = [
        {"seq": e.seq, "seal": e.seal.hex(), **json.loads(audit.event_to_text(e.event))} for e in found
    ]
    return JSONResponse({"events": entries, "next": found[-1].seq if found else None})


async def openapi(_request: Request) -> Response:
    """Describe this API (OpenAPI 3.1)."""
    return JSONResponse(OPENAPI)


ROUTES = [
    Route("/sends", list_sends),
    Route("/sends/{id}", show_send),
    Route("/sends/{id}/approvals", add_approval, methods=["POST"]),
    Route("/sends/{id}/reveals", reveal, methods=["POST"]),
    Route("/sends/{id}/passwords", enter_password, methods=["POST"]),
    Route("/sends/{id}/stop", _steering(acts.stop), methods=["POST"]),
    Route("/sends/{id}/resume", _steering(acts.resume), methods=["POST"]),
    Route("/sends/{id}/withdraw", _steering(acts.withdraw), methods=["POST"]),
    Route("/sends/{id}/deliveries", list_deliveries),
    Route("/events", list_events),
    Route("/openapi.json", openapi),
]
