"""Records as JSON: own fields, references, custom values. Rows are attribute dicts, never model instances."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef

from crm.catalog import Field, column_type
from crm.entities import ENTITIES, Entity, Relation
from crm.field_types import FieldType, Json
from crm.linked import linked_rows
from crm.setup import CompanySetup

Row = Mapping[str, Any]  # attributes of one record, as values() gives them
BASE_ATTRS = ("id", "version")


class _Column(NamedTuple):
    """A custom column, ready for many rows."""

    number: str  # the key of its values
    id: str
    field: Field
    type: FieldType


@dataclass(frozen=True)
class Presenter:
    """Renders rows of one entity for one actor."""

    setup: CompanySetup
    entity: Entity

    def attrs(self) -> list[str]:
        """The model attributes that `full` needs."""
        return [*BASE_ATTRS, *dict.fromkeys(field.attr for field in self.entity.fields), "custom"]

    def own(self, row: Row) -> dict[str, Json]:
        """Id, version and own fields."""
        fields = self.setup.catalog(self.entity).own
        shown = {name: present(field, row) for name, field in fields.items()}
        return {"id": str(row["id"]), **shown, "version": row["version"]}

    def custom_values(self, row: Row) -> list[dict[str, Json]]:
        """`[{columnId, value}]` for the columns that have a value."""
        stored = row["custom"]
        return [
            {"columnId": column.id, "value": column.type.present(column.type.load(stored[column.number]))}
            for column in self._columns
            if column.number in stored
        ]

    def custom_by_label(self, row: Row) -> dict[str, Json]:
        """`{label: value}` with the labels of options and the names of people instead of ids."""
        stored = row["custom"]
        return {
            column.field.label: readable(self.setup, column.field, column.type.load(stored[column.number]))
            for column in self._columns
            if column.number in stored
        }

    def references(
        self, rows: Sequence[Row], names: Collection[str] | None = None
    ) -> dict[UUID, dict[str, list[Json]]]:
        """For each row `{relation: [reference, …]}`, with one query for each relation in `names`."""
        found: dict[UUID, dict[str, list[Json]]] = {row["id"]: {} for row in rows}
        for field in self.setup.catalog(self.entity).relations.values():
            relation = field.relation
            if relation is None or (names is not None and relation.name not in names):
                continue
            linked = self._linked(relation, list(found))
            for record_id, shown in found.items():
                shown[relation.name] = linked.get(record_id, [])
        return found

    def full(self, rows: Sequence[Row]) -> list[dict[str, Json]]:
        """Everything about each row: own fields, references and custom values."""
        references = self.references(rows)
        return [
            {**self.own(row), **references[row["id"]], "customFieldValues": self.custom_values(row)}
            for row in rows
        ]

    def _linked(self, relation: Relation, ids: Sequence[UUID]) -> dict[UUID, list[Json]]:
        if relation.target == "user":
            return self._users(relation, ids)
        if relation.owns_lines:
            return self._lines(relation, ids)
        names = ENTITIES.get(relation.target).refs
        linked: dict[UUID, list[Json]] = defaultdict(list)
        for source, identity, *values in linked_rows(self.setup.actor, relation, ids):
            linked[source].append({"id": str(identity), **dict(zip(names, values, strict=True))})
        return linked

    def _lines(self, relation: Relation, ids: Sequence[UUID]) -> dict[UUID, list[Json]]:
        """Lines outlive their service; one that can be sold no more says so: `deleted` is true."""
        reached = ENTITIES.get(relation.target).model.objects.reached_by(self.setup.actor)
        rows = relation.through._default_manager.filter((f"{relation.source_key}__in", ids))
        rows = rows.annotate(
            is_deleted=Exists(reached.filter(pk=OuterRef(relation.target_key), deleted_at__isnull=False))
        )
        linked: dict[UUID, list[Json]] = defaultdict(list)
        for line in rows.order_by("position", "id"):
            is_gone = line.is_deleted or getattr(line, relation.target_key) is None
            shown = line_json(line) | ({"deleted": True} if is_gone else {})
            linked[getattr(line, relation.source_key)].append(shown)
        return linked

    def _users(self, relation: Relation, ids: Sequence[UUID]) -> dict[UUID, list[Json]]:
        linked: dict[UUID, list[Json]] = defaultdict(list)
        found = linked_rows(self.setup.actor, relation, ids)
        for source, identity, first_name, last_name, email, avatar_url in found:
            reference = {"id": str(identity), "firstName": first_name, "lastName": last_name, "email": email}
            linked[source].append({**reference, "avatarUrl": avatar_url or None})
        return linked

    @cached_property
    def _columns(self) -> list[_Column]:
        catalog = self.setup.catalog(self.entity)
        return [
            _Column(str(column.number), str(column.pk), catalog.custom[column.key], column_type(column))
            for column in catalog.custom_columns
        ]


def present(field: Field, row: Row) -> Json:
    """The value of an own field as JSON; lists stay lists, an absent value is null."""
    own, kind = field.own, field.type
    assert own is not None
    assert kind is not None
    value = row[own.attr]
    return own.shown_empty if value is None or value == own.empty else kind.present(value)


def readable(setup: CompanySetup, field: Field, value: Any) -> Json:
    """A custom value with labels and names in place of ids; numbers and truth values stay what they are."""
    kind = field.type
    assert kind is not None
    if hasattr(kind, "options") and isinstance(value, list):
        return [option.label for option in kind.options if option.value in value]
    if hasattr(kind, "options") or kind.name == "user":
        return kind.format(value, setup.context)
    return kind.present(value)


def line_json(line: Any) -> dict[str, Json]:
    """A deal's line; `id` is the service's, null when it was purged."""
    return {
        "id": str(line.service_id) if line.service_id else None,
        "name": line.service_name,
        "amount": line.unit_price,
        "quantity": line.quantity,
        "position": line.position,
    }
