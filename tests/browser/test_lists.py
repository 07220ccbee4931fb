"""Lists as people use them: by mouse, by keyboard, and without JavaScript."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.actor import Actor
from accounts.models import User
from crm import services
from crm.entities import CONTACT, DEAL, ORGANIZATION
from crm.models import Contact, Organization
from tests.browser.conftest import Complaints, Opened


@pytest.fixture
def contacts(owner: Actor) -> list[Contact]:
    people = [("Ada", "Byron", "Analyst"), ("Charles", "Babbage", "Inventor"), ("Mary", "Ross", "Author")]
    rows = [
        {"firstName": first, "lastName": last, "jobTitle": title, "emails": [f"{first}@engines.example"]}
        for first, last, title in people
    ]
    return services.create_records(owner, CONTACT, rows).records  # type: ignore[return-value]


def row(page: Page, name: str) -> Locator:
    return page.locator("tbody tr", has_text=name)


def edit(page: Page, name: str, field: str) -> Locator:
    """The first control of the cell's editor, opened by a double click."""
    row(page, name).locator(f"[data-field={field}]").dblclick()
    control = page.locator(".cell-form .controls input, .cell-form .controls select").first
    expect(control).to_be_focused()
    return control


def test_search_narrows_the_list_and_the_address(browser_page: Page, contacts: list[Contact]) -> None:
    browser_page.goto("/contacts/")
    browser_page.keyboard.press("/")
    browser_page.keyboard.type("babb")
    expect(browser_page.locator("tbody tr")).to_have_count(1)
    expect(browser_page).to_have_url(re.compile(r"[?&]q=babb"))
    browser_page.reload()
    expect(browser_page.locator("tbody tr")).to_have_count(1)
    expect(browser_page.get_by_role("searchbox")).to_have_value("babb")


def test_a_cell_is_edited_by_keyboard_alone(browser_page: Page, contacts: list[Contact]) -> None:
    browser_page.goto("/contacts/")
    row(browser_page, "Ada").locator("[data-field=name]").focus()
    browser_page.keyboard.press("ArrowRight")
    browser_page.keyboard.press("ArrowRight")
    browser_page.keyboard.press("Enter")
    expect(browser_page.locator(".cell-form input:visible")).to_be_focused()
    browser_page.keyboard.type("Countess")
    browser_page.keyboard.press("Enter")
    expect(row(browser_page, "Ada").locator("[data-field=jobTitle]")).to_have_text("Countess")
    expect(row(browser_page, "Ada").locator("[data-field=jobTitle]")).to_be_focused()
    assert Contact.objects.get(first_name="Ada").job_title == "Countess"


def test_who_is_found_for_a_cell_leaves_its_save_button_free(
    browser_page: Page, contacts: list[Contact], olivia: User, max_: User
) -> None:
    browser_page.goto("/contacts/?cols=userIds")
    edit(browser_page, "Ada", "userIds")
    found = browser_page.locator(".cell-form .options [role=option]", has_text="Olivia")
    found.click()
    browser_page.locator(".cell-form .find").click()
    expect(browser_page.locator(".cell-form .options")).to_contain_text("Max")
    browser_page.get_by_role("button", name="Save").click()  # refused by the browser were it covered
    expect(browser_page.locator(".cell-form")).to_have_count(0)  # it is saved
    expect(row(browser_page, "Ada").locator("[data-field=userIds]")).to_contain_text("Olivia")
    assert Contact.objects.get(first_name="Ada").assignees.get().user_id == olivia.pk


def test_tab_saves_and_goes_on_to_the_next_cell(browser_page: Page, contacts: list[Contact]) -> None:
    browser_page.goto("/contacts/?cols=jobTitle,phones")
    edit(browser_page, "Ada", "jobTitle")
    browser_page.keyboard.type("Countess")
    browser_page.keyboard.press("Tab")
    expect(row(browser_page, "Ada").locator("[data-field=phones] .cell-form .in").first).to_be_focused()
    assert Contact.objects.get(first_name="Ada").job_title == "Countess"


def test_a_wrong_value_is_told_at_the_cell_and_escape_brings_the_old_one_back(
    browser_page: Page, contacts: list[Contact], complaints: Complaints
) -> None:
    complaints.expected.append("422")
    browser_page.goto("/contacts/")
    cell = row(browser_page, "Ada").locator("[data-field=emails]")
    edit(browser_page, "Ada", "emails")
    browser_page.keyboard.type("no address")
    browser_page.keyboard.press("Enter")
    expect(browser_page.locator(".cell-form [role=alert]")).to_contain_text("not an e-mail address")
    expect(browser_page.locator(".cell-form input:visible").first).to_have_value("no address")
    browser_page.keyboard.press("Escape")
    expect(cell).to_have_text("Ada@engines.example")


def test_a_value_changed_by_somebody_else_meanwhile_is_asked_about(
    browser_page: Page, contacts: list[Contact], member: Actor, complaints: Complaints
) -> None:
    complaints.expected.append("409")
    browser_page.goto("/contacts/")
    edit(browser_page, "Ada", "jobTitle")
    services.update_records(member, CONTACT, {contacts[0].pk: {"jobTitle": "Poet"}})
    browser_page.keyboard.type("Countess")
    browser_page.keyboard.press("Enter")
    alert = browser_page.locator(".cell-form [role=alert]")
    expect(alert).to_contain_text("Max Member changed this meanwhile. It is now: Poet")
    browser_page.get_by_role("button", name="Keep theirs").click()
    expect(row(browser_page, "Ada").locator("[data-field=jobTitle]")).to_have_text("Poet")
    edit(browser_page, "Ada", "jobTitle")
    services.update_records(member, CONTACT, {contacts[0].pk: {"jobTitle": "Writer"}})
    browser_page.keyboard.type("Countess")
    browser_page.keyboard.press("Enter")
    browser_page.get_by_role("button", name="Save mine").click()
    expect(row(browser_page, "Ada").locator("[data-field=jobTitle]")).to_have_text("Countess")


def test_another_field_changed_meanwhile_is_no_conflict(
    browser_page: Page, contacts: list[Contact], member: Actor
) -> None:
    browser_page.goto("/contacts/")
    edit(browser_page, "Ada", "jobTitle")
    services.update_records(member, CONTACT, {contacts[0].pk: {"lastName": "Lovelace"}})
    browser_page.keyboard.type("Countess")
    browser_page.keyboard.press("Enter")
    expect(row(browser_page, "Ada Lovelace").locator("[data-field=jobTitle]")).to_have_text("Countess")


def test_a_filter_is_built_with_a_control_for_every_kind_of_value(browser_page: Page, owner: Actor) -> None:
    deals = enumerate(("New", "Won", "Won"))
    services.create_records(owner, DEAL, [{"name": f"Deal {n}", "stage": s, "amount": n} for n, s in deals])
    browser_page.goto("/deals/")
    browser_page.locator("[data-filter-open]").click()
    browser_page.get_by_label("Add a rule about").select_option("stage")
    browser_page.get_by_label("Won").check()
    browser_page.get_by_label("Add a rule about").select_option("totalValue")
    browser_page.get_by_label("How to compare Value").select_option("gt")
    expect(browser_page.locator("#filter .operand input[type=text]")).to_be_focused()
    browser_page.locator("#filter .operand input[type=text]").fill("1")
    browser_page.get_by_role("button", name="Apply").click()
    expect(browser_page.locator("tbody tr")).to_have_count(1)
    expect(browser_page.locator(".rule-chip")).to_have_count(2)
    browser_page.get_by_label("Remove: Value is more than 1").click()
    expect(browser_page.locator("tbody tr")).to_have_count(2)
    browser_page.go_back()
    expect(browser_page.locator("tbody tr")).to_have_count(1)


def test_columns_are_chosen_and_kept_in_the_address(browser_page: Page, contacts: list[Contact]) -> None:
    browser_page.goto("/contacts/")
    browser_page.get_by_role("button", name="Columns").click()
    browser_page.locator("#columns").get_by_label("Phone", exact=True).check()
    browser_page.locator("#columns").get_by_label("Organizations", exact=True).uncheck()
    browser_page.get_by_role("button", name="Show these columns").click()
    expect(browser_page.locator("th", has_text="Phone")).to_be_visible()
    expect(browser_page.locator("th", has_text="Organizations")).to_have_count(0)


def test_selected_records_are_deleted_and_brought_back(browser_page: Page, contacts: list[Contact]) -> None:
    browser_page.goto("/contacts/")
    row(browser_page, "Ada").locator("[data-field=name]").focus()
    browser_page.keyboard.press("x")
    browser_page.keyboard.press("ArrowDown")
    browser_page.keyboard.press("x")
    expect(browser_page.locator("#bulk output")).to_have_text("2 selected")
    browser_page.locator("#bulk").get_by_role("button", name="Delete").click()
    expect(browser_page.locator("tbody tr")).to_have_count(1)
    browser_page.get_by_role("button", name="Undo").click()
    expect(browser_page.locator("tbody tr")).to_have_count(3)


def test_a_field_is_set_on_all_that_match(browser_page: Page, owner: Actor) -> None:
    services.create_records(owner, ORGANIZATION, [{"name": f"Company {n:03}"} for n in range(60)])
    browser_page.goto("/organizations/?size=25&q=company")
    browser_page.get_by_label("Select all on this page").check()
    browser_page.get_by_role("button", name="Select all 60").click()
    expect(browser_page.locator("#bulk output")).to_have_text("All 60 selected")
    browser_page.get_by_role("button", name="Set a field").click()
    browser_page.get_by_role("button", name="Website").click()
    browser_page.locator("#bulk-form input[name=value]").fill("https://engines.example")
    browser_page.get_by_role("button", name="Apply").click()
    expect(browser_page.locator(".toast")).to_contain_text("60 records changed.")
    assert not Organization.objects.exclude(website="https://engines.example").exists()


def test_lists_work_without_javascript(open_page: Opened, olivia: User, contacts: list[Contact]) -> None:
    page = open_page(olivia, script=False)
    page.goto("/contacts/")
    page.get_by_role("link", name="Name").click()
    names = page.locator("td.c-name")
    expect(names.first).to_contain_text("Mary")
    page.get_by_role("searchbox").fill("ada")
    page.get_by_role("searchbox").press("Enter")
    expect(names).to_have_count(1)
    page.locator("#filter-button").click()
    page.get_by_label("Add a rule about").select_option("jobTitle")
    page.get_by_role("button", name="Update").click()
    page.locator(".filter.inline input[type=text]").fill("nobody")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("No contacts match")).to_be_visible()
