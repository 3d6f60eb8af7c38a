"""The state table, walked whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from gateway.errors import Stale
from gateway.model import Send, State
from gateway.review.states import NEVER_SENT, TABLE, TERMINAL, Act, begin, move

NOW = datetime(2023, 10, 31, 9, 0, tzinfo=UTC)
SEND = Send(
    id="s7",
    series="plus-one",
    client="mail-merge",
    submitter="tanaka",
    sender="news@example.jp",
    subject="",
    state=State.OPEN,
    version=3,
    mails=2000,
    recipients=2000,
    opened_at=NOW,
    last_mail_at=NOW,
)
OF_A_TIMER = {Act.JUDGE, Act.EXPIRE}
ON_THE_WAY_OUT = {State.CLEARED, State.RELEASING}


def reachable(start: State, acts: set[Act]) -> set[State]:
    found, new = set(), {start}
    while new:
        found |= new
        new = {after for (before, act), after in TABLE.items() if before in new and act in acts} - found
    return found


@pytest.mark.parametrize(("state", "act"), list(product(State, Act)))
def test_every_pair_of_state_and_act_either_moves_by_the_table_or_is_stale(state: State, act: Act):
    send = replace(SEND, state=state)
    if (state, act) not in TABLE:
        with pytest.raises(Stale):
            move(send, act, actor="sekisho", now=NOW)
        return
    moved = move(send, act, actor="sato", now=NOW, facts={"people": 3719})
    assert (moved.send_id, moved.version, moved.before, moved.after) == ("s7", 3, state, TABLE[state, act])
    assert (moved.event.kind, moved.event.actor, moved.event.at, moved.event.send_id) == (
        act.value,
        "sato",
        NOW,
        "s7",
    )
    assert moved.event.facts == {"people": 3719}


def test_every_state_is_reached():
    assert reachable(State.OPEN, set(Act)) == set(State)


def test_nothing_leaves_a_terminal_state():
    assert not [pair for pair in TABLE if pair[0] in TERMINAL]
    assert {before for before, _ in TABLE} == set(State) - TERMINAL


def test_a_held_send_is_cleared_by_approval_alone():
    assert [
        act for (before, act), after in TABLE.items() if before is State.HELD and after in ON_THE_WAY_OUT
    ] == [Act.APPROVE]
    assert State.CLEARED not in reachable(State.HELD, set(Act) - {Act.APPROVE})


def test_nothing_goes_out_that_was_not_judged():
    assert not reachable(State.OPEN, set(Act) - {Act.JUDGE}) & ON_THE_WAY_OUT


@pytest.mark.parametrize("state", [State.OPEN, State.JUDGED, State.HELD, State.STOPPED])
def test_no_timer_leads_toward_a_release(state: State):
    assert not reachable(state, OF_A_TIMER) & ON_THE_WAY_OUT


@pytest.mark.parametrize("state", [State.HELD, State.CLEARED, State.RELEASING, State.STOPPED])
def test_what_has_not_gone_can_be_withdrawn(state: State):
    assert TABLE[state, Act.WITHDRAW] is State.WITHDRAWN


def test_what_was_never_sent_is_not_done():
    assert State.DONE not in NEVER_SENT
    assert NEVER_SENT < TERMINAL


def test_a_stopped_release_goes_on_only_when_somebody_resumes_it():
    assert [
        act for (before, act), after in TABLE.items() if before is State.STOPPED and after is State.RELEASING
    ] == [Act.RESUME]


@pytest.mark.parametrize(
    ("hours", "after"), [(-5, State.RELEASING), (71.9, State.RELEASING), (72, State.STOPPED)]
)
def test_what_was_cleared_long_ago_waits_for_a_person(hours: float, after: State):
    cleared = replace(SEND, state=State.CLEARED)
    moved = begin(cleared, cleared_at=NOW - timedelta(hours=hours), expire_hours=72, now=NOW)
    assert moved.after is after
