"""The two-person rule (NIST SP 800-53 r5, AC-3(2)): who may decide on a held send, and when it is decided.

In: a send, accounts, approvals as they stand, the time. Out: an Approval, and the Move it completes. Fails: NotAllowed
for the wrong person, Stale where what that person saw is not what stands, Unusable for a rejection without a reason.

An approval counts only while its giver is an enabled reviewer other than the sender, and only for the very digest that
he was shown. Nothing of this is stored as a number: the tally is computed anew from the approvals each time.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from unicodedata import normalize

from gateway.errors import NotAllowed, Stale, Unusable
from gateway.model import Account, Approval, Choice, Exposure, Move, Role, Send, State, Tally, Verdict
from gateway.review.states import Act, move


def is_sender(account: Account, send: Send) -> bool:
    """Tell whether a person is who submitted or sent it, by name or by mail address."""
    return bool(_folded(account.name, account.email) & _folded(send.submitter, send.sender))


def _folded(*names: str) -> set[str]:
    """Give names as they are compared: in any case, and in full-width letters, they mean the same."""
    return {normalize("NFKC", name).strip().casefold() for name in names} - {""}


def same_person(one: Account, other: Account) -> bool:
    """Tell whether two accounts are one person's: by name or by mail address."""
    return bool(_folded(one.name, one.email) & _folded(other.name, other.email))


def may_review(account: Account, send: Send) -> bool:
    """Tell whether a person's approval of this send can count at all."""
    return account.role is Role.REVIEWER and not account.disabled and not is_sender(account, send)


def check(
    send: Send,
    account: Account,
    approvals: Sequence[Approval],
    accounts: Mapping[str, Account],
    *,
    seen: str,
) -> None:
    """See that this person may decide on this send now: two accounts of one mail address are one person.

    Raises: NotAllowed, Stale.
    """
    if account.disabled:
        raise NotAllowed("disabled")
    if account.role is not Role.REVIEWER:
        raise NotAllowed("not-a-reviewer")
    if is_sender(account, send):
        raise NotAllowed("is-the-sender")
    if send.state is not State.HELD:
        raise Stale("the send is not held")
    for approval in approvals:
        if approval.seen != send.seen:
            continue  # the send was judged again since: who decided then may decide now
        decided = accounts.get(approval.reviewer, Account(name=approval.reviewer, role=Role.REVIEWER))
        if same_person(account, decided):
            raise NotAllowed("has-decided-already")
    if send.seen is None or seen != send.seen:
        raise Stale("what was shown is not what stands")


def tally(
    send: Send, approvals: Iterable[Approval], accounts: Mapping[str, Account], *, needed: int
) -> Tally:
    """Count the approvals that count, one a person: two accounts of one mail address are one person."""
    approvers: list[Account] = []
    for approval in approvals:
        account = accounts.get(approval.reviewer)
        if (
            approval.choice is Choice.APPROVE
            and approval.send_id == send.id
            and send.seen is not None
            and approval.seen == send.seen
            and account is not None
            and may_review(account, send)
            and not any(same_person(account, counted) for counted in approvers)
        ):
            approvers.append(account)
    return Tally(needed=needed, approvers=tuple(account.name for account in approvers))


def decide(
    send: Send,
    account: Account,
    approvals: Sequence[Approval],
    accounts: Mapping[str, Account],
    *,
    choice: Choice,
    seen: str,
    comment: str,
    needed: int,
    now: datetime,
) -> tuple[Approval, Move | None]:
    """Take a person's decision: a rejection rejects, the approval that was missing clears.

    Raises: NotAllowed, Stale, Unusable for a rejection without a reason.
    """
    check(send, account, approvals, accounts, seen=seen)
    approval = Approval(
        send_id=send.id, reviewer=account.name, choice=choice, seen=seen, comment=comment.strip(), at=now
    )
    if choice is Choice.REJECT:
        if not approval.comment:
            raise Unusable("reason-missing")
        return approval, move(send, Act.REJECT, actor=account.name, now=now, facts={"seen": seen})
    standing = tally(send, [*approvals, approval], accounts, needed=max(needed, 2))
    if not standing.complete:
        return approval, None
    return approval, move(
        send,
        Act.APPROVE,
        actor=account.name,
        now=now,
        facts={"seen": seen, "approvers": list(standing.approvers)},
    )


def expire(send: Send, *, expire_hours: float, now: datetime) -> Move | None:
    """Give the move to *not sent* of a send that was held too long."""
    if (
        send.state is not State.HELD
        or send.held_at is None
        or now - send.held_at < timedelta(hours=expire_hours)
    ):
        return None
    return move(send, Act.EXPIRE, actor="sekisho", now=now)


def seen_digest(
    *,
    send_id: str,
    template: str,
    mails: Iterable[bytes],
    parts: Iterable[str],
    recipients: Iterable[str],
    verdict: Verdict,
    exposure: Exposure,
) -> str:
    """Give the digest (SHA-256) of all that a reviewer decides on: change any of it, and an approval covers nothing."""
    whole = hashlib.sha256()
    for section, items in (
        ("send", [send_id, template]),
        ("mails", [digest.hex() for digest in mails]),
        ("parts", sorted(parts)),
        ("recipients", sorted(recipients)),
        ("verdict", asdict(verdict)),
        ("exposure", {**asdict(exposure), "items": dict(exposure.items), "gaps": dict(exposure.gaps)}),
    ):
        whole.update(
            json.dumps([section, items], sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode(
                "utf-8", "surrogatepass"
            )
        )
    return whole.hexdigest()
