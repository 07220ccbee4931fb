"""Undo: what a change set did is written back, as far as it still stands, as a change set of its own.

Everything goes through `crm.services`, so the actor's permissions, the rules of every field and the
history apply as to any other write; undoing an undo is undo again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import override

from accounts.actor import Actor
from accounts.models import Event
from crm import services
from crm.attribution import who_did
from crm.entities import ENTITIES, Entity
from crm.presenters import Presenter
from crm.reasons import undo_of
from crm.reversal import CHANGED_SINCE, GONE, Key, Past, State, fold, plain, reversal_of, state_of
from crm.services import Receipt, Written
from crm.setup import CompanySetup
from crm.undo_setup import SetupUndo, setup_events
from crm.writing.deadlocks import despite_deadlocks
from customermates.kernel.errors import Conflict, Issue, NotAllowed, NotFound, ProductError, ValidationFailed

ROWS = 500  # records of one write
TRIES = 3  # when somebody else writes to the same records meanwhile
_MEMBER = re.compile(r"(\w+)\[(\d+)\]")  # "contactIds[2]"
_DENIED = ("missing_permission", "missing_scope")


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Something that stays as it is. `field` is a name, a column's id, or "" for the whole record."""

    entity: Entity
    record_id: UUID
    field: str
    issue: Issue


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo did: how many records, columns and people it changed, and what it had to leave."""

    change_set: UUID
    count: int
    obstacles: tuple[Obstacle, ...] = ()
    refused: tuple[Issue, ...] = ()  # of columns and people


def undo_change_set(actor: Actor, change_set: UUID, *, record_id: UUID | None = None) -> Undone:
    """All that `change_set` did taken back, or only what it did to one record.

    NotFound when there is no such change in what the actor may read; whatever has changed since, or
    may not be written, is left alone and told.
    """
    events = list(_events(actor).filter(change_set=change_set))
    chosen = [event for event in events if record_id in (None, event.entity_id)]
    rest = [event for event in events if event not in chosen]
    return _undo(actor, chosen, rest, [] if record_id else setup_events(actor, change_set))


def undo_event(actor: Actor, event_id: UUID) -> Undone:
    """What one event tells of taken back, from the other side of its links as well."""
    events = _events(actor)
    event = events.filter(pk=event_id).first()
    if event is None:
        raise NotFound(Issue("", "nothing_to_undo"))
    return _undo(actor, [event], list(events.filter(change_set=event.change_set).exclude(pk=event.pk)))


def _events(actor: Actor) -> Any:
    """The company's events about records that the actor may read at all, in their order."""
    readable = [entity.name for entity in ENTITIES.values() if actor.reach(entity.resource) != "none"]
    rows = Event.objects.filter(company_id=actor.company_id, entity__in=readable)
    return rows.select_related("user", "api_key").order_by("sequence")


@despite_deadlocks
def _undo(
    actor: Actor, events: Sequence[Event], others: Sequence[Event], setup: Sequence[Event] = ()
) -> Undone:
    """`others` are the rest of the change set, which may tell of lines that a service gained or lost.

    `setup` are its events about columns and people: columns come back before values are written to
    them, and go when the values are gone.
    """
    if not (events or setup):
        raise NotFound(Issue("", "nothing_to_undo"))
    with override("en"):
        reason = undo_of(who_did([*events, *setup][0]))
    pasts = fold(events)
    _add_lines(pasts, fold(others))
    for attempt in range(TRIES):
        try:
            with transaction.atomic():
                undoer = replace(actor, reason=reason)
                run, around = _Run(undoer, pasts, _last(events)), SetupUndo.of(undoer, setup)
                around.bring_back()
                run.all()
                around.take_away()
                count = len(run.changed) + around.count
                return Undone(actor.change_set, count, tuple(run.obstacles), tuple(around.refused))
        except Conflict:
            if attempt == TRIES - 1:
                raise
    raise AssertionError  # every turn returns or raises


def _last(events: Sequence[Event]) -> int:
    return events[-1].sequence if events else 0


def _add_lines(pasts: dict[Key, Past], others: Mapping[Key, Past]) -> None:
    """A service tells only which deals it joined or left; what its lines were like, those deals tell."""
    for past in list(pasts.values()):
        for relation in past.entity.relations.values():
            if not relation.has_lines or relation.owns_lines:
                continue
            touched = past.added.get(relation.ids_name, set()) | past.removed.get(relation.ids_name, set())
            for pk in touched:
                key = (relation.target, UUID(pk))
                service = str(past.record_id)
                if key not in pasts and key in others and service in others[key].lines:
                    other = Past(ENTITIES.get(relation.target), UUID(pk))
                    other.lines[service] = others[key].lines[service]
                    pasts[key] = other


@dataclass(slots=True)
class _Run:
    """One undo at work: records come back, then values and links, then what was new goes."""

    actor: Actor
    pasts: Mapping[Key, Past]
    until: int  # the sequence number of the last event to take back
    changed: set[UUID] = field(default_factory=set)
    obstacles: list[Obstacle] = field(default_factory=list)

    def all(self) -> None:
        """Everything, in the one order that works."""
        leaving = {key: past for key, past in self.pasts.items() if past.is_born}
        self._keep_touched(leaving)
        gone = frozenset(str(pk) for _, pk in leaving)
        for entity, pasts in self._by_entity(past for past in self.pasts.values() if past.is_dead):
            self._restore(entity, pasts)
        for entity, pasts in self._by_entity(past for past in self.pasts.values() if not past.is_born):
            self._update(entity, pasts, gone)
        for entity, pasts in self._by_entity(leaving.values()):
            self._delete(entity, pasts)

    def _by_entity(self, pasts: Iterable[Past]) -> Iterator[tuple[Entity, list[Past]]]:
        found = list(pasts)
        for entity in ENTITIES.values():
            mine = sorted((p for p in found if p.entity is entity), key=lambda past: past.record_id)
            for start in range(0, len(mine), ROWS):
                yield entity, mine[start : start + ROWS]

    def _keep_touched(self, leaving: dict[Key, Past]) -> None:
        """What is new stays when somebody has worked on it since: that would go with it."""
        ids = [pk for _, pk in leaving]
        later = fold(_events(self.actor).filter(entity_id__in=ids, sequence__gt=self.until)) if ids else {}
        self._forget_hidden(later.values())
        for key, since in later.items():
            if since.is_dead:
                del leaving[key]
            elif not since.is_nothing:
                self._note(leaving.pop(key), "", CHANGED_SINCE)

    def _forget_hidden(self, pasts: Iterable[Past]) -> None:
        """Links to records that are in the trash by now are hidden with them: nobody would miss them."""
        for past in pasts:
            for name, ids in (*past.added.items(), *past.removed.items()):
                if target := ENTITIES.find(past.entity.relations[name].target):
                    seen = target.model.objects.visible_to(self.actor).filter(pk__in=ids)
                    ids &= {str(pk) for pk in seen.values_list("pk", flat=True)}

    def _restore(self, entity: Entity, pasts: Sequence[Past]) -> None:
        trash = entity.model.objects.in_trash_of(self.actor).filter(pk__in=[p.record_id for p in pasts])
        found = set(trash.values_list("pk", flat=True))
        ids = [past.record_id for past in pasts if past.record_id in found]
        self._move(entity, ids, services.restore_records)

    def _delete(self, entity: Entity, pasts: Sequence[Past]) -> None:
        seen = entity.model.objects.visible_to(self.actor).filter(pk__in=[p.record_id for p in pasts])
        found = set(seen.values_list("pk", flat=True))
        ids = [past.record_id for past in pasts if past.record_id in found]
        self._move(entity, ids, services.delete_records)

    def _move(self, entity: Entity, ids: list[UUID], move: Callable[..., Receipt]) -> None:
        """As many of the records as may be moved."""
        while ids:
            try:
                self._done(move(self.actor, entity, ids).rows)
                return
            except (ValidationFailed, NotAllowed) as error:
                refused = {ids[issue.row]: issue for issue in error.issues}
                if any(issue.code in _DENIED for issue in error.issues):
                    refused = dict.fromkeys(ids, error.issues[0])
                for pk, issue in refused.items():
                    self.obstacles.append(Obstacle(entity, pk, "", issue))
                ids = [pk for pk in ids if pk not in refused]

    def _update(self, entity: Entity, pasts: Sequence[Past], leaving: frozenset[str]) -> None:
        states = self._states(entity, pasts)
        rows: dict[UUID, dict[str, Any]] = {}
        for past in pasts:
            now = states.get(past.record_id)
            if now is None:
                if past.is_alive and not past.is_nothing:
                    self._note(past, "", GONE)
                continue
            reversal = reversal_of(past, now, leaving=leaving)
            for name in reversal.kept:
                self._note(past, name, CHANGED_SINCE)
            if reversal.values:
                rows[past.record_id] = {**reversal.values, "expectedVersion": now.row["version"]}
        self._write(entity, rows)

    def _states(self, entity: Entity, pasts: Sequence[Past]) -> dict[UUID, State]:
        """The records as they are now, with the relations that the past is about."""
        setup = CompanySetup(self.actor)
        presenter = Presenter(setup, entity)
        seen = entity.model.objects.visible_to(self.actor).filter(pk__in=[p.record_id for p in pasts])
        rows = list(seen.values(*presenter.attrs()))
        names = {
            relation.name
            for past in pasts
            for relation in entity.relations.values()
            if relation.ids_name in past.added or (relation.owns_lines and past.lines)
        }
        links = presenter.references(rows, names) if names else {}
        return {row["id"]: state_of(setup, entity, row, links.get(row["id"])) for row in rows}

    def _write(self, entity: Entity, rows: dict[UUID, dict[str, Any]]) -> None:
        """As much of the values as the rules let in; what they refuse is told."""
        while rows:
            try:
                written = services.update_records(self.actor, entity, rows).rows
            except (ValidationFailed, NotAllowed) as error:
                self._drop(entity, rows, error)
            else:
                self._done(written)
                self._mend(entity, rows, written)
                return

    def _mend(
        self, entity: Entity, rows: Mapping[UUID, Mapping[str, Any]], written: Iterable[Written]
    ) -> None:
        """Values that followed others by themselves, and were not part of the past, are put back."""
        back = {}
        for row in written:
            sent = rows[row.record.pk]
            attrs = {own.attr for own in entity.fields if own.name in sent}
            followed = {
                own.name: plain(row.changes[own.name]["previous"])
                for own in entity.fields
                if own.name in row.changes and own.writable and own.attr not in attrs
            }
            if followed:
                back[row.record.pk] = followed
        if back:
            try:
                services.update_records(self.actor, entity, back)
            except ProductError:
                return  # it has to follow: an open deal has no closing time

    def _drop(self, entity: Entity, rows: dict[UUID, dict[str, Any]], error: ProductError) -> None:
        """Take out of `rows` what the rules refused, so that the rest can be written."""
        ids = list(rows)
        for issue in sorted(error.issues, key=lambda issue: issue.field, reverse=True):
            if issue.code in _DENIED:
                self.obstacles += [Obstacle(entity, pk, "", issue) for pk in ids]
                rows.clear()
                return
            pk = ids[issue.row]
            self.obstacles.append(Obstacle(entity, pk, issue.field.partition("[")[0], issue))
            _drop_value(rows, pk, issue.field)

    def _done(self, rows: Iterable[Written]) -> None:
        self.changed.update(row.record.pk for row in rows if row.outcome != "unchanged")

    def _note(self, past: Past, name: str, code: str) -> None:
        self.obstacles.append(Obstacle(past.entity, past.record_id, name, Issue(name, code)))


def _drop_value(rows: dict[UUID, dict[str, Any]], pk: UUID, path: str) -> None:
    """Take the value at `path` out of a row: one member of a list, a field, or else the whole row."""
    row = rows.get(pk)
    if row is None:
        return
    member = _MEMBER.match(path)
    if member and isinstance(row.get(member[1]), list) and int(member[2]) < len(row[member[1]]):
        row[member[1]] = [item for n, item in enumerate(row[member[1]]) if n != int(member[2])]
    elif row.pop(path.partition(".")[0].partition("[")[0], None) is None:
        rows.pop(pk)
        return
    if row.keys() <= {"expectedVersion"}:
        rows.pop(pk)
