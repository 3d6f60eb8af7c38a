"""What is said when something cannot be done: JSON under /api, a page in plain words elsewhere.

In: errors. Out: answers. Fails: never with an exception's text.
"""

from __future__ import annotations

from contextlib import suppress

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gateway import locale
from gateway.errors import NotAllowed, NotFound, NotNow, SekishoError, Stale, Unusable
from gateway.web.page import show

CODES = {
    401: "not-signed-in",
    403: "cross-site",
    404: "not-found",
    405: "wrong-method",
    410: "purged",
    413: "too-large",
    422: "bad-request",
    500: "failed",
    503: "not-now",
}


def problem(status: int, code: str) -> JSONResponse:
    """Give an error, in both languages."""
    return _as_json(status, code, {lang: locale.text(lang, f"error.{code}") for lang in locale.LANGUAGES})


def _as_json(status: int, code: str, message: dict[str, str]) -> JSONResponse:
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    body = {"error": code, "message": message["ja"], "message_en": message["en"]}
    return JSONResponse(body, status_code=status, headers=headers)


async def refused(request: Request, error: Exception) -> Response:
    """Say what may not be, or is not there."""
    status, code = _said(error)
    message = {
        lang: locale.of_error(lang, error)
        if isinstance(error, SekishoError)
        else locale.text(lang, f"error.{code}")
        for lang in locale.LANGUAGES
    }
    if request.url.path.startswith("/api/"):
        answer: Response = _as_json(status, code, message)
    else:
        answer = show(request, "error.html", status, message=message)
    if isinstance(error, HTTPException) and error.headers:
        answer.headers.update(error.headers)
    return answer


def failed(request: Request) -> Response:
    """Say of a bug only that there is one."""
    if not request.url.path.startswith("/api/"):
        with suppress(Exception):  # the bug may lie in what every page is made of
            message = {lang: locale.text(lang, "error.failed") for lang in locale.LANGUAGES}
            return show(request, "error.html", 500, message=message)
    return problem(500, "failed")


def _said(error: Exception) -> tuple[int, str]:
    match error:
        case NotAllowed():
            return 403, error.reason
        case Unusable():
            return 422, error.reason
        case Stale():
            return 409, locale.code_of(error)
        case NotFound():
            return 404, "not-found"
        case NotNow():
            return 503, "not-now"
        case HTTPException():
            return error.status_code, CODES.get(error.status_code, "bad-request")
    raise error


HANDLERS = {SekishoError: refused, HTTPException: refused}
