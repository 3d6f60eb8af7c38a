"""Policies: what they refuse to be, and what the shipped ones say of the cases of design.md."""

from __future__ import annotations

from dataclasses import fields, replace
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import BadConfig
from gateway.model import Decision, Exposure, GapReason
from gateway.policy import FIGURES, ITEMS, SEVERITY, Policy, figure_of, judge, load_policy

INVALID = sorted((Path(__file__).parent / "policies_invalid").glob("*.toml"))
NOTHING = Exposure(
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
DEFAULT, STRICT, MONITOR = (load_policy(name) for name in ("default", "strict", "monitor"))
SHIPPED = (DEFAULT, STRICT, MONITOR)
PLUS_ONE = replace(
    NOTHING, people=3719, households=1740, records=3732, minors=1979, overlap=2000, reportable=True
)
WILLNEXT = replace(
    NOTHING, mails=5212, recipients=5212, people=5212, records=5212, overlap=5212, reportable=True
)
MOUSE_COMPUTER = replace(NOTHING, mails=233, recipients=233, people=253, records=253)


def rules(policy: Policy, exposure: Exposure, *, bulk: bool = True) -> set[str]:
    return {reason.rule for reason in judge(policy, exposure, bulk=bulk).reasons}


def decision(policy: Policy, exposure: Exposure, *, bulk: bool = True) -> Decision:
    return judge(policy, exposure, bulk=bulk).decision


@pytest.mark.parametrize("file", INVALID, ids=[file.stem for file in INVALID])
def test_a_policy_with_one_mistake_is_refused_and_the_mistake_named(file: Path):
    with pytest.raises(BadConfig) as caught:
        load_policy(str(file))
    assert file.read_text(encoding="utf-8").splitlines()[0] == f"# mistake at: {caught.value.key}"
    assert caught.value.file == str(file)
    assert caught.value.remedy


@pytest.mark.parametrize("name", ["defualt", "", "..", "/nowhere/policy.toml", "no\0such"])
def test_a_policy_that_is_not_there_is_refused_never_replaced(name: str):
    with pytest.raises(BadConfig):
        load_policy(name)


def test_a_policy_that_is_not_utf8_is_refused(tmp_path: Path):
    file = tmp_path / "sjis.toml"
    file.write_bytes('name = "標準"'.encode("cp932"))
    with pytest.raises(BadConfig):
        load_policy(str(file))


def test_a_policy_is_read_by_its_path(tmp_path: Path):
    file = tmp_path / "ours.toml"
    file.write_text(
        'name = "ours"\nmode = "enforce"\nja = "弊社"\nen = "Ours"\n'
        '[[rule]]\nid = "locked"\nfigure = "gap.ENCRYPTED"\ndecision = "REJECT"\nja = "{figure} 件"\nen = "{figure} locked"\n'
        '[[rule]]\nid = "numbers"\nfigure = "item.my_number"\nover = 2\ndecision = "HOLD"\nja = "{over} 超"\nen = "over {over}"\n',
        encoding="utf-8",
    )
    found = judge(
        load_policy(str(file)), replace(NOTHING, gaps={"ENCRYPTED": 1}, items={"my_number": 3}), bulk=False
    )
    assert found.policy == "ours"
    assert found.decision is Decision.REJECT
    assert [(r.rule, r.decision, r.figure, r.limit, r.ja, r.en) for r in found.reasons] == [
        ("locked", Decision.REJECT, 1, 0, "1 件", "1 locked"),
        ("numbers", Decision.HOLD, 3, 2, "2 超", "over 2"),
    ]


def test_a_folder_policies_where_one_stands_does_not_replace_the_shipped_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "default.toml").write_text("", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert load_policy("default") == DEFAULT


def test_every_figure_is_a_figure_of_the_exposure():
    assert {field.name for field in fields(Exposure)} - {"items"} == FIGURES
    assert all(figure_of(NOTHING, name, {}) >= 0 for name in FIGURES)


def test_whatever_the_detectors_find_can_be_named_in_a_policy():
    detectors = pytest.importorskip("detectors", exc_type=ImportError)
    assert set(detectors.KINDS) <= ITEMS


@pytest.mark.parametrize("bulk", [True, False])
@pytest.mark.parametrize("policy", SHIPPED, ids=lambda policy: policy.name)
def test_nothing_found_passes(policy: Policy, bulk: bool):
    found = judge(policy, NOTHING, bulk=bulk)
    assert (found.decision, found.reasons, found.policy) == (Decision.PASS, (), policy.name)


@pytest.mark.parametrize(
    ("policy", "exposure"), list(product((DEFAULT, STRICT), (PLUS_ONE, WILLNEXT, MOUSE_COMPUTER)))
)
def test_the_known_leaks_do_not_pass(policy: Policy, exposure: Exposure):
    assert decision(policy, exposure) is not Decision.PASS


def test_plus_one_is_held_for_every_reason_there_is():
    found = judge(DEFAULT, PLUS_ONE, bulk=True)
    assert found.decision is Decision.HOLD
    assert [reason.rule for reason in found.reasons] == [
        "people-over-1000",
        "people-in-bulk",
        "recipients-listed",
        "minors",
    ]
    assert found.reasons[0].ja.startswith("3,719 人分")
    assert (found.reasons[0].figure, found.reasons[0].limit) == (3719, 1000)


def test_a_bulk_send_of_the_next_batchs_list_is_held_without_any_overlap():
    assert rules(DEFAULT, MOUSE_COMPUTER) == {"people-in-bulk"}


@pytest.mark.parametrize(("people", "over_1000"), [(1, False), (999, False), (1000, False), (1001, True)])
def test_a_list_is_held_at_any_length_and_named_reportable_above_a_thousand(people: int, over_1000: bool):
    exposure = replace(NOTHING, people=people, reportable=people > 1000)
    assert decision(DEFAULT, exposure) is Decision.HOLD
    assert ("people-over-1000" in rules(DEFAULT, exposure)) is over_1000


@pytest.mark.parametrize(("people", "said"), [(1, Decision.PASS), (9, Decision.PASS), (10, Decision.HOLD)])
def test_a_single_mail_may_name_a_few_others(people: int, said: Decision):
    assert decision(DEFAULT, replace(NOTHING, mails=1, recipients=1, people=people), bulk=False) is said


def test_under_strict_a_single_mail_may_name_nobody():
    assert decision(STRICT, replace(NOTHING, people=1), bulk=False) is Decision.HOLD


def test_strict_rejects_what_would_have_to_be_reported():
    assert decision(STRICT, PLUS_ONE) is Decision.REJECT


@pytest.mark.parametrize(
    ("policy", "reason", "bulk"),
    [
        case
        for case in product((DEFAULT, STRICT), GapReason, (True, False))
        if case[:2] != (DEFAULT, GapReason.SMALL_IMAGE)
    ],
)
def test_unreadable_is_not_clean(policy: Policy, reason: GapReason, bulk: bool):
    assert decision(policy, replace(NOTHING, gaps={reason.value: 1}), bulk=bulk) is Decision.HOLD


@pytest.mark.parametrize(("policy", "bulk"), list(product((DEFAULT, STRICT), (True, False))))
def test_a_zip_that_calls_itself_pdf_holds(policy: Policy, bulk: bool):
    assert decision(policy, replace(NOTHING, mislabelled=1), bulk=bulk) is Decision.HOLD
    assert rules(policy, replace(NOTHING, mislabelled=1), bulk=bulk) == {"mislabelled"}


@pytest.mark.parametrize(("policy", "bulk"), list(product((DEFAULT, STRICT), (True, False))))
def test_one_sensitive_item_holds(policy: Policy, bulk: bool):
    assert decision(policy, replace(NOTHING, sensitive=("my_number",)), bulk=bulk) is Decision.HOLD


def test_monitor_says_what_default_says_and_holds_nothing():
    assert MONITOR.rule == DEFAULT.rule
    found = judge(MONITOR, PLUS_ONE, bulk=True)
    assert found.decision is Decision.PASS
    assert found.reasons == judge(DEFAULT, PLUS_ONE, bulk=True).reasons
    assert {reason.decision for reason in found.reasons} == {Decision.HOLD}


counts = st.integers(0, 3000)
exposures = st.builds(
    Exposure,
    mails=counts,
    recipients=counts,
    records=counts,
    people=counts,
    households=counts,
    minors=counts,
    overlap=counts,
    reportable=st.booleans(),
    items=st.dictionaries(st.sampled_from(["name", "phone"]), counts),
    sensitive=st.sampled_from([(), ("my_number",)]),
    gaps=st.dictionaries(st.sampled_from([reason.value for reason in GapReason]), counts),
)


@given(exposure=exposures, policy=st.sampled_from([DEFAULT, STRICT]), bulk=st.booleans())
def test_the_worst_reason_wins_and_each_names_a_figure_over_its_limit(
    exposure: Exposure, policy: Policy, bulk: bool
):
    found = judge(policy, exposure, bulk=bulk)
    assert SEVERITY.index(found.decision) == max(
        (SEVERITY.index(reason.decision) for reason in found.reasons), default=0
    )
    assert all(reason.figure > reason.limit for reason in found.reasons)


@given(
    exposure=exposures,
    more=st.integers(1, 2000),
    policy=st.sampled_from([DEFAULT, STRICT]),
    bulk=st.booleans(),
)
def test_more_people_never_make_it_better(exposure: Exposure, more: int, policy: Policy, bulk: bool):
    worse = replace(exposure, people=exposure.people + more)
    assert SEVERITY.index(decision(policy, worse, bulk=bulk)) >= SEVERITY.index(
        decision(policy, exposure, bulk=bulk)
    )


@pytest.mark.parametrize(
    ("policy", "visible", "held"),
    [(DEFAULT, 9, False), (DEFAULT, 10, True), (STRICT, 4, False), (STRICT, 5, True)],
)
@pytest.mark.parametrize("bulk", [True, False])
def test_addresses_that_a_mail_shows_hold_it_whatever_else_it_has(
    policy: Policy, visible: int, held: bool, bulk: bool
):
    shown = replace(NOTHING, visible=visible)
    assert rules(policy, shown, bulk=bulk) == ({"visible-recipients"} if held else set())


def test_a_gap_weighs_what_the_policy_says():
    logos = replace(NOTHING, gaps={"SMALL_IMAGE": 5})
    assert judge(DEFAULT, logos, bulk=True).decision is Decision.PASS
    assert judge(STRICT, logos, bulk=True).decision is Decision.HOLD
    pictures = replace(NOTHING, gaps={"SMALL_IMAGE": 5, "IMAGE": 2})
    (reason,) = judge(DEFAULT, pictures, bulk=True).reasons
    assert (reason.decision, reason.figure) == (Decision.HOLD, 2)
