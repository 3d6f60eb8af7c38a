"""Find payment card numbers (ISO/IEC 7812-1: issuer ranges, Luhn's check digit; 割賦販売法 35条の16).

In: running text with a keyword near, whole cells. Out: 14 to 16 digits. Fails: never.

One of forty random 16-digit strings has an issuer and a fitting check digit (2.3 % of 100,000), so a number alone is no
finding: it needs a keyword within reach, its expiry behind it, a heading, or another one that fits where none does not.
"""

from __future__ import annotations

import re

from detectors._check_digits import luhn
from detectors._labelled import BEGAN, CLOSE, GROUPED, SEP, compact
from detectors._near import Near
from detectors._words import headings

kind = "credit_card"

header = headings(kind)
_SHAPE = re.compile(
    rf"[2-6]{BEGAN}(?:[0-9]{{3}}{SEP}[0-9]{{4}}{SEP}[0-9]{{4}}{SEP}[0-9]{{4}}|(?<=3)[0-9]{{3}}{SEP}[0-9]{{6}}{SEP}[0-9]{{4,5}}){CLOSE}"
)
_WHOLE = re.compile(
    r"[2-6][0-9]{3}[- ]?[0-9]{4}[- ]?[0-9]{4}[- ]?[0-9]{4}|3[0-9]{3}[- ]?[0-9]{6}[- ]?[0-9]{4,5}"
)
_ISSUER = re.compile(
    r"4[0-9]{15}"  # Visa
    r"|(?:5[1-5]|222[1-9]|22[3-9][0-9]|2[3-6][0-9]{2}|27[01][0-9]|2720)[0-9]{12,14}"  # Mastercard
    r"|35(?:2[89]|[3-8][0-9])[0-9]{12}"  # JCB
    r"|3[47][0-9]{13}"  # American Express
    r"|3(?:0[0-5]|[689][0-9])[0-9]{11}"  # Diners Club
    r"|(?:6011|64[4-9][0-9]|65[0-9]{2})[0-9]{12}"  # Discover
    r"|62[0-9]{14}"  # UnionPay
)
_KEYWORD = re.compile(
    r"カード番号|クレジット|クレカ|カード(?=[:\s])|有効期限|セキュリティコード|redit|Card|card|CARD|CREDIT|VISA|Visa|visa|MASTERCARD|JCB|AMEX|CVV|CVC"
)
_REACH = 120
_ALIKE = 2  # by accident: 1 in 1,900
_EXPIRY = re.compile(r"[ \t]?[ \t,、/|(][ \t]?(?:0[1-9]|1[0-2])/(?:20)?[2-4][0-9](?![0-9/])")
_DIFFERENT = 2


def cell(value: str) -> str | None:
    """Give the digits of a whole cell that an issuer may have given out."""
    return checked(compact(value)) if _WHOLE.fullmatch(value) else None


def checked(digits: str) -> str | None:
    """Give digits back that lie in an issuer's range and end with Luhn's check digit."""
    if not _ISSUER.fullmatch(digits) or len(set(digits)) < _DIFFERENT:
        return None
    return digits if luhn(digits) else None


trigger = GROUPED
_near = Near(
    kind=kind,
    shape=_SHAPE,
    checked=checked,
    keyword=_KEYWORD,
    reach=_REACH,
    behind=_REACH,
    alike=_ALIKE,
    confidence_alike=0.75,
    followed=_EXPIRY,
)
find = _near.find
