"""Kinds that a policy adds: their samples, and the rules that count them."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.errors import BadConfig
from gateway.policy import Policy, check_samples, parse_policy

CARD = """
name = "ours"
mode = "enforce"
ja = "弊社"
en = "Ours"

[[kind]]
name = "point_card"
ja = "ポイントカード番号"
en = "Point card number"
pattern = '[A-Z]{2}-?[0-9]{8}'
keywords = ["ポイントカード"]
check_digit = "luhn"
samples = ["ポイントカード ⟦AB-12345674⟧", "注文 AB-12345674", "ポイントカード AB-12345678"]

[[rule]]
id = "cards"
figure = "item.point_card"
over = 2
decision = "HOLD"
ja = "{figure} 件"
en = "{figure} cards"
"""


def policy(old: str = "", new: str = "") -> Policy:
    assert old in CARD
    return parse_policy(CARD.replace(old, new), file="ours.toml")


def test_a_rule_may_count_a_kind_of_the_same_file():
    ours = policy()
    assert [kind.kind for kind in ours.own_kinds] == ["point_card"]
    check_samples(ours, file="ours.toml")


def test_a_rule_may_not_count_a_kind_that_is_not_there():
    with pytest.raises(BadConfig) as caught:
        policy('"item.point_card"', '"item.point_cart"')
    assert caught.value.key == "rule.0.figure"
    assert "point_card" in caught.value.remedy


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("⟦AB-12345674⟧", "AB-12345674", "kind.0.samples.0"),
        ("注文 AB-12345674", "注文 ⟦AB-12345674⟧", "kind.0.samples.1"),
        ("ード AB-12345678", "ード ⟦AB-12345678⟧", "kind.0.samples.2"),
        ('"ポイントカード ⟦AB-12345674⟧", ', "", "kind.0.samples"),
        ("⟦AB-12345674⟧", "AB-⟦12345674⟧", "kind.0.samples.0"),
    ],
)
def test_a_sample_that_fails_is_named_and_not_repeated(old: str, new: str, key: str):
    with pytest.raises(BadConfig) as caught:
        check_samples(policy(old, new), file="ours.toml")
    assert (caught.value.file, caught.value.key) == ("ours.toml", key)
    assert caught.value.remedy
    assert "1234567" not in str(caught.value)


def test_a_pattern_that_does_not_end_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("detectors._own.SECONDS", 0.2)
    endless = policy("[A-Z]{2}-?[0-9]{8}", "(?:x|xx)+y").model_copy()
    slow = endless.kind[0].model_copy(update={"samples": ("ポイントカード " + "x" * 60,)})
    with pytest.raises(BadConfig) as caught:
        check_samples(endless.model_copy(update={"kind": (slow,)}), file="ours.toml")
    assert caught.value.key == "kind.0.pattern"


def test_the_example_in_the_default_policy_works():
    text = (Path(__file__).parents[2] / "policies" / "default.toml").read_text(encoding="utf-8")
    example = "".join(line[2:] for line in text.splitlines(keepends=True) if line.startswith("#:"))
    ours = parse_policy(text + example, file="default")
    assert ours.kind
    assert ours.known_public.contacts and ours.known_public.titles
    assert any(rule.figure == f"item.{ours.kind[0].name}" for rule in ours.rule)
    check_samples(ours, file="default")


@pytest.mark.parametrize(
    ("line", "key"),
    [('contacts = ["03-1"]', "public.contacts.0"), ('names = ["山田太郎"]', "public.names")],
    ids=["too short to be one", "no name is public"],
)
def test_what_is_no_public_contact_is_refused(line: str, key: str):
    text = (Path(__file__).parents[2] / "policies" / "default.toml").read_text(encoding="utf-8")
    with pytest.raises(BadConfig) as caught:
        parse_policy(f"{text}\n[public]\n{line}\n", file="ours.toml")
    assert caught.value.key == key
