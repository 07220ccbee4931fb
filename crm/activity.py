"""What people and agents did lately, one line for each change set, as far as somebody may see it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.actor import Actor
from accounts.models import Event
from crm.attribution import reason_of, who_did
from crm.entities import ENTITIES, Entity
from crm.field_types.stages import PipelineIdType, StageIdType

LOOKED_BACK = 200  # events from which the lines are made
TOUCHED_BACK = 500  # events of the company among which somebody's own are looked for


@dataclass(frozen=True, slots=True)
class Activity:
    """What one change set did to the records of one entity."""

    who: str
    is_agent: bool
    entity: Entity
    what: str  # created, updated or deleted
    fields: tuple[str, ...]  # JSON names of what was changed by hand in every one of them
    records: Mapping[UUID, str]  # {id: name}, only those that may be seen
    gone: frozenset[UUID]  # those of them that are in the trash now
    is_cut: bool  # whether there are more than were looked at
    reason: str  # what the doer gave as the reason
    at: datetime

    @property
    def count(self) -> int:
        """How many records it was."""
        return len(self.records)


def recent_activity(actor: Actor, *, limit: int) -> list[Activity]:
    """The newest lines. Two queries, however much happened."""
    events = list(_events(actor).order_by("-sequence")[:LOOKED_BACK])
    lines = list(_lines(actor, events, is_cut=len(events) == LOOKED_BACK))
    return sorted(lines, key=lambda line: line.at, reverse=True)[:limit]


def activity_since(actor: Actor, sequence: int) -> list[Activity]:
    """What others did after event number `sequence`; what `actor` did at the browser is left out."""
    own = Q(user_id=actor.user_id, via=actor.via)
    events = list(
        _events(actor).filter(sequence__gt=sequence).exclude(own).order_by("sequence")[:LOOKED_BACK]
    )
    return list(_lines(actor, events, is_cut=len(events) == LOOKED_BACK))


def last_touched(actor: Actor, newest: int, *, limit: int) -> list[tuple[Entity, UUID, str]]:
    """Records that `actor` changed at the browser lately, newest first, as far as they are still there.

    `newest` is the company's last sequence number: only so much before it is looked at. Two queries.
    """
    own = Q(user_id=actor.user_id, via=actor.via)
    events = _events(actor).filter(own, sequence__gt=newest - TOUCHED_BACK)
    touched = list(dict.fromkeys(events.order_by("-sequence").values_list("entity", "entity_id")))[:limit]
    found = _found(actor, touched)
    return [
        (ENTITIES.get(name), pk, found[pk][0]) for name, pk in touched if pk in found and not found[pk][1]
    ]


def _events(actor: Actor) -> QuerySet[Event]:
    readable = [entity.name for entity in ENTITIES.values() if actor.reach(entity.resource) != "none"]
    events = Event.objects.filter(company_id=actor.company_id, entity__in=readable)
    return events.select_related("user", "api_key")


def _lines(actor: Actor, events: Sequence[Event], *, is_cut: bool) -> Iterator[Activity]:
    """The lines of `events`: a change set is told by what it did first, for the rest are its ripples."""
    found = _found(actor, ((event.entity, event.entity_id) for event in events))
    last = events[-1].change_set if events else None
    by_set = sorted(events, key=lambda event: (event.change_set.hex, event.sequence))
    for change_set, group in groupby(by_set, key=lambda event: event.change_set):
        seen = [event for event in group if event.entity_id in found]
        if not seen:
            continue
        first = seen[0]
        same = [event for event in seen if event.name == first.name]
        entity = ENTITIES.get(first.entity)
        yield Activity(
            who=who_did(first),
            is_agent=first.api_key_id is not None,
            entity=entity,
            what=first.name.rpartition(".")[2],
            fields=_common_fields(entity, same),
            records={event.entity_id: found[event.entity_id][0] for event in same},
            gone=frozenset(event.entity_id for event in same if found[event.entity_id][1]),
            is_cut=is_cut and change_set == last,
            reason=reason_of(first),
            at=same[-1].created_at,
        )


def _found(actor: Actor, wanted: Iterable[tuple[str, UUID]]) -> dict[UUID, tuple[str, datetime | None]]:
    """Name and time of deletion of each record that `actor` may see, also in the trash; one query."""
    ids: dict[str, set[UUID]] = {}
    for entity, pk in wanted:
        ids.setdefault(entity, set()).add(pk)
    first, *rest = [_named(actor, ENTITIES.get(name), pks) for name, pks in ids.items()] or [()]
    rows = first.union(*rest, all=True) if rest else first
    return {pk: (name, deleted_at) for pk, name, deleted_at in rows}


def _named(actor: Actor, entity: Entity, ids: set[UUID]) -> Any:
    rows = entity.model.objects.reached_by(actor).filter(pk__in=ids).order_by()
    return rows.values_list("pk", entity.by_name["name"].attr, "deleted_at")


def _common_fields(entity: Entity, events: Sequence[Event]) -> tuple[str, ...]:
    """What every one of these changes touched, without what follows from something else."""
    common = set.intersection(*(set(event.changes) for event in events))
    return tuple(name for name in common if not _follows(entity, name)) or tuple(common)


def _follows(entity: Entity, name: str) -> bool:
    own = entity.by_name.get(name)
    if own is None:
        return False
    return not own.writable or name in entity.later or isinstance(own.type, PipelineIdType | StageIdType)
