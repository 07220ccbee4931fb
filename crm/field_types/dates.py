"""Dates and times, and ranges of them.

An operand becomes a half-open span of time, so that "equals 2026-11-22" means that whole day and
"between" includes both ends, whatever mixture of dates and times people write.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, ClassVar, Self, TypeVar
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.field_types.day_words import (
    DAY,
    MOMENT,
    Word,
    checked,
    find_word,
    moved,
    read_date_or_moment,
    read_day,
)
from crm.field_types.field_type import Context, FieldType, Gathered, Json, Order, refuse, refuse_unknown
from crm.field_types.settings import DateFormatSetting, Setting, Words
from crm.operators import Index, RangeIndex
from customermates.kernel.errors import ValidationFailed
from customermates.kernel.jsontext import utc_text

T = TypeVar("T")

DISPLAY_FORMATS = ("numericalLong", "numericalShort", "descriptiveShort", "descriptiveLong", "relative")
DATE_OPERATORS = tuple("equals gt gte lt lte between inLastDays inNextDays isNull isNotNull".split())
DATED_FORMATS = tuple(name for name in DISPLAY_FORMATS if name != "relative")
USUAL_FORMAT = "descriptiveLong"
RANGE_OPERATORS = ("contains", "overlaps", "gt", "gte", "lt", "lte", "between", "isNull", "isNotNull")

_LEAP_CYCLE = [date(2024, 1, 1) + timedelta(days=n) for n in range(4 * 365 + 1)]


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` until before `end`; an instant has both equal."""

    start: datetime
    end: datetime
    word: Word | None = None  # meant by a word like `today`, so it lies elsewhere tomorrow

    @property
    def is_instant(self) -> bool:
        return self.start == self.end


def _shown_as(*formats: str, has_time: bool = False) -> DateFormatSetting:
    return DateFormatSetting(
        name="displayFormat", label=_("Shown as"), formats=formats, start=USUAL_FORMAT, has_time=has_time
    )


def _midnight(day: date, zone: ZoneInfo | Any) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


@dataclass(frozen=True)
class Calendar(FieldType):
    """What dates and times have in common: comparing by spans.

    Days are the actor's. "inLastDays 7" is today and the seven days before it, all of today included;
    "inNextDays 7" is today and the seven days that follow.
    """

    operators: ClassVar[tuple[str, ...]] = DATE_OPERATORS
    slots: ClassVar[str] = "d"
    settings: ClassVar[tuple[Setting, ...]] = (_shown_as(*DISPLAY_FORMATS),)

    display_format: str = ""  # one of DISPLAY_FORMATS; "" = as the product shows dates of its own

    @classmethod
    def from_options(cls, options: Mapping[str, Json]) -> Self:
        return cls(display_format=options.get("displayFormat", USUAL_FORMAT))

    @classmethod
    def read_options(cls, raw: Mapping[str, Json], previous: Mapping[str, Json]) -> dict[str, Json]:
        refuse_unknown(raw, allowed=("displayFormat",), path="options")
        shown = raw.get("displayFormat", previous.get("displayFormat", USUAL_FORMAT))
        if shown not in DISPLAY_FORMATS:
            refuse("unknown_choice", at="options.displayFormat", allowed=list(DISPLAY_FORMATS))
        return {"displayFormat": shown}

    def span(self, day: date | datetime, context: Context) -> Span:
        """The span of stored time that an operand means for this field."""
        if isinstance(day, datetime):
            return Span(day, day)
        return Span(_midnight(day, context.time_zone), _midnight(day + timedelta(days=1), context.time_zone))

    def operand(self, raw: Json, operator: str, context: Context) -> Span:
        if operator not in ("inLastDays", "inNextDays"):
            return self._read_span(raw, context)
        today = context.now.astimezone(context.time_zone).date()
        days = -raw if operator == "inLastDays" else raw
        other = moved(today, days, "d")
        return Span(
            self.span(min(today, other), context).start,
            self.span(max(today, other), context).end,
        )

    def _read_span(self, raw: Json, context: Context) -> Span:
        day = read_day(raw, context, self._moment_example())
        return replace(self.span(day, context), word=find_word(raw))

    def _moment_example(self) -> str:
        """A day or a moment, as one value of this field is written."""
        return str(self.example())

    def compare(self, index: Index, operator: str, operand: Any) -> Q:
        if operator == "between":
            _refuse_reversed(*operand)
            return self._within(index, operand[0].start, operand[1])
        if operator in ("equals", "inLastDays", "inNextDays"):
            return self._within(index, operand.start, operand)
        if operator in ("gt", "gte", "lt", "lte"):
            return _against(index, operator, operand)
        return super().compare(index, operator, operand)

    @staticmethod
    def _within(index: Index, start: datetime, last: Span) -> Q:
        return index.where("gte", start) & index.where("lte" if last.is_instant else "lt", last.end)


def _refuse_reversed(first: Span, last: Span) -> None:
    """Ends the wrong way round are a mistake, unless it is the calendar that brings them there.

    "startOfMonth" to "yesterday" is empty on the first of a month only, and a saved filter lives on.
    """
    if not last.start < first.start >= last.end:
        return
    if first.word and last.word:
        mistaken = all(first.word(day) > last.word(day) for day in _LEAP_CYCLE)
    else:
        mistaken = not (first.word or last.word)
    if mistaken:
        refuse("range_reversed")


def _against(index: Index, operator: str, span: Span) -> Q:
    """Before or after a whole day, or an instant."""
    if span.is_instant or operator in ("gte", "lt"):
        return index.where(operator, span.start)
    return index.where("gte" if operator == "gt" else "lt", span.end)


@dataclass(frozen=True)
class DateType(Calendar):
    """A day, the same everywhere; its index is midnight UTC."""

    name: ClassVar[str] = "date"
    expected: ClassVar[Words] = _("an ISO date")
    label: ClassVar[Words] = _("Date")
    about: ClassVar[Words] = _("A day, the same everywhere.")
    icon: ClassVar[str] = "calendar"

    def parse(self, raw: Json, context: Context) -> date | None:
        if raw is None or raw == "":
            return None
        if isinstance(raw, date) and not isinstance(raw, datetime):
            return raw
        read = read_date_or_moment(raw, context, expected=self.expected, example=DAY)
        return checked(self._day(read, context))

    @staticmethod
    def _day(value: date | datetime, context: Context) -> date:
        return value.astimezone(context.time_zone).date() if isinstance(value, datetime) else value

    def span(self, day: date | datetime, context: Context) -> Span:
        day = self._day(day, context)
        return Span(_midnight(day, UTC), _midnight(day + timedelta(days=1), UTC))

    def index_values(self, value: date) -> tuple[datetime, ...]:
        return (_midnight(value, UTC),)

    def dump(self, value: date) -> str:
        return value.isoformat()

    def load(self, stored: Json) -> date:
        return date.fromisoformat(stored)

    def format(self, value: date, context: Context) -> str:
        return value.isoformat()

    def json_schema(self) -> dict[str, Json]:
        return {"type": "string", "format": "date"}

    def example(self) -> str:
        return DAY


@dataclass(frozen=True)
class DateTimeType(Calendar):
    """A moment; a date alone means its first moment in the actor's time zone."""

    name: ClassVar[str] = "dateTime"
    expected: ClassVar[Words] = _("an ISO date-time")
    label: ClassVar[Words] = _("Date and time")
    about: ClassVar[Words] = _("A moment, in anyone’s time zone.")
    icon: ClassVar[str] = "clock"
    settings: ClassVar[tuple[Setting, ...]] = (_shown_as(*DISPLAY_FORMATS, has_time=True),)

    def parse(self, raw: Json, context: Context) -> datetime | None:
        if raw is None or raw == "":
            return None
        if isinstance(raw, datetime) and raw.tzinfo:
            return raw.astimezone(UTC)
        value = read_date_or_moment(raw, context, expected=self.expected)
        return value if isinstance(value, datetime) else _midnight(checked(value), context.time_zone)

    def dump(self, value: datetime) -> str:
        return utc_text(value)

    def load(self, stored: Json) -> datetime:
        return datetime.fromisoformat(stored)

    def format(self, value: datetime, context: Context) -> str:
        return value.astimezone(context.time_zone).strftime("%Y-%m-%d %H:%M")

    def json_schema(self) -> dict[str, Json]:
        return {"type": "string", "format": "date-time"}

    def example(self) -> str:
        return MOMENT


@dataclass(frozen=True)
class RangeType(Calendar):
    """Two ends of one kind, both included; the kind is the other type's.

    Filters: "contains" a moment within, or any part of a day; "overlaps" shares a moment with another
    range; gt and gte look at the start, lt and lte at the end; "between" holds the whole range.
    """

    operators: ClassVar[tuple[str, ...]] = RANGE_OPERATORS
    slots: ClassVar[str] = "dd"
    # "Tomorrow – 3 days ago" would be no range that anybody reads: such ends are written as dates.
    settings: ClassVar[tuple[Setting, ...]] = (_shown_as(*DATED_FORMATS),)
    end_type: ClassVar[type[Calendar]]

    def ends(self) -> Calendar:
        """The type of either end."""
        return self.end_type(display_format=self.display_format)

    def parse(self, raw: Json, context: Context) -> tuple[Any, Any] | None:
        if raw is None or raw == "":
            return None
        raw = self._halves(raw)
        start, end = _both_ends(raw, lambda end: self.ends().parse(end, context))
        if start is None or end is None:
            refuse("range_end_missing", example=self.example())
        if start > end:
            refuse("range_reversed", example=self.example())
        return start, end

    def index_values(self, value: tuple[Any, Any]) -> tuple[Any, ...]:
        return (*self.ends().index_values(value[0]), *self.ends().index_values(value[1]))

    def order(self, slots: Sequence[str], context: Context) -> Order | None:
        return Order(slots[0]) if slots else None

    def span(self, day: date | datetime, context: Context) -> Span:
        return self.ends().span(day, context)

    def operand(self, raw: Json, operator: str, context: Context) -> Any:
        if operator != "overlaps":
            return self._read_span(raw, context)
        return _both_ends(self._halves(raw), lambda end: self._read_span(end, context))

    def operand_example(self, operator: str) -> Json:
        return self.example() if operator == "overlaps" else self._moment_example()

    def _moment_example(self) -> str:
        return str(self.ends().example())

    def _halves(self, raw: Json) -> Mapping[str, Json]:
        """`{start, end}` from either of the two ways to write a range."""
        if isinstance(raw, str) and raw.count(",") == 1:
            raw = dict(zip(("start", "end"), raw.split(","), strict=True))
        if not isinstance(raw, dict) or set(raw) != {"start", "end"}:
            refuse("wrong_type", expected="a range with start and end", example=self.example())
        return raw

    def compare(self, index: Any, operator: str, operand: Any) -> Q:
        ends: RangeIndex = index
        if operator == "contains":
            return _against(ends.start, "lte", operand) & _against(ends.end, "gte", operand)
        if operator in ("overlaps", "between"):
            _refuse_reversed(*operand)
        if operator == "overlaps":
            return _against(ends.start, "lte", operand[1]) & _against(ends.end, "gte", operand[0])
        if operator == "between":
            return ends.start.where("gte", operand[0].start) & _against(ends.end, "lte", operand[1])
        if operator in ("lt", "lte"):
            return _against(ends.end, operator, operand)
        return super().compare(ends.start, operator, operand)

    def dump(self, value: tuple[Any, Any]) -> str:
        return f"{self.ends().dump(value[0])},{self.ends().dump(value[1])}"

    def load(self, stored: Json) -> tuple[Any, Any]:
        start, end = stored.split(",")
        return self.ends().load(start), self.ends().load(end)

    def format(self, value: tuple[Any, Any], context: Context) -> str:
        return " – ".join(self.ends().format(end, context) for end in value)

    def json_schema(self) -> dict[str, Json]:
        return {"type": "string", "pattern": "^[^,]+,[^,]+$"}

    def example(self) -> str:
        return f"{self.ends().example()},{self.ends().example().replace('-22', '-25')}"


def _both_ends(raw: Mapping[str, Json], read: Callable[[Json], T]) -> tuple[T, T]:
    """What `read` makes of start and end; all that is wrong with either is told at its place."""
    ends, gathered = list[T](), Gathered()
    for name in ("start", "end"):
        try:
            ends.append(read(raw[name]))
        except ValidationFailed as error:
            gathered.issues += [issue.below(name) for issue in error.issues]
    gathered.done()
    return ends[0], ends[1]


@dataclass(frozen=True)
class DateRangeType(RangeType):
    """From one day to another."""

    name: ClassVar[str] = "dateRange"
    expected: ClassVar[Words] = _("a range of dates")
    label: ClassVar[Words] = _("Date range")
    about: ClassVar[Words] = _("From one day to another.")
    icon: ClassVar[str] = "calendar-range"
    end_type: ClassVar[type[Calendar]] = DateType


@dataclass(frozen=True)
class DateTimeRangeType(RangeType):
    """From one moment to another."""

    name: ClassVar[str] = "dateTimeRange"
    expected: ClassVar[Words] = _("a range of date-times")
    label: ClassVar[Words] = _("Time range")
    about: ClassVar[Words] = _("From one moment to another.")
    icon: ClassVar[str] = "calendar-clock"
    settings: ClassVar[tuple[Setting, ...]] = (_shown_as(*DATED_FORMATS, has_time=True),)
    end_type: ClassVar[type[Calendar]] = DateTimeType
