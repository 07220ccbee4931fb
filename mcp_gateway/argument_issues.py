"""Pydantic's errors as issues: the caller's own paths, allowed values, nearest names, examples."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from pydantic_core import ErrorDetails

from customermates.kernel import sentences
from customermates.kernel.errors import Issue
from customermates.kernel.nearest import nearest
from mcp_gateway.schema import kinds, options, property_names, schema_at

_PYTHON: Final[Mapping[str, type]] = {"string": str, "object": dict}
_BRIEF: Final = 200  # characters of a value that an example repeats
_SHOWN: Final = 80  # characters of a name that an issue repeats

Step = str | int

sentences.register(
    {
        "argument_choice": _("This is not one of the allowed values."),
        "argument_count": _("This has %(actual)s items, at most %(limit)s are allowed."),
        "argument_count_min": _("This has %(actual)s items, at least %(limit)s are needed."),
        "argument_length": _("This text is too long, the limit is %(limit)s characters."),
        "argument_length_min": _("This text is too short, at least %(limit)s characters are needed."),
        "argument_range": _("This must be %(bound)s %(limit)s."),
        "argument_pattern": _("This text does not have the form %(pattern)s."),
        "argument_value": _("%(problem)s."),
    }
)

_EXPECTED: Final[Mapping[str, str]] = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
}
_BOUNDS: Final[Mapping[str, tuple[str, str]]] = {
    "greater_than": ("more than", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than": ("less than", "lt"),
    "less_than_equal": ("at most", "le"),
}
_LENGTHS: Final[Mapping[str, tuple[str, str, str]]] = {
    "too_long": ("argument_count", "limit", "max_length"),
    "too_short": ("argument_count_min", "limit", "min_length"),
    "string_too_long": ("argument_length", "limit", "max_length"),
    "string_too_short": ("argument_length_min", "limit", "min_length"),
    "string_pattern_mismatch": ("argument_pattern", "pattern", "pattern"),
}


def issues(details: Sequence[ErrorDetails], schema: Mapping[str, Any], value: Any) -> list[Issue]:
    """One issue per fault; of a union only the alternative that came closest speaks."""
    told: dict[tuple[str, str], Issue] = {}
    for detail in _closest_alternatives(details, value):
        issue = _issue(detail, _path(detail["loc"], value)[0], schema)
        told.setdefault((issue.field, issue.code), issue)
    return list(told.values())


def dotted(path: Sequence[Step]) -> str:
    """`("contacts", 3, "firstName")` as `contacts[3].firstName`."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step[:_SHOWN]}" for step in path)
    return "".join(steps).removeprefix(".")


def _path(loc: Sequence[Step], value: Any) -> tuple[list[Step], int | None]:
    """`loc` without pydantic's names of union alternatives, and the index of the first of those."""
    path: list[Step] = []
    first_name: int | None = None
    node = value
    for index, step in enumerate(loc):
        if _leads_on(node, step):
            node = node[step]
        elif not (isinstance(node, dict) and index == len(loc) - 1):  # a missing key ends a path
            first_name = index if first_name is None else first_name
            continue
        path.append(step)
    return path, first_name


def _leads_on(node: Any, step: Step) -> bool:
    if isinstance(node, dict):
        return step in node
    return isinstance(node, list) and isinstance(step, int) and step < len(node)


def _closest_alternatives(details: Sequence[ErrorDetails], value: Any) -> list[ErrorDetails]:
    kept: list[ErrorDetails] = []
    unions: dict[tuple[Step, ...], dict[Step, list[ErrorDetails]]] = {}
    for detail in details:
        _, index = _path(detail["loc"], value)
        if index is None:
            kept.append(detail)
        else:
            loc = detail["loc"]
            unions.setdefault(loc[:index], {}).setdefault(loc[index], []).append(detail)
    for alternatives in unions.values():
        kept += min(alternatives.values(), key=_distance)
    return kept


def _distance(details: Iterable[ErrorDetails]) -> tuple[bool, int]:
    kinds_of_fault = [detail["type"] for detail in details]
    of_another_kind = len(kinds_of_fault) == 1 and kinds_of_fault[0].endswith("_type")
    return of_another_kind, len(kinds_of_fault)


def _issue(detail: ErrorDetails, path: list[Step], schema: Mapping[str, Any]) -> Issue:
    part = schema_at(schema, path)
    allowed: list[Any]
    if detail["type"] == "extra_forbidden":
        allowed = property_names(schema_at(schema, path[:-1]))
        code, params = "unknown_argument", _choice(str(path[-1]), allowed)
    elif detail["type"] == "missing":
        code, params = "required", {"allowed": options(part)}
    elif allowed := options(part):
        code, params = "argument_choice", _choice(detail["input"], allowed)
    else:
        code, params = _limit(detail) or _wrong_type(detail, part) or _other(detail)
    if detail["type"] != "extra_forbidden":
        if detail["input"] is None and _is_optional(path, schema):
            params["hint"] = "Leave the argument out instead of sending null."
        params.setdefault("example", next(iter(part.get("examples", ())), None))
    row = next((step for step in path if isinstance(step, int)), 0)
    return Issue(dotted(path), code, params, row)


def _choice(given: object, allowed: list[Any]) -> dict[str, object]:
    near = nearest(given, map(str, allowed)) if isinstance(given, str) else None
    return {"allowed": allowed, "nearest": near}


def _limit(detail: ErrorDetails) -> tuple[str, dict[str, object]] | None:
    context = detail.get("ctx", {})
    if bound := _BOUNDS.get(detail["type"]):
        words, key = bound
        return "argument_range", {"bound": words, "limit": context[key]}
    if length := _LENGTHS.get(detail["type"]):
        code, param, key = length
        return code, {param: context[key], "actual": context.get("actual_length", "")}
    return None


def _wrong_type(detail: ErrorDetails, part: Mapping[str, Any]) -> tuple[str, dict[str, object]] | None:
    if not detail["type"].endswith(("_type", "_parsing", "_from_float")):
        return None
    wanted = sorted(kinds(part) - {"null"})
    expected = " or ".join(_EXPECTED.get(kind, kind) for kind in wanted)
    if part.get("format") == "uuid":
        expected = "an id (UUID)"
    params: dict[str, object] = {"expected": expected or "of another type"}
    if _is_bare_item(detail["input"], part):
        params["example"] = [detail["input"]]
    elif isinstance(detail["input"], str) and {"array", "object"} & set(wanted):
        params["hint"] = "The text that was sent is not valid JSON of this kind; send the JSON value itself."
    return "wrong_type", params


def _is_bare_item(value: Any, part: Mapping[str, Any]) -> bool:
    """Whether `value` would do as the one item of the list that is wanted."""
    kind = next((name for name, python in _PYTHON.items() if isinstance(value, python)), None)
    items: Mapping[str, Any] = part.get("items", {})
    return kind in kinds(items) and len(str(value)) <= _BRIEF


def _other(detail: ErrorDetails) -> tuple[str, dict[str, object]]:
    return "argument_value", {"problem": detail["msg"].removeprefix("Value error, ").rstrip(".")}


def _is_optional(path: list[Step], schema: Mapping[str, Any]) -> bool:
    return bool(path) and path[-1] not in schema_at(schema, path[:-1]).get("required", ())
