"""The trash: what was deleted, by whom, and until when it can come back. Records and columns alike.

Nobody finds more in it than they could see before, and coming back is a write like any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import CharField, F, Q, QuerySet, Value
from django.utils import timezone

from accounts.actor import Actor
from accounts.models import Event
from crm import field_services, services
from crm.entities import ENTITIES
from crm.models import RESTORABLE_FOR, CustomColumn
from crm.writing.deadlocks import despite_deadlocks
from customermates.kernel.errors import Issue, NotFound
from customermates.kernel.folding import folded

COLUMN = "customColumn"  # the kind of a deleted column, as events name it
PICKED_AT_MOST = 200

Picked = tuple[str, UUID]  # (kind, id)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of the trash ends: the next one lists what was deleted before."""

    deleted_at: datetime
    id: UUID


@dataclass(frozen=True, slots=True)
class TrashQuery:
    """What to list: one kind or all, names with these words, below a place."""

    kind: str = ""
    words: str = ""
    below: Place | None = None
    size: int = 25


@dataclass(frozen=True, slots=True)
class Trashed:
    """One thing in the trash. `event` tells who deleted it."""

    kind: str
    id: UUID
    name: str
    deleted_at: datetime
    event: Event | None

    @property
    def until(self) -> datetime:
        """When it is gone for good."""
        return self.deleted_at + RESTORABLE_FOR

    @property
    def place(self) -> Place:
        """Where a page that ends with it ends."""
        return Place(self.deleted_at, self.id)


@dataclass(frozen=True, slots=True)
class TrashPage:
    """What was deleted last, and where the next page goes on, if there is one."""

    rows: Sequence[Trashed]
    next: Place | None


def kinds_of(actor: Actor) -> tuple[str, ...]:
    """The kinds of things that this person's trash can hold."""
    kinds = [entity.name for entity in ENTITIES.values() if actor.reach(entity.resource) != "none"]
    return tuple(kinds + ([COLUMN] if actor.can("write", "columns") else []))


def has_trash(actor: Actor) -> bool:
    """Whether this person's trash can hold anything."""
    return bool(kinds_of(actor))


def may_restore(actor: Actor, kind: str) -> bool:
    """Whether this person may bring things of `kind` back."""
    if kind == COLUMN:
        return actor.can("write", "columns")
    return actor.can("delete", ENTITIES.get(kind).resource)


def list_trash(actor: Actor, query: TrashQuery) -> TrashPage:
    """A page of the trash, what was deleted last first; two queries."""
    kinds = [kind for kind in kinds_of(actor) if query.kind in ("", kind)]
    if not kinds:
        return TrashPage((), None)
    first, *rest = [_part(actor, kind, query) for kind in kinds]
    rows = first.union(*rest, all=True) if rest else first
    found = list(rows.order_by("-deleted_at", "-pk")[: query.size + 1])
    events = _deletions(actor, found[: query.size])
    shown = [Trashed(kind, pk, name, at, events.get(pk)) for kind, pk, name, at in found[: query.size]]
    return TrashPage(shown, shown[-1].place if len(found) > query.size else None)


def deletion_of(actor: Actor, kind: str, pk: UUID) -> Event | None:
    """The event that tells who deleted this last."""
    return _deletions(actor, [(kind, pk)]).get(pk)


@despite_deadlocks
@transaction.atomic
def restore_from_trash(actor: Actor, picked: Iterable[Picked]) -> list[str]:
    """What was picked is back, in one change set; the names of it. What is not in the trash is left out.

    NotFound when nothing of it is. All or none: a column whose name is taken by now keeps the rest back.
    """
    wanted: dict[str, set[UUID]] = {}
    for kind, pk in list(picked)[:PICKED_AT_MOST]:
        wanted.setdefault(kind, set()).add(pk)
    # Columns first, as in every write that touches both.
    names = [name for pk in sorted(wanted.get(COLUMN, ())) for name in _restore_column(actor, pk)]
    for entity in ENTITIES.values():
        trash = entity.model.objects.in_trash_of(actor).filter(pk__in=wanted.get(entity.name, ()))
        if ids := sorted(trash.values_list("pk", flat=True)):
            names += [record.title for record in services.restore_records(actor, entity, ids).records]
    if not names:
        raise NotFound(Issue("", "nothing_to_restore"))
    return names


def _restore_column(actor: Actor, pk: UUID) -> Iterator[str]:
    try:
        yield field_services.restore_column(actor, pk).column.label
    except NotFound:
        return


def _part(actor: Actor, kind: str, query: TrashQuery) -> QuerySet[Any, Any]:
    """What of one kind is in the trash, as (kind, id, name, time)."""
    rows: QuerySet[Any, Any]
    if kind == COLUMN:
        since = timezone.now() - RESTORABLE_FOR
        rows, name = CustomColumn.objects.filter(company_id=actor.company_id, deleted_at__gt=since), "label"
    else:
        entity = ENTITIES.get(kind)
        rows, name = entity.model.objects.in_trash_of(actor), entity.by_name["name"].attr
    for word in folded(query.words).split():
        rows = rows.filter((f"{name}_key__contains", word))
    if below := query.below:
        rows = rows.filter(
            Q(deleted_at__lt=below.deleted_at) | Q(deleted_at=below.deleted_at, pk__lt=below.id)
        )
    rows = rows.order_by().annotate(kind=Value(kind, CharField()), shown=F(name))
    return rows.values_list("kind", "pk", "shown", "deleted_at")


def _deletions(actor: Actor, rows: Sequence[tuple[Any, ...]]) -> dict[UUID, Event]:
    """The last deletion of each; one query."""
    names = {f"{kind}.deleted" for kind, *_ in rows}
    events = Event.objects.filter(
        company_id=actor.company_id, entity_id__in=[pk for _, pk, *_ in rows], name__in=names
    )
    found = events.select_related("user", "api_key").order_by("sequence") if rows else ()
    return {event.entity_id: event for event in found}
