"""Scanning archives of mail: mail by mail, on where a run before ended, and each change is seen."""

from __future__ import annotations

import io
import json
import os
import zipfile
from pathlib import Path

import pytest
import pyzipper

from gateway.errors import BadConfig
from gateway.scan.command import How, scan_paths
from gateway.scan.documents import documents, files
from gateway.settings import InspectSettings, Settings

FROM = b"From a@example.jp Sat Nov 21 11:00:00 2026\n"
LIST = "お名前: 山田 太郎\n電話番号: 090-0000-1234\n住所: 東京都千代田区千代田1-1\n\n"


def mail(number: int, text: str = "お知らせです。") -> bytes:
    to = "".join(f"r{reader}@example.com, " for reader in range(12))
    head = f"From: news@example.com\nTo: {to}z@example.com\nSubject: no {number}\nMIME-Version: 1.0\n"
    body = f"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{text} {number}\n"
    return (head + body).encode()


MAILS = [mail(1), mail(2, LIST), mail(3)]


def mbox(*mails: bytes) -> bytes:
    return b"".join(FROM + one + b"\n" for one in mails)


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in members.items():
            archive.writestr(name, raw)
    return out.getvalue()


def scan(path: Path, *, settings: Settings | None = None, **how) -> int:
    return scan_paths([str(path)], settings or Settings(), How(jobs=1, as_json=True, **how))


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """Stand in a folder without a store."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


@pytest.fixture
def printed(capsys):
    """Give what was printed since the last time: the verdict of each path, by its last step."""

    def read() -> dict[str, str]:
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        return {line["path"].rpartition("/")[2]: line["verdict"] for line in lines}

    return read


def test_a_mailbox_is_scanned_mail_by_mail(tmp_path, printed):
    box = tmp_path / "box"
    box.write_bytes(mbox(*MAILS))
    assert scan(box) == 1
    assert printed() == {"mail 1": "PASS", "mail 2": "HOLD", "mail 3": "PASS"}


def test_a_zip_of_mails_is_scanned_mail_by_mail_with_what_lies_among_them(tmp_path, printed):
    box = tmp_path / "mails.zip"
    box.write_bytes(
        zipped({f"in/{n}.EML": raw for n, raw in enumerate(MAILS)} | {"in/readme.txt": b"nothing"})
    )
    assert scan(box) == 1
    assert printed() == {"0.EML": "PASS", "1.EML": "HOLD", "2.EML": "PASS", "readme.txt": "PASS"}


def test_a_zip_with_anything_odd_about_it_is_one_document_and_held(tmp_path, printed):
    mails = {f"{n}.eml": raw for n, raw in enumerate([MAILS[0], MAILS[2]])}
    locked = io.BytesIO()
    with pyzipper.AESZipFile(locked, "w", encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(b"hunter2")
        for name, raw in mails.items():
            archive.writestr(name, raw)
    (tmp_path / "locked.zip").write_bytes(locked.getvalue())
    (tmp_path / "more.zip").write_bytes(b"something before it" + zipped(mails) + b"and behind")
    (tmp_path / "cut.zip").write_bytes(zipped(mails)[:-30])
    for name in ("locked.zip", "more.zip", "cut.zip"):
        assert scan(tmp_path / name) == 1
        assert printed() == {name: "HOLD"}


def test_a_member_that_is_damaged_is_held_and_the_others_are_read(tmp_path, printed):
    raw = bytearray(zipped({f"{n}.eml": raw for n, raw in enumerate(MAILS)}))
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        at = archive.infolist()[0].header_offset
    raw[at + 40] ^= 0xFF
    (tmp_path / "mails.zip").write_bytes(raw)
    assert scan(tmp_path / "mails.zip") == 1
    assert printed() == {"0.eml": "HOLD", "1.eml": "HOLD", "2.eml": "PASS"}


def test_of_a_maildir_its_mails_are_scanned(tmp_path, printed):
    for folder in ("cur", "new", "tmp", ".Sent/cur", ".Sent/new"):
        (tmp_path / "Maildir" / folder).mkdir(parents=True)
    (tmp_path / "Maildir" / "cur" / "1.M1.host:2,S").write_bytes(MAILS[0])
    (tmp_path / "Maildir" / "new" / "2.M1.host").write_bytes(MAILS[1])
    (tmp_path / "Maildir" / ".Sent" / "cur" / "3.M1.host:2,S").write_bytes(MAILS[2])
    (tmp_path / "Maildir" / "tmp" / "4.M1.host").write_bytes(MAILS[1])
    (tmp_path / "Maildir" / "dovecot-uidlist").write_bytes(b"3 V1")
    assert scan(tmp_path / "Maildir") == 1
    assert printed() == {"1.M1.host:2,S": "PASS", "2.M1.host": "HOLD", "3.M1.host:2,S": "PASS"}


def test_a_second_run_goes_on_and_reads_what_has_changed(tmp_path, printed):
    folder = tmp_path / "mails"
    folder.mkdir()
    state = folder / "state"  # it is no document itself
    for number, raw in enumerate(MAILS):
        (folder / f"{number}.eml").write_bytes(raw)
    (folder / "box").write_bytes(mbox(*MAILS))
    assert scan(folder, state=state) == 1
    assert len(printed()) == 6
    assert scan(folder, state=state) == 1  # what was held before still is
    assert printed() == {}
    (folder / "0.eml").write_bytes(MAILS[1])
    (folder / "box").write_bytes(mbox(*MAILS, mail(4)))
    assert scan(folder, state=state) == 1
    assert printed() == {"0.eml": "HOLD", "mail 4": "PASS"}
    assert state.stat().st_mode & 0o777 == 0o600
    assert "山田" not in state.read_text()


def test_another_policy_begins_anew(tmp_path, printed):
    (tmp_path / "a.eml").write_bytes(MAILS[1])
    assert scan(tmp_path / "a.eml", state=tmp_path / "state") == 1
    assert scan(tmp_path / "a.eml", state=tmp_path / "state", policy="monitor") == 0
    assert printed() == {"a.eml": "PASS"}
    assert scan(tmp_path / "a.eml", state=tmp_path / "state") == 1


def test_a_line_that_was_cut_is_read_again_and_the_next_stands_by_itself(tmp_path, printed):
    state = tmp_path / "state"
    (tmp_path / "box").write_bytes(mbox(*MAILS))
    scan(tmp_path / "box", state=state)
    printed()
    state.write_bytes(state.read_bytes()[:-20])
    scan(tmp_path / "box", state=state)
    assert printed() == {"mail 3": "PASS"}
    scan(tmp_path / "box", state=state)
    assert printed() == {}


def test_a_file_that_is_no_state_is_not_written_over(tmp_path):
    (tmp_path / "a.eml").write_bytes(MAILS[0])
    for raw in (b"my only copy\n", b"\xff\xfe"):
        (tmp_path / "precious").write_bytes(raw)
        with pytest.raises(BadConfig, match="--state"):
            scan(tmp_path / "a.eml", state=tmp_path / "precious")
        assert (tmp_path / "precious").read_bytes() == raw


def test_what_was_not_there_is_tried_again(tmp_path, printed):
    assert scan(tmp_path / "a.eml", state=tmp_path / "state") == 2
    (tmp_path / "a.eml").write_bytes(MAILS[0])
    assert scan(tmp_path / "a.eml", state=tmp_path / "state") == 0
    assert printed() == {"a.eml": "PASS"}


def test_what_is_too_big_is_held_unread(tmp_path, printed):
    (tmp_path / "a.eml").write_bytes(MAILS[0] * 20)
    small = Settings(inspect=InspectSettings(max_bytes=4096))
    assert scan(tmp_path / "a.eml", settings=small) == 1
    assert printed() == {"a.eml": "HOLD"}


def test_no_name_reaches_a_terminal_as_it_is(tmp_path):
    (tmp_path / "mails.zip").write_bytes(zipped({"a\x1b[2J.eml": MAILS[0]}))
    (tmp_path / os.fsdecode(b"\xff.eml")).write_bytes(MAILS[0])
    for path in files([str(tmp_path)]):
        for document in documents(path, max_bytes=1 << 20):
            assert document.path.isprintable() and document.name.isprintable()
            assert document.path.encode()


def test_the_summary_counts_documents_by_verdict_and_reason(tmp_path, capsys):
    (tmp_path / "box").write_bytes(mbox(*MAILS))
    scan_paths([str(tmp_path / "box")], Settings(), How(jobs=1))
    table = capsys.readouterr().err
    for row in ("PASS", "HOLD", "people-in-bulk", "全部 / in all"):
        assert row in table
