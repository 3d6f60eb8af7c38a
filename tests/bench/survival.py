"""`make check-corpora FILES=folder`: any mails and files through the real inspection, in confined workers, as a table.

In: a folder; what is a mail is one, anything else is sent as an attachment. Out: how many were inspected, were held and why, crashed, took too
long, or were not rebuilt byte by byte; the names of those that are not as they should be (`ARGS=--held`: of those held, too).
Fails: exit 1 where one crashed, hung, was neither inspected nor held, or changed; exit 2 without files.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from gateway import unpack
from gateway.inspection.jobs import MAILS_READ, MailToRead, ReadMails, ReadPart, Sought
from gateway.inspection.sandbox import Died, Sandbox, limits_of
from gateway.model import GapReason, Inspection
from gateway.policy import judge, load_policy
from gateway.settings import InspectSettings
from gateway.store.codec import inspection_from_json
from gateway.store.pieces import cut, join
from tests.unpack.evasions.gate import READERS, exposed

WORKERS = 2
HANGS_SECONDS = 30
MAX_BYTES = 50 << 20
SECRET = b"s" * 32
POLICY = load_policy("default")


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of one mail."""

    name: str
    is_mail: bool
    seconds: float
    reasons: tuple[str, ...]  # for which it is held; none: it passes
    parts: int = 0
    died: GapReason | None = None
    exact: bool = True

    @property
    def wrong(self) -> str:
        """What may not be; "" where all is well."""
        if self.died is GapReason.CRASHED:
            return "a worker crashed"
        if self.seconds > HANGS_SECONDS:
            return f"{self.seconds:.0f} s"
        if not self.parts and not self.reasons:
            return "neither inspected nor held"
        return "" if self.exact else "not rebuilt byte by byte"


def survive(folder: Path, *, list_held: bool = False) -> int:
    """Inspect all of a folder and print what came of it."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.stat().st_size <= MAX_BYTES)
    if not files:
        print(f"{folder}: no files", file=sys.stderr)
        return 2
    sandbox = Sandbox(limits_of(InspectSettings()), workers=WORKERS, sought=Sought())
    try:
        with ThreadPoolExecutor(WORKERS) as threads:
            results = list(threads.map(lambda path: _inspected(sandbox, path, folder), files))
    finally:
        sandbox.close()
    for kind, some in (("mails", [one for one in results if one.is_mail]), ("files", [one for one in results if not one.is_mail])):  # fmt: skip
        print("\n".join(_lines(kind, some)))
    for one in results:
        if one.wrong or (list_held and one.reasons):
            print(f"  {one.name}: {one.wrong or 'held for ' + ', '.join(one.reasons)}")
    return int(any(one.wrong for one in results))


def _lines(kind: str, results: list[Result]) -> Iterator[str]:
    if not results:
        return
    held = [one for one in results if one.reasons]
    slowest = max(results, key=lambda one: one.seconds)
    wrong = sum(bool(one.wrong) for one in results)
    yield f"{kind}: {len(results)}, {len(results) - len(held)} pass, {len(held)} held, {wrong} not as they should be"
    yield f"  slowest {slowest.seconds:.1f} s ({slowest.name})"
    counted = Counter(reason for one in held for reason in one.reasons)
    yield "  held for " + ", ".join(f"{reason} {number}" for reason, number in counted.most_common())


def _inspected(sandbox: Sandbox, path: Path, folder: Path) -> Result:
    raw, name = path.read_bytes(), str(path.relative_to(folder))
    is_mail = unpack.is_mail(raw, path.name)
    mail = raw if is_mail else _sent(raw, path.name)
    skeleton, cut_out = cut(mail)
    blobs = {blob.digest: blob.raw for blob in cut_out}
    exact = join(skeleton, blobs) == mail
    begun = time.monotonic()
    try:
        found = _read(sandbox, ReadMails(mails=(MailToRead(skeleton=skeleton, recipients=READERS),), secret=SECRET), blobs)  # fmt: skip
    except Died as death:
        seconds = time.monotonic() - begun
        return Result(name=name, is_mail=is_mail, seconds=seconds, reasons=(death.reason,), died=death.reason, exact=exact)  # fmt: skip
    seconds = time.monotonic() - begun
    exposure = exposed(found)
    rules = (reason.rule for reason in judge(POLICY, exposure, bulk=True).reasons)
    reasons = [rule for rule in rules if rule != "unreadable"]
    reasons += [reason for reason in exposure.gaps if POLICY.gap_weights.get(GapReason(reason), 1)]
    parts = sum(len(one.parts) for one in found)
    return Result(
        name=name, is_mail=is_mail, seconds=seconds, reasons=tuple(reasons), parts=parts, exact=exact
    )


def _read(sandbox: Sandbox, job: ReadMails, blobs: dict[bytes, bytes]) -> list[Inspection]:
    """Read a mail and its leaves, as the gateway does. Raises: Died."""
    read = MAILS_READ.validate_json(sandbox.run(job))
    leaves = (ReadPart(leaf=leaf, encoded=leaf.encoded(blobs), secret=SECRET) for leaf in read.leaves)
    return [*read.owns, *(inspection_from_json(sandbox.run(leaf)) for leaf in leaves)]


def _sent(raw: bytes, name: str) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@example.jp", ", ".join(READERS), "x"
    mail.set_content("資料をお送りします。\n")
    mail.add_attachment(raw, maintype="application", subtype="octet-stream", filename=name)
    return mail.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
