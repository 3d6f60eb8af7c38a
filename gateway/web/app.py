"""The web application: pages, API, health and metrics under one guard.

In: Services. Out: an ASGI application. Fails: never with an exception's text.
"""

from __future__ import annotations

import time

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from gateway.web import api, entrance, pages
from gateway.web.figures import Figures
from gateway.web.refusals import HANDLERS
from gateway.web.security import Attempts, Guard
from gateway.web.services import Services

__all__ = ["Services", "create_app"]


def create_app(services: Services) -> Starlette:
    """Put the web room together."""
    app = Starlette(
        routes=[
            *entrance.ROUTES,
            *pages.ROUTES,
            Mount("/api/v1", routes=api.ROUTES),
            Mount("/static", StaticFiles(directory=__file__.removesuffix("app.py") + "static")),
            Route("/healthz", alive),
            Route("/readyz", ready),
            Route("/metrics", metrics),
        ],
        middleware=[Middleware(Guard, https=services.https)],
        exception_handlers=HANDLERS,
    )
    app.state.services = services
    app.state.attempts = Attempts(time.monotonic)
    app.state.figures = Figures(services.database, clock=services.clock, selftest=services.selftest)
    return app


async def alive(_request: Request) -> Response:
    """Say that the process answers."""
    return PlainTextResponse("ok\n")


async def ready(request: Request) -> Response:
    """Say whether mail can be kept and can go on."""
    checks = dict(await request.app.state.services.readiness())
    return JSONResponse(checks, status_code=200 if all(checks.values()) else 503)


def metrics(request: Request) -> Response:
    """Give the metrics (Prometheus text format)."""
    text, media_type = request.app.state.figures.exposition()
    return Response(text, media_type=media_type)
