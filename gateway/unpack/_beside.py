"""What stands in places of a document that no table of ours names: attributes, settings, strings of objects.

In: values. Out: those that say something, where some of them say how to reach somebody. Fails: never.

Formats grow, and nobody lists every place where text may stand. So what is not known to be shown is sought for telephone
numbers and addresses, and read with all that stands beside them; without any, it is names of fonts and styles.
"""

from __future__ import annotations

from collections.abc import Iterable

import regex

_NUMBER = r"(?<![\w.{-])(?:0[1-9][\d-]{8,11}|[1-9]\d{11}|(?=[\d-]*[1-9])\d{4}(?:-\d{4}){2,3})(?![\w.}-])"
_REACHES = regex.compile(rf"[\w.+-]@[\w-]+\.|{_NUMBER}|\+81[\d-]{{9,12}}")
_TELLS = regex.compile(rf"[\p{{Han}}\p{{Hiragana}}\p{{Katakana}}@]|{_NUMBER}|\+81")


SHORT = 6  # characters: of less no address is made, and no number


def may_tell(value: str) -> bool:
    """Tell a value that says something to people: most are numbers, and words of programs."""
    return not (value.isascii() and len(value) < SHORT) and _TELLS.search(value) is not None


def telling(values: Iterable[str]) -> list[str]:
    """Give the values that say something, each once; none where nobody can be reached by any."""
    said = [value for value in dict.fromkeys(values) if may_tell(value)]
    return said if any(map(_REACHES.search, said)) else []
