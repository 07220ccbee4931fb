"""The trash by hand, and toasts that leave the buttons of a sheet free."""

from __future__ import annotations

from dataclasses import replace

from playwright.sync_api import Page, expect

from accounts.actor import Actor
from accounts.models import User
from crm import services
from crm.entities import CONTACT
from crm.models import Contact
from customermates.kernel.ids import uuid7
from tests.browser.conftest import Opened, violations


def deleted(owner: Actor, *names: str) -> None:
    made = services.create_records(owner, CONTACT, [{"firstName": name} for name in names]).records
    services.delete_records(replace(owner, change_set=uuid7()), CONTACT, [record.pk for record in made])


def living() -> int:
    return Contact.objects.filter(deleted_at=None).count()


def test_all_of_a_page_comes_back_and_goes_again_by_undo(browser_page: Page, owner: Actor) -> None:
    deleted(owner, "Ada", "Eva", "Oda")
    page = browser_page
    page.goto("/settings/trash/")
    assert violations(page) == []
    page.get_by_role("searchbox").fill("da")
    expect(page.locator("#list tbody tr")).to_have_count(2)
    page.get_by_label("Select all on this page").check()
    page.get_by_role("button", name="Restore selected").click()
    expect(page.locator("#toasts")).to_contain_text("2 things are back.")
    assert living() == 2
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(page.locator("#list tbody tr")).to_have_count(2)
    assert living() == 0


def test_it_works_without_a_script(open_page: Opened, olivia: User, owner: Actor) -> None:
    deleted(owner, "Ada")
    page = open_page(olivia, size="small", script=False)
    page.goto("/settings/trash/")
    page.get_by_role("button", name="Restore Ada").click()
    expect(page.get_by_text("Ada is back.")).to_be_visible()
    assert living() == 1


def test_a_toast_leaves_the_buttons_of_a_sheet_free(browser_page: Page) -> None:
    browser_page.goto("/contacts/")
    browser_page.keyboard.press("c")
    browser_page.locator("#new-firstName").fill("A" * 200)
    browser_page.locator("#sheet").get_by_label("Create another").check()
    browser_page.locator("#sheet").get_by_role("button", name="Create").click()
    toast, foot = browser_page.locator(".toast"), browser_page.locator("#sheet footer")
    expect(toast).to_be_visible()
    box, below = toast.bounding_box(), foot.bounding_box()
    assert box
    assert below
    assert box["y"] + box["height"] <= below["y"]
    assert box["x"] >= 0
