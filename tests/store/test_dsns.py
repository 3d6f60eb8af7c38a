"""Notices of failure in the store: each is claimed by one, comes again when it was not sent, and goes when it was."""

from __future__ import annotations

from datetime import timedelta

from gateway.store import dsns
from tests.store.mail import now, undone

AT = now()
LATER = AT + timedelta(minutes=10)


def keep(database, number: int) -> None:
    with database.write("test") as tx:
        notices = [
            dsns.Dsn(mail_id=f"m{n}", send_id="s", address="a@example.jp", content=b"\0\xff")
            for n in range(number)
        ]
        dsns.add(tx, notices, now=AT)


def claimed(database, *, at=AT, limit: int = 9) -> list[dsns.Dsn]:
    with database.write("test") as tx:
        return dsns.claim(tx, now=at, again_at=at + timedelta(minutes=10), limit=limit)


def test_two_workers_never_have_the_same_in_hand(database):
    keep(database, 3)
    assert [[one.mail_id for one in claimed(database, limit=2)] for _ in range(3)] == [
        ["m0", "m1"],
        ["m2"],
        [],
    ]


def test_what_a_worker_had_in_hand_when_it_died_is_due_again_after_a_while(database):
    keep(database, 1)
    (first,) = claimed(database)
    assert claimed(database, at=LATER - timedelta(seconds=1)) == []
    assert claimed(database, at=LATER) == [first]
    assert (first.content, first.attempts) == (b"\0\xff", 0)


def test_the_only_worker_finds_all_of_them_at_its_start(database):
    keep(database, 2)
    claimed(database)
    with database.write("test") as tx:
        dsns.give_back(tx, now=AT)
    assert len(claimed(database)) == 2


def test_one_that_was_not_taken_comes_again_and_counts_its_tries(database):
    keep(database, 1)
    (first,) = claimed(database)
    with database.write("test") as tx:
        dsns.try_again(tx, first, at=LATER)
    (again,) = claimed(database, at=LATER)
    assert again.attempts == 1


def test_one_that_was_sent_is_gone(database):
    keep(database, 2)
    first, _ = claimed(database)
    with database.write("test") as tx:
        dsns.remove(tx, first)
    with database.read() as tx:
        assert dsns.any_due(tx, now=LATER)
    assert [one.mail_id for one in claimed(database, at=LATER)] == ["m1"]


def test_a_notice_is_kept_with_the_failure_or_not_at_all(database):
    with undone(database) as tx:
        dsns.add(tx, [dsns.Dsn(mail_id="m", send_id="s", address="a", content=b"")], now=AT)
    assert claimed(database) == []
