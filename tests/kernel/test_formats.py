"""Money and days as people of a locale read them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from customermates.kernel.ui.formats import LOCALES, formats_for

pytestmark = pytest.mark.one_database
THIRD = date(2026, 3, 3)
ZONES = ("UTC", "Europe/Berlin")


@pytest.mark.parametrize(
    ("locale", "amount", "then"),
    [
        ("en-GB", "228", "€228"),
        ("en-GB", "2850", "€2,850"),
        ("en-GB", "-12.00", "-€12"),
        ("en-GB", "112.5", "€112.50"),
        ("en-GB", "16526.78", "€16,526.78"),
        ("de-DE", "228.0000", "228\N{NO-BREAK SPACE}€"),
        ("de-DE", "16526.7", "16.526,70\N{NO-BREAK SPACE}€"),
    ],
)
def test_cents_are_shown_where_there_are_some_whatever_the_size(locale: str, amount: str, then: str) -> None:
    assert formats_for(locale, "en", "UTC").money(Decimal(amount), "EUR") == then


@pytest.mark.parametrize(
    ("locale", "style", "last", "then"),
    [
        ("en-GB", "descriptiveShort", date(2026, 3, 9), "3–9 Mar 2026"),
        ("en-GB", "descriptiveShort", date(2026, 4, 9), "3 Mar – 9 Apr 2026"),
        ("en-GB", "descriptiveShort", date(2027, 3, 3), "3 Mar 2026 – 3 Mar 2027"),
        ("en-GB", "descriptiveShort", THIRD, "3 Mar 2026"),
        ("en-GB", "descriptiveLong", date(2026, 4, 9), "3 Mar – 9 Apr 2026"),
        ("en-US", "descriptiveShort", date(2026, 3, 9), "Mar 3 – 9, 2026"),
        ("de-DE", "descriptiveShort", date(2026, 4, 9), "3. März – 9. Apr. 2026"),
        ("de-DE", "descriptiveLong", date(2026, 3, 9), "3.–9. März 2026"),
        ("de-DE", "numericalLong", date(2026, 3, 9), "03.03.2026 – 09.03.2026"),
    ],
)
def test_what_two_days_share_is_said_once(locale: str, style: str, last: date, then: str) -> None:
    shown = formats_for(locale, "en", "UTC").days(THIRD, last, style)
    assert shown.replace("\N{THIN SPACE}", " ") == then


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("last", [date(2026, 3, 19), date(2026, 11, 19), date(2027, 3, 19)])
def test_ranges_have_both_days_and_years_in_every_locale(locale: str, last: date) -> None:
    for style in ("descriptiveShort", "descriptiveLong"):
        shown = formats_for(locale, "en", "UTC").days(THIRD, last, style)
        assert all(part in shown for part in ("3", "19", *{"2026", str(last.year)}))


def test_a_meeting_says_its_day_once_by_the_clock_of_who_reads() -> None:
    start, end = datetime(2026, 3, 3, 22, tzinfo=UTC), datetime(2026, 3, 3, 23, 30, tzinfo=UTC)
    shown = [formats_for("en-GB", "en", zone).moments(start, end, "descriptiveShort") for zone in ZONES]
    assert [text.replace("\N{THIN SPACE}", " ") for text in shown] == [
        "3 Mar 2026, 22:00 – 23:30",
        "3 Mar 2026, 23:00 – 4 Mar 2026, 00:30",
    ]
