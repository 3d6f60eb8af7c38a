"""Log lines for machines (JSON) or people (console); never a body, a matched value or a full address.

In: the settings' [log]. Out: lines on standard error. Fails: never.
"""

from __future__ import annotations

import logging
import sys

import structlog

from gateway.settings import LogSettings


def set_up(settings: LogSettings) -> None:
    """Set up logging for this process."""
    level = logging.getLevelName(settings.level)
    logging.basicConfig(stream=sys.stderr, level=level, format="%(levelname)s %(name)s %(message)s")
    for chatty in (
        "mail.log",
        "mail.debug",
        "asyncio",
        "aiosmtplib",
        "alembic",
        "uvicorn.error",
        "uvicorn.access",
    ):
        logging.getLogger(chatty).setLevel(max(level, logging.WARNING))
    last = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if settings.format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def origin(error: BaseException) -> str:
    """Give the module that was missing, or where the error arose; never its message, which may hold a value."""
    if isinstance(error, ImportError) and error.name:
        return error.name
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}" if trace is not None else "?"
