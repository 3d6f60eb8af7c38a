"""Whose addresses a mail shows to all who read it."""

from __future__ import annotations

from base64 import b64encode

import pytest

from gateway.inspection import jobs
from gateway.inspection.visible import visible_addresses
from gateway.model import Inspection, Skeleton
from gateway.store import pieces
from gateway.unpack import read_headers, structure
from tests.inspection.test_reader import mail
from tests.inspection.workers import Workers

FROM = "From: 店 <news@shop.example.jp>"
A, B, C = "a@one.example", "b@two.example", "c@three.example"
WHOLE_LIST = f"=?utf-8?B?{b64encode(f'山田 <{A}>, {B}'.encode()).decode()}?="

SHOWN = [
    ("one mail each, as a merge sends it", f"To: {A}", (A,), ""),
    ("his address is his name as well", f'To: "{A}" <{A}>', (A,), ""),
    ("one that stands for all of them", f"To: {B}", (A,), ""),
    ("a colleague of the sender in copy", f"To: {A}\nCc: boss@shop.example.jp, pr@tokyo.shop.example.jp", (A,), ""),
    ("nobody", "To: undisclosed-recipients:;", (A,), ""),
    ("somebody else in copy", f"To: {A}\nCc: {B}", (A,), f"{A} {B}"),
    ("all of them in each mail", f"To: 山田 <{A}>,\n 佐藤 <{B}>\nCc: {C}", (B,), f"{A} {B} {C}"),
    ("all of them in one mail", f"To: {A}, {B}", (A, B), f"{A} {B}"),
    ("in a group", f"To: 会員: {A}, {B};", (A,), f"{A} {B}"),
    ("in two fields of one name", f"To: {A}\nTo: {B}", (A,), f"{A} {B}"),
    ("in a Bcc that was left in", f"To: {A}\nBcc: {B}, {C}", (A,), f"{A} {B} {C}"),
    ("in what was sent again", f"To: {A}\nResent-To: {B}\nResent-Cc: {C}", (A,), f"{A} {B} {C}"),
    ("once, however it is written", f"To: {A}, {B}, {B.upper()}", (A,), f"{A} {B}"),
    ("as encoded words, the whole list", f"To: {WHOLE_LIST}", (A,), f"{A} {B}"),
    ("a domain that only ends alike", f"To: {A}, x@eshop.example.jp", (A,), f"{A} x@eshop.example.jp"),
]  # fmt: skip


@pytest.mark.parametrize(("header", "to", "shown"), [row[1:] for row in SHOWN], ids=[row[0] for row in SHOWN])
def test_readers_see(header, to, shown):
    headers = read_headers(f"{FROM}\n{header}\n".replace("\n", "\r\n").encode())
    assert visible_addresses(headers, to) == tuple(sorted(shown.split()))


def test_at_a_domain_of_everybody_the_senders_neighbours_are_strangers():
    headers = read_headers(f"From: pta@gmail.com\r\nTo: {A}, one@gmail.com\r\n".encode())
    assert visible_addresses(headers, (A,)) == (A, "one@gmail.com")


def own(to: str, *recipients: str) -> Inspection:
    to_read = jobs.MailToRead(skeleton=Skeleton(raw=mail(to, "お知らせ").as_bytes()), recipients=recipients)
    answer = Workers().run(jobs.ReadMails(mails=(to_read,), secret=b"s" * 32))
    [found] = jobs.MAILS_READ.validate_json(answer).owns
    return found


def test_mails_that_show_one_list_say_the_same_and_no_address():
    assert own(f"{A}, {B}", A) == own(f"{A}, {B}", B)
    assert len(own(f"{A}, {B}", A).visible) == 2
    assert own(A, A) == own(B, B) == Inspection(parts=own(A, A).parts)


@pytest.mark.parametrize("attached", [0, 100, 100_000])
@pytest.mark.parametrize("readers", [30, 3000])
def test_a_long_list_is_seen_whatever_the_mail_carries(readers, attached):
    """What is large between two boundary lines is a blob; a header is not, however many stand in it."""
    everybody = [f"member{number}@one.example" for number in range(readers)]
    message = mail(", ".join(everybody), "お知らせ")
    if attached:
        message.add_attachment("x" * attached, filename="notes.txt")
    skeleton, _ = pieces.cut(message.as_bytes())
    assert len(visible_addresses(structure(skeleton).headers, (everybody[0],))) == readers
