"""What every page is made of: its language, its words, its times.

In: a request, a template and its values. Out: HTML. Fails: KeyError for a word that there is not.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from babel.dates import format_datetime, format_timedelta, get_timezone
from starlette.requests import Request
from starlette.responses import Response
from starlette.templating import Jinja2Templates

import detectors
from gateway import locale

TOKYO = get_timezone("Asia/Tokyo")
WHEN = {"ja": "y/MM/dd HH:mm", "en": "d MMM y HH:mm"}
LANG_SECONDS = 31_536_000

templates = Jinja2Templates(directory=__file__.removesuffix("page.py") + "templates")


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
    services = request.app.state.services
    lang = lang_of(request)
    now: datetime = services.clock()

    def when(text: str | None) -> str:
        return (
            ""
            if text is None
            else format_datetime(datetime.fromisoformat(text), WHEN[lang], tzinfo=TOKYO, locale=lang)
        )

    def span(text: str) -> str:
        return format_timedelta(abs(datetime.fromisoformat(text) - now), locale=lang, threshold=2)

    def word(section: str, key: str) -> str:
        added = services.kind_names.get(key, {}) if section == "kind" else {}
        return added.get(lang) or locale.text_or(lang, f"{section}.{key}", str(key))

    def reason(why: str) -> str:
        return detectors.explain(why, lang, {kind: word("kind", kind) for kind in detectors.KINDS})

    context = {
        "t": lambda key, **filled: locale.text(lang, key, **filled),
        "word": word,
        "reason": reason,
        "when": when,
        "span": span,
        "lang": lang,
        "languages": {other: _in_language(request, other) for other in locale.LANGUAGES},
        "who": getattr(request.state, "who", None),
        **values,
    }
    answer = templates.TemplateResponse(request, template, context, status_code=status)
    answer.set_cookie(
        "lang", lang, samesite="lax", httponly=True, secure=services.https, max_age=LANG_SECONDS
    )
    return answer


def _in_language(request: Request, lang: str) -> str:
    """Give where the same is said in another language; what a form has answered is not asked for again, its send is."""
    if request.method != "GET":
        send_id = request.path_params.get("id")
        return (f"/sends/{quote(send_id)}?" if send_id else "/?") + urlencode({"lang": lang})
    return "?" + urlencode({**request.query_params, "lang": lang})
