"""Takes the sample data away: what came with it and nobody has worked on since, in one change set.

The events of the loading say what came with it, later ones what somebody has changed or linked; so
no table of records needs to know. One undo brings everything back. Pipelines are the company's own
and stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from accounts.actor import Actor
from accounts.models import Company, Event, User
from accounts.services import change_status
from crm import field_services, services
from crm.column_use import columns_in_use
from crm.entities import ENTITIES, Entity
from crm.models import RESTORABLE_FOR, CustomColumn
from crm.reasons import SAMPLE_REMOVED
from crm.writing.deadlocks import despite_deadlocks
from customermates.kernel.errors import Issue, NotAllowed


@dataclass(frozen=True, slots=True)
class Share:
    """What becomes of the sample's records of one entity."""

    entity: Entity
    leaving: tuple[UUID, ...]
    kept: tuple[tuple[UUID, str], ...]  # (id, name)


@dataclass(frozen=True, slots=True)
class Removal:
    """What goes with the sample data, and what stays because somebody has worked on it."""

    records: tuple[Share, ...]
    columns: tuple[CustomColumn, ...] = ()
    kept_columns: tuple[CustomColumn, ...] = ()
    people: tuple[User, ...] = ()  # who came with it and never signed in: they are deactivated

    @property
    def count(self) -> int:
        """How many records go."""
        return sum(len(share.leaving) for share in self.records)

    @property
    def kept_count(self) -> int:
        """How many records stay."""
        return sum(len(share.kept) for share in self.records)

    @property
    def is_nothing(self) -> bool:
        """Whether there is nothing to take away."""
        return not (self.count or self.columns)


@dataclass(frozen=True, slots=True)
class Removed:
    """Sample data that was taken away and can come back: undoing its change set does that."""

    event: Event  # the last of the removal
    count: int  # records of it that are in the trash

    @property
    def until(self) -> datetime:
        """When it is gone for good."""
        return self.event.created_at + RESTORABLE_FOR


def may_remove(actor: Actor) -> bool:
    """Whether `actor` may take sample data away at all; no query."""
    try:
        _require(actor)
    except NotAllowed:
        return False
    return True


def has_leavings(actor: Actor) -> bool:
    """Whether anything of the sample data is left to take away; for who may, where there was any."""
    untouched = [_came(actor, entity).filter(is_touched=False).values("pk") for entity in ENTITIES.values()]
    return bool(untouched[0].union(*untouched[1:], all=True)[:1]) or bool(_columns(actor, ())[0])


def is_removable(actor: Actor) -> bool:
    """Whether there is sample data that `actor` may take away; one query where there never was any."""
    return may_remove(actor) and _loading(actor).exists() and has_leavings(actor)


def has_business(actor: Actor) -> bool:
    """Whether there is sample data to take away or to bring back; one query where there never was any."""
    if not (may_remove(actor) and _loading(actor).exists()):
        return False
    return has_leavings(actor) or find_removed(actor) is not None


def find_removed(actor: Actor) -> Removed | None:
    """What was taken away last, while it can come back."""
    _require(actor)
    names = [f"{entity.name}.deleted" for entity in ENTITIES.values()]
    came = Event.objects.filter(company_id=actor.company_id, change_set__in=_loading(actor))
    gone = Event.objects.filter(
        company_id=actor.company_id, entity_id__in=came.values("entity_id"), name__in=names
    )
    last = gone.filter(reason=SAMPLE_REMOVED).select_related("user", "api_key").order_by("-sequence").first()
    if last is None:
        return None
    in_it = Event.objects.filter(company_id=actor.company_id, change_set=last.change_set, name__in=names)
    trash = [
        entity.model.objects.in_trash_of(actor).filter(pk__in=in_it.values("entity_id")).values("pk")
        for entity in ENTITIES.values()
    ]
    count = trash[0].union(*trash[1:], all=True).count()
    return Removed(last, count) if count else None


def plan_removal(actor: Actor) -> Removal:
    """What `remove_sample_data` would do now; nothing is written. Some ten queries."""
    _require(actor)
    records = tuple(_share(actor, entity) for entity in ENTITIES.values())
    columns, kept = _columns(actor, [pk for share in records for pk in share.leaving])
    removal = Removal(records, columns, kept)
    return removal if removal.is_nothing else replace(removal, people=_people(actor))


@despite_deadlocks
@transaction.atomic
def remove_sample_data(actor: Actor) -> Removal:
    """What came with the sample data is in the trash, its columns hidden, its people shut out.

    What somebody has changed or linked since stays, and is told.
    """
    _require(actor)
    _lock(actor)
    removal, actor = plan_removal(actor), replace(actor, reason=SAMPLE_REMOVED)
    for column in removal.columns:
        field_services.delete_column(actor, column.pk)
    for share in removal.records:
        for start in range(0, len(share.leaving), services.ROWS_LIMIT):
            services.delete_records(actor, share.entity, share.leaving[start : start + services.ROWS_LIMIT])
    for user in removal.people:
        change_status(actor, user.pk, status=User.Status.INACTIVE)
    return removal


def _require(actor: Actor) -> None:
    """Sample data is of every kind: who takes it away may delete all of that, and sees all of it."""
    for entity in ENTITIES.values():
        actor.require("delete", entity.resource)
        if actor.reach(entity.resource) != "all":
            raise NotAllowed(Issue("", "sees_only_own"))
    actor.require("write", "columns")
    actor.require("write", "users")


def _loading(actor: Actor) -> Any:
    """The change set that the sample data came with, as a part of other queries; none when there is none."""
    rows = Company.objects.filter(pk=actor.company_id, sample_change_set__isnull=False)
    return rows.values("sample_change_set")


def _created(actor: Actor, entity: str) -> Any:
    """The ids of what came with the sample data."""
    rows = Event.objects.filter(company_id=actor.company_id, change_set__in=_loading(actor))
    return rows.filter(name=f"{entity}.created").values("entity_id")


def _changes(actor: Actor, *names: str) -> Any:
    """Events of these names about a row of the query around, beside those of the loading itself."""
    rows = Event.objects.filter(company_id=actor.company_id, entity_id=OuterRef("pk"), name__in=names)
    return rows.exclude(change_set__in=_loading(actor))


def _came(actor: Actor, entity: Entity) -> Any:
    """The sample's records that are there, and whether somebody has changed or linked them since.

    Going to the trash and coming back, as undoing a removal does, changes nothing.
    """
    rows = entity.model.objects.visible_to(actor).filter(pk__in=_created(actor, entity.name))
    return rows.annotate(is_touched=Exists(_changes(actor, f"{entity.name}.updated")))


def _share(actor: Actor, entity: Entity) -> Share:
    name = entity.by_name["name"].attr
    leaving, kept = [], []
    for pk, title, is_touched in _came(actor, entity).order_by("pk").values_list("pk", name, "is_touched"):
        if is_touched:
            kept.append((pk, title))
        else:
            leaving.append(pk)
    return Share(entity, tuple(leaving), tuple(kept))


def _columns(
    actor: Actor, leaving: Sequence[UUID]
) -> tuple[tuple[CustomColumn, ...], tuple[CustomColumn, ...]]:
    """The sample's columns that go, and those that stay: changed, or used by records that stay."""
    rows = CustomColumn.objects.filter(company_id=actor.company_id, deleted_at=None)
    rows = rows.filter(pk__in=_created(actor, "customColumn"))
    rows = rows.annotate(is_touched=Exists(_changes(actor, "customColumn.updated")))
    columns = list(rows.order_by("entity", "position", "number"))
    used = columns_in_use(actor, [c for c in columns if not c.is_touched], beside=leaving)
    stays = used | {column.pk for column in columns if column.is_touched}
    return tuple(c for c in columns if c.pk not in stays), tuple(c for c in columns if c.pk in stays)


def _people(actor: Actor) -> tuple[User, ...]:
    """The sample's colleagues whom nobody has let in, or given another role."""
    made = Q(name="user.linkMade") | Q(name="user.updated", changes__has_key="role")
    rows = User.objects.filter(company_id=actor.company_id, status=User.Status.ACTIVE, last_login=None)
    rows = rows.filter(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    rows = rows.filter(pk__in=_created(actor, "user"))
    touched = _changes(actor, "user.linkMade", "user.updated").filter(made)
    return tuple(rows.filter(~Exists(touched)).order_by("pk"))


def _lock(actor: Actor) -> None:
    """Nobody works on the sample data from now on until it is gone: columns first, then records, by id."""
    columns = CustomColumn.objects.filter(company_id=actor.company_id, pk__in=_created(actor, "customColumn"))
    list(columns.order_by("pk").select_for_update().values_list("pk"))
    for entity in ENTITIES.values():
        rows = entity.model.objects.visible_to(actor).filter(pk__in=_created(actor, entity.name))
        list(rows.order_by("pk").select_for_update(of=("self",)).values_list("pk"))
