"""axe on every page, in light and dark, wide and small, and with each overlay open."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from playwright.sync_api import Page

from accounts.models import Company, User
from tests.browser.conftest import SIZES, Complaints, Opened, violations
from tools.gallery.company import shown_records
from tools.gallery.places import Place, doors, overlays, pages

LOOKS = [(size, dark) for size in SIZES for dark in (False, True)]
NAMES = [f"{size}-{'dark' if dark else 'light'}" for size, dark in LOOKS]


def findings(page: Page, places: Sequence[Place], ids: dict[str, str], size: str) -> dict[str, list[str]]:
    """What axe finds, by the name of the place."""
    found = {}
    for place in places:
        if place.only not in ("", size):
            continue
        page.goto(place.at(ids))
        if place.open:
            place.open(page)
        if wrong := violations(page):
            found[place.name] = wrong
    return found


@pytest.mark.parametrize(("size", "dark"), LOOKS, ids=NAMES)
def test_pages_have_no_findings(
    open_page: Opened, olivia: User, sample: Company, complaints: Complaints, size: str, dark: bool
) -> None:
    complaints.expected.append("404")  # one of the pages is the one that says so
    page = open_page(olivia, size=size, dark=dark)
    assert not findings(page, [*pages()], shown_records(), size)


@pytest.mark.parametrize(("size", "dark"), LOOKS, ids=NAMES)
def test_overlays_have_no_findings(
    open_page: Opened, olivia: User, sample: Company, complaints: Complaints, size: str, dark: bool
) -> None:
    complaints.expected.append("422")  # a form that is refused is one of the sights
    page = open_page(olivia, size=size, dark=dark)
    assert not findings(page, [*overlays()], shown_records(), size)


@pytest.mark.parametrize(("size", "dark"), LOOKS, ids=NAMES)
def test_pages_of_strangers_have_no_findings(open_page: Opened, olivia: User, size: str, dark: bool) -> None:
    page = open_page(size=size, dark=dark)
    assert not findings(page, [*doors()], {}, size)
