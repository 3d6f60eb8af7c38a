"""Judge whether a table is about people, and say why.

In: typed columns. Out: yes or no, with the reason. Fails: never.

A list of shops has phones and addresses as a list of customers has; what tells them apart is what the rows are. So
the table is judged, not the match (個人情報データベース等, 個人情報保護法 16条1項).
"""

from __future__ import annotations

from collections.abc import Sequence

import regex

from detectors import (
    _name_heading,
    _naming,
    address,
    age,
    bank_account,
    birthdate,
    crime_victim,
    criminal_record,
    disability,
    due_date,
    email_address,
    gender,
    health_condition,
    member_number,
    name,
    phone,
    postcode,
    relationship,
    school_grade,
)
from detectors._cell import named_cell
from detectors._column import ENOUGH, Column, share_of
from detectors._entity import (
    is_entity,
    names_affiliation,
    names_goods,
    names_officer,
    names_staff,
    names_subject,
)
from detectors._records import CODES, identifying

_OF_A_PERSON = frozenset((birthdate.kind, gender.kind, age.kind, school_grade.kind))
_BESIDE_A_NAME = _OF_A_PERSON | {
    *CODES,
    bank_account.kind,
    relationship.kind,
    due_date.kind,
    health_condition.kind,
    disability.kind,
    criminal_record.kind,
    crime_victim.kind,
    email_address.kind,
    phone.kind,
    address.kind,
    postcode.kind,
    member_number.kind,
}


def judge(columns: Sequence[Column]) -> tuple[bool, str]:
    """Tell whether the rows are people."""
    kinds = {each.kind for each in columns if each.kind}
    traits = kinds & _OF_A_PERSON
    named = [each for each in columns if each.kind == name.kind and each.part in ("full", "family")]
    things = _things(columns)
    subjects = [each for each in named if not _looks_after(each)]
    if subjects:
        return _judge_named(columns, subjects, kinds, traits, things)
    if named and things and not traits:
        return (
            False,
            "rows are shops, companies or goods; the few names beside them are of those who look after them",
        )
    if things and not traits:
        return False, "rows are shops, companies or goods, and name nobody"
    if codes := identifying(columns):
        return True, f"numbers that each identify one person ({_listed({each.kind or '' for each in codes})})"
    if email_address.kind in kinds:
        return _judge_mail(columns, things, traits)
    if phone.kind in kinds:
        return _judge_phones(columns, kinds, traits)
    if member_number.kind in kinds and (birthdate.kind in kinds or _has_houses(columns)):
        return True, f"member numbers beside {_listed(kinds - {member_number.kind})}"
    if len(traits) > 1 or (traits and address.kind in kinds):
        return False, f"attributes of people ({_listed(traits)}), but nothing that says who they are"
    return False, "no column identifies a person"


def _judge_named(
    columns: Sequence[Column],
    named: Sequence[Column],
    kinds: set[str],
    traits: set[str],
    things: Sequence[Column],
) -> tuple[bool, str]:
    beside = (kinds & _BESIDE_A_NAME) - {name.kind}
    reachable = (
        traits
        | (kinds & {member_number.kind, *CODES})
        | ({email_address.kind} if _personal_mail(columns) else set())
    )
    if things and not reachable:
        if all(names_officer(each.label) for each in named):
            return False, "rows are shops, companies or goods; the names are of those who head or made them"
        if all(not each.label for each in columns) and kinds & {address.kind, postcode.kind}:
            return False, "rows are shops or companies; the names beside them are of those who head them"
        if any(names_goods(each.label) for each in things) and not beside:
            return False, "rows are goods or works"
    if beside:
        return True, f"names beside {_listed(beside)}"
    best = max(named, key=lambda each: each.confidence)
    headless = all(not each.label for each in columns)
    parts = {each.part for each in columns if each.kind == name.kind}
    split = headless and {"family", "given"} <= parts and not things
    if _are_numbered(named):
        return True, "a list of names"
    if (
        split
        or any(_name_heading.is_explicit(each.label) for each in named)
        or _is_list_of_names(columns, best, things)
    ):
        if any(names_officer(each.label) for each in named):
            return False, "names of officers, makers or authors, and nothing else of them"
        return True, "a list of names"
    return False, "names, and nothing beside them that tells of a person"


def _are_numbered(named: Sequence[Column]) -> bool:
    """Tell whether the rows list those who are named: 選手1, 選手2, whatever school or team they are of."""
    stems = [
        _NUMBER.sub("", each.label)
        for each in named
        if _NUMBER.search(each.label)
        and not (names_staff(each.label) or names_officer(each.label) or each.is_of_few_words())
    ]
    return len(stems) > len(set(stems))


_NUMBER = regex.compile(r"\d{1,2}")


def _looks_after(each: Column) -> bool:
    """Tell whether a column names who looks after the rows: the same few again and again, or surnames that come again."""
    if not names_staff(each.label):
        return False
    if each.is_of_few_words():
        return True
    bare = share_of(each.sample(), lambda value: _naming.is_surname(value) and " " not in value)
    return bare >= ENOUGH and each.distinctness() < _MOSTLY_ONCE


_MOSTLY_ONCE = 0.7


def _is_list_of_names(columns: Sequence[Column], best: Column, things: Sequence[Column]) -> bool:
    """Tell whether the rows are those who are named, though the heading may mean others: a 担当者 belongs to a task."""
    is_party = (
        _name_heading.is_role(best.label) and not names_officer(best.label) and not names_staff(best.label)
    )
    headless = all(not each.label for each in columns)
    if headless and best.share >= 0.8 and _beside_figures_alone(columns):
        return True  # who came and went, day by day
    # Companies stand among those who donate.
    if best.part != "full" or best.share < (0.5 if is_party else 0.8) or best.distinctness() < 0.8:
        return False
    if any(each.kind is None and (names_goods(each.label) or names_subject(each.label)) for each in columns):
        return False
    read = {each.kana for each in columns if each.kind == name.kind and each.part == "full"}
    if _name_heading.is_of_the_row(best.label) or len(read) > 1:
        return True  # beside the district or the prefecture that each is of
    if is_party:
        return not things
    return not things and (len(columns) <= 3 or headless)


def _beside_figures_alone(columns: Sequence[Column]) -> bool:
    """Tell whether nothing but dates, times and numbers stands beside the names."""
    others = [each for each in columns if each.kind is None and each.filled]
    return bool(others) and all(
        share_of(each.sample(), lambda value: not any(map(str.isalpha, value))) >= _NEARLY_EACH
        for each in others
    )


def _judge_mail(columns: Sequence[Column], things: Sequence[Column], traits: set[str]) -> tuple[bool, str]:
    if things and not traits:
        return False, "rows are shops or companies, and the mail addresses are theirs"
    if not _personal_mail(columns):
        return False, "the mail addresses belong to functions"
    return True, "mail addresses of people"


def _judge_phones(columns: Sequence[Column], kinds: set[str], traits: set[str]) -> tuple[bool, str]:
    if birthdate.kind in traits or len(traits) > 1:
        return True, f"telephone numbers beside {_listed(traits)}"
    if any(each.masked for each in columns):
        return False, "names are masked, and a telephone number alone names nobody"
    mobile = _mobile_share(columns)
    if mobile >= ENOUGH and (kinds & _BESIDE_A_NAME) - {phone.kind}:
        return True, f"mobile numbers beside {_listed((kinds & _BESIDE_A_NAME) - {phone.kind})}"
    if mobile >= ENOUGH and (len(columns) <= 2 or _each_once(columns)):
        return True, "a list of mobile numbers"
    return False, "telephone numbers, and nobody they belong to"


def _each_once(columns: Sequence[Column]) -> bool:
    """Tell whether nearly every row has a telephone number of its own."""
    return any(each.kind == phone.kind and each.distinctness() >= _NEARLY_EACH for each in columns)


_NEARLY_EACH = 0.9


def _listed(kinds: set[str]) -> str:
    return ", ".join(sorted(kinds))


def _things(columns: Sequence[Column]) -> list[Column]:
    """Give the columns that say that the rows are shops, companies or goods."""
    said = [each for each in columns if each.kind is None and each.label and names_subject(each.label)]
    if said:
        return (
            said
            if not all(names_affiliation(each.label) and each.distinctness() < 0.5 for each in said)
            else []
        )
    return [
        each
        for each in columns
        if each.kind is None
        and not each.masked
        and each.distinctness() >= 0.5
        and share_of(each.sample(), is_entity) >= ENOUGH
    ]


def _personal_mail(columns: Sequence[Column]) -> bool:
    """Tell whether most addresses of a mail column are of people."""
    return any(
        each.kind == email_address.kind
        and share_of(list(each.normal.values())[:200], email_address.is_role) < 0.5
        for each in columns
    )


def _has_houses(columns: Sequence[Column]) -> bool:
    """Tell whether addresses go down to the house: 都道府県 and 市町村 of who answered are attributes."""
    return any(
        each.kind == address.kind and share_of(list(each.normal.values())[:200], address.is_house) >= ENOUGH
        for each in columns
    )


def _mobile_share(columns: Sequence[Column]) -> float:
    return max(
        share_of(list(each.normal.values())[:200], phone.is_mobile)
        for each in columns
        if each.kind == phone.kind
    )


_FOREIGN = regex.compile(
    r"fax|ファ[ック]+ス|jan|isbn|商品|製品|品名|品番|型番|メーカー|ブランド|店名|店舗名|施設名|会社名|企業名|法人名|brand|maker|manufacturer|product|shop|store|公印"
    r"|住所カナ|住所フリガナ|addresskana"
)
_NOTHING = regex.compile(r"^(?:unnamed\d*(?:level\d+)?|(?:col|column|列|項目|f|v|c|field)?\d*|[a-z])$")


def is_foreign(label: str) -> bool:
    """Tell whether a heading denies what its cells look like."""
    return bool(label) and _FOREIGN.search(label) is not None


def says_nothing(label: str) -> bool:
    """Tell whether a heading is a mere place holder."""
    return _NOTHING.fullmatch(label) is not None


def name_by_neighbours(each: Column, kinds: set[str | None]) -> None:
    """Take a column headed 名前 for names though no list knows them, when phones or mail addresses stand beside."""
    if not kinds & {phone.kind, email_address.kind, birthdate.kind} or names_subject(each.label):
        return
    values = each.sample()
    share = share_of(values, named_cell)
    if share >= 0.8 and share_of(values, is_entity) < 0.1:
        each.part, each.kana = _name_heading.role(each.label)
        each.settle(name.kind, share, 0.6)
