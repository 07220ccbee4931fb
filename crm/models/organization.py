"""A company or other body that contacts belong to."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from crm.models.record import Record, key


class Organization(Record):
    """A customer, partner or supplier."""

    resource = "organizations"

    name = models.CharField(max_length=255)
    website = models.CharField(max_length=2048, default="")
    phone = models.CharField(max_length=255, default="")

    name_key = key()
    website_key = key()
    phone_key = key()

    class Meta(Record.Meta):
        indexes: ClassVar[list[models.Index]] = [
            *Record.Meta.indexes,
            models.Index(fields=["company", "name_key", "id"], name="organization_name"),
        ]
