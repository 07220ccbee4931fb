"""Custom columns: fields that a company adds to an entity itself."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from customermates.kernel.fields import KeyField
from customermates.kernel.ids import uuid7


class CustomColumn(models.Model):
    """The definition of one custom field; its values live on the records, under `number`."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    company = models.ForeignKey("accounts.Company", on_delete=models.CASCADE, related_name="+")
    entity = models.CharField(max_length=40)
    number = models.PositiveSmallIntegerField()  # short key of the values' JSON, never used again
    key = models.CharField(max_length=80)  # slug for people and agents, stable when the label changes
    label = models.CharField(max_length=255)
    label_key = KeyField()
    type = models.CharField(max_length=20)
    options = models.JSONField(default=dict)
    required = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=0)
    description = models.CharField(max_length=1000, default="")
    # Index columns on the record ("t3", or "d1,d2" for a range); "" = beyond the pool, in IndexedValue.
    slots = models.CharField(max_length=10, default="")
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)
    purged_at = models.DateTimeField(null=True)  # since when no record has a value in it any more

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["company", "entity", "number"], name="customcolumn_number_unique"
            ),
            models.UniqueConstraint(fields=["company", "entity", "key"], name="customcolumn_key_unique"),
            models.UniqueConstraint(
                fields=["company", "entity", "label_key"],
                name="customcolumn_label_unique",
                condition=Q(deleted_at=None),
            ),
        ]

    @property
    def slot_names(self) -> tuple[str, ...]:
        """The index columns this column holds; empty when it lives beyond the pool."""
        return tuple(self.slots.split(",")) if self.slots else ()
