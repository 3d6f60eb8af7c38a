"""Whose record is no leak: the one reader's own, and nobody else's, whatever the header shows."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP

import pytest

from gateway.inspection import jobs
from gateway.model import Skeleton
from tests.inspection.workers import Workers

CLASS = ["山田太郎", "佐藤花子", "鈴木一郎", "高橋次郎", "田中三郎", "伊藤四郎", "中村七海", "加藤健太"]
EVERYBODY = ", ".join(f"{name} <p{number}@example.com>" for number, name in enumerate(CLASS))
PHONE_LIST = "連絡網をお送りします。\n\n" + "\n".join(
    f"{name} 090-1111-{number:04} 東京都渋谷区神宮前1-2-{number + 1}" for number, name in enumerate(CLASS)
)
RECORD = "お名前：佐藤花子\nお電話：090-1111-0001\nご住所：東京都渋谷区神宮前1-2-3\n"
ROWS = {
    "お名前": "佐藤花子",
    "電話番号": "090-1111-0001",
    "住所": "東京都渋谷区神宮前1-2-3",
    "商品": "本",
    "数量": "1",
}
RECORD_AS_TABLE = (
    f"<table>{''.join(f'<tr><th>{key}</th><td>{value}</td></tr>' for key, value in ROWS.items())}</table>"
)


def mail(to: str, text: str, *, html: str = "", **more: str) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = "shop@example.jp", to, "お知らせ"
    for field, value in more.items():
        message[field] = value
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    return message


def arriving(message: EmailMessage, *recipients: str) -> int:
    """Count the people in a mail that goes to these."""
    to_read = jobs.MailToRead(skeleton=Skeleton(raw=message.as_bytes()), recipients=recipients)
    answer = Workers().run(jobs.ReadMails(mails=(to_read,), secret=b"s" * 32))
    [own] = jobs.MAILS_READ.validate_json(answer).owns
    return len(own.people)


def scanned(message: EmailMessage) -> int:
    """Count the people in a mail that lies on the disk."""
    answer = Workers().run(jobs.ReadDocument(raw=message.as_bytes(), name="one.eml", secret=b"s" * 32))
    read = jobs.DOCUMENT_READ.validate_json(answer)
    return len(read.own.people) + len(read.attached.people)


def test_a_list_of_everybody_in_the_header_is_nobodys_own():
    found = arriving(mail(EVERYBODY, PHONE_LIST), "p1@example.com")
    assert found == len(CLASS) - 1
    assert scanned(mail(EVERYBODY, PHONE_LIST)) == len(CLASS)


@pytest.mark.parametrize("to", ["佐藤花子 <sato@other.example>", "佐藤花子 <undisclosed>", "佐藤花子:;"])
def test_a_name_beside_another_address_is_not_the_reader(to):
    assert arriving(mail(to, RECORD), "r0@example.com") == 1


@pytest.mark.parametrize("to", ["佐藤 花子 <r0@example.com>", "佐藤花子 <R0@EXAMPLE.COM>"])
def test_his_own_record_is_no_leak_to_the_reader(to):
    one = mail(to, RECORD)
    assert (arriving(one, "r0@example.com"), scanned(one)) == (0, 0)


def test_names_beside_the_readers_own_address_are_one_person_and_no_more():
    everybody = ", ".join(f"{name} <r0@example.com>" for name in CLASS)
    assert arriving(mail(everybody, PHONE_LIST), "r0@example.com") == len(CLASS) - 1


def test_the_readers_address_beside_many_people_leaves_out_one_of_them():
    text = PHONE_LIST.replace(" 東京都", " r0@example.com 東京都")
    assert arriving(mail("r0@example.com", text), "r0@example.com") == len(CLASS) - 1


def test_his_record_in_two_dresses_and_two_places_is_still_his_own():
    both = RECORD + "\nお届け先\nお名前：佐藤花子\nお電話：03-1111-0001\nご住所：東京都港区芝公園4-2-8\n"
    one = mail("佐藤花子 <r0@example.com>", both, html=f"<p>佐藤花子 様</p>{RECORD_AS_TABLE}")
    assert (arriving(one, "r0@example.com"), scanned(one)) == (0, 0)


def test_a_mail_on_the_disk_to_one_and_a_copy_has_two_readers():
    one = mail("佐藤花子 <r0@example.com>", RECORD, Cc="boss@example.com")
    assert scanned(one) == 1


def test_the_rows_of_an_attached_list_are_nobodys_own():
    one = mail("佐藤花子 <r0@example.com>", "添付です。")
    one.add_attachment(PHONE_LIST, filename="list.txt")
    assert scanned(one) == len(CLASS)
