"""The parameters of MAIL and RCPT: SIZE, 8BITMIME, SMTPUTF8, DSN, AUTH (RFC 1870, 6152, 6531, 3461, 4954).

In: what follows the path. Out: parameters, keys upper-cased, values as they came: ENVID and ORCPT go back to people.
Fails: BadArgument with the reply to give.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from gateway.smtp import replies
from gateway.smtp.address import BadArgument

_XTEXT = r"(?:[!-*,-<>-~]|\+[0-9A-F]{2})"  # RFC 3461, 4
_NOTIFY_WORD = r"(?:SUCCESS|FAILURE|DELAY)"

MAIL_SHAPES: Mapping[str, re.Pattern[str]] = {
    "SIZE": re.compile(r"[0-9]{1,20}"),
    "BODY": re.compile(r"7BIT|8BITMIME", re.IGNORECASE),
    "SMTPUTF8": re.compile(r""),
    "RET": re.compile(r"FULL|HDRS", re.IGNORECASE),
    "ENVID": re.compile(rf"{_XTEXT}{{1,100}}"),  # RFC 3461, 4.4
    "AUTH": re.compile(rf"<>|{_XTEXT}{{1,500}}"),
}
RCPT_SHAPES: Mapping[str, re.Pattern[str]] = {
    "NOTIFY": re.compile(rf"NEVER|{_NOTIFY_WORD}(?:,{_NOTIFY_WORD}){{0,2}}", re.IGNORECASE),
    # RFC 6533, 3: the utf-8 address type may hold UTF-8 as it is
    "ORCPT": re.compile(rf"[0-9A-Za-z-]{{1,64}};(?:{_XTEXT}|[\u00a0-\ud7ff\ue000-\U0010ffff]){{1,500}}"),
}
PASSED_ON = (
    "BODY",
    "SMTPUTF8",
    "RET",
    "ENVID",
    "NOTIFY",
    "ORCPT",
)  # SIZE and AUTH end here: they speak of this hop


def parse_parameters(text: str, shapes: Mapping[str, re.Pattern[str]]) -> dict[str, str]:
    """Read "KEY=value KEY …".

    Raises: BadArgument.
    """
    parameters: dict[str, str] = {}
    for word in text.split():
        key, equals, value = word.partition("=")
        key = key.upper()
        shape = shapes.get(key)
        if shape is None:
            raise BadArgument(replies.UNKNOWN_PARAMETER)
        if key in parameters or not shape.fullmatch(value) or bool(equals) != bool(value):
            raise BadArgument(replies.BAD_PARAMETER)
        parameters[key] = value
    return parameters


def passed_on(parameters: Mapping[str, str]) -> tuple[str, ...]:
    """Write the parameters that the next hop is to see."""
    return tuple(f"{key}={value}" if value else key for key, value in parameters.items() if key in PASSED_ON)
