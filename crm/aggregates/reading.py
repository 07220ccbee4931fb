"""Keys and measures of an aggregate, as JSON names them; what is wrong is told all at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from crm.aggregates.keys import BUCKETS, GroupKey, group_key, is_groupable, takes_bucket
from crm.aggregates.measures import COUNT, FUNCTIONS, Measure, is_measurable
from crm.catalog import Catalog, Field
from crm.field_types import Json
from crm.field_types.field_type import Gathered
from crm.filters import unknown_field
from crm.setup import CompanySetup
from customermates.kernel.errors import Issue, ValidationFailed
from customermates.kernel.nearest import nearest

T = TypeVar("T")

KEYS_LIMIT = 2
MEASURES_LIMIT = 10

_COUNTED = {"function": COUNT}


def groupable(catalog: Catalog) -> list[str]:
    """The names of all fields that records can be grouped by."""
    return [field.name for field in catalog.fields.values() if is_groupable(field)]


def measurable(catalog: Catalog) -> list[str]:
    """The names of all fields that hold numbers."""
    return [field.name for field in catalog.fields.values() if is_measurable(field)]


def read_keys(setup: CompanySetup, catalog: Catalog, raw: Json) -> list[GroupKey]:
    """What to group by: up to two of `{field, bucket}`, paths below "groupBy"."""
    example = {"field": groupable(catalog)[0]}

    def read(row: Json, path: str) -> GroupKey:
        _check_names(row, ("field", "bucket"), path, example)
        field = _find(catalog, row, path, groupable(catalog), "not_groupable")
        return group_key(setup, field, _bucket(field, row.get("bucket"), f"{path}.bucket"))

    keys = _each([] if raw is None else raw, "groupBy", KEYS_LIMIT, example, read)
    if len({(key.field, key.bucket) for key in keys}) < len(keys):
        raise ValidationFailed(Issue("groupBy", "same_field_twice"))
    return keys


def read_measures(catalog: Catalog, raw: Json) -> list[Measure]:
    """What to tell of each group: one to ten of `{function, field}`, a count when nothing is said."""

    def read(row: Json, path: str) -> Measure:
        _check_names(row, ("function", "field"), path, _COUNTED)
        function = _choice(row.get("function"), FUNCTIONS, f"{path}.function")
        if function != COUNT:
            return Measure(function, _find(catalog, row, path, measurable(catalog), "not_measurable"))
        if row.get("field") is not None:
            raise ValidationFailed(Issue(f"{path}.field", "count_has_no_field"))
        return Measure(function)

    measures = _each([_COUNTED] if raw is None else raw, "measures", MEASURES_LIMIT, _COUNTED, read)
    if not measures:
        raise ValidationFailed(Issue("measures", "measures_wanted", {"example": [_COUNTED]}))
    return measures


def _bucket(field: Field, raw: Json, path: str) -> str | None:
    if not takes_bucket(field):
        if raw is not None:
            raise ValidationFailed(Issue(path, "no_bucket", {"field": field.name}))
        return None
    if raw is None:
        raise ValidationFailed(Issue(path, "bucket_wanted", {"field": field.name, "allowed": list(BUCKETS)}))
    return _choice(raw, BUCKETS, path)


def _choice(raw: Json, choices: Sequence[str], path: str) -> str:
    if isinstance(raw, str) and raw in choices:
        return raw
    near = nearest(raw, choices) if isinstance(raw, str) else None
    params = {"allowed": list(choices), **({"nearest": near} if near else {})}
    raise ValidationFailed(Issue(path, "unknown_choice", params))


def _each(raw: Json, path: str, limit: int, example: Json, read: Callable[[Json, str], T]) -> list[T]:
    """What `read` makes of each row of a list, or all that is wrong with any of them."""
    if not isinstance(raw, list):
        raise ValidationFailed(Issue(path, "wrong_type", {"expected": "a list", "example": [example]}))
    if len(raw) > limit:
        raise ValidationFailed(Issue(path, "too_many_values", {"limit": limit}))
    gathered = Gathered()
    found = [gathered.read(partial(read, row, f"{path}[{position}]")) for position, row in enumerate(raw)]
    gathered.done()
    return found


def _check_names(row: Json, names: Sequence[str], path: str, example: Json) -> None:
    if not isinstance(row, dict):
        raise ValidationFailed(Issue(path, "wrong_type", {"expected": "an object", "example": example}))
    ValidationFailed.raise_if(
        Issue(
            f"{path}.{name[:80]}",
            "unknown_argument",
            {"allowed": list(names), "nearest": nearest(name, names)},
        )
        for name in row
        if name not in names
    )


def _find(catalog: Catalog, row: dict[str, Json], path: str, allowed: list[str], refusal: str) -> Field:
    """The field that is named, when it is one of those allowed."""
    named = row.get("field")
    found = catalog.find(named) if isinstance(named, str) else None
    if found is None:
        issue = unknown_field(catalog, named, f"{path}.field")
        near = {name: value for name, value in issue.params.items() if name == "nearest" and value in allowed}
        raise ValidationFailed(Issue(issue.field, issue.code, {"allowed": allowed, **near}))
    if found.name not in allowed:
        raise ValidationFailed(Issue(f"{path}.field", refusal, {"field": found.name, "allowed": allowed}))
    return found
