"""The bytes that go out: what came in, one line before it, and nothing that could be read as a command."""

import email
from datetime import UTC, datetime
from email import policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model import Envelope, Recipient
from gateway.relay import dsn, outgoing

NOW = datetime(2026, 4, 1, 9, tzinfo=UTC)


def envelope(**changes):
    fields = {
        "client": "tool",
        "submitter": "tool",
        "sender": "s@example.jp",
        "recipients": (Recipient(address="secret@example.com"),),
        "peer": "192.0.2.1",
        "helo": "mail.example.jp",
    }
    return Envelope(**{**fields, **changes})


def line(**changes):
    return outgoing.received_line(
        envelope(**changes), hostname="gw.example.jp", mail_id="abc", received_at=NOW
    )


def test_the_line_names_both_ends_the_protocol_and_the_time_and_no_recipient():
    assert line() == (
        b"Received: from mail.example.jp ([192.0.2.1])\r\n\tby gw.example.jp with ESMTP\r\n\tid abc;\r\n"
        b"\tWed, 01 Apr 2026 09:00:00 +0000\r\n"
    )


def test_tls_login_and_utf8_show_in_the_protocol():
    assert b"with ESMTPSA\r\n" in line(tls=True, submitter="somebody")
    assert b"with UTF8SMTPS\r\n" in line(tls=True, parameters=("SMTPUTF8",))
    assert b"([IPv6:2001:db8::1])" in line(peer="2001:db8::1")


@given(st.text(), st.text())
def test_no_helo_or_peer_breaks_out_of_the_line(helo, peer):
    written = line(helo=helo, peer=peer)
    assert written.count(b"\r\n") == written.count(b"\n") == 4
    assert all(len(one) < 998 for one in written.split(b"\r\n"))
    assert written.count(b";") == 1
    assert written.isascii()


LINES = st.lists(st.binary(max_size=40).map(lambda b: b.translate(None, b"\r\n\0")), max_size=8)


@given(LINES)
def test_undoing_the_dots_gives_the_content_back(lines):
    content = b"".join(one + b"\r\n" for one in lines)
    sent = outgoing.data(content, line())
    assert sent.endswith(b"\r\n.\r\n")
    assert sent.count(b"\r\n.\r\n") == 1
    received = b"".join(
        one.removeprefix(b".") + b"\r\n" for one in sent.removesuffix(b".\r\n").split(b"\r\n")[:-1]
    )
    assert received == line() + content


@pytest.mark.parametrize(
    "content", [b"a\nb\r\n", b"a\rb\r\n", b"a\0\r\n", b"a\r\r\n", b"\n.\r\n", b"no end", b"a\r"]
)
def test_what_no_accepted_mail_holds_goes_nowhere(content):
    with pytest.raises(outgoing.Unsendable):
        outgoing.data(content, line())


def notice(recipients, content=b"Subject: x\r\n\r\nSECRET BODY\r\n", **changes):
    failures = [dsn.Failure(recipient=r, reply="550 5.1.1 no such user\u3042") for r in recipients]
    return dsn.compose(
        envelope(**changes), content, failures, hostname="gw.example.jp", mail_id="abc", now=NOW
    )


def test_a_notice_tells_of_each_failure_and_holds_no_body():
    written = notice(
        [Recipient(address="a@example.com", parameters=("ORCPT=rfc822;A@example.com",))],
        parameters=("ENVID=e1",),
    )
    assert b"SECRET" not in written
    assert written.isascii()
    outgoing.data(written, b"")
    read = email.message_from_bytes(written, policy=policy.default)
    assert read.get_content_type() == "multipart/report"
    _, status, headers = read.iter_parts()
    about, one = status.get_payload()
    assert about["Original-Envelope-Id"] == "e1"
    assert one["Final-Recipient"] == "rfc822; a@example.com"
    assert one["Original-Recipient"] == "rfc822;A@example.com"
    assert (one["Status"], one["Action"]) == ("5.1.1", "failed")
    assert headers.get_content_type() == "text/rfc822-headers"
    assert "Subject: x" in headers.get_payload(decode=True).decode()


def test_a_sender_with_an_address_in_utf8_is_told_as_well():
    written = notice([Recipient(address="花子@example.com")], sender="太郎@example.jp")
    assert "To: 太郎@example.jp\r\n".encode() in written
    outgoing.data(written, b"")
    _, status, _ = email.message_from_bytes(written, policy=policy.SMTPUTF8).iter_parts()
    assert status.get_payload()[1]["Final-Recipient"] == r"utf-8; \x{82B1}\x{5B50}@example.com"


def test_nobody_is_told_where_the_sender_is_null_or_did_not_want_it():
    plain = Recipient(address="a@example.com")
    assert notice([plain], sender="") is None
    assert notice([Recipient(address="a@example.com", parameters=("NOTIFY=NEVER",))]) is None
    assert notice([Recipient(address="a@example.com", parameters=("NOTIFY=SUCCESS",))]) is None
    assert notice([Recipient(address="a@example.com", parameters=("NOTIFY=SUCCESS,FAILURE",))]) is not None


@given(st.binary(max_size=200), st.text(max_size=30))
def test_no_headers_and_no_address_make_a_notice_that_cannot_be_sent(content, local):
    written = notice([Recipient(address=f"{local}@example.com")], content=content)
    outgoing.data(written, b"")
