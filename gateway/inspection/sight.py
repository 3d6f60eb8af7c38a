"""What a reviewer is shown of a part, or of what the mails of a send have in common: masked to its shape, or revealed.

In: what was unpacked, or the texts of a few mails. Out: Evidence, or pieces of a template. Fails: never.

A mask keeps white space and punctuation; each letter, digit and sign becomes one of three. This runs in a worker, so that
what is masked never leaves it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from unicodedata import category, east_asian_width

import regex

import detectors
from gateway.inspection.jobs import Evidence, Piece, Shown, Sight, Sought
from gateway.model import Leaf, Outcome, Table, Text
from gateway.sends.merge import merge_fields
from gateway.store.codec import storable

MAX_ROWS = 10
MAX_COLUMNS = 40
MAX_CELL = 100  # characters
MAX_CHARACTERS = 3000  # of a text
MAX_SUBJECT = 500
LIST_OF_PEOPLE = 3  # so many are no signature any more

# Shown as they are: white space, punctuation, the signs of ASCII, rules and bullets. Not shown at all: what cannot be seen.
_SIGN = regex.compile(r"[^\s\p{P}$+<=>^`|~\u2500-\u257f■□◆◇▼▽★☆]")
_UNSEEN = regex.compile(r"[\p{C}&&[^\t\n]]", regex.V1)


def evidence(leaves: Iterable[Leaf], index: int, sight: Sight, sought: Sought) -> Evidence | None:
    """Show the part at `index`; None where there are not so many."""
    match next(islice(leaves, index, None), None):
        case Table() as table:
            return _table(table, sight)
        case Text() as text:
            return _text(text, sight, sought)
        case _:
            return None


def template(texts: Sequence[str], sought: Sought) -> tuple[tuple[str, Shown], ...]:
    """Show what all mails of a send say; of one mail alone nothing, since all of it may be its reader's."""
    if len(texts) < 2:
        return ()
    pieces = merge_fields(texts)
    found = _kinds("".join(piece for piece, _ in pieces), sought)
    common = "".join(" " * len(piece) if varies else piece for piece, varies in pieces)
    lists_people = len(detectors.read_text(common).identities) >= LIST_OF_PEOPLE
    return tuple(_shown(pieces, found, lists_people=lists_people))


@lru_cache(maxsize=64)  # the mails of one send have few
def subject(text: str, sought: Sought) -> str:
    """Give a subject as lists and titles show it to everybody: what is personal in it by its shape."""
    text = text[:MAX_SUBJECT]
    try:
        found = _kinds(text, sought)
    except detectors.PatternTimeout:  # what would be masked, nobody knows
        return mask(text)
    return "".join(_plain(piece) if one is None else mask(piece) for piece, one in _cut(text, 0, found))


def mask(text: str) -> str:
    """Give the shape of a text."""
    shape: str = _SIGN.sub(_masked, _UNSEEN.sub("", text))
    return shape


def _masked(found: regex.Match[str]) -> str:
    sign = found[0]
    if category(sign) in ("Nd", "No"):  # 五 is a letter: of 五十嵐 not even that is told
        return "#"
    return "〇" if east_asian_width(sign) in "WF" else "x"


def _table(table: Table, sight: Sight) -> Evidence:
    seen = _plain if sight is Sight.REVEALED else mask
    first = table.frame.iloc[:MAX_ROWS, :MAX_COLUMNS]
    has_headers = table.header and sight is Sight.REVEALED
    return Evidence(
        path=table.path,
        outcome=Outcome.TABLE,
        headers=tuple(_plain(str(name))[:MAX_CELL] for name in first.columns) if has_headers else (),
        rows=tuple(
            tuple(seen(str(cell)[:MAX_CELL]) for cell in row)
            for row in first.itertuples(index=False, name=None)
        ),
        left_out=sum(map(len, table.frames())) - len(first),
    )


def _text(text: Text, sight: Sight, sought: Sought) -> Evidence:
    seen = _plain if sight is Sight.REVEALED else mask
    first = text.content[:MAX_CHARACTERS].replace("\r\n", "\n")
    return Evidence(
        path=text.path,
        outcome=Outcome.TEXT,
        pieces=tuple(_piece(seen(piece), one) for piece, one in _cut(first, 0, _kinds(first, sought))),
        left_out=max(0, len(text.content) - MAX_CHARACTERS),
    )


def _piece(shown: str, finding: detectors.Finding | None) -> Piece:
    return Piece(shown) if finding is None else Piece(shown, finding.kind, finding.why)


def _plain(text: str) -> str:
    """Give a text as it is, less what cannot be seen and what turns the writing round."""
    return storable(_UNSEEN.sub("", text))


def _kinds(text: str, sought: Sought) -> list[detectors.Finding]:
    """Find what is personal, in its order; what lies on another is left to that one."""
    found: list[detectors.Finding] = []
    findings = [
        *detectors.read_text(text, own=sought.words).findings,
        *detectors.find_own(text, sought.kinds),
    ]
    for finding in sorted(findings, key=lambda one: one.start):
        if not found or finding.start >= found[-1].end:
            found.append(finding)
    return found


def _cut(
    text: str, begin: int, found: Sequence[detectors.Finding]
) -> Iterator[tuple[str, detectors.Finding | None]]:
    """Cut a text that begins at `begin` into what is personal, with its finding, and what is not."""
    done, end = begin, begin + len(text)
    for finding in found:
        start, stop = max(finding.start, done), min(finding.end, end)
        if start < stop:
            if done < start:
                yield text[done - begin : start - begin], None
            yield text[start - begin : stop - begin], finding
            done = stop
    if done < end:
        yield text[done - begin :], None


def _shown(
    pieces: Iterable[tuple[str, bool]], found: Sequence[detectors.Finding], *, lists_people: bool
) -> Iterator[tuple[str, Shown]]:
    """Show pieces; of a letter that lists people not only what was found is masked, but what may have been overlooked."""
    begin = 0
    for text, varies in pieces:
        if varies:
            yield "", Shown.VARIES
        else:
            for piece, one in _cut(text, begin, found):
                masked = lists_people or one is not None
                yield (mask(piece), Shown.FOUND) if masked else (_plain(piece), Shown.SAME)
        begin += len(text)
