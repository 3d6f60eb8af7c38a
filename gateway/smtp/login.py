"""The two mechanisms of AUTH that mail tools speak: PLAIN (RFC 4616) and LOGIN; only ever under TLS.

In: the initial response, a way to ask for more. Out: Credentials. Fails: BadLogin with the reply to give.
"""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from gateway.smtp import replies

Ask = Callable[[str], Awaitable[bytes]]
"""Sends a reply and gives the line that answers it."""


class BadLogin(Exception):
    """The exchange cannot be understood, or was cancelled; `reply` says so."""

    def __init__(self, reply: str) -> None:
        super().__init__(reply)
        self.reply = reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What a client says it is."""

    name: str
    password: bytes = field(repr=False)


async def plain(initial: str, ask: Ask) -> Credentials:
    """Read name and password from one message."""
    raw = _decoded(initial) if initial else await _asked(b"", ask)
    try:
        authority, name, password = raw.split(b"\0")
    except ValueError as error:
        raise BadLogin(replies.BAD_BASE64) from error
    if authority not in (b"", name):
        raise BadLogin(replies.WRONG_LOGIN)  # nobody acts for somebody else here
    return Credentials(name=_name(name), password=password)


async def login(initial: str, ask: Ask) -> Credentials:
    """Read name and password one after the other."""
    name = _decoded(initial) if initial else await _asked(b"Username:", ask)
    return Credentials(name=_name(name), password=await _asked(b"Password:", ask))


MECHANISMS: Mapping[str, Callable[[str, Ask], Awaitable[Credentials]]] = {"PLAIN": plain, "LOGIN": login}


async def _asked(prompt: bytes, ask: Ask) -> bytes:
    answer = (await ask(f"334 {b64encode(prompt).decode()}")).strip().decode("ascii", "replace")
    if answer == "*":
        raise BadLogin(replies.LOGIN_CANCELLED)
    return _decoded(answer)


def _decoded(text: str) -> bytes:
    if text == "=":  # RFC 4954, 4: an initial response of no bytes
        return b""
    try:
        return b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadLogin(replies.BAD_BASE64) from error


def _name(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadLogin(replies.WRONG_LOGIN) from error
