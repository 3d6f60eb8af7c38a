"""The words of Sekisho as types: what flows from the socket to the reviewer and out again.

In: nothing. Out: frozen dataclasses and enums. Fails: never.

Everything is frozen and keyword-only; times are aware and in UTC; bytes are called `raw`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from gateway.people import People

if TYPE_CHECKING:
    import pandas as pd

Path = tuple[str, ...]
"""Names a part inside a mail: ("名簿.zip", "社員.xlsx", "Sheet1")."""

# --- the mail --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """One RCPT TO, with the parameters it came with (RFC 3461: NOTIFY, ORCPT)."""

    address: str
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Who: the SMTP envelope (RFC 5321, 2.3.1). `sender` is "" for the null reverse-path."""

    client: str  # the [[client]] by name
    submitter: str  # the SMTP login, or the client's name where it came by network
    sender: str
    recipients: tuple[Recipient, ...]
    parameters: tuple[str, ...] = ()  # MAIL FROM parameters to hand on: BODY, SMTPUTF8, RET, ENVID
    peer: str = ""  # the client's network address
    helo: str = ""
    tls: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Blob:
    """Bytes of a mail that are stored once, however many mails carry them."""

    digest: bytes  # SHA-256
    raw: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """Where a blob goes: at `at` bytes into the skeleton stand `length` bytes of the blob `digest`."""

    at: int
    digest: bytes
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Skeleton:
    """A mail's bytes less its blobs: what is its own."""

    raw: bytes
    segments: tuple[Segment, ...] = ()

    @property
    def length(self) -> int:
        """Bytes of the whole mail."""
        return len(self.raw) + sum(segment.length for segment in self.segments)


# --- what is in it ---------------------------------------------------------------------------------------------


class GapReason(StrEnum):
    """Why something could not be read. Unreadable is not clean: a gap holds."""

    ENCRYPTED = "ENCRYPTED"
    CORRUPT = "CORRUPT"
    UNKNOWN = "UNKNOWN"
    TOO_BIG = "TOO_BIG"
    TOO_DEEP = "TOO_DEEP"
    TIMEOUT = "TIMEOUT"
    CRASHED = "CRASHED"
    AMBIGUOUS = "AMBIGUOUS"  # two readers would read it in two ways; all that was found was read
    IMAGE = "IMAGE"  # a picture that nobody here reads, or could read with confidence
    SMALL_IMAGE = "SMALL_IMAGE"  # one that nobody here reads, too small for a list: a logo, a button


class Claim(StrEnum):
    """What a name, or a header, says that bytes are; unpack/claims.toml says which are."""

    PDF = "PDF"
    TEXT = "TEXT"
    IMAGE = "IMAGE"
    ARCHIVE = "ARCHIVE"
    SPREADSHEET = "SPREADSHEET"
    DOCUMENT = "DOCUMENT"
    PRESENTATION = "PRESENTATION"
    MAIL = "MAIL"
    SIGNED = "SIGNED"  # S/MIME
    TNEF = "TNEF"  # winmail.dat
    RECORDING = "RECORDING"  # of sound or pictures


class Outcome(StrEnum):
    """What became of a part."""

    TEXT = "text"
    TABLE = "table"
    CONTAINER = "container"
    GAP = "gap"


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A part that is running text."""

    path: Path
    media_type: str
    encoding: str | None
    content: str
    claimed: Claim | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A part that is a table: every cell a str ("" where empty), `header` tells whether frame.columns are a heading.

    Of a long table `frame` has the first rows; `more` reads on. `frames()` gives all of it.
    """

    path: Path
    media_type: str
    encoding: str | None
    frame: pd.DataFrame
    header: bool
    claimed: Claim | None = None
    more: Callable[[], Iterable[pd.DataFrame]] = tuple

    def frames(self) -> Iterator[pd.DataFrame]:
        """Give the rows, frame by frame."""
        yield self.frame
        yield from self.more()


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """A part that holds others (ZIP, multipart, workbook); what it holds follows it."""

    path: Path
    media_type: str
    claimed: Claim | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A part, or a piece of one, that could not be read."""

    path: Path
    media_type: str
    reason: GapReason
    claimed: Claim | None = None


Leaf = Text | Table | Container | Gap


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table, typed."""

    header: str | None
    kind: str | None
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Where a finding stands in a text part; for `scan --spans` and for the reviewer's highlights."""

    kind: str
    start: int
    end: int
    confidence: float
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A leaf of a mail's tree and what inspection said of it. No field holds a matched value."""

    path: Path
    media_type: str
    encoding: str | None
    outcome: Outcome
    gap: GapReason | None = None
    claimed: Claim | None = None  # what it is called and is not
    rows: int = 0
    columns: tuple[Column, ...] = ()
    findings: Mapping[str, int] = field(default_factory=dict)
    about_people: bool = False
    why: str = ""
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What one blob, or the own bytes of one mail, holds; `left_out` seems the record of its only reader, a hashed address."""

    parts: tuple[Part, ...] = ()
    people: People = field(default_factory=People)
    records: int = 0
    sensitive: tuple[str, ...] = ()
    left_out: People = field(default_factory=People)
    reader: int | None = None
    visible: tuple[int, ...] = ()  # hashed addresses that its header shows to all who read it


# --- what it would mean ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """What would happen on release: whose data would reach whom (漏えい等の対象)."""

    mails: int
    recipients: int
    records: int
    people: int  # 本人の数: third parties only, a reader's own record does not count
    households: int
    minors: int
    items: Mapping[str, int]
    sensitive: tuple[str, ...]  # 要配慮個人情報 and financial items
    customers: int = 0  # of the people: those whom the organisation registered as its own
    passwords: int = 0  # held or rejected sends whose parts a password in this one opens
    overlap: int  # recipients of the send whose own address stands in what everybody gets
    reportable: bool  # 規則 7 条: more than 1,000 people, or sensitive
    gaps: Mapping[str, int]  # reason -> how many parts
    visible: int = 0  # addresses of others that a mail's header shows to its reader, at most
    mislabelled: int = 0  # parts whose name or declared type says something else than their bytes


class Decision(StrEnum):
    """What a policy says of a send, worst last."""

    PASS = "PASS"  # noqa: S105 - a verdict
    HOLD = "HOLD"
    REJECT = "REJECT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A rule that fired and the figure that made it."""

    rule: str
    decision: Decision
    figure: int
    limit: int
    ja: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """All reasons, and the worst of them."""

    policy: str
    decision: Decision
    reasons: tuple[Reason, ...] = ()


# --- the send and its life -------------------------------------------------------------------------------------


class State(StrEnum):
    """Where a send stands; the table of moves is review/states.py."""

    OPEN = "OPEN"
    JUDGED = "JUDGED"
    CLEARED = "CLEARED"
    HELD = "HELD"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"
    WITHDRAWN = "WITHDRAWN"
    RELEASING = "RELEASING"
    STOPPED = "STOPPED"
    DONE = "DONE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """The mails of one mail-merge job (一斉送信), or a single mail: what people judge."""

    id: str
    series: str
    client: str
    submitter: str
    sender: str
    subject: str  # what its mails' subjects have in common, masked where it is personal
    state: State
    version: int  # grows with each change; the store compares and swaps on it
    mails: int
    recipients: int
    opened_at: datetime
    last_mail_at: datetime
    closed_at: datetime | None = None
    held_at: datetime | None = None
    released_at: datetime | None = None
    single: bool = False  # of a client that sends no bulk: no other mail joins it
    template: str = ""  # digest of the template
    seen: str | None = None  # digest of all that a reviewer is shown
    verdict: Verdict | None = None
    exposure: Exposure | None = None


class Choice(StrEnum):
    """What a reviewer decided."""

    APPROVE = "approve"
    REJECT = "reject"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """One reviewer's decision, bound to the digest of exactly what that person was shown."""

    send_id: str
    reviewer: str
    choice: Choice
    seen: str
    comment: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How far the approvals have come."""

    needed: int
    approvers: tuple[str, ...]

    @property
    def missing(self) -> int:
        """Approvals still to come."""
        return max(0, self.needed - len(self.approvers))

    @property
    def complete(self) -> bool:
        """Whether nothing is missing."""
        return self.missing == 0


class Role(StrEnum):
    """What an account may do."""

    REVIEWER = "reviewer"
    SENDER = "sender"
    AUDITOR = "auditor"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A local account; `email` ties a person to the envelope senders he is."""

    name: str
    role: Role
    group: str = ""
    email: str = ""
    disabled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of the tamper-evident log. `facts` are counts, digests and names of accounts, never personal data of a mail."""

    kind: str  # "send.held", "approval.given", …
    at: datetime
    actor: str  # an account, a client, or "sekisho"
    send_id: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A change of state that a pure rule decided on; the store applies it by compare-and-swap, with its event."""

    send_id: str
    version: int
    before: State
    after: State
    event: Event
