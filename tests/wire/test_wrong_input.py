"""Broken and hostile attachments through the real program: each is a gap with its reason, held, and the gateway lives."""

from __future__ import annotations

import io
import smtplib
import zipfile
from email.message import EmailMessage
from email.policy import SMTP

import msoffcrypto
import openpyxl
import pytest
import pyzipper
from msoffcrypto.format.ooxml import OOXMLFile

from gateway.model import Role
from tests.wire.program import Program, running, until


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    program = Program(tmp_path_factory.mktemp("wrong-input"))
    program.add_people(hanako=Role.REVIEWER)
    with running(program):
        yield program


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("list.csv", "品番,品名\r\n" + "".join(f"{n},部品 {n}\r\n" for n in range(100)))
    return out.getvalue()


def locked_zip() -> bytes:
    out = io.BytesIO()
    with pyzipper.AESZipFile(out, "w", encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(b"secret")
        archive.writestr("list.csv", "品番,品名\r\n")
    return out.getvalue()


def workbook(cell: str) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.active[cell] = "遠い"
    book.save(out)
    return out.getvalue()


def locked_workbook() -> bytes:
    out = io.BytesIO()
    OOXMLFile(io.BytesIO(workbook("A1"))).encrypt("secret", out)
    assert msoffcrypto.OfficeFile(out).is_encrypted()
    return out.getvalue()


WRONG = {
    "broken.zip": (zipped()[:-40], "CORRUPT"),
    "locked.zip": (locked_zip(), "ENCRYPTED"),
    "empty.csv": (b"", "UNKNOWN"),
    "noise.bin": (bytes(range(256)) * 40, "UNKNOWN"),
    "far.xlsx": (workbook("XFD1048576"), "TOO_BIG"),
    "locked.xlsx": (locked_workbook(), "ENCRYPTED"),
}


def send(program: Program, name: str, attachment: bytes) -> None:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = "news@example.jp", "reader@example.com", name
    message.set_content(f"{name} をお送りします。\n", cte="8bit")
    message.add_attachment(attachment, maintype="application", subtype="octet-stream", filename=name)
    with smtplib.SMTP("127.0.0.1", program.smtp_port) as smtp:
        smtp.sendmail(
            f"{name.replace(' ', '-')}@example.jp",
            ["reader@example.com"],
            message.as_bytes(),
            ["BODY=8BITMIME"],
        )


def judged(program: Program, name: str) -> dict:
    def look():
        found = [
            one
            for one in program.sends("hanako")
            if one["subject"] == name and one["verdict"] and one["state"] != "JUDGED"  # on its way to HELD
        ]
        return found and program.call(f"sends/{found[0]['id']}", "hanako")[1]

    return until(look)


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_read_is_held_with_its_reason_and_the_next_mail_is_read(program, name):
    raw, reason = WRONG[name]
    send(program, name, raw)
    shown = judged(program, name)
    assert (shown["state"], shown["exposure"]["gaps"]) == ("HELD", {reason: 1})
    send(program, f"after {name}.zip", zipped())
    after = judged(program, f"after {name}.zip")
    assert (after["verdict"], after["exposure"]["gaps"]) == ("PASS", {})
