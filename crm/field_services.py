"""The write path of custom columns: the only writer of their definitions.

Like the functions of `crm.services`, each runs in one transaction, tells every issue at once and
puts what it did on record. Two writers at once never share a number, key or slot: all three follow
from one look at the columns there are, so whoever is second collides on the number and looks again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db import DatabaseError, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.actor import Actor
from accounts.events import EventDraft, difference
from crm.catalog import column_type
from crm.columns import LAST_NUMBER, definition, free_key, free_number, free_slots
from crm.entities import ENTITIES, Entity
from crm.field_types import FieldType, Json, SingleSelectType
from crm.field_types.choices import Option
from crm.models import RESTORABLE_FOR, CustomColumn
from crm.writing.deadlocks import is_collision, is_deadlock, started_again
from crm.writing.definitions import COLUMNS_LIMIT, DefinitionReader, stale_column
from crm.writing.drafts import Change
from crm.writing.values import count_lacking, count_using, fill_in, replace_options
from customermates.kernel.errors import Conflict, Issue, NotFound
from webhooks.emit import emit

# Every collision is somebody else's success; that many people make columns of one entity at one moment.
_TRIES = 10
RECORDS_LIMIT = 1_000  # whose values change with a column, in one transaction and as many events


@dataclass(frozen=True, slots=True)
class ColumnReceipt:
    """What a write did to a column, by JSON names; with `dry_run`, what it would have done."""

    column: CustomColumn
    changes: Mapping[str, Change]
    records: int  # those whose values changed with it
    change_set: UUID
    dry_run: bool = False


@dataclass(slots=True)
class _Written:
    """A column after its change, how it was before, and what became of records."""

    column: CustomColumn
    what: str
    before: Mapping[str, Json]
    records: list[EventDraft] = field(default_factory=list)
    neighbours: list[EventDraft] = field(default_factory=list)  # columns that made room


def create_column(actor: Actor, values: Mapping[str, Json], *, dry_run: bool = False) -> ColumnReceipt:
    """A new column as `values` say: entityType, type and label, perhaps options, required, position,
    description; `backfill` gives the default option to the records there are, up to RECORDS_LIMIT.
    """
    return _write(actor, lambda: _create(actor, values), dry_run=dry_run)


def update_column(
    actor: Actor, column_id: UUID, values: Mapping[str, Json], *, dry_run: bool = False
) -> ColumnReceipt:
    """The column with the named parts changed; entityType, type and key stay what they are.

    Options that are in use go only with `replaceWith: {option: other option or null}`, and those of
    more than RECORDS_LIMIT records only when these have been updated first.
    """
    return _write(actor, lambda: _update(actor, column_id, values), dry_run=dry_run)


def delete_column(
    actor: Actor, column_id: UUID, *, expected_version: int | None = None, dry_run: bool = False
) -> ColumnReceipt:
    """The column hidden, and its values with it; they stay where they are until it is purged.

    Conflict when it no longer has the version that is expected.
    """

    def delete() -> _Written:
        column = _get(actor, column_id)
        if expected_version is not None and expected_version != column.version:
            raise Conflict(stale_column(column, expected_version))
        column.deleted_at = timezone.now()
        return _moved(column, "deleted")

    return _write(actor, delete, dry_run=dry_run)


def restore_column(actor: Actor, column_id: UUID, *, dry_run: bool = False) -> ColumnReceipt:
    """The deleted column back with its values, under its own number, key and slots."""

    def restore() -> _Written:
        column = _get(actor, column_id, deleted=True)
        live = _in_use(_all_columns(actor, column.entity))
        reader = DefinitionReader(column, {})
        reader.check_label(live)
        _check_room(reader, live)
        reader.done()
        column.deleted_at = None
        return _moved(column, "restored")

    return _write(actor, restore, dry_run=dry_run)


def columns_ever(actor: Actor, entity: Entity) -> Sequence[CustomColumn]:
    """Every column that `entity` ever had: their numbers, keys and slots are not given again."""
    return _all_columns(actor, entity.name)


def count_users_of(column: CustomColumn, option: str) -> int:
    """How many records, those in the trash included, have an option, by its id."""
    return count_using(ENTITIES.get(column.entity), column, [option])


def move_column(actor: Actor, column_id: UUID, place: int, *, dry_run: bool = False) -> ColumnReceipt:
    """The column at `place` among those of its entity, counted from 0; beyond the ends is at the ends.

    The others close ranks. Versions stay: an order is no part of what `expectedVersion` guards.
    """
    return _write(actor, lambda: _move(actor, column_id, place), dry_run=dry_run)


def _write(actor: Actor, change: Callable[[], _Written], *, dry_run: bool) -> ColumnReceipt:
    """The transaction of one change, permission checked; done again when somebody else was faster."""
    actor.require("write", "columns")
    return _attempt(actor, change, dry_run=dry_run)


def _is_passing(error: DatabaseError) -> bool:
    return is_deadlock(error) or is_collision(error, CustomColumn)


@started_again(_is_passing, tries=_TRIES)
def _attempt(actor: Actor, change: Callable[[], _Written], *, dry_run: bool) -> ColumnReceipt:
    with transaction.atomic():
        receipt = _told(actor, change(), dry_run=dry_run)
        transaction.set_rollback(dry_run)
        return receipt


def _told(actor: Actor, written: _Written, *, dry_run: bool) -> ColumnReceipt:
    """The receipt of a change whose events, unless it was a dry run, are written: the last step."""
    column = written.column
    changes = difference(written.before, definition(column))
    name = f"customColumn.{written.what}"
    own = EventDraft(name=name, entity="customColumn", entity_id=column.pk, changes=changes)
    if not dry_run:
        # All at once and last: the first event of a company holds back its other writers until commit.
        told = [own] if changes or written.what != "updated" else []
        emit(actor, [*told, *written.neighbours, *written.records])
    return ColumnReceipt(column, changes, len(written.records), actor.change_set, dry_run)


def _create(actor: Actor, values: Mapping[str, Json]) -> _Written:
    now = timezone.now()
    column = CustomColumn(company_id=actor.company_id, created_at=now, updated_at=now)
    reader = DefinitionReader(column, values)
    reader.read()
    others = _all_columns(actor, column.entity)
    live = _in_use(others)
    reader.check_label(live)
    _check_room(reader, live)
    backfill = _default_to_fill(reader)
    if reader.entity:
        column.number = free_number(others)
        if column.number > LAST_NUMBER:
            reader.refuse("", "too_many_columns", limit=COLUMNS_LIMIT)
    reader.done()
    entity = ENTITIES.get(column.entity)
    column.key = free_key(entity, column.label, others)
    column.slots = free_slots(column_type(column), others)
    if "position" not in values:
        column.position = max((other.position + 1 for other in live), default=0)
    column.save(force_insert=True)
    filled = fill_in(actor, entity, column, backfill) if backfill else []
    return _Written(column, "created", {}, filled)


def _update(actor: Actor, column_id: UUID, values: Mapping[str, Json]) -> _Written:
    column = _get(actor, column_id)
    before, was = definition(column), column_type(column)
    reader = DefinitionReader(column, values)
    reader.read()
    reader.check_label(_in_use(_all_columns(actor, column.entity)))
    replacements = _replacements(reader, was)
    backfill = _default_to_fill(reader)
    if [issue.code for issue in reader.issues] == ["stale_version"]:
        raise Conflict(*reader.issues)
    reader.done()
    entity = ENTITIES.get(column.entity)
    if definition(column) != before:
        _save(column)
    records = replace_options(actor, entity, column, replacements) if replacements else []
    records += fill_in(actor, entity, column, backfill) if backfill else []
    return _Written(column, "updated", before, records)


def _move(actor: Actor, column_id: UUID, place: int) -> _Written:
    column = _get(actor, column_id)
    rows = CustomColumn.objects.filter(company_id=actor.company_id, entity=column.entity, deleted_at=None)
    live = {row.pk: row for row in rows.select_for_update().order_by("pk")}
    column = live.pop(column.pk)
    order = sorted(live.values(), key=lambda row: (row.position, row.number))
    order.insert(max(0, place), column)
    before, neighbours, now = definition(column), list[EventDraft](), timezone.now()
    for position, row in enumerate(order):
        if row.position == position:
            continue
        was, row.position, row.updated_at = definition(row), position, now
        row.save(update_fields=["position", "updated_at"])
        if row is not column:
            changes = difference(was, definition(row))
            name = "customColumn.updated"
            neighbours.append(EventDraft(name=name, entity="customColumn", entity_id=row.pk, changes=changes))
    return _Written(column, "updated", before, neighbours=neighbours)


def _replacements(reader: DefinitionReader, was: FieldType) -> dict[str, str | None]:
    """What takes the place of each option that goes; one in use without a replacement is an issue."""
    column = reader.column
    before, after = _options(was), _options(column_type(column))
    replacements = reader.replacements(before, after)
    kept, entity = {option.value for option in after}, ENTITIES.get(column.entity)
    for option in before:
        if option.value in kept or option.value in replacements:
            continue
        if used := count_using(entity, column, [option.value]):
            allowed = [other.label for other in after]
            params = {"label": option.label, "count": used, "allowed": allowed}
            reader.refuse("replaceWith", "option_in_use", **params, example={option.label: allowed[0]})
    if replacements and (used := count_using(entity, column, list(replacements))) > RECORDS_LIMIT:
        reader.refuse("replaceWith", "option_in_much_use", count=used, limit=RECORDS_LIMIT)
    return replacements


def _default_to_fill(reader: DefinitionReader) -> Json:
    """The default option that records without a value shall get, None when nobody asked for that."""
    kind = reader.settled_kind
    if not reader.asks_backfill() or kind is None:
        return None
    default = kind.default if isinstance(kind, SingleSelectType) else None
    if default is None:
        reader.refuse("backfill", "no_default", example={"label": "Gold", "isDefault": True})
    elif reader.entity and (lacking := count_lacking(reader.entity, reader.column)) > RECORDS_LIMIT:
        reader.refuse("backfill", "fills_too_many", count=lacking, limit=RECORDS_LIMIT)
    return default


def _options(kind: FieldType) -> Sequence[Option]:
    return kind.options if isinstance(kind, SingleSelectType) else ()


def _check_room(reader: DefinitionReader, live: Sequence[CustomColumn]) -> None:
    if len(live) >= COLUMNS_LIMIT:
        reader.refuse("", "too_many_columns", limit=COLUMNS_LIMIT)


def _get(actor: Actor, column_id: UUID, *, deleted: bool = False) -> CustomColumn:
    """The column, locked; NotFound when there is none in use, or in the trash when `deleted`."""
    rows = CustomColumn.objects.filter(company_id=actor.company_id)
    restorable = Q(deleted_at__gt=timezone.now() - RESTORABLE_FOR)
    rows = rows.filter(restorable if deleted else Q(deleted_at=None))
    column = rows.select_for_update().filter(pk=column_id).first()
    if column is None:
        params = {"column": str(column_id), "entity": "custom column", "id": str(column_id)}
        raise NotFound(Issue("id", "not_in_trash" if deleted else "unknown_column", params))
    return column


def _all_columns(actor: Actor, entity: str) -> list[CustomColumn]:
    """Every column the entity ever had, in one look.

    Purging a column clears its values and its `slots` but keeps its row, so that neither its number
    nor its key is ever given again.
    """
    return list(CustomColumn.objects.filter(company_id=actor.company_id, entity=entity))


def _in_use(columns: Sequence[CustomColumn]) -> list[CustomColumn]:
    return [column for column in columns if column.deleted_at is None]


def _moved(column: CustomColumn, what: str) -> _Written:
    _save(column)
    return _Written(column, what, definition(column))


def _save(column: CustomColumn) -> None:
    column.version += 1
    column.updated_at = timezone.now()
    column.save()
