"""The real program on loopback, for tests that send real mail and kill it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gateway.clock import now
from gateway.demo.next_hop import NextHop
from gateway.model import Account, Role
from gateway.settings import StoreSettings
from gateway.store import accounts
from gateway.store.database import open_database
from gateway.store.migrate import migrate

PASSWORD = "correct horse battery"
BY_LIBMAGIC = (
    "LIBRARY_PATH",
    "LD_LIBRARY_PATH",
    "MAGIC",
)  # its wheel leaves these in the environment of whoever imports it


class RecordingHop(NextHop):
    """A next hop that keeps what it got, by recipient."""

    def __init__(self) -> None:
        super().__init__()
        self.contents: defaultdict[str, list[bytes]] = defaultdict(list)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        for recipient in envelope.rcpt_tos:
            self.contents[recipient].append(envelope.content)
        return await super().handle_DATA(server, session, envelope)


class Program:
    """`python -m gateway serve` with a config of its own."""

    def __init__(
        self,
        folder: Path,
        *,
        url: str = "",
        next_hop_port: int | None = None,
        quiet_seconds: float = 0.6,
        more: str = "",
        log_level: str = "ERROR",
    ) -> None:
        self.folder = folder
        self.smtp_port, self.web_port = free_port(), free_port()
        self.store = StoreSettings(
            url=url or f"sqlite:///{folder}/sekisho.db", seal_key_file=folder / "seal.key"
        )
        self.config = folder / "sekisho.toml"
        relay = (
            f'[relay]\nhost = "127.0.0.1"\nport = {next_hop_port}\ntls = "none"\nretry_seconds = [1]\n'
            if next_hop_port
            else ""
        )
        self.config.write_text(
            f'[store]\nurl = "{self.store.url}"\nseal_key_file = "{self.store.seal_key_file}"\n[smtp]\nlisten = ["127.0.0.1:{self.smtp_port}"]\n'
            f'[[client]]\nname = "mail-tool"\nnetworks = ["127.0.0.1/32"]\n{relay}[web]\nlisten = "127.0.0.1:{self.web_port}"\n'
            f'[sends]\nquiet_seconds = {quiet_seconds}\n[log]\nlevel = "{log_level}"\n{more}',
            encoding="utf-8",
        )
        self.log, self.log_level = folder / "log", log_level  # what is more than errors goes to the file
        self.tokens: dict[str, str] = {}
        self.process: subprocess.Popen[bytes] | None = None

    def add_people(self, **roles: Role) -> None:
        database = open_database(self.store)
        migrate(database)
        with database.write("account") as tx:
            for name, role in roles.items():
                accounts.add(tx, Account(name=name, role=role), PASSWORD, now=now(), actor="test")
                self.tokens[name] = accounts.issue(tx, name, accounts.Sort.TOKEN, now=now(), lasts=None)
        database.close()

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gateway", "serve", "--config", str(self.config)],
                start_new_session=True,
                env=environment(),
                stderr=None if self.log_level == "ERROR" else log,
            )
        until(self._listens, seconds=40)

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(30)
            self.process = None

    def kill(self) -> None:
        """End the supervisor as kill -9 does; its children have to go by themselves."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process = None

    def run(
        self, *arguments: str, check: bool = True, stdin: str | None = None, **more: Any
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "gateway", *arguments, "--config", str(self.config)],
            capture_output=True, input=stdin, text=True, check=check, timeout=120, env={**environment(), **more},
        )  # fmt: skip

    def call(self, path: str, who: str, body: dict[str, str] | None = None) -> tuple[int, Any]:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.web_port}/api/v1/{path}",
            data=data,
            headers={"Authorization": f"Bearer {self.tokens[who]}"},
            method="GET" if body is None else "POST",
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    def sends(self, who: str, state: str = "") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.call(f"sends?state={state}" if state else "sends", who)[1]["sends"]
        return found

    def _listens(self) -> bool:
        assert self.process is not None and self.process.poll() is None, "the program has ended"
        try:
            with socket.create_connection(("127.0.0.1", self.smtp_port), timeout=1) as smtp:
                smtp.settimeout(2)
                greeted = smtp.recv(3) == b"220"
            with socket.create_connection(("127.0.0.1", self.web_port), timeout=1):
                return greeted
        except OSError:
            return False


def environment() -> dict[str, str]:
    """Give the environment of this process, as it was before a test opened a file here, less what is said to tests alone."""
    left_out = {*BY_LIBMAGIC, "SEKISHO_SCREENSHOTS"}
    return {name: value for name, value in os.environ.items() if name not in left_out}


@contextmanager
def running(program: Program) -> Iterator[Program]:
    program.start()
    try:
        yield program
    finally:
        program.stop()


def until(look: Callable[[], Any], *, seconds: float = 30) -> Any:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.1)
    raise AssertionError(f"did not come about within {seconds} s")


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
