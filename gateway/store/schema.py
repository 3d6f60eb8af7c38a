"""The one schema, for SQLite and PostgreSQL alike.

In: nothing. Out: SQLAlchemy Core tables. Fails: never.

A mail is kept as its skeleton and the blobs it shares with others; a send is a row that mails point to; a delivery is
one recipient of one mail. Moves of a send compare and swap on `version`. Times are whole microseconds since 1970, UTC.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class Instant(TypeDecorator[datetime]):
    """An aware datetime, stored as microseconds since 1970 in UTC: the same and sortable in every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Write it."""
        return None if value is None else (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Read it."""
        return None if value is None else EPOCH + value * MICROSECOND


# SQLite numbers rows itself only where the key is a plain INTEGER.
RowNumber = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

blobs = Table(
    "blobs",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("raw", LargeBinary, nullable=False),
)

sends = Table(
    "sends",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("series", String(32), nullable=False),
    Column("client", Text, nullable=False),
    Column("submitter", Text, nullable=False),
    Column("sender", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("mails", Integer, nullable=False),
    Column("recipients", Integer, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("last_mail_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("held_at", Instant),
    Column("released_at", Instant),
    Column("finished_at", Instant),
    Column("purged_at", Instant),  # since then its mails have no contents
    Column("single", Boolean, nullable=False),  # a mail of a client that sends no bulk: no other joins it
    Column("fingerprint", LargeBinary, nullable=False),
    Column("template", String(64), nullable=False),
    Column("seen", String(64)),
    Column("verdict", Text),
    Column("exposure", Text),
    Index(None, "state", "last_mail_at"),
    Index(None, "client", "sender", "state"),
    Index(None, "opened_at"),
    Index(None, "finished_at"),
)

mails = Table(
    "mails",
    metadata,
    Column("number", RowNumber, primary_key=True, autoincrement=True),
    Column("id", String(32), nullable=False, unique=True),
    Column("send_id", ForeignKey("sends.id"), nullable=False, index=True),
    Column("received_at", Instant, nullable=False),
    Column("envelope", Text, nullable=False),
    Column(
        "digest", LargeBinary(32), nullable=False
    ),  # SHA-256 of the whole mail: what is relayed is what came
    Column("skeleton", LargeBinary, nullable=False),
    Column("segments", Text, nullable=False),
    Column("own", LargeBinary(32)),  # inspection of its own bytes; null: not inspected yet
    Column("parts", Text),  # keys of the inspections of its blobs
)
# The queue of what is still to be inspected: short, whatever the number of mails.
Index(
    "ix_mails_uninspected",
    mails.c.number,
    sqlite_where=mails.c.own.is_(None),
    postgresql_where=mails.c.own.is_(None),
)

inspections = Table(
    "inspections",
    metadata,
    Column("key", LargeBinary(32), primary_key=True),
    Column("found", LargeBinary, nullable=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", RowNumber, primary_key=True, autoincrement=True),
    Column("mail_id", String(32), nullable=False, index=True),
    Column("send_id", ForeignKey("sends.id"), nullable=False),
    Column("address", Text, nullable=False),
    Column("parameters", Text, nullable=False),
    Column("status", String(16), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", Instant),
    Column("lease_until", Instant),  # while SENDING: after this the claim is void and another may try
    Column("reply", Text, nullable=False),
    Index(None, "send_id", "status", "next_attempt_at"),
)

dsns = Table(  # notices of failure that are still to be sent
    "dsns",
    metadata,
    Column("number", RowNumber, primary_key=True, autoincrement=True),
    Column("mail_id", String(32), nullable=False),
    Column("send_id", String(32), nullable=False),
    Column("address", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", Instant, nullable=False, index=True),
)

passwords = (
    Table(  # that opened something in a send, so that reviewers can be shown it; unsealed for that alone
        "passwords",
        metadata,
        Column("number", RowNumber, primary_key=True, autoincrement=True),
        Column("send_id", ForeignKey("sends.id"), nullable=False, index=True),
        Column("source", String(16), nullable=False),  # "mail", "list" or "reviewer"
        Column("told_by", String(32), index=True),  # the send whose mail told it
        Column("sealed", LargeBinary, nullable=False),  # empty once the contents that it opens were removed
        Column("at", Instant, nullable=False),
    )
)

approvals = Table(
    "approvals",
    metadata,
    Column("send_id", ForeignKey("sends.id"), primary_key=True),
    Column("reviewer", Text, primary_key=True),  # one decision a person and send
    Column("submitter", Text, nullable=False),
    Column("sender", Text, nullable=False),
    Column("choice", String(16), nullable=False),
    Column("seen", String(64), nullable=False),
    Column("comment", Text, nullable=False),
    Column("at", Instant, nullable=False),
    CheckConstraint("reviewer <> submitter AND reviewer <> sender", name="not_the_sender"),
)

events = Table(
    "events",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("send_id", String(32), index=True),
    Column("event", Text, nullable=False),
    Column("seal", LargeBinary(32), nullable=False),
)

chain_head = Table(
    "chain_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("seal", LargeBinary(32), nullable=False),
    Column("head_seal", LargeBinary(32), nullable=False),
)

accounts = Table(
    "accounts",
    metadata,
    Column("name", Text, primary_key=True),
    Column("role", String(16), nullable=False),
    Column("affiliation", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
)

credentials = Table(  # sessions of the pages and tokens of the API; only their hashes are kept
    "credentials",
    metadata,
    Column("hash", LargeBinary(32), primary_key=True),
    Column("account", ForeignKey("accounts.name"), nullable=False, index=True),
    Column("sort", String(16), nullable=False),  # "session" or "token"
    Column("csrf", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),
)
