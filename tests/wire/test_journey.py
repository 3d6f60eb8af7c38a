"""A mail's journey through the real program: held, looked at, decided by two people, relayed."""

from __future__ import annotations

import io
import smtplib
import urllib.request
import zipfile
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from gateway.demo.families import HEADER, families
from gateway.model import Role
from tests.wire.program import Program, running, until


@pytest.fixture(scope="module")
def program(tmp_path_factory, hop):
    program = Program(tmp_path_factory.mktemp("journey"), next_hop_port=hop.port)
    program.add_people(hanako=Role.REVIEWER, jiro=Role.REVIEWER, audrey=Role.AUDITOR)
    with running(program):
        yield program


def zipped(rows: list[list[str]]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("名簿.csv", "\r\n".join(",".join(row) for row in rows).encode("cp932"))
    return out.getvalue()


def mail(to: str, subject: str, *, attachment: bytes | None = None) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = "news@example.jp", to, subject
    message.set_content(
        f"{to} 様\n\n今月のお知らせです。\n" + "\n".join(f"項目 {n}" for n in range(20)) + "\n", cte="8bit"
    )
    if attachment is not None:
        message.add_attachment(
            attachment, maintype="application", subtype="octet-stream", filename="list.zip"
        )
    return message


def send_all(
    program: Program, subject: str, sender: str, count: int, attachment: bytes | None = None, reader: str = ""
) -> None:
    with smtplib.SMTP("127.0.0.1", program.smtp_port) as smtp:
        for number in range(count):
            to = f"{reader or subject}-{number}@example.com"
            smtp.sendmail(
                sender,
                [to],
                mail(to, subject, attachment=attachment).as_bytes(),
                mail_options=["BODY=8BITMIME"],
            )


def one_send(program: Program, subject: str, state: str) -> dict:
    def look():
        found = [send for send in program.sends("hanako", state) if send["subject"] == subject]
        return found and len(found) == 1 and found[0]

    return until(look)


def test_a_clean_bulk_send_goes_out_without_a_person(program, hop):
    send_all(program, "clean", "clean@example.jp", 25)
    send = one_send(program, "clean", "DONE")
    assert send["mails"] == 25
    assert all(hop.received[f"clean-{number}@example.com"] == 1 for number in range(25))


def test_a_list_of_people_is_held_as_one_until_two_people_approve(program, hop):
    rows = families(people=60, households=30, repeats=2, rewritten=1)
    send_all(program, "leak", "leak@example.jp", 20, zipped([HEADER, *rows]))
    held = one_send(program, "leak", "HELD")
    status, shown = program.call(f"sends/{held['id']}", "hanako")
    assert status == 200
    assert (shown["mails"], shown["exposure"]["people"], shown["exposure"]["households"]) == (20, 60, 30)
    assert shown["exposure"]["records"] == 62
    assert {reason["rule"] for reason in shown["reasons"]} >= {"people-in-bulk"}
    path = f"sends/{held['id']}/approvals"
    approve = {"decision": "approve", "seen": shown["seen"]}
    assert program.call(path, "audrey", approve)[0] == 403
    assert program.call(path, "hanako", {**approve, "seen": "0" * 64})[0] == 409
    assert program.call(path, "hanako", approve)[1]["state"] == "HELD"
    assert program.call(path, "hanako", approve)[0] == 403
    assert not any(address.startswith("leak-") for address in hop.received)
    assert program.call(path, "jiro", approve)[0] == 200
    one_send(program, "leak", "DONE")
    assert [hop.received[f"leak-{number}@example.com"] for number in range(20)] == [1] * 20


def test_what_is_rejected_never_leaves(program, hop):
    send_all(
        program,
        "rejected",
        "rejected@example.jp",
        12,
        zipped([HEADER, *families(people=30, households=15, repeats=0, rewritten=0)]),
    )
    held = one_send(program, "rejected", "HELD")
    shown = program.call(f"sends/{held['id']}", "jiro")[1]
    path = f"sends/{held['id']}/approvals"
    assert (
        program.call(path, "jiro", {"decision": "reject", "seen": shown["seen"]})[0] == 422
    )  # no reason given
    status, after = program.call(
        path, "jiro", {"decision": "reject", "seen": shown["seen"], "comment": "名簿です"}
    )
    assert (status, after["state"], after["deliveries"]) == (200, "REJECTED", {"cancelled": 12})
    assert not any(address.startswith("rejected-") for address in hop.received)


@pytest.mark.parametrize(
    ("name", "raw", "reason"),
    [
        ("empty.csv", b"", "UNKNOWN"),
        ("noise.bin", bytes(range(256)) * 40, "UNKNOWN"),
        ("broken.zip", zipped([["a", "b"]] * 50)[:-40], "CORRUPT"),
    ],
    ids=["empty", "unknown", "broken"],
)
def test_what_cannot_be_read_is_held_with_its_reason(program, name, raw, reason):
    message = mail("gap@example.com", name)
    message.add_attachment(raw, maintype="application", subtype="octet-stream", filename=name)
    with smtplib.SMTP("127.0.0.1", program.smtp_port) as smtp:
        smtp.sendmail(
            f"{reason.lower()}-{name}@example.jp",
            ["gap@example.com"],
            message.as_bytes(),
            mail_options=["BODY=8BITMIME"],
        )
    held = one_send(program, name, "HELD")
    assert program.call(f"sends/{held['id']}", "hanako")[1]["exposure"]["gaps"] == {reason: 1}


def test_forty_times_the_same_part_is_stored_and_inspected_once(program):
    attachment = zipped([["品番", "品名"], *([f"{n:08}", f"部品 {n * 7919 % 100003}"] for n in range(8000))])
    assert len(attachment) > 40_000
    before = (program.folder / "sekisho.db").stat().st_size
    send_all(program, "parts", "parts@example.jp", 40, attachment)
    one_send(program, "parts", "DONE")
    grown = (program.folder / "sekisho.db").stat().st_size - before
    assert grown < 3 * len(attachment) * 4 / 3 + 40 * 20_000
    with urllib.request.urlopen(f"http://127.0.0.1:{program.web_port}/metrics", timeout=10) as answer:
        metrics = answer.read().decode()
    assert 'sekisho_parts_inspected_total{media_type="text/csv",outcome="table"} ' in metrics


def test_the_chain_holds_over_all_that_happened(program):
    assert program.run("audit", "verify").stdout.strip() == "OK"
    assert "send.held" in program.run("audit", "export").stdout
