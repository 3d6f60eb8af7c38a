"""What people read, in Japanese and in English.

In: a language, a key, values. Out: text. Fails: KeyError for a key that there is not (a test sees to it that there is none).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

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
