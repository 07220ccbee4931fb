"""Sample data goes with one click and comes back with one."""

from __future__ import annotations

from dataclasses import replace

from playwright.sync_api import Page, expect

from accounts.actor import Actor
from accounts.models import Company, User
from crm import services
from crm.entities import DEAL
from crm.models import Contact, Deal
from customermates.kernel.ids import uuid7
from tests.browser.conftest import Opened


def living() -> int:
    return Contact.objects.filter(deleted_at=None).count()


def test_it_goes_from_home_and_comes_back_by_the_toast(browser_page: Page, sample: Company) -> None:
    browser_page.goto("/")
    browser_page.get_by_role("button", name="Remove sample data").click()
    expect(browser_page.locator(".toast")).to_contain_text("532 sample records removed.")
    expect(browser_page.get_by_role("button", name="Remove sample data")).to_have_count(0)
    assert living() == 0
    browser_page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(browser_page.locator(".toast")).to_contain_text("Undone.")
    expect(browser_page.get_by_role("button", name="Remove sample data")).to_be_visible()
    assert living() == 250


def test_what_was_worked_on_stays_and_is_one_click_away(
    open_page: Opened, olivia: User, owner: Actor, sample: Company
) -> None:
    deal = Deal.objects.order_by("pk")[0]
    services.update_records(replace(owner, change_set=uuid7()), DEAL, {deal.pk: {"name": "Ours now"}})
    page = open_page(olivia, script=False)
    page.goto("/")
    page.get_by_role("link", name="See what goes").click()
    expect(page.locator("tr", has_text="Deals")).to_contain_text("119")
    page.get_by_role("button", name="Remove sample data").click()
    expect(page.get_by_text("No sample data left to remove")).to_be_visible()
    expect(page.get_by_role("link", name="Ours now")).to_have_attribute("href", f"/deals/{deal.pk}/")
    page.goto("/settings/sample-data/")  # long after the toast
    page.get_by_role("button", name="Bring it back").click()
    expect(page.get_by_text("Undone.")).to_be_visible()
    assert living() == 250
