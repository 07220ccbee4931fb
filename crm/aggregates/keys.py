"""By what records can be grouped: choices, people, yes or no, texts, links, and dates in buckets."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import DateField, DateTimeField, F, Func, TextField, Value
from django.db.models.functions import Cast, Trunc

from crm.catalog import Field, LinkIndex
from crm.entities import ENTITIES
from crm.field_types import BooleanType, DateTimeType, DateType, Json, PlainType
from crm.field_types.choices import ChoiceType, UserType
from crm.field_types.stages import PipelineType, StageType
from crm.operators import ValueIndex
from crm.setup import CompanySetup

BUCKETS = ("day", "week", "month", "quarter", "year")
_DATED = (DateType, DateTimeType)
_LISTED = (ChoiceType, UserType, BooleanType, PlainType)


class Shown(NamedTuple):
    """A group's value as answers tell it."""

    value: Json  # as filter rules take it
    label: str
    rank: Any = None  # its place among the others, for values that have an order of their own


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupKey:
    """One thing that records are grouped by; the values that the database finds are told by `show`."""

    field: str
    bucket: str | None = None
    value: Any = None  # an expression over the record's own row
    pairs: Any = None  # instead of it: (source, target) rows, any number for one record
    spelling: Any = None  # an expression for the texts of which `value` is the folded form
    show: Callable[[Collection[Any]], Mapping[Any, Shown]]


def is_groupable(field: Field) -> bool:
    """Whether records can be grouped by this field."""
    return bool(field.relation) or (field.index is not None and isinstance(field.type, (*_LISTED, *_DATED)))


def takes_bucket(field: Field) -> bool:
    """Whether groups by this field are spans of time."""
    return isinstance(field.type, _DATED)


def group_key(setup: CompanySetup, field: Field, bucket: str | None) -> GroupKey:
    """How to group by `field`, which `is_groupable`; a bucket comes with what `takes_bucket` alone."""
    if isinstance(field.index, LinkIndex):
        return _linked(setup, field, field.index)
    if bucket:
        return _dated(setup, field, bucket)
    if isinstance(field.type, PlainType):
        return _written(field)
    return GroupKey(field=field.name, **_place(field), show=lambda values: _listed(setup, field, values))


def row_value(field: Field) -> Any:
    """The one value of `field` as the record's own row has it, for a field that is no list."""
    return F(field.slots[0]) if field.slots else _stored(field)


def _stored(field: Field) -> Any:
    """The value of a custom column as its JSON has it, for what no slot holds."""
    assert field.column is not None
    return _Stored(field.column.number)


class _Stored(Func):
    """A value of the JSON of custom values, as text, or as SQLite has numbers and truth values.

    Django's own transform would take the number of a column for a place in a list.
    """

    template = "(%(expressions)s)"
    arg_joiner = " ->> "
    output_field = TextField()

    def __init__(self, number: int) -> None:
        super().__init__(F("custom"), Value(str(number)))
        self.path = Value(f'$."{number}"')

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        extract = Func(self.source_expressions[0], self.path, function="JSON_EXTRACT")
        return extract.as_sql(compiler, connection, **context)


def _place(field: Field, *, is_folded: bool = False) -> dict[str, Any]:
    """Where the values are: the record's row, or IndexedValue where there are several or only it folds."""
    if isinstance(field.index, ValueIndex) and (is_folded or (field.type and field.type.multiple)):
        return {"pairs": field.index.rows().values(source=F("record_id"), target=F("value"))}
    return {"value": row_value(field)}


def _written(field: Field) -> GroupKey:
    """Texts that differ in case and accents only are one group, which bears the first of the spellings."""
    spelling = F(field.own.attr) if field.own else _stored(field)
    place = _place(field, is_folded=True)

    def show(values: Collection[Any]) -> Mapping[Any, Shown]:
        return {value: Shown(value, value) for value in values}

    return GroupKey(field=field.name, **place, spelling=spelling, show=show)


def _listed(setup: CompanySetup, field: Field, values: Collection[Any]) -> Mapping[Any, Shown]:
    if isinstance(field.type, BooleanType):
        return {value: _truth(value) for value in values}
    if isinstance(field.type, UserType):
        return _people(setup, values)
    assert isinstance(field.type, ChoiceType)
    labels = _labels(field.type)
    ranks = {value: rank for rank, value in enumerate(labels)}
    texts = {v: _id_text(v) if isinstance(field.type, PipelineType) else str(v) for v in values}
    return {v: Shown(text, labels.get(text, text), ranks.get(text, len(ranks))) for v, text in texts.items()}


def _labels(kind: ChoiceType) -> dict[str, str]:
    """What options are called; stages of the same name by their pipelines, too."""
    labels = {option.value: option.label for option in kind.options}
    if not isinstance(kind, StageType) or len(set(labels.values())) == len(labels):
        return labels
    pairs = zip(kind.pipelines, kind.options, strict=True)
    return {option.value: f"{pipeline} / {option.label}" for pipeline, option in pairs}


def _truth(value: Any) -> Shown:
    """Slots hold 1 and 0, the JSON beyond them `true` and `false`."""
    is_true = value == "true" or (not isinstance(value, str) and bool(value))
    return Shown(is_true, "true" if is_true else "false", not is_true)


def _people(setup: CompanySetup, values: Collection[Any]) -> Mapping[Any, Shown]:
    ids = {value: UUID(_id_text(value)) for value in values}
    setup.people.get_many(ids.values())
    return {value: Shown(str(pk), setup.people.name(pk)) for value, pk in ids.items()}


def _linked(setup: CompanySetup, field: Field, index: LinkIndex) -> GroupKey:
    relation = index.relation
    target = ENTITIES.find(relation.target)

    def show(values: Collection[Any]) -> Mapping[Any, Shown]:
        if target is None:
            return _people(setup, values)
        ids = {value: UUID(_id_text(value)) for value in values}
        rows = target.model.objects.visible_to(setup.actor).filter(pk__in=ids.values())
        names = dict(rows.values_list("pk", target.by_name["name"].attr))
        return {value: Shown(str(pk), names.get(pk, "")) for value, pk in ids.items()}

    pairs = index.seen().values(source=F(relation.source_key), target=F(relation.target_key))
    return GroupKey(field=field.name, pairs=pairs, show=show)


def _dated(setup: CompanySetup, field: Field, bucket: str) -> GroupKey:
    """Days are the actor's for moments; a date is the same day everywhere, kept as its midnight in UTC."""
    value = row_value(field)
    if not field.slots:
        value = Cast(value, DateField() if isinstance(field.type, DateType) else DateTimeField())
    is_day = isinstance(field.type, DateType) and not (field.column and field.slots)
    kind: Any = DateField() if is_day else DateTimeField()
    zone = UTC if isinstance(field.type, DateType) else setup.context.time_zone
    truncated = Trunc(value, bucket, output_field=kind, **({} if is_day else {"tzinfo": zone}))

    def show(values: Collection[Any]) -> Mapping[Any, Shown]:
        days = {value: date.fromisoformat(str(value)[:10]) for value in values}
        return {value: Shown(day.isoformat(), _bucket_label(day, bucket), day) for value, day in days.items()}

    return GroupKey(field=field.name, bucket=bucket, value=truncated, show=show)


def _bucket_label(first: date, bucket: str) -> str:
    """`2026-11-22`, `2026-W47`, `2026-11`, `2026-Q4` or `2026`: the same in every language."""
    if bucket == "week":
        year, week, _ = first.isocalendar()
        return f"{year:04d}-W{week:02d}"
    quarter = (first.month + 2) // 3
    forms = {"year": f"{first.year:04d}", "quarter": f"{first.year:04d}-Q{quarter}"}
    return forms.get(bucket) or first.isoformat()[: 7 if bucket == "month" else 10]


def _id_text(value: Any) -> str:
    """An id as text with dashes; SQLite has it as 32 digits."""
    return str(UUID(str(value)))
