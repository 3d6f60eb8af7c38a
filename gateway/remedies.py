"""What to do about a value that a settings or policy file may not hold, in Japanese and in English.

In: an error of pydantic. Out: a line. Fails: never. No line repeats the value: it may be a password in the wrong place.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from pydantic_core import ErrorDetails

REMEDIES = {
    "missing": "この項目が必要です / the key is required",
    "bool_type": "true か false にしてください / give true or false",
    "bool_parsing": "true か false にしてください / give true or false",
    "int_type": "整数にしてください(例: 25) / give a valid integer, as 25",
    "int_parsing": "整数にしてください(例: 25) / give a valid integer, as 25",
    "int_from_float": "整数にしてください(例: 25) / give a valid integer, as 25",
    "float_type": "数にしてください(例: 60) / give a number, as 60",
    "float_parsing": "数にしてください(例: 60) / give a number, as 60",
    "finite_number": "有限の数にしてください(例: 72) / give a finite number, as 72",
    "string_type": '"…" で囲んだ文字列にしてください / give a text in quotes, as "…"',
    "string_too_short": "空にできません / it cannot be empty",
    "path_type": '"…" で囲んだパスにしてください / give a path in quotes, as "/etc/sekisho/…"',
    "tuple_type": '並びにしてください(例: ["…", "…"]) / give a valid list, as ["…", "…"]',
    "list_type": '並びにしてください(例: ["…", "…"]) / give a valid list, as ["…", "…"]',
    "ip_any_network": 'ネットワークにしてください(例: "10.20.0.0/16") / give a network, as "10.20.0.0/16"',
    "greater_than": "{gt:g} より大きくしてください / give more than {gt:g}",
    "greater_than_equal": "{ge:g} 以上にしてください / give {ge:g} or more (greater than or equal to {ge:g})",
    "less_than": "{lt:g} より小さくしてください / give less than {lt:g}",
    "less_than_equal": "{le:g} 以下にしてください / give {le:g} or less",
    "too_short": "{min_length} 個以上を並べてください / give {min_length} or more",
    "literal_error": "次のいずれかにしてください / give one of: {expected}",
}
SECTION = "節にしてください(例: [{name}] の下に key = value) / give a section, a valid dictionary: key = value below [{name}]"
TABLES = (
    "[{name}] ではなく [[{name}]] と二重に囲んでください / write [[{name}]], in double brackets, not [{name}]"
)


def remedy_of(error: ErrorDetails) -> str:
    """Give the line for an error; our own errors, and rare ones of pydantic, have theirs already."""
    kind, name = error["type"], str(error["loc"][-1]) if error["loc"] else ""
    if kind in {"model_type", "model_attributes_type", "dict_type"}:
        return SECTION.format(name=name)
    if kind in {"tuple_type", "list_type"} and name == "client":
        return TABLES.format(name=name)
    if kind in REMEDIES:
        return REMEDIES[kind].format(**error.get("ctx", {}))
    return error["msg"].removeprefix("Value error, ")


def unknown_key(key: str, known: Sequence[str]) -> str:
    """Give the line for a key that is not one, with the nearest first."""
    near = get_close_matches(key, known, n=1)
    ordered = [*near, *(name for name in known if name not in near)]
    return f"知らない項目です。消すか、次のいずれかにしてください / unknown key; remove it or use one of: {', '.join(ordered)}"


def not_to_be_had(address: str) -> str:
    """Give the line for an address that cannot be listened on."""
    return f"{address} では待ち受けできません(使用中か、この機械にないか、権限がありません) / {address} cannot be listened on: it is in use, not of this machine, or not permitted"
