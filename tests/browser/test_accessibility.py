"""axe on every page, in light and dark, wide and small, and with each overlay open."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from playwright.sync_api import Page

from accounts.models import Company, User
from tests.browser.conftest import SIZES, Complaints, Opened, overflow, violations
from tools.gallery.company import shown_records
from tools.gallery.places import Place, doors, overlays, pages

pytestmark = pytest.mark.one_database


def findings(page: Page, places: Sequence[Place], ids: dict[str, str], size: str) -> list[str]:
    """What axe finds and what scrolls sideways, a line each."""
    found = []
    for place in places:
        if place.only not in ("", size):
            continue
        place.show(page, ids)
        found += [f"{place.name}: {wrong}" for wrong in violations(page) + overflow(page)]
    return found


@pytest.mark.parametrize("size", SIZES)
def test_pages_have_no_findings(
    open_page: Opened, olivia: User, sample: Company, complaints: Complaints, size: str
) -> None:
    complaints.expected.append("404")  # one of the pages is the one that says so
    page = open_page(olivia, size=size)
    assert findings(page, [*pages()], shown_records(), size) == []


@pytest.mark.parametrize("size", SIZES)
def test_overlays_have_no_findings(
    open_page: Opened, olivia: User, sample: Company, complaints: Complaints, size: str
) -> None:
    complaints.expected.append("422")  # a form that is refused is one of the sights
    page = open_page(olivia, size=size)
    assert findings(page, [*overlays()], shown_records(), size) == []


@pytest.mark.parametrize("size", SIZES)
def test_pages_of_strangers_have_no_findings(open_page: Opened, olivia: User, size: str) -> None:
    page = open_page(size=size)
    assert findings(page, [*doors()], {}, size) == []
