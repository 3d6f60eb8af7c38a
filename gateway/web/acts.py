"""What people do to sends: one transaction each, the same for pages, API and command line.

In: an account's name, a send, a decision. Out: the send as it then stands. Fails: NotAllowed, Stale, Unusable, NotFound; nothing is
then changed.
"""

from __future__ import annotations

from datetime import datetime
from unicodedata import category

from sqlalchemy.exc import IntegrityError

from gateway.errors import NotAllowed, NotFound, NotNow, Stale, Unusable
from gateway.inspection.evidence import Numbered
from gateway.inspection.locks import Locks
from gateway.inspection.sandbox import Closed, Died
from gateway.metrics import APPROVAL_SECONDS
from gateway.model import Account, Choice, Event, Role, Send
from gateway.review import approvals, states
from gateway.settings import ReviewSettings
from gateway.store import accounts, deliveries, events, mails, sends
from gateway.store.database import Database, Transaction

MAX_COMMENT = 2000
MAX_PASSWORD = 256
STEERING = frozenset({Role.REVIEWER, Role.ADMIN})
REVEALING = frozenset({Role.REVIEWER})


def decide(
    database: Database,
    send_id: str,
    account_name: str,
    *,
    choice: Choice,
    seen: str,
    comment: str,
    review: ReviewSettings,
    via: str,
    now: datetime,
) -> Send:
    """Take a reviewer's decision, and make the move that it completes; what is over is over, whether or not it was moved.

    `via`: page, api or cli; the event tells by which the decision came.
    """
    if len(comment) > MAX_COMMENT or not _is_plain(comment):
        raise Unusable("comment-unusable")
    try:
        with database.write("decide") as tx:
            send = sends.get(tx, send_id)
            if approvals.expire(send, expire_hours=review.expire_hours, now=now) is not None:
                raise Stale("held for too long")
            everybody = accounts.by_name(tx)
            account = _present(everybody.get(account_name))
            standing = sends.approvals(tx, send_id)
            approval, move = approvals.decide(
                send,
                account,
                standing,
                everybody,
                choice=choice,
                seen=seen,
                comment=comment,
                needed=review.approvals,
                now=now,
            )
            sends.add_approval(tx, send, approval)
            kind = "approval.given" if choice is Choice.APPROVE else "approval.refused"
            facts = {"seen": seen, "via": via}
            events.append(tx, Event(kind=kind, at=now, actor=account.name, send_id=send_id, facts=facts))
            if move is not None:
                sends.apply(tx, move)
                if move.after in states.NEVER_SENT:
                    deliveries.cancel(tx, send_id)
            after = sends.get(tx, send_id)
    except IntegrityError as error:  # the schema says no where the rules were passed by
        raise NotAllowed("has-decided-already") from error
    if move is not None and send.held_at is not None:
        APPROVAL_SECONDS.observe(max(0.0, (now - send.held_at).total_seconds()))
    return after


def stop(database: Database, send_id: str, account_name: str, *, now: datetime) -> Send:
    """Stop what is going out."""
    return _steer(database, send_id, account_name, states.Act.STOP, now=now)


def resume(database: Database, send_id: str, account_name: str, *, now: datetime) -> Send:
    """Let what was stopped go on: it keeps the approvals it had."""
    return _steer(database, send_id, account_name, states.Act.RESUME, now=now)


def withdraw(database: Database, send_id: str, account_name: str, *, now: datetime) -> Send:
    """Take back what has not gone."""
    return _steer(database, send_id, account_name, states.Act.WITHDRAW, now=now)


def may_withdraw(account: Account, send: Send) -> bool:
    """Tell whether a person may take a send back: its sender, or an admin."""
    return account.role is Role.ADMIN or approvals.is_sender(account, send)


def _steer(database: Database, send_id: str, account_name: str, act: states.Act, *, now: datetime) -> Send:
    with database.write("steer") as tx:
        send = sends.get(tx, send_id)
        account = _present(accounts.by_name(tx).get(account_name))
        if not (may_withdraw(account, send) if act is states.Act.WITHDRAW else account.role in STEERING):
            raise NotAllowed("wrong-role")
        move = states.move(send, act, actor=account.name, now=now)
        sends.apply(tx, move)
        if move.after in states.NEVER_SENT:
            deliveries.cancel(tx, send_id)
        return sends.get(tx, send_id)


def reveal(database: Database, send_id: str, account_name: str, part_name: str, *, now: datetime) -> Numbered:
    """Record that somebody is shown a part of a send as it is. Only then may it be read.

    The event names the part by number and the mail that is opened for it, and nothing of what is in it.
    """
    with database.write("reveal") as tx:
        send = sends.get(tx, send_id)
        account = _present(accounts.by_name(tx).get(account_name))
        if account.role not in REVEALING:
            raise NotAllowed("wrong-role")
        part = Numbered.from_text(part_name)
        carrier = mails.carrier(tx, send.id, part.key)
        if carrier is None:
            raise NotFound("no-such-part")
        facts = {"part": str(part), "mail": carrier.mail.id}
        events.append(
            tx, Event(kind="evidence.revealed", at=now, actor=account.name, send_id=send.id, facts=facts)
        )
    return part


def enter_password(
    database: Database, locks: Locks, send_id: str, account_name: str, password: str, *, via: str
) -> Send:
    """Try the password that a reviewer knows on what is locked in a held send.

    Raises: Unusable for one that opens nothing: that it was tried is recorded all the same, and nothing else of it.
    """
    with database.read() as tx:
        account = _present(accounts.by_name(tx).get(account_name))
    if account.role not in REVEALING:
        raise NotAllowed("wrong-role")
    if not 0 < len(password) <= MAX_PASSWORD or not _is_plain(password):
        raise Unusable("password-unusable")
    try:
        fits = locks.enter(send_id, password, account.name, via=via)
    except (Died, Closed) as error:
        raise NotNow(reason="unlock") from error
    if not fits:
        raise Unusable("password-wrong")
    with database.read() as tx:
        return sends.get(tx, send_id)


def visible(tx: Transaction, account: Account, send_id: str) -> Send:
    """Give a send to who may see it: a sender sees his own alone.

    Raises: NotFound, for one of somebody else's as for none.
    """
    send = sends.get(tx, send_id)
    if account.role is Role.SENDER and not approvals.is_sender(account, send):
        raise NotFound("no-such-send")
    return send


def whose(account: Account) -> tuple[str, ...] | None:
    """Give the names whose sends alone a person may see; None: all."""
    return (account.name, account.email) if account.role is Role.SENDER else None


def _is_plain(text: str) -> bool:
    """Tell whether a text can be kept everywhere: no control characters but those of lines, no halves of characters."""
    return all(character in "\t\r\n" or category(character) not in ("Cc", "Cs") for character in text)


def _present(account: Account | None) -> Account:
    if account is None or account.disabled:
        raise NotAllowed("disabled")
    return account
