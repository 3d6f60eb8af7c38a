"""What a header says freely is inspected as the letter is; what machines write there, and the reader himself, are nobody."""

from __future__ import annotations

import pytest

import detectors
from gateway.inspection import jobs
from gateway.inspection.worker import do
from gateway.model import Inspection, Skeleton
from gateway.unpack import free_text, structure
from tests.inspection.test_reader import RECORD, mail
from tests.inspection.workers import LIMITS

SOMEBODY = "佐藤花子 090-1111-0001"
CARDS = jobs.Sought(kinds=(detectors.OwnKind(kind="point_card", pattern="AB-[0-9]{8}"),))


def read(to: str = "r0@example.com", text: str = "お知らせです。", **fields: str) -> Inspection:
    """Inspect a mail to one reader."""
    message = mail(to, text)
    for field, value in fields.items():
        del message[field]
        message[field.replace("_", "-")] = value
    mails = (jobs.MailToRead(skeleton=Skeleton(raw=message.as_bytes()), recipients=("r0@example.com",)),)
    answer = do(jobs.ReadMails(mails=mails, secret=b"s" * 32), LIMITS, CARDS)
    [own] = jobs.MAILS_READ.validate_json(answer).owns
    return own


def header_findings(inspection: Inspection) -> dict[str, int]:
    """Give what was found in the header; nothing where it is no part."""
    return next((dict(part.findings) for part in inspection.parts if part.path == ("(header)",)), {})


@pytest.mark.parametrize(
    "field", ["Subject", "Comments", "Keywords", "X-Customer", "List-Id", "Thread-Topic"]
)
def test_a_person_in_a_field_that_takes_any_text_is_exposed(field):
    found = read(**{field: SOMEBODY})
    assert (len(found.people), found.records, header_findings(found)) == (1, 1, {"name": 1, "phone": 1})


def test_who_stands_in_header_and_letter_is_one_record():
    found = read(X_Customer=SOMEBODY, text=f"担当: {SOMEBODY}")
    assert (len({person.keys for person in found.people}), found.records) == (1, 1)


@pytest.mark.parametrize(
    ("field", "value", "kind"),
    [("Keywords", "マイナンバー 123456789018", "my_number"), ("X-Card", "AB-12345678", "point_card")],
)
def test_what_counts_by_itself_counts_in_a_header(field, value, kind):
    assert header_findings(read(**{field: value})) == {kind: 1}


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"Subject": "佐藤花子様へのお知らせ"},
        {"X-Recipient": "r0@example.com", "X-Member-Id": "0012345", "X-Campaign": "2026-11"},
        {"Subject": f"佐藤花子様 ({SOMEBODY[5:]}) のご予約"},
        {"to": "佐藤花子 <r0@example.com>", "X-Customer": SOMEBODY},
        {"text": f"佐藤花子 様\n\n{RECORD}", "X-Customer": SOMEBODY},
        {"Received": f"from {SOMEBODY}", "Message-ID": "<090-1111-0001@example.jp>"},
        {"List-Unsubscribe": "<https://example.jp/?name=佐藤花子&tel=090-1111-0001>"},
        {"Reply-To": "佐藤花子 <sato@example.jp>", "X-Mailer": "Mailer 12.3.4567"},
    ],
)
def test_a_header_that_exposes_nobody_is_no_part(fields):
    found = read(**fields)
    assert (len(found.people), [part.path for part in found.parts]) == (0, [("text/plain",)])


def test_the_values_are_read_as_they_are_shown():
    raw = (
        "Received: from a\r\nSubject: =?utf-8?B?5L2Q6Jek?=\r\n =?utf-8?B?6Iqx5a2Q?=\r\nX-Sib-Id: 1\r\nDKIM-Signature: a=b\r\n"
        "X-Note:\r\n folded\r\n value\r\nComments:  \r\nX-Raw: 佐藤\r\n"
    )
    text = free_text(structure(Skeleton(raw=raw.encode())))
    assert text is not None and text.content == "佐藤花子\nx-note: folded value\nx-raw: 佐藤"
    silent = Skeleton(raw=b"From: a@example.jp\r\nTo: b@example.jp\r\nDate: x\r\n")
    assert free_text(structure(silent)) is None


def test_a_reviewer_is_shown_the_header_by_its_shape():
    raw = mail("r0@example.com", "お知らせです。", **{"X-Customer": SOMEBODY}).as_bytes()
    job = jobs.ReadEvidence(skeleton=Skeleton(raw=raw), blobs={}, key=None, index=1, sight=jobs.Sight.MASKED)
    shown = jobs.EVIDENCE_READ.validate_json(do(job, LIMITS, jobs.Sought()))
    assert shown is not None and shown.path == ("(header)",)
    found = [(piece.text, piece.kind) for piece in shown.pieces]
    assert ("〇〇〇〇", "name") in found and ("###-####-####", "phone") in found
