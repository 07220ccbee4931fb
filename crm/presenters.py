"""Records as JSON: own fields, references, custom values. Rows are attribute dicts, never model instances."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from accounts.models import User
from crm.catalog import Field
from crm.entities import ENTITIES, Entity, Relation
from crm.field_types import Json
from crm.models import CustomColumn
from crm.setup import CompanySetup, column_type

Row = Mapping[str, Any]  # attributes of one record, as values() gives them
BASE_ATTRS = ("id", "version")


@dataclass(frozen=True, slots=True)
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
        return [
            {"columnId": str(column.pk), "value": kind.present(kind.load(row["custom"][str(column.number)]))}
            for column, kind in self._columns()
            if str(column.number) in row["custom"]
        ]

    def custom_by_label(self, row: Row) -> dict[str, Json]:
        """`{label: value}` with the labels of options and the names of people instead of ids."""
        return {
            column.label: readable(
                self.setup, self._field(column), kind.load(row["custom"][str(column.number)])
            )
            for column, kind in self._columns()
            if str(column.number) in row["custom"]
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
            return _lines(relation, ids)
        target = ENTITIES.get(relation.target)
        end = relation.target_key.removesuffix("_id")
        shown = [target.by_name[name] for name in target.refs]
        seen = target.model.objects.visible_to(self.setup.actor)
        rows = relation.through._default_manager.filter((f"{relation.source_key}__in", ids))
        rows = rows.filter((f"{relation.target_key}__in", seen.values("id"))).order_by("id")
        linked: dict[UUID, list[Json]] = defaultdict(list)
        attrs = [f"{end}__{field.attr}" for field in shown]
        for source, identity, *values in rows.values_list(relation.source_key, relation.target_key, *attrs):
            linked[source].append(
                {"id": str(identity), **dict(zip((f.name for f in shown), values, strict=True))}
            )
        return linked

    def _users(self, relation: Relation, ids: Sequence[UUID]) -> dict[UUID, list[Json]]:
        rows = relation.through._default_manager.filter((f"{relation.source_key}__in", ids)).order_by("id")
        pairs = list(rows.values_list(relation.source_key, relation.target_key))
        users = self.setup.people.get_many(user for _, user in pairs)
        linked: dict[UUID, list[Json]] = defaultdict(list)
        for source, user in pairs:
            if user in users:
                linked[source].append(user_reference(users[user]))
        return linked

    def _columns(self) -> list[tuple[CustomColumn, Any]]:
        return [(column, column_type(column)) for column in self.setup.columns(self.entity)]

    def _field(self, column: CustomColumn) -> Field:
        return self.setup.catalog(self.entity).custom[column.key]


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


def user_reference(user: User) -> dict[str, Json]:
    """A user as records refer to one."""
    return {
        "id": str(user.pk),
        "firstName": user.first_name,
        "lastName": user.last_name,
        "email": user.email,
        "avatarUrl": user.avatar_url or None,
    }


def line_json(line: Any) -> dict[str, Json]:
    """A deal's line; `id` is the service's, null when it was purged."""
    return {
        "id": str(line.service_id) if line.service_id else None,
        "name": line.service_name,
        "amount": line.unit_price,
        "quantity": line.quantity,
        "position": line.position,
    }


def _lines(relation: Relation, ids: Iterable[UUID]) -> dict[UUID, list[Json]]:
    linked: dict[UUID, list[Json]] = defaultdict(list)
    rows = relation.through._default_manager.filter((f"{relation.source_key}__in", ids))
    for line in rows.order_by("position", "id"):
        linked[getattr(line, relation.source_key)].append(line_json(line))
    return linked
