"""What would happen on release: whose data would reach whom (漏えい等, 個人情報保護法 26 条).

In: inspections, and who reads what. Out: an Exposure. Fails: never.

People are counted, not matches: two records with a common key are one person (本人), whichever part they stand in. A
reader's own record does not count (JNSA 2018: ten people in seventeen mails, 9 x 17).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from gateway.model import Exposure, Inspection, Outcome, Path
from gateway.people import People, Person

REPORTABLE_OVER = 1000  # 個人情報保護法施行規則 7 条 4 号: 千人を超える
CORRESPONDENCE = 9  # at most: who can see more addresses than these in a header sees a list
ADDRESSES_OF_ONE = 3  # at most: a record that more readers get is not that of each of them

# What weighs more than its number. The first stand for a person by themselves: 個人番号 (番号法 2 条 5 項), and what lets
# anybody pay (規則 7 条 2 号: 財産的被害). The others do where they stand beside a person: 病歴, 犯罪の経歴
# and the rest of 要配慮個人情報 (個人情報保護法 2 条 3 項), 口座番号; in a newsletter on health, or an invoice's 振込先, they
# are no one's.
SENSITIVE = frozenset({"my_number", "credit_card"})
SENSITIVE_OF_PEOPLE = frozenset(
    {
        "health_condition",
        "disability",
        "criminal_record",
        "crime_victim",
        "creed",
        "race",
        "social_status",
        "bank_account",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedPart:
    """A part that stands in so many mails and reaches so many readers."""

    inspection: Inspection
    mails: int
    readers: int
    only_reader: frozenset[int] = frozenset()  # hashed addresses of the one who reads it, where it is one


def measure(
    *,
    own: Iterable[tuple[Inspection, int]],
    shared: Iterable[SharedPart],
    recipients: frozenset[int],
    mails: int,
    recipient_count: int,
    own_kinds: frozenset[str] = frozenset(),
    customers: Container[int] = frozenset(),
) -> Exposure:
    """Measure a send: its mails' own contents, each with the number of mails that have it, and the parts they share.

    `recipients` are the hashed addresses of all who would read it. The own record of a mail's single reader was left out
    of `own` and is taken in again here where many read it; that of a shared part's single reader is left out here.
    `own_kinds` are those that the organisation added: they count wherever they stand; `customers` are the hashes of people
    whom it registered.
    """
    own, shared = list(own), list(shared)
    stuck = _stuck([inspection for inspection, _ in own])
    own = [(_with_stuck(inspection, stuck), times) for inspection, times in own] if stuck else own
    people = [person for inspection, _ in own for person in inspection.people]
    spread = [person for part in shared for person in _third_parties(part, recipients)]
    people += spread
    groups = _grouped([person.keys for person in people])
    minors = {group for group, person in zip(groups, people, strict=True) if person.minor}
    registered = {
        group
        for group, person in zip(groups, people, strict=True)
        if any(key in customers for key in chain(person.keys, person.addresses))
    }
    items: Counter[str] = Counter()
    gaps: Counter[str] = Counter()
    records = mislabelled = 0
    sensitive: set[str] = set()
    for inspection, times in chain(own, ((part.inspection, 1) for part in shared)):
        records += inspection.records * times
        mislabelled += times * len({part.path for part in inspection.parts if part.claimed is not None})
        sensitive.update(_sensitive_kinds(inspection))
        for kind, number in _items(inspection, own_kinds).items():
            items[kind] += number * times
        for found in inspection.parts:
            if found.gap is not None:
                gaps[found.gap] += times
    number_of_people = len(set(groups))
    visible, on_show = _shown(
        [*(inspection for inspection, _ in own), *(part.inspection for part in shared)], recipients
    )
    on_show -= {address for person in people for address in person.addresses} if on_show else set()
    listed = {address for person in spread for address in person.addresses}
    return Exposure(
        mails=mails,
        recipients=recipient_count,
        records=records,
        people=number_of_people,
        households=_households(people, groups),
        minors=len(minors),
        items=dict(sorted(items.items())),
        sensitive=tuple(sorted(sensitive)),
        customers=len(registered),
        overlap=len(listed & recipients),
        reportable=number_of_people + len(on_show) > REPORTABLE_OVER or bool(sensitive),
        visible=visible,
        gaps=dict(sorted(gaps.items())),
        mislabelled=mislabelled,
    )


def _shown(inspections: Iterable[Inspection], recipients: frozenset[int]) -> tuple[int, frozenset[int]]:
    """Give how many addresses a reader sees in a header beside his own, at most; and all that stand in headers that are lists."""
    most, on_show = 0, frozenset[int]()
    for shown in {inspection.visible for inspection in inspections if inspection.visible}:
        beside_own = len(shown) - (not recipients.isdisjoint(shown))
        most = max(most, beside_own)
        if beside_own > CORRESPONDENCE:
            on_show = on_show.union(shown)
    return most, on_show


def _stuck(own: Sequence[Inspection]) -> frozenset[int]:
    """Give the keys of people who were left out as the reader of mails that go to many: a merge that stuck on one record."""
    left_out = [(person, one.reader) for one in own for person in one.left_out]
    groups = _grouped([person.keys for person, _ in left_out])
    readers: defaultdict[int, set[int | None]] = defaultdict(set)
    for group, (_, reader) in zip(groups, left_out, strict=True):
        readers[group].add(reader)
    return frozenset(
        key
        for group, (person, _) in zip(groups, left_out, strict=True)
        if len(readers[group]) > ADDRESSES_OF_ONE
        for key in person.keys
    )


def _with_stuck(inspection: Inspection, stuck: frozenset[int]) -> Inspection:
    """Take those in again who were no readers; what was found beside them exposes them."""
    exposed = [person for person in inspection.left_out if not stuck.isdisjoint(person.keys)]
    if not exposed:
        return inspection
    return replace(
        inspection,
        people=People.of([*inspection.people, *exposed]),
        records=inspection.records + 1,
        parts=tuple(replace(part, about_people=True) for part in inspection.parts),
    )


def _items(inspection: Inspection, own_kinds: frozenset[str]) -> Counter[str]:
    """Count what was found, by its kind; the cells of a table stand in the text of its page as well, and count once."""
    items: Counter[str] = Counter()
    in_tables: defaultdict[Path, Counter[str]] = defaultdict(Counter)  # of the document at a path
    for part in sorted(inspection.parts, key=lambda part: part.outcome is not Outcome.TABLE):
        # A greeting and a signature expose nobody.
        found = Counter(
            {
                kind: number
                for kind, number in part.findings.items()
                if part.about_people or kind in SENSITIVE or kind in own_kinds
            }
        )
        if part.outcome is Outcome.TABLE:
            for length in range(len(part.path) + 1):
                in_tables[part.path[:length]] += found
        else:
            found -= in_tables.get(part.path, Counter())
        items += found
    return items


def _third_parties(part: SharedPart, recipients: frozenset[int]) -> Iterable[Person]:
    """Give the people in a part, less the one who alone reads it: one person, however many have his address beside them."""
    reader = part.only_reader or (recipients if len(recipients) == 1 else frozenset())
    people = part.inspection.people
    own = next((one for one in people if part.readers == 1 and not reader.isdisjoint(one.addresses)), None)
    if own is None:
        return people
    return (person for person in people if set(own.keys).isdisjoint(person.keys))


def _sensitive_kinds(inspection: Inspection) -> Iterator[str]:
    """Yield the kinds of sensitive data in an inspection."""
    yield from inspection.sensitive
    for part in inspection.parts:
        of_people = part.about_people and bool(inspection.people)
        for kind, number in part.findings.items():
            if number and (kind in SENSITIVE or (of_people and kind in SENSITIVE_OF_PEOPLE)):
                yield kind


def _households(people: Sequence[Person], groups: Sequence[int]) -> int:
    """Count households: people with a household key in common live together, and one with none lives alone."""
    keys = [(~group, *person.households) for group, person in zip(groups, people, strict=True)]
    return len(set(_grouped(keys)))


def _grouped(keys: Sequence[tuple[int, ...]]) -> list[int]:
    """Give each item the number of its group; items with a key in common, directly or through others, share a group."""
    parents = list(range(len(keys)))

    def root(item: int) -> int:
        while parents[item] != item:
            parents[item] = parents[parents[item]]
            item = parents[item]
        return item

    first_with: dict[int, int] = {}
    for item, its_keys in enumerate(keys):
        for key in its_keys:
            other = first_with.setdefault(key, item)
            if other != item:
                parents[root(item)] = root(other)
    return [root(item) for item in range(len(keys))]
