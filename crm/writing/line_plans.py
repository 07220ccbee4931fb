"""How the relation between deals and services is written, from either end: through the deals' lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q

from crm.entities import REFRESH_PRICES, Relation, entity_of
from crm.models import Deal, DealLine, Service, StageKind
from crm.setup import CompanySetup
from crm.writing.drafts import Draft
from crm.writing.lines import LINE_EXAMPLE, LineBook, LineInput, read_lines
from crm.writing.links import Led, LinkPlan, Mode, Named, OtherSides
from customermates.kernel.ids import find_uuid


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
        self.find(drafts, lambda draft: _services(inputs, draft) if replaced else self.named(draft))
        self.decide()
        self.book = LineBook.open(self.setup, [d.record for d in drafts if isinstance(d.record, Deal)])
        for draft in drafts:
            if draft.row in inputs:
                self.book.rewrite(draft, inputs[draft.row], self.targets)
            elif not draft.issues:
                self._relink(self.book, draft)
            self._check_currency(draft, inputs.get(draft.row, ()))
            self._check_amount(draft)
            if not draft.issues and (issue := self.book.add_up(self.book.deals[draft.record.pk])):
                draft.issues.append(issue.at(row=draft.row))

    def note(self, drafts: Iterable[Draft]) -> None:
        """Tell each draft which of its lines changed."""
        assert self.book is not None
        for draft in drafts:
            deal = self.book.deals.get(draft.record.pk)  # none when its row says nothing about lines
            if deal and (change := self.book.change(deal)):
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
                draft.issues.append(issue.below(self.place(draft, pk)).at(row=draft.row))

    def _check_currency(self, draft: Draft, inputs: Sequence[LineInput]) -> None:
        """Prices do not follow a new currency by themselves: each line needs its own."""
        deal = draft.record
        assert self.book is not None
        if not draft.before or draft.before["currency"] == deal.currency:  # type: ignore[attr-defined]
            return
        priced = {find_uuid(line.service) for line in inputs if line.unit_price is not None}
        if any(line.service_id not in priced for line in self.book.after[deal.pk]):
            draft.refuse("currency", "currency_of_lines", example={"services": [LINE_EXAMPLE]})

    def _check_amount(self, draft: Draft) -> None:
        """Nobody changes an amount that the lines overrule; the one a deal was made with waits below them."""
        deal = draft.record
        assert isinstance(deal, Deal)
        assert self.book is not None
        if not draft.before or deal.amount in (None, draft.before["amount"]):
            return
        if "amount" in draft.given and self.book.after[deal.pk]:
            draft.refuse("amount", "follows_lines", example={"services": [LINE_EXAMPLE]})


@dataclass(slots=True)
class DealsPlan(LinkPlan):
    """A service's deals, written from the service: each gets a line, loses it, or takes its price."""

    def concerns(self, draft: Draft) -> bool:
        """Also when open deals are to follow the service's price."""
        return LinkPlan.concerns(self, draft) or REFRESH_PRICES in draft.given

    def require(self, drafts: Sequence[Draft]) -> None:
        """What a deal sells and is worth changes, so the actor must be able to write deals."""
        for verb in ("read", "write"):
            self.setup.actor.require(verb, Deal.resource)

    def read(self, drafts: Sequence[Draft]) -> None:
        """Work out the lines that come, go and change: a batch of deals that this one leads to."""
        LinkPlan.read(self, drafts)
        deals = self._touched([draft for draft in drafts if REFRESH_PRICES in draft.given])
        entity = entity_of(Deal)
        led = [Draft.of(deal, 0) for deal in deals]
        book = LineBook.open(self.setup, deals)
        for draft in drafts:
            self._apply(book, draft)
        for deal in deals:
            if issue := book.add_up(deal):
                drafts[0].issues.append(issue.at(row=drafts[0].row))
        self.led = Led(entity, led, LinePlan(self.setup, entity.relations["serviceIds"], book=book))

    def store(self) -> None:
        """Nothing: lines are stored and told with their deals."""

    def tell(self, others: OtherSides) -> None:
        """Nothing, likewise."""

    def _touched(self, following: Sequence[Draft]) -> list[Deal]:
        """The deals that get or lose a line, and the open ones that follow a price; locked, by id."""
        pairs = (*self.added.values(), *self.removed.values())
        touched = {pk for targets in pairs for pk in targets if pk in self.targets}
        priced = DealLine.objects.filter(service_id__in=[draft.record.pk for draft in following])
        open_ones = Q(status=StageKind.OPEN, pk__in=priced.values("deal_id")) if following else Q(pk__in=())
        rows = Deal.objects.visible_to(self.setup.actor).filter(Q(pk__in=touched) | open_ones)
        locked = rows.order_by("pk").select_for_update(of=("self",))
        deals = [deal for deal in locked if isinstance(deal, Deal)]
        for deal in deals:
            deal.stage = self.setup.stage_by_id[deal.stage_id]
        return deals

    def _apply(self, book: LineBook, draft: Draft) -> None:
        service = draft.record
        assert isinstance(service, Service)
        for pk in self.removed.get(service.pk, []):
            book.remove(book.deals[pk], [service.pk])
        for pk in self.added.get(service.pk, []):
            if pk in book.deals and (issue := book.add(book.deals[pk], service)):
                draft.issues.append(issue.below(self.place(draft, pk)).at(row=draft.row))
        if REFRESH_PRICES in draft.given:
            book.reprice(service)


def plan_for(setup: CompanySetup, relation: Relation, mode: Mode, path: str) -> LinkPlan:
    """The plan that knows how this relation is written."""
    kind = LinePlan if relation.owns_lines else DealsPlan if relation.has_lines else LinkPlan
    return kind(setup, relation, mode, path)


def _services(inputs: Mapping[int, Sequence[LineInput]], draft: Draft) -> Named | None:
    lines = inputs.get(draft.row)
    return None if lines is None else [(f"{line.path}.serviceId", line.service) for line in lines]
