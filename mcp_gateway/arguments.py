"""Arguments of a tool call: the base model, and leniency for common slips of clients."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from customermates.kernel.errors import Issue, ValidationFailed
from customermates.kernel.jsonin import parsed_json
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
    if unstorable := list(_unstorable(value, ())):
        raise BadArguments(*unstorable)
    try:
        return model.model_validate(value)
    except ValidationError as error:
        details = error.errors(include_url=False)
        raise BadArguments(*argument_issues.issues(details, schema, value)) from None


def _unstorable(value: Any, path: tuple[str | int, ...]) -> Iterator[Issue]:
    """An issue for each text, names included, that no database keeps or compares."""
    if isinstance(value, str):
        if code := _flaw(value):
            yield Issue(argument_issues.dotted(path), code)
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _unstorable(name, path)
            yield from _unstorable(item, (*path, name))
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from _unstorable(item, (*path, position))


def _flaw(text: str) -> str | None:
    if "\0" in text:
        return "nul_character"
    # Half of a surrogate pair: JSON can spell it, UTF-8 cannot.
    is_broken = not text.isascii() and any("\ud800" <= c <= "\udfff" for c in text)
    return "lone_surrogate" if is_broken else None


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
        found = parsed_json(text.encode())
    except ValueError:
        return text
    fits = (isinstance(found, dict) and "object" in wanted) or (isinstance(found, list) and "array" in wanted)
    return found if fits else text
