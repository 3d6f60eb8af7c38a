"""No trick takes people past the gate, the legal ones are no disguise at all, and who has nothing to hide is not held for them."""

from __future__ import annotations

from functools import cache

import pytest

from tests.unpack.evasions import LIST, NEWS, PEOPLE, TRICKS, Law
from tests.unpack.evasions.gate import Judged, judged
from tests.unpack.evasions.load import Trick


@cache
def guilty(trick: Trick) -> Judged:
    return judged(trick.build(LIST))


def share_of(law: Law, done: list[Trick]) -> float:
    return len(done) / sum(trick.law is law for trick in TRICKS)


@pytest.mark.parametrize("trick", TRICKS, ids=lambda trick: trick.name)
def test_no_trick_takes_people_past_the_gate(trick):
    assert guilty(trick).held


@pytest.mark.parametrize(("law", "bar"), [(Law.LEGAL, 0.95), (Law.TOLERATED, 0.95)])
def test_people_in_what_is_sent_in_good_faith_are_counted(law, bar):
    counted = [trick for trick in TRICKS if trick.law is law and guilty(trick).people == PEOPLE]
    assert share_of(law, counted) >= bar


@pytest.mark.parametrize(("law", "bar"), [(Law.LEGAL, 0.02), (Law.TOLERATED, 0.1)])
def test_a_newsletter_in_the_same_form_passes(law, bar):
    held = [trick for trick in TRICKS if trick.law is law and judged(trick.build(NEWS)).held]
    assert share_of(law, held) <= bar


def test_the_tricks_are_many_and_no_two_the_same():
    assert len({trick.name for trick in TRICKS}) == len(TRICKS) > 700
    assert all(trick.source for trick in TRICKS)


def test_without_a_trick_the_list_is_held_and_the_newsletter_is_not():
    plain = TRICKS[0]
    assert plain.law is Law.LEGAL
    assert (guilty(plain).people, judged(plain.build(NEWS)).held) == (PEOPLE, False)
