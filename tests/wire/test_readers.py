"""What readers see of each other, through the real program: the reader's own record is no leak, anybody else's is."""

from __future__ import annotations

import smtplib
from typing import Any

import pytest

from gateway.model import Role
from gateway.web.views import masked
from tests.inspection.test_reader import CLASS, EVERYBODY, PHONE_LIST, RECORD, mail
from tests.wire.program import Program, running, until


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

    people: int = judged(program, sender, state, len(mails))["exposure"]["people"]
    return people


def judged(program: Program, sender: str, state: str, mails: int) -> dict[str, Any]:
    """Give the send of a sender once it has so many mails and is in the state."""

    def look():
        found = [send for send in program.sends("hanako", state) if send["sender"] == masked(sender)]
        found = [send for send in found if send["mails"] == mails]
        return found and program.call(f"sends/{found[0]['id']}", "hanako")[1]

    send: dict[str, Any] = until(look)
    return send


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


MEMBERS = [f"member{number}@example.com" for number in range(40)]


IN_ALL = ", ".join(MEMBERS)


@pytest.mark.parametrize(
    "fields", [{"to": IN_ALL}, {"to": "", "Cc": IN_ALL}, {"to": MEMBERS[0], "Bcc": IN_ALL}]
)
def test_a_mail_that_shows_its_readers_to_each_other_is_held(program, hop, fields):
    sender = f"{list(fields)[-1].lower()}-office@example.jp"  # whose first letter the list of sends shows
    with smtplib.SMTP("127.0.0.1", program.smtp_port) as smtp:
        smtp.sendmail(sender, MEMBERS, mail(text="総会のお知らせです。", **fields).as_bytes())
    send = judged(program, sender, "HELD", 1)
    assert [reason["rule"] for reason in send["reasons"]] == ["visible-recipients"]
    assert (send["exposure"]["visible"], send["exposure"]["people"]) == (len(MEMBERS) - 1, 0)
    assert not set(MEMBERS) & set(hop.contents)


def test_a_tool_that_sends_each_reader_the_list_of_all_is_held(program, hop):
    content = mail(IN_ALL, "秋の大会のお知らせです。").as_bytes()
    with smtplib.SMTP("127.0.0.1", program.smtp_port) as smtp:
        for member in MEMBERS:
            smtp.sendmail("tool@example.jp", [member], content)
    send = judged(program, "tool@example.jp", "HELD", len(MEMBERS))
    assert send["exposure"]["visible"] == len(MEMBERS) - 1
    assert not set(MEMBERS) & set(hop.contents)


def test_colleagues_partners_and_hidden_readers_go_out(program, hop):
    """To three partners with twenty colleagues in copy; and one that went by Bcc, as it should."""
    partners = [f"partner{number}@example.com" for number in range(3)]
    colleagues = [f"colleague{number}@example.jp" for number in range(20)]
    to_all = mail(", ".join(partners), "議事録をお送りします。", Cc=", ".join(colleagues)).as_bytes()
    hidden = mail("office@example.jp", "棚卸しのため休業します。").as_bytes()
    with smtplib.SMTP("127.0.0.1", program.smtp_port) as smtp:
        smtp.sendmail("minutes@example.jp", partners + colleagues, to_all)
        smtp.sendmail("closed@example.jp", [f"hidden{number}@example.com" for number in range(40)], hidden)
    assert judged(program, "minutes@example.jp", "DONE", 1)["exposure"]["visible"] == 2
    assert judged(program, "closed@example.jp", "DONE", 1)["exposure"]["visible"] == 0
    assert set(partners) < set(hop.contents)


def test_a_person_in_a_field_of_the_header_is_held_and_the_readers_own_number_is_not(program, hop):
    hidden = [f"guest{number}@example.com" for number in range(12)]
    with smtplib.SMTP("127.0.0.1", program.smtp_port) as smtp:
        leak = mail("office@example.jp", "会場が変わりました。", **{"X-Customer": "佐藤花子 090-1111-0001"})
        smtp.sendmail("header@example.jp", hidden, leak.as_bytes())
        for guest in hidden:
            own = {"X-Recipient": guest, "X-Member-Id": f"00{guest[5]}2345", "Keywords": "invitation"}
            smtp.sendmail(
                "guide@example.jp", [guest], mail(guest, "式次第をお送りします。", **own).as_bytes()
            )
    send = judged(program, "header@example.jp", "HELD", 1)
    assert send["exposure"]["people"] == 1
    [part] = [part for part in send["parts"] if part["path"] == ["(header)"]]
    assert part["findings"] == {"name": 1, "phone": 1}
    parts = judged(program, "guide@example.jp", "DONE", len(hidden))["parts"]
    assert [part["path"] for part in parts] == [["text/plain"]]


def test_a_list_too_long_to_look_at_is_held_beside_an_attachment(program, hop):
    everybody = [f"citizen{number}@example.com" for number in range(1100)]
    message = mail(", ".join(everybody), "説明会の資料です。")
    message.add_attachment("資料です。\n" * 3000, filename="shiryo.txt")
    with smtplib.SMTP("127.0.0.1", program.smtp_port) as smtp:
        smtp.sendmail("public@example.jp", everybody, message.as_bytes())
    exposure = judged(program, "public@example.jp", "HELD", 1)["exposure"]
    assert (exposure["visible"], exposure["reportable"]) == (1099, True)
    assert not set(everybody) & set(hop.contents)
