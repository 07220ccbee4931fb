"""What the routes of an entity do: parse, call the write path or the query layer, render."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from accounts.api.calls import Answer, Call
from crm import queries, services
from crm.api import aggregates
from crm.api.selection import Selection
from crm.configuration import column_json, entity_configuration
from crm.entities import Entity, Relation
from crm.field_types import Json
from crm.keyed_rows import rows_by_id
from crm.missing import unknown_record
from crm.setup import CompanySetup
from customermates.kernel.errors import Issue, NotFound, ValidationFailed
from customermates.kernel.ids import find_uuid
from customermates.kernel.nearest import nearest

MANY = 100  # records of one call


def create(entity: Entity, call: Call) -> Answer:
    """A new record, whole."""
    selection = _selection(entity, call)
    done = services.create_records(call.actor, entity, [call.body], dry_run=call.dry_run)
    if call.dry_run:
        return would_be(done)
    [(record, version)] = selection.by_id([done.records[0].pk])
    location = f"/api/v1/{entity.plural}/{record['id']}"
    return Answer(body=record, status=201, version=version, location=location)


def get(entity: Entity, call: Call) -> Answer:
    """`{entity: record, customColumns}`."""
    selection = _selection(entity, call)
    [(record, version)] = selection.by_id([_id(entity, call)])
    columns = [column_json(column) for column in selection.setup.columns(entity)]
    return Answer(body={entity.name: record, "customColumns": columns}, version=version)


def update(entity: Entity, call: Call) -> Answer:
    """The record with the members of the body changed, and all others as they were."""
    selection, pk = _selection(entity, call), _id(entity, call)
    done = services.update_records(call.actor, entity, {pk: call.changes_of(pk)}, dry_run=call.dry_run)
    return _changed(selection, done)


def delete(entity: Entity, call: Call) -> Answer:
    """The id of the record, which is in the trash now."""
    pk = _id(entity, call)
    done = services.delete_records(
        call.actor, entity, [pk], expected_version=call.version, dry_run=call.dry_run
    )
    return would_be(done) if call.dry_run else Answer(body=str(pk))


def restore(entity: Entity, call: Call) -> Answer:
    """The record, back from the trash with its links."""
    selection = _selection(entity, call)
    done = services.restore_records(call.actor, entity, [_id(entity, call)], dry_run=call.dry_run)
    return _changed(selection, done)


def create_many(entity: Entity, call: Call) -> Answer:
    """New records, all or none, in the order of the rows."""
    selection = _selection(entity, call)
    done = services.create_records(call.actor, entity, _rows(entity, call), dry_run=call.dry_run)
    return would_be(done) if call.dry_run else Answer(body=_all(selection, done), status=201)


def update_many(entity: Entity, call: Call) -> Answer:
    """The records changed, all or none, in the order of the rows."""
    selection = _selection(entity, call)
    changes = rows_by_id(entity, _rows(entity, call))
    done = services.update_records(call.actor, entity, changes, dry_run=call.dry_run)
    return would_be(done) if call.dry_run else Answer(body=_all(selection, done))


def delete_many(entity: Entity, call: Call) -> Answer:
    """The ids of the records, which are in the trash now, all or none."""
    ids = queries.read_ids(_ids(call), entity, path="id")
    done = services.delete_records(call.actor, entity, ids, dry_run=call.dry_run)
    return would_be(done) if call.dry_run else Answer(body=[str(pk) for pk in dict.fromkeys(ids)])


def link(entity: Entity, call: Call) -> Answer:
    """The record, linked to these others as well."""
    return _relinked(services.link_records, entity, call)


def unlink(entity: Entity, call: Call) -> Answer:
    """The record, linked to these others no longer."""
    return _relinked(services.unlink_records, entity, call)


def _relinked(write: Callable[..., services.Receipt], entity: Entity, call: Call) -> Answer:
    selection, relation = _selection(entity, call), _relation(entity, call)
    done = write(
        call.actor,
        entity,
        _id(entity, call),
        relation.ids_name,
        _ids(call),
        expected_version=call.version,
        dry_run=call.dry_run,
    )
    return _changed(selection, done)


def configuration(entity: Entity, call: Call) -> Answer:
    """Fields, relations, custom columns and grammar of the entity in this company."""
    call.actor.require("read", entity.resource)
    setup = CompanySetup(call.actor)
    return Answer(body={**entity_configuration(setup, entity), **aggregates.offered(setup.catalog(entity))})


def would_be(done: services.Receipt) -> Answer:
    """What a dry run tells: the outcome and changes of each row; new records have no id yet."""
    rows = [
        {
            "id": None if row.outcome == "created" else str(row.record.pk),
            "outcome": row.outcome,
            "changes": row.changes,
        }
        for row in done.rows
    ]
    return Answer(body={"dryRun": True, "records": rows})


def _selection(entity: Entity, call: Call) -> Selection:
    call.actor.require("read", entity.resource)  # whatever is done, records are answered
    return Selection(CompanySetup(call.actor), entity, call.fields)


def _changed(selection: Selection, done: services.Receipt) -> Answer:
    """The one record that a write changed, or what a dry run would have made of it."""
    if done.dry_run:
        return would_be(done)
    [(record, version)] = selection.by_id([done.records[0].pk])
    return Answer(body=record, version=version)


def _all(selection: Selection, done: services.Receipt) -> list[dict[str, Json]]:
    return [record for record, _version in selection.by_id(record.pk for record in done.records)]


def _id(entity: Entity, call: Call) -> UUID:
    """The id in the path; NotFound when it is none, like an id that nobody has."""
    text = call.path["id"]
    if (pk := find_uuid(text)) is None:
        raise NotFound(unknown_record(entity, text, ""))
    return pk


def _relation(entity: Entity, call: Call) -> Relation:
    """The relation in the path, by the name that records or writes give it."""
    text = call.path["relation"]
    by_name = {relation.name: relation for relation in entity.relations.values()}
    if found := by_name.get(text) or entity.relations.get(text):
        return found
    params = {"entity": entity.name, "allowed": list(by_name), "nearest": nearest(text, by_name)}
    raise NotFound(Issue("relation", "unknown_relation", params))


def _rows(entity: Entity, call: Call) -> Sequence[Mapping[str, Json]]:
    """The rows of a batch, which are objects."""
    rows = _listed(call, entity.plural)
    ValidationFailed.raise_if(
        Issue("", "wrong_type", {"expected": "a JSON object"}, position)
        for position, row in enumerate(rows)
        if not isinstance(row, dict)
    )
    return rows


def _ids(call: Call) -> Sequence[str]:
    """The ids of a batch, which are texts."""
    ids = _listed(call, "ids")
    ValidationFailed.raise_if(
        Issue(f"ids[{position}]", "wrong_type", {"expected": "an id"}, position)
        for position, text in enumerate(ids)
        if not isinstance(text, str)
    )
    return ids


def _listed(call: Call, name: str) -> list[Any]:
    """The one list that the body of a batch consists of."""
    items = call.only(name).get(name)
    if not isinstance(items, list) or not items:
        expected = f"a list of 1 to {MANY}"
        raise ValidationFailed(
            Issue(name, "required" if name not in call.body else "wrong_type", {"expected": expected})
        )
    if len(items) > MANY:
        raise ValidationFailed(Issue(name, "too_many_rows", {"limit": MANY, "count": len(items)}))
    return items
