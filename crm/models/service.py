"""Something the company sells."""

from __future__ import annotations

from collections.abc import Iterable, Set
from typing import TYPE_CHECKING, ClassVar

from django.db import models

from crm.models.record import Record, key, money
from customermates.kernel.errors import Issue

if TYPE_CHECKING:
    from crm.setup import CompanySetup


class Service(Record):
    """A product or service with its unit price."""

    resource = "services"

    name = models.CharField(max_length=255)
    amount = money()  # unit price, copied to a deal's line when the line is made
    currency = models.CharField(max_length=3)
    sku = models.CharField(max_length=255, default="")

    name_key = key()
    sku_key = key()

    class Meta(Record.Meta):
        indexes: ClassVar[list[models.Index]] = [
            *Record.Meta.indexes,
            models.Index(fields=["company", "name_key", "id"], name="service_name"),
        ]

    def settle(self, given: Set[str], setup: CompanySetup) -> Iterable[Issue]:
        """A price without a currency is in the company's."""
        self.currency = self.currency or setup.company.currency
        return ()
