"""`sekisho selftest`: a planted leak must be held (Benesse 2014: a control that is there but not set up is none).

In: the settings in force. Out: whether the leak was held, and a mail of no harm passed; how workers are confined. Fails: BadConfig.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import asdict, dataclass
from email.message import EmailMessage
from email.policy import SMTP

from gateway.demo.families import HEADER, families
from gateway.model import Decision
from gateway.policy import load_policy
from gateway.scan.scanner import Scanner
from gateway.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How the self-test went, and the line that says so."""

    held: bool
    line: str


def planted_leak_is_held(settings: Settings) -> Outcome:
    """Put a list of 30 people in a ZIP through the workers and the policy in force, and a harmless mail beside it."""
    policy = load_policy(settings.policy.file)
    scanner = Scanner(settings, policy, jobs=1)
    try:
        leak = scanner.scan_bytes(mail(_archive()), "selftest-leak.eml")
        harmless = scanner.scan_bytes(mail(None), "selftest-harmless.eml")
        confinement = scanner.confinement
    finally:
        scanner.close()
    confined = (
        " ".join(
            f"{mechanism}={'ok' if given else 'なし/none'}"
            for mechanism, given in asdict(confinement).items()
        )
        if confinement
        else "-"
    )
    people = leak.exposure.people if leak.exposure else 0
    seen = people == 30 and bool(leak.verdict and leak.verdict.reasons)
    held = (
        seen and leak.verdict is not None and leak.verdict.decision is not Decision.PASS and harmless.passes
    )
    if policy.mode == "monitor" and seen:
        return Outcome(
            held=False,
            line=f"NOT HELD  policy={policy.name} は観察のみ / monitor only (people={people})  {confined}",
        )
    return Outcome(
        held=held,
        line=f"{'OK' if held else 'FAILED'}  policy={policy.name} people={people} harmless={harmless.passes}  {confined}",
    )


def mail(attachment: bytes | None) -> bytes:
    """Write the planted mail."""
    message = EmailMessage(policy=SMTP)
    message["From"] = "selftest@example.com"  # a colleague of its readers, who see each other
    message["To"] = ", ".join(f"reader{number}@example.com" for number in range(12))
    message["Subject"] = "自己診断"
    message.set_content("自己診断のメールです。\n")
    if attachment is not None:
        message.add_attachment(attachment, maintype="application", subtype="zip", filename="list.zip")
    return message.as_bytes()


def _archive() -> bytes:
    rows = families(people=30, households=14, repeats=0, rewritten=0)
    text = "\r\n".join(",".join(row) for row in [HEADER, *rows])
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("list.csv", text.encode("cp932"))
    return out.getvalue()
