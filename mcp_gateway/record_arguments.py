"""Arguments that the record tools share, and the schemas that the entities' declarations give them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from crm.entities import ENTITIES, Entity
from crm.field_types.choices import CodeType
from crm.operators import OPERATORS
from crm.queries import ListQuery
from mcp_gateway.arguments import Arguments
from mcp_gateway.registry import ScopeRule, one_of

if TYPE_CHECKING:
    EntityName = str
else:
    EntityName = Literal[tuple(ENTITIES.names())]

CALL_ROWS_LIMIT = 100  # records of one call

EXAMPLE_ID = "0190a7c2-5d3e-7b41-9c68-1f2e3d4c5b6a"  # the form of an id; no record has it
EXAMPLE_NOTES = "**Next step:** call back"

RULE_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "field": {"type": "string"},
        "operator": {"type": "string", "enum": list(OPERATORS)},
        "value": {"description": "text, number, boolean or list; none for isNull and isNotNull"},
    },
    "required": ["field", "operator"],
    "additionalProperties": False,
}
# What stands in a group is a rule or a group again; hosts stumble over schemas that contain themselves.
_GROUP = {"type": "array", "items": {"type": "object", "additionalProperties": True}}
FILTERS_SCHEMA: dict[str, Any] = {
    "anyOf": [
        RULE_SCHEMA,
        {"type": "object", "properties": {"any": _GROUP, "all": _GROUP}, "additionalProperties": False},
    ]
}
_SORT_KEY: dict[str, Any] = {
    "type": "object",
    "properties": {"field": {"type": "string"}, "direction": {"type": "string", "enum": ["asc", "desc"]}},
    "required": ["field"],
    "additionalProperties": False,
}
SORT_SCHEMA: dict[str, Any] = {"anyOf": [_SORT_KEY, {"type": "array", "items": _SORT_KEY, "maxItems": 3}]}


def entity_scope(verb: str) -> ScopeRule:
    """The scope of a tool whose `entity` argument names the resource."""
    return one_of(
        (f"{entity.resource}:{verb}" for entity in ENTITIES.values()),
        lambda args: [f"{ENTITIES.get(args.entity).resource}:{verb}"],
    )


class EntityArguments(Arguments):
    """A call about one kind of record."""

    entity: EntityName

    @property
    def kind(self) -> Entity:
        """The entity that is meant."""
        return ENTITIES.get(self.entity)


class SelectionArguments(EntityArguments):
    """Which records of an entity are meant."""

    filters: list[dict[str, Any]] | None = Field(
        None,
        description="Rules, all must match; {any: [...]} for OR, {all: [...]} for AND, nested as needed. "
        'Example: [{"field": "updatedAt", "operator": "inLastDays", "value": 7}]',
        json_schema_extra={"items": FILTERS_SCHEMA},
    )
    search_term: str | None = Field(None, description="Every word must be in a name or e-mail address.")
    sort_descriptor: Any = Field(None, description="One key or up to 3.", json_schema_extra=SORT_SCHEMA)

    def query(self) -> ListQuery:
        """The question as the query layer takes it."""
        return ListQuery(filters=self.filters, search=self.search_term, sort=self.sort_descriptor)


class WriteArguments(Arguments):
    """What every write can be told."""

    dry_run: bool = Field(False, description="Only show what would change.")
    idempotency_key: str | None = Field(
        None, description="Reuse the same value when you retry the same action."
    )
    reason: str | None = Field(None, max_length=500, description="Why; kept on record.")


class EntityWriteArguments(WriteArguments, EntityArguments):
    """A write to records of one kind."""


def row_schema(entity: Entity, *, for_update: bool) -> dict[str, Any]:
    """The JSON Schema of one record to be written, from the entity's declaration."""
    properties: dict[str, Any] = {}
    if for_update:
        properties["id"] = {"type": "string"}
    for own in entity.fields:
        if own.writable:
            plain = isinstance(own.type, CodeType)
            schema = {"type": "string", "description": "ISO 4217"} if plain else own.type.json_schema()
            properties[own.name] = _short(schema)
    for name, relation in entity.writes.items():
        properties[name] = _LINES if relation.owns_lines else _IDS
    properties["customFieldValues"] = CUSTOM_VALUES_SCHEMA
    properties["customFields"] = {"type": "object", "additionalProperties": True}
    if for_update:
        properties["expectedVersion"] = {"type": "integer"}
        properties |= {name: {"type": "boolean"} for name in entity.switches}
    required = ["id"] if for_update else [own.name for own in entity.fields if own.required]
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
        "examples": [row_example(entity, for_update=for_update)],
    }


def row_example(entity: Entity, *, for_update: bool) -> dict[str, Any]:
    """The shortest row that is accepted, once its id is one of a record."""
    needed = {own.name: own.type.example() for own in entity.fields if own.required}
    return {"id": EXAMPLE_ID, **needed} if for_update else needed


def _short(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema without what the error says anyway, and without an empty list of company-made options."""
    return {
        name: value
        for name, value in schema.items()
        if name not in ("maxLength", "pattern") and not (name == "enum" and not value)
    }


CUSTOM_VALUES_SCHEMA: dict[str, Any] = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {"columnId": {"type": "string"}, "value": {}},
        "required": ["columnId"],
        "additionalProperties": False,
    },
}
_IDS = {"type": "array", "items": {"type": "string"}}
_LINES = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "serviceId": {"type": "string"},
            "quantity": {"type": "number"},
            "unitPrice": {"type": "number"},
            "amount": {"type": "number", "description": "unitPrice as read"},
            "position": {"type": "integer"},
        },
        "required": ["serviceId"],
        "additionalProperties": False,
    },
}
