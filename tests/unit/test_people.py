"""People, packed: what goes in comes out, and what was tampered with does not come in."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gateway.model import Inspection
from gateway.people import People, Person
from gateway.store import codec

hashes = st.lists(st.integers(0, 2**63 - 1), max_size=5).map(tuple)
persons = st.lists(
    st.builds(Person, keys=hashes, households=hashes, addresses=hashes, minor=st.booleans()), max_size=8
)


@given(several=st.lists(persons, max_size=3))
def test_what_was_packed_is_there_again(several):
    packed = People.together(map(People.of, several))
    together = [person for some in several for person in some]
    assert list(packed) == together
    assert len(packed) == len(together)


@given(some=persons)
def test_an_inspection_is_the_same_after_worker_and_store(some):
    inspection = Inspection(people=People.of(some), records=len(some))
    assert codec.inspection_from_json(codec.inspection_to_json(inspection)) == inspection
    assert codec.inspection_from_bytes(codec.inspection_to_bytes(inspection)) == inspection


@pytest.mark.parametrize("cut", [1, 2, 8])
def test_what_a_worker_cut_is_refused(cut):
    answer = json.loads(codec.inspection_to_json(Inspection(people=People.of([Person(keys=(1, 2))]))))
    for field in ("shapes", "hashes"):
        raw = urlsafe_b64decode(answer["people"][field][0])
        cut_short = {**answer["people"], field: [urlsafe_b64encode(raw[:-cut]).decode()]}
        with pytest.raises(ValidationError):
            codec.inspection_from_json(json.dumps({**answer, "people": cut_short}))
