"""Which mails make one send, and how a send moves: with its event, or not at all."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event, update
from sqlalchemy.exc import IntegrityError

from gateway.errors import NotFound, Stale
from gateway.model import Approval, Choice, State
from gateway.review import states
from gateway.review.states import Act
from gateway.store import deliveries, events, mails, schema, sends
from tests.store.mail import Trouble, counted, enter, letter, now, put, send, send_of


def act(database, send_id: str, what: Act, **changes) -> None:
    with database.write("test") as tx:
        sends.apply(tx, states.move(sends.get(tx, send_id), what, actor="sekisho", now=now()), **changes)


def close(database, send_id: str) -> None:
    act(database, send_id, Act.JUDGE)


def test_mails_of_one_template_are_one_send_in_one_commit_or_in_many(database):
    ids = (
        enter(database, *(letter(n) for n in range(5)))
        + enter(database, letter(5))
        + enter(database, letter(6))
    )
    assert len({send_of(database, mail_id) for mail_id in ids}) == 1
    found = send(database, send_of(database, ids[0]))
    assert (found.mails, found.recipients, found.state) == (7, 7, State.OPEN)


def test_another_template_sender_or_client_is_another_send(database):
    ids = enter(database, letter(), letter(subject="bill for water, due in November"))
    ids += enter(database, letter(), sender="t@example.jp") + enter(database, letter(), client="other")
    assert len({send_of(database, mail_id) for mail_id in ids}) == 4


def test_mails_of_a_client_without_bulk_are_a_send_each(database):
    ids = enter(database, letter(1), letter(2), bulk=False) + enter(database, letter(3), bulk=False)
    found = [send(database, send_of(database, mail_id)) for mail_id in ids]
    assert len({one.id for one in found}) == 3
    assert all(one.single for one in found)


def test_a_later_mail_of_the_template_opens_a_new_send_of_the_same_series(database):
    first = send_of(database, enter(database, letter(1))[0])
    close(database, first)
    second = send_of(database, enter(database, letter(2))[0])
    assert second != first
    assert send(database, second).series == send(database, first).series == first
    assert send(database, first).mails == 1
    with database.read() as tx:
        previous = sends.previous_in_series(tx, sends.get(tx, second))
        assert previous is not None and previous.id == first
        assert sends.previous_in_series(tx, previous) is None
    other = send_of(database, enter(database, letter(subject="bill for water, due in November"))[0])
    assert send(database, other).series == other


def test_a_mail_that_joins_keeps_the_send_from_being_judged_as_it_was(database):
    mail_id = enter(database, letter(1))[0]
    judged = states.move(send(database, send_of(database, mail_id)), Act.JUDGE, actor="sekisho", now=now())
    later = now() + timedelta(seconds=5)
    enter(database, letter(2), at=later)
    with pytest.raises(Stale), database.write("test") as tx:
        sends.apply(tx, judged)
    found = send(database, send_of(database, mail_id))
    assert found.state is State.OPEN
    assert found.last_mail_at == later


def test_a_send_is_inspected_wholly_when_its_last_mail_is(database):
    first, second = enter(database, letter(1), letter(2))
    send_id = send_of(database, first)
    for mail_id, whole in ((first, set()), (second, {send_id})):
        with database.write("test") as tx:
            mark = mails.InspectedMail(mail_id=mail_id, own=b"k" * 32, parts=())
            mails.keep_inspections(tx, {}, [mark])
        with database.read() as tx:
            assert sends.inspected_wholly(tx, [send_id]) == whole


def test_a_move_and_its_event_are_one(database):
    send_id = put(database)
    told = counted(database, schema.events)
    close(database, send_id)
    assert send(database, send_id).state is State.JUDGED
    assert counted(database, schema.events) == told + 1
    with database.read() as tx:
        assert events.of_send(tx, send_id)[-1].kind == "send.judged"


@pytest.mark.parametrize("table", ["events", "chain_head", "sends", "COMMIT"])
def test_a_failure_between_a_move_and_its_event_leaves_neither(database, table):
    send_id = put(database)
    before, told = send(database, send_id), counted(database, schema.events)

    def failing(_connection, _cursor, statement, *_):
        if statement.startswith((f"INSERT INTO {table} ", f"UPDATE {table} ")):
            raise Trouble

    def not_committing(_connection):
        raise Trouble

    if table == "COMMIT":
        event.listen(database.engine, "commit", not_committing)
    else:
        event.listen(database.engine, "before_cursor_execute", failing)
    with pytest.raises(Trouble):
        close(database, send_id)
    if table == "COMMIT":
        event.remove(database.engine, "commit", not_committing)
    else:
        event.remove(database.engine, "before_cursor_execute", failing)
    assert send(database, send_id) == before
    assert counted(database, schema.events) == told
    with database.read() as tx:
        assert events.verify(tx) is None
    close(database, send_id)


def test_of_two_that_saw_the_same_one_moves_it(database):
    send_id = put(database, State.HELD)
    seen = send(database, send_id)
    with database.write("test") as tx:
        sends.apply(tx, states.move(seen, Act.APPROVE, actor="hanako", now=now()))
    with pytest.raises(Stale), database.write("test") as tx:
        sends.apply(tx, states.move(seen, Act.REJECT, actor="taro", now=now()))
    assert send(database, send_id).state is State.CLEARED


def test_times_are_stamped_once(database):
    send_id = put(database, State.CLEARED)
    act(database, send_id, Act.RELEASE)
    released = send(database, send_id).released_at
    act(database, send_id, Act.STOP)
    act(database, send_id, Act.RESUME)
    assert send(database, send_id).released_at == released


def test_what_is_not_there_is_not_found(database):
    with database.read() as tx:
        for look in (sends.get, mails.get):
            with pytest.raises(NotFound):
                look(tx, "nothing")


def test_the_longest_waiting_comes_first_and_pages_follow(database):
    at = now() - timedelta(hours=1)
    ids = [
        send_of(
            database,
            enter(database, letter(n, subject=f"{n} " * 40), bulk=False, at=at + timedelta(minutes=n))[0],
        )
        for n in range(4)
    ]
    with database.read() as tx:
        assert [one.id for one in sends.in_state(tx, State.OPEN)] == ids
        assert [one.id for one in sends.listed(tx, limit=2)] == [ids[3], ids[2]]
        assert [one.id for one in sends.listed(tx, limit=2, after=ids[2])] == [ids[1], ids[0]]
        with pytest.raises(NotFound):
            sends.listed(tx, after="nothing")
        with pytest.raises(NotFound):
            sends.listed(tx, after=ids[2], of=["somebody else"])
        assert sends.listed(tx, [State.HELD]) == []
        assert sends.counted(tx) == {State.OPEN: 4}


@pytest.mark.parametrize("reviewer", ["tool", "s@example.jp"])
def test_the_schema_itself_refuses_the_senders_approval(database, reviewer):
    send_id = put(database, State.HELD)
    with pytest.raises(IntegrityError), database.write("test") as tx:
        sends.add_approval(tx, sends.get(tx, send_id), approval(send_id, reviewer))


def test_the_schema_itself_refuses_a_second_approval_by_the_same_person(database):
    send_id = put(database, State.HELD)
    with database.write("test") as tx:
        sends.add_approval(tx, sends.get(tx, send_id), approval(send_id, "hanako"))
    with pytest.raises(IntegrityError), database.write("test") as tx:
        sends.add_approval(tx, sends.get(tx, send_id), approval(send_id, "hanako"))
    with database.read() as tx:
        assert [one.reviewer for one in sends.approvals(tx, send_id)] == ["hanako"]


def approval(send_id: str, reviewer: str) -> Approval:
    return Approval(
        send_id=send_id, reviewer=reviewer, choice=Choice.APPROVE, seen="d" * 64, comment="", at=now()
    )


def test_the_subject_is_what_all_mails_share_whenever_they_are_inspected(database):
    send_id = put(database)
    for subjects in (
        ["【重要】やまびこ会員へ"],
        ["【重要】いろは会員へ", "【重要】ほへと会員へ"],
        ["【重要】やまびこ会員へ"],
    ):
        with database.write("test") as tx:
            mails.keep_subjects(tx, {send_id: subjects})
    assert send(database, send_id).subject == "【重要】…会員へ"


def test_no_database_minds_what_stands_in_a_subject(database):
    send_id = put(database)
    for subjects in (["a\0b\ud800\u30004"], ["a\ufffdb\ufffd\u30004", ""]):
        with database.write("test") as tx:
            mails.keep_subjects(tx, {send_id: subjects})
    assert send(database, send_id).subject == "a\ufffdb\ufffd\u30004"
    with database.read() as tx:
        assert deliveries.tally(tx, send_id) == {"waiting": 1}


def test_of_the_held_ones_the_nearest_to_expire_come_first_page_by_page(database):
    at = now() - timedelta(hours=1)
    ids = [send_of(database, enter(database, letter(n), bulk=False)[0]) for n in range(4)]
    held = {ids[2]: at, ids[0]: at + timedelta(minutes=1), ids[1]: at + timedelta(minutes=1), ids[3]: at}
    with database.write("test") as tx:
        for send_id, held_at in held.items():
            stand = update(schema.sends).where(schema.sends.c.id == send_id)
            tx.execute(stand.values(state=State.HELD, held_at=held_at))
    wanted = sorted(ids, key=lambda send_id: (held[send_id], send_id))
    with database.read() as tx:
        first = sends.listed(tx, [State.HELD], limit=3)
        rest = sends.listed(tx, [State.HELD], limit=3, after=sends.next_page(first, limit=3))
    assert [one.id for one in first + rest] == wanted
    assert sends.next_page(rest, limit=3) is None


def test_who_resumes_what_had_not_begun_begins_its_waves(database):
    send_id = put(database, State.CLEARED)
    act(database, send_id, Act.STOP)
    act(database, send_id, Act.RESUME)
    begun = send(database, send_id).released_at
    assert begun is not None
    act(database, send_id, Act.STOP)
    act(database, send_id, Act.RESUME)
    assert send(database, send_id).released_at == begun
