"""Sekisho as it is really run: `sekisho serve` with a config file, in processes of its own.

In: a folder, roles, processes. Out: a running gateway and what it has done so far. Fails: TimeoutError where it does not start.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from gateway.settings import StoreSettings
from gateway.store import mails, schema
from gateway.store.database import open_database
from tests.bench.processes import bytes_written, cpu_seconds, disk_bytes, free_port, greets, tree, wait_until

QUIET_SECONDS = 1.0
CONFIG = """\
[store]
url = "sqlite:///{home}/data/sekisho.db"
[smtp]
listen = ["127.0.0.1:{port}"]
hostname = "sekisho.bench.example.jp"
processes = {processes}
[[client]]
name = "bench"
networks = ["127.0.0.1/32"]
[web]
listen = "127.0.0.1:{web_port}"
[sends]
quiet_seconds = {quiet_seconds}
[inspect]
workers = 2
seconds = 900
memory_mib = 8192
[log]
level = "WARNING"
"""
RELAYING = """\
[relay]
host = "127.0.0.1"
port = {sink}
tls = "none"
[policy]
file = "monitor"
"""


@dataclass(frozen=True, slots=True)
class Sekisho:
    """A running gateway."""

    home: Path
    port: int
    root: int

    def role(self, name: str) -> list[int]:
        """Give the processes of a role, with those they started."""
        mine = [process for process in tree(self.root) if _plays(process, name)]
        return sorted({descendant for process in mine for descendant in tree(process)})

    def accepting(self) -> list[int]:
        """Give the processes that take mail."""
        return self.role("smtp")

    def worker_cpu_seconds(self) -> float:
        """Give the CPU time that unpacking, detecting and judging have taken."""
        return cpu_seconds(self.role("worker"))

    def written(self) -> int:
        """Give the bytes it has written so far."""
        return bytes_written(tree(self.root))

    def stored_bytes(self) -> int:
        """Give what its data takes on the disk."""
        return disk_bytes(self.home / "data")

    def judged(self) -> int:
        """Give how many mails are in sends that have been judged."""
        return self._ask("SELECT coalesce(sum(mails), 0) FROM sends WHERE state <> 'OPEN'")

    def held(self) -> int:
        """Give how many mails are held."""
        return self._ask("SELECT coalesce(sum(mails), 0) FROM sends WHERE state = 'HELD'")

    def delivered(self) -> int:
        """Give how many recipients have got their mail."""
        return self._ask("SELECT count(*) FROM deliveries WHERE status = 'delivered'")

    def mails(self) -> int:
        """Give how many mails are kept, each in a send."""
        return self._ask("SELECT count(*) FROM mails WHERE send_id IS NOT NULL")

    def sends(self) -> int:
        """Give how many sends they make."""
        return self._ask("SELECT count(*) FROM sends")

    def uninspected(self) -> int:
        """Give how many mails nobody has looked into yet."""
        return self._ask("SELECT count(*) FROM mails WHERE own IS NULL")

    def contents(self) -> Iterator[bytes]:
        """Give the bytes of all mails that are kept."""
        with closing(open_database(StoreSettings(url=self._url))) as database, database.read() as tx:
            ids = tx.execute(select(schema.mails.c.id)).scalars().all()
            for mail_id in ids:
                yield mails.whole(tx, mails.get(tx, mail_id))

    def wait_for_verdicts(self, number: int) -> None:
        """Wait until so many mails have been judged."""
        wait_until(lambda: self.judged() >= number, seconds=900, what=f"verdicts on {number} mails")

    def wait_for_deliveries(self, number: int) -> None:
        """Wait until so many recipients have got their mail."""
        wait_until(lambda: self.delivered() >= number, seconds=900, what=f"{number} deliveries")

    def wait_for_inspection(self) -> None:
        """Wait until all mails have been looked into."""
        wait_until(lambda: self.uninspected() == 0, seconds=900, what="inspection")

    def wait_for_work(self) -> None:
        """Wait until the workers are in the middle of something."""
        before = self.worker_cpu_seconds()
        wait_until(lambda: self.worker_cpu_seconds() > before + 0.5, seconds=60, what="work for the workers")

    @property
    def _url(self) -> str:
        return f"sqlite:///{self.home}/data/sekisho.db"

    def _ask(self, question: str) -> int:
        with closing(sqlite3.connect(f"file:{self.home}/data/sekisho.db?mode=ro", uri=True)) as database:
            return int(database.execute(question).fetchone()[0])


@contextmanager
def running(
    folder: Path,
    *,
    roles: str = "smtp",
    processes: int = 2,
    quiet_seconds: float = QUIET_SECONDS,
    sink: int | None = None,
) -> Iterator[Sekisho]:
    """Run a gateway with an empty store in a folder of its own; with a sink it holds nothing and relays to that port."""
    number = sum(1 for _ in folder.glob("sekisho-*"))
    home = folder / f"sekisho-{number}"
    (home / "data").mkdir(parents=True)
    port = free_port()
    config = home / "sekisho.toml"
    text = CONFIG.format(
        home=home, port=port, processes=processes, web_port=free_port(), quiet_seconds=quiet_seconds
    )
    config.write_text(text + (RELAYING.format(sink=sink) if sink else ""), encoding="utf-8")
    environment = {key: value for key, value in os.environ.items() if not key.startswith("SEKISHO_")}
    command = [sys.executable, "-m", "gateway", "serve", "--config", str(config), "--roles", roles]
    process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL)
    try:
        gateway = Sekisho(home=home, port=port, root=process.pid)
        wait_until(lambda: _ended(process) or greets(port), seconds=30, what="Sekisho's greeting")
        if "smtp" in roles and processes > 1:
            wait_until(
                lambda: len(gateway.accepting()) >= processes, seconds=30, what="all accepting processes"
            )
        yield gateway
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _ended(process: subprocess.Popen[bytes]) -> bool:
    if process.poll() is not None:
        raise RuntimeError(f"sekisho serve ended with {process.returncode}")
    return False


def _plays(process: int, role: str) -> bool:
    """See from its command line whether a process plays one role, and no other."""
    try:
        words = Path(f"/proc/{process}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return False
    return "--roles" in words and words[words.index("--roles") + 1] == role
