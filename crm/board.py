"""Deals in lanes: the stages of one pipeline with their first cards, counts and sums."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Sum

from crm.entities import Entity
from crm.models import Pipeline, Stage, StageKind
from crm.presenters import Row
from crm.queries import ListQuery, matching
from crm.setup import CompanySetup

CARDS_SHOWN = 50  # of a lane; the rest is a number and a way to the list


@dataclass(slots=True)
class Lane:
    """One stage with what is in it."""

    stage: Stage
    count: int = 0
    sums: dict[str, Decimal] = field(default_factory=dict)  # by currency
    rows: Sequence[Row] = ()

    @property
    def more(self) -> int:
        """Records that are not among the rows."""
        return self.count - len(self.rows)


def find_pipeline(setup: CompanySetup, pk: UUID | None) -> Pipeline | None:
    """The pipeline of this id, else the first; None for a company without any."""
    return next((p for p in setup.pipelines if p.pk == pk), next(iter(setup.pipelines), None))


def read_lanes(
    setup: CompanySetup,
    entity: Entity,
    query: ListQuery,
    pipeline: Pipeline,
    attrs: Sequence[str],
    *,
    show: UUID | None = None,
) -> list[Lane]:
    """The lanes of `pipeline` with the records that `query` finds: one query each, and one for all sums.

    The record `show` is among the rows of its lane even where it would come after those shown.
    """
    found = matching(setup, entity, query)
    lanes = lane_totals(setup, entity, found, pipeline)
    for lane in lanes:
        if lane.count:
            rows = found.filter(stage_id=lane.stage.pk).order_by(*_order(lane.stage))
            lane.rows = list(rows.values(*attrs)[:CARDS_SHOWN])
    if show and all(row["id"] != show for lane in lanes for row in lane.rows):
        _put_first(lanes, found.filter(pk=show).values(*attrs).first())
    return lanes


def _put_first(lanes: Sequence[Lane], row: Row | None) -> None:
    """`row` on top of its lane, in place of the last one there."""
    for lane in lanes:
        if row and row["stage_id"] == lane.stage.pk:
            lane.rows = [row, *lane.rows[: CARDS_SHOWN - 1]]


def lane_totals(setup: CompanySetup, entity: Entity, found: Any, pipeline: Pipeline) -> list[Lane]:
    """Lanes without rows: how many of the records `found` are in each, and what they are worth."""
    lanes = {stage.pk: Lane(stage) for stage in setup.stages if stage.pipeline_id == pipeline.pk}
    worth = entity.by_name[entity.worth].attr
    groups = found.filter(pipeline_id=pipeline.pk).order_by().values("stage_id", "currency")
    sums: dict[UUID, dict[str, Decimal]] = defaultdict(dict)
    for group in groups.annotate(count=Count("id"), worth=Sum(worth)):
        lane = lanes[group["stage_id"]]
        lane.count += group["count"]
        sums[group["stage_id"]][group["currency"]] = group["worth"]
    for pk, by_currency in sums.items():
        lanes[pk].sums = dict(sorted(by_currency.items(), key=lambda item: -item[1]))
    return list(lanes.values())


def _order(stage: Stage) -> list[Any]:
    """Open: what should close first, then what has no date, the newest first. Closed: what closed last."""
    if stage.kind == StageKind.OPEN:
        return [F("expected_close_date").asc(nulls_last=True), "-id"]
    return [F("closed_at").desc(nulls_last=True), "id"]
