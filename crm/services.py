"""The write path: every change to CRM data, from whatever door, goes through these functions.

Each runs in one transaction, batch first, in seven steps: permission, load and lock, read and check
all rows, drop what does not differ, save, prove that the actor still sees the result, tell the world.
`dry_run` runs all but the last and takes everything back. The parts are in `crm.writing`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor
from accounts.events import EventDraft
from crm.entities import Entity
from crm.missing import in_trash, unknown_record
from crm.models import Record
from crm.setup import CompanySetup
from crm.writing.batch import Batch
from crm.writing.deadlocks import despite_deadlocks
from crm.writing.drafts import Change, Draft, Values, new_draft, note_changes
from crm.writing.links import Mode
from crm.writing.locks import hold_columns, lock_earlier
from customermates.kernel.errors import Issue, NotFound, ValidationFailed
from customermates.kernel.nearest import nearest
from webhooks.emit import emit

ROWS_LIMIT = 1_000  # rows of one call; longer work is cut into such calls

Outcome = Literal["created", "updated", "unchanged", "deleted", "restored"]


@dataclass(frozen=True, slots=True)
class Written:
    """What became of one row. `changes` is `{field: {"previous", "current"}}` in JSON names and values."""

    record: Record
    outcome: Outcome
    changes: Mapping[str, Change]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a write did, row by row in the caller's order; with `dry_run`, what it would have done.

    `led` are the rows of other entities that the write led to, by entity: deals whose lines changed.
    """

    rows: tuple[Written, ...]
    change_set: UUID
    dry_run: bool = False
    led: Mapping[str, tuple[Written, ...]] = field(default_factory=dict)

    @property
    def records(self) -> list[Record]:
        """The records of all rows."""
        return [row.record for row in self.rows]


@despite_deadlocks
def create_records(actor: Actor, entity: Entity, rows: Sequence[Values], *, dry_run: bool = False) -> Receipt:
    """New records from `rows`, all or none. ValidationFailed tells every issue of every row."""
    with _write(actor, entity, len(rows), dry_run=dry_run) as setup:
        hold_columns(setup, entity, rows, new=True)
        drafts = [new_draft(entity, actor.company_id, position, setup) for position in range(len(rows))]
        batch = Batch(setup, entity, drafts)
        batch.read([_with_assignee(actor, entity, row) for row in rows])
        batch.save()
        return _receipt(batch, "created", dry_run=dry_run)


@despite_deadlocks
def update_records(
    actor: Actor, entity: Entity, changes: Mapping[UUID, Values], *, dry_run: bool = False
) -> Receipt:
    """The named fields of each record changed, all or none; one that ends up equal is not written or told.

    A row may carry `expectedVersion`; Conflict when the record has moved on.
    """
    with _write(actor, entity, len(changes), dry_run=dry_run) as setup:
        rows = list(changes.values())
        hold_columns(setup, entity, rows, new=False)
        lock_earlier(setup, entity, list(changes), rows)
        batch = Batch(setup, entity, _load(actor, entity, list(changes)))
        batch.read([changes[draft.record.pk] for draft in batch.drafts])
        batch.save()
        return _receipt(batch, "updated", dry_run=dry_run)


@despite_deadlocks
def delete_records(
    actor: Actor,
    entity: Entity,
    ids: Sequence[UUID],
    *,
    expected_version: int | None = None,
    dry_run: bool = False,
) -> Receipt:
    """The records moved to the trash, with their links hidden; all or none."""
    with _write(actor, entity, len(ids), dry_run=dry_run, verb="delete") as setup:
        batch = Batch(setup, entity, _load(actor, entity, ids, path=""))
        for draft in batch.drafts:
            draft.check_version(expected_version)
            draft.issues += [issue.at(row=draft.row) for issue in draft.record.deletion_issues()]
        batch.check()
        return _move(batch, "deleted", dry_run=dry_run)


@despite_deadlocks
def restore_records(actor: Actor, entity: Entity, ids: Sequence[UUID], *, dry_run: bool = False) -> Receipt:
    """The records back from the trash, with their links; all or none."""
    with _write(actor, entity, len(ids), dry_run=dry_run, verb="delete") as setup:
        return _move(
            Batch(setup, entity, _load(actor, entity, ids, path="", trash=True)), "restored", dry_run=dry_run
        )


@despite_deadlocks
def link_records(
    actor: Actor,
    entity: Entity,
    source_id: UUID,
    relation: str,
    ids: Sequence[str],
    *,
    expected_version: int | None = None,
    dry_run: bool = False,
) -> Receipt:
    """The record linked to these others as well; `relation` is a name such as "organizationIds"."""
    change = _Relink(relation, ids, "add", expected_version)
    return _relink(actor, entity, source_id, change, dry_run=dry_run)


@despite_deadlocks
def unlink_records(
    actor: Actor,
    entity: Entity,
    source_id: UUID,
    relation: str,
    ids: Sequence[str],
    *,
    expected_version: int | None = None,
    dry_run: bool = False,
) -> Receipt:
    """The record linked to these others no longer."""
    change = _Relink(relation, ids, "remove", expected_version)
    return _relink(actor, entity, source_id, change, dry_run=dry_run)


@contextmanager
def _write(
    actor: Actor, entity: Entity, rows: int, *, dry_run: bool, verb: Literal["write", "delete"] = "write"
) -> Iterator[CompanySetup]:
    """The transaction of one write, permission checked; a dry run is rolled back at its end."""
    actor.require("read", entity.resource)  # a write answers with what it wrote
    actor.require(verb, entity.resource)
    if rows > ROWS_LIMIT:
        raise ValidationFailed(Issue("", "too_many_rows", {"limit": ROWS_LIMIT, "count": rows}))
    with transaction.atomic():
        yield CompanySetup(actor)
        if dry_run:
            transaction.set_rollback(True)


def _load(
    actor: Actor, entity: Entity, ids: Sequence[UUID], *, path: str = "id", trash: bool = False
) -> list[Draft]:
    """Drafts in the order of `ids`, locked in id order; NotFound names all that are missing."""
    rows = entity.model.objects.in_trash_of(actor) if trash else entity.model.objects.visible_to(actor)
    wanted = list(dict.fromkeys(ids))
    found = {row.pk: row for row in rows.filter(pk__in=wanted).order_by("pk").select_for_update(of=("self",))}
    if missing := [(position, pk) for position, pk in enumerate(ids) if pk not in found]:
        raise NotFound(*_missing(actor, entity, missing, path, trash=trash))
    first = {pk: position for position, pk in reversed([*enumerate(ids)])}
    return [Draft.of(found[pk], first[pk]) for pk in wanted]


def _missing(
    actor: Actor, entity: Entity, places: Sequence[tuple[int, UUID]], path: str, *, trash: bool
) -> Iterator[Issue]:
    if trash:
        for row, pk in places:
            yield Issue(path, "not_in_trash", {"entity": entity.name, "id": str(pk)}, row)
        return
    gone = in_trash(actor, entity, (pk for _, pk in places))
    for row, pk in places:
        yield unknown_record(entity, str(pk), path, trash=pk in gone).at(row=row)


@dataclass(frozen=True, slots=True)
class _Relink:
    relation: str
    ids: Sequence[str]
    mode: Mode
    expected_version: int | None


def _relink(actor: Actor, entity: Entity, source_id: UUID, change: _Relink, *, dry_run: bool) -> Receipt:
    if change.relation not in entity.relations:
        allowed = list(entity.relations)
        params = {"entity": entity.name, "allowed": allowed, "nearest": nearest(change.relation, allowed)}
        raise ValidationFailed(Issue("relation", "unknown_relation", params))
    relation = entity.relations[change.relation]
    with _write(actor, entity, 1, dry_run=dry_run) as setup:
        lock_earlier(setup, entity, [source_id], [{relation.written_as: list(change.ids)}], replacing=False)
        batch = Batch(setup, entity, _load(actor, entity, [source_id], path="sourceId"))
        batch.drafts[0].check_version(change.expected_version)
        batch.relink(relation, change.ids, change.mode)
        batch.save()
        return _receipt(batch, "updated", dry_run=dry_run)


def _move(batch: Batch, outcome: Literal["deleted", "restored"], *, dry_run: bool) -> Receipt:
    """Into the trash or out of it: one column, one new version, one event for each record."""
    now = batch.setup.context.now
    for draft in batch.drafts:
        draft.record.deleted_at = now if outcome == "deleted" else None
    batch.save_moved()
    return _receipt(batch, outcome, dry_run=dry_run)


def _with_assignee(actor: Actor, entity: Entity, row: Values) -> Values:
    """`row`, assigned to the actor when it names nobody and the actor sees only their own records."""
    if actor.reach(entity.resource) == "own" and row.get("userIds", []) == []:
        return {**row, "userIds": [str(actor.user_id)]}
    return row


def _receipt(batch: Batch, outcome: Outcome, *, dry_run: bool) -> Receipt:
    """What the batch did; unless it was a dry run, the events of it are written: the last step."""
    actor = batch.setup.actor
    if not dry_run:
        emit(actor, list(_events(batch, outcome)))
    led = {
        other.entity.name: tuple(row for row in _rows(other, "updated") if row.changes) for other in batch.led
    }
    return Receipt(tuple(_rows(batch, outcome)), actor.change_set, dry_run, led)


def _rows(batch: Batch, outcome: Outcome) -> Iterator[Written]:
    for draft in batch.drafts:
        yield Written(draft.record, outcome if batch.is_changed(draft) else "unchanged", draft.changes)


def _events(batch: Batch, outcome: Outcome) -> Iterator[EventDraft]:
    """The events of the batch, of those that it led to, and of the records it touched through links."""
    yield from _own_events(batch, outcome)
    for led in batch.led:
        yield from _events(led, "updated")
    for (entity, pk), changes in batch.others.changes.items():
        yield _event(entity, "updated", pk, changes)


def _own_events(batch: Batch, outcome: Outcome) -> Iterator[EventDraft]:
    """One event for each changed record; one back from the trash is told like a new one, with all it has."""
    name = "created" if outcome == "restored" else outcome
    for draft in batch.drafts:
        if outcome == "restored":
            note_changes(batch.setup, batch.entity, whole := Draft(draft.record, draft.row))
            yield _event(batch.entity.name, name, draft.record.pk, whole.changes)
        elif batch.is_changed(draft):
            yield _event(batch.entity.name, name, draft.record.pk, draft.changes)


def _event(entity: str, what: str, pk: UUID, changes: Mapping[str, Change]) -> EventDraft:
    return EventDraft(name=f"{entity}.{what}", entity=entity, entity_id=pk, changes=changes)
