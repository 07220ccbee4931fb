"""How values look on pages, where a column has a say in it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine

from accounts.actor import Actor
from crm.field_types import (
    DateRangeType,
    DateTimeRangeType,
    DateTimeType,
    DateType,
    EmailType,
    FieldType,
    LinkType,
    PhoneType,
)
from crm.setup import CompanySetup
from crm.views.faces import Look, money_html, value_html
from customermates.kernel.ui.formats import formats_for

pytestmark = pytest.mark.django_db
DAY, LAST = date(2026, 3, 4), date(2026, 3, 9)
MOMENT = datetime(2026, 3, 4, 16, 5, tzinfo=UTC)


def shown(owner: Actor, kind: FieldType, value: object, locale: str = "en-GB") -> str:
    return value_html(kind, value, Look(CompanySetup(owner), formats_for(locale, "en", "UTC")))


@pytest.mark.parametrize(
    ("style", "locale", "then"),
    [
        ("numericalLong", "en-GB", "04/03/2026"),
        ("numericalShort", "en-GB", "04/03/26"),
        ("descriptiveShort", "en-GB", "4 Mar 2026"),
        ("descriptiveLong", "en-GB", "4 March 2026"),
        ("relative", "en-GB", "in 3 days"),
        ("numericalLong", "de-DE", "04.03.2026"),
        ("numericalShort", "de-DE", "04.03.26"),
        ("descriptiveLong", "de-DE", "4. März 2026"),
        ("descriptiveShort", "en-US", "Mar 4, 2026"),
    ],
)
def test_a_day_is_written_as_its_column_says(owner: Actor, style: str, locale: str, then: str) -> None:
    with time_machine.travel("2026-03-01T12:00:00Z", tick=False):
        assert f">{then}<" in shown(owner, DateType(style), DAY, locale)


@pytest.mark.parametrize(
    ("kind", "value", "then"),
    [
        (DateTimeType("descriptiveLong"), MOMENT, "4 March 2026, 16:05"),
        (DateTimeType("numericalLong"), MOMENT, "04/03/2026, 16:05"),
        (DateTimeType("relative"), MOMENT, ">in 3"),
        (DateRangeType("numericalShort"), (DAY, LAST), "04/03/26 – 09/03/26"),
        (DateRangeType("relative"), (DAY, LAST), "4–9 Mar 2026"),
        (DateTimeRangeType("numericalLong"), (MOMENT, MOMENT), "04/03/2026, 16:05 – 16:05"),
        (DateType(), DAY, "4 Mar"),
        (DateTimeType(), MOMENT, ">in 3"),
    ],
)
def test_moments_and_ranges_follow_and_own_dates_stay(
    owner: Actor, kind: FieldType, value: object, then: str
) -> None:
    with time_machine.travel("2026-03-01T12:00:00Z", tick=False):
        assert then in re.sub(r"\s", " ", shown(owner, kind, value))


@pytest.mark.parametrize(
    ("locale", "currency", "amount", "then"),
    [
        ("en-GB", "EUR", "228", '€228<span class="zeros" data-zeros=".00"></span>'),
        ("en-GB", "EUR", "2850", '€2,850<span class="zeros" data-zeros=".00"></span>'),
        ("en-GB", "EUR", "112.5", '<span class="cents">€112.50</span>'),
        ("de-DE", "EUR", "2850", '2.850<span class="zeros" data-zeros=",00"></span>\N{NO-BREAK SPACE}€'),
        ("en-GB", "JPY", "2850", 'JP¥2,850<span class="zeros" data-zeros=""></span>'),
    ],
)
def test_money_has_cents_where_there_are_some_and_knows_its_zeros(
    locale: str, currency: str, amount: str, then: str
) -> None:
    assert money_html(formats_for(locale, "en", "UTC"), Decimal(amount), currency) == then


@pytest.mark.parametrize("days", [-1, 0, 1])
def test_near_days_have_words(owner: Actor, days: int) -> None:
    words = {-1: "Yesterday", 0: "Today", 1: "Tomorrow"}
    with time_machine.travel(datetime(2026, 3, 4 - days, 12, tzinfo=UTC), tick=False):
        assert words[days] in shown(owner, DateType("relative"), DAY)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (EmailType, "ada@x.example"),
        (PhoneType, "+4930901820"),
        (LinkType, "https://x.example"),
        (LinkType, "mailto:ada@x.example"),
    ],
)
def test_addresses_of_a_column_are_chips_in_its_colour(
    owner: Actor, kind: type[EmailType], value: str
) -> None:
    assert 'class="chip out h-teal"' in shown(owner, kind(color="teal"), value)
    assert "chip" not in shown(owner, kind(), value)
    assert "+1" in shown(owner, kind(several=True, color="teal"), [value, "other@x.example"])
