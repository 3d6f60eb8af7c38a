"""The chain in the database: whatever is done to it without the key shows, and the first bad entry is named."""

from __future__ import annotations

import json
import random

import pytest
from sqlalchemy import delete, insert, select, update

from gateway.model import Event
from gateway.store import events, schema
from tests.store.mail import now, undone

TABLE, HEAD = schema.events, schema.chain_head


def tell(database, number: int, *, send_id: str | None = None) -> None:
    with database.write("test") as tx:
        told = [
            Event(kind="told", at=now(), actor="x", send_id=send_id, facts={"n": n}) for n in range(number)
        ]
        events.append(tx, *told)


def broken(database) -> tuple[int, str] | None:
    with database.read() as tx:
        found = events.verify(tx)
    return None if found is None else (found.seq, found.what)


def tamper(database, *statements) -> None:
    with database.engine.begin() as connection:
        for statement in statements:
            connection.execute(statement)


@pytest.fixture
def chain(database):
    """A database with ten events more than a new one has, and the number of the first of them."""
    with database.read() as tx:
        before = len(list(events.sealed(tx)))
    tell(database, 3)
    tell(database, 4, send_id="s")
    tell(database, 3)
    return database, before + 1


def test_an_untouched_chain_is_whole(chain):
    database, first = chain
    assert broken(database) is None
    with database.read() as tx:
        assert [entry.seq for entry in events.sealed(tx, after=first)] == list(range(first + 1, first + 10))
        assert [entry.seq for entry in events.sealed(tx, after=first, limit=2)] == [first + 1, first + 2]
        assert [event.facts["n"] for event in events.of_send(tx, "s")] == [0, 1, 2, 3]


def test_a_changed_entry_shows(chain):
    database, first = chain
    with database.read() as tx:
        text = tx.execute(select(TABLE.c.event).where(TABLE.c.seq == first + 4)).scalar_one()
    changed = json.dumps({**json.loads(text), "actor": "y"}, sort_keys=True, separators=(",", ":"))
    tamper(database, update(TABLE).where(TABLE.c.seq == first + 4).values(event=changed))
    assert broken(database) == (first + 4, "changed")


def test_an_entry_put_to_another_send_shows(chain):
    database, first = chain
    tamper(database, update(TABLE).where(TABLE.c.seq == first + 4).values(send_id="t"))
    assert broken(database) == (first + 4, "unreadable")


def test_text_that_is_no_event_shows(chain):
    database, first = chain
    for text in ("", "{}", "[]", "null", '{"kind":1}'):
        tamper(database, update(TABLE).where(TABLE.c.seq == first + 2).values(event=text))
        assert broken(database) == (first + 2, "unreadable")


def test_a_removed_entry_shows(chain):
    database, first = chain
    tamper(database, delete(TABLE).where(TABLE.c.seq == first + 2))
    assert broken(database) == (first + 2, "missing")


def test_swapped_entries_show(chain):
    database, first = chain
    with database.read() as tx:
        one, other = tx.execute(
            select(TABLE).where(TABLE.c.seq.in_([first, first + 1])).order_by(TABLE.c.seq)
        )
    kept = ("send_id", "event", "seal")
    for seq, row in ((first, other), (first + 1, one)):
        values = {name: getattr(row, name) for name in kept}
        tamper(database, update(TABLE).where(TABLE.c.seq == seq).values(**values))
    assert broken(database) == (first, "changed")


def test_an_added_entry_shows(chain):
    database, first = chain
    with database.read() as tx:
        last = tx.execute(select(TABLE).order_by(TABLE.c.seq.desc()).limit(1)).one()
    tamper(database, insert(TABLE).values(seq=last.seq + 1, send_id=None, event=last.event, seal=last.seal))
    assert broken(database) == (first + 10, "changed")


def test_a_chain_cut_short_shows(chain):
    database, first = chain
    tamper(database, delete(TABLE).where(TABLE.c.seq > first + 4))
    assert broken(database) == (first + 5, "cut short")


def test_a_chain_cut_short_with_its_head_put_back_shows(chain):
    database, first = chain
    with database.read() as tx:
        kept = tx.execute(select(TABLE).where(TABLE.c.seq == first + 4)).one()
    head = update(HEAD).values(seq=kept.seq, seal=kept.seal)
    tamper(database, delete(TABLE).where(TABLE.c.seq > first + 4), head)
    assert broken(database) == (first + 4, "head changed")


def test_a_head_that_was_removed_shows(chain):
    database, first = chain
    tamper(database, delete(HEAD))
    assert broken(database) == (first + 9, "head missing")


def test_a_chain_emptied_but_for_its_head_shows(chain):
    database, _ = chain
    tamper(database, delete(TABLE))
    assert broken(database) == (1, "cut short")


def test_an_emptied_chain_shows_also_when_it_goes_on(chain):
    database, _ = chain
    tamper(database, delete(TABLE), delete(HEAD))
    assert broken(database) == (1, "emptied")
    tell(database, 2)
    assert broken(database) == (1, "begun anew")


def test_a_chain_sealed_with_another_key_shows(chain, fresh):
    database, _ = chain
    database._seal_key = b"another key, of thirty-two bytes"
    assert broken(database) == (1, "changed")


def test_a_failed_transaction_tells_nothing(chain):
    database, first = chain
    with undone(database) as tx:
        events.append(tx, Event(kind="told", at=now(), actor="x"))
    assert broken(database) is None
    tell(database, 1)
    with database.read() as tx:
        assert [entry.seq for entry in events.sealed(tx, after=first + 9)] == [first + 10]


def test_random_edits_are_all_found_at_the_first_bad_entry(chain):
    database, first = chain
    luck = random.Random(1)
    with database.read() as tx:
        rows = tx.execute(select(TABLE).order_by(TABLE.c.seq)).all()
    for _ in range(60):
        row, other = luck.choice(rows), luck.choice(rows)
        bad, change = luck.choice(
            [
                (row.seq, delete(TABLE).where(TABLE.c.seq == row.seq)),
                (
                    row.seq,
                    update(TABLE)
                    .where(TABLE.c.seq == row.seq)
                    .values(event=row.event.replace("told", "tell")),
                ),
                (row.seq, update(TABLE).where(TABLE.c.seq == row.seq).values(seal=bytes(32))),
                (row.seq, update(TABLE).where(TABLE.c.seq == row.seq).values(seq=len(rows) + 9)),
                (min(row.seq, other.seq), delete(TABLE).where(TABLE.c.seq.in_([row.seq, other.seq]))),
            ]
        )
        if "tell" not in str(change.compile().params.get("event", "tell")):
            continue  # the first event is of another kind
        with undone(database) as tx:
            tx.execute(change)
            found = events.verify(tx)
            assert found is not None and found.seq == bad
    assert broken(database) is None
    assert rows[first - 1].seq == first
