"""All fields of an entity as one company has them: own, linked and custom, found by any of their names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, Q

from crm.entities import ENTITIES, Entity, Relation
from crm.field_types import CUSTOM_TYPES, FieldType
from crm.field_types.field_type import Context, Order
from crm.models import CustomColumn
from crm.operators import ColumnIndex, Index, RangeIndex, ValueIndex
from crm.own_fields import OwnField
from customermates.kernel.folding import folded_key
from customermates.kernel.ids import find_uuid

if TYPE_CHECKING:
    from crm.setup import CompanySetup

RELATION_OPERATORS = ("in", "notIn", "hasSome", "hasNone")


@dataclass(frozen=True, slots=True)
class Field:
    """One field as readers know it: by name in filters, sorts and configuration."""

    name: str
    label: str
    operators: tuple[str, ...]
    type: FieldType | None = None  # None for a relation
    index: Index | None = None
    slots: tuple[str, ...] = ()  # the index columns on the record's own row
    own: OwnField | None = None
    relation: Relation | None = None
    column: CustomColumn | None = None

    def order(self, context: Context) -> Order | None:
        """How records are sorted by this field; None when they cannot be."""
        return self.type.order(self.slots, context) if self.type and self.slots else None

    @property
    def is_sortable(self) -> bool:
        """Whether lists can be sorted by this field."""
        return bool(self.type and self.slots)


@dataclass(frozen=True, slots=True)
class LinkIndex:
    """The links of a relation, as an index of filter rules; operands are ids the actor may see."""

    setup: CompanySetup
    relation: Relation

    def where(self, lookup: str, operand: Any) -> Q:
        rows = self._rows().filter((f"{self.relation.target_key}__{lookup}", operand))
        return Q(id__in=rows.values(self.relation.source_key))

    def none(self, lookup: str, operand: Any) -> Q:
        rows = self._rows().filter((f"{self.relation.target_key}__{lookup}", operand))
        return Q(~Exists(rows.filter((self.relation.source_key, OuterRef("pk")))))

    def missing(self) -> Q:
        return Q(~Exists(self._live().filter((self.relation.source_key, OuterRef("pk")))))

    def _rows(self) -> Any:
        return self.relation.through._default_manager.filter(company_id=self.setup.actor.company_id)

    def _live(self) -> Any:
        """Links that count as such; a deal keeps its lines even when the service is gone."""
        return self._rows() if self.relation.owns_lines else self.seen()

    def seen(self) -> Any:
        """Links whose other end the actor can see."""
        target = ENTITIES.find(self.relation.target)
        if target is None:
            return self._rows()
        # EXISTS looks each linked record up by its id; IN may read all that the actor sees.
        seen = target.model.objects.visible_to(self.setup.actor)
        return self._rows().filter(Exists(seen.filter(pk=OuterRef(self.relation.target_key))))


class Catalog:
    """The fields of one entity, by name, id, key and label."""

    def __init__(self, setup: CompanySetup, entity: Entity, columns: list[CustomColumn]) -> None:
        self._setup = setup
        self.entity = entity
        self.custom_columns = columns

    @cached_property
    def own(self) -> dict[str, Field]:
        """Own fields by JSON name."""
        return {own.name: self._own(own) for own in self.entity.fields}

    @cached_property
    def relations(self) -> dict[str, Field]:
        """Relations by the name that filters use, as far as the actor may read their other end."""
        actor = self._setup.actor
        return {
            name: Field(
                name=name,
                label=relation.name,
                operators=RELATION_OPERATORS,
                index=LinkIndex(self._setup, relation),
                relation=relation,
            )
            for name, relation in self.entity.relations.items()
            if relation.target == "user" or actor.reach(ENTITIES.get(relation.target).resource) != "none"
        }

    @cached_property
    def custom(self) -> dict[str, Field]:
        """Custom columns by key."""
        return {column.key: self._custom(column) for column in self.custom_columns}

    @cached_property
    def fields(self) -> dict[str, Field]:
        """Everything that filters, sorts and column choices may name."""
        return {**self.own, **self.relations, **self.custom}

    def find(self, name: str) -> Field | None:
        """The field of this name; a custom column answers to id, key and label as well."""
        return self.fields.get(name) or self.find_custom(name)

    def find_custom(self, name: str) -> Field | None:
        """The custom column of this id, key or label (in any case), or None."""
        identity = find_uuid(name)
        if identity is not None:
            return self._custom_by.get(str(identity))
        return self.custom.get(name) or self._custom_by.get(folded_key(name.strip()))

    @cached_property
    def _custom_by(self) -> Mapping[str, Field]:
        by_label = {field.column.label_key: field for field in self.custom.values() if field.column}
        return by_label | {str(field.column.pk): field for field in self.custom.values() if field.column}

    def _own(self, own: OwnField) -> Field:
        kind = self._setup.bound(own.type)
        if own.index == "*":
            index: Index | None = ValueIndex(self._setup.actor.company_id, self.entity.name, own.name)
            return Field(own.name, own.name, kind.operators, kind, index, (), own)
        if not own.index:
            return Field(own.name, own.name, (), kind, None, (), own)
        return Field(own.name, own.name, kind.operators, kind, ColumnIndex(own.index), (own.index,), own)

    def _custom(self, column: CustomColumn) -> Field:
        kind = column_type(column)
        slots = column.slot_names
        return Field(
            name=column.key,
            label=column.label,
            operators=kind.operators,
            type=kind,
            index=custom_index(column, kind),
            slots=slots,
            column=column,
        )


def column_type(column: CustomColumn) -> FieldType:
    """The configured type of a custom column, made anew only when the column has other options."""
    # Asked for with every value of every row, so it is kept on the column, beside what it was made of.
    made: tuple[object, FieldType] | None = vars(column).get("_made_type")
    if made is None or made[0] is not column.options:
        made = (column.options, CUSTOM_TYPES[column.type].from_options(column.options))
        vars(column)["_made_type"] = made
    return made[1]


def custom_index(column: CustomColumn, kind: FieldType) -> Index:
    """Where the values of a custom column are looked up: its slots, or IndexedValue."""
    names = value_fields(column, kind)
    ends: list[Index] = (
        [ColumnIndex(slot) for slot in column.slot_names]
        if column.slots
        else [ValueIndex(column.company_id, column.entity, name) for name in names]
    )
    return RangeIndex(*ends) if len(ends) == 2 else ends[0]


def value_fields(column: CustomColumn, kind: FieldType) -> tuple[str, ...]:
    """The names in IndexedValue of a column that has no slot: one, or the two ends of a range."""
    number = str(column.number)
    return (f"{number}.start", f"{number}.end") if len(kind.slots) == 2 else (number,)
