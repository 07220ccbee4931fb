"""The custom columns of a company as a page shows them: in order, with how much they are used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, QuerySet
from django.utils import timezone

from accounts.actor import Actor
from accounts.models import Event
from crm.catalog import Catalog, column_type, value_fields
from crm.entities import ENTITIES, Entity
from crm.field_types import CUSTOM_TYPES, FieldType
from crm.models import RESTORABLE_FOR, CustomColumn, IndexedValue
from crm.setup import CompanySetup
from customermates.kernel.errors import Issue, NotFound

LOOKED_BACK = 100  # events, when somebody asks what became of a column meanwhile


@dataclass(frozen=True, slots=True)
class ColumnRow:
    """One column in use."""

    column: CustomColumn
    kind: FieldType
    used: int  # records, out of the trash, that have a value
    is_sortable: bool


@dataclass(frozen=True, slots=True)
class DeletedRow:
    """A column that can still come back."""

    column: CustomColumn
    deleted_at: datetime

    @property
    def kind(self) -> type[FieldType]:
        """The class of its type."""
        return CUSTOM_TYPES[self.column.type]

    @property
    def until(self) -> datetime:
        """The end of the time in which it can."""
        return self.deleted_at + RESTORABLE_FOR


def count_columns(actor: Actor) -> dict[str, int]:
    """How many columns each entity has; one query."""
    rows = _of_company(actor).filter(deleted_at=None).values_list("entity").annotate(Count("id"))
    found = dict(rows)
    return {name: found.get(name, 0) for name in ENTITIES.names()}


def list_columns(setup: CompanySetup, entity: Entity) -> list[ColumnRow]:
    """The columns of `entity` in their order; three queries at most, however many they are."""
    catalog = setup.catalog(entity)
    used = count_values(setup, catalog)
    return [
        ColumnRow(field.column, field.type, used[field.column.pk], field.is_sortable)
        for field in catalog.custom.values()
        if field.column and field.type
    ]


def count_values(setup: CompanySetup, catalog: Catalog, only: UUID | None = None) -> dict[UUID, int]:
    """How many records that the actor sees have a value in each column, or in one.

    One pass over the records' own rows counts all columns with a slot, a second query the rest.
    """
    columns = [column for column in catalog.custom_columns if only in (None, column.pk)]
    slots = {column.pk: column.slot_names[0] for column in columns if column.slots}
    found = dict.fromkeys((column.pk for column in columns), 0)
    live = catalog.entity.model.objects.visible_to(setup.actor)
    if slots:
        counts = live.aggregate(**{f"used_{slot}": Count(slot) for slot in slots.values()})
        found |= {pk: counts[f"used_{slot}"] for pk, slot in slots.items()}
    fields = {
        value_fields(column, column_type(column))[0]: column.pk for column in columns if not column.slots
    }
    if fields:
        values = IndexedValue.objects.filter(company_id=setup.actor.company_id, entity=catalog.entity.name)
        values = values.filter(field__in=fields, record_id__in=live.values("id"))
        counted = values.values_list("field").annotate(Count("record_id", distinct=True))
        found |= {fields[name]: count for name, count in counted}
    return found


def list_deleted(actor: Actor, entity: Entity) -> list[DeletedRow]:
    """Columns of `entity` that can still be restored, the last deleted first; one query."""
    since = timezone.now() - RESTORABLE_FOR
    rows = _of_company(actor).filter(entity=entity.name, deleted_at__gt=since).order_by("-deleted_at")
    return [DeletedRow(column, column.deleted_at) for column in rows if column.deleted_at]


def get_column(actor: Actor, column_id: UUID) -> CustomColumn:
    """One column in use; NotFound for a deleted one, and for any other."""
    column = _of_company(actor).filter(pk=column_id, deleted_at=None).first()
    if column is None:
        raise NotFound(Issue("id", "unknown_column", {"column": str(column_id)}))
    return column


def changes_since(actor: Actor, column: CustomColumn, version: int) -> Sequence[Event]:
    """What was done to the column since it had `version`, the first change first; moves are no change."""
    count = column.version - version
    if count <= 0:
        return []
    rows = Event.objects.filter(company_id=actor.company_id, entity="customColumn", entity_id=column.pk)
    events = rows.select_related("user", "api_key").order_by("-sequence")[:LOOKED_BACK]
    return [event for event in events if set(event.changes) != {"position"}][:count][::-1]


def _of_company(actor: Actor) -> QuerySet[CustomColumn]:
    return CustomColumn.objects.filter(company_id=actor.company_id)
