"""The program is killed at random moments: nothing is lost, nothing held gets out, nothing is changed."""

from __future__ import annotations

import os
import random
import smtplib
import threading
import time

from gateway.demo.families import HEADER, families
from gateway.model import Role
from tests.wire.program import Program, RecordingHop, until

KILLS = int(os.environ.get("TEST_KILLS", "6"))
MAILS = 500
LIST = "\r\n".join(
    "\t".join(row) for row in [HEADER, *families(people=40, households=20, repeats=0, rewritten=0)]
)


def body_of(number: int) -> bytes:
    """Every fifth mail is of another campaign, which carries a list of people and has to stay."""
    text = f"Subject: {'list' if number % 5 == 0 else 'news'}\r\nTo: <r{number}@example.com>\r\n"
    text += "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    text += f"Dear reader {number}\r\n" + (
        LIST if number % 5 == 0 else "\r\n".join(f"the news, line {n}" for n in range(30))
    )
    return (text + "\r\n.a dot\r\n").encode()


def deliver(port: int, numbers: list[int], taken: set[int], stop: threading.Event) -> None:
    """Send until each mail was taken with 250, coming again when the gateway goes away, as a mail tool does."""
    waiting = list(numbers)
    while waiting and not stop.is_set():
        try:
            with smtplib.SMTP("127.0.0.1", port, timeout=10) as smtp:
                while waiting:
                    sender = "list@example.jp" if waiting[-1] % 5 == 0 else "news@example.jp"
                    smtp.sendmail(sender, [f"r{waiting[-1]}@example.com"], body_of(waiting[-1]))
                    taken.add(waiting.pop())
                    time.sleep(0.02)
        except (OSError, smtplib.SMTPException):
            time.sleep(0.05)


def test_no_kill_loses_changes_or_releases_a_mail(tmp_path):
    hop = RecordingHop()
    hop.start()
    program = Program(tmp_path, next_hop_port=hop.port)
    program.add_people(auditor=Role.AUDITOR)
    program.start()
    taken: set[int] = set()
    stop = threading.Event()
    clients = [
        threading.Thread(target=deliver, args=(program.smtp_port, list(range(start, MAILS, 4)), taken, stop))
        for start in range(4)
    ]
    luck = random.Random(20231031)
    try:
        for client in clients:
            client.start()
        for _ in range(KILLS):
            time.sleep(luck.uniform(0.0, 1.5))
            program.kill()
            program.start()
        for client in clients:
            client.join(180)
        assert len(taken) == MAILS
        clean = {f"r{number}@example.com" for number in taken if number % 5}
        until(lambda: set(hop.received) >= clean, seconds=90)
        time.sleep(1.5)
        sends = program.sends("auditor")
        assert {send["state"] for send in sends if send["subject"] == "list"} == {"HELD"}
        assert set(hop.received) == clean  # nothing that was held, and nothing that nobody sent
        for number in taken:
            for content in hop.contents[f"r{number}@example.com"]:
                assert content.startswith(b"Received: from ")
                assert content.endswith(body_of(number))
        assert program.run("audit", "verify").stdout.strip() == "OK"
    finally:
        stop.set()
        program.stop()
        hop.stop()
