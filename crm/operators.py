"""The operators of filter rules, and the indexes they look into.

An index hides where a field's comparable form lives: in a column of the record's own row, or in
IndexedValue. Operators are written once, against either.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Protocol
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from crm.models import IndexedValue
from customermates.kernel.errors import Issue, ValidationFailed


class Takes(Enum):
    """What a rule's `value` must be for an operator."""

    NOTHING = "no value"
    ONE = "one value"
    MANY = "a non-empty list"
    TWO = "a list of exactly two values, the lower first"
    DAYS = "a number of days from 0 to 36500"
    MAYBE_MANY = "a non-empty list, or no value at all"


OPERATORS: dict[str, Takes] = {
    "equals": Takes.ONE,
    "contains": Takes.ONE,
    "startsWith": Takes.ONE,
    "gt": Takes.ONE,
    "gte": Takes.ONE,
    "lt": Takes.ONE,
    "lte": Takes.ONE,
    "between": Takes.TWO,
    "in": Takes.MANY,
    "notIn": Takes.MANY,
    "hasSome": Takes.MAYBE_MANY,
    "hasNone": Takes.MAYBE_MANY,
    "overlaps": Takes.ONE,
    "inLastDays": Takes.DAYS,
    "inNextDays": Takes.DAYS,
    "isNull": Takes.NOTHING,
    "isNotNull": Takes.NOTHING,
}


class Index(Protocol):
    """Where the comparable form of a field's values is found."""

    def where(self, lookup: str, operand: Any) -> Q:
        """Records with a value for which the ORM lookup holds."""
        ...

    def none(self, lookup: str, operand: Any) -> Q:
        """Records with no value for which it holds, those without any value included."""
        ...

    def missing(self) -> Q:
        """Records without a value."""
        ...


@dataclass(frozen=True, slots=True)
class ColumnIndex:
    """A column of the record's own row; null = no value."""

    attr: str

    def where(self, lookup: str, operand: Any) -> Q:
        return Q((f"{self.attr}__{lookup}", operand))

    def none(self, lookup: str, operand: Any) -> Q:
        return self.missing() | ~self.where(lookup, operand)

    def missing(self) -> Q:
        return Q((f"{self.attr}__isnull", True))


@dataclass(frozen=True, slots=True)
class ValueIndex:
    """Rows of IndexedValue, any number for one record."""

    company_id: UUID
    entity: str
    field: str

    def where(self, lookup: str, operand: Any) -> Q:
        # A subselect, not EXISTS: 0.05 ms against 244 ms on SQLite, equal on PostgreSQL.
        return Q(id__in=self.rows().filter((f"value__{lookup}", as_key(operand))).values("record_id"))

    def none(self, lookup: str, operand: Any) -> Q:
        rows = self.rows().filter((f"value__{lookup}", as_key(operand)))
        return Q(~Exists(rows.filter(record_id=OuterRef("pk"))))

    def missing(self) -> Q:
        return Q(~Exists(self.rows().filter(record_id=OuterRef("pk"))))

    def rows(self) -> Any:
        """The rows themselves, of all records of the company."""
        return IndexedValue.objects.filter(company_id=self.company_id, entity=self.entity, field=self.field)


@dataclass(frozen=True, slots=True)
class RangeIndex:
    """The two ends of a range."""

    start: Index
    end: Index

    def where(self, lookup: str, operand: Any) -> Q:
        return self.start.where(lookup, operand)

    def none(self, lookup: str, operand: Any) -> Q:
        return self.start.none(lookup, operand)

    def missing(self) -> Q:
        return self.start.missing()


_NUMBER_SHIFT = 10**16  # lifts every 15-digit number with 4 decimals above zero


def as_key(value: Any) -> Any:
    """`value` as IndexedValue stores it: a text that sorts as the value does (≤ 15 digits, 4 decimals)."""
    if isinstance(value, Decimal):
        return f"{int(value * 10_000) + _NUMBER_SHIFT:017d}"
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f").rjust(26, "0")
    if isinstance(value, list):
        return [as_key(item) for item in value]
    return value


def _between(index: Index, ends: Sequence[Any]) -> Q:
    if ends[0] > ends[1]:
        raise ValidationFailed(Issue("", "range_reversed"))
    return index.where("gte", ends[0]) & index.where("lte", ends[1])


_COMPARISONS: dict[str, Callable[[Any, Any], Q]] = {
    "equals": lambda index, operand: index.where("exact", operand),
    "contains": lambda index, operand: index.where("contains", operand),
    "startsWith": lambda index, operand: index.where("startswith", operand),
    "gt": lambda index, operand: index.where("gt", operand),
    "gte": lambda index, operand: index.where("gte", operand),
    "lt": lambda index, operand: index.where("lt", operand),
    "lte": lambda index, operand: index.where("lte", operand),
    "between": _between,
    "in": lambda index, operand: index.where("in", operand),
    "notIn": lambda index, operand: index.none("in", operand),
    "hasSome": lambda index, operand: ~index.missing() if operand is None else index.where("in", operand),
    "hasNone": lambda index, operand: index.missing() if operand is None else index.none("in", operand),
    "isNull": lambda index, _: index.missing(),
    "isNotNull": lambda index, _: ~index.missing(),
}


def comparison(operator: str) -> Callable[[Any, Any], Q]:
    """The condition of an operator whose operands are plain values."""
    return _COMPARISONS[operator]
