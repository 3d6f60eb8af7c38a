"""What a header says of the body below it, in every reading.

In: a header. Out: an Entity. Fails: never.

RFC 2045 (type, transfer encoding), RFC 2183 (disposition), RFC 2231 (parameters). Mails of one send say the same of their
parts thousands of times: what the same fields say is remembered.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from gateway.unpack._headers import Headers, Value, decode_field, parse_value
from gateway.unpack._source import label

MAX_READINGS = 4  # of one header
_REMEMBERED = 512  # headers

Fields = tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """A body as its header describes it; what two readers could take from it, in the order of the header.

    `types` and `transfer_encodings` are one each if all is as it should be. Not `agreed` is a header that says two things.
    """

    types: tuple[Value, ...]
    transfer_encodings: tuple[str, ...]
    names: tuple[str, ...]
    is_attachment: bool
    agreed: bool


def describe(headers: Headers, default: str) -> Entity:
    """Read the fields that describe a body; `default` is its type where none is given."""
    fields = tuple(field for field in headers.fields if field[0].startswith("content-"))
    return _described(fields, default)


@lru_cache(_REMEMBERED)
def _described(fields: Fields, default: str) -> Entity:
    types = _types(fields, default)
    encodings = tuple(
        dict.fromkeys(
            parse_value(value).token.strip('"')
            for value in _all(fields, "content-transfer-encoding") or ["7bit"]
        )
    )
    dispositions = [parse_value(value) for value in _all(fields, "content-disposition")[:MAX_READINGS]]
    file_names = [name for value in dispositions for name in value.every("filename")]
    names = file_names + [name for value in types for name in value.every("name")]
    return Entity(
        types=types,
        transfer_encodings=encodings,
        names=tuple(dict.fromkeys(label(name) for name in names if name)),
        is_attachment="attachment" in [value.token for value in dispositions[:1]],
        agreed=(
            len({(value.token, *value.parameters.items()) for value in types}) == 1
            and not any(value.doubtful for value in types)
            and len(encodings) == 1
            and len(set(file_names)) <= 1
        ),
    )


def _types(fields: Fields, default: str) -> tuple[Value, ...]:
    given = list(dict.fromkeys(_all(fields, "content-type"))) or [default]
    return tuple(parse_value(value) for value in given[:MAX_READINGS])


def _all(fields: Fields, name: str) -> list[str]:
    return [decode_field(value) for key, value in fields if key == name]
