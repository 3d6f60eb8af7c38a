"""A mail tool: merges a template with a list and sends, over several connections, as fast as it is let.

In: mails. Out: how many were taken. Fails: ConnectionError where one is refused.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP

CONNECTIONS = 10
SENDER = "ski@school-tour.example.jp"

BODY = """{name} 様

いつもスクールツアーをご利用いただき、ありがとうございます。
冬のスキースクールの最新情報をお届けします。

■ 冬のスキースクール 2023-24 ■
  期間: 12月23日(土)から1月8日(月・祝)まで、全8コース
  対象: 小学1年生から高校3年生まで
  場所: 長野県、新潟県の各スキー場(現地集合・バスツアー)
  指導: 有資格のインストラクターが少人数で指導します

■ お申し込み ■
  会員ページからお申し込みください。先着順に受け付けます。
  早期のお申し込みには割引があります(11月30日まで)。

■ よくあるご質問 ■
  Q. 初めてでも参加できますか。
  A. はい。初心者コースがあります。用具の貸し出しもあります。
  Q. 食物アレルギーへの対応はありますか。
  A. お申し込みのときにご相談ください。

配信停止は会員ページの「メール設定」からお手続きください。
──────────────────────
スクールツアーシップ事務局
〒170-0000 東京都豊島区(架空)1-2-3
フリーダイヤル 0120-000-000 (月〜金 10:00〜18:00)
"""


@dataclass(frozen=True, slots=True)
class Addressee:
    """One line of the distribution list."""

    address: str
    name: str


def merged(
    day: int, addressees: Sequence[Addressee], attachment: bytes | None
) -> Iterator[tuple[str, bytes]]:
    """Merge the mails of one day; an attachment is the same in all, as it was."""
    template = EmailMessage(policy=SMTP)
    template["From"] = f"スクールツアー事務局 <{SENDER}>"
    template["To"] = "merge-address@merge.invalid"
    template["Subject"] = "冬のスキースクール最新情報"
    template["Message-ID"] = "<merge-id@school-tour.example.jp>"
    template.set_content(BODY.format(name="merge-name"), cte="8bit")
    if attachment is not None:
        template.add_attachment(attachment, maintype="application", subtype="zip", filename="配信リスト.zip")
    raw = template.as_bytes()
    for number, addressee in enumerate(addressees):
        mail = raw.replace(b"merge-address@merge.invalid", addressee.address.encode())
        mail = mail.replace(b"merge-id", f"day{day}-{number}".encode())
        yield addressee.address, mail.replace(b"merge-name", addressee.name.encode())


async def send(port: int, mails: Sequence[tuple[str, bytes]]) -> int:
    """Send mails; give how many were taken with 250."""
    shares = [mails[start::CONNECTIONS] for start in range(CONNECTIONS)]
    return sum(await asyncio.gather(*(_send_over_one(port, share) for share in shares if share)))


async def _send_over_one(port: int, mails: Sequence[tuple[str, bytes]]) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        await _expect(reader, b"220")
        writer.write(b"EHLO mail-tool.example.jp\r\n")
        await _expect(reader, b"250")
        for address, raw in mails:
            writer.write(f"MAIL FROM:<{SENDER}> BODY=8BITMIME\r\nRCPT TO:<{address}>\r\nDATA\r\n".encode())
            for code in (b"250", b"250", b"354"):
                await _expect(reader, code)
            writer.write(raw.replace(b"\r\n.", b"\r\n..") + b".\r\n")
            await _expect(reader, b"250")
        writer.write(b"QUIT\r\n")
    finally:
        writer.close()
    return len(mails)


async def _expect(reader: asyncio.StreamReader, code: bytes) -> None:
    """Read one reply, of one line or several."""
    while True:
        line = await reader.readline()
        if not line.startswith(code):
            raise ConnectionError(
                f"expected {code.decode()}, heard {line[:3].decode('ascii', 'replace') or 'nothing'}"
            )
        if line[3:4] == b" ":
            return
