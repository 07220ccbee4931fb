"""What people and agents did lately, one line for each change set, as far as somebody may see it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from accounts.actor import Actor
from accounts.models import Event
from crm.attribution import reason_of, who_did
from crm.entities import ENTITIES, Entity
from crm.field_types.stages import PipelineIdType, StageIdType
from crm.models import RESTORABLE_FOR

LOOKED_BACK = 200  # events of which a notice tells
TOUCHED_BACK = 500  # events of the company among which somebody's own are looked for
SETS_LOOKED_AT = (16, 64, 256)  # change sets, until there are lines enough: not all of them may be seen
TOLD_BY = 20  # the first events of a change set, which say what it did


class Counted(NamedTuple):
    """How many events of a change set there are: of the name it is told by, and by what they tell."""

    same: int
    created: int = 0
    deleted: int = 0
    is_cut: bool = False  # whether there are more


Counter = Callable[[UUID, Sequence[Event]], Counted]  # of a change set, and its events of one name


@dataclass(frozen=True, slots=True)
class Activity:
    """What one change set did to the records of one entity."""

    change_set: UUID
    who: str
    is_agent: bool
    is_own: bool  # done at the browser by who asks
    entity: Entity
    what: str  # created, updated or deleted
    fields: tuple[str, ...]  # JSON names of what was changed by hand in every one of them
    records: Mapping[UUID, str]  # {id: name}, only those that may be seen; of many, the first
    gone: frozenset[UUID]  # those of them that cannot come back from the trash any more
    count: int  # how many records of the entity it was that may be seen
    in_all: int  # with those of other entities that were created, or deleted, too
    is_cut: bool  # whether there are more than were counted
    reason: str  # what the doer gave as the reason
    at: datetime


def recent_activity(actor: Actor, *, limit: int) -> list[Activity]:
    """The newest lines, however much each change set did: the events of a large one hide none before it.

    Four queries, unless most of the newest change sets are beyond what `actor` may see.
    """
    lines: list[Activity] = []
    below: UUID | None = None
    for size in SETS_LOOKED_AT:
        sets = _newest_sets(actor, below, size)
        lines += _first_lines(actor, sets)
        if len(lines) >= limit or len(sets) < size:
            break
        below = sets[-1]
    return sorted(lines, key=lambda line: line.at, reverse=True)[:limit]


def _newest_sets(actor: Actor, below: UUID | None, size: int) -> list[UUID]:
    """Ids of change sets grow with time, so their index is walked from its end."""
    rows = Event.objects.filter(company_id=actor.company_id)
    if below:
        rows = rows.filter(change_set__lt=below)
    return list(rows.order_by("-change_set").values_list("change_set", flat=True).distinct()[:size])


def _first_lines(actor: Actor, sets: Sequence[UUID]) -> list[Activity]:
    """The line of each change set, made of its first events and the number of them."""
    rows = Event.objects.filter(events_about_reached(actor), company_id=actor.company_id, change_set__in=sets)
    ranked = rows.annotate(
        rank=Window(RowNumber(), partition_by="change_set", order_by="sequence"),
        same=Window(Count("pk"), partition_by=["change_set", "name"]),
        created=Window(Count("pk", filter=Q(name__endswith=".created")), partition_by="change_set"),
        deleted=Window(Count("pk", filter=Q(name__endswith=".deleted")), partition_by="change_set"),
    )
    told = ranked.filter(rank__lte=TOLD_BY).values_list("pk", "same", "created", "deleted")
    counts = {pk: Counted(*numbers) for pk, *numbers in told} if sets else {}
    events = list(Event.objects.filter(pk__in=counts).select_related("user", "api_key").order_by("sequence"))
    return list(_lines(actor, events, lambda _change_set, same: counts[same[0].pk]))


def events_about_reached(actor: Actor) -> Q:
    """Events about records that `actor` may see, deleted or not."""
    found = Q(pk=None)
    for entity in ENTITIES.values():
        reach = actor.reach(entity.resource)
        if reach == "all":
            found |= Q(entity=entity.name)
        elif reach == "own":
            mine = entity.model.objects.reached_by(actor).values("pk")
            found |= Q(entity=entity.name, entity_id__in=mine)
    return found


def activity_since(actor: Actor, sequence: int, own: Collection[UUID] = ()) -> list[Activity]:
    """What happened after event number `sequence`, but for what `actor` did in the change sets `own`."""
    here = Q(user_id=actor.user_id, via=actor.via, change_set__in=own)
    events = list(
        _events(actor).filter(sequence__gt=sequence).exclude(here).order_by("sequence")[:LOOKED_BACK]
    )
    last = events[-1].change_set if len(events) == LOOKED_BACK else None
    return list(_lines(actor, events, lambda change_set, same: Counted(len(same), is_cut=change_set == last)))


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


def _lines(actor: Actor, events: Sequence[Event], count: Counter) -> Iterator[Activity]:
    """The lines of `events`: a change set is told by what it did first, for the rest are its ripples.

    `count` says how many records there are behind its events of the same name, and whether that is all.
    """
    found = _found(actor, ((event.entity, event.entity_id) for event in events))
    lost = timezone.now() - RESTORABLE_FOR
    by_set = sorted(events, key=lambda event: (event.change_set.hex, event.sequence))
    for change_set, group in groupby(by_set, key=lambda event: event.change_set):
        seen = [event for event in group if event.entity_id in found]
        if not seen:
            continue
        first = seen[0]
        same = [event for event in seen if event.name == first.name]
        records = {event.entity_id: found[event.entity_id][0] for event in same}
        entity = ENTITIES.get(first.entity)
        what, counted = first.name.rpartition(".")[2], count(change_set, same)
        # Of a few, each record counts once, however often it was changed.
        number = counted.same if counted.same > len(same) else len(records)
        yield Activity(
            change_set=change_set,
            who=who_did(first),
            is_agent=first.api_key_id is not None,
            is_own=first.user_id == actor.user_id and first.via == actor.via,
            entity=entity,
            what=what,
            fields=_common_fields(entity, same),
            records=records,
            gone=frozenset(pk for pk in records if (at := found[pk][1]) and at < lost),
            count=number,
            in_all=max(number, {"created": counted.created, "deleted": counted.deleted}.get(what, 0)),
            is_cut=counted.is_cut,
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
