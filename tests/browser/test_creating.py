"""New records and the picker as people use them."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, Request, Route, expect

from accounts.actor import Actor
from accounts.models import User
from crm import services
from crm.entities import CONTACT, ORGANIZATION
from crm.models import Contact, ContactOrganization, Deal, Organization
from tests.browser.conftest import Complaints, Opened, answer_slowly


@pytest.fixture
def organizations(owner: Actor) -> list[Organization]:
    names = ("Engines Ltd", "Mills & Co", "Millstone")
    return services.create_records(owner, ORGANIZATION, [{"name": n} for n in names]).records  # type: ignore[return-value]


def sheet(page: Page) -> Locator:
    return page.locator("#sheet")


def open_sheet(page: Page, address: str = "/contacts/") -> Locator:
    page.goto(address)
    page.keyboard.press("c")
    expect(page.locator("#new-firstName")).to_be_focused()
    return sheet(page)


def test_c_opens_a_sheet_and_the_list_shows_what_was_created(browser_page: Page) -> None:
    open_sheet(browser_page)
    browser_page.keyboard.type("Ada")
    browser_page.keyboard.press("Tab")
    browser_page.keyboard.type("Byron")
    browser_page.keyboard.press("Control+Enter")
    expect(sheet(browser_page)).not_to_be_visible()
    expect(browser_page.locator("tbody tr", has_text="Ada Byron")).to_be_visible()
    toast = browser_page.locator(".toast", has_text="Contact created: Ada Byron")
    toast.get_by_role("link", name="Open").click()
    expect(browser_page).to_have_url(re.compile(rf"/contacts/{Contact.objects.get().pk}/$"))


def test_a_mistake_is_told_beside_its_field_and_nothing_typed_is_lost(
    browser_page: Page, complaints: Complaints
) -> None:
    complaints.expected.append("422")
    open_sheet(browser_page)
    browser_page.fill("#new-lastName", "Byron")
    sheet(browser_page).get_by_role("button", name="Create").click()
    expect(browser_page.locator("#new-firstName-error")).to_contain_text("required")
    expect(browser_page.locator("#new-firstName")).to_be_focused()
    expect(browser_page.locator("#new-lastName")).to_have_value("Byron")


def test_create_another_keeps_the_sheet_open_and_ready(browser_page: Page) -> None:
    open_sheet(browser_page)
    sheet(browser_page).get_by_text("Create another").click()
    for name in ("Ada", "Mary"):
        browser_page.fill("#new-firstName", name)
        browser_page.keyboard.press("Enter")
        expect(browser_page.locator("#new-firstName")).to_have_value("")
        expect(browser_page.locator("#new-firstName")).to_be_focused()
        expect(browser_page.locator("tbody tr", has_text=name)).to_have_count(1)
    browser_page.keyboard.press("Escape")
    expect(sheet(browser_page)).not_to_be_visible()


def test_a_namesake_is_told_while_typing_and_does_not_stop_anybody(browser_page: Page, owner: Actor) -> None:
    services.create_records(owner, CONTACT, [{"firstName": "Ada", "lastName": "Byron"}])
    open_sheet(browser_page)
    browser_page.keyboard.type("Ada")
    browser_page.fill("#new-lastName", "Byron")
    expect(browser_page.locator("[data-similar]")).to_contain_text("Ada Byron exists already.")
    browser_page.keyboard.press("Enter")
    expect(browser_page.locator("tbody tr", has_text="Ada Byron")).to_have_count(2)


def test_typed_words_are_not_lost_by_a_slip(browser_page: Page) -> None:
    open_sheet(browser_page)
    browser_page.keyboard.type("Ada")
    browser_page.keyboard.press("Escape")
    ask = browser_page.get_by_role("alertdialog")
    expect(ask).to_be_visible()
    browser_page.keyboard.press("Escape")  # not twice out of two
    expect(ask).not_to_be_visible()
    expect(browser_page.locator("#new-firstName")).to_have_value("Ada")
    sheet(browser_page).get_by_role("button", name="Close").click()
    ask.get_by_role("button", name="Discard").click()
    expect(sheet(browser_page)).not_to_be_visible()
    assert not Contact.objects.exists()


def test_from_elsewhere_c_asks_what_to_create(browser_page: Page) -> None:
    browser_page.goto("/")
    browser_page.keyboard.press("c")
    menu = browser_page.locator("#create-menu")
    expect(menu.get_by_role("link")).to_have_count(5)
    browser_page.keyboard.press("d")
    expect(sheet(browser_page).get_by_role("heading", name="New deal")).to_be_visible()
    browser_page.fill("#new-name", "Pilot")
    browser_page.fill("#new-amount", "1,500.50")
    browser_page.keyboard.press("Enter")
    expect(sheet(browser_page)).not_to_be_visible()
    expect(browser_page.locator(".toast", has_text="Pilot")).to_be_visible()
    assert str(Deal.objects.get().amount) == "1500.5000"


def test_the_picker_is_used_by_keyboard_alone(browser_page: Page, organizations: list[Organization]) -> None:
    open_sheet(browser_page)
    browser_page.keyboard.type("Ada")
    field = browser_page.locator("#new-organizationIds")
    picker = browser_page.locator("[data-picker]", has=field)
    field.focus()
    browser_page.keyboard.type("mill")
    options, names = picker.get_by_role("option"), picker.locator("[role=option] .trunc")
    expect(names).to_have_text(["Mills & Co", "Millstone", "Create “mill”"])
    expect(options.nth(0)).to_have_attribute("aria-selected", "true")
    browser_page.keyboard.press("ArrowDown")
    active = options.nth(1).get_attribute("id")
    expect(field).to_have_attribute("aria-activedescendant", str(active))
    browser_page.keyboard.press("Enter")
    expect(picker.locator(".pill .trunc")).to_have_text(["Millstone"])
    browser_page.keyboard.type("eng")
    expect(names).to_have_text(["Engines Ltd", "Create “eng”"])
    browser_page.keyboard.press("Enter")
    expect(picker.locator(".pill")).to_have_count(2)
    expect(field).to_have_attribute("aria-expanded", "false")  # nothing covers the fields below
    browser_page.keyboard.press("ArrowDown")
    expect(names).to_have_text(["Mills & Co"])  # what is chosen is offered no more
    browser_page.keyboard.press("Backspace")
    expect(picker.locator(".pill .trunc")).to_have_text(["Millstone"])
    browser_page.keyboard.press("Escape")  # the list only
    expect(field).to_have_attribute("aria-expanded", "false")
    expect(sheet(browser_page)).to_be_visible()
    browser_page.keyboard.press("Control+Enter")
    expect(sheet(browser_page)).not_to_be_visible()
    assert ContactOrganization.objects.get().organization.name == "Millstone"


def test_a_typed_name_is_created_in_the_picker(browser_page: Page, organizations: list[Organization]) -> None:
    open_sheet(browser_page)
    browser_page.keyboard.type("Ada")
    browser_page.locator("#new-organizationIds").click()
    browser_page.keyboard.type("Analytical Works")
    browser_page.get_by_role("option", name="Create “Analytical Works”").click()
    expect(browser_page.locator(".pill", has_text="Analytical Works")).to_be_visible()
    browser_page.keyboard.press("Control+Enter")
    expect(sheet(browser_page)).not_to_be_visible()
    assert Organization.objects.filter(name="Analytical Works").exists()


def test_a_slow_answer_to_an_earlier_word_is_dropped(
    browser_page: Page, organizations: list[Organization]
) -> None:
    open_sheet(browser_page)

    def slowly(route: Route) -> None:
        browser_page.wait_for_timeout(700 if route.request.url.endswith("q=e") else 0)
        route.continue_()

    browser_page.route("**/options/**", slowly)
    field = browser_page.locator("#new-organizationIds")
    field.focus()
    browser_page.keyboard.type("e")
    browser_page.wait_for_timeout(200)
    browser_page.keyboard.press("Backspace")
    browser_page.keyboard.type("mills")
    names = browser_page.locator("[role=option] .trunc")
    expect(names.first).to_have_text("Mills & Co")
    browser_page.wait_for_timeout(800)
    expect(names.first).to_have_text("Mills & Co")


def test_a_cell_is_edited_with_the_picker(
    browser_page: Page, owner: Actor, organizations: list[Organization]
) -> None:
    services.create_records(owner, CONTACT, [{"firstName": "Ada"}])
    browser_page.goto("/contacts/")
    cell = browser_page.locator("tbody tr [data-field=organizationIds]")
    cell.dblclick()
    expect(cell.get_by_role("combobox")).to_be_focused()
    browser_page.keyboard.type("engines")
    expect(cell.locator("[role=option] .trunc")).to_have_text(["Engines Ltd", "Create “engines”"])
    browser_page.keyboard.press("Enter")
    expect(cell.locator(".pill .trunc")).to_have_text(["Engines Ltd"])
    browser_page.keyboard.press("Enter")
    expect(browser_page.locator("tbody tr .ref", has_text="Engines Ltd")).to_be_visible()
    assert ContactOrganization.objects.count() == 1


def test_without_script_the_form_is_a_page(open_page: Opened, olivia: User) -> None:
    page = open_page(olivia, script=False)
    page.goto("/contacts/")
    page.locator("header").get_by_role("link", name="New contact").click()
    page.fill("#new-firstName", "Ada")
    page.get_by_role("button", name="Create").click()
    expect(page).to_have_url(re.compile(rf"/contacts/{Contact.objects.get().pk}/$"))
    expect(page.locator(".toast")).to_contain_text("Contact created: Ada")


def test_the_palette_starts_a_new_record_in_the_sheet(browser_page: Page) -> None:
    browser_page.goto("/deals/")
    browser_page.keyboard.press("Control+k")
    browser_page.keyboard.type("new cont")
    expect(browser_page.get_by_role("option", name="New contact")).to_have_attribute("aria-selected", "true")
    browser_page.keyboard.press("Enter")
    expect(sheet(browser_page).get_by_role("heading", name="New contact")).to_be_visible()
    expect(browser_page).to_have_url(re.compile("/deals/"))


def test_a_hasty_second_enter_makes_no_second_record(browser_page: Page) -> None:
    open_sheet(browser_page)
    answer_slowly(browser_page, "**/organizations/quick/")
    browser_page.fill("#new-firstName", "Ada")
    browser_page.locator("#new-organizationIds").press_sequentially("Engines")
    expect(browser_page.get_by_role("option", name="Create “Engines”")).to_be_visible()
    browser_page.keyboard.press("Enter")
    browser_page.keyboard.press("Enter")
    expect(sheet(browser_page).locator(".pill", has_text="Engines")).to_be_visible()
    browser_page.keyboard.press("Control+Enter")
    expect(sheet(browser_page)).not_to_be_visible()
    assert Organization.objects.get().name == "Engines"
    assert ContactOrganization.objects.get().contact.title == "Ada"


def test_what_was_typed_outlives_a_reload_until_it_is_saved_or_given_up(browser_page: Page) -> None:
    open_sheet(browser_page)
    browser_page.keyboard.type("Ada")
    emails = sheet(browser_page).locator("[name=emails]")
    for number in range(2):
        emails.nth(number).fill(f"ada{number}@engines.example")
    open_sheet(browser_page)
    expect(browser_page.locator("#new-firstName")).to_have_value("Ada")
    expect(emails).to_have_count(3)
    browser_page.keyboard.press("Control+Enter")
    expect(sheet(browser_page)).not_to_be_visible()
    open_sheet(browser_page)
    expect(browser_page.locator("#new-firstName")).to_have_value("")
    ada = Contact.objects.get()
    assert ada.emails == ["ada0@engines.example", "ada1@engines.example"]
    browser_page.goto(f"/contacts/{ada.pk}/")
    area = browser_page.get_by_role("textbox", name="Write a note")
    area.fill("They want it")
    browser_page.reload()
    expect(area).to_have_value("They want it")
    browser_page.get_by_role("button", name="Add note").click()
    expect(area).to_have_value("")
    browser_page.goto(f"/contacts/{ada.pk}/")
    expect(area).to_have_value("")


def test_impatient_people_send_a_form_once(browser_page: Page) -> None:
    sent: list[Request] = []
    browser_page.on("request", lambda request: sent.append(request))
    open_sheet(browser_page)
    browser_page.keyboard.type("Ada")
    answer_slowly(browser_page, "**/contacts/new/")
    browser_page.keyboard.press("Control+Enter")
    browser_page.keyboard.press("Control+Enter")
    sheet(browser_page).get_by_role("button", name="Create").dblclick()
    expect(sheet(browser_page)).not_to_be_visible()
    assert [request.method for request in sent].count("POST") == 1
    browser_page.goto(f"/contacts/{Contact.objects.get().pk}/")
    answer_slowly(browser_page, "**/notes/add/")
    area = browser_page.get_by_role("textbox", name="Write a note")
    for text in ("one", "two"):  # the composer is ready for the next one at once
        area.fill(text)
        browser_page.get_by_role("button", name="Add note").dblclick()
        expect(area).to_have_value("")
    expect(browser_page.locator("[data-entry]", has_text="added a note")).to_have_count(2)
    assert Contact.objects.get().notes == "one\n\ntwo"
    assert [request.method for request in sent].count("POST") == 3
