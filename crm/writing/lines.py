"""Deal lines: services at the prices they were offered for, and the totals that follow from them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from crm.entities import Relation, entity_of
from crm.field_types import Json
from crm.field_types.numbers import LIMIT, clean_number
from crm.models import Deal, DealLine, Record, Service
from crm.presenters import line_json
from crm.setup import CompanySetup
from crm.writing import storing
from crm.writing.drafts import Change, Draft, as_json, note_changes
from crm.writing.links import LinkPlan, Mode, OtherSides
from customermates.kernel.errors import Issue, ValidationFailed
from customermates.kernel.ids import find_uuid

LINE_EXAMPLE = {"serviceId": "…", "quantity": 2, "unitPrice": 1500}
_NAMES = ("serviceId", "id", "quantity", "unitPrice", "amount", "position", "name")


@dataclass(frozen=True, slots=True)
class LineInput:
    """One line as a caller sent it; None = as before, or the default of a new line."""

    service: Any  # raw id, checked with the other relations
    quantity: Decimal | None
    unit_price: Decimal | None
    position: int | None


@dataclass(slots=True)
class LineBook:
    """The lines of some deals, as they are and as they will be."""

    setup: CompanySetup
    deals: dict[UUID, Deal]
    before: dict[UUID, list[DealLine]] = field(default_factory=dict)
    after: dict[UUID, list[DealLine]] = field(default_factory=dict)
    _was: dict[UUID, Json] = field(default_factory=dict)

    @classmethod
    def open(cls, setup: CompanySetup, deals: Iterable[Deal]) -> LineBook:
        """The book of `deals`, with one query for the lines of all that are stored."""
        book = cls(setup, {deal.pk: deal for deal in deals})
        stored = [pk for pk, deal in book.deals.items() if not deal._state.adding]
        grouped: dict[UUID, list[DealLine]] = defaultdict(list)
        if stored:
            for line in DealLine.objects.filter(deal_id__in=stored).order_by("position", "id"):
                grouped[line.deal_id].append(line)
        for pk in book.deals:
            book.before[pk] = grouped.get(pk, [])
            book.after[pk] = list(book.before[pk])
            book._was[pk] = [as_json(line_json(line)) for line in book.before[pk]]
        return book

    def rewrite(self, draft: Draft, inputs: Sequence[LineInput], services: Mapping[UUID, Record]) -> None:
        """Make the draft's lines what `inputs` say, in their order; a service left out loses its line."""
        deal = self.deals[draft.record.pk]
        known = {line.service_id: line for line in self.before[deal.pk]}
        # A line whose service was purged has no id to be named by: only [] drops it.
        after = [line for line in self.before[deal.pk] if line.service_id is None and inputs]
        for position, given in enumerate(inputs):
            service = services.get(find_uuid(given.service) or deal.pk)
            if not isinstance(service, Service):
                continue  # noted already as absent or invisible
            line = known.setdefault(service.pk, self.new_line(deal, service))
            if any(line is other for other in after):
                draft.refuse(f"services[{position}].serviceId", "duplicate_line", service=service.name)
            if given.unit_price is not None:
                line.unit_price = given.unit_price
            elif _is_new(line) and service.currency != deal.currency:
                params = mismatch(service, deal)
                draft.refuse(f"services[{position}].unitPrice", "currency_mismatch", **params)
            line.quantity = line.quantity if given.quantity is None else given.quantity
            line.position = position if given.position is None else given.position
            after.append(line)
        self.after[deal.pk] = sorted(after, key=lambda line: line.position)

    def add(self, deal: Deal, service: Service) -> Issue | None:
        """Give `deal` one of `service`, at its price; an issue when its currency is another."""
        if service.currency != deal.currency:
            return Issue("", "currency_mismatch", mismatch(service, deal))
        line = self.new_line(deal, service)
        line.position = max((other.position for other in self.after[deal.pk]), default=-1) + 1
        self.after[deal.pk].append(line)
        return None

    def remove(self, deal: Deal, service_ids: Iterable[UUID]) -> None:
        """Take the lines of these services off `deal`."""
        gone = set(service_ids)
        self.after[deal.pk] = [line for line in self.after[deal.pk] if line.service_id not in gone]

    def new_line(self, deal: Deal, service: Service) -> DealLine:
        """One of `service` for `deal`, with its name and price as they are now."""
        return DealLine(
            company_id=deal.company_id,
            deal=deal,
            service_id=service.pk,
            service_name=service.name,
            unit_price=service.amount,
            quantity=Decimal(1),
        )

    def add_up(self) -> None:
        """Bring the totals of all deals in line with their lines."""
        for pk, deal in self.deals.items():
            deal.add_up(self.after[pk])

    def change(self, deal: Deal) -> Change | None:
        """What changed in the lines of `deal`: only the lines that differ, or None."""
        was, now = self._was[deal.pk], [as_json(line_json(line)) for line in self.after[deal.pk]]
        if was == now:
            return None
        return {
            "previous": [line for line in was if line not in now],
            "current": [line for line in now if line not in was],
        }

    def store(self) -> None:
        """Write the lines that came, changed or went."""
        gone, new, changed = [], [], []
        for pk, after in self.after.items():
            kept = {line.pk for line in after if not _is_new(line)}
            gone += [line.pk for line in self.before[pk] if line.pk not in kept]
            new += [line for line in after if _is_new(line)]
            was = {row["id"]: row for row in self._was[pk]}
            changed += [line for line in after if not _is_new(line) and _differs(line, was)]
        if gone:
            DealLine.objects.filter(pk__in=gone).delete()
        if changed:
            DealLine.objects.bulk_update(changed, ["quantity", "unit_price", "position"])
        if new:
            DealLine.objects.bulk_create(new)


@dataclass(slots=True)
class LinePlan(LinkPlan):
    """A deal's lines, written from the deal: whole lines under "services", or ids that come or go."""

    book: LineBook | None = None

    def concerns(self, draft: Draft) -> bool:
        """Also when the deal's own amount or currency changes, which its lines decide about."""
        return LinkPlan.concerns(self, draft) or bool(draft.before and {"amount", "currency"} & draft.given)

    def read(self, drafts: Sequence[Draft]) -> None:
        """Read the lines, then bring the totals in line with them."""
        name = self.relation.written_as
        replaced = self.mode == "replace"
        inputs = {d.row: read_lines(d, d.relations[name]) for d in drafts if replaced and name in d.relations}
        self.find(drafts, lambda d: _services(inputs, d) if replaced else d.relations.get(name))
        self.decide()
        self.book = LineBook.open(self.setup, [d.record for d in drafts if isinstance(d.record, Deal)])
        for draft in drafts:
            if draft.row in inputs:
                self.book.rewrite(draft, inputs[draft.row], self.targets)
            elif not draft.issues:
                self._relink(self.book, draft)
            self._check_currency(draft, inputs.get(draft.row, ()))
        self._add_up(self.book, drafts)

    def note(self, drafts: Iterable[Draft]) -> None:
        """Tell each draft which of its lines changed."""
        for draft in drafts:
            if self.book and isinstance(draft.record, Deal) and (change := self.book.change(draft.record)):
                draft.changes[self.relation.written_as] = change

    def store(self) -> None:
        """Write the lines."""
        if self.book:
            self.book.store()

    def _relink(self, book: LineBook, draft: Draft) -> None:
        deal = draft.record
        assert isinstance(deal, Deal)
        book.remove(deal, self.removed.get(deal.pk, []))
        for pk in self.added.get(deal.pk, []):
            service = self.targets[pk]
            if isinstance(service, Service) and (issue := book.add(deal, service)):
                draft.issues.append(issue.below(self.path).at(row=draft.row))

    def _check_currency(self, draft: Draft, inputs: Sequence[LineInput]) -> None:
        """Prices do not follow a new currency by themselves: each line needs its own."""
        deal = draft.record
        assert self.book is not None
        if not draft.before or draft.before["currency"] == deal.currency:  # type: ignore[attr-defined]
            return
        priced = {find_uuid(line.service) for line in inputs if line.unit_price is not None}
        if any(line.service_id not in priced for line in self.book.after[deal.pk]):
            draft.refuse("currency", "currency_of_lines", example={"services": [LINE_EXAMPLE]})

    def _add_up(self, book: LineBook, drafts: Iterable[Draft]) -> None:
        for draft in drafts:
            if isinstance(deal := draft.record, Deal) and not draft.issues:
                deal.add_up(book.after[deal.pk])
                if deal.total_value >= LIMIT or deal.total_quantity >= LIMIT:
                    draft.refuse("services", "number_out_of_range", limit=str(LIMIT))


@dataclass(slots=True)
class DealsPlan(LinkPlan):
    """A service's deals, written from the service: each gets one line of it, or loses its line."""

    book: LineBook | None = None
    deals: list[Draft] = field(default_factory=list)

    def decide(self) -> None:
        """Work out the lines that come and go, and what that makes of the deals' totals."""
        LinkPlan.decide(self)
        touched = {pk for pairs in (self.added, self.removed) for targets in pairs.values() for pk in targets}
        self.deals = [Draft.of(self.targets[pk], 0) for pk in sorted(touched & self.targets.keys())]
        for draft in self.deals:
            draft.record.stage = self.setup.stage_by_id[draft.record.stage_id]  # type: ignore[attr-defined]
        self.book = LineBook.open(self.setup, [d.record for d in self.deals if isinstance(d.record, Deal)])

    def read(self, drafts: Sequence[Draft]) -> None:
        """The lines of each touched deal; a price in another currency is refused."""
        LinkPlan.read(self, drafts)
        assert self.book is not None
        for draft in drafts:
            service, deals = draft.record, self.book.deals
            assert isinstance(service, Service)
            for pk in self.removed.get(service.pk, []):
                self.book.remove(deals[pk], [service.pk])
            for pk in self.added.get(service.pk, []):
                if pk in deals and (issue := self.book.add(deals[pk], service)):
                    draft.issues.append(issue.below(self.path).at(row=draft.row))
        self.book.add_up()

    def store(self) -> None:
        """Write the lines and the deals' new totals."""
        assert self.book is not None
        for draft in self.deals:
            draft.record.version += 1
            draft.record.updated_at = self.setup.context.now
        if self.deals:
            storing.update(entity_of(Deal), self.deals)
        self.book.store()

    def tell(self, others: OtherSides) -> None:
        """The deals' lines and totals changed, and they are stored already."""
        assert self.book is not None
        entity = entity_of(Deal)
        for draft in self.deals:
            note_changes(self.setup, entity, draft)
            if isinstance(draft.record, Deal) and (change := self.book.change(draft.record)):
                draft.changes["services"] = change
            others.note(entity.name, draft.record.pk, draft.changes, stored=True)


def _differs(line: DealLine, was: Mapping[Json, Json]) -> bool:
    return bool(as_json(line_json(line)) != was.get(str(line.service_id)))


def _is_new(line: DealLine) -> bool:
    return line._state.adding


def plan_for(setup: CompanySetup, relation: Relation, mode: Mode, path: str) -> LinkPlan:
    """The plan that knows how this relation is written."""
    kind = LinePlan if relation.owns_lines else DealsPlan if relation.has_lines else LinkPlan
    return kind(setup, relation, mode, path)


def mismatch(service: Service, deal: Deal) -> dict[str, str]:
    """What the sentence of a currency mismatch names."""
    return {"service": service.name, "currency": service.currency, "deal": deal.currency}


def _services(inputs: Mapping[int, Sequence[LineInput]], draft: Draft) -> list[Any] | None:
    return [line.service for line in inputs[draft.row]] if draft.row in inputs else None


def read_lines(draft: Draft, raw: Sequence[Json]) -> list[LineInput]:
    """The lines that a row sends under "services"; what is wrong is noted on the draft."""
    lines = []
    for position, item in enumerate(raw):
        path = f"services[{position}]"
        if not isinstance(item, dict) or not (item.get("serviceId") or item.get("id")):
            draft.refuse(path, "wrong_type", expected="a line with serviceId", example=LINE_EXAMPLE)
            continue
        for name in item.keys() - set(_NAMES):
            draft.refuse(
                f"{path}.{name}", "unknown_option", allowed=["serviceId", "quantity", "unitPrice", "position"]
            )
        price = "amount" if "unitPrice" not in item else "unitPrice"
        place = item.get("position")
        if place is not None and (type(place) is not int or not 0 <= place < 10_000):
            draft.refuse(f"{path}.position", "wrong_type", expected="a whole number from 0")
            place = None
        quantity = _number(draft, item.get("quantity"), f"{path}.quantity")
        unit_price = _number(draft, item.get(price), f"{path}.{price}")
        lines.append(LineInput(item.get("serviceId") or item.get("id"), quantity, unit_price, place))
    return lines


def _number(draft: Draft, raw: Json, path: str) -> Decimal | None:
    if raw is None:
        return None
    try:
        number = clean_number(raw)
    except ValidationFailed as error:
        draft.issues += [issue.below(path).at(row=draft.row) for issue in error.issues]
        return None
    if number < 0:
        draft.refuse(path, "too_small", limit="0")
    return number
