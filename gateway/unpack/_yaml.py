"""YAML 1.2 as plain data: objects, lists and what is written, no types.

In: a text. Out: its documents, and its comments. Fails: None where it is no YAML, or none that anybody makes a list of.

Built from the events of libyaml, so that nothing is constructed by a tag, a number keeps its leading zero, and an anchor is
never expanded: an alias stands for a short text that was named, and else for its name.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import regex

MAX_DEPTH = 40
MAX_EVENTS = 3_000_000
MAX_NAMED = 200  # characters of a text that an alias stands for
_SAMPLE = 64 << 10
_LIST = regex.compile(r"(?m)^[ \t]*-[ \t]+(?:\{|[\"']?[^\s:{\[\"'][^:\n]{0,60}:(?:[ \t]|$))")
_DOCUMENT = regex.compile(r"(?m)^---(?:[ \t]|$)")
_NESTED = regex.compile(
    r"(?m)^[ \t]*[^\s:#-][^:\n]{0,60}:[ \t]*(?:\{|\[|\n[ \t]+[^\s:#][^:\n]{0,60}:(?:[ \t]|$))"
)
_IN_BRACES = regex.compile(r"(?m)^[ \t]*(?:-|[^\s:#][^:\n]{0,60}:)[ \t]*(?:\[[ \t\n]*)?\{")
_COMMENT = regex.compile(r"(?m)(?:^|[ \t])#(.*)$")

Object = Callable[[list[tuple[str, Any]]], dict[str, Any]]


def may_be_yaml(text: str) -> bool:
    """Tell whether a text might be a list in YAML: by its braces, or by what such a list must have twice."""
    sample = text[:_SAMPLE]
    return ":" in sample and (
        _IN_BRACES.search(sample) is not None
        or any(
            sum(1 for _, _ in zip(range(2), pattern.finditer(sample), strict=False)) == 2
            for pattern in (_LIST, _DOCUMENT, _NESTED)
        )
    )


def load(text: str, make: Object) -> tuple[list[Any], list[str]] | None:
    """Read the documents, and the comments; `make` makes an object of its keys and values."""
    import yaml  # noqa: PLC0415 - for those only who have some

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    named: dict[str, str] = {}
    open_nodes: list[tuple[bool, list[Any]]] = []  # whether it is an object, and what is in it so far
    documents: list[Any] = []
    try:
        for count, event in enumerate(yaml.parse(text, Loader=loader)):
            if count > MAX_EVENTS:
                return None
            match event:
                case yaml.ScalarEvent():
                    done: Any = event.value
                    if event.anchor and len(done) <= MAX_NAMED:
                        named[event.anchor] = done
                case yaml.AliasEvent():
                    done = named.get(event.anchor, f"*{event.anchor}")
                case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                    if len(open_nodes) >= MAX_DEPTH:
                        return None
                    open_nodes.append((isinstance(event, yaml.MappingStartEvent), []))
                    continue
                case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                    is_object, items = open_nodes.pop()
                    keys = map(str, items[::2])
                    done = make(list(zip(keys, items[1::2], strict=True))) if is_object else items
                case _:
                    continue
            (open_nodes[-1][1] if open_nodes else documents).append(done)
    except (yaml.YAMLError, ValueError):
        return None
    return documents, [said.strip() for said in _COMMENT.findall(text)]
