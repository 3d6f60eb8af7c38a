"""Deliveries: claimed by one at a time, settled once, cancelled for good."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import update

from gateway.delivery import DeliveryStatus
from gateway.model import State
from gateway.store import deliveries, schema
from gateway.store.deliveries import Result
from tests.store.mail import enter, letter, now, put, send_of, undone

LEASE = timedelta(minutes=10)
W, S, D, F, C = DeliveryStatus


def released(database, number: int = 1, state: State = State.RELEASING) -> str:
    return put(database, state, *(letter(n) for n in range(number)))


def claim(database, send_id: str, *, limit: int = 100, at=None, **how) -> list[int]:
    at = at or now()
    with database.write("test") as tx:
        claims = deliveries.claim(tx, send_id, now=at, lease_until=at + LEASE, limit=limit, **how)
    return [delivery.id for one in claims for delivery in one.deliveries]


def settle(database, delivery_id: int, status: DeliveryStatus, again_at=None, reply: str = "x") -> None:
    with database.write("test") as tx:
        result = Result(delivery_id=delivery_id, status=status, reply=reply, next_attempt_at=again_at)
        deliveries.settle(tx, [result])


def tally(database, send_id: str) -> dict[DeliveryStatus, int]:
    with database.read() as tx:
        return deliveries.tally(tx, send_id)


@pytest.mark.parametrize("state", [state for state in State if state is not State.RELEASING])
def test_nothing_is_claimed_of_a_send_that_is_not_being_released(database, state):
    assert claim(database, released(database, 3, state)) == []


def test_what_is_claimed_is_not_claimed_again(database):
    send_id = released(database, 10)
    first, second = claim(database, send_id, limit=6), claim(database, send_id, limit=6)
    assert (len(first), len(second), len(set(first + second))) == (6, 4, 10)
    assert claim(database, send_id) == []
    assert tally(database, send_id) == {S: 10}


def test_two_claimers_at_once_never_get_the_same(fresh):
    settings = fresh.settings()
    send_id = released(fresh.open(settings), 120)
    got: list[int] = []

    def claimer() -> None:
        database = fresh.open(settings)
        while taken := claim(database, send_id, limit=7):
            got.extend(taken)

    threads = [threading.Thread(target=claimer) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 120
    assert max(Counter(got).values()) == 1


def test_a_claim_that_is_undone_leaves_nothing_claimed(database):
    send_id = released(database, 3)
    with undone(database) as tx:
        assert deliveries.claim(tx, send_id, now=now(), lease_until=now() + LEASE, limit=9)
    assert tally(database, send_id) == {W: 3}


def test_a_lapsed_lease_is_for_another_to_claim_and_no_other(database):
    send_id = released(database, 2)
    claimed = claim(database, send_id)
    assert claim(database, send_id, at=now() + LEASE - timedelta(seconds=5)) == []
    assert claim(database, send_id, at=now() + LEASE + timedelta(seconds=5)) == claimed


def test_what_is_final_stays_so(database):
    send_id = released(database, 2)
    one, other = claim(database, send_id)
    settle(database, one, D)
    settle(database, other, F, reply="550 5.1.1 " + "x" * 500)
    for late in (F, W, D):
        settle(database, one, late)
        settle(database, other, late)
    assert tally(database, send_id) == {D: 1, F: 1}
    with database.read() as tx:
        found = {d.id: d for d in deliveries.of_send(tx, send_id)}
        assert not deliveries.any_unsettled(tx, send_id)
        assert not deliveries.any_due(tx, send_id, now=now() + timedelta(days=9))
    assert found[one].attempts == found[other].attempts == 1
    assert len(found[other].reply) <= 200


def test_a_deferred_delivery_waits_its_time(database):
    send_id = released(database)
    (one,) = claim(database, send_id)
    settle(database, one, W, now() + timedelta(minutes=5))
    assert claim(database, send_id) == []
    with database.read() as tx:
        assert deliveries.begun(tx, send_id) == 1
        assert deliveries.any_unsettled(tx, send_id)
    assert claim(database, send_id, at=now() + timedelta(minutes=6)) == [one]


def test_again_means_only_what_has_begun_before(database):
    send_id = released(database, 2)
    one = claim(database, send_id, limit=1)
    settle(database, one[0], W, now())
    assert claim(database, send_id, again=True) == one
    assert len(claim(database, send_id)) == 1


def test_a_claim_given_back_was_no_attempt(database):
    send_id = released(database, 2)
    claimed = claim(database, send_id)
    with database.write("test") as tx:
        deliveries.give_back(tx, claimed[:1])
    with database.read() as tx:
        assert {d.id: (d.status, d.attempts) for d in deliveries.of_send(tx, send_id)} == {
            claimed[0]: (W, 0),
            claimed[1]: (S, 0),
        }
    with database.write("test") as tx:
        assert deliveries.void_claims(tx) == 1
    assert tally(database, send_id) == {W: 2}


def test_what_was_cancelled_never_goes(database):
    send_id = released(database, 3)
    (one,) = claim(database, send_id, limit=1)
    with database.write("test") as tx:
        assert deliveries.cancel(tx, send_id) == 2
    assert tally(database, send_id) == {S: 1, C: 2}
    settle(database, one, D)
    assert claim(database, send_id, at=now() + timedelta(days=9)) == []


def test_the_queue_counts_what_is_released_alone(database):
    first = released(database, 3)
    with database.read() as tx:
        assert deliveries.queued(tx) == 3
    with database.write("test") as tx:
        tx.execute(update(schema.sends).where(schema.sends.c.id == first).values(state=State.STOPPED))
    with database.read() as tx:
        assert deliveries.queued(tx) == 0


def test_a_mail_to_many_is_claimed_in_its_order_and_with_its_mail(database):
    mail_id = enter(database, letter())[0]
    send_id = send_of(database, mail_id)
    with database.write("test") as tx:
        row = {
            "mail_id": mail_id,
            "send_id": send_id,
            "parameters": "",
            "status": W,
            "attempts": 0,
            "reply": "",
        }
        tx.execute(schema.deliveries.insert(), [{**row, "address": f"r{n}@example.com"} for n in range(2000)])
        tx.execute(update(schema.sends).values(state=State.RELEASING))
    with database.write("test") as tx:
        (one,) = deliveries.claim(tx, send_id, now=now(), lease_until=now() + LEASE, limit=5000)
    assert one.mail.id == mail_id
    assert [d.id for d in one.deliveries] == sorted(d.id for d in one.deliveries)
    assert len(one.deliveries) == 2001


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("550 5.1.1 <hanako.yamada@example.com>: user unknown", "550 5.1.1 <h***@example.com>: user unknown"),
        ("550 5.1.1 hanako@example.com... no such user", "550 5.1.1 h***@example.com... no such user"),
        ('550 5.1.1 <"hanako yamada"@example.com> unknown', "550 5.1.1 <***@example.com> unknown"),
        ("250 2.0.0 queued as 4XyZ", "250 2.0.0 queued as 4XyZ"),
        ("550 5.1.1 " + "x" * 180 + " hanako.yamada@example.com", "550 5.1.1 " + "x" * 180),
    ],
)
def test_a_reply_is_kept_without_the_addresses_that_it_quotes(database, said, kept):
    send_id = released(database)
    (delivery_id,) = claim(database, send_id)
    settle(database, delivery_id, F, reply=said)
    with database.read() as tx:
        assert deliveries.of_send(tx, send_id)[0].reply == kept
