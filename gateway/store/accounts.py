"""Local accounts, their passwords, sessions and API tokens.

In: names and secrets. Out: accounts. Fails: NotFound, Unusable.

Passwords are kept as Argon2id hashes (RFC 9106), sessions and tokens as SHA-256 of 256 random bits.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import ColumnElement, Row, and_, delete, insert, select, update

from gateway.errors import NotFound, Unusable
from gateway.model import Account, Event, Role
from gateway.store import events, schema
from gateway.store.database import Transaction

MIN_PASSWORD = 8  # OWASP ASVS 5.0, 6.2.1
MAX_PASSWORD = 1024  # of characters; longer ones only cost time
MAX_NAME = 100  # of characters
PROGRAMS = frozenset({"sekisho", "web"})  # what the program calls itself in events
_hasher = PasswordHasher()
_NOBODY = _hasher.hash(secrets.token_hex())  # so that an unknown name takes as long as a wrong password


class Sort(StrEnum):
    """What a credential is for."""

    SESSION = "session"
    TOKEN = "token"  # noqa: S105 - a sort


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """A session or a token that was recognised."""

    account: Account
    sort: Sort
    csrf: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """An API token, as far as it may be shown: of its secret there is only a hash."""

    issued_at: datetime
    expires_at: datetime | None


def add(
    tx: Transaction, account: Account, password: str, *, now: datetime, actor: str, replace: bool = False
) -> None:
    """Make an account; `replace`: give an existing one a new role and password, and end its sessions and tokens.

    Raises: Unusable for a name that is taken or cannot be one, and for a password too short or too long.
    """
    if not _is_name(account.name):
        raise Unusable("name-unusable")
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise Unusable("password-length")
    values = {
        "role": account.role,
        "affiliation": account.group,
        "email": account.email,
        "password_hash": _hasher.hash(password),
        "disabled": False,
    }
    there = tx.execute(
        select(schema.accounts.c.name).where(schema.accounts.c.name == account.name)
    ).one_or_none()
    if there is None:
        tx.execute(insert(schema.accounts).values(name=account.name, created_at=now, **values))
    elif not replace:
        raise Unusable("name-taken")
    else:
        tx.execute(update(schema.accounts).where(schema.accounts.c.name == account.name).values(**values))
        tx.execute(delete(schema.credentials).where(schema.credentials.c.account == account.name))
    kind = "account.added" if there is None else "account.changed"
    events.append(
        tx, Event(kind=kind, at=now, actor=actor, facts={"account": account.name, "role": account.role})
    )


def disable(tx: Transaction, name: str, *, now: datetime, actor: str) -> None:
    """Disable an account; its sessions, tokens and pending approvals count no more.

    Raises: NotFound.
    """
    done = tx.execute(update(schema.accounts).where(schema.accounts.c.name == name).values(disabled=True))
    if done.rowcount == 0:
        raise NotFound("no-such-account")
    tx.execute(delete(schema.credentials).where(schema.credentials.c.account == name))
    events.append(tx, Event(kind="account.disabled", at=now, actor=actor, facts={"account": name}))


def listed(tx: Transaction) -> list[Account]:
    """List all accounts."""
    return [_account(row) for row in tx.execute(select(schema.accounts).order_by(schema.accounts.c.name))]


def by_name(tx: Transaction) -> dict[str, Account]:
    """Give all accounts by their names."""
    return {account.name: account for account in listed(tx)}


def get(tx: Transaction, name: str) -> Account:
    """Give an account.

    Raises: NotFound.
    """
    row = tx.execute(select(schema.accounts).where(schema.accounts.c.name == name)).one_or_none()
    if row is None:
        raise NotFound("no-such-account")
    return _account(row)


def password_hash(tx: Transaction, name: str) -> str | None:
    """Give the hash to check a password against; None for an unknown or disabled account."""
    table = schema.accounts
    found: str | None = tx.execute(
        select(table.c.password_hash).where(table.c.name == name, table.c.disabled.is_(False))
    ).scalar()
    return found


def password_fits(kept: str | None, password: str) -> bool:
    """Check a password, in the same time whether the account is there or not; takes 0.1 s, so run it in a thread."""
    try:
        return _hasher.verify(kept or _NOBODY, password[: MAX_PASSWORD + 1]) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def issue(
    tx: Transaction,
    name: str,
    sort: Sort,
    *,
    now: datetime,
    lasts: timedelta | None,
    actor: str | None = None,
) -> str:
    """Give a new secret for an account, to itself or to whom `actor` names; only its hash is kept."""
    secret = secrets.token_urlsafe(32)
    tx.execute(
        insert(schema.credentials).values(
            hash=_digest(secret),
            account=name,
            sort=sort,
            csrf=secrets.token_urlsafe(16),
            created_at=now,
            expires_at=None if lasts is None else now + lasts,
        )
    )
    events.append(tx, Event(kind=f"{sort}.issued", at=now, actor=actor or name, facts={"account": name}))
    return secret


def recognised(tx: Transaction, secret: str, sort: Sort, *, now: datetime) -> Credential | None:
    """Give the credential that a secret is, unless it is over or its account disabled."""
    table = schema.credentials
    row = tx.execute(
        select(schema.accounts, table.c.csrf, table.c.expires_at)
        .join(table, table.c.account == schema.accounts.c.name)
        .where(table.c.hash == _digest(secret), table.c.sort == sort, schema.accounts.c.disabled.is_(False))
    ).one_or_none()
    if row is None or (row.expires_at is not None and row.expires_at <= now):
        return None
    return Credential(account=_account(row), sort=sort, csrf=row.csrf)


def revoke(tx: Transaction, secret: str) -> None:
    """End a session or a token."""
    tx.execute(delete(schema.credentials).where(schema.credentials.c.hash == _digest(secret)))


def tokens(tx: Transaction, name: str) -> list[Token]:
    """List the tokens of an account, the oldest first."""
    table = schema.credentials
    query = (
        select(table.c.created_at, table.c.expires_at).where(_tokens_of(name)).order_by(table.c.created_at)
    )
    return [Token(issued_at=row.created_at, expires_at=row.expires_at) for row in tx.execute(query)]


def revoke_tokens(tx: Transaction, name: str, *, now: datetime, actor: str) -> int:
    """End all tokens of an account; give how many."""
    number = int(tx.execute(delete(schema.credentials).where(_tokens_of(name))).rowcount)
    facts = {"account": name, "number": number}
    events.append(tx, Event(kind="token.revoked", at=now, actor=actor, facts=facts))
    return number


def _tokens_of(name: str) -> ColumnElement[bool]:
    return and_(schema.credentials.c.account == name, schema.credentials.c.sort == Sort.TOKEN)


def _is_name(name: str) -> bool:
    """Tell whether a name can be one: it stands in lists and events, where "cli:root" and "sekisho" are no accounts."""
    return (
        0 < len(name) <= MAX_NAME
        and name == name.strip()
        and name.isprintable()
        and ":" not in name
        and name.casefold() not in PROGRAMS
    )


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _account(row: Row[Any]) -> Account:
    return Account(
        name=row.name, role=Role(row.role), group=row.affiliation, email=row.email, disabled=row.disabled
    )
