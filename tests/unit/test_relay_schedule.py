"""When a delivery is tried again, and how much of a send may have begun."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gateway.relay.schedule import allowed, longest_wait, next_attempt

NOW = datetime(2026, 4, 1, 9, tzinfo=UTC)
LADDER = (60, 300, 900)


def after(attempts, *, hours=120.0, ladder=LADDER):
    at = next_attempt(attempts, retry_seconds=ladder, give_up_hours=hours, now=NOW)
    return None if at is None else (at - NOW).total_seconds()


def test_waits_climb_the_ladder_and_stay_on_its_last_step():
    assert [after(n) for n in (1, 2, 3, 4, 50)] == [60, 300, 900, 900, 900]


def test_the_last_wait_ends_where_giving_up_begins():
    assert [after(n, hours=0.1) for n in (1, 2, 3)] == [60, 300, None]
    assert [after(n, hours=0.05) for n in (1, 2, 3)] == [60, 120, None]


def test_no_ladder_means_a_minute():
    assert after(1, ladder=()) == 60


@given(st.lists(st.integers(-5, 5000), max_size=6), st.floats(0.001, 200))
def test_tries_always_come_to_an_end_and_no_wait_is_longer_than_the_longest(ladder, hours):
    attempts, waited = 1, 0.0
    while (seconds := after(attempts, hours=hours, ladder=tuple(ladder))) is not None:
        assert 0 <= seconds <= longest_wait(ladder).total_seconds()
        waited += seconds
        attempts += 1
        if attempts > 3000:
            break
    assert attempts > 3000 or waited <= hours * 3600 + 1


def test_the_first_wave_goes_at_once_and_each_other_after_a_pause():
    def gone(seconds):
        return allowed(
            (50, 1000), wave_seconds=600, released_at=NOW, now=NOW + timedelta(seconds=seconds), total=3500
        )

    assert [gone(s) for s in (0, 599, 600, 1199, 1200)] == [50, 50, 1050, 1050, 3500]


def test_a_clock_set_back_opens_no_wave_and_closes_none_below_the_first():
    assert allowed((50,), wave_seconds=600, released_at=NOW, now=NOW - timedelta(days=9), total=100) == 50


def test_without_waves_all_may_go():
    assert allowed((), wave_seconds=600, released_at=NOW, now=NOW, total=7) == 7
    assert allowed((5,), wave_seconds=0, released_at=NOW, now=NOW, total=7) == 7


@given(st.lists(st.integers(-3, 100)), st.integers(0, 500), st.floats(-1e6, 1e6))
def test_no_more_is_ever_allowed_than_there_is(waves, total, seconds):
    gone = allowed(
        tuple(waves), wave_seconds=60, released_at=NOW, now=NOW + timedelta(seconds=seconds), total=total
    )
    assert 0 <= gone <= total
