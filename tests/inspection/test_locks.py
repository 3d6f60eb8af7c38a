"""When passwords are tried, and what waits for it: an archive in one mail, its password in another."""

from __future__ import annotations

import base64
import io
import time

import pytest
import pyzipper

from gateway.clock import now
from gateway.errors import BadConfig, WrongState
from gateway.inspection import jobs
from gateway.inspection.judge import Judge
from gateway.inspection.locks import Locks, read_passwords
from gateway.inspection.sandbox import Died, NotStarted
from gateway.model import GapReason, State
from gateway.policy import load_policy
from gateway.review import states
from gateway.settings import ClientSettings, PasswordsSettings, ReviewSettings, SendsSettings, Settings
from gateway.store import events, passwords, sends
from tests.inspection.workers import inspect
from tests.store.mail import enter, send, send_of

SECRET = b"s" * 32
PEOPLE = "氏名,電話\r\n" + "".join(f"山田{n}郎,090-0000-{n:04}\r\n" for n in range(40))


class Gateway:
    """A judge and what it needs, in this process; each step is one look."""

    def __init__(self, database, workers, *, days: float = 3) -> None:
        settings = Settings(
            passwords=PasswordsSettings(days=days),
            client=(ClientSettings(name="tool", networks=("127.0.0.1/32",)),),
        )
        self.database, self.workers = database, workers
        self.locks = Locks(database, workers, SECRET, settings, clock=now)
        self.judge = Judge(
            database,
            load_policy("default"),
            SECRET,
            locks=self.locks,
            sends_settings=SendsSettings(quiet_seconds=0.001),
            review_settings=ReviewSettings(),
            clock=now,
        )

    def enter(self, subject: str, body: str, attachment: bytes = b"", *, sender: str = "s@example.jp") -> str:
        text = f"From: {sender}\r\nTo: r@example.com\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\n"
        text += f'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n'
        raw = text.encode()
        if attachment:
            raw += b"--b\r\nContent-Type: application/zip; name=a.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            raw += base64.encodebytes(attachment).replace(b"\n", b"\r\n")
        (mail_id,) = enter(self.database, raw + b"--b--\r\n", bulk=False, sender=sender)
        inspect(self.database, self.workers)
        return send_of(self.database, mail_id)

    def look(self, times: int = 12) -> None:
        for _ in range(times):
            self.judge.judge_due()
            self.judge.try_locked()
            time.sleep(0.02)

    def until(self, send_id: str, state: State) -> None:
        deadline = time.monotonic() + 20
        while send(self.database, send_id).state is not state:
            assert time.monotonic() < deadline
            self.look(1)


@pytest.fixture
def gateway(database, workers):
    return Gateway(database, workers)


def locked(password: str = "Kx9!tR-2", content: str = PEOPLE) -> bytes:
    out = io.BytesIO()
    with pyzipper.AESZipFile(out, "w", encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(password.encode())
        archive.writestr("a.csv", content.encode())
    return out.getvalue()


def gaps(gateway, send_id: str) -> dict[str, int]:
    exposure = send(gateway.database, send_id).exposure
    return dict(exposure.gaps)


def facts(gateway, send_id: str, kind: str) -> list[dict]:
    with gateway.database.read() as tx:
        return [dict(event.facts) for event in events.of_send(tx, send_id) if event.kind == kind]


def test_nothing_is_read_for_passwords_where_nothing_is_locked(gateway):
    send_id = gateway.enter("news", "パスワード: Kx9!tR-2")
    gateway.until(send_id, State.CLEARED)
    assert gateway.workers.did["ReadPasswords"] == 0


def test_what_fitted_nothing_is_not_tried_again_until_more_is_told(gateway):
    send_id = gateway.enter("archive", "パスワード: wrong-1", locked())
    gateway.until(send_id, State.HELD)
    gateway.look(20)
    assert (gateway.workers.did["ReadPasswords"], gateway.workers.did["ReadLocked"]) == (1, 1)
    gateway.enter("news", "no word of it", sender="t@example.jp")
    gateway.look(20)
    assert gateway.workers.did["ReadPasswords"] == 1
    gateway.enter("news", "今月のお知らせです")
    gateway.look(20)
    assert (gateway.workers.did["ReadPasswords"], gateway.workers.did["ReadLocked"]) == (2, 1)
    assert gaps(gateway, send_id) == {GapReason.ENCRYPTED: 1}


def test_a_mail_that_tells_the_password_of_a_held_send_is_not_cleared_before_that_is_known(gateway):
    archive = gateway.enter("archive", "資料です", locked())
    gateway.until(archive, State.HELD)
    teller = gateway.enter("key", "パスワード: Kx9!tR-2")
    gateway.until(teller, State.HELD)
    gateway.look(5)
    assert gaps(gateway, archive) == {} and send(gateway.database, archive).seen
    assert facts(gateway, archive, "send.unlocked") == [
        {"parts": 1, "sources": ["mail"], "told_by": [teller]}
    ]


def test_both_in_one_look_are_held_together(gateway):
    archive = gateway.enter("archive", "資料です", locked())
    teller = gateway.enter("key", "パスワード: Kx9!tR-2")
    gateway.until(archive, State.HELD)
    gateway.until(teller, State.HELD)
    assert gaps(gateway, archive) == {}


def test_two_that_tell_each_others_password_are_both_judged(gateway):
    one = gateway.enter("one", "パスワード: of-other-2", locked("of-one-11"))
    other = gateway.enter("other", "パスワード: of-one-11", locked("of-other-2"))
    gateway.until(one, State.HELD)
    gateway.until(other, State.HELD)
    gateway.look(5)
    assert gaps(gateway, one) == gaps(gateway, other) == {}


def test_a_mail_on_its_way_out_is_stopped_when_what_it_opens_is_held(gateway):
    teller = gateway.enter("key", "パスワード: Kx9!tR-2")
    gateway.until(teller, State.CLEARED)
    archive = gateway.enter("archive", "資料です", locked())
    gateway.until(archive, State.HELD)
    assert send(gateway.database, teller).state is State.STOPPED
    assert facts(gateway, teller, "send.stopped") == [{"password_of": archive}]


def test_a_mail_that_tells_the_password_of_a_rejected_archive_is_held_and_the_archive_stays_as_it_was(
    gateway,
):
    archive = gateway.enter("archive", "資料です", locked())
    gateway.until(archive, State.HELD)
    with gateway.database.write("test") as tx:
        held = sends.get(tx, archive)
        sends.apply(tx, states.move(held, states.Act.REJECT, actor="hanako", now=now()))
    teller = gateway.enter("key", "パスワード: Kx9!tR-2")
    gateway.until(teller, State.HELD)
    assert gaps(gateway, archive) == {GapReason.ENCRYPTED: 1}
    assert send(gateway.database, archive).state is State.REJECTED


def test_mails_from_before_the_days_open_nothing(database, workers):
    gateway = Gateway(database, workers, days=0)
    gateway.enter("key", "パスワード: Kx9!tR-2")
    archive = gateway.enter("archive", "資料です", locked())
    gateway.until(archive, State.HELD)
    assert gaps(gateway, archive) == {GapReason.ENCRYPTED: 1}
    own = gateway.enter("own", "パスワード: Kx9!tR-2", locked(content="品番,数\r\n1,2\r\n"))
    gateway.until(own, State.CLEARED)


def test_a_worker_that_dies_of_a_password_leaves_it_locked(gateway, monkeypatch):
    run = gateway.workers.run

    def dying(job, **how):
        if isinstance(job, jobs.ReadLocked):
            raise Died(GapReason.TIMEOUT)
        return run(job, **how)

    monkeypatch.setattr(gateway.workers, "run", dying)
    archive = gateway.enter("archive", "パスワード: Kx9!tR-2", locked())
    gateway.until(archive, State.HELD)
    assert gaps(gateway, archive) == {GapReason.ENCRYPTED: 1}


def test_without_a_worker_a_send_waits(gateway, monkeypatch):
    run = gateway.workers.run

    def none_there(job, **how):
        if isinstance(job, jobs.ReadPasswords):
            raise NotStarted
        return run(job, **how)

    monkeypatch.setattr(gateway.workers, "run", none_there)
    archive = gateway.enter("archive", "パスワード: Kx9!tR-2", locked())
    gateway.look(20)
    assert send(gateway.database, archive).state is State.OPEN
    monkeypatch.setattr(gateway.workers, "run", run)
    gateway.until(archive, State.HELD)
    assert gaps(gateway, archive) == {}


def test_a_mail_waits_for_no_later_one_of_its_sender(gateway):
    """A sender who is never quiet: the trial for one mail is enough for it, whatever came since."""
    archive = gateway.enter("archive", "資料です", locked())
    gateway.until(archive, State.HELD)
    first = gateway.enter("news 1", "お知らせ")
    for number in range(2, 60):
        gateway.enter(f"news {number}", "お知らせ")
        gateway.judge.judge_due()
        if send(gateway.database, first).state is not State.OPEN:
            return
    raise AssertionError("it never was judged")


def test_a_reviewer_gives_one_for_what_is_held_alone(gateway):
    archive = gateway.enter("archive", "電話でお伝えします", locked())
    with pytest.raises(WrongState):
        gateway.locks.enter(archive, "Kx9!tR-2", "hanako", via="test")
    gateway.until(archive, State.HELD)
    assert not gateway.locks.enter(archive, "wrong", "hanako", via="test")
    assert gateway.locks.enter(archive, "Kx9!tR-2", "hanako", via="test")
    gateway.look(3)
    assert gaps(gateway, archive) == {}
    assert [one["fits"] for one in facts(gateway, archive, "password.entered")] == [False, True]
    with gateway.database.read() as tx:
        assert [one.source for one in passwords.opened_by(tx, archive)] == [passwords.Source.REVIEWER]


def test_a_list_has_a_password_a_line_and_an_end(tmp_path):
    file = tmp_path / "list"
    file.write_text("one\n\n two \n", encoding="utf-8")
    assert read_passwords(file) == ("one", " two ") and read_passwords(None) == ()
    for content in ("x\n" * 101, b"\xff\xfe\x80"):
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        with pytest.raises(BadConfig) as refused:
            read_passwords(file)
        assert refused.value.key == "passwords.file"
