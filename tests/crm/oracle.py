"""What filters and sorts must answer, in plain Python over plain values: no database, no code of the product.

A record is `{field: value}`. A value is a text, Decimal, bool, date, aware datetime, a pair of these for
a range, an id for a choice or person, a list where a field holds several, None or [] where it has none.
Nothing here knows spans, slots or time in UTC: a moment is compared with a day by asking on which day
it happens where the actor lives, which is what people mean.
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

Values = Mapping[str, Any]
TEXTS = ("plain", "email", "phone", "link")
DAYS = ("date", "dateTime")
RANGES = ("dateRange", "dateTimeRange")


@dataclass(frozen=True)
class Subject:
    """One field: its kind, what its values are called, and in which order choices and people come."""

    kind: str  # a custom column type, or "links"
    names: Mapping[str, Any] = field(default_factory=dict)  # folded name → stored value
    order: Sequence[Any] = ()


def fold(text: str) -> str:
    """Text as people compare it: without case and accents, the first 200 characters."""
    bare = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold()).casefold()
    return "".join(letter for letter in bare if unicodedata.combining(letter) == 0)[:200]


@dataclass(frozen=True)
class Oracle:
    """Says which records match a tree of rules, and how records are sorted."""

    subjects: Mapping[str, Subject]
    now: datetime
    zone: ZoneInfo

    def matches(self, record: Values, tree: Any) -> bool:
        """Whether the record satisfies a rule, a group, or all of a list of these."""
        if isinstance(tree, list):
            return all(self.matches(record, part) for part in tree)
        if "any" in tree:
            return any(self.matches(record, part) for part in tree["any"])
        if "all" in tree:
            return all(self.matches(record, part) for part in tree["all"])
        subject = self.subjects[tree["field"]]
        values = present(subject, record.get(tree["field"]))
        return self._rule(subject, values, tree["operator"], tree.get("value"))

    def _rule(self, subject: Subject, values: list[Any], operator: str, operand: Any) -> bool:
        if operator == "isNull" or (operator == "hasNone" and operand is None):
            return not values
        if operator == "isNotNull" or (operator == "hasSome" and operand is None):
            return bool(values)
        if operator in ("in", "hasSome"):
            return any(self._is(subject, value, item) for value in values for item in operand)
        if operator in ("notIn", "hasNone"):
            return not any(self._is(subject, value, item) for value in values for item in operand)
        return any(self._holds(subject, value, operator, operand) for value in values)

    def _is(self, subject: Subject, value: Any, operand: Any) -> bool:
        """Whether a single value equals what an operand names."""
        if subject.kind in TEXTS:
            return fold(value) == fold(subject.names.get(operand.strip(), operand.strip()))
        if subject.kind in ("number", "currency"):
            return bool(value == number(operand))
        if subject.kind == "boolean":
            return value is (operand is True or str(operand).strip().lower() == "true")
        text = str(operand)
        return str(value) == str(subject.names.get(fold(text.strip()), text))

    def _holds(self, subject: Subject, value: Any, operator: str, operand: Any) -> bool:
        kind = subject.kind
        if kind in TEXTS and operator == "contains":
            return fold(self._kept(kind, operand)) in fold(value)
        if kind in TEXTS and operator == "startsWith":
            return fold(value).startswith(fold(operand))
        if kind in RANGES:
            return self._range_holds(value, operator, operand)
        if kind in DAYS and operator in ("inLastDays", "inNextDays"):
            distance = (self._day(value) - self._day(self.now)).days
            return (
                -int(operand) <= distance <= 0 if operator == "inLastDays" else 0 <= distance <= int(operand)
            )
        if kind in DAYS or operator != "equals":
            return self._compares(value, operator, operand)
        return self._is(subject, value, operand)

    @staticmethod
    def _kept(kind: str, operand: str) -> str:
        """A plain text is searched with the blanks around it, an address without."""
        return operand if kind == "plain" else operand.strip()

    def _range_holds(self, value: tuple[Any, Any], operator: str, operand: Any) -> bool:
        start, end = value
        if operator == "overlaps":
            low, high = operand.split(",") if isinstance(operand, str) else (operand["start"], operand["end"])
            return self._order(start, high) <= 0 <= self._order(end, low)
        if operator == "contains":
            return self._order(start, operand) <= 0 <= self._order(end, operand)
        if operator == "between":
            return self._order(start, operand[0]) >= 0 >= self._order(end, operand[1])
        return self._compares(end if operator in ("lt", "lte") else start, operator, operand)

    def _compares(self, value: Any, operator: str, operand: Any) -> bool:
        if operator == "between":
            return self._order(value, operand[0]) >= 0 >= self._order(value, operand[1])
        place = self._order(value, operand)
        return {
            "equals": place == 0,
            "gt": place > 0,
            "gte": place >= 0,
            "lt": place < 0,
            "lte": place <= 0,
        }[operator]

    def _order(self, value: Any, operand: Any) -> int:
        """-1, 0 or 1: the value is before, at or after the operand; with a day, in whole days."""
        if isinstance(value, Decimal):
            left, right = value, number(operand)
            return (left > right) - (left < right)
        when = self.when(operand)
        if isinstance(value, datetime) and isinstance(when, datetime):
            return (value > when) - (value < when)
        day, other = self._day(value), self._day(when)
        return (day > other) - (day < other)

    def _day(self, when: date) -> date:
        return when.astimezone(self.zone).date() if isinstance(when, datetime) else when

    def when(self, text: str) -> date:
        """The day or moment that an operand means: a word, a step from today, an ISO date or time."""
        text, today = text.strip(), self._day(self.now)
        if step := re.fullmatch(r"([+-]\d+)([dwmy])", text.lower()):
            return stepped(today, int(step[1]), step[2])
        if text[:1].isalpha():
            return word(today, text.lower())
        if len(text) == len("2026-11-22"):
            return date.fromisoformat(text)
        moment = datetime.fromisoformat(text.upper())
        return (moment if moment.tzinfo else moment.replace(tzinfo=self.zone)).astimezone(UTC)

    def sorted(self, records: Sequence[Values], keys: Sequence[tuple[str, str]]) -> list[Values]:
        """Records by several (field, direction); without a value last, ties by id in the first direction."""
        rows = sorted(records, key=lambda record: record["id"], reverse=keys[0][1] == "desc")
        for name, direction in reversed(keys):
            subject = self.subjects[name]
            having = [row for row in rows if present(subject, row.get(name))]
            having.sort(key=lambda row: rank(subject, row[name]), reverse=direction == "desc")
            rows = having + [row for row in rows if not present(subject, row.get(name))]
        return rows

    def group(self, record: Values, name: str, bucket: str | None) -> list[Any]:
        """The groups that a record is in by one key; [None] without a value."""
        subject = self.subjects[name]
        values = present(subject, record.get(name))
        if subject.kind in TEXTS:
            return [fold(value) for value in values] or [None]
        if bucket:
            return [first_of(self._day(value), bucket) for value in values] or [None]
        return [value if subject.kind == "boolean" else str(value) for value in values] or [None]


def first_of(day: date, bucket: str) -> date:
    """The first day of its bucket, found by walking back."""
    if bucket == "day":
        return day
    while _period(day - timedelta(days=1), bucket) == _period(day, bucket):
        day -= timedelta(days=1)
    return day


def measured(function: str, numbers: Sequence[Decimal]) -> Decimal | None:
    """What a measure says of these numbers, to four decimals."""
    if function == "sum":
        return sum(numbers, Decimal(0))
    if not numbers:
        return None
    if function == "avg":
        return (sum(numbers, Decimal(0)) / len(numbers)).quantize(Decimal("0.0001"), "ROUND_HALF_EVEN")
    return min(numbers) if function == "min" else max(numbers)


def present(subject: Subject, value: Any) -> list[Any]:
    """The values of a field as a list; a text that folds to nothing is none."""
    values = value if isinstance(value, list) else [] if value is None else [value]
    return [item for item in values if subject.kind not in TEXTS or fold(item)]


def rank(subject: Subject, value: Any) -> Any:
    """What decides the place of a value in a sorted list."""
    if subject.order:
        return [str(item) for item in subject.order].index(str(value))
    if subject.kind in TEXTS:
        return fold(value)
    return value[0] if subject.kind in RANGES else value


def number(operand: Any) -> Decimal:
    """The number that somebody wrote, digit by digit."""
    return Decimal(str(operand))


def stepped(day: date, count: int, unit: str) -> date:
    """The day so many days, weeks, months or years away; the last day of a shorter month."""
    if unit in "dw":
        return day + timedelta(days=count * {"d": 1, "w": 7}[unit])
    year, month = divmod(day.year * 12 + day.month - 1 + count * {"m": 1, "y": 12}[unit], 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def word(today: date, text: str) -> date:
    """The day that a word means, found by walking from day to day."""
    if text in ("today", "yesterday", "tomorrow"):
        return today + timedelta(days={"today": 0, "yesterday": -1, "tomorrow": 1}[text])
    side, period = re.fullmatch(r"(startof|endof)(week|month|quarter|year)", text).groups()  # type: ignore[union-attr]
    step = timedelta(days=-1 if side == "startof" else 1)
    day = today
    while _period(day + step, period) == _period(today, period):
        day += step
    return day


def _period(day: date, period: str) -> tuple[int, ...]:
    return {
        "week": tuple(day.isocalendar()[:2]),
        "month": (day.year, day.month),
        "quarter": (day.year, (day.month - 1) // 3),
        "year": (day.year,),
    }[period]
