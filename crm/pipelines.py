"""Pipelines and stages: the writer of both."""

from __future__ import annotations

from accounts.actor import Actor
from crm.models import Pipeline, Stage, StageKind

# (name, colour, probability, kind): what a new company starts with; it can be changed later.
FIRST_STAGES = (
    ("New", "slate", 10, StageKind.OPEN),
    ("Qualified", "blue", 25, StageKind.OPEN),
    ("Proposal", "violet", 50, StageKind.OPEN),
    ("Negotiation", "amber", 75, StageKind.OPEN),
    ("Won", "green", 100, StageKind.WON),
    ("Lost", "rose", 0, StageKind.LOST),
)


def start_pipeline(actor: Actor) -> None:
    """The pipeline "Sales" that every company starts with."""
    pipeline = Pipeline.objects.create(company_id=actor.company_id, name="Sales")
    Stage.objects.bulk_create(
        Stage(
            company_id=actor.company_id,
            pipeline=pipeline,
            name=name,
            color=color,
            position=position,
            probability=probability,
            kind=kind,
        )
        for position, (name, color, probability, kind) in enumerate(FIRST_STAGES)
    )
