"""Custom columns: listed, made, changed, deleted and restored."""

from __future__ import annotations

from uuid import UUID

from accounts.api.calls import Answer, Call
from crm import field_services
from crm.column_list import get_column
from crm.configuration import column_json
from crm.entities import ENTITIES
from crm.field_services import ColumnReceipt
from crm.field_types import Json
from crm.models import CustomColumn
from crm.setup import CompanySetup
from customermates.kernel.errors import Issue, NotFound, ValidationFailed
from customermates.kernel.ids import find_uuid
from customermates.kernel.nearest import nearest


def listed(call: Call) -> Answer:
    """`{items}`: the columns of one entity or of all, in their order."""
    call.actor.require("read", "columns")
    name, setup = call.query.get("entityType"), CompanySetup(call.actor)
    entities = ENTITIES.values()
    if name is not None:
        entities = [entity for entity in entities if entity.name == name]
        if not entities:
            params = {"allowed": ENTITIES.names(), "nearest": nearest(name, ENTITIES.names())}
            raise ValidationFailed(Issue("entityType", "unknown_choice", params))
    setup.prefetch_catalogs()
    columns = [column for entity in entities for column in setup.columns(entity)]
    return Answer(body={"items": [shown(column) for column in columns]})


def get(call: Call) -> Answer:
    """One column in use."""
    call.actor.require("read", "columns")
    column = get_column(call.actor, _id(call))
    return Answer(body=shown(column), version=column.version)


def create(call: Call) -> Answer:
    """The new column."""
    done = field_services.create_column(call.actor, call.body, dry_run=call.dry_run)
    if done.dry_run:
        return _would_be("created", done)
    location = f"/api/v1/custom-columns/{done.column.pk}"
    return Answer(body=shown(done.column), status=201, version=done.column.version, location=location)


def update(call: Call) -> Answer:
    """The column with the members of the body changed."""
    pk = _id(call)
    done = field_services.update_column(call.actor, pk, call.changes_of(pk), dry_run=call.dry_run)
    return _changed("updated", done)


def delete(call: Call) -> Answer:
    """The id of the column, which is hidden with its values."""
    done = field_services.delete_column(
        call.actor, _id(call), expected_version=call.version, dry_run=call.dry_run
    )
    return _would_be("deleted", done) if done.dry_run else Answer(body=str(done.column.pk))


def restore(call: Call) -> Answer:
    """The deleted column, back with its values."""
    return _changed("restored", field_services.restore_column(call.actor, _id(call), dry_run=call.dry_run))


def shown(column: CustomColumn) -> dict[str, Json]:
    """A column with its place and version."""
    return {**column_json(column), "position": column.position, "version": column.version}


def _changed(outcome: str, done: ColumnReceipt) -> Answer:
    if done.dry_run:
        return _would_be(outcome, done)
    return Answer(body=shown(done.column), version=done.column.version)


def _would_be(outcome: str, done: ColumnReceipt) -> Answer:
    """What a dry run tells, and how many records would change with the column."""
    row = {
        "id": None if outcome == "created" else str(done.column.pk),
        "outcome": outcome,
        "changes": done.changes,
    }
    return Answer(body={"dryRun": True, "records": [row], "recordsChanged": done.records})


def _id(call: Call) -> UUID:
    """The id in the path; NotFound when it is none, like an id that nobody has."""
    if (pk := find_uuid(call.path["id"])) is None:
        raise NotFound(Issue("id", "unknown_column", {"column": call.path["id"][:80]}))
    return pk
