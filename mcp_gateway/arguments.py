"""Arguments of a tool call: the base model, and leniency for common slips of clients."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel
from rapidfuzz import fuzz, process

from customermates.kernel.errors import ValidationFailed
from mcp_gateway import argument_issues
from mcp_gateway.schema import kinds, schema_at


class Arguments(BaseModel):
    """Arguments of a tool: camelCase outside, snake_case inside; a misspelled one fails loudly."""

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel, frozen=True)


class BadArguments(ValidationFailed):
    """The arguments do not fit; the issues carry paths from the top of the call."""


def parsed(model: type[Arguments], schema: Mapping[str, Any], raw: Mapping[str, Any]) -> Arguments:
    """`raw` as a `model`; BadArguments with every issue when it does not fit `schema`."""
    value = unwrapped(dict(raw), schema)
    try:
        return model.model_validate(value)
    except ValidationError as error:
        details = error.errors(include_url=False)
        raise BadArguments(*argument_issues.issues(details, schema, value, nearest)) from None


_NEAR_ENOUGH = 60  # rapidfuzz WRatio; below it a suggestion misleads more often than it helps


def nearest(word: str, choices: Iterable[str]) -> str | None:
    """The choice that a caller who wrote `word` most likely meant, or None."""
    found = process.extractOne(
        word, list(choices), scorer=fuzz.WRatio, processor=str.casefold, score_cutoff=_NEAR_ENOUGH
    )
    return found[0] if found else None


def unwrapped(value: Any, schema: Mapping[str, Any]) -> Any:
    """`value` with JSON texts parsed where `schema` wants an object or a list and no text."""
    wanted = kinds(schema)
    if isinstance(value, str) and wanted & {"array", "object"} and "string" not in wanted:
        value = _json_or_text(value, wanted)
    if isinstance(value, dict):
        return {key: unwrapped(item, schema_at(schema, (key,))) for key, item in value.items()}
    if isinstance(value, list) and (items := schema_at(schema, (0,))):
        return [unwrapped(item, items) for item in value]
    return value


def _json_or_text(text: str, wanted: frozenset[str]) -> Any:
    try:
        found = orjson.loads(text)
    except ValueError:
        return text
    fits = (isinstance(found, dict) and "object" in wanted) or (isinstance(found, list) and "array" in wanted)
    return found if fits else text
