"""The one tree of errors that callers handle. Anything else is a bug.

In: nothing. Out: exception classes. Fails: never.

    SekishoError
    ├── Refused      5xx, for good: the client is wrong
    ├── NotNow       4xx, later: we are in trouble
    ├── Stale        somebody else moved first
    │   └── WrongState   the send's state does not know the act
    ├── NotAllowed   this person may not
    ├── Unusable     what was asked for is incomplete or cannot be, whoever asks
    ├── NotFound     there is no such thing
    └── BadConfig    file, key, remedy

No message carries a body, a matched value or a full address.
"""

from __future__ import annotations


class SekishoError(Exception):
    """Base of everything that Sekisho raises on purpose."""


class Refused(SekishoError):
    """A permanent refusal of a mail, with its SMTP reply and a reason for the metrics."""

    def __init__(self, reply: str, *, reason: str) -> None:
        super().__init__(reply)
        self.reply = reply
        self.reason = reason


class NotNow(SekishoError):
    """A refusal that asks the client to come again."""

    def __init__(
        self, reply: str = "451 4.3.0 Trouble on our side, please try again later", *, reason: str
    ) -> None:
        super().__init__(reply)
        self.reply = reply
        self.reason = reason


class Stale(SekishoError):
    """The thing was moved, or its digest changed, since the caller looked at it."""


class WrongState(Stale):
    """The act does not fit the state that the send is in."""

    def __init__(self, state: str) -> None:
        super().__init__(f"not for a send that is {state}")
        self.state = state


class NotAllowed(SekishoError):
    """The account may not do that to the send; `reason` is a key of the locale."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Unusable(SekishoError):
    """Something is missing from what was asked for, or cannot be used; `reason` is a key of the locale."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotFound(SekishoError):
    """There is no such send, account or part; `reason` is a key of the locale."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class BadConfig(SekishoError):
    """A mistake in a config or policy file: where it stands and what to do about it."""

    def __init__(self, *, file: str, key: str, remedy: str) -> None:
        super().__init__(f"{file}: {key}: {remedy}")
        self.file = file
        self.key = key
        self.remedy = remedy
