"""Addresses and parameters of MAIL and RCPT.

In: the argument of a command. Out: an address and its parameters. Fails: BadArgument with the reply to give.
"""

from __future__ import annotations

import regex

MAX_ADDRESS = 320  # RFC 5321, 4.5.3.1: 64 + "@" + 255

# What a mailbox may not hold, quoted or not: controls, spaces and brackets. Dots may stand anywhere in the local part: docomo
# gave out a..b@ and a.@, against RFC 5321, and those people want their mail too.
_MAILBOX = regex.compile(
    r"(?:[^\x00-\x20\x7f<>()\[\],;:\\\"@]+|\"[^\x00-\x1f\x7f\"\\<>]{1,62}\")@(?:[^\x00-\x20\x7f<>()\[\],;:\\\"@]+|\[[0-9A-Za-z.:]+\])"
)
_SOURCE_ROUTE = regex.compile(r"@[^:,\s]+(?:,@[^:,\s]+)*:")
_PATH = regex.compile(r"<(?P<path>[^<>]*)>(?:[ ]+(?P<rest>.*))?")
_XTEXT = regex.compile(r"[\x21-\x7e]+")

MAIL_KEYS = frozenset({"SIZE", "BODY", "SMTPUTF8", "RET", "ENVID", "AUTH"})
RCPT_KEYS = frozenset({"NOTIFY", "ORCPT"})


class BadArgument(Exception):
    """The argument cannot be used; `reply` says so."""

    def __init__(self, reply: str) -> None:
        super().__init__(reply)
        self.reply = reply


def parse(
    argument: str | None, keyword: str, known: frozenset[str], *, null_allowed: bool
) -> tuple[str, dict[str, str]]:
    """Read "FROM:<address> KEY=value …"; the keys are upper-cased, the values stay as they are.

    Raises: BadArgument.
    """
    syntax = f"501 5.5.4 Syntax: {keyword}<address>"
    if argument is None or argument[: len(keyword)].upper() != keyword:
        raise BadArgument(syntax)
    found = _PATH.fullmatch(argument[len(keyword) :].strip(" "))
    if found is None:
        raise BadArgument(syntax)
    address = _SOURCE_ROUTE.sub("", found["path"], count=1)  # RFC 5321, 4.1.1.3: strip it
    if address or not null_allowed:
        _check(address)
    return address, _parameters(found["rest"] or "", known, syntax)


def _check(address: str) -> None:
    if not _MAILBOX.fullmatch(address):
        raise BadArgument("553 5.1.3 Malformed address")
    try:
        raw = address.encode("utf-8")
    except UnicodeEncodeError as error:  # bytes that are no UTF-8
        raise BadArgument("553 5.1.3 Malformed address") from error
    if len(raw) > MAX_ADDRESS:
        raise BadArgument("501 5.1.3 Address too long")


def _parameters(rest: str, known: frozenset[str], syntax: str) -> dict[str, str]:
    parameters: dict[str, str] = {}
    for word in rest.split():
        key, equals, value = word.partition("=")
        key = key.upper()
        if key not in known:
            raise BadArgument("555 5.5.4 Parameter not recognized")
        if (
            key in parameters
            or bool(equals) != (key != "SMTPUTF8")
            or (equals and not _XTEXT.fullmatch(value))
        ):
            raise BadArgument(syntax)
        parameters[key] = value
    return parameters
