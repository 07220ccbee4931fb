"""JSON Schemas and examples of records, made from the entities' declarations."""

from __future__ import annotations

from collections.abc import Iterator

from accounts.api.schemas import (
    ANYTHING,
    COUNT,
    EXAMPLE_ID,
    EXAMPLE_TIME,
    ID,
    TEXT,
    TRUTH,
    Schema,
    listing,
    nullable,
    ref,
    sent,
    shape,
)
from crm.api import aggregates
from crm.entities import ENTITIES, Entity, Relation
from crm.field_types import CUSTOM_TYPES, Json
from crm.operators import OPERATORS
from crm.own_fields import OwnField
from crm.writing.drafts import LINKS_LIMIT


def title(entity: Entity) -> str:
    """The name of the component that a record of `entity` is."""
    return entity.name[0].upper() + entity.name[1:]


def components() -> dict[str, Schema]:
    """The components of records, lists and custom columns."""
    found: dict[str, Schema] = {**_SHARED, **dict(_references()), **aggregates.components()}
    for entity in ENTITIES.values():
        name = title(entity)
        found[name] = record(entity)
        found[f"{name}Create"] = row(entity)
        found[f"{name}Update"] = row(entity, for_update=True)
        found[f"{name}RowUpdate"] = {**row(entity, for_update=True), "required": ["id"]}
        found[f"{name}Detail"] = shape(
            {entity.name: ref(name), "customColumns": listing(ref("CustomColumn"))}
        )
        found[f"{name}SearchResult"] = search_result(entity)
    return found


def record(entity: Entity) -> Schema:
    """A record as it is answered. With `fields`, any of its members may be missing."""
    properties: dict[str, Schema] = {"id": ID}
    for own in entity.fields:
        properties[own.name] = _shown(entity, own)
    properties["version"] = {"type": "integer", "minimum": 1}
    for relation in entity.relations.values():
        properties[relation.name] = listing(ref(_reference_name(relation)))
    properties["customFieldValues"] = listing(ref("CustomFieldValue"))
    return {**shape(properties, optional=list(properties)), "required": ["id"]}


def row(entity: Entity, *, for_update: bool = False) -> Schema:
    """A record as it is sent: with all that is required, or only with what changes."""
    properties: dict[str, Schema] = {"id": ID} if for_update else {}
    for own in entity.fields:
        if own.writable:
            properties[own.name] = _read(own)
    for name, relation in entity.writes.items():
        each = ref("LineRow") if relation.owns_lines else TEXT
        properties[name] = listing(each, most=LINKS_LIMIT)
    properties["customFieldValues"] = listing(ref("CustomFieldValueRow"))
    properties["customFields"] = {
        "type": "object",
        "description": "Custom values by key, label or id of the column; null clears one.",
        "additionalProperties": True,
    }
    if for_update:
        properties["expectedVersion"] = {"type": "integer", "description": "As If-Match, within the row."}
        properties |= dict.fromkeys(entity.switches, TRUTH)
        return sent(properties)
    return sent(properties, required=[own.name for own in entity.fields if own.required])


def search_result(entity: Entity) -> Schema:
    """What a search answers."""
    properties = {
        "items": listing(ref(title(entity))),
        "pagination": ref("Pagination"),
        "filters": ANYTHING,
        "searchTerm": TEXT,
        "sortDescriptor": ANYTHING,
        "customColumns": listing(ref("CustomColumn")),
        "filterableFields": listing(ref("FilterableField")),
    }
    return shape(properties, optional=["searchTerm"])


def row_example(entity: Entity) -> dict[str, Json]:
    """A row that a company without records accepts."""
    return {own.name: own.type.example() for own in entity.fields if own.writable and _shows_by_itself(own)}


def record_example(entity: Entity) -> dict[str, Json]:
    """A record as it might be answered."""
    example: dict[str, Json] = {"id": EXAMPLE_ID}
    for own in entity.fields:
        is_absent = _may_be_null(entity, own) and not (own.writable and _shows_by_itself(own))
        example[own.name] = None if is_absent else own.type.example()
    example |= {"createdAt": EXAMPLE_TIME, "updatedAt": EXAMPLE_TIME, "version": 1}
    return {**example, **{r.name: [] for r in entity.relations.values()}, "customFieldValues": []}


def _shows_by_itself(own: OwnField) -> bool:
    """Whether an example of this field means the same in every company."""
    return own.required or own.type.name in ("email", "phone", "link", "date", "dateTime")


def _shown(entity: Entity, own: OwnField) -> Schema:
    schema = _plain(own.type.json_schema())
    return nullable(schema) if _may_be_null(entity, own) else schema


def _may_be_null(entity: Entity, own: OwnField) -> bool:
    """Whether an answer may say null for this field: where there is no value and nothing in its place."""
    if own.required or own.shown_empty is not None:
        return False
    return own.empty == "" or bool(getattr(entity.model._meta.get_field(own.attr), "null", False))


def _read(own: OwnField) -> Schema:
    """What the write path takes: it reads texts from forms as well, so numbers and lists may be such.

    Days and moments stand for each other, and an empty text clears like null.
    """
    schema = _plain(own.type.json_schema())
    if schema.get("type") == "number" or own.type.multiple:
        schema["type"] = [schema["type"], "string"]
    if own.required:
        return {**schema, "minLength": 1} if schema["type"] == "string" else schema
    if schema.get("format") in _DATED:
        return {"anyOf": [*({**schema, "format": name} for name in _DATED), nullable(_EMPTY)]}
    if "enum" in schema:
        schema["enum"] = [*schema["enum"], ""]
    return schema if own.empty == [] else nullable(schema)


def _plain(schema: Schema) -> Schema:
    """A field's schema without options that each company has of its own."""
    return {name: value for name, value in schema.items() if not (name == "enum" and not value)}


def _reference_name(relation: Relation) -> str:
    if relation.owns_lines:
        return "Line"
    return (
        "UserReference" if relation.target == "user" else f"{title(ENTITIES.get(relation.target))}Reference"
    )


def _references() -> Iterator[tuple[str, Schema]]:
    for entity in ENTITIES.values():
        refs = {name: _shown(entity, entity.by_name[name]) for name in entity.refs}
        yield f"{title(entity)}Reference", shape({"id": ID, **refs})


_RULE = sent(
    {"field": TEXT, "operator": {"type": "string", "enum": list(OPERATORS)}, "value": ANYTHING},
    required=["field", "operator"],
)
_SORT_KEY = sent({"field": TEXT, "direction": {"enum": ["asc", "desc"]}}, required=["field"])
_DATED = ("date", "date-time")
_EMPTY: Schema = {"type": "string", "maxLength": 0}
_NUMBER: Schema = {"type": "number"}
_READ: Schema = {"type": ["number", "string"]}
_SHARED: dict[str, Schema] = {
    "UserReference": shape(
        {"id": ID, "firstName": TEXT, "lastName": TEXT, "email": TEXT, "avatarUrl": nullable(TEXT)}
    ),
    "Line": shape(
        {"id": nullable(ID), "name": TEXT, "amount": _NUMBER, "quantity": _NUMBER, "position": COUNT}
        | {"deleted": TRUTH},
        optional=["deleted"],
    ),
    # `id`, `name`, `amount` and `deleted` are how lines are answered, so that they can be sent back.
    "LineRow": {
        **sent(
            {
                **dict.fromkeys(("serviceId", "id"), TEXT),
                **dict.fromkeys(("quantity", "unitPrice", "amount"), nullable(_READ)),
                "position": {"type": ["integer", "null"], "minimum": 0, "maximum": 9_999},
                "name": ANYTHING,
                "deleted": ANYTHING,
            }
        ),
        "anyOf": [{"required": ["serviceId"]}, {"required": ["id"]}],
    },
    "CustomFieldValue": shape({"columnId": ID, "value": ANYTHING}),
    "CustomFieldValueRow": sent(
        {"columnId": TEXT, "value": {"description": "null or an empty text clears it."}},
        required=["columnId"],
    ),
    "CustomColumn": shape(
        {
            "id": ID,
            "key": TEXT,
            "label": TEXT,
            "type": {"enum": list(CUSTOM_TYPES)},
            "entityType": TEXT,
            "options": {"type": "object"},
            "required": TRUTH,
            "description": TEXT,
            "position": COUNT,
            "version": {"type": "integer", "minimum": 1},
        },
        optional=["description", "position", "version"],
    ),
    "FilterableField": shape(
        {"field": TEXT, "label": TEXT, "operators": listing(TEXT), "options": listing(ANYTHING)},
        optional=["label", "options"],
    ),
    "EntityConfiguration": shape(
        {
            "entity": TEXT,
            "writableFields": listing({"type": "object"}),
            "relations": listing({"type": "object"}),
            "customColumns": listing(ref("CustomColumn")),
            "filterableFields": listing(ref("FilterableField")),
            "sortableFields": listing(shape({"field": TEXT, "label": TEXT}, optional=["label"])),
            "groupableFields": listing(shape({"field": TEXT, "takesBucket": TRUTH})),
            "measurableFields": listing(TEXT),
            "filterSyntax": {"type": "object"},
            "sortSyntax": {"type": "object"},
        }
    ),
    "FilterRule": _RULE,
    "FilterGroup": {
        "type": "object",
        "properties": {"any": listing(ref("Filter")), "all": listing(ref("Filter"))},
        "minProperties": 1,
        "maxProperties": 1,
        "additionalProperties": False,
    },
    "Filter": {"anyOf": [ref("FilterRule"), ref("FilterGroup")]},
    "Sort": {"anyOf": [_SORT_KEY, listing(_SORT_KEY, least=1, most=3)]},
}
