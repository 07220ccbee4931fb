"""Pipelines and their stages: the way a deal goes."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from customermates.kernel.ids import uuid7


class Pipeline(models.Model):
    """One way of selling, as an ordered list of stages."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    company = models.ForeignKey("accounts.Company", on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=255)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["company", "name"], name="pipeline_name_unique_per_company"),
        ]


class StageKind(models.TextChoices):
    """What reaching a stage means for a deal."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


class Stage(models.Model):
    """A step of a pipeline."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    company = models.ForeignKey("accounts.Company", on_delete=models.CASCADE, related_name="+")
    pipeline = models.ForeignKey(Pipeline, on_delete=models.CASCADE, related_name="stages")
    name = models.CharField(max_length=255)
    color = models.CharField(max_length=20, default="slate")
    position = models.PositiveSmallIntegerField(default=0)
    probability = models.PositiveSmallIntegerField(default=0)  # percent, weighs open deals
    kind = models.CharField(max_length=10, choices=StageKind, default=StageKind.OPEN)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["pipeline", "name"], name="stage_name_unique_per_pipeline"),
        ]
