"""People are hashed together as each value is by itself."""

from __future__ import annotations

import pytest

from detectors import Identity
from gateway.inspection.hashes import digested, hashed, people_of

SECRET = bytes(range(32))


@pytest.mark.parametrize(
    "identities",
    [
        [
            Identity(
                ("n:山田太郎|b:1980-01-01", "k:ヤマダ"),
                ("a:港区1-2",),
                ("taro@example.jp",),
                ("山田 太郎",),
                True,
            )
        ],
        [Identity(("n:\0",), ("a:\0\0",)), Identity(("n:\ud800",))],
        [Identity(()), Identity(("",)), Identity((), ("a:1-1",))],
        [Identity(())],
        [],
    ],
)
def test_what_is_hashed_together_is_what_each_is_alone(identities: list[Identity]):
    people = list(people_of(identities, SECRET))
    assert [person.keys for person in people] == [
        tuple(hashed(key, SECRET) for key in one.keys) for one in identities
    ]
    assert [person.households for person in people] == [
        tuple(hashed(key, SECRET) for key in one.household_keys) for one in identities
    ]
    assert [(person.addresses, person.minor) for person in people] == [
        (tuple(hashed(mail, SECRET) for mail in one.email_addresses), one.minor) for one in identities
    ]


def test_without_the_secret_nobody_gets_the_same_hash():
    assert digested("n:山田太郎", SECRET) != digested("n:山田太郎", bytes(32))
