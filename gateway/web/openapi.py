"""The description of the API (OpenAPI 3.1).

In: nothing. Out: a plain object. Fails: never.
"""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from gateway import __version__
from gateway.model import State
from gateway.web import bodies


def _operation(
    summary: str, *, path_id: bool = False, query: tuple[str, ...] = (), body: TypeAdapter[Any] | None = None
) -> dict[str, Any]:
    parameters = (
        [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}] if path_id else []
    )
    parameters += [
        {"name": name, "in": "query", "required": False, "schema": {"type": "string"}} for name in query
    ]
    answers = {
        "200": {"description": "OK", "content": {"application/json": {"schema": {"type": "object"}}}},
        "401": {"description": "not signed in"},
        "403": {"description": "the sender, a second decision of the same person, or a wrong role"},
        "404": {"description": "no such send"},
        "410": {"description": "the contents were removed when their term was over"},
        "409": {"description": "`seen` is stale, or the act does not fit the state (`wrong-state`)"},
        "422": {"description": "malformed, a reason is missing, or a comment cannot be kept"},
    }
    operation: dict[str, Any] = {"summary": summary, "parameters": parameters, "responses": answers}
    if body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": body.json_schema()}},
        }
    return operation


OPENAPI: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Sekisho", "version": __version__},
    "servers": [{"url": "/api/v1"}],
    "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
    "security": [{"bearer": []}],
    "paths": {
        "/sends": {
            "get": _operation(
                f"Sends, newest first, of HELD the nearest to expire; after: `next` of the page before; state: {', '.join(State)}",
                query=("state", "after"),
            )
        },
        "/sends/{id}": {"get": _operation("One send", path_id=True)},
        "/sends/{id}/approvals": {
            "post": _operation("Approve or reject", path_id=True, body=bodies.DECISION)
        },
        "/sends/{id}/reveals": {
            "post": _operation(
                "Show a part as it is; that it was shown is recorded", path_id=True, body=bodies.REVEAL
            )
        },
        "/sends/{id}/passwords": {
            "post": _operation(
                "Try a password on what is locked; that one was given is recorded, never which",
                path_id=True,
                body=bodies.UNLOCKING,
            )
        },
        "/sends/{id}/stop": {"post": _operation("Stop what is going out", path_id=True)},
        "/sends/{id}/resume": {"post": _operation("Let it go on", path_id=True)},
        "/sends/{id}/withdraw": {"post": _operation("Take back what has not gone", path_id=True)},
        "/sends/{id}/deliveries": {"get": _operation("The ledger", path_id=True, query=("after",))},
        "/events": {"get": _operation("The sealed event chain", query=("after",))},
    },
}
