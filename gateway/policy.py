"""Policies: what an exposure means for a send.

In: a TOML file, an exposure. Out: a Policy, a Verdict. Fails: BadConfig with file, key and remedy; a policy that cannot be
read judges nothing, so nothing passes by it.

Every rule is evaluated, the worst decision wins, and every reason keeps the figure that made it.
"""

from __future__ import annotations

import tomllib
from dataclasses import fields
from importlib.resources import files
from pathlib import Path
from string import Formatter
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from gateway.errors import BadConfig
from gateway.model import Decision, Exposure, GapReason, Reason, Verdict

FIGURES = frozenset(field.name for field in fields(Exposure)) - {"items"}
ITEMS = frozenset(  # the kinds of the detectors
    [
        "name",
        "phone",
        "fax",
        "postcode",
        "address",
        "birthdate",
        "age",
        "gender",
        "email_address",
        "member_number",
        "school_grade",
        "relationship",
        "due_date",
        "my_number",
        "corporate_number",
        "credit_card",
        "bank_account",
        "passport",
        "driving_licence",
        "residence_card",
        "health_insurance",
        "pension_number",
        "health_condition",
        "disability",
        "criminal_record",
        "crime_victim",
        "creed",
        "race",
        "social_status",
    ]
)
SEVERITY = (Decision.PASS, Decision.HOLD, Decision.REJECT)


class Rule(BaseModel):
    """One line of a policy: when `figure` is more than `over`, decide so.

    `ja` and `en` are what people read; they may name {figure} and {over}. `scope` asks whether the send is bulk
    ([sends] bulk_at mails or recipients, or more) or single.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    figure: str
    over: int = Field(default=0, ge=0, strict=True)
    scope: Literal["any", "bulk", "single"] = "any"
    decision: Decision
    ja: str
    en: str

    @field_validator("figure")
    @classmethod
    def _is_known(cls, figure: str) -> str:
        sort, _, kind = figure.partition(".")
        known = {"item": ITEMS, "gap": frozenset(GapReason)}.get(sort, frozenset()) if kind else FIGURES
        if (kind or sort) not in known:
            raise ValueError(f"no such figure; use one of: {', '.join(sorted(known or FIGURES))}")
        return figure

    @field_validator("ja", "en")
    @classmethod
    def _can_be_filled(cls, text: str) -> str:
        fields = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
        if fields - {"figure", "over"}:
            raise ValueError("a text may name {figure} and {over} only")
        try:
            text.format(figure="0", over="0")
        except (KeyError, IndexError) as error:  # a name inside a format specification
            raise ValueError("a text may name {figure} and {over} only") from error
        return text

    @field_validator("decision")
    @classmethod
    def _decides(cls, decision: Decision) -> Decision:
        if decision is Decision.PASS:
            raise ValueError("a rule holds or rejects; what no rule names passes")
        return decision


class Policy(BaseModel):
    """A policy as it stands in its file. `monitor` records what the rules say and holds nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1)
    mode: Literal["enforce", "monitor"]
    ja: str
    en: str
    rule: tuple[Rule, ...] = Field(min_length=1)

    @field_validator("rule")
    @classmethod
    def _ids_differ(cls, rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
        ids = [rule.id for rule in rules]
        if len(set(ids)) < len(ids):
            raise ValueError("two rules have the same id")
        return rules


def judge(policy: Policy, exposure: Exposure, *, bulk: bool) -> Verdict:
    """Say what a policy says of a send."""
    scopes = {"any", "bulk" if bulk else "single"}
    reasons = tuple(
        Reason(
            rule=rule.id,
            decision=rule.decision,
            figure=figure,
            limit=rule.over,
            ja=rule.ja.format(figure=f"{figure:,}", over=f"{rule.over:,}"),
            en=rule.en.format(figure=f"{figure:,}", over=f"{rule.over:,}"),
        )
        for rule in policy.rule
        if rule.scope in scopes and (figure := figure_of(exposure, rule.figure)) > rule.over
    )
    worst = max((reason.decision for reason in reasons), key=SEVERITY.index, default=Decision.PASS)
    return Verdict(
        policy=policy.name, decision=Decision.PASS if policy.mode == "monitor" else worst, reasons=reasons
    )


def figure_of(exposure: Exposure, name: str) -> int:
    """Give the figure that a rule names."""
    match name.split(".", 1):
        case ["item", kind]:
            return exposure.items.get(kind, 0)
        case ["gap", reason]:
            return exposure.gaps.get(reason, 0)
        case ["gaps"]:
            return sum(exposure.gaps.values())
        case ["sensitive"]:
            return len(exposure.sensitive)
        case _:
            return int(getattr(exposure, name))


def load_policy(name: str) -> Policy:
    """Give a policy: one that comes with Sekisho by its name, any other by its path.

    Raises: BadConfig.
    """
    return parse_policy(read_policy(name), file=name)


def read_policy(name: str) -> str:
    """Read a policy's file.

    Raises: BadConfig.
    """
    shipped = files("policies")
    names = sorted(
        entry.name.removesuffix(".toml") for entry in shipped.iterdir() if entry.name.endswith(".toml")
    )
    source = shipped.joinpath(f"{name}.toml") if name in names else Path(name)
    try:
        return source.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:  # ValueError: not UTF-8, or a name that no file can have
        remedy = f"cannot be read; give the path of a file in UTF-8, or one of: {', '.join(names)}"
        raise BadConfig(file=name, key="policy.file", remedy=remedy) from error


def parse_policy(text: str, *, file: str) -> Policy:
    """Make a policy of a file's text.

    Raises: BadConfig for its first mistake.
    """
    try:
        return Policy.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise BadConfig(file=file, key="-", remedy=f"not valid TOML: {error}") from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = [str(step) for step in first["loc"]]
        remedy = first["msg"].removeprefix("Value error, ")
        if first["type"] == "extra_forbidden":
            known = (Rule if len(place) > 1 else Policy).model_fields
            remedy = f"unknown key; remove it or use one of: {', '.join(known)}"
        raise BadConfig(file=file, key=".".join(place), remedy=remedy) from error
