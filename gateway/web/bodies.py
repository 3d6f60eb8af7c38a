"""What a request to the API says in JSON; the description of the API is made of the same.

In: a request. Out: one of these. Fails: HTTPException 422 for what is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, TypeVar

from pydantic import Field, TypeAdapter, ValidationError, WithJsonSchema
from starlette.exceptions import HTTPException
from starlette.requests import Request

from gateway.model import Choice

Said = TypeVar("Said")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a reviewer decides, and of what he saw."""

    decision: Annotated[
        Choice, WithJsonSchema({"enum": list(Choice)})
    ]  # no reference: the description is one document
    seen: Annotated[str, Field(description="the digest that GET sends/{id} gave")]
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reveal:
    """What to show as it is."""

    part: Annotated[str, Field(description="the id of a part that GET sends/{id} gave")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlocking:
    """What to try on what is locked."""

    password: Annotated[str, Field(description="for what is locked; 422 if it opens nothing")]


DECISION, REVEAL, UNLOCKING = TypeAdapter(Decision), TypeAdapter(Reveal), TypeAdapter(Unlocking)


async def said(request: Request, form: TypeAdapter[Said]) -> Said:
    """Read what a request says. Raises: HTTPException."""
    try:
        return form.validate_json(await request.body())
    except ValidationError:
        raise HTTPException(422) from None  # the error would name what was said
