"""The life of a send: the one table of the moves there are.

In: a send, an act. Out: a Move. Fails: WrongState for an act that the send's state does not know.

Nothing leads from HELD to CLEARED but APPROVE, which approvals.py gives only when enough people have approved; no
act of a timer (JUDGE, EXPIRE) leads to a release. What was held once stays held, whatever it is judged to be later.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from gateway.errors import WrongState
from gateway.model import Event, Move, Send, State


class Act(StrEnum):
    """What can be done to a send; its value is the event's kind."""

    JUDGE = "send.judged"
    JUDGE_AGAIN = "send.judged_again"  # something in it could be opened since
    CLEAR = "send.cleared"  # by the policy's verdict
    HOLD = "send.held"
    REFUSE = "send.refused"  # by the policy's verdict
    APPROVE = "send.approved"  # by the last approval that was missing
    REJECT = "send.rejected"  # by a reviewer
    EXPIRE = "send.expired"
    RELEASE = "send.releasing"
    STOP = "send.stopped"
    RESUME = "send.resumed"
    FINISH = "send.done"
    WITHDRAW = "send.withdrawn"


TABLE: Mapping[tuple[State, Act], State] = MappingProxyType(
    {
        (State.OPEN, Act.JUDGE): State.JUDGED,
        (State.JUDGED, Act.CLEAR): State.CLEARED,
        (State.JUDGED, Act.HOLD): State.HELD,
        (State.JUDGED, Act.REFUSE): State.REJECTED,
        (State.HELD, Act.JUDGE_AGAIN): State.HELD,
        (State.HELD, Act.REFUSE): State.REJECTED,
        (State.HELD, Act.APPROVE): State.CLEARED,
        (State.HELD, Act.REJECT): State.REJECTED,
        (State.HELD, Act.EXPIRE): State.EXPIRED,
        (State.HELD, Act.WITHDRAW): State.WITHDRAWN,
        (State.CLEARED, Act.RELEASE): State.RELEASING,
        (State.CLEARED, Act.STOP): State.STOPPED,
        (State.CLEARED, Act.WITHDRAW): State.WITHDRAWN,
        (State.RELEASING, Act.STOP): State.STOPPED,
        (State.RELEASING, Act.FINISH): State.DONE,
        (State.RELEASING, Act.WITHDRAW): State.WITHDRAWN,
        (State.STOPPED, Act.RESUME): State.RELEASING,
        (State.STOPPED, Act.FINISH): State.DONE,
        (State.STOPPED, Act.WITHDRAW): State.WITHDRAWN,
    }
)

NEVER_SENT = frozenset({State.REJECTED, State.EXPIRED, State.WITHDRAWN})  # what waits in these is cancelled
TERMINAL = NEVER_SENT | {State.DONE}


def move(send: Send, act: Act, *, actor: str, now: datetime, facts: Mapping[str, Any] | None = None) -> Move:
    """Give the move that an act makes.

    Raises: WrongState where the send's state does not know the act.
    """
    after = TABLE.get((send.state, act))
    if after is None:
        raise WrongState(send.state)
    event = Event(kind=act, at=now, actor=actor, send_id=send.id, facts=facts or {})
    return Move(send_id=send.id, version=send.version, before=send.state, after=after, event=event)


def begin(send: Send, *, cleared_at: datetime, expire_hours: float, now: datetime) -> Move:
    """Give the move of a cleared send once there is a next hop: out, or, where it has waited for long, to a person.

    What was right to send then may not be so now (a reply to yesterday's question, an appointment that is over).
    """
    late = now - cleared_at >= timedelta(hours=expire_hours)
    facts = {"cleared_at": cleared_at.isoformat()} if late else {"recipients": send.recipients}
    return move(send, Act.STOP if late else Act.RELEASE, actor="sekisho", now=now, facts=facts)
