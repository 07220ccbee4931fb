"""Days and moments as people write them: in ISO form, and in filters by words that stand for days."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from crm.field_types.field_type import Context, Json, refuse
from crm.field_types.settings import Words
from customermates.kernel.errors import ValidationFailed

Word: TypeAlias = Callable[[date], date]  # from today to the day that is meant

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)\s*([Zz]|[+-]\d{2}:?\d{2})?", re.ASCII
)
_OFFSET = re.compile(r"([+-])(\d{1,5})([dwmy])", re.ASCII)
A_DATE_OR_MOMENT = _("an ISO date or date-time")
DAY, MOMENT = "2026-11-22", "2026-11-22T09:30:00Z"  # examples
WORDS = (
    *("today", "yesterday", "tomorrow", "startOfWeek", "startOfMonth", "startOfQuarter", "startOfYear"),
    *("endOfWeek", "endOfMonth", "endOfQuarter", "endOfYear", "+30d", "-7d", "-3m"),
)


def read_date_or_moment(
    raw: Json, context: Context, *, expected: Words = A_DATE_OR_MOMENT, example: str = MOMENT
) -> date | datetime:
    """The date or the aware time that an ISO text spells; a time without offset is the actor's.

    `expected` and `example` are for whoever sent neither.
    """
    text = raw.strip() if isinstance(raw, str) else ""
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
        if match := _MOMENT.fullmatch(text):
            day, clock, zone = match.groups()
            return _aware(f"{day}T{_microseconds(clock)}", (zone or "").upper(), context.time_zone)
    except (ValueError, OverflowError):
        refuse("no_such_day")
    if word := find_word(text):  # what is stored must not mean another day tomorrow
        refuse("word_for_day", example=word(_today(context)).isoformat())
    refuse("wrong_type", expected=expected, example=example)


def _microseconds(clock: str) -> str:
    whole, _, fraction = clock.partition(".")
    return f"{whole}.{fraction[:6].ljust(6, '0')}" if fraction else whole


def _aware(text: str, zone: str, time_zone: ZoneInfo) -> datetime:
    moment = datetime.fromisoformat(text + zone.replace("Z", "+00:00"))
    moment = moment if moment.tzinfo else moment.replace(tzinfo=time_zone)
    utc = moment.astimezone(UTC)
    if not 1 < utc.year < 9999:  # room for every time zone at both ends of the calendar
        refuse("no_such_day")
    return utc


def checked(day: date) -> date:
    """`day`, when there is room for every time zone around it."""
    if not 1 < day.year < 9999:
        refuse("no_such_day")
    return day


def read_day(raw: Json, context: Context, example: str = DAY) -> date | datetime:
    """A filter operand: a date, a time, or a word like `today`, `-7d`, `startOfMonth`."""
    if word := find_word(raw):
        return word(_today(context))
    try:
        found = read_date_or_moment(raw, context)
        return found if isinstance(found, datetime) else checked(found)
    except ValidationFailed as error:
        if error.issues[0].code == "no_such_day":
            raise
        refuse("wrong_date", allowed=list(WORDS), example=example)


def _today(context: Context) -> date:
    return context.now.astimezone(context.time_zone).date()


def find_word(raw: Json) -> Word | None:
    """What a word for a day makes of today; None when `raw` is no such word."""
    text = raw.strip().lower() if isinstance(raw, str) else ""
    if match := _OFFSET.fullmatch(text):
        sign, count, unit = match.groups()
        return lambda today: moved(today, int(f"{sign}{count}"), unit)
    return _WORDS.get(text)


def moved(day: date, count: int, unit: str) -> date:
    """The day so many days, weeks, months or years away; the last day of a shorter month."""
    try:
        if unit in "dw":
            return checked(day + timedelta(days=count * (7 if unit == "w" else 1)))
        months = day.year * 12 + day.month - 1 + count * (12 if unit == "y" else 1)
        first = date(months // 12, months % 12 + 1, 1)
        return checked(min(first + timedelta(days=day.day - 1), _end_of_month(first)))
    except (OverflowError, ValueError):
        refuse("no_such_day")


def _end_of_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _start_of_quarter(day: date) -> date:
    return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)


_WORDS: Mapping[str, Word] = {
    "today": lambda day: day,
    "yesterday": lambda day: day - timedelta(days=1),
    "tomorrow": lambda day: day + timedelta(days=1),
    "startofweek": lambda day: day - timedelta(days=day.weekday()),  # ISO 8601: Monday
    "startofmonth": lambda day: day.replace(day=1),
    "startofquarter": _start_of_quarter,
    "startofyear": lambda day: day.replace(month=1, day=1),
    "endofweek": lambda day: day + timedelta(days=6 - day.weekday()),
    "endofmonth": _end_of_month,
    "endofquarter": lambda day: _end_of_month(_start_of_quarter(day) + timedelta(days=62)),
    "endofyear": lambda day: day.replace(month=12, day=31),
}
