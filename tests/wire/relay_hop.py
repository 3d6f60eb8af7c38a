"""Released sends in a store, and a next hop that misbehaves on command."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from sqlalchemy import select, update

from gateway.model import Envelope, Recipient, State
from gateway.relay.relay import Relay
from gateway.review import states
from gateway.settings import Settings
from gateway.store import deliveries, events, schema, sends
from gateway.store.arrivals import arrival, enter

CONTENT = b"From: s@example.jp\r\nSubject: hello\r\n\r\n.dot\r\n..\r\nbody\r\n"
FINAL = {"delivered", "failed", "cancelled"}


def now():
    return datetime.now(UTC)


def put(
    database,
    recipients=("a@example.com",),
    *,
    content=CONTENT,
    number=1,
    state=State.CLEARED,
    sender="s@example.jp",
    parameters=(),
):
    """Enter mails as one send that stands in a state; give its id."""
    arrivals = []
    for _ in range(number):
        to = tuple(r if isinstance(r, Recipient) else Recipient(address=r) for r in recipients)
        envelope = Envelope(
            client="tool",
            submitter="tool",
            sender=sender,
            recipients=to,
            parameters=parameters,
            helo="x",
            peer="127.0.0.1",
        )
        arrivals.append(arrival(envelope, content, now()))
    with database.write("test") as tx:
        enter(tx, arrivals, {"tool": True})
        send_id = tx.execute(
            select(schema.mails.c.send_id).where(schema.mails.c.id == arrivals[0].id)
        ).scalar_one()
        values = {"state": state, "version": schema.sends.c.version + 1}
        if state in (State.RELEASING, State.STOPPED):
            values["released_at"] = now()
        tx.execute(update(schema.sends).where(schema.sends.c.id == send_id).values(**values))
    return send_id


def act(database, send_id, what):
    with database.write("test") as tx:
        sends.apply(tx, states.move(sends.get(tx, send_id), what, actor="reviewer", now=now()))
        if what is states.Act.WITHDRAW:
            deliveries.cancel(tx, send_id)


def ledger(database, send_id):
    with database.read() as tx:
        return {d.recipient.address: d for d in deliveries.of_send(tx, send_id, limit=100_000)}


def state_of(database, send_id):
    with database.read() as tx:
        return sends.get(tx, send_id).state


def told(database, send_id):
    with database.read() as tx:
        return {event.kind: event.facts for event in events.of_send(tx, send_id)}


def settings_for(port, *, release=None, **relay):
    fields = {
        "host": "127.0.0.1",
        "port": port,
        "tls": "none",
        "timeout_seconds": 0.3,
        "connections": 2,
        "retry_seconds": [1],
        **relay,
    }
    return Settings.model_validate(
        {"relay": fields, "release": release or {}, "smtp": {"hostname": "gw.example.jp"}}
    )


@asynccontextmanager
async def running(database, settings):
    stop = asyncio.Event()
    task = asyncio.create_task(Relay(database, settings, clock=now).run(stop))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(task, 15)


async def until(condition, seconds=10.0):
    end = asyncio.get_running_loop().time() + seconds
    while not condition():
        assert asyncio.get_running_loop().time() < end, "waited in vain"
        await asyncio.sleep(0.02)


class Hop:
    """A next hop that follows a script: what to do at which stage, and how often."""

    def __init__(self, *, offers=("PIPELINING", "8BITMIME"), faults=(), slow=0.0):
        self.offers = offers
        self.faults = list(faults)  # (stage, what, times)
        self.slow = slow
        self.taken = []  # (sender, recipients, content)
        self.commands = []
        self.writers = set()

    async def __aenter__(self):
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_):
        self.server.close()
        for writer in list(self.writers):
            writer.transport.abort()
        await self.server.wait_closed()
        await asyncio.sleep(0.02)

    def fault(self, stage):
        for number, (where, what, times) in enumerate(self.faults):
            if where == stage and times > 0:
                self.faults[number] = (where, what, times - 1)
                return what
        return None

    async def answer(self, writer, stage, usual):
        """Answer as usual, or as the script says; tell whether all went as usual."""
        what = self.fault(stage)
        match what:
            case None:
                writer.write(usual)
            case "4xx":
                writer.write(b"451 4.3.0 later\r\n")
            case "5xx":
                writer.write(b"554 5.6.0 never\r\n")
            case "421":
                writer.write(b"421 4.3.2 closing\r\n")
                await writer.drain()
                raise ConnectionError
            case "drop":
                raise ConnectionError
            case "hang":
                await asyncio.sleep(30)
            case "garbage":
                writer.write(b"\xff\xfe\x00 what?\r\n" * 3)
        await writer.drain()
        return what is None

    async def serve(self, reader, writer):
        self.writers.add(writer)
        try:
            await self.converse(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()
            self.writers.discard(writer)

    async def converse(self, reader, writer):
        await self.answer(writer, "connect", b"220 hop ESMTP\r\n")
        sender, recipients = None, []
        while line := await reader.readuntil(b"\r\n"):
            command = line.decode().rstrip("\r\n")
            self.commands.append(command)
            verb = command.split(" ")[0].split(":")[0].upper()
            if verb == "EHLO":
                usual = "".join(f"250-{o}\r\n" for o in ("hop", *self.offers)) + "250 HELP\r\n"
                await self.answer(writer, "ehlo", usual.encode())
            elif verb == "HELO":
                await self.answer(writer, "ehlo", b"250 hop\r\n")
            elif verb == "MAIL":
                if sender is not None:
                    writer.write(b"503 5.5.1 nested MAIL\r\n")
                elif await self.answer(writer, "mail", b"250 ok\r\n"):
                    sender, recipients = command[11:].split(">")[0], []
            elif verb == "RCPT":
                address = command[9:].split(">")[0]
                if sender is None:
                    writer.write(b"503 5.5.1 MAIL first\r\n")
                elif await self.answer(
                    writer, "rcpt" if self.fault(address) is None else f"{address}!", b"250 ok\r\n"
                ):
                    recipients.append(address)
            elif verb == "DATA":
                if not recipients:
                    writer.write(b"554 5.5.1 no valid recipients\r\n")
                elif await self.answer(writer, "data", b"354 go\r\n"):
                    content = b""
                    while not content.endswith(b"\r\n.\r\n"):
                        content += await reader.readuntil(b"\r\n")
                    await asyncio.sleep(self.slow)
                    if self.fault("accept-and-drop"):
                        self.taken.append((sender, recipients, content))
                        raise ConnectionError
                    if await self.answer(writer, "dot", b"250 2.0.0 ok\r\n"):
                        self.taken.append((sender, recipients, content))
                    sender = None
            elif verb == "RSET":
                sender, recipients = None, []
                writer.write(b"250 ok\r\n")
            elif verb == "QUIT":
                writer.write(b"221 bye\r\n")
                return

    def copies(self):
        counts = {}
        for _, recipients, content in self.taken:
            if b"delivery-status" not in content:
                for recipient in recipients:
                    counts[recipient] = counts.get(recipient, 0) + 1
        return counts


def free_port():
    import socket

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
