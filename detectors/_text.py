"""Read a running text: the findings, and the people whose records it holds.

In: a text, such as the body of a mail. Out: a TextReport. Fails: never.

A person is a name with something else of that person in the same record: a line of a list, a block of labels, a few
lines on end. A greeting alone, and the signature of a company, are nobody's record.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

import regex

from detectors import (
    _naming,
    _people,
    _places,
    _roster,
    email_address,
    name,
)
from detectors._dates import today_in_japan
from detectors._entity import is_company
from detectors._fold import fold_cell
from detectors._lines import RULE, Line, lines_of
from detectors._model import Finding, Identity, Text, TextReport
from detectors._public import NOTHING, Public
from detectors._sieve import Sieve
from detectors._signature import signatures
from detectors._spacing import close_up
from detectors._text_person import CODES, OFFICE, REACH, person_of
from detectors._words import NO_OWN_WORDS, OwnWords


def read(
    raw: str,
    sieve: Sieve,
    *,
    greets: bool = True,
    public: Public = NOTHING,
    own: OwnWords = NO_OWN_WORDS,
) -> TextReport:
    """Report on a text, whatever ends its lines; offsets are those of `raw`.

    Whom its head names is greeted by it, unless `greets` says that it is no letter.
    """
    text, detectors = sieve.read(_lines_ended(raw))
    today = today_in_japan()
    found = _unlike(_with_lists(text, [one for detector in detectors for one in detector.find(text)], today))
    findings = public.without(found, text)
    addressee = _addressee(text) if greets else None
    if not findings:
        return TextReport(findings=(), addressee=addressee)
    identities = _identities(text, findings, addressee, today, public, own)
    return TextReport(
        findings=_placed(findings, raw) if "\r\n" in raw else findings,
        identities=identities,
        addressee=addressee,
    )


def prepare(raws: Iterable[str], sieve: Sieve) -> None:
    """Do for many texts at once what costs as much for one, before each is read."""
    from detectors import _tagger  # noqa: PLC0415 - brings numpy

    _tagger.prepare(sieve.read(_lines_ended(raw))[0].folded for raw in raws)


def _lines_ended(raw: str) -> str:
    return raw.replace("\r\n", "\n").replace("\r", "\n")


def _placed(findings: Sequence[Finding], raw: str) -> tuple[Finding, ...]:
    """Give the findings their places in a text some lines of which ended in two characters."""
    ends = [match.start() - number for number, match in enumerate(_CRLF.finditer(raw))]

    def place(at: int) -> int:
        return at + bisect_left(ends, at)

    return tuple(replace(one, start=place(one.start), end=place(one.end)) for one in findings)


_CRLF = regex.compile("\r\n")


def _with_lists(text: Text, found: list[Finding], today: date) -> list[Finding]:
    """Add what stands in lists of people, in place of what was found there."""
    listed = list(_roster.find(text, today))
    if not listed:
        return found
    kinds = {one.kind for one in listed}
    places = {place for one in listed for place in range(one.start, one.end)}
    kept = [one for one in found if one.kind not in kinds or places.isdisjoint(range(one.start, one.end))]
    return kept + listed


def _unlike(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Sort the findings and drop a weaker one that lies on a stronger."""
    kept: list[Finding] = []
    for finding in sorted(findings, key=lambda one: (one.start, -one.end)):
        if kept and finding.start < kept[-1].end and finding.kind != kept[-1].kind:
            lies_within = finding.end <= kept[-1].end and finding.start > kept[-1].start
            if finding.confidence <= kept[-1].confidence or lies_within:
                continue
            kept.pop()
        kept.append(finding)
    return tuple(kept)


_HEAD = 400  # a greeting stands in the first lines
_GREETING = regex.compile(
    r"^[ \t>]*((?:\p{L}|[々ー])(?:[\p{L}々ー・ \t]{0,18})?)[ \t]?(?:様|さま|さん|殿|先生|くん|ちゃん)[ \t]*(?:[,、。!(]|へ|の(?:ご?保護者|お母)|$)",
    flags=regex.MULTILINE,
)


def _addressee(text: Text) -> str | None:
    """Give the name that the head of the mail greets."""
    for match in _GREETING.finditer(text.folded, 0, min(_HEAD, len(text.folded))):
        word = fold_cell(match[1])
        parsed = _naming.parse(word)
        if parsed is not None and not is_company(word):
            return word
        *company, last = word.split()
        if (
            company
            and (_naming.is_surname(last) or is_company(" ".join(company)))
            and _naming.parse(word) is None
            and not is_company(last)
        ):
            return last
    return None


_LABEL_LINE = regex.compile(
    r"^[ \t>■□●○◆◇・*▼【\[<(]{0,6}(?:ご|お|御)?[\p{L}ー]{1,12}(?:\([^)\n]{1,8}\))?[】\])>]?[ \t]*[:=】]|^[ \t]*[■□●◆【\[<]"
)


def _identities(
    text: Text,
    findings: Sequence[Finding],
    addressee: str | None,
    today: date,
    public: Public,
    own: OwnWords,
) -> tuple[Identity, ...]:
    greeting = _greeting(text, findings, addressee)
    kinds = [finding.kind for finding in findings if finding is not greeting]
    is_list = any(map(_roster.is_listed, findings))
    if not is_list and (REACH | CODES).isdisjoint(kinds):
        return ()
    if name.kind not in kinds and kinds.count(email_address.kind) < _A_LIST:
        return ()
    lines = lines_of(text, findings)
    for line in lines:
        # Whom a sentence mentions is nobody's record: people are counted where something says how to reach them.
        line.findings = [
            one for one in line.findings if one.why != name.IN_A_SENTENCE or _is_entry(line, one)
        ]
    _places.leave_out(text, lines, own)
    are_coded = sum(1 for line in lines if line.names() and line.has(CODES)) >= _A_LIST
    reaching = REACH | CODES if are_coded else REACH
    for line in lines:
        line.reach = line.has(reaching) or any(map(_roster.is_listed, line.findings))
    silent = signatures(lines, public)
    records: list[list[Finding]] = []
    for block in _blocks(lines, silent):
        records.extend(_records(text, block, greeting))
    people = [
        person for record in records if (person := person_of(text, record, reaching, today)) is not None
    ]
    return _people.merge([person.identity() for person in people])


def _greeting(text: Text, findings: Sequence[Finding], addressee: str | None) -> Finding | None:
    """Give the finding that is but the greeting of the mail; further down the same name may stand for a record."""
    if addressee is None:
        return None
    key = _naming.key(addressee)
    return next(
        (
            one
            for one in findings
            if one.kind == name.kind and one.why == "honorific" and _key(text, one) == key
        ),
        None,
    )


def _blocks(lines: Sequence[Line], silent: set[int]) -> Iterator[list[Line]]:
    """Give the runs of lines that belong together: a blank line ends one unless labels go on behind it."""
    block: list[Line] = []
    blanks = 0
    for line in lines:
        shown = line.shown.strip()
        if not shown:
            blanks += 1
            continue
        if line.number in silent or RULE.match(line.shown):
            if block:
                yield block
            block, blanks = [], 0
            continue
        line.label = _LABEL_LINE.match(close_up(fold_cell(line.shown))) is not None
        goes_on = (
            line.label and block and any(one.label for one in block[-3:]) and blanks <= 2 and not _opens(line)
        )
        if blanks and block and not goes_on:
            yield block
            block = []
        block.append(line)
        blanks = 0
    if block:
        yield block


def _opens(line: Line) -> bool:
    """Tell whether a labelled line opens a new record."""
    return bool(line.names())


def _records(text: Text, block: Sequence[Line], greeting: Finding | None) -> Iterator[list[Finding]]:
    """Cut a block into records of one person each."""
    found = [line for line in block if line.findings]
    whole = [line for line in found if line.names() and line.reach]
    if len(whole) > 1 or (whole and len(found) == len(whole)):
        for line in whole:
            yield from _in_line(text, line)
        found = [line for line in found if not (line.names() and line.reach)]
    bare = [line for line in found if _is_bare_mail(line)]
    if len(bare) >= _A_LIST:
        yield from (
            [finding for finding in line.findings if finding.kind == email_address.kind] for line in bare
        )
        found = [line for line in found if not _is_bare_mail(line)]
    record: list[Finding] = []
    named = ""
    for line in found:
        for finding in line.findings:
            if finding.kind == name.kind:
                key = _key(text, finding)
                if finding is greeting and not line.reach:
                    continue
                if named and not _is_reading(named, key):
                    yield record
                    record = []
                named = key if not record else named or key
            record.append(finding)
    if record:
        yield record


def _is_entry(line: Line, finding: Finding) -> bool:
    """Tell whether a line begins with a name and goes on with what is a person's: 小鳥遊彩(女)090-…."""
    before = line.shown[: finding.start - line.start]
    return (
        _NUMBERED.fullmatch(before) is not None
        and "。" not in line.shown
        and any(one.kind in REACH and one.why != OFFICE for one in line.findings)
    )


_NUMBERED = regex.compile(r"[^\p{L}]{0,8}")


_A_LIST = 3


def _in_line(text: Text, line: Line) -> Iterator[list[Finding]]:
    """Cut one line into records: a second name that is not the reading of the first opens a second one."""
    record: list[Finding] = []
    named = ""
    for finding in line.findings:
        if finding.kind == name.kind:
            key = _key(text, finding)
            if (
                named
                and not _is_reading(named, key)
                and not (REACH | CODES).isdisjoint(one.kind for one in record)
            ):
                yield record
                record, named = [], ""
            named = named or key
        record.append(finding)
    yield record


def _is_bare_mail(line: Line) -> bool:
    """Tell whether a line holds a mail address and nothing else."""
    mails = [finding for finding in line.findings if finding.kind == email_address.kind]
    return (
        len(mails) == 1
        and len(line.findings) == 1
        and len(line.shown.strip(" \t,;<>・").removeprefix("mailto:")) <= mails[0].end - mails[0].start
    )


def _key(text: Text, finding: Finding) -> str:
    return _naming.key(text.original[finding.start : finding.end])


def _is_reading(one: str, other: str) -> bool:
    """Tell whether one of two names is written in kana and may be the reading of the other."""
    return one == other or _naming.is_kana(one) != _naming.is_kana(other)
