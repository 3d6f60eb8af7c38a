"""The HTTP API under /api/v1, as the outside contract has it.

In: JSON. Out: JSON. Fails: 401, 403, 404, 409, 422 with {"error", "message"}; never an exception's text.
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

from gateway import locale
from gateway.errors import NotAllowed, NotFound, Stale
from gateway.model import Choice, Delivery, Role, Send, State
from gateway.review import audit
from gateway.store import deliveries, events, sends
from gateway.store.database import Transaction
from gateway.web import acts
from gateway.web.openapi import OPENAPI
from gateway.web.security import Person, check_change, person
from gateway.web.services import Services
from gateway.web.views import masked, send_json, send_line

PAGE = 200
LOG_READERS = frozenset({Role.AUDITOR, Role.ADMIN})

Endpoint = Callable[[Request, Person], Awaitable[Response]]


def signed_in(endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
    """Let only those in who are known, and say in JSON what went wrong."""

    async def guarded(request: Request) -> Response:
        who = await person(request)
        if who is None:
            return problem(401, "not-signed-in")
        try:
            if request.method == "POST":
                await check_change(request, who, request.headers.get("x-csrf-token", ""))
            return await endpoint(request, who)
        except NotAllowed as error:
            return problem(403, error.reason)
        except Stale:
            return problem(409, "stale")
        except NotFound:
            return problem(404, "not-found")
        except HTTPException as error:
            return problem(error.status_code, "cross-site" if error.status_code == 403 else "bad-request")

    return guarded


def problem(status: int, code: str) -> JSONResponse:
    """Give an error, in both languages."""
    message = {lang: locale.text(lang, f"error.{code}") for lang in locale.LANGUAGES}
    return JSONResponse(
        {"error": code, "message": message["ja"], "message_en": message["en"]}, status_code=status
    )


async def _read(request: Request, look: Callable[[Transaction], Any]) -> Any:
    services: Services = request.app.state.services

    def in_transaction() -> Any:
        with services.database.read() as tx:
            return look(tx)

    return await asyncio.to_thread(in_transaction)


@signed_in
async def list_sends(request: Request, who: Person) -> Response:  # noqa: ARG001
    """List sends, newest first."""
    state = request.query_params.get("state")
    if state is not None and state not in set(State):
        return problem(422, "bad-request")
    found = await _read(request, lambda tx: sends.listed(tx, [State(state)] if state else [], limit=PAGE))
    return JSONResponse({"sends": [send_line(send) for send in found]})


@signed_in
async def show_send(request: Request, who: Person) -> Response:  # noqa: ARG001
    """Give one send."""
    needed = request.app.state.services.settings.review.approvals
    return JSONResponse(
        await _read(
            request, lambda tx: send_json(tx, sends.get(tx, request.path_params["id"]), needed=needed)
        )
    )


@signed_in
async def add_approval(request: Request, who: Person) -> Response:
    """Approve or reject."""
    services: Services = request.app.state.services
    try:
        body = json.loads(await request.body())
        choice, seen, comment = Choice(body["decision"]), body["seen"], body.get("comment", "")
    except (ValueError, KeyError, TypeError, AttributeError):
        return problem(422, "bad-request")
    if not isinstance(seen, str) or not isinstance(comment, str):
        return problem(422, "bad-request")
    after = await asyncio.to_thread(
        acts.decide,
        services.database,
        request.path_params["id"],
        who.account.name,
        choice=choice,
        seen=seen,
        comment=comment,
        needed=services.settings.review.approvals,
        now=services.clock(),
    )
    return await _after(request, after)


def _steering(act: Callable[..., Send]) -> Callable[[Request], Awaitable[Response]]:
    @signed_in
    async def steer(request: Request, who: Person) -> Response:
        services: Services = request.app.state.services
        after = await asyncio.to_thread(
            act, services.database, request.path_params["id"], who.account.name, now=services.clock()
        )
        return await _after(request, after)

    return steer


async def _after(request: Request, send: Send) -> Response:
    needed = request.app.state.services.settings.review.approvals
    return JSONResponse(await _read(request, lambda tx: send_json(tx, send, needed=needed)))


@signed_in
async def list_deliveries(request: Request, who: Person) -> Response:  # noqa: ARG001
    """List the deliveries of a send, a page at a time."""
    try:
        after = int(request.query_params.get("after", "0"))
    except ValueError:
        return problem(422, "bad-request")

    def look(tx: Transaction) -> list[Delivery]:
        send = sends.get(tx, request.path_params["id"])
        return deliveries.of_send(tx, send.id, after=after)

    found = await _read(request, look)
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
    try:
        after = int(request.query_params.get("after", "0"))
    except ValueError:
        return problem(422, "bad-request")
    found = await _read(request, lambda tx: list(events.sealed(tx, after=after, limit=1000)))
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
    Route("/sends/{id}/stop", _steering(acts.stop), methods=["POST"]),
    Route("/sends/{id}/resume", _steering(acts.resume), methods=["POST"]),
    Route("/sends/{id}/withdraw", _steering(acts.withdraw), methods=["POST"]),
    Route("/sends/{id}/deliveries", list_deliveries),
    Route("/events", list_events),
    Route("/openapi.json", openapi),
]
