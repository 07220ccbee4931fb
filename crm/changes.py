"""One change set, record by record: what somebody did in one go, as far as it may be seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Min

from accounts.models import Event
from crm.activity import events_about_reached
from crm.entities import ENTITIES, Entity
from crm.history import Entry
from crm.presenters import Row
from crm.reversal import fold
from crm.setup import CompanySetup
from customermates.kernel.errors import Issue, NotFound

PAGE = 50  # records


@dataclass(frozen=True, slots=True)
class ChangedRecord:
    """What the change set did to one record, which `row` has `id`, name, `deleted_at` and `currency` of."""

    entity: Entity
    row: Row
    entry: Entry

    @property
    def name(self) -> str:
        """What people call it."""
        return str(self.row[self.entity.by_name["name"].attr])


@dataclass(frozen=True, slots=True)
class Changes:
    """A page of what a change set did, in its order, and where the next one goes on."""

    first: Event  # who, when, how and why
    counts: Mapping[str, int]  # records by entity, on all pages
    records: Sequence[ChangedRecord]
    next: int | None


def read_changes(setup: CompanySetup, change_set: UUID, *, after: int = 0) -> Changes:
    """Records that `change_set` first touched behind sequence number `after`.

    NotFound when there is nothing that the actor may see. Four queries, and one for each entity.
    """
    actor = setup.actor
    events = Event.objects.filter(
        events_about_reached(actor), company_id=actor.company_id, change_set=change_set
    )
    first = events.select_related("user", "api_key").order_by("sequence").first()
    if first is None:
        raise NotFound(Issue("", "unknown_change"))
    counted = events.order_by().values_list("entity").annotate(Count("entity_id", distinct=True))
    starts = events.order_by().values_list("entity_id").annotate(start=Min("sequence"))
    found = list(starts.filter(start__gt=after).order_by("start")[: PAGE + 1])
    shown = dict(found[:PAGE])
    records = _records(setup, list(events.filter(entity_id__in=shown).order_by("sequence")))
    records.sort(key=lambda record: shown[record.row["id"]])
    return Changes(first, dict(counted), records, found[PAGE - 1][1] if len(found) > PAGE else None)


def _records(setup: CompanySetup, events: Sequence[Event]) -> list[ChangedRecord]:
    by_record: dict[UUID, list[Event]] = {}
    for event in events:
        by_record.setdefault(event.entity_id, []).append(event)
    pasts = {past.record_id: past for past in fold(events).values()}
    known = _known_before(setup, [events for pk, events in by_record.items() if pasts[pk].is_born])
    found = []
    for entity in ENTITIES.values():
        ids = [pk for pk, past in pasts.items() if past.entity is entity]
        for row in _rows(setup, entity, ids) if ids else ():
            pk = row["id"]
            entry = Entry(tuple(by_record[pk]), pasts[pk], others=0, is_first=pk not in known)
            found.append(ChangedRecord(entity, row, entry))
    return found


def _rows(setup: CompanySetup, entity: Entity, ids: Sequence[UUID]) -> Any:
    names = [name for name in ("name", "currency") if name in entity.by_name]
    attrs = [entity.by_name[name].attr for name in names]
    rows = entity.model.objects.reached_by(setup.actor).filter(pk__in=ids)
    return rows.values("id", "deleted_at", *attrs)


def _known_before(setup: CompanySetup, born: Sequence[Sequence[Event]]) -> set[UUID]:
    """Which of these had a history before: they were not made, but came back from the trash."""
    if not born:
        return set()
    first = min(events[0].sequence for events in born)
    earlier = Event.objects.filter(
        company_id=setup.actor.company_id,
        entity_id__in=[events[0].entity_id for events in born],
        sequence__lt=first,
    )
    return set(earlier.values_list("entity_id", flat=True).distinct())
