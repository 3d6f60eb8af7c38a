"""Whose data would reach whom: people, not matches."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.exposure import SharedPart, measure
from gateway.model import Claim, Exposure, GapReason, Inspection, Outcome, Part
from gateway.people import People, Person


def person(
    number: int, *, household: int | None = None, address: int | None = None, minor: bool = False
) -> Person:
    return Person(
        keys=(number,),
        households=() if household is None else (household,),
        addresses=() if address is None else (address,),
        minor=minor,
    )


def listed(*people: Person, records: int | None = None, parts: tuple[Part, ...] = ()) -> Inspection:
    return Inspection(
        parts=parts, people=People.of(people), records=len(people) if records is None else records
    )


def part(
    outcome: Outcome = Outcome.TABLE,
    *,
    gap: GapReason | None = None,
    about_people: bool = True,
    **findings: int,
) -> Part:
    return Part(
        path=("x",),
        media_type="text/csv",
        encoding=None,
        outcome=outcome,
        gap=gap,
        findings=findings,
        about_people=about_people,
    )


def exposed(*inspections: Inspection, recipients: int = 2000) -> Exposure:
    """Measure what everybody in a bulk send gets."""
    return measure(
        own=[],
        shared=[
            SharedPart(inspection=inspection, mails=recipients, readers=recipients)
            for inspection in inspections
        ],
        recipients=frozenset(range(1_000_000, 1_000_000 + recipients)),
        mails=recipients,
        recipient_count=recipients,
    )


def test_registered_customers_are_counted_once_by_any_key_or_address():
    people = People.of((person(1), person(1), person(2), Person(keys=(77,), addresses=(500,))))
    found = measure(
        own=[(Inspection(people=people), 1)],
        shared=[SharedPart(inspection=Inspection(people=people), mails=2, readers=2)],
        recipients=frozenset(),
        mails=2,
        recipient_count=2,
        customers=frozenset({*person(1).keys, 500}),
    )
    assert (found.people, found.customers) == (3, 2)


def test_nothing_found_exposes_nobody():
    assert exposed() == Exposure(
        mails=2000,
        recipients=2000,
        records=0,
        people=0,
        households=0,
        minors=0,
        items={},
        sensitive=(),
        overlap=0,
        reportable=False,
        gaps={},
    )


def test_two_records_with_a_common_key_are_one_person():
    found = exposed(listed(Person(keys=(1, 2)), Person(keys=(3, 2)), Person(keys=(3, 4)), Person(keys=(5,))))
    assert (found.people, found.records) == (2, 4)


def test_the_same_list_attached_twice_counts_its_people_once():
    people = [person(number) for number in range(3719)]
    found = exposed(listed(*people, records=3732), listed(*people, records=3732))
    assert (found.people, found.records) == (3719, 7464)


def test_people_in_one_household_count_as_one_household_and_who_has_none_as_his_own():
    found = exposed(listed(person(1, household=9), person(2, household=9), person(3, household=8), person(4)))
    assert (found.people, found.households) == (4, 3)


def test_a_person_in_two_records_joins_their_households():
    found = exposed(listed(person(1, household=9), person(1, household=8), person(2, household=8)))
    assert (found.people, found.households) == (2, 1)


def test_a_person_is_a_minor_if_any_of_his_records_says_so():
    assert exposed(listed(person(1, minor=True), person(1), person(2), person(3, minor=True))).minors == 2


@pytest.mark.parametrize(("people", "reportable"), [(999, False), (1000, False), (1001, True)])
def test_more_than_a_thousand_people_are_reportable(people: int, reportable: bool):
    assert exposed(listed(*(person(number) for number in range(people)))).reportable is reportable


def test_ten_records_merged_into_seventeen_mails_expose_nine_people_a_reader():
    """JNSA 2018: the reader's own record, left out by inspection, does not count: 9 x 17."""
    crowd = [person(number, address=number) for number in range(10)]
    own = [(listed(*(one for one in crowd if one is not reader)), 1) for reader in crowd] + [
        (listed(*crowd[1:]), 7)
    ]
    found = measure(own=own, shared=[], recipients=frozenset(range(10)), mails=17, recipient_count=17)
    assert (found.records, found.people) == (9 * 17, 10)


def test_a_part_that_only_its_subject_reads_exposes_nobody():
    bills = [
        SharedPart(
            inspection=listed(person(number, address=number)),
            mails=1,
            readers=1,
            only_reader=frozenset({number}),
        )
        for number in range(50)
    ]
    found = measure(own=[], shared=bills, recipients=frozenset(range(50)), mails=50, recipient_count=50)
    assert (found.people, found.overlap) == (0, 0)


def test_a_part_that_somebody_else_reads_alone_exposes_its_subject():
    swapped = [
        SharedPart(
            inspection=listed(person(number, address=number)),
            mails=1,
            readers=1,
            only_reader=frozenset({1 - number}),
        )
        for number in range(2)
    ]
    assert (
        measure(own=[], shared=swapped, recipients=frozenset({0, 1}), mails=2, recipient_count=2).people == 2
    )


def test_a_single_recipient_reads_every_part_alone():
    own_and_other = listed(person(1, address=1), person(2, address=2))
    shared = [SharedPart(inspection=own_and_other, mails=1, readers=1)]
    assert measure(own=[], shared=shared, recipients=frozenset({1}), mails=1, recipient_count=1).people == 1


def test_a_list_that_many_read_counts_its_readers_too():
    """Plus One, send 7: the attachment is the distribution list."""
    people = [person(number, address=1_000_000 + number) for number in range(2500)]
    found = exposed(listed(*people), recipients=2000)
    assert (found.people, found.overlap) == (2500, 2000)


def test_what_is_not_what_it_is_called_counts_once_however_many_parts_it_gives():
    pdf = [replace(part(outcome), claimed=Claim.PDF) for outcome in (Outcome.CONTAINER, Outcome.TEXT)]
    elsewhere = replace(pdf[0], path=("b.pdf",))
    assert exposed(listed(parts=(*pdf, part(Outcome.TEXT)))).mislabelled == 1
    assert exposed(listed(parts=(*pdf, elsewhere))).mislabelled == 2


def test_gaps_are_counted_by_reason():
    gaps = tuple(
        part(Outcome.GAP, gap=reason)
        for reason in (GapReason.ENCRYPTED, GapReason.ENCRYPTED, GapReason.CORRUPT)
    )
    assert exposed(listed(parts=gaps)).gaps == {"CORRUPT": 1, "ENCRYPTED": 2}


def test_what_a_text_repeats_of_its_tables_counts_once():
    page, table = part(Outcome.TEXT, name=12, phone=13), part(Outcome.TABLE, name=12, phone=12)
    parts = (replace(page, path=("a.docx", "x")), replace(table, path=("a.docx", "x", "table 1")))
    assert exposed(listed(parts=parts)).items == {"name": 12, "phone": 13}
    other = (parts[0], replace(parts[1], path=("b.docx", "x", "table 1")))
    assert exposed(listed(parts=other)).items == {"name": 24, "phone": 25}


def test_items_of_a_mails_own_count_for_each_mail_and_those_of_a_shared_part_once():
    found = measure(
        own=[(listed(person(1), parts=(part(name=2),)), 17)],
        shared=[
            SharedPart(inspection=listed(person(2), parts=(part(name=5, phone=5),)), mails=17, readers=17)
        ],
        recipients=frozenset(),
        mails=17,
        recipient_count=17,
    )
    assert found.items == {"name": 39, "phone": 5}
    assert found.records == 18


def test_a_health_condition_beside_a_person_is_sensitive_and_reportable():
    found = exposed(listed(person(1), parts=(part(health_condition=1),)))
    assert (found.sensitive, found.reportable) == (("health_condition",), True)


@pytest.mark.parametrize(
    "inspection",
    [
        listed(parts=(part(health_condition=9),)),
        listed(person(1), parts=(part(about_people=False, bank_account=1),)),
    ],
)
def test_a_newsletter_on_health_and_an_invoice_with_its_bank_account_are_not_sensitive(
    inspection: Inspection,
):
    assert exposed(inspection).sensitive == ()


@pytest.mark.parametrize("kind", ["my_number", "credit_card"])
def test_what_stands_for_a_person_by_itself_is_sensitive_alone(kind: str):
    found = exposed(listed(parts=(part(Outcome.TEXT, about_people=False, **{kind: 1}),)))
    assert (found.sensitive, found.people, found.reportable) == ((kind,), 0, True)


people = st.lists(
    st.builds(
        Person,
        keys=st.lists(st.integers(0, 20), min_size=1, max_size=3).map(tuple),
        households=st.lists(st.integers(0, 9), max_size=2).map(tuple),
        minor=st.booleans(),
    ),
    max_size=25,
)


@given(people=people, cut=st.integers(0, 25))
def test_people_are_counted_as_connected_components_however_they_are_spread_over_parts(
    people: list[Person], cut: int
):
    def components(keys: list[set[object]]) -> int:
        for one, other in combinations(keys, 2):
            if one & other:
                return components(
                    [keys for keys in keys if keys is not one and keys is not other] + [one | other]
                )
        return len(keys)

    found = exposed(listed(*people[:cut]), listed(*people[cut:]))
    assert found.people == components([set(one.keys) for one in people])
    homes: list[set[object]] = [
        {("k", k) for k in one.keys} | {("h", h) for h in one.households} for one in people
    ]
    assert found.households == components(homes)
    assert found.minors <= found.people


def test_measuring_a_very_large_list_ends():
    number = 200_000
    crowd = [Person(keys=(n, n + 10**9), households=(n // 3,), addresses=(n,)) for n in range(number)]
    assert exposed(listed(*crowd)).people == number


def greeted(person: Person, reader: int) -> Inspection:
    """Inspect a mail that greets somebody and gives the record of just that person."""
    return Inspection(
        parts=(part(Outcome.TEXT, about_people=False, phone=1),), left_out=People.of([person]), reader=reader
    )


def told_each(*mails: tuple[Inspection, int]) -> Exposure:
    number = sum(times for _, times in mails)
    return measure(own=mails, shared=[], recipients=frozenset(), mails=number, recipient_count=number)


def test_his_own_record_in_each_readers_mail_exposes_nobody():
    assert told_each(*((greeted(person(number), number), 1) for number in range(100))).people == 0


@pytest.mark.parametrize(("readers", "people", "records"), [(3, 0, 0), (4, 1, 4), (2000, 1, 2000)])
def test_one_persons_record_in_the_mails_of_many_readers_exposes_her(readers, people, records):
    exposure = told_each(*((greeted(person(1), reader), 1) for reader in range(readers)))
    assert (exposure.people, exposure.records, exposure.items.get("phone", 0)) == (people, records, records)


def test_many_orders_of_one_reader_are_still_his_own():
    assert told_each((greeted(person(1), 1), 50)).people == 0


def test_who_is_stuck_is_the_same_person_under_any_of_her_keys():
    either = Person(keys=(1, 2))
    mails = [
        greeted(person(1), 1),
        greeted(person(2), 2),
        greeted(either, 3),
        greeted(person(1), 4),
        greeted(person(7), 5),
    ]
    assert told_each(*((one, 1) for one in mails)).people == 1


@pytest.mark.parametrize(
    ("shown", "visible"),
    [
        ([range(1, 50)], 48),  # one of them is the reader
        ([range(3000, 3040)], 40),  # he is not on the list
        ([range(5), range(5, 25), range(25, 26)], 19),  # the most of any mail, not all of all mails
        ([], 0),
    ],
)
def test_what_a_reader_sees_of_others_is_the_most_that_one_mail_shows(shown: list[range], visible: int):
    own = [(Inspection(visible=tuple(addresses)), 40) for addresses in shown]
    found = measure(own=own, shared=[], recipients=frozenset(range(2000)), mails=2000, recipient_count=2000)
    assert (found.visible, found.people) == (visible, 0)


@pytest.mark.parametrize(
    ("each", "mails", "reportable"), [(100, 10, False), (100, 11, True), (2, 2000, False)]
)
def test_everybody_on_a_list_that_readers_see_counts_for_the_report(each: int, mails: int, reportable: bool):
    """A father and a mother see each other's address; a hundred strangers' stand on a list."""
    own = [(Inspection(visible=tuple(range(each * one, each * (one + 1)))), each) for one in range(mails)]
    total = each * mails
    found = measure(
        own=own, shared=[], recipients=frozenset(range(total)), mails=total, recipient_count=total
    )
    assert found.reportable is reportable


def test_who_stands_in_the_header_and_in_the_attached_list_is_one_person():
    own = [(Inspection(visible=tuple(range(600))), 1)]
    list_of_them = SharedPart(
        inspection=listed(*(person(number, address=number) for number in range(600))), mails=1, readers=600
    )
    found = measure(
        own=own, shared=[list_of_them], recipients=frozenset(range(600)), mails=1, recipient_count=600
    )
    assert (found.people, found.visible, found.reportable) == (600, 599, False)
