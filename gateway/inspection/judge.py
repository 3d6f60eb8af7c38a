"""The judging of sends that have become quiet, and the moves that no person makes.

In: sends whose every mail is inspected, a policy. Out: moves in the store. Fails: never toward a release: trouble
leaves a send where it stands.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Container
from dataclasses import replace
from datetime import datetime

import structlog

from gateway.errors import Stale
from gateway.exposure import SharedPart, measure
from gateway.inspection.hashes import hashed_address
from gateway.inspection.locks import Locks
from gateway.metrics import VERDICTS
from gateway.model import Decision, Exposure, GapReason, Send, State, Verdict
from gateway.policy import Policy, judge
from gateway.review import approvals, states
from gateway.sends import gather
from gateway.settings import ReviewSettings, SendsSettings
from gateway.store import deliveries, mails, passwords, sends
from gateway.store.database import Database, Transaction

log = structlog.get_logger()

POLL_SECONDS = 0.1
LEAST_SECONDS = 0.01
EXPIRY_SECONDS = 30.0
LOCKED_SECONDS = 1.0
ACTS = {Decision.PASS: states.Act.CLEAR, Decision.HOLD: states.Act.HOLD, Decision.REJECT: states.Act.REFUSE}


class Judge:
    """Closes sends, judges them, sends them on to be released or held, and lets what nobody decided expire."""

    def __init__(
        self,
        database: Database,
        policy: Policy,
        secret: bytes,
        *,
        customers: Callable[[], Container[int]] = frozenset,
        locks: Locks,
        sends_settings: SendsSettings,
        review_settings: ReviewSettings,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._policy = policy
        self._secret = secret
        self._customers = customers
        self._locks = locks
        self._locked: list[Send] = []  # by the last look: held, with something locked in them
        self._tried_for: set[str] = set()  # senders of sends for which passwords are being tried
        self._sends_settings = sends_settings
        self._review_settings = review_settings
        self._clock = clock
        self._next_due: datetime | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Judge until told to stop."""
        expired_at = tried_at = float("-inf")
        loop = asyncio.get_running_loop()
        while not stop.is_set():
            try:
                await asyncio.to_thread(self.judge_due)
                if loop.time() - tried_at > LOCKED_SECONDS:
                    tried_at = loop.time()
                    await asyncio.to_thread(self.try_locked)
                if loop.time() - expired_at > EXPIRY_SECONDS:
                    expired_at = loop.time()
                    await asyncio.to_thread(self.expire_due)
            except Exception as error:  # noqa: BLE001 - the sends stay where they are, and are tried again
                log.error("judging.failed", error=type(error).__name__)  # noqa: TRY400 - a trace could show values
                await asyncio.sleep(2)
            try:
                await asyncio.wait_for(stop.wait(), self._pause())
            except TimeoutError:
                continue

    def judge_due(self) -> int:
        """Judge what is quiet and wholly inspected; give how many sends were moved."""
        now = self._clock()
        with self._database.read() as tx:
            waiting = {send: self._due_at(send) for send in sends.in_state(tx, State.OPEN)}
            due = [send for send, at in waiting.items() if at <= now]
            ready = sends.inspected_wholly(tx, [send.id for send in due])
            self._locked = sends.locked(tx, since=self._locks.since) if ready else []
        self._next_due = min((at for at in waiting.values() if at > now), default=None)
        self._tried_for.clear()
        moved = 0
        for send in due:
            if send.id in ready:
                moved += self._each(self._judge, send)
        with self._database.read() as tx:
            judged = sends.in_state(tx, State.JUDGED)
        for send in judged:
            moved += self._each(self._route, send)
        return moved

    def try_locked(self) -> None:
        """See that what is locked is tried with what was told since, and judge again where something was opened."""
        with self._database.read() as tx:
            locked = sends.locked(tx, since=self._locks.since)
            again = sends.to_judge_again(tx)
        for send in locked:
            self._locks.settled(send)
        self._locks.forget({send.id for send in locked})
        for send in again:
            self._each(self._judge_again, send)

    def expire_due(self) -> None:
        """Let held sends expire: to *not sent*."""
        with self._database.read() as tx:
            held = sends.in_state(tx, State.HELD)
        for send in held:
            self._each(self._expire, send)

    def _due_at(self, send: Send) -> datetime:
        settings = self._sends_settings
        if send.single:
            return send.opened_at
        return gather.due_at(
            send, quiet_seconds=settings.quiet_seconds, max_open_seconds=settings.max_open_seconds
        )

    def _pause(self) -> float:
        """Give the seconds until the next send is due, or until the next look."""
        until_due = (self._next_due - self._clock()).total_seconds() if self._next_due else POLL_SECONDS
        return min(max(until_due, LEAST_SECONDS), POLL_SECONDS)

    def _each(self, act: Callable[[Send], None], send: Send) -> int:
        """Do one send; trouble with it must not keep the others waiting."""
        try:
            act(send)
        except Stale:
            return 0  # a mail joined, or a person acted, meanwhile: it comes round again
        except Exception as error:  # noqa: BLE001 - it stays where it is
            log.error("judging.failed", send=send.id, error=type(error).__name__)  # noqa: TRY400 - a trace could show values
            return 0
        return 1

    def _judge(self, send: Send) -> None:
        """Judge a send, once all was tried that may open what is locked in it, or in others by what it tells.

        Raises: Stale until then, and while an earlier send whose password it tells is not judged.
        """
        for one in self._locked:
            if send.sender == one.sender != "":
                self._await(one, send)
        with self._database.read() as tx:  # only now: a trial may have ended while we asked
            exposure, seen_of = self._look(tx, send)
            told = passwords.told_of(tx, send.id)
        if GapReason.ENCRYPTED in exposure.gaps:
            self._await(send, send)  # what it opens since we looked makes what we saw Stale
        if send.sender in self._tried_for or any(one.awaited_by(send.id) for one in told):
            raise Stale("passwords are being tried")
        self._judged(send, states.Act.JUDGE, exposure, seen_of)

    def _await(self, locked: Send, send: Send) -> None:
        """See that what a send tells is tried on one that is locked. Raises: Stale until it was."""
        if not self._locks.settled(locked, upto=send.last_mail_at):
            self._tried_for.add(send.sender)
            raise Stale("passwords are being tried")

    def _judge_again(self, send: Send) -> None:
        """Judge a held send in which something was opened; it stays held, or is refused."""
        with self._database.read() as tx:
            exposure, seen_of = self._look(tx, send)
        verdict = self._judged(send, states.Act.JUDGE_AGAIN, exposure, seen_of)
        if verdict.decision is Decision.REJECT:
            with self._database.write("judge") as tx:
                held = sends.get(tx, send.id)
                sends.apply(tx, states.move(held, states.Act.REFUSE, actor="sekisho", now=self._clock()))
                deliveries.cancel(tx, send.id)

    def _judged(
        self, send: Send, act: states.Act, exposure: Exposure, seen_of: Callable[[Verdict], str]
    ) -> Verdict:
        bulk = max(send.mails, send.recipients) >= self._sends_settings.bulk_at
        verdict = judge(self._policy, exposure, bulk=bulk)
        facts = {
            "decision": verdict.decision,
            "rules": [reason.rule for reason in verdict.reasons],
            "people": exposure.people,
        }
        move = states.move(send, act, actor="sekisho", now=self._clock(), facts=facts)
        with self._database.write("judge") as tx:
            sends.apply(tx, move, **sends.judged(verdict, exposure, seen=seen_of(verdict)))
        for reason in verdict.reasons:
            VERDICTS.labels(verdict.decision, reason.rule).inc()
        if not verdict.reasons:
            VERDICTS.labels(verdict.decision, "none").inc()
        log.info(
            "send.judged", send=send.id, decision=verdict.decision, mails=send.mails, people=exposure.people
        )
        return verdict

    def _look(self, tx: Transaction, send: Send) -> tuple[Exposure, Callable[[Verdict], str]]:
        """Measure a send as it stands, and give how its digest is made once there is a verdict."""
        contents = mails.contents(tx, send.id)
        addresses = mails.recipients(tx, send.id)
        carried: Counter[bytes] = Counter()
        own: Counter[bytes] = Counter()
        alone = mails.single_readers(tx, send.id)
        for content in contents:
            own[content.own] += content.mails
            for part in set(content.parts):
                carried[part] += content.mails
        found = mails.inspections(tx, [*own, *carried])
        recipients = frozenset(hashed_address(address, self._secret) for address in addresses)
        exposure = measure(
            own=[(found[key], number) for key, number in own.items()],
            shared=[
                SharedPart(
                    inspection=found[key],
                    mails=number,
                    readers=1 if key in alone else 2,
                    only_reader=frozenset({hashed_address(alone[key], self._secret)} if key in alone else ()),
                )
                for key, number in carried.items()
            ],
            recipients=recipients,
            mails=send.mails,
            recipient_count=len(addresses),
            own_kinds=frozenset(self._policy.kind_names),
            customers=self._customers(),
        )
        exposure = replace(exposure, passwords=passwords.tells(tx, send.id))
        digests = mails.digests(tx, send.id)

        def seen(verdict: Verdict) -> str:
            return approvals.seen_digest(
                send_id=send.id,
                template=send.template,
                mails=digests,
                parts=sorted(key.hex() for key in carried),
                recipients=addresses,
                verdict=verdict,
                exposure=exposure,
            )

        return exposure, seen

    def _route(self, send: Send) -> None:
        """Send a judged send where its verdict says; without a verdict it goes nowhere."""
        if send.verdict is None:
            raise Stale("judged without a verdict")
        move = states.move(send, ACTS[send.verdict.decision], actor="sekisho", now=self._clock())
        with self._database.write("judge") as tx:
            sends.apply(tx, move)
            if move.after is State.REJECTED:
                deliveries.cancel(tx, send.id)
            if move.after is not State.CLEARED:
                self._stop_tellers(tx, send)

    def _stop_tellers(self, tx: Transaction, send: Send) -> None:
        """Stop the sends that are on their way out and tell a password of one that is not."""
        for told_by in dict.fromkeys(
            one.send_id for one in passwords.opened_by(tx, send.id) if one.on_its_way
        ):
            teller = sends.get(tx, str(told_by))
            facts = {"password_of": send.id}
            stopped = states.move(teller, states.Act.STOP, actor="sekisho", now=self._clock(), facts=facts)
            sends.apply(tx, stopped)

    def _expire(self, send: Send) -> None:
        move = approvals.expire(send, expire_hours=self._review_settings.expire_hours, now=self._clock())
        if move is not None:
            with self._database.write("judge") as tx:
                sends.apply(tx, move)
                deliveries.cancel(tx, send.id)
