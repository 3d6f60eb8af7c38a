"""Mails to put into a store, and a look at what is in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

from sqlalchemy import func, select, update

from gateway.model import Envelope, Recipient, State
from gateway.store import arrivals as incoming
from gateway.store import schema, sends
from gateway.store.database import Database, Transaction

ATTACHMENT = b"QUJDREVG" * 9 + b"\r\n"


def now() -> datetime:
    return datetime.now(UTC)


def envelope(
    *recipients: str, client: str = "tool", sender: str = "s@example.jp", **more: object
) -> Envelope:
    to = tuple(Recipient(address=address) for address in recipients or ("a@example.com",))
    return Envelope(client=client, submitter=client, sender=sender, recipients=to, **more)  # type: ignore[arg-type]


def letter(number: int = 1, *, subject: str = "the news of October", attachment: bytes = b"") -> bytes:
    """Write a mail of one template, to reader `number`."""
    text = f"From: s@example.jp\r\nTo: r{number}@example.com\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\n"
    text += 'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n'
    text += f"Dear reader {number},\r\n" + "".join(
        f"this is line {line} of {subject}\r\n" for line in range(20)
    )
    whole = text.encode() + b"\r\n"
    if attachment:
        whole += (
            b"--b\r\nContent-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\n\r\n" + attachment
        )
    return whole + b"\r\n--b--\r\n"


def enter(
    database: Database, *contents: bytes, bulk: bool = True, at: datetime | None = None, **who: object
) -> list[str]:
    """Enter mails in one transaction; give their ids."""
    arrivals = [incoming.arrival(envelope(**who), content, at or now()) for content in contents]  # type: ignore[arg-type]
    with database.write("test") as tx:
        incoming.enter(tx, arrivals, {"tool": bulk})
    return [arrived.id for arrived in arrivals]


def put(database: Database, state: State = State.OPEN, *contents: bytes) -> str:
    """Enter mails as one send that stands in a state; give its id."""
    mail_ids = enter(database, *(contents or (letter(),)))
    send_id = send_of(database, mail_ids[0])
    with database.write("test") as tx:
        values = {"state": state, "seen": "d" * 64, "held_at": now(), "released_at": now()}
        tx.execute(update(schema.sends).where(schema.sends.c.id == send_id).values(**values))
    return send_id


def send_of(database: Database, mail_id: str) -> str:
    with database.read() as tx:
        found: str = tx.execute(
            select(schema.mails.c.send_id).where(schema.mails.c.id == mail_id)
        ).scalar_one()
        return found


def send(database: Database, send_id: str):
    with database.read() as tx:
        return sends.get(tx, send_id)


def counted(database: Database, table) -> int:
    with database.read() as tx:
        return int(tx.execute(select(func.count()).select_from(table)).scalar_one())


class Trouble(Exception):
    """What befalls a transaction in a test."""


@contextmanager
def undone(database: Database) -> Iterator[Transaction]:
    """Give a transaction that fails at its end."""
    with suppress(Trouble), database.write("test") as tx:
        yield tx
        raise Trouble
