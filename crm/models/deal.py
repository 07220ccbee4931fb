"""A sale on its way through a pipeline."""

from __future__ import annotations

from collections.abc import Iterable, Set
from decimal import Decimal, localcontext
from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.db.models import Q

from crm.models.pipeline import Pipeline, Stage, StageKind
from crm.models.record import Record, key, money
from customermates.kernel.errors import Issue

if TYPE_CHECKING:
    from crm.models.links import DealLine
    from crm.setup import CompanySetup

CENT = Decimal("0.0001")  # the smallest step a money column keeps


class Deal(Record):
    """A sale: its stage says whether it is open, won or lost; its lines or its amount what it is worth."""

    resource = "deals"

    name = models.CharField(max_length=255)
    pipeline = models.ForeignKey(Pipeline, on_delete=models.PROTECT, related_name="+")
    stage = models.ForeignKey(Stage, on_delete=models.PROTECT, related_name="+")
    currency = models.CharField(max_length=3)
    amount = money(null=True)  # what people typed; counts only while there are no lines
    expected_close_date = models.DateField(null=True)
    closed_at = models.DateTimeField(null=True)
    lost_reason = models.CharField(max_length=255, default="")

    # Derived by `settle` and `add_up` alone, stored so that lists filter, sort and sum them by index.
    status = models.CharField(max_length=10, choices=StageKind, default=StageKind.OPEN)
    total_value = money()
    total_quantity = money()
    weighted_value = money()

    name_key = key()
    lost_reason_key = key()

    class Meta(Record.Meta):
        indexes: ClassVar[list[models.Index]] = [
            *Record.Meta.indexes,
            models.Index(fields=["company", "name_key", "id"], name="deal_name"),
            models.Index(fields=["company", "stage", "id"], name="deal_stage"),
            models.Index(fields=["company", "total_value", "id"], name="deal_total_value"),
            models.Index(fields=["company", "weighted_value", "id"], name="deal_weighted_value"),
            models.Index(fields=["company", "expected_close_date", "id"], name="deal_expected_close"),
            models.Index(
                fields=["company", "closed_at", "id"],
                name="deal_closed",
                condition=Q(closed_at__isnull=False),
            ),
        ]

    def settle(self, given: Set[str], setup: CompanySetup) -> Iterable[Issue]:
        """Pipeline, status, closing time and weighted value follow the stage; defaults are the company's."""
        self.currency = self.currency or setup.company.currency
        yield from self._choose_stage(given, setup)
        was, self.status = self.status, self.stage.kind
        if self.status != StageKind.LOST and "lostReason" in given and self.lost_reason:
            yield Issue("lostReason", "only_for_lost_deals", {"stage": self.stage.name})
        if self.status == StageKind.OPEN:
            if "closedAt" in given and self.closed_at:
                yield Issue("closedAt", "only_for_closed_deals", {"stage": self.stage.name})
            self.closed_at = None
        elif self.closed_at is None or (was != self.status and "closedAt" not in given):
            # Whoever clears the time of what stays closed has closed it no later.
            self.closed_at = (was == self.status and self.stored.get("closed_at")) or setup.context.now
        if self.status != StageKind.LOST:
            self.lost_reason = ""
        if self._state.adding:
            self.add_up(())
        self.weigh()

    def _choose_stage(self, given: Set[str], setup: CompanySetup) -> Iterable[Issue]:
        """A stage brings its pipeline; a pipeline alone means its first stage."""
        names_stage, names_pipeline = (
            bool({"stage", "stageId"} & given),
            bool({"pipeline", "pipelineId"} & given),
        )
        stage = setup.stage_by_id.get(self.stage_id)
        if stage is None or (names_pipeline and not names_stage and stage.pipeline_id != self.pipeline_id):
            stage = next(s for s in setup.stages if self.pipeline_id in (None, s.pipeline_id))
        elif names_pipeline and names_stage and stage.pipeline_id != self.pipeline_id:
            own = [s.name for s in setup.stages if s.pipeline_id == self.pipeline_id]
            yield Issue("stage", "stage_of_other_pipeline", {"stage": stage.name, "allowed": own})
        self.stage, self.pipeline_id = stage, stage.pipeline_id

    def add_up(self, lines: Iterable[DealLine]) -> None:
        """Total value and quantity from the lines, or from the typed amount where there are none."""
        lines = list(lines)
        with localcontext(prec=60):  # room for products of two full columns, which the write path refuses
            value = sum((line.unit_price * line.quantity for line in lines), Decimal(0))
            self.total_value = value.quantize(CENT) if lines else self.amount or Decimal(0)
            self.total_quantity = sum((line.quantity for line in lines), Decimal(0))
            self.weigh()

    def weigh(self) -> None:
        """The weighted value from the total and the stage's probability."""
        self.weighted_value = (self.total_value * self.stage.probability / 100).quantize(CENT)
