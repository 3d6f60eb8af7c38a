"""The Plus One week (2023-10-23 to 10-31): seven sends of 2,000 mails, the seventh with the list of its own readers.

In: nothing. Out: the story on standard output; the gateway itself, for as long as somebody looks at it. Fails: exit 1 where a
step did not come out right.
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from gateway.clock import now
from gateway.demo.families import HEADER, families
from gateway.demo.mail_tool import Addressee, merged, send
from gateway.demo.next_hop import NextHop
from gateway.demo.words import WORDS
from gateway.model import Account, Role
from gateway.settings import StoreSettings
from gateway.store import accounts
from gateway.store.database import open_database
from gateway.store.migrate import migrate

DAYS = 7
MAILS_A_DAY = 2000
REVIEWERS = ("hanako", "jiro")
PASSWORD = "sekisho-demo"  # noqa: S105 - of a gateway on loopback that lives as long as the demo
QUIET_SECONDS = 1.0


class Wrong(Exception):
    """A step did not come out right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The gateway of the demo and how to reach it."""

    smtp_port: int
    web_port: int
    tokens: dict[str, str]
    hop: NextHop

    def get(self, path: str, who: str = REVIEWERS[0]) -> Any:
        """Ask the API."""
        return self._call(path, who, None)[1]

    def post(self, path: str, who: str, body: dict[str, str]) -> tuple[int, Any]:
        """Tell the API something."""
        return self._call(path, who, json.dumps(body).encode())

    def _call(self, path: str, who: str, body: bytes | None) -> tuple[int, Any]:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.web_port}/api/v1/{path}",
            data=body,
            headers={"Authorization": f"Bearer {self.tokens[who]}"},
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)


def play(*, once: bool, lang: str) -> int:
    """Play the week; give the exit code."""
    words = WORDS.get(lang, WORDS["ja"])

    def say(key: str, **values: object) -> None:
        print(words[key].format(**values), flush=True)  # noqa: T201 - this is the command's output

    started = time.monotonic()
    for number in (signal.SIGINT, signal.SIGTERM):  # however it is ended, the gateway ends with it
        signal.signal(number, signal.default_int_handler)
    try:
        with tempfile.TemporaryDirectory(prefix="sekisho-demo-") as folder, _stage(Path(folder)) as stage:
            say("begin", days=DAYS, mails=MAILS_A_DAY)
            held = _week(stage, say)
            if once:
                _review(stage, held, say)
                _ledger(stage, held, say)
                say("end", seconds=round(time.monotonic() - started))
            else:
                say(
                    "look",
                    url=f"http://127.0.0.1:{stage.web_port}/",
                    names=", ".join(REVIEWERS),
                    password=PASSWORD,
                )
                signal.pause()
    except Wrong as wrong:
        say("wrong", what=wrong)
        return 1
    except KeyboardInterrupt:
        return 1 if once else 0
    return 0


def _week(stage: Stage, say: Callable[..., None]) -> dict[str, Any]:
    """Send the seven days; give the seventh, held."""
    rows = families()
    attachment = _archive(rows)
    listed = [
        Addressee(row[0], row[1])
        for row in {row[0]: row for row in rows if row[0].isascii() and row[0].islower()}.values()
    ]
    for day in range(1, DAYS + 1):
        addressees = [
            Addressee(f"day{day}-{number:04}@example.com", f"会員 {number:04}")
            for number in range(MAILS_A_DAY)
        ]
        if day == DAYS:
            addressees = (listed + addressees)[:MAILS_A_DAY]
        mails = list(merged(day, addressees, attachment if day == DAYS else None))
        taken = asyncio.run(send(stage.smtp_port, mails))
        judged = _until("judged", partial(_newest_judged, stage, day))
        say("day", day=day, taken=taken, state=judged["state"], mails=judged["mails"])
        _see(
            taken == judged["mails"] == MAILS_A_DAY,
            f"day {day}: {taken} taken, {judged['mails']} in its send",
        )
        _see((judged["state"] == "HELD") == (day == DAYS), f"day {day} is {judged['state']}")
    held: dict[str, Any] = stage.get(f"sends/{judged['id']}")
    exposure = held["exposure"]
    say(
        "held",
        mails=held["mails"],
        **{key: exposure[key] for key in ("records", "people", "households", "minors", "overlap")},
    )
    for reason in held["reasons"]:
        say("reason", rule=reason["rule"], ja=reason["text"], en=reason["text_en"])
    found = (exposure["records"], exposure["people"], exposure["households"], exposure["reportable"])
    _see(found == (3732, 3719, 1740, True), f"exposure {found}")
    return held


def _review(stage: Stage, held: dict[str, Any], say: Callable[..., None]) -> None:
    """Two people approve; one alone releases nothing, not even twice."""
    first, second = REVIEWERS
    path, body = (
        f"sends/{held['id']}/approvals",
        {"decision": "approve", "seen": held["seen"], "comment": "demo"},
    )
    status, after = stage.post(path, first, body)
    _see(
        status == 200 and after["state"] == "HELD" and after["tally"]["missing"] == 1,
        f"first approval: {status}",
    )
    _see(stage.post(path, first, body)[0] == 403, "the same person was counted twice")
    time.sleep(QUIET_SECONDS)
    waiting = stage.get(f"sends/{held['id']}")["deliveries"]
    _see(waiting == {"waiting": MAILS_A_DAY}, f"after one approval: {waiting}")
    say("first", name=first)
    status, after = stage.post(path, second, body)
    _see(status == 200, f"second approval: {status}")
    say("second", name=second)


def _ledger(stage: Stage, held: dict[str, Any], say: Callable[..., None]) -> None:
    """Wait until all has gone, and count it at the next hop."""
    _until(
        "delivered",
        lambda: all(one["state"] == "DONE" for one in stage.get("sends")["sends"]) or None,
        seconds=60,
    )
    sends = stage.get("sends")["sends"]
    delivered = Counter(stage.hop.received)
    accepted = sum(one["mails"] for one in sends)
    alone = sum(one["mails"] for one in sends if one["id"] != held["id"])
    say(
        "ledger",
        accepted=accepted,
        alone=alone,
        held=held["mails"],
        received=sum(delivered.values()),
        recipients=len(delivered),
    )
    once = set(delivered.values()) == {1} and len(delivered) == accepted
    _see((accepted, alone, held["mails"]) == (14_000, 12_000, 2_000), "the ledger does not add up")
    _see(once, "not each recipient exactly once")
    say("exactly_once")


def _newest_judged(stage: Stage, day: int) -> dict[str, Any] | None:
    sends = stage.get("sends")["sends"]
    if len(sends) < day or sends[0]["state"] in ("OPEN", "JUDGED"):
        return None
    newest: dict[str, Any] = sends[0]
    return newest


def _until(what: str, look: Callable[[], Any], *, seconds: float = 40) -> Any:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = look()
        if found is not None:
            return found
        time.sleep(0.1)
    raise Wrong(f"not {what} after {seconds:.0f} s")


def _see(right: bool, otherwise: str) -> None:
    if not right:
        raise Wrong(otherwise)


def _archive(rows: list[list[str]]) -> bytes:
    text = "\r\n".join(",".join(row) for row in [HEADER, *rows]) + "\r\n"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("配信リスト.csv", text.encode("cp932"))
    return out.getvalue()


@contextmanager
def _stage(folder: Path) -> Iterator[Stage]:
    """Set up the gateway, a next hop and two reviewers, and take them down again."""
    hop = NextHop()
    hop.start()
    smtp_port, web_port = _free_port(), _free_port()
    url = f"sqlite:///{folder}/sekisho.db"
    config = folder / "sekisho.toml"
    config.write_text(
        f'[store]\nurl = "{url}"\n[smtp]\nlisten = ["127.0.0.1:{smtp_port}"]\nhostname = "sekisho.example.jp"\n'
        '[[client]]\nname = "mail-tool"\nnetworks = ["127.0.0.1/32"]\n'
        f'[relay]\nhost = "127.0.0.1"\nport = {hop.port}\ntls = "none"\n[web]\nlisten = "127.0.0.1:{web_port}"\n'
        f'[sends]\nquiet_seconds = {QUIET_SECONDS}\n[log]\nformat = "console"\nlevel = "ERROR"\n',
        encoding="utf-8",
    )
    tokens = _reviewers(url)
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "gateway", "serve", "--config", str(config)], start_new_session=True
    ) as gateway:
        try:
            _until("ready", lambda: _is_ready(web_port, smtp_port))
            yield Stage(smtp_port=smtp_port, web_port=web_port, tokens=tokens, hop=hop)
        finally:
            os.killpg(gateway.pid, signal.SIGTERM)
            gateway.wait(20)
            hop.stop()


def _reviewers(url: str) -> dict[str, str]:
    database = open_database(StoreSettings(url=url))
    migrate(database)
    tokens = {}
    with database.write("account") as tx:
        for name in REVIEWERS:
            accounts.add(tx, Account(name=name, role=Role.REVIEWER), PASSWORD, now=now(), actor="demo")
            tokens[name] = accounts.issue(tx, name, accounts.Sort.TOKEN, now=now(), lasts=None)
    database.close()
    return tokens


def _is_ready(web_port: int, smtp_port: int) -> bool | None:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{web_port}/readyz", timeout=5) as answer:
            web = answer.status == 200
        with socket.create_connection(("127.0.0.1", smtp_port), timeout=5) as connection:
            return (web and connection.recv(3) == b"220") or None
    except OSError:
        return None


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
