"""What a mail program wraps in the middle is found as if it had not been."""

from __future__ import annotations

import pytest

import detectors


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("phone", "電話：03-\n0000-1234"),
        ("phone", "携帯 090-0000-\n1234"),
        ("fax", "FAX：03-\n0000-1235"),
        ("fax", "FAX：03-0000-\n1235"),
        ("fax", "FAX\n03-0000-1235"),
        ("postcode", "〒155-\n0031"),
        ("postcode", "郵便番号\n155-0031"),
        ("address", "福岡県福岡市博多区博多駅前3丁目\n2-1"),
        ("address", "大阪市北区梅田1-\n2-3"),
    ],
)
def test_a_value_over_two_lines_is_found(kind, text):
    (finding,) = detectors.scan_text(text)
    assert (finding.kind, finding.end) == (kind, len(text))
