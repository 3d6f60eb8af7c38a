"""A person with a browser, as far as cookies and forms go, and sends to look at."""

from __future__ import annotations

import html
import re
import smtplib
import sqlite3
from contextlib import closing
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import httpx2

from gateway.clock import now
from gateway.model import Account, Role
from gateway.store import accounts
from gateway.store.database import open_database
from gateway.store.migrate import migrate
from tests.wire.program import PASSWORD, Program, until

CSRF = re.compile(r'name="csrf" value="([^"]+)"')
SEEN = re.compile(r'name="seen" value="([^"]+)"')


class Visitor:
    """Signs in on the page, and sends the forms that are on it."""

    def __init__(self, program: Program) -> None:
        self.client = httpx2.Client(
            base_url=f"http://127.0.0.1:{program.web_port}",
            timeout=30,
            limits=httpx2.Limits(max_keepalive_connections=0),  # nothing is left open at the end
        )
        self.client.headers["accept-language"] = "en"

    def sign_in(self, name: str, password: str = PASSWORD) -> httpx2.Response:
        return self.client.post("/login", data={"name": name, "password": password})

    def get(self, path: str, **more: Any) -> httpx2.Response:
        return self.client.get(path, **more)

    def csrf(self) -> str:
        found = CSRF.search(self.get("/").text)
        assert found, "not signed in"
        return found[1]

    def post(self, path: str, *, csrf: str | None = None, headers: dict[str, str] | None = None, **form: str):
        data = {"csrf": self.csrf() if csrf is None else csrf, **form}
        return self.client.post(path, data=data, headers=headers or {})

    def decide(self, send_id: str, decision: str, **more: str) -> httpx2.Response:
        seen = SEEN.search(self.get(f"/sends/{send_id}").text)
        form = {"seen": seen[1] if seen else "", "decision": decision, "confirm": "yes", **more}
        return self.post(f"/sends/{send_id}/approvals", **form)


def signed_in(program: Program, name: str) -> Visitor:
    visitor = Visitor(program)
    assert visitor.sign_in(name).status_code == 303
    return visitor


def said(answer: httpx2.Response) -> str:
    """Give what a page says to who reads it."""
    return html.unescape(re.sub(r"<[^>]+>", " ", answer.text))


def add_person(program: Program, name: str, role: Role = Role.REVIEWER, *, email: str = "") -> str:
    """Make an account; give a token for it."""
    database = open_database(program.store)
    migrate(database)
    with database.write("account") as tx:
        accounts.add(tx, Account(name=name, role=role, email=email), PASSWORD, now=now(), actor="test")
        program.tokens[name] = accounts.issue(tx, name, accounts.Sort.TOKEN, now=now(), lasts=None)
    database.close()
    return program.tokens[name]


def in_store(program: Program, statement: str, *values: object) -> list[tuple[Any, ...]]:
    """Do to the store what no door of the program does."""
    with closing(sqlite3.connect(program.folder / "sekisho.db", timeout=30)) as store, store:
        return store.execute(statement, values).fetchall()


def hold_one(
    program: Program, subject: str, *, sender: str = "", text: str = "本文です\n", name: str = "x.bin"
) -> str:
    """Send a mail with a file that nobody can read; give the id of the send that holds it."""
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = "news@example.jp", "reader@example.com", subject
    message.set_content(text, cte="8bit")
    message.add_attachment(
        bytes(range(256)) * 9, maintype="application", subtype="octet-stream", filename=name
    )
    return send_held(program, message, sender=sender or f"s{abs(hash(subject))}@example.jp")


def send_held(program: Program, message: EmailMessage, *, sender: str) -> str:
    """Send a mail that will be held; give the id of its send."""
    with smtplib.SMTP("127.0.0.1", program.smtp_port) as smtp:
        options = ["BODY=8BITMIME"]
        smtp.sendmail(sender, ["reader@example.com"], message.as_bytes(), mail_options=options)
    where = "SELECT id FROM sends WHERE sender = ? AND state = 'HELD' ORDER BY id DESC"
    found: str = until(lambda: in_store(program, where, sender))[0][0]
    return found
