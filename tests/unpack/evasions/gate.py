"""A mail on its way through the gate, in this process: cut as the store cuts it, read and judged as the program does."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gateway.exposure import SharedPart, measure
from gateway.inspection.jobs import MAILS_READ, MailToRead, ReadMails, ReadPart, Sought
from gateway.inspection.sandbox import limits_of
from gateway.inspection.worker import do
from gateway.model import Decision, Exposure, Inspection
from gateway.policy import judge, load_policy
from gateway.settings import InspectSettings
from gateway.store.codec import inspection_from_json
from gateway.store.pieces import cut

LIMITS = limits_of(InspectSettings(ocr_seconds=0))
POLICY = load_policy("default")
SECRET = b"s" * 32
READERS = ("b@example.jp", "c@example.jp")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What the gate says of a mail: how many people it saw in it, and why it holds it."""

    people: int
    reasons: tuple[str, ...]  # rules, and the reasons of gaps

    @property
    def held(self) -> bool:
        """Whether a person has to look at it."""
        return bool(self.reasons)


def exposed(found: Iterable[Inspection]) -> Exposure:
    """Measure what one mail exposes to its readers."""
    return measure(
        own=[],
        shared=[SharedPart(inspection=one, mails=1, readers=len(READERS)) for one in found],
        recipients=frozenset(),
        mails=1,
        recipient_count=len(READERS),
    )


def judged(raw: bytes) -> Judged:
    """Judge a mail that is one of a bulk send."""
    skeleton, cut_out = cut(raw)
    blobs = {blob.digest: blob.raw for blob in cut_out}
    mail = MailToRead(skeleton=skeleton, recipients=READERS)
    read = MAILS_READ.validate_json(do(ReadMails(mails=(mail,), secret=SECRET), LIMITS, Sought()))
    jobs = (ReadPart(leaf=leaf, encoded=leaf.encoded(blobs), secret=SECRET) for leaf in read.leaves)
    found = (*read.owns, *(inspection_from_json(do(job, LIMITS, Sought())) for job in jobs))
    exposure = exposed(found)
    verdict = judge(POLICY, exposure, bulk=True)
    if verdict.decision is Decision.PASS:
        return Judged(people=exposure.people, reasons=())
    rules = (reason.rule for reason in verdict.reasons if reason.rule != "unreadable")
    return Judged(people=exposure.people, reasons=(*rules, *exposure.gaps))
