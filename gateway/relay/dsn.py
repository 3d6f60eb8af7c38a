"""The notice of failure (DSN, RFC 3464) to the sender of a mail that could not be delivered.

In: a mail's envelope and headers, the recipients that failed. Out: a mail. Fails: never; None where nobody is to be told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import Message
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.mime.text import MIMEText
from email.utils import format_datetime

import regex

from gateway.model import Envelope, Recipient

HEADER_BYTES = 32_768
_STATUS = regex.compile(r"[245]\.\d{1,3}\.\d{1,3}\b")
_TEXT = (
    "The mail whose headers are attached could not be delivered to the recipients named below.\n"
    "添付のヘッダーのメールは、次の宛先に配送できませんでした。\n\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One recipient, and what the next hop said last."""

    recipient: Recipient
    reply: str


def wanted(sender: str, recipient: Recipient) -> bool:
    """Tell whether a failure is to be told: never to the null sender, nor against NOTIFY (RFC 3461, 4.1)."""
    if not sender:
        return False
    notify = next(
        (word[7:].upper() for word in recipient.parameters if word.upper().startswith("NOTIFY=")), "FAILURE"
    )
    return "FAILURE" in notify.split(",")


def compose(
    envelope: Envelope,
    content: bytes,
    failures: Sequence[Failure],
    *,
    hostname: str,
    mail_id: str,
    now: datetime,
) -> bytes | None:
    """Write the notice: the failures, and the headers of the mail without its body."""
    told = [failure for failure in failures if wanted(envelope.sender, failure.recipient)]
    if not told:
        return None
    notice = MIMEMultipart("report", report_type="delivery-status")
    notice["From"] = f"Mail Delivery System <MAILER-DAEMON@{hostname}>"
    notice["To"] = envelope.sender
    notice["Subject"] = "Undelivered mail returned to sender"
    notice["Date"] = format_datetime(now)
    notice["Message-ID"] = f"<{mail_id}.{now.timestamp():.6f}.dsn@{hostname}>"
    notice["Auto-Submitted"] = "auto-replied"  # RFC 3834, 5
    lines = "".join(
        f"{_printable(failure.recipient.address)}: {_printable(failure.reply)}\n" for failure in told
    )
    notice.attach(MIMEText(_TEXT + lines, "plain", "utf-8"))
    notice.attach(_status(envelope, told, hostname))
    headers = MIMENonMultipart("text", "rfc822-headers")  # RFC 6522, 4: the body is not given back
    headers.set_payload(
        content.partition(b"\r\n\r\n")[0][:HEADER_BYTES].decode("utf-8", "replace") + "\r\n", "utf-8"
    )
    notice.attach(headers)
    return notice.as_bytes(policy=policy.SMTP if envelope.sender.isascii() else policy.SMTPUTF8)  # RFC 6532


def _status(envelope: Envelope, failures: Sequence[Failure], hostname: str) -> Message:
    about = Message()
    about["Reporting-MTA"] = f"dns; {hostname}"
    envelope_id = next((word[6:] for word in envelope.parameters if word.upper().startswith("ENVID=")), None)
    if envelope_id:
        about["Original-Envelope-Id"] = _printable(envelope_id)
    blocks: list[Message | str] = [about]
    for failure in failures:
        block = Message()
        original = next(
            (word[6:] for word in failure.recipient.parameters if word.upper().startswith("ORCPT=")), None
        )
        if original and ";" in original:
            kind, _, address = original.partition(";")
            block["Original-Recipient"] = f"{_printable(kind)};{_printable(address)}"
        block["Final-Recipient"] = _final(failure.recipient.address)
        block["Action"] = "failed"
        found = _STATUS.search(failure.reply)
        given_up = not failure.reply.startswith("5")
        block["Status"] = "4.4.7" if given_up else (found[0] if found and found[0][0] == "5" else "5.0.0")
        block["Diagnostic-Code"] = f"smtp; {_printable(failure.reply)}"
        blocks.append(block)
    status = MIMENonMultipart("message", "delivery-status")
    status.set_payload(blocks)
    return status


def _final(address: str) -> str:
    """Name a recipient in ASCII (RFC 3464, 2.3.2; RFC 6533, 3)."""
    if address.isascii():
        return f"rfc822; {_printable(address)}"
    return "utf-8; " + "".join(
        c if " " < c < "\x7f" and c not in "\\+=" else f"\\x{{{ord(c):X}}}" for c in address
    )


def _printable(text: str) -> str:
    return "".join(c if " " <= c < "\x7f" else "?" for c in text)[:500]
