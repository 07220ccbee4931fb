"""What the first page tells: tasks of one person, and how sales stand. Everything as far as they may see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, Q, Sum, Value, When, Window
from django.db.models.functions import RowNumber

from crm.models import Deal, Pipeline, Stage, StageKind, Task, TaskStatus
from crm.setup import CompanySetup

TASKS_SHOWN = 5  # of each time
SOON = timedelta(days=7)


@dataclass(slots=True)
class Total:
    """How many deals, and what they are worth, by currency."""

    count: int = 0
    sums: dict[str, Decimal] = field(default_factory=dict)

    def add(self, count: int, currency: str, amount: Decimal) -> None:
        """Count these too."""
        self.count += count
        if count:
            self.sums[currency] = self.sums.get(currency, Decimal(0)) + amount


@dataclass(frozen=True, slots=True)
class StageTotal:
    """A stage and the deals in it; `share` is its length beside the longest of its pipeline, 0 to 1."""

    stage: Stage
    total: Total
    share: float


@dataclass(frozen=True, slots=True)
class Sales:
    """How sales stand."""

    open: Total
    weighted: Total
    won: Total  # since the month began
    pipelines: Sequence[tuple[Pipeline, Sequence[StageTotal]]]


@dataclass(frozen=True, slots=True)
class MyTasks:
    """Open tasks that are due: the first rows of each time, and how many there are in all."""

    overdue: Sequence[dict[str, Any]]
    today: Sequence[dict[str, Any]]
    soon: Sequence[dict[str, Any]]
    counts: dict[str, int]

    @property
    def rest(self) -> int:
        """How many are due and not shown."""
        return sum(self.counts.values()) - len(self.overdue) - len(self.today) - len(self.soon)


def sales(setup: CompanySetup) -> Sales | None:
    """Open deals by pipeline and stage, and what was won this month; None for who may not see deals."""
    if setup.actor.reach(Deal.resource) == "none":
        return None
    by_stage: dict[Any, Total] = defaultdict(Total)
    opened, weighted, won = Total(), Total(), Total()
    for row in _deal_rows(setup):
        stage = setup.stage_by_id[row["stage_id"]]
        if stage.kind == StageKind.OPEN:
            for total in (by_stage[stage.pk], opened):
                total.add(row["count"], row["currency"], row["value"])
            weighted.add(row["count"], row["currency"], row["weighted"])
        won.add(row["won"], row["currency"], row["won_value"] or Decimal(0))
    return Sales(opened, weighted, won, _pipelines(setup, by_stage))


def _deal_rows(setup: CompanySetup) -> Any:
    won = Q(status=StageKind.WON, closed_at__gte=_start_of_month(setup))
    rows = _deals(setup).filter(Q(status=StageKind.OPEN) | won)
    return rows.values("stage_id", "currency").annotate(
        count=Count("id"),
        value=Sum("total_value"),
        weighted=Sum("weighted_value"),
        won=Count("id", filter=won),
        won_value=Sum("total_value", filter=won),
    ).order_by()  # fmt: skip


def _pipelines(
    setup: CompanySetup, by_stage: dict[Any, Total]
) -> list[tuple[Pipeline, Sequence[StageTotal]]]:
    """Every pipeline that has an open stage; lengths are of money, or of deals where currencies differ."""
    shown: list[tuple[Pipeline, Sequence[StageTotal]]] = []
    for pipeline in setup.pipelines:
        stages = [s for s in setup.stages if s.pipeline_id == pipeline.pk and s.kind == StageKind.OPEN]
        totals = [by_stage[stage.pk] for stage in stages]
        currencies = {currency for total in totals for currency in total.sums}
        sizes = [sum(t.sums.values()) if len(currencies) == 1 else t.count for t in totals]
        largest = max(sizes, default=0) or 1
        pairs = zip(stages, totals, sizes, strict=True)
        rows = [StageTotal(stage, total, float(size / largest)) for stage, total, size in pairs]
        if rows:
            shown.append((pipeline, rows))
    return shown


def _deals(setup: CompanySetup) -> Any:
    return Deal.objects.visible_to(setup.actor)


def largest_open_deal(setup: CompanySetup) -> str:
    """The name of a deal that matters; "" when there is none."""
    rows = _deals(setup).filter(status=StageKind.OPEN)
    return rows.order_by("-total_value", "id").values_list("name", flat=True).first() or ""


def my_tasks(setup: CompanySetup) -> MyTasks | None:
    """The person's open tasks that are late or due within a week; None for who may not see tasks."""
    actor = setup.actor
    if actor.reach(Task.resource) == "none":
        return None
    now, midnight = setup.context.now, _midnight(setup, days=1)
    mine = _tasks(setup).filter(
        status=TaskStatus.OPEN, assignees__user_id=actor.user_id, due_at__lt=midnight + SOON
    )
    group = Case(
        When(due_at__lt=now, then=Value("overdue")),
        When(due_at__lt=midnight, then=Value("today")),
        default=Value("soon"),
    )
    ranked = mine.annotate(group=group).annotate(
        rank=Window(RowNumber(), partition_by="group", order_by=("due_at", "id")),
        in_all=Window(Count("id"), partition_by="group"),
    )
    shown: dict[str, list[dict[str, Any]]] = {"overdue": [], "today": [], "soon": []}
    counts = dict.fromkeys(shown, 0)
    attrs = ("id", "name", "due_at", "priority", "group", "in_all")
    for row in ranked.filter(rank__lte=TASKS_SHOWN).order_by("due_at", "id").values(*attrs):
        shown[row["group"]].append(row)
        counts[row["group"]] = row["in_all"]
    return MyTasks(**shown, counts=counts)


def _tasks(setup: CompanySetup) -> Any:
    return Task.objects.visible_to(setup.actor)


def _midnight(setup: CompanySetup, *, days: int = 0) -> datetime:
    """When the person's own day begins, or the one `days` later."""
    context = setup.context
    day = context.now.astimezone(context.time_zone).date() + timedelta(days=days)
    return datetime.combine(day, time(), context.time_zone).astimezone(UTC)


def _start_of_month(setup: CompanySetup) -> datetime:
    zone = setup.context.time_zone
    return datetime.combine(
        setup.context.now.astimezone(zone).date().replace(day=1), time(), zone
    ).astimezone(UTC)
