"""The path of MAIL and RCPT: which addresses are let through.

In: the argument of a command. Out: an address and the rest. Fails: BadArgument with the reply to give.

An address is passed on as it came; so whatever another server could take for the end of it, or of the line, is refused.
"""

from __future__ import annotations

import re

from gateway.smtp import replies

MAX_ADDRESS_BYTES = (
    320  # RFC 5321, 4.5.3.1: 64 + "@" + 255; a long local part (VERP) may use what the domain leaves
)
MAX_DOMAIN_BYTES = 255
POSTMASTER = "postmaster"  # RFC 5321, 4.5.1: the one address that needs no domain

_PATH = re.compile(r" *<(?P<path>[^<>]*)>(?: +(?P<rest>.*))?")
_SOURCE_ROUTE = re.compile(r"^@[^:,@]+(?:,@[^:,@]+)*:")
# Dots may stand anywhere: docomo gave out a..b@ and a.@ against RFC 5321, and those people want their mail too.
_LOCAL = re.compile(r"[^\s()<>\[\]:;@\\,\"]+")
_QUOTED = re.compile(r"\"[^\s<>\\,\"]+\"")
_DOMAIN = re.compile(r"(?:[0-9A-Za-z_\u0080-\U0010ffff-]+\.)*[0-9A-Za-z_\u0080-\U0010ffff-]+")
_LITERAL = re.compile(r"\[[0-9A-Za-z.:]+\]")


class BadArgument(Exception):
    """The argument of a command cannot be used; `reply` says so."""

    def __init__(self, reply: str) -> None:
        super().__init__(reply)
        self.reply = reply


def split_path(argument: str | None, keyword: str) -> tuple[str, str]:
    """Read "FROM:<path> parameters"; give path and parameters. A source route is left out (RFC 5321, 4.1.1.3).

    Raises: BadArgument.
    """
    text = argument or ""
    found = _PATH.fullmatch(text[len(keyword) :]) if text[: len(keyword)].upper() == keyword else None
    if found is None:
        raise BadArgument(f"501 5.5.4 Syntax: {keyword}<address>")
    return _SOURCE_ROUTE.sub("", found["path"], count=1), found["rest"] or ""


def check_sender(path: str, *, smtputf8: bool) -> None:
    """Let an address through, or the null reverse-path "".

    Raises: BadArgument.
    """
    if path and not _is_mailbox(path):
        raise BadArgument(replies.BAD_SENDER)
    _check_characters(path, smtputf8=smtputf8)


def check_recipient(path: str, *, smtputf8: bool) -> None:
    """Let an address through, or postmaster.

    Raises: BadArgument.
    """
    if not _is_mailbox(path) and path.lower() != POSTMASTER:
        raise BadArgument(replies.BAD_ADDRESS)
    _check_characters(path, smtputf8=smtputf8)


def _is_mailbox(path: str) -> bool:
    local, at, domain = path.rpartition("@")
    if not at or not path.isprintable():  # printable: no controls, no bytes that are not UTF-8, no bidi marks
        return False
    return (
        len(path.encode()) <= MAX_ADDRESS_BYTES
        and len(domain.encode()) <= MAX_DOMAIN_BYTES
        and bool(_LOCAL.fullmatch(local) or _QUOTED.fullmatch(local))
        and bool(_DOMAIN.fullmatch(domain) or _LITERAL.fullmatch(domain))
    )


def _check_characters(path: str, *, smtputf8: bool) -> None:
    if not smtputf8 and not path.isascii():
        raise BadArgument(replies.NEEDS_SMTPUTF8)
