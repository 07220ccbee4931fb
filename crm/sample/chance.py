"""Choices that look like chance and are the same every time, and times around today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import TypeVar
from zoneinfo import ZoneInfo

from django.utils import timezone

from customermates.kernel.jsontext import utc_text

T = TypeVar("T")

SEED = 1996


@dataclass(frozen=True, slots=True)
class Chance:
    """A seeded source of choices, with the day and time zone that its times are told in."""

    random: Random
    today: date
    zone: ZoneInfo

    @classmethod
    def around_now(cls, time_zone: str) -> Chance:
        """The same choices as ever, around today."""
        zone = ZoneInfo(time_zone)
        return cls(Random(SEED), timezone.now().astimezone(zone).date(), zone)  # noqa: S311 - no secret

    def one_of(self, items: Sequence[T]) -> T:
        """Any of `items`."""
        return self.random.choice(items)

    def some_of(self, items: Sequence[T], most: int) -> list[T]:
        """One to `most` different ones of `items`."""
        return self.random.sample(items, self.random.randint(1, most))

    def number(self, least: int, most: int) -> int:
        """A whole number, both ends included."""
        return self.random.randint(least, most)

    def happens(self, share: float) -> bool:
        """True in this share of cases."""
        return self.random.random() < share

    def day(self, least: int, most: int) -> str:
        """A day that many days from today, as ISO text."""
        return (self.today + timedelta(days=self.number(least, most))).isoformat()

    def working_hour(self, least: int, most: int) -> str:
        """A quarter of an hour between eight and six on a day that many days from today, in UTC."""
        day = self.today + timedelta(days=self.number(least, most))
        return self.at(day, time(self.number(8, 17), 15 * self.number(0, 3)))

    def at(self, day: date, clock: time) -> str:
        """That hour of the company's day, as ISO text in UTC."""
        return utc_text(datetime.combine(day, clock, self.zone).astimezone(UTC))
