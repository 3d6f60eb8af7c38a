"""The two-person rule: who counts, for what, and that nothing else clears a held send."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import NotAllowed, SekishoError, Stale, Unusable
from gateway.model import (
    Account,
    Approval,
    Choice,
    Decision,
    Exposure,
    Move,
    Reason,
    Role,
    Send,
    State,
    Verdict,
)
from gateway.review import approvals
from gateway.review.states import TABLE, Act, move

NOW = datetime(2023, 10, 31, 9, 0, tzinfo=UTC)
SEND = Send(
    id="s7",
    series="plus-one",
    client="mail-merge",
    submitter="tanaka",
    sender="News@example.jp",
    subject="",
    state=State.HELD,
    version=5,
    mails=2000,
    recipients=2000,
    opened_at=NOW,
    last_mail_at=NOW,
    held_at=NOW,
    seen="digest-a",
)
PEOPLE = {
    account.name: account
    for account in (
        Account(name="tanaka", role=Role.REVIEWER, email="tanaka@example.jp"),  # who submitted it
        Account(name="news", role=Role.REVIEWER, email="NEWS@example.jp"),  # whose address it is sent from
        Account(name="sato", role=Role.REVIEWER, email="sato@example.jp"),
        Account(name="sato2", role=Role.REVIEWER, email="Sato@example.jp"),  # the same person again
        Account(name="suzuki", role=Role.REVIEWER, email="suzuki@example.com"),
        Account(name="ito", role=Role.REVIEWER),
        Account(name="gone", role=Role.REVIEWER, disabled=True),
        Account(name="root", role=Role.ADMIN),
        Account(name="audit", role=Role.AUDITOR),
        Account(name="writer", role=Role.SENDER),
    )
}


def approval(
    reviewer: str, seen: str = "digest-a", choice: Choice = Choice.APPROVE, send_id: str = "s7"
) -> Approval:
    return Approval(send_id=send_id, reviewer=reviewer, choice=choice, seen=seen, comment="", at=NOW)


def decide(
    name: str,
    given: list[Approval],
    *,
    send: Send = SEND,
    choice: Choice = Choice.APPROVE,
    seen: str = "digest-a",
    **more,
):
    options = {"comment": "", "needed": 2, "now": NOW, "accounts": PEOPLE} | more
    accounts = options.pop("accounts")
    return approvals.decide(send, accounts[name], given, accounts, choice=choice, seen=seen, **options)


def refusal(name: str, given: list[Approval], **more) -> str:
    with pytest.raises((NotAllowed, Unusable)) as caught:
        decide(name, given, **more)
    return caught.value.reason


def test_the_second_approval_clears():
    first, moved = decide("sato", [])
    assert moved is None
    _, moved = decide("suzuki", [first])
    assert isinstance(moved, Move)
    assert (moved.before, moved.after, moved.version) == (State.HELD, State.CLEARED, 5)
    assert moved.event.facts == {"seen": "digest-a", "approvers": ["sato", "suzuki"]}


def test_second_approval_by_the_sender_is_refused():
    assert refusal("tanaka", [approval("sato")]) == "is-the-sender"


def test_approval_by_who_owns_the_sending_address_is_refused_whatever_its_case():
    assert refusal("news", []) == "is-the-sender"


def test_second_approval_by_the_same_person_is_refused():
    assert refusal("sato", [approval("sato")]) == "has-decided-already"


def test_second_approval_by_the_same_person_under_another_account_is_refused():
    assert refusal("sato2", [approval("sato")]) == "has-decided-already"


@pytest.mark.parametrize("name", ["root", "audit", "writer"])
def test_only_reviewers_approve(name: str):
    assert refusal(name, []) == "not-a-reviewer"


def test_a_disabled_reviewer_is_refused():
    assert refusal("gone", []) == "disabled"


@pytest.mark.parametrize("state", sorted(set(State) - {State.HELD}))
def test_a_send_that_is_not_held_cannot_be_decided_on(state: State):
    with pytest.raises(Stale):
        decide("sato", [], send=replace(SEND, state=state))


@pytest.mark.parametrize(
    ("standing", "shown"), [("digest-a", "digest-b"), ("digest-a", ""), (None, "digest-a"), (None, "None")]
)
def test_approval_of_what_no_longer_stands_is_stale(standing: str | None, shown: str):
    with pytest.raises(Stale):
        decide("sato", [], send=replace(SEND, seen=standing), seen=shown)


def test_an_approval_stops_counting_when_the_digest_changes():
    assert (
        approvals.tally(replace(SEND, seen="digest-b"), [approval("sato")], PEOPLE, needed=2).approvers == ()
    )


@pytest.mark.parametrize("change", [{"disabled": True}, {"role": Role.SENDER}, {"email": "news@example.jp"}])
def test_an_approval_stops_counting_when_its_giver_may_no_longer_give_it(change: dict[str, object]):
    accounts = PEOPLE | {"sato": replace(PEOPLE["sato"], **change)}
    assert approvals.tally(SEND, [approval("sato")], accounts, needed=2).approvers == ()
    assert decide("suzuki", [approval("sato")], accounts=accounts)[1] is None


def test_an_approval_stops_counting_when_the_account_is_gone():
    assert approvals.tally(SEND, [approval("sato")], {}, needed=2).missing == 2


def test_an_approval_of_another_send_does_not_count():
    assert approvals.tally(SEND, [approval("sato", send_id="s1")], PEOPLE, needed=2).approvers == ()


def test_two_accounts_of_one_person_count_once():
    assert approvals.tally(SEND, [approval("sato"), approval("sato2")], PEOPLE, needed=2).missing == 1


def test_one_person_never_clears_alone_whatever_the_setting():
    assert decide("sato", [], needed=1)[1] is None


def test_three_are_needed_where_three_are_asked_for():
    assert decide("suzuki", [approval("sato")], needed=3)[1] is None
    assert decide("ito", [approval("sato"), approval("suzuki")], needed=3)[1] is not None


def test_a_rejection_rejects_at_once_and_keeps_its_reason():
    rejected, moved = decide(
        "suzuki", [approval("sato")], choice=Choice.REJECT, comment=" 配信先リストが付いています "
    )
    assert rejected.comment == "配信先リストが付いています"
    assert moved is not None
    assert moved.after is State.REJECTED


@pytest.mark.parametrize("comment", ["", "  \n", "\u3000"])
def test_a_rejection_without_a_reason_is_refused(comment: str):
    assert refusal("suzuki", [], choice=Choice.REJECT, comment=comment) == "reason-missing"


@pytest.mark.parametrize(
    ("hours", "expired"), [(-100, False), (0, False), (71.99, False), (72, True), (1000, True)]
)
def test_a_held_send_expires_to_not_sent_and_not_before_its_time(hours: float, expired: bool):
    moved = approvals.expire(SEND, expire_hours=72, now=NOW + timedelta(hours=hours))
    assert (moved is not None) == expired
    assert moved is None or moved.after is State.EXPIRED


@pytest.mark.parametrize("state", sorted(set(State) - {State.HELD}))
def test_nothing_expires_that_is_not_held(state: State):
    assert approvals.expire(replace(SEND, state=state), expire_hours=72, now=NOW + timedelta(days=99)) is None


decisions = st.tuples(
    st.sampled_from(sorted(PEOPLE)),
    st.sampled_from(Choice),
    st.sampled_from(["digest-a", "digest-b"]),
    st.sampled_from(["", "why"]),
)
changes = st.one_of(
    st.tuples(st.just("seen"), st.sampled_from(["digest-a", "digest-b"])),
    st.tuples(st.just("disable"), st.sampled_from(sorted(PEOPLE))),
    st.tuples(st.just("act"), st.sampled_from(sorted(set(Act) - {Act.APPROVE}))),
    st.tuples(st.just("hours"), st.integers(-100, 100)),
)


@given(steps=st.lists(st.one_of(decisions, changes), max_size=30), needed=st.integers(0, 3))
def test_no_sequence_of_acts_clears_a_held_send_without_enough_current_approvals(
    steps: list[tuple], needed: int
):
    send, accounts, given, now = SEND, dict(PEOPLE), [], NOW
    for step in steps:
        moved = None
        match step:
            case ("seen", seen):
                send = replace(send, seen=seen)
            case ("disable", name):
                accounts[name] = replace(accounts[name], disabled=True)
            case ("hours", hours):
                now += timedelta(hours=hours)
                moved = approvals.expire(send, expire_hours=72, now=now)
            case ("act", act):
                if (send.state, act) in TABLE:
                    moved = move(send, act, actor="sekisho", now=now)
            case (name, choice, seen, comment):
                try:
                    made, moved = approvals.decide(
                        send,
                        accounts[name],
                        given,
                        accounts,
                        choice=choice,
                        seen=seen,
                        comment=comment,
                        needed=needed,
                        now=now,
                    )
                except SekishoError:
                    continue
                given.append(made)
        if moved is None:
            continue
        if moved.before is State.HELD and moved.after is State.CLEARED:
            counted = {
                accounts[a.reviewer].email.casefold() or a.reviewer
                for a in given
                if a.choice is Choice.APPROVE and a.seen == send.seen and not accounts[a.reviewer].disabled
            }
            assert len(counted) >= max(needed, 2)
            assert not {a.reviewer for a in given} & {"tanaka", "news", "root", "audit", "writer", "gone"}
        send = replace(send, state=moved.after, version=send.version + 1)
        if send.state is not State.HELD:
            return


EXPOSURE = Exposure(
    mails=2000,
    recipients=2000,
    records=3732,
    people=3719,
    households=1740,
    minors=1979,
    items={"name": 3732, "email_address": 3732},
    sensitive=(),
    overlap=2000,
    reportable=True,
    gaps={},
)
VERDICT = Verdict(
    policy="default",
    decision=Decision.HOLD,
    reasons=(
        Reason(rule="people-over-1000", decision=Decision.HOLD, figure=3719, limit=1000, ja="三", en="3"),
    ),
)
SHOWN = {
    "send_id": "s7",
    "template": "t",
    "mails": [b"m1", b"m2"],
    "parts": ["p1", "p2"],
    "recipients": ["a@example.jp", "b@example.jp"],
    "verdict": VERDICT,
    "exposure": EXPOSURE,
}


@pytest.mark.parametrize(
    "change",
    [
        {"send_id": "s6"},
        {"template": "u"},
        {"mails": [b"m1"]},
        {"mails": [b"m1", b"m3"]},
        {"parts": ["p1"]},
        {"parts": ["p1p2"]},
        {"parts": [], "recipients": ["p1", "p2", "a@example.jp", "b@example.jp"]},
        {"recipients": ["a@example.jp"]},
        {"recipients": ["a@example.jp", "b@example.jp", "b@example.jp"]},
        {"verdict": replace(VERDICT, decision=Decision.PASS)},
        {"verdict": replace(VERDICT, reasons=())},
        {"exposure": replace(EXPOSURE, people=1)},
        {"exposure": replace(EXPOSURE, items={"name": 3732})},
    ],
)
def test_the_digest_changes_with_anything_that_a_reviewer_is_shown(change: dict[str, object]):
    assert approvals.seen_digest(**SHOWN) != approvals.seen_digest(**SHOWN | change)


def test_the_digest_does_not_depend_on_the_order_of_what_has_none():
    turned = {"parts": ["p2", "p1"], "recipients": ["b@example.jp", "a@example.jp"]}
    reordered = {"exposure": replace(EXPOSURE, items=dict(reversed(EXPOSURE.items.items())))}
    assert approvals.seen_digest(**SHOWN) == approvals.seen_digest(**SHOWN | turned | reordered)
