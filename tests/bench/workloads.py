"""What is sent: W1 small personalised mails, W2 the Plus One send, W4 one huge list.

In: how many. Out: mails as pieces of bytes, ready for DATA; pieces that mails share are one object. The same each time.
"""

from __future__ import annotations

import base64
import io
import random
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from gateway.demo.families import HEADER, families

SENDER = "news@school.example.jp"
SEED = 20231031
CSV_ROWS = 3732
WIDE_HEADER = [*HEADER, "保護者氏名", "保護者フリガナ", "会員番号", "登録日時", "更新日時", "管理番号"]
CRLF = b"\r\n"
PLAIN = str.maketrans("髙﨑濵", "高崎浜")  # ISO-2022-JP has none of the left

PARAGRAPH = (
    "いつもスクールツアーシップをご利用いただき、ありがとうございます。冬のスキースクールの最新情報をお届けします。"
    "今年は志賀高原と蔵王の二会場で、初めての方から上級の方まで十二のクラスをご用意しました。"
)


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail of a workload: its recipient, and what follows DATA without the final dot."""

    recipient: str
    pieces: tuple[bytes, ...]

    @property
    def raw(self) -> bytes:
        """The whole mail."""
        return b"".join(self.pieces)


def small(mails: int) -> Iterator[Mail]:
    """W1: 5 KB each, personalised, UTF-8 and ISO-2022-JP by turns."""
    for number in range(mails):
        charset, encoding = ("utf-8", "base64") if number % 2 else ("iso-2022-jp", "7bit")
        lines = [
            f"{_name(number)} 様",
            "",
            *(f"{line + 1}. {PARAGRAPH}" for line in range(12 if number % 2 else 22)),
            "",
        ]
        lines.append(f"お客様番号 {number:08} のページ: https://school.example.jp/my/{number:08}")
        text = "\r\n".join(lines).encode(charset) + CRLF
        body = _base64(text) if encoding == "base64" else text
        yield Mail(
            f"family{number:05}@example.jp", (_head(number, f"text/plain; charset={charset}", encoding), body)
        )


def plus_one(mails: int) -> Iterator[Mail]:
    """W2: each mail with the same ZIP of the distribution list (2023-10-31)."""
    shared = _attachment("list.zip", list_zip())
    yield from _with_tail(mails, shared)


def without_list(mails: int) -> Iterator[Mail]:
    """W2's mails with nothing attached: what W2 costs beyond this, its ZIP costs."""
    yield from _with_tail(mails, b"--=cut--\r\n")


def huge(megabytes: int) -> Iterator[Mail]:
    """W4: one mail with a ZIP of a CSV of so many megabytes."""
    yield from _with_tail(1, _attachment("all.zip", zipped_list(megabytes)[0]))


@cache
def list_csv() -> bytes:
    """Give W2's list: 3,732 rows in CP932, about 732 KB."""
    return _csv(CSV_ROWS)


@cache
def list_zip() -> bytes:
    """Give W2's attachment, about 176 KB."""
    return _zip("list.csv", list_csv())


def zipped_list(megabytes: int) -> tuple[bytes, int]:
    """Give a ZIP of a CSV of so many megabytes, and its rows."""
    rows = megabytes * 1_000_000 * CSV_ROWS // len(list_csv())
    return _zip("all.csv", _csv(rows)), rows


def _with_tail(mails: int, tail: bytes) -> Iterator[Mail]:
    for number in range(mails):
        text = f"{_name(number)} 様\r\n\r\n{PARAGRAPH}\r\n".encode()
        top = (
            b"--=cut\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        )
        head = _head(number, 'multipart/mixed; boundary="=cut"', "7bit")
        yield Mail(f"family{number:05}@example.jp", (head + top + _base64(text), tail))


def _head(number: int, content_type: str, encoding: str) -> bytes:
    subject = base64.b64encode("冬のスキースクール最新情報".encode()).decode()
    return (
        f"From: School Tour Ship <{SENDER}>\r\nTo: <family{number:05}@example.jp>\r\nSubject: =?utf-8?B?{subject}?=\r\n"
        f"Date: Tue, 31 Oct 2023 10:{number // 60 % 60:02}:{number % 60:02} +0900\r\nMessage-ID: <{number:08}@school.example.jp>\r\n"
        f"MIME-Version: 1.0\r\nContent-Type: {content_type}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    ).encode("ascii")


def _attachment(name: str, raw: bytes) -> bytes:
    head = (
        f'--=cut\r\nContent-Type: application/zip\r\nContent-Disposition: attachment; filename="{name}"\r\n'
    )
    return (
        head.encode("ascii") + b"Content-Transfer-Encoding: base64\r\n\r\n" + _base64(raw) + b"--=cut--\r\n"
    )


def _base64(raw: bytes) -> bytes:
    return base64.encodebytes(raw).replace(b"\n", CRLF)


def _zip(name: str, raw: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(name, (2023, 10, 31, 9, 0, 0)), raw, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _csv(rows: int) -> bytes:
    """Write a list of so many rows, with the incident's columns and those that a customer database adds."""
    luck = random.Random(SEED)
    lines = [",".join(WIDE_HEADER)]
    for block in range(-(-rows // CSV_ROWS)):
        guardian = ("", "")
        for row in families(seed=block)[: rows - block * CSV_ROWS]:
            if not row[5]:
                guardian = (row[1], row[2])
            row[0] = f"{block:03}.{row[0]}" if block else row[0]
            number = f"{len(lines):012}"
            since = _moment(luck)
            lines.append(",".join([*row, *guardian, number, since, since, number[-5:]]))
    return CRLF.join(line.encode("cp932") for line in lines) + CRLF


def _moment(luck: random.Random) -> str:
    return f"2023/{luck.randrange(1, 10)}/{luck.randrange(1, 29)} {luck.randrange(8, 22)}:{luck.randrange(60):02}"


@cache
def _names() -> list[str]:
    return [row[1] for row in families(people=500, households=200, repeats=0, rewritten=0)]


def _name(number: int) -> str:
    return _names()[number % 500].translate(PLAIN)


WORKLOADS = {"w1": small, "w2": plus_one, "w2-without-list": without_list, "w4": huge}
