"""The mail tool of the benchmark: sends a workload over a few connections, each used again, and says how long it took.

In: host, port, workload, number. Out: one line of JSON. Fails: exit 1 with the server's reply on standard error.

    python -m tests.bench.load 127.0.0.1 2525 w1 2000 --connections 20

A process of its own, the same for every server measured, and a light one: what it takes of the cores, it takes from them.
Plain SMTP without PIPELINING; the clock starts when every connection has been greeted and stops with the last reply to a
final dot.
"""

from __future__ import annotations

import argparse
import json
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import asdict, dataclass

from tests.bench.workloads import SENDER, WORKLOADS, Mail

CONNECTIONS = 20
TIMEOUT_SECONDS = 900


class UnwelcomeError(Exception):
    """The server said something that a mail tool does not want to hear."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How it went: mails accepted, from the first MAIL to the last 250, and when that was (time.monotonic)."""

    mails: int
    seconds: float
    ended_at: float

    @property
    def rate(self) -> float:
        """Mails a second."""
        return self.mails / self.seconds


def send(port: int, workload: str, number: int, *, connections: int = CONNECTIONS) -> Load:
    """Send a workload to a port on loopback, from a process of its own."""
    return start(port, workload, number, connections=connections).result()


@dataclass(frozen=True, slots=True)
class Sending:
    """A load under way."""

    process: subprocess.Popen[bytes]

    def result(self) -> Load:
        """Wait for its end."""
        out, _ = self.process.communicate(timeout=TIMEOUT_SECONDS)
        if self.process.returncode:
            raise UnwelcomeError(f"the load generator ended with {self.process.returncode}")
        return Load(**json.loads(out))


def start(port: int, workload: str, number: int, *, connections: int = CONNECTIONS) -> Sending:
    """Begin to send."""
    arguments = ["127.0.0.1", str(port), workload, str(number), "--connections", str(connections)]
    return Sending(
        subprocess.Popen([sys.executable, "-m", "tests.bench.load", *arguments], stdout=subprocess.PIPE)
    )


Talk = Generator[tuple[tuple[bytes, ...], bytes], None, None]  # what to say, and the reply that is wanted


def greeting() -> Talk:
    """Be greeted."""
    yield (), b"220"
    yield (b"EHLO bench.example.jp\r\n",), b"250"


def sending(mails: Iterator[Mail], done: list[Mail]) -> Talk:
    """Send what is left of the workload, until nothing is."""
    for mail in mails:
        yield (b"MAIL FROM:<%s>\r\n" % SENDER.encode(),), b"250"
        yield (b"RCPT TO:<%s>\r\n" % mail.recipient.encode(),), b"250"
        yield (b"DATA\r\n",), b"354"
        yield (*mail.pieces, b".\r\n"), b"250"
        done.append(mail)


class Connection:
    """One connection to the server, and what is being said on it."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.socket = socket.create_connection(address)
        self.socket.setblocking(False)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.unsent: list[bytes | memoryview] = []
        self._talk: Talk
        self._wanted = b""
        self._heard = b""

    def begin(self, talk: Talk) -> bool:
        """Begin to talk; tell whether there is anything to say."""
        self._talk = talk
        return self._next()

    def hear(self) -> bool:
        """Take what has come, and go on where it was a whole reply; tell whether there is more to say."""
        raw = self.socket.recv(1 << 16)
        if not raw:
            raise UnwelcomeError("the server hung up")
        self._heard += raw
        last = self._heard.rfind(b"\n", 0, -1) + 1
        if not self._heard.endswith(b"\n") or self._heard[last + 3 : last + 4] == b"-":
            return True
        if not self._heard.startswith(self._wanted):
            heard = self._heard.decode("utf-8", "replace").strip()
            raise UnwelcomeError(f"wanted {self._wanted.decode()}, heard {heard}")
        self._heard = b""
        return self._next()

    def say(self) -> None:
        """Send as much as there is room for."""
        try:
            sent = self.socket.sendmsg(self.unsent)
        except BlockingIOError:
            return
        while self.unsent and sent >= len(self.unsent[0]):
            sent -= len(self.unsent.pop(0))
        if sent:
            self.unsent[0] = memoryview(self.unsent[0])[sent:]

    def leave(self) -> None:
        """Say goodbye."""
        self.socket.setblocking(True)
        self.socket.sendall(b"QUIT\r\n")
        self.socket.close()

    def _next(self) -> bool:
        said = next(self._talk, None)
        if said is None:
            return False
        words, self._wanted = said
        if words:
            self.unsent.extend(words)
            self.say()
        return True


def converse(connections: list[Connection], talk: Callable[[], Talk]) -> None:
    """Hold the same talk on every connection at once, to its end."""
    with selectors.DefaultSelector() as selector:
        for connection in connections:
            if connection.begin(talk()):
                selector.register(connection.socket, _interest(connection), connection)
        while selector.get_map():
            for key, events in selector.select(TIMEOUT_SECONDS):
                connection = key.data
                if events & selectors.EVENT_WRITE:
                    connection.say()
                if events & selectors.EVENT_READ and not connection.hear():
                    selector.unregister(connection.socket)
                elif key.events != _interest(connection):
                    selector.modify(connection.socket, _interest(connection), connection)


def _interest(connection: Connection) -> int:
    return selectors.EVENT_READ | (selectors.EVENT_WRITE if connection.unsent else 0)


def run(address: tuple[str, int], mails: list[Mail], number: int) -> Load:
    """Send mails over so many connections."""
    connections = [Connection(address) for _ in range(number)]
    converse(connections, greeting)
    waiting, done = iter(mails), list[Mail]()
    began = time.monotonic()
    converse(connections, lambda: sending(waiting, done))
    ended = time.monotonic()
    for connection in connections:
        connection.leave()
    return Load(mails=len(done), seconds=ended - began, ended_at=ended)


def main() -> None:
    """Read the arguments, send, print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.load")
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("workload", choices=WORKLOADS)
    parser.add_argument("number", type=int, help="mails; for w4 megabytes")
    parser.add_argument("--connections", type=int, default=CONNECTIONS)
    arguments = parser.parse_args()
    mails = list(WORKLOADS[arguments.workload](arguments.number))
    connections = min(arguments.connections, len(mails))
    try:
        load = run((arguments.host, arguments.port), mails, connections)
    except (UnwelcomeError, OSError) as error:
        sys.exit(f"{arguments.workload}: {error}")
    print(json.dumps(asdict(load)))


if __name__ == "__main__":
    main()
