"""Find mail addresses: they identify a person where the local part does (個人情報保護法ガイドライン 通則編 2-1).

In: running text, whole cells. Out: addr-spec of RFC 5321 4.1.2, also internationalised (RFC 6531) and full-width.
Fails: never.

An address of a function (info@, support@; RFC 2142) is found with low confidence: it reaches an office.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import regex

from detectors._model import Finding, Text
from detectors._words import headings

kind = "email_address"

header = headings(kind)
_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.\-]"
_DOMAIN = r"(?:[\p{L}\p{N}](?:[\p{L}\p{N}\-]{0,61}[\p{L}\p{N}])?\.)+(?:\p{L}{2,24}|xn--[A-Za-z0-9\-]{2,59})"
# The local part is read backwards from the @, so a page of letters costs nothing. A domain in running Japanese
# text is ASCII: 「taro@example.jpまで」.
_ASCII_DOMAIN = r"(?:[A-Za-z0-9](?:[A-Za-z0-9\-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9\-]{1,23}"
_AT = regex.compile(rf"@({_ASCII_DOMAIN})")
trigger = "@"
_BEFORE = regex.compile(rf"(?r)(?:{_LOCAL}{{1,64}}|\"[^\"\n]{{1,62}}\")")
_WHOLE = regex.compile(
    rf"(?:mailto:)?<?((?:{_LOCAL}|[\p{{L}}\p{{N}}]){{1,64}}|\"[^\"]{{1,62}}\")@({_DOMAIN})>?"
)
# As nearly all are written; `re` reads it in half the time of `regex`.
_COMMON = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9._+\-]{0,63}@(?:[A-Za-z0-9](?:[A-Za-z0-9\-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,24}"
)
_ROLE = regex.compile(
    r"(?:info|support|contact|sales|office|admin|no-?reply|do-?not-?reply|webmaster|postmaster|hostmaster|abuse|inquiry|toiawase|otoiawase|soumu|jinji|shop|"
    r"news|magazine|mailmag|mail|press|help|helpdesk|desk|staff|recruit|saiyo|kouhou|eigyo|order|hello|customer|service|center|jimu|jimukyoku|privacy|"
    r"security|marketing|general|honsha|honbu|keiri|koho|school|reception|uketsuke|yoyaku|reserve|booking|hotel|store|team|member|entry|system"
    # The sections of a town hall.
    r"|kikaku|zaisei|zeimu|shimin|chomin|jumin|juumin|koseki|hoken|fukushi|kodomo|kosodate|kankyou?|doboku|kensetsu|kenchiku|suidou?|gesui|nourin|nousei|nogyou?|shoukou|shoko|kankou?"
    r"|kyouiku|kyoiku|gakkou|bunkazai|tosyokan|toshokan|gikai|senkyo|kansa|bousai|bosai|syobo|shoubou?|keiyaku|kanzai|jouhou|kouhou|hisyo|hisho|somu|syougai|shougai|kaigo|kenkou|seikatsu|chiiki)"
    r"(?:[\-_.]?(?:[a-z]{0,10}|\d{0,4}))?"
    r"|(?:pr|cs|hr|mag|root)(?:[\-_.][a-z]{0,10}|\d{0,4})"
)


def cell(value: str) -> str | None:
    """Give a whole cell that is one address, in small letters (RFC 5321 2.3.11: in practice nobody tells case apart)."""
    if "@" not in value:
        return None
    if _COMMON.fullmatch(value):
        return value.lower()
    match = _WHOLE.fullmatch(value.strip(" ;,"))
    return f"{match[1]}@{match[2]}".lower() if match else None


def is_role(address: str) -> bool:
    """Tell whether an address belongs to a function rather than to a person."""
    return _ROLE.fullmatch(address.split("@", 1)[0].lower()) is not None


def find(text: Text) -> Iterator[Finding]:
    """Yield addresses."""
    folded = text.folded
    for match in _AT.finditer(folded):
        before = _BEFORE.search(folded, max(0, match.start() - 66), match.start())
        if before is None or before.end() != match.start():
            continue
        local = before[0].lstrip("!#$%&'*+/=?^`{|}~.-")
        if not local or local.endswith(".") or ".." in local:
            continue
        start = match.start() - len(local)
        first, last = text.span(start, match.end())
        role = is_role(local)
        yield Finding(
            kind=kind,
            start=first,
            end=last,
            confidence=0.4 if role else 0.95,
            why="address of a function" if role else "addr-spec",
        )
