"""What an entity consists of in one company: the answer to "what can I ask, sort by and write?"."""

from __future__ import annotations

from crm.catalog import Catalog, Field
from crm.entities import Entity
from crm.field_types import FieldType, Json
from crm.field_types.stages import PipelineIdType, StageIdType
from crm.filters import EXAMPLE, RULES_LIMIT
from crm.models import CustomColumn
from crm.setup import CompanySetup
from customermates.kernel.pages import PAGE_SIZES


def entity_configuration(setup: CompanySetup, entity: Entity) -> dict[str, Json]:
    """`{customColumns, filterableFields, sortableFields, writableFields, …}` of `entity`, with examples."""
    catalog = setup.catalog(entity)
    fields = list(catalog.fields.values())
    return {
        "entity": entity.name,
        "writableFields": [
            _writable(field) for field in catalog.own.values() if field.own and field.own.writable
        ],
        "relations": [_relation(field) for field in catalog.relations.values()],
        "customColumns": [column_json(column) for column in catalog.custom_columns],
        "filterableFields": filterable_fields(catalog),
        "sortableFields": [_labelled(field) for field in fields if field.is_sortable],
        "filterSyntax": _filter_syntax(),
        "sortSyntax": {"sortDescriptor": {"field": entity.sort[0], "direction": "desc"}},
    }


def filterable_fields(catalog: Catalog) -> list[Json]:
    """`[{field, operators}]` of everything that filter rules may be about."""
    return [_filterable(field) for field in catalog.fields.values() if field.operators]


def column_json(column: CustomColumn) -> dict[str, Json]:
    """A custom column as every door gives it out."""
    return {
        "id": str(column.pk),
        "key": column.key,
        "label": column.label,
        "type": column.type,
        "entityType": column.entity,
        "options": column.options,
        "required": column.required,
        **({"description": column.description} if column.description else {}),
    }


def _writable(field: Field) -> dict[str, Json]:
    own, kind = field.own, field.type
    assert own is not None
    assert kind is not None
    shown: dict[str, Json] = {"field": field.name, "type": kind.name}
    if own.required:
        shown["required"] = True
    if options := _choices(kind):
        shown["options"] = options
    return shown | {"example": kind.example()}


def _choices(kind: FieldType) -> list[Json]:
    """What a field with options of its own allows: labels, and ids with names where it gives out ids."""
    options = getattr(kind, "options", ())
    if isinstance(kind, StageIdType):
        names = [{"pipeline": pipeline} for pipeline in kind.pipelines]
        return [{"id": o.value, "name": o.label, **more} for o, more in zip(options, names, strict=True)]
    if isinstance(kind, PipelineIdType):
        return [{"id": option.value, "name": option.label} for option in options]
    return [option.label for option in options]


def _relation(field: Field) -> dict[str, Json]:
    relation = field.relation
    assert relation is not None
    example: Json = ["…"]
    if relation.owns_lines:
        example = [{"serviceId": "…", "quantity": 2, "unitPrice": 1500}]
    return {"name": relation.name, "target": relation.target, "write": {relation.written_as: example}}


def _filterable(field: Field) -> dict[str, Json]:
    shown: dict[str, Json] = {**_labelled(field), "operators": list(field.operators)}
    if field.own and not field.own.writable and field.type and (options := _choices(field.type)):
        shown["options"] = options  # of writable fields they are told there
    return shown


def _labelled(field: Field) -> dict[str, Json]:
    return {"field": field.name, **({"label": field.label} if field.column else {})}


def _filter_syntax() -> dict[str, Json]:
    return {
        "rules": "A list of rules is AND; {any: [rules]} is OR, {all: [rules]} is AND, nested as needed.",
        "limit": RULES_LIMIT,
        "dates": "2026-11-22, 2026-11-22T09:30:00Z, today, -7d, +30d, startOfMonth, endOfQuarter",
        "users": "me, an id, an e-mail address or a full name",
        "example": EXAMPLE,
        "pageSizes": list(PAGE_SIZES),
    }
