"""What must hold in any database, however it came to be: events tell all, indexes and totals follow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from accounts.actor import Actor
from accounts.models import Event
from crm.entities import ENTITIES, Entity
from crm.models import Deal, DealLine, IndexedValue, Record
from crm.presenters import Presenter
from crm.setup import CompanySetup
from crm.writing import storing
from crm.writing.drafts import Draft, as_json

UNTOLD = ("id", "version", "createdAt", "updatedAt")  # by events: their own row and number say it


def check(actor: Actor) -> None:
    """Everything at once, for the company of `actor`."""
    check_events(actor)
    for entity in ENTITIES.values():
        check_indexes(actor, entity)
    check_totals(actor)


def check_events(actor: Actor) -> None:
    """Numbers have no gaps; replayed, the events make exactly the stored records, versions included."""
    events = list(Event.objects.filter(company_id=actor.company_id).order_by("sequence"))
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    replayed = Replay()
    for event in events:
        if event.entity in ENTITIES:
            replayed.take(event)
    setup = CompanySetup(actor)
    for entity in ENTITIES.values():
        records = {record.pk: record for record in entity.model.objects.filter(company_id=actor.company_id)}
        assert records.keys() == replayed.versions[entity.name].keys()
        for pk, record in records.items():
            assert record.version == replayed.versions[entity.name][pk], (entity.name, pk)
            assert (record.deleted_at is not None) == (pk in replayed.deleted), (entity.name, pk)
        live = [pk for pk, record in records.items() if record.deleted_at is None]
        for stored in _stored(setup, entity, live):
            told = replayed.shown(entity, UUID(stored["id"]))
            kept = {name: value for name, value in stored.items() if name not in UNTOLD}
            differing = {
                name: (told.get(name), value) for name, value in kept.items() if told.get(name) != value
            }
            assert not differing, (entity.name, stored["id"], differing)
            assert told.keys() == kept.keys()


def check_indexes(actor: Actor, entity: Entity) -> None:
    """Index columns and IndexedValue are what indexing every record afresh would make."""
    catalog = CompanySetup(actor).catalog(entity)
    columns = [f.attname for f in entity.model._meta.concrete_fields]
    expected: set[tuple[Any, ...]] = set()
    for record in entity.model.objects.filter(company_id=actor.company_id):
        before = {name: getattr(record, name) for name in columns}
        storing.index_row(record, catalog)
        assert {name: getattr(record, name) for name in columns} == before
        wanted = storing._wanted_values(catalog, Draft(record, 0))
        expected |= {(name, value, record.pk) for name, values in wanted.items() for value in values}
    rows = IndexedValue.objects.filter(company_id=actor.company_id, entity=entity.name)
    stored = list(rows.values_list("field", "value", "record_id"))
    assert len(stored) == len(set(stored))
    assert set(stored) == expected


def check_totals(actor: Actor) -> None:
    """A deal is worth what its lines add up to, or its amount when it has none."""
    lines: dict[UUID, list[DealLine]] = defaultdict(list)
    for line in DealLine.objects.filter(company_id=actor.company_id):
        lines[line.deal_id].append(line)
    for deal in Deal.objects.filter(company_id=actor.company_id):
        assert isinstance(deal, Deal)
        own = lines[deal.pk]
        total = sum((line.quantity * line.unit_price for line in own), Decimal(0))
        assert deal.total_value == (total.quantize(Decimal("0.0001")) if own else deal.amount or 0)
        assert deal.total_quantity == sum((line.quantity for line in own), Decimal(0))
        weighted = deal.total_value * deal.stage.probability / 100
        assert deal.weighted_value == weighted.quantize(Decimal("0.0001"))
        assert deal.status == deal.stage.kind
        assert (deal.closed_at is None) == (deal.status == "open")


class Replay:
    """Records as the events tell them, made from nothing else."""

    def __init__(self) -> None:
        self.fields: dict[UUID, dict[str, Any]] = defaultdict(dict)
        self.links: dict[tuple[UUID, str], dict[str, None]] = defaultdict(dict)
        self.lines: dict[UUID, list[Any]] = defaultdict(list)
        self.custom: dict[UUID, dict[str, Any]] = defaultdict(dict)
        self.versions: dict[str, dict[UUID, int]] = {name: {} for name in ENTITIES.names()}
        self.deleted: set[UUID] = set()

    def take(self, event: Event) -> None:
        """One more event."""
        entity, pk = ENTITIES.get(event.entity), event.entity_id
        self.versions[entity.name][pk] = self.versions[entity.name].get(pk, 0) + 1
        if event.name.endswith(".deleted"):
            self.deleted.add(pk)
        elif event.name.endswith(".created"):
            self.deleted.discard(pk)
        for name, change in event.changes.items():
            assert change["previous"] != change["current"], (event.name, name, change)
            if name == "services" and entity.name == "deal":
                self._lines(pk, change)
            elif name in entity.relations:
                self._links(pk, name, change)
            elif name == "customFieldValues":
                self._custom(pk, change)
            else:
                blank: Any = [] if isinstance(change["previous"], list) else None
                known = self.fields[pk].get(name, blank)
                # What is back from the trash is told like something new.
                assert event.name.endswith(".created") or known in (change["previous"], "", None), (
                    event.name,
                    name,
                )
                self.fields[pk][name] = change["current"]

    def _links(self, pk: UUID, name: str, change: Mapping[str, Any]) -> None:
        known = self.links[pk, name]
        for gone in change["previous"]:
            del known[gone]  # KeyError: told to go without ever having come
        for come in change["current"]:
            assert come not in known
            known[come] = None

    def _lines(self, pk: UUID, change: Mapping[str, Any]) -> None:
        for gone in change["previous"]:
            self.lines[pk].remove(gone)
            # A service in the trash is not told that a deal has dropped its line.
            if gone["id"] and UUID(gone["id"]) in self.deleted:
                self.links[UUID(gone["id"]), "dealIds"].pop(str(pk), None)
        self.lines[pk] += change["current"]

    def _custom(self, pk: UUID, change: Mapping[str, Any]) -> None:
        for gone in change["previous"]:
            assert self.custom[pk].pop(gone["columnId"]) == gone["value"], gone
        self.custom[pk] |= {come["columnId"]: come["value"] for come in change["current"]}

    def _line(self, line: dict[str, Any]) -> dict[str, Any]:
        """A line as readers see it: no event tells them of the service's way into the trash."""
        gone = line["id"] is None or UUID(line["id"]) in self.deleted
        return line | ({"deleted": True} if gone else {})

    def shown(self, entity: Entity, pk: UUID) -> dict[str, Any]:
        """The record as a reader would see it, links as sorted ids."""
        fields = {own.name: own.shown_empty for own in entity.fields if own.tracked}
        fields |= self.fields[pk]
        if entity.name == "contact":
            fields["name"] = f"{fields['firstName']} {fields['lastName']}".strip()
        for relation in entity.relations.values():
            if relation.owns_lines:
                fields["services"] = sorted(map(self._line, self.lines[pk]), key=repr)
            else:
                live = [i for i in self.links[pk, relation.ids_name] if UUID(i) not in self.deleted]
                fields[relation.name] = sorted(live)
        custom = self.custom[pk].items()
        fields["customFieldValues"] = sorted(({"columnId": c, "value": v} for c, v in custom), key=repr)
        return fields


def _stored(setup: CompanySetup, entity: Entity, ids: list[UUID]) -> Iterator[dict[str, Any]]:
    presenter = Presenter(setup, entity)
    rows = list(entity.model.objects.filter(pk__in=ids).values("id", *presenter.attrs()))
    for shown in presenter.full(rows):
        for relation in entity.relations.values():
            linked = shown[relation.name]
            if relation.owns_lines:
                shown[relation.name] = sorted((as_json(line) for line in linked), key=repr)
            else:
                shown[relation.name] = sorted(reference["id"] for reference in linked)
        shown["customFieldValues"] = sorted(map(as_json, shown["customFieldValues"]), key=repr)
        yield {name: _plain(as_json(value)) for name, value in shown.items()}


def _plain(value: Any) -> Any:
    return value.isoformat().replace("+00:00", "Z") if hasattr(value, "isoformat") else value


__all__ = ["Record", "Replay", "check", "check_events", "check_indexes", "check_totals"]
