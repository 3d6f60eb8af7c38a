"""Accounts, their passwords, sessions and tokens."""

from __future__ import annotations

from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from gateway.errors import NotFound, Unusable
from gateway.model import Account, Role
from gateway.store import accounts, events, schema
from gateway.store.accounts import Sort
from tests.store.mail import counted, now

HANAKO = Account(name="hanako", role=Role.REVIEWER, group="privacy", email="hanako@example.jp")
PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def cheap(monkeypatch):
    """Hash quickly: what is tried here is not how hard the hash is."""
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(accounts, "_hasher", hasher)
    monkeypatch.setattr(accounts, "_NOBODY", hasher.hash("nobody's"))


def add(database, account: Account = HANAKO, password: str = PASSWORD, **how: bool) -> None:
    with database.write("test") as tx:
        accounts.add(tx, account, password, now=now(), actor="cli:root", **how)


def issue(database, sort: Sort = Sort.TOKEN, lasts: timedelta | None = None) -> str:
    with database.write("test") as tx:
        return accounts.issue(tx, "hanako", sort, now=now(), lasts=lasts)


def recognised(database, secret: str, sort: Sort = Sort.TOKEN, at=None):
    with database.read() as tx:
        return accounts.recognised(tx, secret, sort, now=at or now())


def test_an_account_is_there_as_it_was_added_and_the_chain_tells(database):
    add(database)
    with database.read() as tx:
        assert accounts.get(tx, "hanako") == HANAKO
        assert accounts.listed(tx) == [HANAKO]
        assert accounts.by_name(tx) == {"hanako": HANAKO}
        told = [entry.event for entry in events.sealed(tx)][-1]
    assert (told.kind, told.actor, dict(told.facts)) == (
        "account.added",
        "cli:root",
        {"account": "hanako", "role": "reviewer"},
    )


def test_a_password_fits_only_itself(database):
    long = "長い合い言葉" * 20
    add(database, password=long)
    with database.read() as tx:
        kept = accounts.password_hash(tx, "hanako")
        assert accounts.password_hash(tx, "nobody") is None
    assert accounts.password_fits(kept, long)
    for wrong in (long[:-1] + "集", long + "x", long[:-1], "", PASSWORD):
        assert not accounts.password_fits(kept, wrong)
    assert not accounts.password_fits(None, "nobody's")
    assert not accounts.password_fits("not a hash", PASSWORD)
    with database.read() as tx:
        assert long not in str(tx.execute(select(schema.accounts)).all())


@pytest.mark.parametrize("password", ["", "short", "x" * 7, "x" * 1025])
def test_a_password_too_short_or_too_long_is_refused(database, password):
    with pytest.raises(Unusable):
        add(database, password=password)
    assert counted(database, schema.accounts) == 0


def test_a_disabled_account_is_known_no_more(database):
    add(database)
    token, session = issue(database), issue(database, Sort.SESSION, timedelta(hours=1))
    with database.write("test") as tx:
        accounts.disable(tx, "hanako", now=now(), actor="cli:root")
    assert recognised(database, token) is None
    assert recognised(database, session, Sort.SESSION) is None
    assert counted(database, schema.credentials) == 0
    with database.read() as tx:
        assert accounts.password_hash(tx, "hanako") is None
        assert accounts.get(tx, "hanako").disabled


def test_a_new_password_ends_what_was_issued_before_and_enables_again(database):
    add(database)
    token = issue(database)
    with database.write("test") as tx:
        accounts.disable(tx, "hanako", now=now(), actor="x")
    add(database, Account(name="hanako", role=Role.AUDITOR), "another password", replace=True)
    assert recognised(database, token) is None
    with database.read() as tx:
        assert accounts.get(tx, "hanako") == Account(name="hanako", role=Role.AUDITOR)


def test_who_is_not_there_cannot_be_disabled_or_had(database):
    with pytest.raises(NotFound), database.write("test") as tx:
        accounts.disable(tx, "nobody", now=now(), actor="x")
    with pytest.raises(NotFound), database.read() as tx:
        accounts.get(tx, "nobody")


def test_a_token_is_no_session_and_a_session_is_no_token(database):
    add(database)
    token, session = issue(database), issue(database, Sort.SESSION, timedelta(hours=1))
    for secret, sort in ((token, Sort.TOKEN), (session, Sort.SESSION)):
        found = recognised(database, secret, sort)
        assert found is not None and found.account == HANAKO and found.sort is sort and found.csrf
    assert recognised(database, token, Sort.SESSION) is None
    assert recognised(database, session) is None
    assert recognised(database, "") is None


def test_a_session_is_over_in_time_and_when_it_is_revoked(database):
    add(database)
    session = issue(database, Sort.SESSION, timedelta(hours=1))
    assert recognised(database, session, Sort.SESSION, now() + timedelta(minutes=59)) is not None
    assert recognised(database, session, Sort.SESSION, now() + timedelta(minutes=61)) is None
    with database.write("test") as tx:
        accounts.revoke(tx, session)
    assert recognised(database, session, Sort.SESSION) is None


def test_no_secret_stands_in_the_database(database):
    add(database)
    token = issue(database)
    with database.read() as tx:
        rows = [str(row) for table in schema.metadata.sorted_tables for row in tx.execute(select(table))]
    assert not any(token in row or PASSWORD in row for row in rows)


def test_a_name_that_is_taken_stays_as_it_is(database):
    add(database)
    with database.write("test") as tx:
        accounts.disable(tx, "hanako", now=now(), actor="x")
    with pytest.raises(Unusable, match="name-taken"):
        add(database, Account(name="hanako", role=Role.ADMIN), "another password")
    with database.read() as tx:
        kept = accounts.get(tx, "hanako")
    assert (kept.role, kept.disabled) == (Role.REVIEWER, True)


@pytest.mark.parametrize("name", ["", " hanako", "a\nb", "a\tb", "\x1b[2J", "cli:root", "Sekisho", "x" * 101])
def test_what_could_be_misread_in_a_list_or_an_event_is_no_name(database, name):
    with pytest.raises(Unusable, match="name-unusable"):
        add(database, Account(name=name, role=Role.REVIEWER))
    assert counted(database, schema.accounts) == 0


def test_tokens_are_listed_and_end_in_time_or_together(database):
    add(database)
    session = issue(database, Sort.SESSION, timedelta(hours=1))
    token = issue(database, lasts=timedelta(days=1))
    issue(database)
    assert recognised(database, token, at=now() + timedelta(days=2)) is None
    with database.write("test") as tx:
        assert [one.expires_at is None for one in accounts.tokens(tx, "hanako")] == [False, True]
        assert accounts.revoke_tokens(tx, "hanako", now=now(), actor="cli:root") == 2
        assert accounts.tokens(tx, "hanako") == []
        told = [entry.event for entry in events.sealed(tx)][-1]
    assert (told.kind, told.actor, dict(told.facts)) == (
        "token.revoked",
        "cli:root",
        {"account": "hanako", "number": 2},
    )
    assert recognised(database, token) is None
    assert recognised(database, session, Sort.SESSION) is not None


def test_who_issues_a_token_for_another_is_named(database):
    add(database)
    with database.write("test") as tx:
        accounts.issue(tx, "hanako", Sort.TOKEN, now=now(), lasts=None, actor="cli:root")
        told = [entry.event for entry in events.sealed(tx)][-1]
    assert (told.actor, dict(told.facts)) == ("cli:root", {"account": "hanako"})
