"""Who guesses has to wait; who only shares a name or an address with him does not."""

from __future__ import annotations

from gateway.web.security import Attempts


def attempts() -> tuple[Attempts, list[float]]:
    clock = [0.0]
    return Attempts(lambda: clock[0]), clock


def test_failures_elsewhere_do_not_lock_a_name_out():
    guesses, clock = attempts()
    assert [guesses.begun("hanako", "192.0.2.1") for _ in range(6)] == [0.0] * 5 + [None]
    assert guesses.begun("hanako", "192.0.2.2") == 0.0
    assert guesses.begun("jiro", "192.0.2.1") == 0.0
    clock[0] = Attempts.WAIT_SECONDS
    assert guesses.begun("hanako", "192.0.2.1") == 0.0


def test_an_address_that_fails_a_lot_is_slower_and_never_refused():
    guesses, _ = attempts()
    waits = [guesses.begun(f"name {number}", "192.0.2.1") for number in range(60)]
    assert waits == [0.0] * Attempts.PEER_LIMIT + [Attempts.SLOW_SECONDS] * 10
    assert guesses.begun("hanako", "192.0.2.2") == 0.0


def test_who_succeeds_takes_his_own_failures_back_and_nobody_elses():
    guesses, _ = attempts()
    for number in range(Attempts.PEER_LIMIT):
        guesses.begun(f"name {number}", "192.0.2.1")
    for _ in range(4):
        guesses.begun("hanako", "192.0.2.1")
    guesses.succeeded("hanako", "192.0.2.1")
    assert [guesses.begun("hanako", "192.0.2.1") for _ in range(6)] == [Attempts.SLOW_SECONDS] * 5 + [None]
