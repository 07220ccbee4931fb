"""What happened to a record, in words that pages show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count
from django.utils.translation import gettext as _

from accounts.models import Event
from crm.attribution import who_did
from crm.entities import ENTITIES, Entity
from crm.reversal import Past, fold
from crm.setup import CompanySetup

LOOKED_BACK = 50  # events
PAGE = 20  # entries of a timeline


@dataclass(frozen=True, slots=True)
class Entry:
    """What one change set did to one record, newest first in a timeline."""

    events: tuple[Event, ...]  # in their order
    past: Past
    others: int  # records that it changed as well, beside those it was linked to
    is_first: bool  # of the record's whole history: then it was created, and did not come back

    @property
    def event(self) -> Event:
        """The last of its events: who, when and how are the same in all."""
        return self.events[-1]


@dataclass(frozen=True, slots=True)
class Timeline:
    """A page of the history of one record, and where the next one goes on."""

    entries: Sequence[Entry]
    before: int | None  # the sequence number that older entries lie below


def timeline(setup: CompanySetup, record_id: UUID, *, before: int | None, size: int = PAGE) -> Timeline:
    """The newest entries below `before`, in two queries."""
    rows = Event.objects.filter(company_id=setup.actor.company_id, entity_id=record_id)
    if before is not None:
        rows = rows.filter(sequence__lt=before)
    found = list(rows.select_related("user", "api_key").order_by("-sequence")[: size + 1])
    shown = found[:size]
    groups: list[list[Event]] = []
    for event in shown:
        if groups and groups[-1][0].change_set == event.change_set:
            groups[-1].insert(0, event)
        else:
            groups.append([event])
    touched = _touched(setup, record_id, [group[0].change_set for group in groups])
    has_more = len(found) > size
    entries = [
        _entry(group, touched.get(group[0].change_set, 0), is_first=not has_more and group is groups[-1])
        for group in groups
    ]
    return Timeline(entries, shown[-1].sequence if has_more else None)


def names_in(setup: CompanySetup, pasts: Sequence[Past]) -> dict[str, str]:
    """Names of the records that these changes linked or unlinked, deleted ones too; one query for all."""
    wanted: dict[str, set[str]] = {}
    for past in pasts:
        for name, relation in past.entity.relations.items():
            ids = past.added.get(name, set()) | past.removed.get(name, set())
            if ids and relation.target != "user":
                wanted.setdefault(relation.target, set()).update(ids)
    rows = [
        entity.model.objects.reached_by(setup.actor)
        .filter(pk__in=wanted[entity.name])
        .values_list("id", entity.by_name["name"].attr)
        for entity in ENTITIES.values()
        if entity.name in wanted
    ]
    found = rows[0].union(*rows[1:], all=True) if rows else ()
    return {str(pk): name for pk, name in found}


def _entry(events: Sequence[Event], touched: int, *, is_first: bool) -> Entry:
    past = fold(events)[(events[0].entity, events[0].entity_id)]
    return Entry(tuple(events), past, max(0, touched - len(_ends(past.entity, events))), is_first)


def _ends(entity: Entity, events: Sequence[Event]) -> set[str]:
    """Records that the events touched because a link to them came or went: the entry names those."""
    names = {relation.ids_name for relation in entity.relations.values() if relation.inverse}
    owned = {relation.name for relation in entity.relations.values() if relation.owns_lines}
    ends: set[str] = set()
    for event in events:
        for name, change in event.changes.items():
            if name in names:
                ends.update(change["previous"] or (), change["current"] or ())
            elif name in owned:
                sides = ({line["id"] for line in change[side] or ()} for side in ("previous", "current"))
                ends |= set.symmetric_difference(*sides)
    return ends


def _touched(setup: CompanySetup, record_id: UUID, change_sets: Sequence[UUID]) -> dict[UUID, int]:
    """How many other records each change set changed, of those that the actor sees all of."""
    seen = [entity.name for entity in ENTITIES.values() if setup.actor.reach(entity.resource) == "all"]
    rows = Event.objects.filter(company_id=setup.actor.company_id, change_set__in=change_sets)
    rows = rows.filter(entity__in=seen).exclude(entity_id=record_id)
    return dict(rows.values_list("change_set").annotate(n=Count("entity_id", distinct=True)))


def last_change_of(setup: CompanySetup, record_id: UUID, names: Sequence[str]) -> str:
    """Who was the last to change one of these fields (JSON names) of a record."""
    events = Event.objects.filter(company_id=setup.actor.company_id, entity_id=record_id)
    for event in events.select_related("user", "api_key").order_by("-sequence")[:LOOKED_BACK]:
        if any(name in event.changes for name in names):
            return who_did(event)
    return _("Somebody")
