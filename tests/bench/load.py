"""The mail tool of the benchmark: sends a workload over a few connections, each used again, and says how long it took.

In: host, port, workload, number. Out: one line of JSON. Fails: exit 1 with the server's reply on standard error.

    python -m tests.bench.load 127.0.0.1 2525 w1 2000 --connections 20

A process of its own, the same for every server measured. Plain SMTP without PIPELINING; the clock starts when every
connection has been greeted and stops with the last reply to a final dot.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
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


class Connection:
    """One connection to the server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def greet(self) -> None:
        """Be greeted."""
        await self._hear(b"220")
        await self._say(b"EHLO bench.example.jp\r\n", b"250")

    async def send(self, mails: Iterator[Mail]) -> int:
        """Send what is left of the workload, until nothing is; give how many it was."""
        sent = 0
        for mail in mails:
            await self._say(b"MAIL FROM:<%s>\r\n" % SENDER.encode(), b"250")
            await self._say(b"RCPT TO:<%s>\r\n" % mail.recipient.encode(), b"250")
            await self._say(b"DATA\r\n", b"354")
            for piece in mail.pieces:
                self._writer.write(piece)
            await self._say(b".\r\n", b"250")
            sent += 1
        return sent

    async def leave(self) -> None:
        """Say goodbye."""
        self._writer.write(b"QUIT\r\n")
        self._writer.close()

    async def _say(self, line: bytes, wanted: bytes) -> None:
        self._writer.write(line)
        await self._hear(wanted)

    async def _hear(self, wanted: bytes) -> None:
        while (line := await self._reader.readline())[3:4] == b"-":
            pass
        if not line.startswith(wanted):
            raise UnwelcomeError(
                f"wanted {wanted.decode()}, heard {line.decode('utf-8', 'replace').strip() or 'nothing'}"
            )


async def run(host: str, port: int, mails: list[Mail], connections: int) -> Load:
    """Send mails over so many connections."""
    opened = [
        Connection(*await asyncio.open_connection(host, port, limit=1 << 16)) for _ in range(connections)
    ]
    for connection in opened:
        await connection.greet()
    waiting = iter(mails)
    began = time.monotonic()
    sent = await asyncio.gather(*(connection.send(waiting) for connection in opened))
    ended = time.monotonic()
    for connection in opened:
        await connection.leave()
    return Load(mails=sum(sent), seconds=ended - began, ended_at=ended)


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
        load = asyncio.run(run(arguments.host, arguments.port, mails, connections))
    except (UnwelcomeError, OSError) as error:
        sys.exit(f"{arguments.workload}: {error}")
    print(json.dumps(asdict(load)))


if __name__ == "__main__":
    main()
