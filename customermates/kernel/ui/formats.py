"""Numbers, money, days and times as a person reads them: by their locale and in their time zone."""

from __future__ import annotations

import datetime
import math
import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_interval, format_skeleton, format_time, format_timedelta
from babel.numbers import format_compact_currency, format_currency, format_decimal, format_percent
from django.utils import timezone
from django.utils.translation import gettext

# What a profile offers; "" follows the language. Names of CLDR locales.
LOCALES = (
    *("en-GB", "en-US", "en-IE", "en-AU", "en-CA", "en-IN"),
    *("de-DE", "de-AT", "de-CH", "fr-FR", "fr-CH", "it-IT", "es-ES", "nl-NL", "pt-PT", "pt-BR"),
    *("pl-PL", "cs-CZ", "da-DK", "sv-SE", "nb-NO", "fi-FI"),
)
_OF_LANGUAGE = {"en": "en-GB", "de": "de-DE"}
_NEAR = datetime.timedelta(days=7)  # as far as "3 days ago" is easier to place than a date
_AHEAD = datetime.timedelta(days=100)  # as far as days are counted rather than named
# How a column of dates can write days: by CLDR skeleton, or else a pattern of its own.
_SKELETONS = {"numericalLong": "yMMdd", "descriptiveShort": "yMMMd"}
_DASH = "\N{THIN SPACE}–\N{THIN SPACE}"  # of a range, as CLDR has it
_IN_WORDS = ("descriptiveShort", "descriptiveLong")  # the styles that name the month


@dataclass(frozen=True, slots=True)
class Formats:
    """How one person reads values."""

    locale: Locale
    time_zone: ZoneInfo

    def number(self, value: Decimal | float, decimals: int | None = None) -> str:
        """`1,234.5`; with `decimals`, just so many."""
        pattern = None if decimals is None else f"#,##0.{'0' * decimals}".rstrip(".")
        return str(format_decimal(value, pattern, self.locale, decimal_quantization=decimals is not None))

    def percent(self, share: float) -> str:
        """`97.6%`, never rounded up: 100% is all."""
        return str(format_percent(math.floor(share * 1_000) / 1_000, "#,##0.#%", self.locale))

    def money(self, amount: Decimal | float, currency: str, *, cents: bool = False) -> str:
        """`€63,000` or `€19.90`: cents only where there are some, however large it is, or in any case."""
        whole = amount == int(amount) and not cents
        pattern = _without_decimals(self.locale) if whole else None
        return str(format_currency(amount, currency, pattern, self.locale, currency_digits=not whole))

    def short_money(self, amount: Decimal | float, currency: str) -> str:
        """`€1.7M`, where only the size matters.

        Some languages have no short word for thousands: what Babel then writes is longer than the number.
        """
        short = str(format_compact_currency(amount, currency, locale=self.locale, fraction_digits=1))
        return min(short, self.money(round(amount), currency), key=len)

    def date(self, value: datetime.date) -> str:
        """`14 Mar 2026`."""
        return str(format_date(value, "medium", self.locale))

    def day(self, value: datetime.date) -> str:
        """Today, Yesterday, Tomorrow, else `14 Mar`, with the year when it is another one."""
        today = self.today()
        words = {-1: gettext("Yesterday"), 0: gettext("Today"), 1: gettext("Tomorrow")}
        if word := words.get((value - today).days):
            return word
        if value.year != today.year:
            return self.date(value)
        noon = datetime.datetime.combine(value, datetime.time(12))
        return str(format_skeleton("MMMd", noon, locale=self.locale))

    def styled(self, value: datetime.date, style: str) -> str:
        """A day as `style` says: `04/03/2026`, `04/03/26`, `4 Mar 2026`, `4 March 2026`, or `in 3 days`."""
        if style == "relative":
            return self._distance(value)
        if skeleton := _SKELETONS.get(style):
            noon = datetime.datetime.combine(value, datetime.time(12))
            return str(format_skeleton(skeleton, noon, locale=self.locale))
        pattern = _with_short_year(self.locale) if style == "numericalShort" else "long"
        return str(format_date(value, pattern, self.locale))

    def styled_moment(self, value: datetime.datetime, style: str) -> str:
        """Day and time, the day as `style` says."""
        if style == "relative":
            return self.moment(value)
        return f"{self.styled(value.astimezone(self.time_zone).date(), style)}, {self.time(value)}"

    def days(self, start: datetime.date, end: datetime.date, style: str) -> str:
        """`3–9 Mar 2026`: where months are words, they are short, and what two days share is said once."""
        if start == end:
            return self.styled(start, style)
        if style in _IN_WORDS:
            return str(format_interval(start, end, "yMMMd", locale=self.locale))
        return f"{self.styled(start, style)}{_DASH}{self.styled(end, style)}"

    def moments(self, start: datetime.datetime, end: datetime.datetime, style: str) -> str:
        """`4 Mar 2026, 16:05 – 17:30`: the day is said once when it is the same."""
        days = {moment.astimezone(self.time_zone).date() for moment in (start, end)}
        until = self.time(end) if len(days) == 1 else self.styled_moment(end, style)
        return f"{self.styled_moment(start, style)}{_DASH}{until}"

    def _distance(self, value: datetime.date) -> str:
        days = value - self.today()
        if abs(days.days) <= 1:
            return self.day(value)
        return str(format_timedelta(days, granularity="day", add_direction=True, locale=self.locale))

    def weekday(self, value: datetime.date) -> str:
        """`Mon`."""
        return str(format_date(value, "ccc", self.locale))

    def time(self, value: datetime.datetime) -> str:
        """`16:05`."""
        return str(format_time(value, "short", tzinfo=self.time_zone, locale=self.locale))

    def date_time(self, value: datetime.datetime) -> str:
        """`14 Mar 2026, 16:05`."""
        return f"{self.date(value.astimezone(self.time_zone).date())}, {self.time(value)}"

    def moment(self, value: datetime.datetime) -> str:
        """`5h ago`, `in 3d`; beyond a week the day."""
        distance = value - timezone.now()
        if abs(distance) > _NEAR:
            return self.day(value.astimezone(self.time_zone).date())
        if abs(distance) < datetime.timedelta(minutes=1):
            return gettext("just now")
        return str(
            format_timedelta(
                distance,
                granularity="minute",
                threshold=1,
                format="narrow" if self.locale.language == "en" else "short",
                add_direction=True,
                locale=self.locale,
            )
        )

    def until(self, value: datetime.datetime) -> str:
        """`in 89 days` for something to come, beyond a season the date."""
        distance = value - timezone.now()
        if distance > _AHEAD:
            return self.date(value.astimezone(self.time_zone).date())
        if abs(distance) < datetime.timedelta(minutes=1):
            return self.time(value)
        is_near = distance < datetime.timedelta(days=2)
        options: Any = {"threshold": 1} if is_near else {"granularity": "day", "threshold": _AHEAD.days + 1}
        return str(format_timedelta(distance, add_direction=True, locale=self.locale, **options))

    def today(self) -> datetime.date:
        """The person's own day."""
        return timezone.now().astimezone(self.time_zone).date()


@lru_cache(maxsize=512)
def formats_for(locale: str, language: str, time_zone: str) -> Formats:
    """The formats of a locale such as "de-AT" ("" follows `language`) in an IANA time zone."""
    name = locale if locale in LOCALES else _OF_LANGUAGE.get(language, "en-GB")
    return Formats(Locale.parse(name, sep="-"), ZoneInfo(time_zone))


@lru_cache(maxsize=64)
def _without_decimals(locale: Locale) -> str:
    return str(locale.currency_formats["standard"].pattern).replace("0.00", "0")


@lru_cache(maxsize=64)
def _with_short_year(locale: Locale) -> str:
    return re.sub("y+", "yy", str(locale.date_formats["short"].pattern))
