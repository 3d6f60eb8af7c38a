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
    ],
)
def test_a_value_over_two_lines_is_found(kind, text):
    assert [one.kind for one in detectors.scan_text(text)] == [kind]
