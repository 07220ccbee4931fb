"""The page of a record as people use it: by mouse, by keyboard, with others, and without JavaScript."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.actor import Actor
from accounts.models import User
from crm import services
from crm.entities import CONTACT, DEAL, SERVICE, TASK
from crm.field_services import create_column
from crm.models import Contact, Deal
from customermates.kernel.ids import uuid7
from tests.browser.conftest import Complaints, Opened, answer_slowly, ready, violations

CONFLICT = "status of 409"
REFUSED = "status of 422"


@pytest.fixture
def ada(owner: Actor) -> Contact:
    rows = [
        {"firstName": name, "jobTitle": "Clerk", "notes": "- [ ] one\n- [ ] two"} for name in ("Ada", "Bob")
    ]
    return services.create_records(owner, CONTACT, rows).records[0]  # type: ignore[return-value]


@pytest.fixture
def deal(owner: Actor) -> Deal:
    rows = [{"name": "Day", "amount": 100}, {"name": "Kit", "amount": 30}]
    day, *_ = services.create_records(owner, SERVICE, rows).records
    line = {"serviceId": str(day.pk), "quantity": 2}
    [made] = services.create_records(owner, DEAL, [{"name": "Pilot", "services": [line]}]).records
    return made  # type: ignore[return-value]


def open_contact(page: Page, contact: Contact, query: str = "") -> None:
    page.goto(f"/contacts/{contact.pk}/{query}")


def prop(page: Page, name: str) -> Locator:
    return page.locator(f"#properties [data-field={name}]")


def test_a_property_is_edited_by_a_click_and_the_whole_page_follows(browser_page: Page, ada: Contact) -> None:
    open_contact(browser_page, ada)
    prop(browser_page, "jobTitle").click()
    field = browser_page.locator(".cell-form input:visible")
    expect(field).to_be_focused()
    field.fill("Countess")
    field.press("Enter")
    expect(prop(browser_page, "jobTitle")).to_have_text("Countess")
    expect(browser_page.locator("#hero .under")).to_contain_text("Countess")
    expect(browser_page.locator("#timeline li").first).to_contain_text("Clerk → Countess")


def test_a_value_that_changed_since_the_page_was_opened_is_seen_before_it_is_edited(
    browser_page: Page, ada: Contact, owner: Actor
) -> None:
    open_contact(browser_page, ada)
    services.update_records(owner, CONTACT, {ada.pk: {"jobTitle": "Analyst"}})
    cell = browser_page.locator("[data-field=jobTitle]")
    cell.click()
    expect(browser_page.locator(".toast")).to_contain_text("changed this meanwhile")
    expect(cell).to_have_text("Analyst")
    expect(cell.locator("input")).to_have_count(0)
    services.update_records(owner, CONTACT, {ada.pk: {"notes": "of which the cell says nothing"}})
    cell.click()
    expect(cell.get_by_role("textbox")).to_have_value("Analyst")


def test_a_choice_by_pointer_is_saved_and_many_choices_are_saved_by_a_button(
    browser_page: Page, owner: Actor, deal: Deal
) -> None:
    options = {"options": [{"label": "North"}, {"label": "South"}]}
    column = {"entityType": "deal", "type": "multiSelect", "label": "Region", "options": options}
    create_column(owner, column)
    browser_page.goto(f"/deals/{deal.pk}/")
    cell = browser_page.locator("[data-field=stage]").first
    cell.click()
    cell.locator("select").select_option(label="Proposal")
    expect(cell).to_have_text("Proposal")
    expect(cell.locator("select")).to_have_count(0)
    cell = browser_page.locator(".prop", has_text="Region").locator("dd")
    cell.click()
    for label in ("North", "South"):
        cell.get_by_text(label).click(delay=80)  # as long as a finger rests
    cell.get_by_role("button", name="Save").click()
    expect(cell.locator("form")).to_have_count(0)
    expect(cell).to_contain_text("North")
    expect(cell).to_contain_text("South")


def test_properties_are_walked_and_edited_by_keyboard_alone(browser_page: Page, ada: Contact) -> None:
    open_contact(browser_page, ada)
    prop(browser_page, "emails").focus()
    browser_page.keyboard.press("ArrowDown")
    browser_page.keyboard.press("ArrowDown")
    expect(prop(browser_page, "jobTitle")).to_be_focused()
    browser_page.keyboard.press("Enter")
    expect(browser_page.locator(".cell-form input:visible")).to_be_focused()
    browser_page.keyboard.type("Lost")
    browser_page.keyboard.press("Escape")
    expect(prop(browser_page, "jobTitle")).to_have_text("Clerk")
    expect(prop(browser_page, "jobTitle")).to_be_focused()


def test_the_name_is_edited_where_it_stands(browser_page: Page, ada: Contact) -> None:
    open_contact(browser_page, ada)
    browser_page.locator("#hero h1").click()
    browser_page.locator(".cell-form [name=lastName]").fill("Byron")
    browser_page.keyboard.press("Enter")
    expect(browser_page.locator("#hero h1")).to_have_text("Ada Byron")
    expect(browser_page.locator("#crumb")).to_have_text("Ada Byron")


def test_j_and_k_go_through_the_list_it_was_opened_from(browser_page: Page, ada: Contact) -> None:
    browser_page.goto("/contacts/?sort=-name")
    browser_page.get_by_role("link", name="Bob").click()
    expect(browser_page.locator("#hero h1")).to_have_text("Bob")
    ready(browser_page)
    browser_page.keyboard.press("j")
    expect(browser_page.locator("#hero h1")).to_have_text("Ada")
    ready(browser_page)
    browser_page.keyboard.press("j")
    expect(browser_page.locator("#toasts")).to_contain_text("last one in the list")
    ready(browser_page)
    browser_page.keyboard.press("Alt+ArrowUp")
    expect(browser_page.locator("#hero h1")).to_have_text("Bob")


def test_a_record_is_created_by_its_typed_name_linked_and_unlinked_and_back(
    browser_page: Page, ada: Contact
) -> None:
    open_contact(browser_page, ada)
    browser_page.get_by_role("button", name="Add Organizations").click()
    field = browser_page.get_by_role("combobox", name="Find organizations")
    expect(field).to_be_focused()
    field.fill("Engines")
    expect(browser_page.get_by_role("option", name="Create “Engines”")).to_be_visible()
    field.press("Enter")
    link = browser_page.locator("#section-organizations .mini", has_text="Engines")
    expect(link).to_be_visible()
    link.hover()
    link.get_by_role("button", name="Unlink Engines").click()
    expect(link).to_have_count(0)
    browser_page.locator("#toasts").get_by_role("button", name="Undo").last.click()
    expect(link).to_be_visible()


def test_a_note_is_written_with_the_toolbar_previewed_and_told_in_the_timeline(
    browser_page: Page, ada: Contact
) -> None:
    open_contact(browser_page, ada)
    area = browser_page.get_by_role("textbox", name="Write a note")
    area.fill("They want it")
    area.select_text()
    browser_page.get_by_role("button", name="Bold").click()
    expect(area).to_have_value("**They want it**")
    browser_page.get_by_role("button", name="Preview").click()
    expect(browser_page.locator("#composer [data-preview] strong")).to_have_text("They want it")
    browser_page.get_by_role("button", name="Preview").click()
    area.press("Control+Enter")
    entry = browser_page.locator("#timeline > li").first
    expect(entry).to_contain_text("added a note")
    expect(entry.locator("strong")).to_have_text("They want it")
    expect(area).to_have_value("")


def test_boxes_in_notes_work(browser_page: Page, ada: Contact) -> None:
    open_contact(browser_page, ada, "?tab=notes")
    with browser_page.expect_response("**/notes/tick/"):
        browser_page.get_by_role("checkbox", name="two").check()
    browser_page.reload()
    expect(browser_page.get_by_role("checkbox", name="two")).to_be_checked()
    expect(browser_page.get_by_role("checkbox", name="one")).not_to_be_checked()


def test_nothing_typed_is_lost_when_others_change_the_notes(
    browser_page: Page, ada: Contact, owner: Actor, complaints: Complaints
) -> None:
    complaints.expected.append(CONFLICT)
    open_contact(browser_page, ada, "?tab=notes")
    browser_page.get_by_role("link", name="Edit the whole text").click()
    area = browser_page.get_by_role("textbox", name="Notes", exact=True)
    area.fill("mine")
    theirs = {"notes": "theirs"}
    services.update_records(replace(owner, change_set=uuid7()), CONTACT, {ada.pk: theirs})
    browser_page.get_by_role("button", name="Save", exact=True).click()
    expect(browser_page.locator("#notes-form [role=alert]")).to_contain_text("changed the notes")
    expect(area).to_have_value("mine")
    browser_page.get_by_role("button", name="Save mine").click()
    expect(browser_page.locator("#notes")).to_contain_text("mine")


def test_notes_are_taken_up_where_they_were_left_and_still_not_over_what_others_wrote(
    browser_page: Page, ada: Contact, owner: Actor, complaints: Complaints
) -> None:
    complaints.expected.append(CONFLICT)
    open_contact(browser_page, ada, "?tab=notes")
    edit = browser_page.get_by_role("link", name="Edit the whole text")
    area = browser_page.get_by_role("textbox", name="Notes", exact=True)
    before = Contact.objects.get(pk=ada.pk).notes
    edit.click()
    area.fill("half a")
    services.update_records(replace(owner, change_set=uuid7()), CONTACT, {ada.pk: {"notes": "theirs"}})
    open_contact(browser_page, ada, "?tab=notes")
    edit.click()
    expect(area).to_have_value("half a")
    browser_page.get_by_role("button", name="Save", exact=True).click()
    expect(browser_page.locator("#notes-form [role=alert]")).to_contain_text("changed the notes")
    expect(area).to_have_value("half a")
    assert Contact.objects.get(pk=ada.pk).notes == "theirs" != before
    browser_page.get_by_role("link", name="Cancel").click()
    expect(area).to_have_count(0)
    edit.click()
    expect(area).to_have_value("theirs")  # given up is given up


def test_hostile_notes_run_nowhere(browser_page: Page, owner: Actor) -> None:
    script = "document.title='owned'"
    text = f"<script>{script}</script>\n\n[x](javascript:{script})\n\n<img src=x onerror={script}>"
    [bad] = services.create_records(owner, CONTACT, [{"firstName": "Bad", "notes": text}]).records
    browser_page.goto(f"/contacts/{bad.pk}/?tab=notes")
    expect(browser_page.locator("#notes .md :is(script, img, a)")).to_have_count(0)
    assert "owned" not in browser_page.title()


def test_undo_in_the_timeline_takes_one_change_back(browser_page: Page, ada: Contact, owner: Actor) -> None:
    services.update_records(replace(owner, change_set=uuid7()), CONTACT, {ada.pk: {"jobTitle": "Head"}})
    open_contact(browser_page, ada)
    entry = browser_page.locator("#timeline > li").first
    entry.hover()
    entry.get_by_role("button", name="Undo").click()
    expect(prop(browser_page, "jobTitle")).to_have_text("Clerk")
    expect(browser_page.locator("#timeline > li").first).to_contain_text("Undo of a change by Olivia Owner")
    browser_page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(prop(browser_page, "jobTitle")).to_have_text("Head")


def test_lines_are_typed_like_in_a_table(browser_page: Page, deal: Deal) -> None:
    browser_page.goto(f"/deals/{deal.pk}/")
    browser_page.get_by_role("textbox", name="Quantity of Day").fill("3")
    browser_page.keyboard.press("Tab")
    expect(browser_page.get_by_role("textbox", name="Unit price of Day")).to_be_focused()
    browser_page.keyboard.type("80")
    browser_page.keyboard.press("Enter")
    expect(browser_page.locator("#lines tfoot")).to_contain_text("€240")
    adder = browser_page.get_by_role("combobox", name="Add a service")
    expect(adder).to_be_focused()
    adder.press_sequentially("Kit")
    expect(browser_page.get_by_role("option", name="Kit")).to_be_visible()
    adder.press("Enter")
    expect(browser_page.get_by_role("textbox", name="Quantity of Kit")).to_be_focused()
    expect(browser_page.locator("#lines tfoot")).to_contain_text("€270")
    expect(browser_page.locator("#hero .under")).to_contain_text("€270")


def test_a_service_added_while_another_line_is_being_saved_is_not_lost(
    browser_page: Page, deal: Deal
) -> None:
    browser_page.goto(f"/deals/{deal.pk}/")
    answer_slowly(browser_page, "**/lines/", ms=1500)
    browser_page.get_by_role("textbox", name="Quantity of Day").fill("3")
    browser_page.keyboard.press("Enter")
    browser_page.keyboard.type("Kit")
    expect(browser_page.get_by_role("option", name="Kit")).to_be_visible()
    browser_page.keyboard.press("Enter")
    expect(browser_page.get_by_role("textbox", name="Quantity of Kit")).to_be_focused()
    expect(browser_page.get_by_role("textbox", name="Quantity of Day")).to_have_value("3")
    expect(browser_page.get_by_role("combobox", name="Add a service")).to_have_value("")


def test_escape_leaves_a_field_so_that_keys_are_heard_again(browser_page: Page, ada: Contact) -> None:
    open_contact(browser_page, ada)
    area = browser_page.get_by_role("textbox", name="Write a note")
    area.fill("Half a")
    browser_page.keyboard.press("Escape")
    browser_page.keyboard.press("?")
    expect(browser_page.locator("#help")).to_be_visible()
    expect(area).to_have_value("Half a")


def test_what_is_wrong_stands_at_its_line(browser_page: Page, deal: Deal, complaints: Complaints) -> None:
    complaints.expected.append(REFUSED)
    browser_page.goto(f"/deals/{deal.pk}/")
    field = browser_page.get_by_role("textbox", name="Quantity of Day")
    field.fill("many")
    field.press("Tab")
    expect(browser_page.locator("#lines [role=alert]")).to_contain_text("must be a number")
    expect(field).to_have_value("many")


def test_a_task_is_ticked_off_from_the_contact(browser_page: Page, ada: Contact, owner: Actor) -> None:
    services.create_records(
        replace(owner, change_set=uuid7()), TASK, [{"name": "Call", "contactIds": [str(ada.pk)]}]
    )
    open_contact(browser_page, ada)
    browser_page.get_by_role("checkbox", name="Done: Call").check()
    expect(browser_page.locator("#section-tasks .done")).to_have_text("Call")


def test_a_record_goes_to_the_trash_and_comes_back_by_the_toast(browser_page: Page, ada: Contact) -> None:
    open_contact(browser_page, ada)
    browser_page.get_by_role("button", name="More").click()
    browser_page.get_by_role("button", name="Move to the trash").click()
    expect(browser_page.locator("#toasts")).to_contain_text("Ada was moved to the trash.")
    expect(browser_page.locator("tbody tr")).to_have_count(1)
    browser_page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(browser_page.locator("tbody tr")).to_have_count(2)


def test_without_javascript_everything_still_works(open_page: Opened, olivia: User, ada: Contact) -> None:
    page = open_page(olivia, script=False)
    open_contact(page, ada)
    page.get_by_role("textbox", name="Write a note").fill("third")
    page.get_by_role("button", name="Add note").click()
    expect(page.locator("#notes")).to_contain_text("third")
    page.locator("#section-organizations").get_by_role("link", name="Add").click()
    page.get_by_role("searchbox").fill("Engines")
    page.get_by_role("button", name="Search", exact=True).click()
    page.get_by_role("option", name="Create “Engines”").click()
    expect(page.locator("#section-organizations")).to_contain_text("Engines")


@pytest.mark.parametrize("entity", ["contacts", "deals"])
@pytest.mark.parametrize("size", ["wide", "small"])
def test_nothing_runs_out_of_the_window(
    open_page: Opened, olivia: User, sample: object, size: str, entity: str
) -> None:
    page = open_page(olivia, size=size)
    page.goto(f"/{entity}/")
    page.goto(page.locator("tbody a.name").first.get_attribute("href") or "")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("size", ["wide", "small"])
def test_what_opens_on_the_page_has_no_findings(
    open_page: Opened, olivia: User, ada: Contact, deal: Deal, size: str
) -> None:
    page = open_page(olivia, size=size)
    found: dict[str, list[str]] = {}

    def check(what: str) -> None:
        if wrong := violations(page):
            found[what] = wrong

    open_contact(page, ada, "?tab=notes")
    check("notes")
    page.get_by_role("link", name="Edit the whole text").click()
    expect(page.locator("#notes-form textarea")).to_be_focused()
    check("editing notes")
    page.get_by_role("button", name="More").click()
    check("menu")
    open_contact(page, ada)
    page.get_by_role("button", name="Add Tasks").click()
    expect(page.locator("#add-tasks [role=option]").first).to_be_visible()
    check("adding a link")
    page.goto(f"/deals/{deal.pk}/")
    prop(page, "userIds").click()
    expect(page.locator(".cell-form")).to_be_visible()
    check("editing a property")
    page.goto(f"/contacts/{ada.pk}/fields/jobTitle/")
    check("a property on its own page")
    page.goto(f"/contacts/{ada.pk}/links/taskIds/")
    check("links on their own page")
    assert not found, found
