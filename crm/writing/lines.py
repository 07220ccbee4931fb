"""Deal lines: services at the prices they were offered for, and the totals that follow from them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from crm.field_types import Json
from crm.field_types.numbers import LIMIT, clean_number
from crm.models import Deal, DealLine, Record, Service
from crm.presenters import line_json
from crm.setup import CompanySetup
from crm.writing.drafts import Change, Draft, as_json
from customermates.kernel.errors import Issue, ValidationFailed
from customermates.kernel.ids import find_uuid
from customermates.kernel.nearest import nearest

LINE_EXAMPLE = {"serviceId": "…", "quantity": 2, "unitPrice": 1500}
_OFFERED = ["serviceId", "quantity", "unitPrice", "position"]
_NAMES = (*_OFFERED, "id", "amount", "name", "deleted")  # the last four as lines are given out


@dataclass(frozen=True, slots=True)
class LineInput:
    """One line as a caller sent it; None = as before, or the default of a new line."""

    path: str  # "services[2]"
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
        known = {line.service_id: line for line in self.before[deal.pk] if line.service_id}
        # A line whose service was purged has no id to be named by: only [] drops it.
        after = [line for line in self.before[deal.pk] if line.service_id is None and inputs]
        for position, given in enumerate(inputs):
            identity = find_uuid(given.service) or deal.pk  # which is no service's
            service, line = services.get(identity), known.get(identity)
            if line is None and isinstance(service, Service):
                line = known[identity] = self.new_line(deal, service)
                # A deal with other mistakes may not have its currency yet.
                if given.unit_price is None and deal.currency and service.currency != deal.currency:
                    params = {**mismatch(service, deal), "example": LINE_EXAMPLE["unitPrice"]}
                    draft.refuse(f"{given.path}.unitPrice", "currency_mismatch", **params)
            if line is None:
                continue  # noted already as absent or invisible
            if any(line is other for other in after):
                draft.refuse(f"{given.path}.serviceId", "duplicate_line", service=line.service_name)
            if given.unit_price is not None:
                line.unit_price = given.unit_price
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

    def reprice(self, service: Service) -> None:
        """Bring the lines of `service` in these deals to its price, where they are in its currency."""
        for pk, deal in self.deals.items():
            for line in self.after[pk]:
                if line.service_id == service.pk and deal.currency == service.currency:
                    line.unit_price = service.amount

    def add_up(self, deal: Deal) -> Issue | None:
        """Bring the totals of `deal` in line with its lines; an issue when no money column holds them."""
        deal.add_up(self.after[deal.pk])
        if deal.total_value < LIMIT and deal.total_quantity < LIMIT:
            return None
        return Issue("services", "number_out_of_range", {"limit": str(LIMIT)})

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


def _differs(line: DealLine, was: Mapping[Json, Json]) -> bool:
    return bool(as_json(line_json(line)) != was.get(str(line.service_id)))


def _is_new(line: DealLine) -> bool:
    return line._state.adding


def mismatch(service: Service, deal: Deal) -> dict[str, str]:
    """What the sentence of a currency mismatch names."""
    return {"service": service.name, "currency": service.currency, "deal": deal.currency}


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
                f"{path}.{name[:80]}", "unknown_field", allowed=_OFFERED, nearest=nearest(name, _OFFERED)
            )
        place = item.get("position")
        if place is not None and (type(place) is not int or not 0 <= place < 10_000):
            draft.refuse(f"{path}.position", "wrong_type", expected="a whole number from 0")
            place = None
        quantity = _number(draft, item.get("quantity"), f"{path}.quantity")
        unit_price = _unit_price(draft, item, path)
        service = item.get("serviceId") or item.get("id")
        lines.append(LineInput(path, service, quantity, unit_price, place))
    return lines


def _unit_price(draft: Draft, item: Mapping[str, Json], path: str) -> Decimal | None:
    """The price under either of its names: `amount` is how lines are given out."""
    price = _number(draft, item.get("unitPrice"), f"{path}.unitPrice")
    amount = _number(draft, item.get("amount"), f"{path}.amount")
    if None not in (price, amount) and price != amount:
        draft.refuse(f"{path}.unitPrice", "contradicts", other="amount")
    return amount if price is None else price


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
