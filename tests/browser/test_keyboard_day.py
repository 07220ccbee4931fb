"""A whole day of work by keyboard alone: no mouse, no touch, from sign-in to sign-out."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from accounts.actor import Actor
from accounts.models import User
from crm import services
from crm.entities import CONTACT, DEAL, SERVICE, TASK
from crm.models import Contact, Deal, Task
from tests.browser.conftest import Opened, ready
from tests.people import PASSWORD

LISTENERS = """
for (const type of ["pointerdown", "mousedown", "touchstart", "wheel", "dragstart"]) {
  addEventListener(type, (event) => event.isTrusted && window.pointed(type), true);
}
"""
TABS = 60  # more than this to get anywhere is no way for people


@pytest.fixture
def office(owner: Actor) -> None:
    """What is there in the morning."""
    people = [("Ada", "Analyst"), ("Charles", "Inventor"), ("Mary", "Analyst")]
    services.create_records(owner, CONTACT, [{"firstName": n, "jobTitle": title} for n, title in people])
    services.create_records(
        owner, SERVICE, [{"name": "Workshop", "amount": 80}, {"name": "Kit", "amount": 30}]
    )
    services.create_records(owner, DEAL, [{"name": "Renewal", "stage": "New", "amount": 20}])
    mine = {"dueAt": timezone.now().isoformat(), "userIds": [str(owner.user_id)]}
    services.create_records(owner, TASK, [{"name": "Call Ada", **mine}])


@pytest.fixture
def keyboard(open_page: Opened) -> Iterator[Page]:
    """A window in which a pointer that does anything fails the test."""
    page, pointed = open_page(), []
    page.expose_function("pointed", lambda kind: pointed.append(kind))
    page.add_init_script(LISTENERS)
    yield page
    assert not pointed


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def tab_to(page: Page, wanted: Locator, key: str = "Tab") -> None:
    """Press Tab until `wanted` has the focus."""
    for _ in range(TABS):
        page.keyboard.press(key)
        if wanted.evaluate_all("(found) => found.includes(document.activeElement)"):
            return
    pytest.fail(f"Tab does not lead to {wanted}")


def go(page: Page, letter: str, heading: str | re.Pattern[str]) -> None:
    press(page, "g", letter)
    expect(page.locator("h1")).to_have_text(heading)
    ready(page)


def open_by_palette(page: Page, name: str) -> None:
    press(page, "Control+k")
    page.keyboard.type(name)
    expect(page.locator("#palette [role=option][aria-selected=true]")).to_contain_text(name)
    press(page, "Enter")
    expect(page.locator("#hero h1")).to_have_text(name)
    ready(page)


def skip_to_content(page: Page) -> None:
    press(page, "Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    press(page, "Enter")


@pytest.mark.usefixtures("office")
def test_a_day_by_keyboard_alone(keyboard: Page, olivia: User) -> None:
    page = keyboard
    sign_in(page, olivia)
    create_a_deal(page)
    add_lines(page)
    win_it(page)
    note_and_undo(page)
    tick_a_task(page)
    filter_and_edit_a_list(page)
    switch_the_theme(page)
    sign_out(page)


def sign_in(page: Page, olivia: User) -> None:
    page.goto("/")
    expect(page.get_by_label("E-mail")).to_be_focused()
    page.keyboard.type(olivia.email)
    press(page, "Tab")
    page.keyboard.type(PASSWORD)
    press(page, "Enter")
    expect(page.locator("h1")).to_contain_text("Olivia")
    ready(page)
    press(page, "?")
    expect(page.get_by_role("heading", name="Keyboard shortcuts")).to_be_visible()
    press(page, "Escape")


def create_a_deal(page: Page) -> None:
    go(page, "d", "Deals")
    press(page, "c")
    expect(page.locator("#new-name")).to_be_focused()
    page.keyboard.type("Pilot for Engines")
    tab_to(page, page.locator("#new-organizationIds"))
    page.keyboard.type("Engines")
    expect(page.get_by_role("option", name="Create “Engines”")).to_be_visible()
    press(page, "Enter")
    expect(page.locator("#sheet .pill", has_text="Engines")).to_be_visible()
    press(page, "Control+Enter")
    expect(page.locator("#sheet")).to_be_hidden()
    expect(page.locator("[data-card]", has_text="Pilot for Engines")).to_be_visible()


def add_lines(page: Page) -> None:
    open_by_palette(page, "Pilot for Engines")
    skip_to_content(page)
    tab_to(page, page.get_by_role("combobox", name="Add a service"))
    for name, quantity in (("Workshop", "3"), ("Kit", "2")):
        page.keyboard.type(name)
        expect(page.get_by_role("option", name=name)).to_be_visible()
        press(page, "Enter")
        expect(page.get_by_role("textbox", name=f"Quantity of {name}")).to_be_focused()
        page.keyboard.type(quantity)
        press(page, "Enter")
        expect(page.get_by_role("combobox", name="Add a service")).to_be_focused()
    expect(page.locator("#lines tfoot")).to_contain_text("€300")
    press(page, "Escape")
    expect(page.locator("#hero .under")).to_contain_text("€300")


def win_it(page: Page) -> None:
    go(page, "d", "Deals")
    skip_to_content(page)
    tab_to(page, page.locator("[data-card]"))
    pilot = page.locator("[data-card]", has_text="Pilot for Engines")
    for _ in range(3):
        if pilot.evaluate("(card) => card === document.activeElement"):
            break
        press(page, "ArrowDown")
    press(page, "m")
    for _ in range(8):
        if "Won" in page.evaluate("document.activeElement.textContent"):
            break
        press(page, "ArrowDown")
    press(page, "Enter")
    expect(page.locator("#closing")).to_be_visible()
    press(page, "Enter")
    expect(page.locator(".toast")).to_contain_text("Pilot for Engines moved to Won.")
    assert Deal.objects.get(name="Pilot for Engines").status == "won"
    press(page, "Control+z")
    expect(page.locator("[data-lane][data-name=New]")).to_contain_text("Pilot for Engines")
    expect(page.locator(".toast").last).to_contain_text("Undone.")
    assert Deal.objects.get(name="Pilot for Engines").status == "open"
    press(page, "Control+z")
    expect(page.locator("[data-lane][data-name=Won]")).to_contain_text("Pilot for Engines")
    assert Deal.objects.get(name="Pilot for Engines").status == "won"


def note_and_undo(page: Page) -> None:
    open_by_palette(page, "Pilot for Engines")
    skip_to_content(page)
    tab_to(page, page.get_by_role("textbox", name="Write a note"))
    page.keyboard.type("They *signed* today")
    press(page, "Control+Enter")
    entry = page.locator("#timeline > li").first
    expect(entry.locator("em")).to_have_text("signed")
    tab_to(page, entry.get_by_role("button", name="Undo"))
    press(page, "Enter")
    expect(page.locator("#timeline > li").first).to_contain_text("Undo of a change by Olivia Owner")
    assert Deal.objects.get(name="Pilot for Engines").notes == ""


def tick_a_task(page: Page) -> None:
    go(page, "t", "Tasks")
    skip_to_content(page)
    tab_to(page, page.get_by_role("button", name="Done: Call Ada"))
    press(page, "Enter")
    expect(page.locator(".toast").last).to_contain_text("Call Ada")
    assert Task.objects.get().status == "done"


def filter_and_edit_a_list(page: Page) -> None:
    go(page, "c", "Contacts")
    skip_to_content(page)
    tab_to(page, page.locator("[data-filter-open]"))
    press(page, "Enter")
    expect(page.get_by_label("Add a rule about")).to_be_focused()
    page.keyboard.type("Job")
    rule = page.locator("#filter .rule")
    expect(rule).to_have_count(1)
    tab_to(page, rule.locator("input[type=text], input:not([type])").first)
    page.keyboard.type("Analyst")
    press(page, "Enter")
    expect(page.locator("tbody tr")).to_have_count(2)
    expect(page).to_have_url(re.compile(r"f1=jobTitle"))
    press(page, "Escape")
    tab_to(page, page.locator("tbody td.c-name"))
    press(page, "ArrowDown", "ArrowRight", "ArrowRight", "Enter")
    expect(page.locator(".cell-form input:visible")).to_be_focused()
    page.keyboard.type("Author")
    press(page, "Enter")
    expect(page.locator("td[data-field=jobTitle]:focus")).to_have_text("Author")
    assert Contact.objects.filter(job_title="Author").count() == 1


def switch_the_theme(page: Page) -> None:
    go(page, "h", re.compile("Olivia"))
    tab_to(page, page.get_by_role("button", name="Light or dark"))
    press(page, "Enter")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def sign_out(page: Page) -> None:
    tab_to(page, page.locator("[popovertarget=person-menu]"))
    press(page, "Enter")
    tab_to(page, page.get_by_role("button", name="Sign out"))
    press(page, "Enter")
    expect(page).to_have_url(re.compile("/account/sign-in/"))
