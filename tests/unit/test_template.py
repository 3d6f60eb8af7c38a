"""Which mails are of one template: names, links and numbers differ, the campaign does not."""

from __future__ import annotations

import base64
import quopri
import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.sends.template import MAX_LINES, Fingerprint, alike, fingerprint, same_template

FOOTER = ("配信停止はこちら", "プラスワン教育 〒100-0001 東京都千代田区", "このメールは送信専用です")
AUTUMN = (
    "秋の体験授業のご案内です。",
    "小学生から高校生まで、全教科を無料でお試しいただけます。",
    "日時は十一月三日から二十三日まで、各教室で承ります。",
    "お申し込みは下のボタンからお願いいたします。",
    "保護者の方の見学も歓迎しております。",
    "ご不明な点は各教室までお問い合わせください。",
)
WINTER = (
    "冬期講習の受付を始めました。",
    "志望校別の特訓クラスを今年から設けます。",
    "早割は十二月一日までのお申し込みが対象です。",
    "時間割は教室の掲示板でもご覧いただけます。",
    "教材費は講習費に含まれております。",
    "兄弟姉妹での受講には割引がございます。",
)
ENCODINGS = ("8bit", "base64", "quoted-printable")


def encoded(text: str, encoding: str, charset: str) -> bytes:
    raw = text.encode(charset, "replace")
    if encoding == "base64":
        return base64.encodebytes(raw).replace(b"\n", b"\r\n")
    return quopri.encodestring(raw).replace(b"\n", b"\r\n") if encoding == "quoted-printable" else raw


def mail(
    lines: Sequence[str],
    name: str,
    *,
    encoding: str = "8bit",
    charset: str = "utf-8",
    subject: str = "お知らせ",
    attachment: bytes = b"",
) -> bytes:
    token = random.randbytes(8).hex()
    text = "\r\n".join([f"{name} 様", "", *lines, f"https://click.example.jp/{token}?u={token}", *FOOTER])
    blocks = "".join(
        f'<tr><td><a href="https://click.example.jp/{token}">{line}</a></td></tr>' for line in lines
    )
    html = f"<html><head><style>td {{color: red}}</style></head><body>{name} 様<table>{blocks}</table>{FOOTER[0]}</body></html>"
    parts = b"".join(
        f"--b\r\nContent-Type: text/{sort}; charset={charset}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode()
        + encoded(content, encoding, charset)
        + b"\r\n"
        for sort, content in (("plain", text), ("html", html))
    )
    if attachment:
        head = b"--b\r\nContent-Type: text/csv\r\nContent-Disposition: attachment\r\n\r\n"
        parts += head + attachment + b"\r\n"
    word = base64.b64encode(subject.encode()).decode()
    head = f"Subject: =?utf-8?B?{word}?=\r\nMessage-ID: <{token}@example.jp>\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    return head.encode() + parts + b"--b--\r\n"


def short(text: str, subject: str) -> Fingerprint:
    return fingerprint(f"Subject: {subject}\r\nContent-Type: text/plain\r\n\r\n{text}\r\n".encode())


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("charset", ["utf-8", "cp932"])
def test_two_thousand_personalised_mails_are_of_one_template(encoding: str, charset: str):
    first = fingerprint(mail(AUTUMN, "山田 太郎", encoding=encoding, charset=charset))
    for number in range(0, 2000, 40):
        name = f"{random.choice('佐鈴高田伊')}藤 {'花子' * (1 + number % 3)}"
        assert same_template(first, fingerprint(mail(AUTUMN, name, encoding=encoding, charset=charset)))


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_two_campaigns_to_the_same_person_are_of_two_templates(encoding: str):
    one, other = (fingerprint(mail(lines, "山田 太郎", encoding=encoding)) for lines in (AUTUMN, WINTER))
    assert not same_template(one, other)


def test_two_campaigns_with_one_subject_are_of_two_templates():
    one, other = (fingerprint(mail(lines, "山田", subject="塾からのお知らせ")) for lines in (AUTUMN, WINTER))
    assert not same_template(one, other)


def test_order_confirmations_are_alike_whatever_was_ordered():
    one = (f"ご注文番号 {random.randrange(10**8)}", "りんご 1個 120円", *AUTUMN)
    other = (f"ご注文番号 {random.randrange(10**8)}", "みかん 3箱 9,800円", "鞄 1点 12,000円", *AUTUMN)
    assert same_template(fingerprint(mail(one, "山田")), fingerprint(mail(other, "佐藤 花子")))


def test_each_mail_may_carry_an_attachment_of_its_own():
    bills = [b"\r\n".join(random.randbytes(20).hex().encode() for _ in range(100)) for _ in range(2)]
    one, other = (fingerprint(mail(AUTUMN, "山田", attachment=bill)) for bill in bills)
    assert same_template(one, other)
    assert same_template(one, fingerprint(mail(AUTUMN, "山田")))


def test_a_body_that_was_cut_out_counts_like_one_that_stands_there():
    head, body = b"Subject: x\r\nContent-Type: text/plain\r\n\r\n", "\r\n".join(AUTUMN).encode()
    assert fingerprint(head, {len(head): body}) == fingerprint(head + body)
    multipart = b"Content-Type: multipart/mixed\r\n\r\n--b\r\n" + head
    whole = fingerprint(multipart + body + b"\r\n--b--\r\n")
    assert fingerprint(multipart + b"\r\n--b--\r\n", {len(multipart): body}) == whole


def test_very_short_mails_of_one_subject_are_alike_though_names_and_numbers_differ():
    one, other = (
        short("ご確認ください。", "山田 太郎 様 ご予約 12345 の確認"),
        short("よろしく", "佐藤 花 様 ご予約 9 の確認"),
    )
    assert alike(one, other) == 1.0


def test_very_short_mails_of_different_subjects_and_texts_are_not_alike():
    assert not same_template(short("ご確認ください。", "ご予約の確認"), short("休業します", "臨時休業"))


def test_a_very_short_mail_is_not_like_a_long_one_of_the_same_subject():
    assert not same_template(short("ご確認ください。", "件"), short("\r\n".join(AUTUMN), "件"))


def test_mails_with_nothing_but_an_attachment_go_by_their_subject():
    assert same_template(short("", "名簿"), short("", "名簿"))
    assert not same_template(short("", "名簿"), short("", "請求書"))


@pytest.mark.parametrize(
    "subject",
    [
        "=?iso-2022-jp?B?GyRCTD5KbRsoQg==?=",
        "=?utf-8?B?5ZCN57C/?=",
        "=?utf-8?Q?=E5=90=8D=E7=B0=BF?=",
        "=?utf-8?B?5ZCN?=\r\n =?utf-8?B?57C/?=",
    ],
)
def test_a_subject_is_the_same_however_it_is_encoded(subject: str):
    assert short("", subject) == short("", "名簿")


@given(st.binary(max_size=400))
def test_no_bytes_make_it_fail(raw: bytes):
    fingerprint(raw)
    fingerprint(b"Subject: =?x?B?" + raw + b"?=\r\nContent-Transfer-Encoding: base64\r\n\r\n" + raw)


@given(
    st.builds(
        Fingerprint, st.integers(0, 2**32 - 1), st.frozensets(st.integers(0, 2**32 - 1), max_size=MAX_LINES)
    )
)
def test_a_fingerprint_is_read_as_it_was_written(taken: Fingerprint):
    assert Fingerprint.from_bytes(taken.to_bytes()) == taken


def test_a_long_mail_keeps_to_its_size():
    taken = fingerprint(b"\r\n\r\n" + b"\r\n".join(b"x" * n for n in range(2, 3000)))
    assert len(taken.to_bytes()) <= 4 * (MAX_LINES + 1)


@pytest.mark.parametrize(
    "raw",
    [
        b"\r\n\r\n" + b"a@" * 5_000_000,
        b"\r\n\r\n" + b"<" * 10_000_000,
        b"\r\n--b\r\n\r\n" * 1_000_000,
        b"Subject: " + b"a@" * 5_000_000 + b"\r\n\r\n",
        b"Subject: " + b"=?u?q?a" * 1_000_000 + b"\r\n\r\n",
        b"content-type:" + b" " * 10_000_000 + b"\r\n\r\n",
        b"\r\n\r\n" + b"<style" * 1_000_000,
    ],
    ids=["addresses", "markup", "boundaries", "subject", "encoded-words", "spaces", "styles"],
)
def test_the_fingerprint_of_a_mail_made_to_be_slow_ends(raw: bytes):
    assert fingerprint(raw) == fingerprint(raw)
