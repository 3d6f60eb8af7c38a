"""Whose record is no leak, through the real program: the reader's own, and nobody else's."""

from __future__ import annotations

import smtplib

import pytest

from gateway.model import Role
from tests.inspection.test_reader import CLASS, EVERYBODY, PHONE_LIST, RECORD, mail
from tests.wire.program import Program, RecordingHop, running, until


@pytest.fixture(scope="module")
def hop():
    hop = RecordingHop()
    hop.start()
    yield hop
    hop.stop()


@pytest.fixture(scope="module")
def program(tmp_path_factory, hop):
    program = Program(tmp_path_factory.mktemp("readers"), next_hop_port=hop.port)
    program.add_people(hanako=Role.REVIEWER)
    with running(program):
        yield program


def sent(program: Program, sender: str, state: str, *mails: tuple[str, bytes]) -> int:
    """Send mails as one send; give how many people it exposes once it is in the state."""
    with smtplib.SMTP("127.0.0.1", program.smtp_port) as smtp:
        for to, content in mails:
            smtp.sendmail(sender, [to], content)

    def look():
        found = [send for send in program.sends("hanako", state) if send["mails"] == len(mails)]
        return found and program.call(f"sends/{found[0]['id']}", "hanako")[1]

    people: int = until(look)["exposure"]["people"]
    return people


def test_a_list_whose_header_names_everybody_on_it_is_held(program, hop):
    content = mail(EVERYBODY, PHONE_LIST).as_bytes()
    mails = [(f"p{number}@example.com", content) for number in range(len(CLASS))]
    assert sent(program, "board@example.jp", "HELD", *mails, *mails[:4]) == len(CLASS)
    assert not hop.received


def test_a_template_stuck_on_one_person_is_held_though_each_mail_greets_her(program, hop):
    content = mail("", f"佐藤花子 様\n\n{RECORD}")
    mails = [(f"s{number}@example.com", content.as_bytes()) for number in range(30)]
    assert sent(program, "stuck@example.jp", "HELD", *mails) == 1
    assert not hop.received


def test_confirmations_that_tell_each_reader_his_own_data_go_out(program, hop):
    mails = [
        (
            f"r{number}@example.com",
            mail(f"{name} <r{number}@example.com>", RECORD.replace("佐藤花子", name)).as_bytes(),
        )
        for number, name in enumerate([*CLASS, "小川洋子", "木村明", "林真理子"])
    ]
    assert sent(program, "shop@example.jp", "DONE", *mails) == 0
    assert len(hop.received) == len(mails)
