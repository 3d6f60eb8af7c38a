"""Passwords that opened something in a send: kept so that reviewers can be shown what was opened.

In: passwords with where they came from. Out: the same. Fails: cryptography's InvalidTag where a row was changed.

Only what has opened something is kept, sealed (AES-256-GCM) under a key derived from seal.key and bound to its send; candidates
that fitted nothing are kept nowhere. With the contents of the send its passwords go.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import func, insert, select

from gateway.model import State
from gateway.store import schema
from gateway.store.database import Transaction

NONCE_BYTES = 12
PURPOSE = b"passwords"
UNSENT = (State.HELD, State.REJECTED)

_passwords, _sends = schema.passwords, schema.sends


class Source(StrEnum):
    """Where a password came from."""

    MAIL = "mail"
    LIST = "list"  # the organisation's
    REVIEWER = "reviewer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Password:
    """A password, and where it came from; `told_by`: the send whose mail told it."""

    value: str = field(repr=False)
    source: Source
    told_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """A send that tells a password of another, or that another tells one of."""

    send_id: str | None
    state: State | None
    source: Source
    at: datetime

    @property
    def on_its_way(self) -> bool:
        """Whether it may still be stopped."""
        return self.state in (State.CLEARED, State.RELEASING)

    def awaited_by(self, later: str) -> bool:
        """Tell whether a send that came later has to wait for what becomes of this one."""
        return self.state in (State.OPEN, State.JUDGED) and str(self.send_id) < later


def keep(tx: Transaction, send_id: str, fitted: Sequence[Password], *, now: datetime) -> bool:
    """Keep the passwords that opened something in a send; tell whether any of them is new."""
    known = of_send(tx, send_id)
    new = [password for password in dict.fromkeys(fitted) if password not in known]
    if new:
        rows = [
            {
                "send_id": send_id,
                "source": password.source,
                "told_by": password.told_by,
                "sealed": _sealed(tx, send_id, password.value),
                "at": now,
            }
            for password in new
        ]
        tx.execute(insert(_passwords), rows)
    return bool(new)


def of_send(tx: Transaction, send_id: str) -> list[Password]:
    """Give the passwords that opened something in a send."""
    rows = tx.execute(
        select(_passwords)
        .where(_passwords.c.send_id == send_id, _passwords.c.sealed != b"")
        .order_by(_passwords.c.number)
    )
    return [
        Password(value=_opened(tx, send_id, row.sealed), source=Source(row.source), told_by=row.told_by)
        for row in rows
    ]


def opened_by(tx: Transaction, send_id: str) -> list[Related]:
    """Say where the passwords came from that opened something in a send."""
    query = (
        select(_passwords.c.told_by, _sends.c.state, _passwords.c.source, _passwords.c.at)
        .outerjoin(_sends, _sends.c.id == _passwords.c.told_by)
        .where(_passwords.c.send_id == send_id)
        .order_by(_passwords.c.number)
    )
    return [_related(*row) for row in tx.execute(query)]


def told_of(tx: Transaction, send_id: str) -> list[Related]:
    """Give the other sends in which a password opened something that this one tells."""
    query = (
        select(_passwords.c.send_id, _sends.c.state, _passwords.c.source, _passwords.c.at)
        .join(_sends, _sends.c.id == _passwords.c.send_id)
        .where(_passwords.c.told_by == send_id, _passwords.c.send_id != send_id)
        .order_by(_passwords.c.number)
    )
    return [_related(*row) for row in tx.execute(query)]


def tells(tx: Transaction, send_id: str) -> int:
    """Count the other sends, held or rejected, in which a password opened something that this one tells."""
    query = (
        select(func.count(_passwords.c.send_id.distinct()))
        .join(_sends, _sends.c.id == _passwords.c.send_id)
        .where(_passwords.c.told_by == send_id, _passwords.c.send_id != send_id, _sends.c.state.in_(UNSENT))
    )
    return int(tx.execute(query).scalar_one())


def _related(send_id: str | None, state: str | None, source: str, at: datetime) -> Related:
    return Related(send_id=send_id, state=State(state) if state else None, source=Source(source), at=at)


def _sealed(tx: Transaction, send_id: str, value: str) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    plain = value.encode("utf-8", "surrogatepass")
    return nonce + AESGCM(tx.derived_key(PURPOSE)).encrypt(nonce, plain, send_id.encode())


def _opened(tx: Transaction, send_id: str, sealed: bytes) -> str:
    nonce, rest = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    return (
        AESGCM(tx.derived_key(PURPOSE))
        .decrypt(nonce, rest, send_id.encode())
        .decode("utf-8", "surrogatepass")
    )
