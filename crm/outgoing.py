"""What endpoints outside are told about records: payloads of their events, and filters over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q
from django.urls import reverse

from accounts.actor import system_actor
from accounts.models import Company, Event
from crm.entities import Entity
from crm.field_types import Json
from crm.filters import filter_condition
from crm.presenters import Presenter
from crm.setup import CompanySetup


@dataclass(frozen=True, slots=True)
class RecordSource:
    """The records of one entity, as a `webhooks.catalog.Source`."""

    entity: Entity

    @property
    def resource(self) -> str:
        """The permission resource of the records."""
        return self.entity.resource

    def payloads(self, company: Company, events: Sequence[Event]) -> Mapping[UUID, Json]:
        """`{entity: record}`, with `changes` of an update; only the id of what was deleted."""
        told = [event for event in events if not _is_deletion(event)]
        records = self._records(company, {event.entity_id for event in told}) if told else {}
        return {event.pk: self._payload(event, records) for event in events}

    def matching(self, company: Company, rules: Json, events: Sequence[Event]) -> set[UUID]:
        """A deleted record still has its row, as it was, so one query judges all of them."""
        ids = {event.entity_id for event in events}
        rows = self.entity.model.objects.reached_by(system_actor(company)).filter(pk__in=ids)
        found = set(rows.filter(self._condition(company, rules)).values_list("pk", flat=True))
        return {event.pk for event in events if event.entity_id in found}

    def check(self, company: Company, rules: Json) -> None:
        """The same reading as later, so that what is accepted works."""
        self._condition(company, rules)

    def page_of(self, entity_id: UUID) -> str:
        """Where people look at it."""
        return reverse(self.entity.name, args=[entity_id])

    def _condition(self, company: Company, rules: Json) -> Q:
        return filter_condition(CompanySetup(system_actor(company)), self.entity, rules)

    def _records(self, company: Company, ids: set[UUID]) -> dict[UUID, Json]:
        actor = system_actor(company)
        presenter = Presenter(CompanySetup(actor), self.entity)
        found = self.entity.model.objects.reached_by(actor).filter(pk__in=ids)
        rows = list(found.order_by("pk").values(*presenter.attrs()))
        return {row["id"]: shown for row, shown in zip(rows, presenter.full(rows), strict=True)}

    def _payload(self, event: Event, records: Mapping[UUID, Json]) -> Json:
        if _is_deletion(event):
            return {f"{self.entity.name}Id": str(event.entity_id)}
        payload = {self.entity.name: records[event.entity_id]}
        return {**payload, "changes": event.changes} if event.name.endswith(".updated") else payload


def _is_deletion(event: Event) -> bool:
    return event.name.endswith(".deleted")
