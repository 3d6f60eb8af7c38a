"""The sealed chain: whatever is done to it without the key shows, and where."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model import Event
from gateway.review import audit
from gateway.review.audit import Broken, Head, SealedEvent

KEY = b"k" * 32
NOW = datetime(2023, 10, 31, 9, 0, 0, 123456, tzinfo=UTC)

facts = st.dictionaries(
    st.text(max_size=8), st.one_of(st.integers(), st.text(max_size=8), st.booleans(), st.none()), max_size=4
)
events = st.builds(
    Event,
    kind=st.sampled_from(["send.held", "approval.given", "mails.accepted"]),
    at=st.datetimes(timezones=st.just(UTC)),
    actor=st.text(max_size=8),
    send_id=st.one_of(st.none(), st.text(max_size=8)),
    facts=facts,
)


def chain(told: list[Event], key: bytes = KEY) -> tuple[list[SealedEvent], Head]:
    entries: list[SealedEvent] = []
    last = audit.GENESIS
    for seq, event in enumerate(told, 1):
        last = audit.seal(key, last, seq, event)
        entries.append(SealedEvent(seq=seq, event=event, seal=last))
    return entries, Head(seq=len(entries), seal=last, head_seal=audit.head_seal(key, len(entries), last))


def event(number: int) -> Event:
    return Event(
        kind="send.held",
        at=NOW + timedelta(seconds=number),
        actor="sekisho",
        send_id=f"s{number}",
        facts={"people": number},
    )


FIVE, HEAD = chain([event(number) for number in range(5)])


@given(older=st.lists(events, max_size=3), told=st.lists(events, max_size=10))
def test_an_untouched_chain_is_whole(older: list[Event], told: list[Event]):
    entries, head = chain([*older, audit.begun(NOW, entries=len(older)), *told])
    assert audit.verify(KEY, entries, head) is None


def test_an_emptied_chain_is_found():
    assert audit.verify(KEY, [], None) == Broken(seq=1, what="emptied")


@pytest.mark.parametrize(
    "beginnings", [[], [audit.begun(NOW, entries=3)], [event(0), audit.begun(NOW, entries=0)]]
)
def test_a_chain_that_went_on_from_nothing_is_found(beginnings: list[Event]):
    entries, head = chain([*beginnings, event(1), event(2)])
    assert audit.verify(KEY, entries, head) == Broken(seq=1, what="begun anew")


@given(event=events)
def test_an_event_is_read_as_it_was_written(event: Event):
    text = audit.event_to_text(event)
    assert audit.event_from_text(text) == event
    assert audit.event_to_text(audit.event_from_text(text)) == text


def test_the_zone_of_an_event_is_kept():
    told = replace(event(1), at=NOW.astimezone(timezone(timedelta(hours=9))))
    assert (
        audit.event_from_text(audit.event_to_text(told)).at.isoformat() == "2023-10-31T18:00:00.123456+09:00"
    )


@given(told=st.lists(events, min_size=1, max_size=8), other=events, data=st.data())
def test_a_changed_event_is_named(told: list[Event], other: Event, data: st.DataObject):
    entries, head = chain(told)
    at = data.draw(st.integers(0, len(told) - 1))
    if audit.event_to_text(other) == audit.event_to_text(told[at]):
        return
    entries[at] = replace(entries[at], event=other)
    assert audit.verify(KEY, entries, head) == Broken(seq=at + 1, what="changed")


@given(told=st.lists(events, min_size=2, max_size=8), data=st.data(), renumber=st.booleans())
def test_a_removed_event_is_found(told: list[Event], data: st.DataObject, renumber: bool):
    entries, head = chain(told)
    at = data.draw(st.integers(0, len(told) - 1))
    del entries[at]
    if renumber:
        entries = [replace(entry, seq=seq) for seq, entry in enumerate(entries, 1)]
    broken = audit.verify(KEY, entries, head)
    assert broken is not None
    assert broken.seq == at + 1


@given(told=st.lists(events, min_size=1, max_size=8), other=events, data=st.data())
def test_an_inserted_event_is_found(told: list[Event], other: Event, data: st.DataObject):
    entries, head = chain(told)
    at = data.draw(st.integers(0, len(told)))
    forged = SealedEvent(seq=at + 1, event=other, seal=audit.seal(b"guess", audit.GENESIS, at + 1, other))
    entries[at:] = [forged, *(replace(entry, seq=entry.seq + 1) for entry in entries[at:])]
    assert audit.verify(KEY, entries, head) == Broken(seq=at + 1, what="changed")


@pytest.mark.parametrize("renumber", [False, True])
def test_two_swapped_events_are_found(renumber: bool):
    entries = [FIVE[0], FIVE[2], FIVE[1], *FIVE[3:]]
    if renumber:
        entries = [replace(entry, seq=seq) for seq, entry in enumerate(entries, 1)]
    broken = audit.verify(KEY, entries, HEAD)
    assert broken is not None
    assert broken.seq == 2


@pytest.mark.parametrize("left", range(5))
def test_a_chain_cut_short_is_found(left: int):
    assert audit.verify(KEY, FIVE[:left], HEAD) == Broken(seq=left + 1, what="cut short")


def test_a_chain_cut_short_with_its_head_moved_back_is_found():
    moved = Head(seq=3, seal=FIVE[2].seal, head_seal=HEAD.head_seal)
    assert audit.verify(KEY, FIVE[:3], moved) == Broken(seq=3, what="head changed")


@pytest.mark.parametrize("seq", [-1, 2**62])
def test_a_head_with_an_impossible_number_is_found(seq: int):
    assert audit.verify(KEY, FIVE, replace(HEAD, seq=seq)) == Broken(seq=seq, what="head changed")


def test_a_chain_without_its_head_is_found():
    assert audit.verify(KEY, FIVE, None) == Broken(seq=5, what="head missing")


def test_an_entry_that_cannot_be_read_is_named():
    def entries() -> Iterator[SealedEvent]:
        yield FIVE[0]
        yield SealedEvent(seq=2, event=audit.event_from_text('{"kind": "send.held"'), seal=FIVE[1].seal)

    assert audit.verify(KEY, entries(), HEAD) == Broken(seq=2, what="unreadable")


def test_a_chain_of_another_key_is_broken_from_the_first_entry():
    assert audit.verify(b"other", FIVE, HEAD) == Broken(seq=1, what="changed")


def test_a_repeated_entry_is_found():
    assert audit.verify(KEY, [*FIVE[:2], FIVE[1], *FIVE[2:]], HEAD) == Broken(seq=3, what="out of order")
