"""The write tools: create and update per entity, notes, custom values, links, trash."""

from __future__ import annotations

from typing import Any

from pydantic import Field, create_model

from accounts.actor import Actor
from crm import services
from crm.entities import ENTITIES, Entity
from crm.keyed_rows import rows_by_id
from crm.queries import read_ids
from customermates.kernel.errors import Issue
from mcp_gateway.arguments import Arguments, BadArguments
from mcp_gateway.record_answers import receipt
from mcp_gateway.record_arguments import (
    CALL_ROWS_LIMIT,
    CUSTOM_VALUES_SCHEMA,
    EXAMPLE_ID,
    EXAMPLE_NOTES,
    EntityWriteArguments,
    WriteArguments,
    entity_scope,
    row_example,
    row_schema,
)
from mcp_gateway.registry import TOOLS, Alias, tool


def _declare_create(entity: Entity) -> None:
    model = _rows_model(f"Create{entity.plural}", entity, for_update=False)

    def create(actor: Actor, args: WriteArguments) -> dict[str, Any]:
        rows = getattr(args, entity.plural)
        done = services.create_records(actor, entity, rows, dry_run=args.dry_run)
        return receipt(done, actor, entity)

    create.__doc__ = (
        f"Create 1-{CALL_ROWS_LIMIT} {entity.plural}, all or none. customFields: {{key or label: value}}. "
        "Returns ids, versions and what was set."
    )
    tool(
        name=f"create_{entity.plural}",
        toolset="records",
        scope=f"{entity.resource}:write",
        arguments=model,
        read_only=False,
        rows=entity.plural,
    )(create)


def _declare_update(entity: Entity) -> None:
    model = _rows_model(f"Update{entity.plural}", entity, for_update=True)

    def update(actor: Actor, args: WriteArguments) -> dict[str, Any]:
        changes = rows_by_id(entity, getattr(args, entity.plural))
        done = services.update_records(actor, entity, changes, dry_run=args.dry_run)
        return receipt(done, actor, entity)

    update.__doc__ = (
        f"Change 1-{CALL_ROWS_LIMIT} {entity.plural}, all or none: only the fields you send. A list replaces "
        "all its links, [] clears; null clears a field. expectedVersion guards against changes by others."
    )
    tool(
        name=f"update_{entity.plural}",
        toolset="records",
        scope=f"{entity.resource}:write",
        arguments=model,
        read_only=False,
        idempotent=True,
        rows=entity.plural,
    )(update)


def _rows_model(name: str, entity: Entity, *, for_update: bool) -> type[WriteArguments]:
    """The arguments of a typed tool; rows stay plain dicts, since the write path checks them all at once."""
    schema: dict[str, Any] = {"items": row_schema(entity, for_update=for_update)}
    rows = Field(
        min_length=1,
        max_length=CALL_ROWS_LIMIT,
        json_schema_extra=schema,
        examples=[[row_example(entity, for_update=for_update)]],
    )
    fields: dict[str, Any] = {entity.plural: (list[dict[str, Any]], rows)}
    return create_model(name, __base__=WriteArguments, **fields)


for _entity in ENTITIES.values():
    _declare_create(_entity)
for _entity in ENTITIES.values():
    _declare_update(_entity)


class CustomFieldItem(Arguments):
    """Custom values of one record."""

    id: str = Field(examples=[EXAMPLE_ID])
    custom_field_values: list[dict[str, Any]] | None = Field(
        None,
        description="A value of null clears.",
        json_schema_extra={"items": CUSTOM_VALUES_SCHEMA["items"]},
    )
    custom_fields: dict[str, Any] | None = Field(None, json_schema_extra={"additionalProperties": True})
    expected_version: int | None = None

    def row(self) -> dict[str, Any]:
        """The item as the write path takes it."""
        return self.model_dump(by_alias=True, exclude_none=True)


class CustomFieldArguments(EntityWriteArguments):
    """Custom values of several records."""

    items: list[CustomFieldItem] = Field(
        min_length=1,
        max_length=CALL_ROWS_LIMIT,
        examples=[[{"id": EXAMPLE_ID, "customFields": {"key or label": "value"}}]],
    )


@tool(
    name="batch_update_entity_custom_field",
    toolset="records",
    scope=entity_scope("write"),
    arguments=CustomFieldArguments,
    read_only=False,
    idempotent=True,
    rows="items",
)
def batch_update_entity_custom_field(actor: Actor, args: CustomFieldArguments) -> dict[str, Any]:
    """Set custom column values of 1-100 records; only the columns you name change. Options by label or id.
    Use customFieldValues [{columnId, value}] or customFields {key or label: value}.
    """
    changes = rows_by_id(args.kind, [item.row() for item in args.items])
    done = services.update_records(actor, args.kind, changes, dry_run=args.dry_run)
    return receipt(done, actor, args.kind)


class NotesItem(Arguments):
    """The notes of one record."""

    id: str = Field(examples=[EXAMPLE_ID])
    notes: str = Field(examples=[EXAMPLE_NOTES])
    expected_version: int | None = None


class NotesArguments(EntityWriteArguments):
    """Notes for one record, or for several."""

    id: str | None = None
    notes: str | None = Field(None, description="Markdown; an empty text clears.")
    expected_version: int | None = None
    items: list[NotesItem] | None = Field(None, min_length=1, max_length=CALL_ROWS_LIMIT)


@tool(
    name="set_entity_notes",
    toolset="records",
    scope=entity_scope("write"),
    arguments=NotesArguments,
    read_only=False,
    idempotent=True,
    rows=lambda args: "items" if args.items else None,
)
def set_entity_notes(actor: Actor, args: NotesArguments) -> dict[str, Any]:
    """Replace the Markdown notes of a record (id and notes) or of 1-100 records (items)."""
    single = args.id is not None and args.notes is not None
    of_one = (args.id, args.notes, args.expected_version) != (None, None, None)
    if single == bool(args.items) or (args.items and of_one):
        example = {"entity": args.entity, "id": EXAMPLE_ID, "notes": EXAMPLE_NOTES}
        raise BadArguments(Issue("", "one_form", {"forms": "id and notes, or items", "example": example}))
    if single:
        row = args.model_dump(by_alias=True, exclude_none=True, include={"notes", "expected_version"})
        changes = {read_ids([args.id or ""], args.kind, path="id")[0]: row}
    else:
        rows = [item.model_dump(by_alias=True, exclude_none=True) for item in args.items or ()]
        changes = rows_by_id(args.kind, rows)
    done = services.update_records(actor, args.kind, changes, dry_run=args.dry_run)
    return receipt(done, actor, args.kind)


class LinkArguments(EntityWriteArguments):
    """One record and those it is linked to."""

    source_id: str = Field(examples=[EXAMPLE_ID])
    relation: str = Field(description="organizations, contacts, deals, services, tasks or users")
    ids: list[str] = Field(min_length=1, max_length=CALL_ROWS_LIMIT, examples=[[EXAMPLE_ID]])
    expected_version: int | None = Field(None, description="Of the source.")

    def relation_name(self) -> str:
        """The relation by the name that the write path knows, whichever of its two was sent."""
        names = {relation.name: ids_name for ids_name, relation in self.kind.relations.items()}
        return names.get(self.relation, self.relation)


@tool(
    name="link_entities",
    toolset="records",
    scope=entity_scope("write"),
    arguments=LinkArguments,
    read_only=False,
    idempotent=True,
)
def link_entities(actor: Actor, args: LinkArguments) -> dict[str, Any]:
    """Link a record to others (or assign users), keeping the links it has. A service joins a deal as a line
    of one.
    """
    source = read_ids([args.source_id], args.kind, path="sourceId")[0]
    done = services.link_records(
        actor,
        args.kind,
        source,
        args.relation_name(),
        args.ids,
        expected_version=args.expected_version,
        dry_run=args.dry_run,
    )
    return receipt(done, actor, args.kind)


@tool(
    name="unlink_entities",
    toolset="records",
    scope=entity_scope("write"),
    arguments=LinkArguments,
    read_only=False,
    idempotent=True,
)
def unlink_entities(actor: Actor, args: LinkArguments) -> dict[str, Any]:
    """Take links of a record away (or unassign users); the records themselves stay."""
    source = read_ids([args.source_id], args.kind, path="sourceId")[0]
    done = services.unlink_records(
        actor,
        args.kind,
        source,
        args.relation_name(),
        args.ids,
        expected_version=args.expected_version,
        dry_run=args.dry_run,
    )
    return receipt(done, actor, args.kind)


class IdsArguments(EntityWriteArguments):
    """Several records of one kind."""

    ids: list[str] = Field(min_length=1, max_length=CALL_ROWS_LIMIT, examples=[[EXAMPLE_ID]])


@tool(
    name="delete_entity",
    toolset="danger",
    scope=entity_scope("delete"),
    arguments=IdsArguments,
    read_only=False,
    destructive=True,
    idempotent=False,
    rows="ids",
)
def delete_entity(actor: Actor, args: IdsArguments) -> dict[str, Any]:
    """Move 1-100 records to the trash, all or none; restorable for 30 days. When unsure, dryRun first."""
    ids = read_ids(args.ids, args.kind)
    done = services.delete_records(actor, args.kind, ids, dry_run=args.dry_run)
    return receipt(done, actor, args.kind)


@tool(
    name="restore_entity",
    toolset="danger",
    scope=entity_scope("delete"),
    arguments=IdsArguments,
    read_only=False,
    rows="ids",
)
def restore_entity(actor: Actor, args: IdsArguments) -> dict[str, Any]:
    """Bring 1-100 records back from the trash with their links, all or none."""
    ids = read_ids(args.ids, args.kind)
    done = services.restore_records(actor, args.kind, ids, dry_run=args.dry_run)
    return receipt(done, actor, args.kind)


# Names of the seed and of the reference product, with the same arguments.
for _old, _new in {
    "update_entity_notes": "set_entity_notes",
    "batch_set_entity_notes": "set_entity_notes",
    "update_entity_custom_fields": "batch_update_entity_custom_field",
    "delete_entities": "delete_entity",
    "batch_delete_entity": "delete_entity",
}.items():
    TOOLS.add_alias(Alias(_old, _new))
