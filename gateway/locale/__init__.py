"""What people read, in Japanese and in English.

In: a language, a key, values. Out: text. Fails: KeyError for a key that there is not (a test sees to it that there is none).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from gateway.errors import NotAllowed, NotFound, NotNow, SekishoError, Stale, Unusable, WrongState

LANGUAGES = ("ja", "en")


@cache
def catalogue(lang: str) -> Mapping[str, str]:
    """Read a language's texts, keys joined by dots."""
    tables = tomllib.loads(files(__name__).joinpath(f"{lang}.toml").read_text(encoding="utf-8"))
    return {f"{section}.{key}": text for section, texts in tables.items() for key, text in texts.items()}


def text(lang: str, key: str, **values: object) -> str:
    """Give a text, its values filled in."""
    return catalogue(lang)[key].format(**values)


def text_or(lang: str, key: str, default: str) -> str:
    """Give a text, or the default where this word has none (a kind that an organisation added)."""
    return catalogue(lang).get(key, default)


def code_of(error: SekishoError) -> str:
    """Give the key, under `error`, of what an error says to who made it; "" for one that is the program's own."""
    match error:
        case WrongState():
            return "wrong-state"
        case Stale():
            return "stale"
        case NotNow():
            return "not-now"
        case NotAllowed() | Unusable() | NotFound():
            return error.reason
    return ""


def of_error(lang: str, error: SekishoError) -> str:
    """Say what may not be, or is not there."""
    state = text(lang, f"state.{error.state}") if isinstance(error, WrongState) else ""
    return text(lang, f"error.{code_of(error)}", state=state)
