"""Whatever happens in whatever order: nothing leaves without two people, and every move stands in the chain."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from gateway.delivery import DeliveryStatus
from gateway.errors import NotAllowed, Stale
from gateway.model import Choice, Role, State
from gateway.review import approvals, states
from gateway.review.states import Act
from gateway.store import accounts, deliveries, events, sends
from gateway.store.deliveries import Result
from tests.store.mail import enter, letter, now, send_of

PEOPLE = {
    "hanako": Role.REVIEWER,
    "taro": Role.REVIEWER,
    "jiro": Role.REVIEWER,
    "tool": Role.REVIEWER,  # who submitted it
    "auditor": Role.AUDITOR,
    "admin": Role.ADMIN,
}
GONE = {DeliveryStatus.SENDING, DeliveryStatus.DELIVERED, DeliveryStatus.FAILED}
W, S, D, F, C = DeliveryStatus


class Life(RuleBasedStateMachine):
    """One send, the people around it, and what a relay does."""

    fresh = None

    def __init__(self) -> None:
        super().__init__()
        self.database = self.fresh.database()
        self.at = now()
        with self.database.write("test") as tx:
            for name, role in PEOPLE.items():
                tx.execute(
                    accounts.schema.accounts.insert().values(
                        name=name,
                        role=role,
                        affiliation="",
                        email="",
                        password_hash="",
                        disabled=False,
                        created_at=self.at,
                    )
                )
        self.send_id = send_of(self.database, enter(self.database, letter(0), at=self.at)[0])
        self.mails = 1
        self.moves: list[str] = []
        self.passed = False  # by the policy
        self.approvers: set[str] = set()
        self.disabled: set[str] = set()
        self.rightly = False  # cleared by the policy, or by two
        self.claimed: set[int] = set()

    def teardown(self) -> None:
        self.database.close()

    def now(self):
        self.at += timedelta(seconds=1)
        return self.at

    def send(self):
        with self.database.read() as tx:
            return sends.get(tx, self.send_id)

    def act(self, what: Act, actor: str = "sekisho", **changes) -> bool:
        """Do something to the send; tell whether it could be done."""
        try:
            move = states.move(self.send(), what, actor=actor, now=self.now())
        except Stale:
            return False
        with self.database.write("test") as tx:
            sends.apply(tx, move, **changes)
            if move.after in states.NEVER_SENT:
                deliveries.cancel(tx, self.send_id)
        self.moves.append(what)
        return True

    @rule()
    def a_mail_arrives(self):
        mail_id = enter(self.database, letter(self.mails), at=self.now())[0]
        if send_of(self.database, mail_id) == self.send_id:
            self.mails += 1
            assert self.send().state is State.OPEN

    @rule(decision=st.sampled_from([Act.CLEAR, Act.HOLD, Act.REFUSE]))
    def it_is_judged(self, decision):
        self.act(Act.JUDGE, seen="d" * 64)
        if self.act(decision) and decision is Act.CLEAR:
            self.passed = True

    @rule(who=st.sampled_from(sorted(PEOPLE)), choice=st.sampled_from(Choice), fresh=st.booleans())
    def somebody_decides(self, who, choice, fresh):
        before = self.send()
        with suppress(NotAllowed, Stale), self.database.write("test") as tx:
            everybody = accounts.by_name(tx)
            approval, move = approvals.decide(
                before, everybody[who], sends.approvals(tx, self.send_id), everybody,
                choice=choice, seen="d" * 64 if fresh else "e" * 64, comment="so", needed=2, now=self.now(),
            )  # fmt: skip
            sends.add_approval(tx, before, approval)
            if move is not None:
                sends.apply(tx, move)
                if move.after in states.NEVER_SENT:
                    deliveries.cancel(tx, self.send_id)
            assert fresh and before.state is State.HELD
            assert PEOPLE[who] is Role.REVIEWER and who != "tool" and who not in self.disabled
            if choice is Choice.APPROVE:
                self.approvers.add(who)
            if move is not None:
                self.moves.append(move.event.kind)
                self.rightly = move.after is State.CLEARED and len(self.approvers - self.disabled) >= 2
                assert move.after is not State.CLEARED or self.rightly

    @rule(who=st.sampled_from(["hanako", "taro", "tool"]))
    def an_account_is_disabled(self, who):
        with self.database.write("test") as tx:
            accounts.disable(tx, who, now=self.now(), actor="admin")
        self.disabled.add(who)

    @rule(what=st.sampled_from([Act.STOP, Act.RESUME, Act.WITHDRAW, Act.EXPIRE, Act.RELEASE]))
    def it_is_steered(self, what):
        self.act(what)

    @rule(limit=st.integers(1, 4))
    def a_worker_claims(self, limit):
        at = self.now()
        state = self.send().state
        with self.database.write("test") as tx:
            claims = deliveries.claim(
                tx, self.send_id, now=at, lease_until=at + timedelta(days=1), limit=limit
            )
        ids = {delivery.id for claim in claims for delivery in claim.deliveries}
        assert not ids or state is State.RELEASING
        assert not ids & self.claimed
        self.claimed |= ids

    @precondition(lambda self: self.claimed)
    @rule(status=st.sampled_from([D, F, W, None]))
    def a_worker_settles(self, status):
        delivery_id = self.claimed.pop()
        with self.database.write("test") as tx:
            if status is None:
                deliveries.give_back(tx, [delivery_id])
            else:
                again = self.now() if status is W else None
                deliveries.settle(
                    tx, [Result(delivery_id=delivery_id, status=status, reply="", next_attempt_at=again)]
                )
            if sends.get(tx, self.send_id).state in states.NEVER_SENT:
                deliveries.cancel(tx, self.send_id)

    @rule()
    def it_is_finished(self):
        with self.database.read() as tx:
            unsettled = deliveries.any_unsettled(tx, self.send_id)
        if not unsettled:
            self.act(Act.FINISH)

    @invariant()
    def nothing_leaves_without_a_right_to(self):
        with self.database.read() as tx:
            tally = deliveries.tally(tx, self.send_id)
            state = sends.get(tx, self.send_id).state
        if not (self.passed or self.rightly):
            assert not GONE & set(tally)
            assert state not in (State.CLEARED, State.RELEASING, State.STOPPED, State.DONE)
        assert sum(tally.values()) == self.mails
        if state in states.NEVER_SENT:
            assert W not in tally
        if state is State.DONE:
            assert not {W, S} & set(tally)

    @invariant()
    def the_chain_tells_every_move_and_no_other(self):
        with self.database.read() as tx:
            assert events.verify(tx) is None
            told = [event.kind for event in events.of_send(tx, self.send_id)]
        assert [kind for kind in told if kind in set(Act)] == self.moves


def test_nothing_leaves_without_two_people_and_every_move_is_told(fresh):
    class Here(Life):
        pass

    Here.fresh = fresh
    examples = 40 if fresh.kind == "sqlite" else 15  # making a database takes longer there
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=examples,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
