"""PPAP through the real program: an archive and its password, in either order, in one mail, and one that does not fit."""

from __future__ import annotations

import io
import json
import smtplib
from email.message import EmailMessage
from email.policy import SMTP

import pytest
import pyzipper

from gateway.demo.families import HEADER, families
from gateway.model import Role
from tests.wire.program import Program, running, until

PASSWORD = "Kx9!tR-2"
LISTED = "everybodys-2026"


@pytest.fixture(scope="module")
def program(tmp_path_factory, hop):
    folder = tmp_path_factory.mktemp("passwords")
    (folder / "list").write_text(f"another\n{LISTED}\n", encoding="utf-8")
    program = Program(
        folder, next_hop_port=hop.port, more=f'[passwords]\nfile = "{folder}/list"\n', log_level="INFO"
    )
    program.add_people(hanako=Role.REVIEWER, jiro=Role.REVIEWER, audrey=Role.AUDITOR)
    with running(program):
        yield program


def locked(password: str = PASSWORD, *, people: int = 60) -> bytes:
    rows = (
        [HEADER, *families(people=people, households=30, repeats=0, rewritten=0)]
        if people
        else [["品番"], ["1"]]
    )
    out = io.BytesIO()
    with pyzipper.AESZipFile(out, "w", encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(password.encode())
        archive.writestr("名簿.csv", "\r\n".join(",".join(row) for row in rows).encode("cp932"))
    return out.getvalue()


def send(program: Program, sender: str, subject: str, body: str, attachment: bytes | None = None) -> None:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = sender, "reader@example.com", subject
    message.set_content(
        f"ご担当者様\n\nお世話になっております。\n{body}\nよろしくお願いいたします。\n", cte="base64"
    )
    if attachment is not None:
        message.add_attachment(
            attachment, maintype="application", subtype="octet-stream", filename="list.zip"
        )
    with smtplib.SMTP("127.0.0.1", program.smtp_port) as smtp:
        smtp.sendmail(sender, ["reader@example.com"], message.as_bytes())


def found(program: Program, subject: str, state: str, *, gaps: dict | None = None) -> dict:
    def look():
        for one in program.sends("hanako", state):
            if one["subject"] == subject:
                shown = program.call(f"sends/{one['id']}", "hanako")[1]
                if gaps is None or (shown["exposure"]["gaps"] == gaps and shown["seen"]):
                    return shown
        return None

    return until(look)


def rules(shown: dict) -> set[str]:
    return {reason["rule"] for reason in shown["reasons"]}


def test_an_archive_is_opened_by_the_mail_that_follows_and_both_are_held(program, hop):
    send(program, "first@example.jp", "資料1", "資料をお送りします。", locked())
    before = found(program, "資料1", "HELD", gaps={"ENCRYPTED": 1})
    assert before["exposure"]["people"] == 0
    path = f"sends/{before['id']}/approvals"
    approve = {"decision": "approve", "seen": before["seen"]}
    assert program.call(path, "hanako", approve)[0] == 200
    send(program, "first@example.jp", "別送1", f"解凍パスワード：\n\n{PASSWORD}\n")
    after = found(program, "資料1", "HELD", gaps={})
    assert after["exposure"]["people"] == 60 and rules(after) == {"people-in-single"}
    assert after["seen"] != before["seen"] and after["tally"]["approved"] == 0
    assert program.call(path, "jiro", approve)[0] == 409
    told = found(program, "別送1", "HELD")
    assert rules(told) == {"password-of-held"}
    assert [one["send"] for one in after["opened_by"]] == [told["id"]]
    assert [one["send"] for one in told["password_of"]] == [after["id"]]
    approve = {"decision": "approve", "seen": after["seen"]}
    assert program.call(path, "hanako", approve)[0] == 200  # who approved what stood before may approve this
    assert program.call(path, "jiro", approve)[1]["state"] in ("CLEARED", "RELEASING", "DONE")


def test_an_archive_is_opened_by_the_mail_that_came_before(program):
    send(program, "second@example.jp", "別送2", f"これからお送りするファイルのPWは「{PASSWORD}」です。")
    earlier = found(program, "別送2", "DONE")
    send(program, "second@example.jp", "資料2", "資料をお送りします。", locked())
    shown = found(program, "資料2", "HELD")
    assert (shown["exposure"]["people"], shown["exposure"]["gaps"]) == (60, {})
    assert [(one["send"], one["state"]) for one in shown["opened_by"]] == [(earlier["id"], "DONE")]


def test_an_archive_is_opened_by_its_own_mail(program):
    send(program, "third@example.jp", "資料3", f"資料をお送りします。\nパスワード: {PASSWORD}", locked())
    shown = found(program, "資料3", "HELD")
    assert (shown["exposure"]["people"], shown["exposure"]["gaps"]) == (60, {})
    assert [event["kind"] for event in shown["events"]].count("send.judged") == 1


def test_what_opens_and_holds_nobody_goes_out(program):
    body = f"資料をお送りします。\nパスワード: {PASSWORD}"
    send(program, "clean@example.jp", "資料4", body, locked(people=0))
    assert found(program, "資料4", "DONE")["exposure"]["gaps"] == {}


def test_what_was_held_stays_held_where_nothing_speaks_against_it_any_more(program):
    send(program, "late@example.jp", "資料5", "資料をお送りします。", locked(people=0))
    found(program, "資料5", "HELD", gaps={"ENCRYPTED": 1})
    send(program, "late@example.jp", "別送5", f"パスワード: {PASSWORD}")
    shown = found(program, "資料5", "HELD", gaps={})
    assert (shown["verdict"], shown["reasons"]) == ("PASS", [])


def test_the_organisations_list_opens(program):
    send(program, "listed@example.jp", "資料6", "いつものパスワードです。", locked(LISTED))
    shown = found(program, "資料6", "HELD")
    assert shown["exposure"]["people"] == 60
    assert [(one["source"], one["send"]) for one in shown["opened_by"]] == [("list", None)]


@pytest.mark.parametrize(
    "body", ["パスワード: Kx9!tR-3", "パスワードは弊社代表電話の下4桁です。", "パスワード: kx9!tr-2"]
)
def test_a_wrong_password_opens_nothing(program, body):
    subject = f"資料7{hash(body)}"
    send(program, f"wrong{len(body)}{body[-2:].encode().hex()}@example.jp", subject, body, locked())
    shown = found(program, subject, "HELD")
    assert shown["exposure"]["gaps"] == {"ENCRYPTED": 1} and shown["exposure"]["people"] == 0
    assert shown["opened_by"] == []


def test_a_mail_of_somebody_else_opens_nothing(program):
    send(program, "alone@example.jp", "資料8", "資料をお送りします。", locked("only-here"))
    found(program, "資料8", "HELD", gaps={"ENCRYPTED": 1})
    send(program, "somebody@example.jp", "別送8", "パスワード: only-here")
    found(program, "別送8", "DONE")
    assert found(program, "資料8", "HELD")["exposure"]["gaps"] == {"ENCRYPTED": 1}


def test_a_reviewer_enters_the_password(program):
    send(program, "asked@example.jp", "資料9", "パスワードはお電話でお伝えします。", locked("by-phone"))
    before = found(program, "資料9", "HELD", gaps={"ENCRYPTED": 1})
    path = f"sends/{before['id']}/passwords"
    assert program.call(path, "audrey", {"password": "by-phone"})[0] == 403
    status, answer = program.call(path, "hanako", {"password": "by-fax"})
    assert (status, answer["error"]) == (422, "password-wrong")
    for unusable in ("", "x" * 2000):
        assert program.call(path, "hanako", {"password": unusable})[0] == 422
    assert program.call(path, "hanako", {"password": "by-phone"})[0] == 200
    after = found(program, "資料9", "HELD", gaps={})
    assert after["exposure"]["people"] == 60
    kinds = [event["kind"] for event in after["events"]]
    assert kinds.count("password.entered") == 2 and "send.judged_again" in kinds
    part = next(part for part in after["parts"] if part["outcome"] == "table")
    status, shown = program.call(f"sends/{after['id']}/reveals", "hanako", {"part": part["id"]})
    assert status == 200 and len(shown["rows"]) == 10
    send(program, "asked@example.jp", "資料10", "パスワードはお電話でお伝えします。", locked("by-phone-2"))
    second = found(program, "資料10", "HELD", gaps={"ENCRYPTED": 1})
    arguments = ("sends", "password", second["id"], "--password-stdin")
    token = program.tokens["jiro"]
    refused = program.run(*arguments, check=False, SEKISHO_TOKEN=token, stdin="wrong\n")
    assert refused.returncode == 2 and "パスワード" in refused.stderr
    program.run(*arguments, SEKISHO_TOKEN=token, stdin="by-phone-2\n")
    assert found(program, "資料10", "HELD", gaps={})["exposure"]["people"] == 60


def test_no_password_stands_in_the_log_the_chain_or_the_database(program):
    said = program.run("audit", "export").stdout + program.log.read_text(encoding="utf-8")
    raw = b"".join(file.read_bytes() for file in program.folder.glob("sekisho.db*"))
    assert "send.unlocked" in said and "password.entered" in said
    for password in (PASSWORD, LISTED, "by-phone", "by-phone-2", "by-fax"):
        assert password not in said
        assert password.encode() not in raw
    assert program.run("audit", "verify").stdout.strip() == "OK"


def test_scan_tries_what_a_mail_tells_itself_and_the_list(program, tmp_path):
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = "a@example.jp", "b@example.com", "資料"
    message.set_content(f"パスワードは「{PASSWORD}」です。")
    message.add_attachment(locked(), maintype="application", subtype="octet-stream", filename="list.zip")
    (tmp_path / "mail.eml").write_bytes(message.as_bytes())
    (tmp_path / "listed.zip").write_bytes(locked(LISTED))
    (tmp_path / "other.zip").write_bytes(locked("other"))
    lines = program.run("scan", "--json", str(tmp_path), check=False).stdout.splitlines()
    found = {line["path"].rpartition("/")[2]: line["exposure"] for line in map(json.loads, lines)}
    assert {name: one["people"] for name, one in found.items()} == {
        "listed.zip": 60,
        "mail.eml": 60,
        "other.zip": 0,
    }
    assert found["other.zip"]["gaps"] == {"ENCRYPTED": 1}
