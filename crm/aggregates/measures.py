"""The numbers about a group: how many records, and sums, averages and extremes of a field. All exact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from django.db import connection
from django.db.models import DecimalField
from django.db.models.functions import Cast

from crm.aggregates.keys import row_value
from crm.catalog import Field
from crm.field_types import CurrencyType, NumberType

COUNT = "count"
FUNCTIONS = (COUNT, "sum", "avg", "min", "max")

_STEP = Decimal("0.0001")  # what the columns keep, and what averages are rounded to


def is_measurable(field: Field) -> bool:
    """Whether the field holds numbers."""
    return field.index is not None and isinstance(field.type, NumberType)


@dataclass(frozen=True, slots=True)
class Measure:
    """One number about the records of a group."""

    function: str
    field: Field | None = None  # None for a count

    @property
    def currency(self) -> str | None:
        """The currency of a custom column's amounts; None for other numbers and for own money."""
        if self.field is None or self.field.own or not isinstance(self.field.type, CurrencyType):
            return None
        return self.field.type.currency

    @property
    def is_own_money(self) -> bool:
        """Whether the amounts are in the currency of each record."""
        return bool(self.field and self.field.own and isinstance(self.field.type, CurrencyType))

    def value(self) -> Any:
        """What of each record is measured, as an expression; None for a count."""
        if self.field is None or self.field.slots:
            return row_value(self.field) if self.field else None
        return Cast(row_value(self.field), DecimalField(max_digits=15, decimal_places=4))

    def cells(self, column: str) -> list[str]:
        """What is selected. SQLite adds up floats, so whole numbers and what is behind the point go apart."""
        if self.function == COUNT:
            return ["COUNT(*)"]
        if self.function in ("min", "max"):
            return [f"{self.function.upper()}({column})"]
        sums = [f"SUM({column})"]
        if connection.vendor == "sqlite":
            whole = f"CAST({column} AS INTEGER)"
            sums = [f"SUM({whole})", f"SUM(CAST(ROUND(({column} - {whole}) * 10000) AS INTEGER))"]
        return [*sums, f"COUNT({column})"]

    def largest_first(self, column: str) -> str:
        """The ORDER BY of groups by this measure; those without a number last."""
        if self.function == COUNT:
            return "COUNT(*) DESC"
        number = f"{self.function.upper()}({column})"
        return f"{number} IS NULL, {number} DESC"

    def read(self, cells: Sequence[Any]) -> Decimal | int | None:
        """The number that the cells say; None for the average or extreme of nothing."""
        if self.function == COUNT:
            return int(cells[0])
        if self.function in ("min", "max"):
            return None if cells[0] is None else _exact(cells[0])
        *sums, count = cells
        if not count:
            return Decimal(0) if self.function == "sum" else None
        total = _exact(sums[0]) + (sums[1] * _STEP if len(sums) == 2 else 0)
        return total if self.function == "sum" else (total / count).quantize(_STEP, ROUND_HALF_EVEN)


def _exact(cell: Any) -> Decimal:
    """A number as the database gives it: SQLite knows floats, whose shortest text is what was stored."""
    return Decimal(repr(cell) if isinstance(cell, float) else cell)
