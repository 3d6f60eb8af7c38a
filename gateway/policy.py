"""Policies: what an exposure means for a send.

In: a TOML file, an exposure. Out: a Policy, a Verdict. Fails: BadConfig with file, key and remedy; a policy that cannot be
read judges nothing, so nothing passes by it.

Every rule is evaluated, the worst decision wins, and every reason keeps the figure that made it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from importlib.resources import files
from pathlib import Path
from string import Formatter
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

import detectors
from gateway.errors import BadConfig
from gateway.model import Decision, Exposure, GapReason, Reason, Verdict
from gateway.remedies import remedy_of, unknown_key

FIGURES = frozenset(field.name for field in fields(Exposure)) - {"items"}
ITEMS = frozenset(detectors.KINDS)
Word = Annotated[str, Field(min_length=1, max_length=100)]
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
    def _is_known(cls, figure: str, info: ValidationInfo) -> str:
        sort, _, kind = figure.partition(".")
        items = ITEMS.union((info.context or {}).get("kinds", ()))
        known = {"item": items, "gap": frozenset(GapReason)}.get(sort, frozenset()) if kind else FIGURES
        if (kind or sort) not in known:
            raise ValueError(
                f"次のいずれかにしてください / no such figure; use one of: {', '.join(sorted(known or FIGURES))}"
            )
        return figure

    @field_validator("ja", "en")
    @classmethod
    def _can_be_filled(cls, text: str) -> str:
        fields = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
        if fields - {"figure", "over"}:
            raise ValueError(
                "文に書ける欄は {figure} と {over} だけです / a text may name {figure} and {over} only"
            )
        try:
            text.format(figure="0", over="0")
        except (KeyError, IndexError) as error:  # a name inside a format specification
            raise ValueError(
                "文に書ける欄は {figure} と {over} だけです / a text may name {figure} and {over} only"
            ) from error
        return text

    @field_validator("decision")
    @classmethod
    def _decides(cls, decision: Decision) -> Decision:
        if decision is Decision.PASS:
            raise ValueError(
                "規則は HOLD か REJECT です。どの規則にも当たらないものは通ります / a rule holds or rejects; what no rule names passes"
            )
        return decision


class Kind(BaseModel):
    """A kind of personal data that an organisation adds: 弊社のポイントカード番号. A rule counts it as item.NAME.

    `pattern` is a regular expression, written in half width, that matches a whole word. With `keywords`, one of them has
    to stand within 100 characters, or in the heading of the column; with `headers` alone it is found in tables only.
    `samples` say what has to be found (⟦…⟧); a line without marks must give nothing.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")
    ja: str = Field(min_length=1)
    en: str = Field(min_length=1)
    pattern: str = Field(min_length=1, max_length=1000)
    keywords: tuple[Word, ...] = ()
    headers: tuple[Word, ...] = ()
    check_digit: str | None = None
    samples: tuple[str, ...] = Field(min_length=1)

    @field_validator("name")
    @classmethod
    def _is_new(cls, name: str) -> str:
        if name in ITEMS:
            raise ValueError(
                "関所にすでにある項目名です。別の名前にしてください / Sekisho has a kind of this name; choose another"
            )
        return name

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, pattern: str) -> str:
        try:
            detectors.own_pattern(pattern)
        except ValueError as error:
            raise ValueError(f"正規表現として読めません / not a regular expression: {error}") from None
        return pattern

    @field_validator("check_digit")
    @classmethod
    def _is_named(cls, name: str | None) -> str | None:
        if name is not None and name not in detectors.CHECK_DIGITS:
            raise ValueError(
                f"次のいずれかにしてください / no such check digit; use one of: {', '.join(detectors.CHECK_DIGITS)}"
            )
        return name

    @property
    def sought(self) -> detectors.OwnKind:
        """What the detectors look for."""
        return detectors.OwnKind(
            kind=self.name,
            pattern=self.pattern,
            keywords=self.keywords,
            headers=self.headers,
            check_digit=self.check_digit,
        )


class Public(BaseModel):
    """What is public of the organisation itself, and nobody's: a signature with these is no list of people.

    `contacts` are telephone numbers, mail and postal addresses; a name beside them is counted only where something else
    reaches who has it. `titles` are those of officers who sign, beside 店長, 校長 and the like.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    contacts: tuple[Annotated[str, Field(min_length=6, max_length=200)], ...] = ()
    titles: tuple[Annotated[str, Field(min_length=2, max_length=40)], ...] = ()


Label = Annotated[str, Field(min_length=2, max_length=40)]
OwnWord = Annotated[str, Field(min_length=1, max_length=40)]


class Words(BaseModel):
    """Words of the organisation itself, added to those that the detectors go by (detectors/data/words.toml).

    `labels` are of a kind: they stand over a column, or before a value in a text. Behind a name stand `honorifics`, which
    name nobody behind a word of `nobody`; a number behind a word of `not_phones` is no person's telephone, and a line that
    begins with a word of `places` tells how to reach a place.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    labels: Mapping[str, tuple[Label, ...]] = Field(default_factory=dict)
    honorifics: tuple[OwnWord, ...] = ()
    nobody: tuple[OwnWord, ...] = ()
    not_phones: tuple[Label, ...] = ()
    places: tuple[Label, ...] = ()

    @field_validator("labels")
    @classmethod
    def _are_of_kinds(cls, labels: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
        if unknown := sorted(labels.keys() - ITEMS):
            raise ValueError(
                f"次のいずれかにしてください / no such kind: {unknown[0]}; use one of: {', '.join(sorted(ITEMS))}"
            )
        return labels


class Policy(BaseModel):
    """A policy as it stands in its file. `monitor` records what the rules say and holds nothing.

    `gap_weights` say what each gap of a reason adds to the figure `gaps`: 1, where nothing is said.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1)
    mode: Literal["enforce", "monitor"]
    ja: str
    en: str
    gap_weights: Mapping[GapReason, Annotated[int, Field(ge=0, strict=True)]] = Field(default_factory=dict)
    public: Public = Public()
    words: Words = Words()
    kind: tuple[Kind, ...] = ()
    rule: tuple[Rule, ...] = Field(min_length=1)

    @field_validator("kind")
    @classmethod
    def _names_differ(cls, kinds: tuple[Kind, ...]) -> tuple[Kind, ...]:
        names = [kind.name for kind in kinds]
        if len(set(names)) < len(names):
            raise ValueError("同じ名前の項目が二つあります / two kinds have the same name")
        return kinds

    @field_validator("rule")
    @classmethod
    def _ids_differ(cls, rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
        ids = [rule.id for rule in rules]
        if len(set(ids)) < len(ids):
            raise ValueError("同じ id の規則が二つあります / two rules have the same id")
        return rules

    @property
    def kind_names(self) -> Mapping[str, Mapping[str, str]]:
        """What the kinds it adds are called, by their name and the language."""
        return {kind.name: {"ja": kind.ja, "en": kind.en} for kind in self.kind}

    @property
    def own_kinds(self) -> tuple[detectors.OwnKind, ...]:
        """What the detectors look for beside their own kinds."""
        return tuple(kind.sought for kind in self.kind)

    @property
    def known_public(self) -> detectors.Public:
        """What the detectors leave out."""
        return detectors.Public(contacts=self.public.contacts, titles=self.public.titles)

    @property
    def own_words(self) -> detectors.OwnWords:
        """What the detectors go by beside their own words."""
        return detectors.OwnWords.of(**self.words.model_dump())


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
        if rule.scope in scopes
        and (figure := figure_of(exposure, rule.figure, policy.gap_weights)) > rule.over
    )
    worst = max((reason.decision for reason in reasons), key=SEVERITY.index, default=Decision.PASS)
    return Verdict(
        policy=policy.name, decision=Decision.PASS if policy.mode == "monitor" else worst, reasons=reasons
    )


def figure_of(exposure: Exposure, name: str, gap_weights: Mapping[GapReason, int]) -> int:
    """Give the figure that a rule names."""
    match name.split(".", 1):
        case ["item", kind]:
            return exposure.items.get(kind, 0)
        case ["gap", reason]:
            return exposure.gaps.get(reason, 0)
        case ["gaps"]:
            return sum(
                gap_weights.get(GapReason(reason), 1) * times for reason, times in exposure.gaps.items()
            )
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
        remedy = f"読めません。UTF-8 のファイルか、次の名前にしてください / cannot be read; give the path of a file in UTF-8, or one of: {', '.join(names)}"
        raise BadConfig(file=name, key="policy.file", remedy=remedy) from error


def parse_policy(text: str, *, file: str) -> Policy:
    """Make a policy of a file's text.

    Raises: BadConfig for its first mistake.
    """
    try:
        values = tomllib.loads(text)
        return Policy.model_validate(values, context={"kinds": _named_kinds(values)})
    except tomllib.TOMLDecodeError as error:
        raise BadConfig(
            file=file, key="-", remedy=f"TOML として読めません / not valid TOML: {error}"
        ) from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = [str(step) for step in first["loc"]]
        remedy = remedy_of(first)
        if first["type"] == "extra_forbidden":
            inner: dict[str, type[BaseModel]] = {"rule": Rule, "kind": Kind, "public": Public, "words": Words}
            known = inner.get(place[0] if len(place) > 1 else "", Policy).model_fields
            remedy = unknown_key(place[-1], list(known))
        raise BadConfig(file=file, key=".".join(place), remedy=remedy) from error


def _named_kinds(values: dict[str, Any]) -> frozenset[str]:
    """Give the names of the kinds that a file adds, so that its rules can count them."""
    kinds = values.get("kind")
    names = (one.get("name") for one in kinds if isinstance(one, dict)) if isinstance(kinds, list) else ()
    return frozenset(name for name in names if isinstance(name, str))


def check_samples(policy: Policy, *, file: str) -> None:
    """See that each kind finds in its samples what is marked there by ⟦…⟧, and nothing else.

    Raises: BadConfig, which names the sample by its number and does not repeat it.
    """
    for number, kind in enumerate(policy.kind):
        marked = 0
        for place, sample in enumerate(kind.samples):
            wanted, text = _unmarked(sample)
            marked += len(wanted)
            try:
                found = [(one.start, one.end) for one in detectors.find_own(text, [kind.sought])]
            except detectors.PatternTimeout:
                raise BadConfig(
                    file=file,
                    key=f"kind.{number}.pattern",
                    remedy=f"時間がかかりすぎます。繰り返しが重ならないようにしてください / it takes too long for samples.{place}; see that no two of its repetitions match the same",
                ) from None
            if found != wanted:
                remedy = f"⟦…⟧ の印と見つかったものが違います / {len(wanted)} marked by ⟦…⟧, {len(found)} found, or not the same; mend pattern, keywords, check_digit or the sample"
                raise BadConfig(file=file, key=f"kind.{number}.samples.{place}", remedy=remedy)
        if not marked and (kind.keywords or not kind.headers):
            remedy = "⟦…⟧ の印がどの例にもありません / no sample marks what must be found; put ⟦…⟧ around it in one"
            raise BadConfig(file=file, key=f"kind.{number}.samples", remedy=remedy)


def _unmarked(sample: str) -> tuple[list[tuple[int, int]], str]:
    """Give a sample without its marks, and where they stood."""
    wanted, text = [], ""
    for place, piece in enumerate(re.split("⟦(.*?)⟧", sample)):
        if place % 2:
            wanted.append((len(text), len(text) + len(piece)))
        text += piece
    return wanted, text
