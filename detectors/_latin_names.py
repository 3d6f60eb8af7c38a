"""Find names in Latin letters: behind English labels and titles, before 様 and -san, and as the entries of a phone book.

In: a folded text. Out: spans with their confidence and why. Fails: never.

Any two words may be a name where a label of people says so. Elsewhere one of them must be known as a name, and none be
one that no name has (Front Desk, San Francisco).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from detectors import email_address
from detectors._entity import is_company
from detectors._naming import NOT_IN_NAMES, is_given, is_surname, parse

Hit = tuple[int, int, float, str]
_WORD = r"[A-Z][A-Za-z'\-]{0,15}\.?"
_NAME = rf"{_WORD}(?:,? {_WORD}){{1,3}}"
# `re` passes at once over what has none of the letters that an expression begins with.
_LABEL = re.compile(
    rf"(?:ame|AME)(?<=[Nn]ame|NAME)[ \t]*[:=][ \t]*({_WORD}(?:,? {_WORD}){{0,3}})(?=[ \t]*(?:[\n,;/(<|\t]|$|  ))"
)
_OF_WHOM = re.compile(
    r"(?:^|[\s>|・■●*\-(\[【,;/])((?:[A-Za-z']+[ _])*|[Ss]ur)[Nn](?:ame|AME)$", re.MULTILINE
)
_WHO = frozenset(
    [
        "full",
        "patient",
        "employee",
        "customer",
        "member",
        "student",
        "guest",
        "applicant",
        "contact",
        "your",
        "client",
        "passenger",
        "participant",
        "attendee",
        "child",
        "parent",
        "guardian",
        "emergency",
        "cardholder",
        "holder",
        "account",
        "legal",
        "patient's",
        "child's",
        "student's",
    ]
)
_PART = frozenset(["first", "last", "family", "given", "sur"])
_TITLED = re.compile(
    r"(?:M(?<![A-Za-z]M)(?:r|rs|s|iss)|D(?<![A-Za-z]D)r)\.? ([A-Z][a-z]{1,15}(?: [A-Z][a-z]{1,15})?)(?![A-Za-z])"
)
_SAN = re.compile(r"(?:-| )(?:san|sama|sensei|kun|chan)(?![A-Za-z])")
_BEFORE_SAN = re.compile(rf"(?<![A-Za-z])({_WORD})\Z")
_CALL = re.compile(r"(?:様|さ[んま]|氏|殿|先生)(?![ァ-ヶ一-鿿])")
_BEFORE_CALL = re.compile(rf"(?<![A-Za-z])({_NAME}|{_WORD}) ?\Z")
_SANS = ("-san", "-sama", "-sensei", "-kun", "-chan")
# John Smith 090-0000-1234; To: Mio OKUDERA <mio@example.jp>
_ENTRY = re.compile(
    rf"^[ \t>・*\-]*(?:(?:To|Cc|Bcc|From|Reply-To):[ \t]*)?\"?({_NAME})\"?(?:[ \t,:]+|[ \t]?[(<])"
    r"(?:0[6-9]0-?[0-9]{4}-?[0-9]{4}|([\w.+\-]+@[\w.\-]+))[)>]?[ \t]*$",
    re.MULTILINE,
)
_LONGEST = 50
_KNOWN, _ONE_KNOWN, _SHORT = 0.85, 0.7, 4


def find(folded: str) -> Iterator[Hit]:
    """Yield names of people."""
    if "ame" in folded or "AME" in folded:
        yield from _labelled(folded)
    yield from _titled(folded)
    yield from _called(folded)
    for entry in _ENTRY.finditer(folded) if "@" in folded or "0-" in folded or "00" in folded else ():
        if _may_be(entry[1]) and not (entry[2] and email_address.is_role(entry[2])):
            yield *entry.span(1), 0.6, "entry of a phone book"


def _may_be(words: str) -> bool:
    """Tell whether words may be a name: no company, and nothing that no name has in it."""
    return NOT_IN_NAMES.isdisjoint(words.lower().replace(",", " ").split()) and not is_company(words)


def _confidence(words: str) -> float:
    name = parse(words)
    return name.confidence if name is not None and name.given else 0.0


def _labelled(folded: str) -> Iterator[Hit]:
    for match in _LABEL.finditer(folded):
        whose = _OF_WHOM.search(folded, max(0, match.start() - _LONGEST), match.start() + len("ame"))
        if whose is None or not _may_be(match[1]):
            continue
        words = set(whose[1].lower().replace("_", " ").split())
        is_part = bool(words & _PART)
        if not words <= _WHO | _PART or (" " not in match[1] and not is_part):
            continue
        yield *match.span(1), 0.95 if _confidence(match[1]) >= _KNOWN else 0.7, "label"


def _titled(folded: str) -> Iterator[Hit]:
    """Yield the words that an English title stands before: Mr. Ken Tanaka, Ms Tanaka."""
    for match in _TITLED.finditer(folded):
        parts = match[1].split(" ")
        if len(parts) > 1 or is_surname(parts[0]) or is_given(parts[0]):
            yield *match.span(1), 0.9 if len(parts) > 1 else 0.6, "honorific"


def _called(folded: str) -> Iterator[Hit]:
    """Yield the words that a Japanese honorific stands behind: Suzuki-san, Michael Johnson様."""
    sans = _SAN.finditer(folded) if any(san in folded for san in _SANS) else ()
    titles = () if folded.isascii() else _CALL.finditer(folded)
    for before, calls in ((_BEFORE_SAN, sans), (_BEFORE_CALL, titles)):
        for call in calls:
            end = call.start()
            if end == 0 or not folded[end - 1 : end].isascii():
                continue
            match = before.search(folded, max(0, end - _LONGEST), end)
            if match is None or not _may_be(match[1]):
                continue
            words = match[1]
            if " " in words and _confidence(words) >= _ONE_KNOWN:
                yield *match.span(1), 0.9, "honorific"
            elif " " not in words and len(words) >= _SHORT and (is_surname(words) or is_given(words)):
                yield *match.span(1), 0.6, "honorific"
