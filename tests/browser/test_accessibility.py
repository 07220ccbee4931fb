"""axe on every page, in light and dark, wide and small, and with each overlay open."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from accounts.models import Company, User
from crm.models import Contact, Deal
from tests.browser.conftest import Opened, violations

PAGES = [
    "/",
    "/contacts/",
    "/organizations/",
    "/deals/",
    "/deals/board/",
    "/services/",
    "/tasks/",
    "/tasks/agenda/",
    "/contacts/new/",
    "/search/?q=a",
    "/contacts/?q=nobody-is-called-so",
    "/contacts/?f1=jobTitle&o1=nonsense&v1=x",
    "/settings/profile/",
    "/settings/keys/",
    "/settings/connect/",
    "/settings/members/",
    "/settings/columns/",
    "/settings/columns/new/",
    "/settings/columns/new/?entity=deal&type=multiSelect",
    "/no/such/page/",
]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", ["wide", "small"])
def test_pages_have_no_findings(
    open_page: Opened, olivia: User, sample: Company, complaints, size: str, dark: bool
) -> None:
    complaints.expected.append("404")
    page = open_page(olivia, size=size, dark=dark)
    contact, deal = Contact.objects.first(), Deal.objects.first()
    assert contact is not None
    assert deal is not None
    found = {}
    for address in [*PAGES, f"/contacts/{contact.pk}/", f"/deals/{deal.pk}/"]:
        page.goto(address)
        if wrong := violations(page):
            found[address] = wrong
    assert not found, found


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_overlays_have_no_findings(open_page: Opened, olivia: User, sample: Company, dark: bool) -> None:
    page = open_page(olivia, dark=dark)
    found: dict[str, list[str]] = {}

    def check(what: str) -> None:
        if wrong := violations(page):
            found[what] = wrong

    page.goto("/deals/")
    page.locator("[data-filter-open]").click()
    page.get_by_label("Add a rule about").select_option("stage")
    expect(page.locator("#filter .rule")).to_have_count(1)
    check("filter")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Columns").click()
    check("columns")
    page.keyboard.press("Escape")
    page.locator("tbody td[data-field=stage]").first.dblclick()
    expect(page.locator(".cell-form select")).to_be_focused()
    check("editor")
    page.keyboard.press("Escape")
    page.locator("tbody .ck input").first.check()
    page.get_by_role("button", name="Set a field").click()
    expect(page.locator("#bulk-form .menu")).to_be_visible()
    check("bulk")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    expect(page.locator("#palette [role=option]").first).to_be_visible()
    check("palette")
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("?")
    check("help")
    page.keyboard.press("Escape")
    page.keyboard.press("c")
    expect(page.locator("#sheet form")).to_be_visible()
    check("sheet")
    assert not found, found
