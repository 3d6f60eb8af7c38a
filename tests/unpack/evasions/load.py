"""What evasion mails carry: a small list of made-up people, or for their twins a newsletter and goods; and how it is wrapped."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from itertools import cycle

import openpyxl

from tests.unpack.mails import multipart, part

TO = ("From: a@example.jp", "To: b@example.jp, c@example.jp", "Subject: x", "MIME-Version: 1.0")
UTF8 = ("Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit")
NOTE = part(*UTF8, body="いつもお世話になっております。資料をお送りします。")
ZIP = 'Content-Type: application/zip; name="list.zip"'
SENT = 'Content-Disposition: attachment; filename="list.zip"'
CTE = "Content-Transfer-Encoding"
IN_BASE64 = f"{CTE}: base64"
EIGHT_BIT = f"{CTE}: 8bit"

NAMES = (
    "山田太郎",
    "佐藤花子",
    "鈴木次郎",
    "高橋美咲",
    "田中健一",
    "渡辺裕子",
    "伊藤直樹",
    "中村由美",
    "小林誠",
    "加藤恵",
)
GOODS = ("鉛筆", "消しゴム", "定規", "はさみ", "のり", "ホチキス", "封筒", "便箋", "付箋", "画用紙")  # fmt: skip
PEOPLE = len(NAMES)


class Law(StrEnum):
    """What a trick is to the standards and to the readers of mail."""

    LEGAL = "legal"  # an RFC allows it, obsolete syntax included
    TOLERATED = "tolerated"  # no RFC allows it, software sends it, and readers agree on what it says
    HOSTILE = "hostile"  # readers disagree, or read nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What a mail is to carry past the gate, as table and as letter."""

    rows: tuple[tuple[str, ...], ...]
    words: str

    @property
    def csv(self) -> bytes:
        """The table as CSV."""
        return "".join(",".join(row) + "\r\n" for row in self.rows).encode()

    @property
    def zip(self) -> bytes:
        """The CSV in a ZIP, of the same bytes each time."""
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(zipfile.ZipInfo("list.csv", (2026, 1, 1, 0, 0, 0)), self.csv)
            archive.comment = b"x"  # so that its base64 needs padding
        return out.getvalue()

    @property
    def xlsx(self) -> bytes:
        """The table as a workbook."""
        book, out = openpyxl.Workbook(), io.BytesIO()
        for row in self.rows:
            book.active.append(row)
        book.save(out)
        return out.getvalue()


LIST = Load(
    rows=(
        ("氏名", "電話番号", "メール", "住所"),
        *(
            (name, f"090-0000-{1000 + n}", f"person{n}@example.jp", f"東京都千代田区千代田{n + 1}-1")
            for n, name in enumerate(NAMES)
        ),
    ),
    words="".join(f"{name} 090-0000-{1000 + n} person{n}@example.jp\r\n" for n, name in enumerate(NAMES)),
)
NEWS = Load(
    rows=(
        ("品名", "品番", "単価", "在庫"),
        *((name, f"B-{1000 + n}", f"{120 + n}", f"{n * 7}") for n, name in enumerate(GOODS)),
    ),
    words="".join(f"{name} は {120 + n} 円、今週のおすすめです\r\n" for n, name in enumerate(GOODS)),
)

Build = Callable[[Load], bytes]


@dataclass(frozen=True, slots=True)
class Trick:
    """One way to write a mail so that a gateway may pass over what its reader sees; `source` says who describes it."""

    name: str
    source: str
    law: Law
    build: Build


def uneven(raw: bytes) -> bytes:
    """Write base64 in lines of uneven length, which no search for long lines finds (RFC 2045, 6.8: up to 76)."""
    text, lines, at = base64.b64encode(raw), [], 0
    for length in cycle((4, 4, 8, 8, 16, 16, 32, 32, 64)):
        if at >= len(text):
            break
        lines.append(text[at : at + length] + b"\r\n")
        at += length
    return b"".join(lines)


def mixed(*parts: bytes, boundary: str = "outer") -> bytes:
    """Write a mail of parts."""
    return multipart(*parts, boundary=boundary, more=TO)


def attached(load: Load, *fields: str, body: bytes | None = None) -> bytes:
    """Write a mail with a note and a part of these fields: the ZIP in base64, unless a body is given."""
    return mixed(NOTE, part(*fields, body=uneven(load.zip) if body is None else body))


def zipped(load: Load) -> bytes:
    """Write the part that is the ZIP, as it should be."""
    return part(ZIP, SENT, IN_BASE64, body=uneven(load.zip))


def parts_of(load: Load) -> tuple[bytes, bytes]:
    """Give a note and the ZIP as two parts."""
    return NOTE, zipped(load)


def letter(load: Load, *fields: str, encode: Callable[[str], bytes] = str.encode) -> bytes:
    """Write a mail that is a letter and nothing else."""
    return part(*TO, *fields, body=encode(load.words))
