"""Whoever types faster than the network answers loses no key."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.actor import Actor
from crm import services
from crm.entities import CONTACT, DEAL, ORGANIZATION, SERVICE
from crm.models import Contact, Deal
from tests.browser.conftest import answer_slowly, ready

EDITORS = "**/fields/**"
PICKER = "**/ui/js/picker*.js"


@pytest.fixture
def ada(owner: Actor) -> Contact:
    services.create_records(owner, ORGANIZATION, [{"name": n} for n in ("Engines Ltd", "Mills & Co")])
    values = {"firstName": "Ada", "jobTitle": "Clerk"}
    return services.create_records(owner, CONTACT, [values]).records[0]  # type: ignore[return-value]


@pytest.fixture
def deal(owner: Actor) -> Deal:
    services.create_records(owner, SERVICE, [{"name": n, "amount": "30"} for n in ("Day", "Kit")])
    return services.create_records(owner, DEAL, [{"name": "Pilot"}]).records[0]  # type: ignore[return-value]


def cell(page: Page, field: str) -> Locator:
    return page.locator(f"tbody [data-field={field}]")


@pytest.mark.parametrize("opening", ["dblclick", "Enter", "F2"])
def test_what_is_typed_into_a_cell_before_its_editor_is_there_is_saved(
    browser_page: Page, ada: Contact, opening: str
) -> None:
    browser_page.goto("/contacts/")
    answer_slowly(browser_page, EDITORS)
    title = cell(browser_page, "jobTitle")
    if opening == "dblclick":
        title.dblclick()
    else:
        title.press(opening)
    browser_page.keyboard.type("Countesz")
    browser_page.keyboard.press("Backspace")
    browser_page.keyboard.type("s\n")
    expect(title).to_have_text("Countess")
    expect(title).to_be_focused()
    ada.refresh_from_db()
    assert ada.job_title == "Countess"


def test_tab_after_tab_is_followed_by_what_is_typed(browser_page: Page, ada: Contact) -> None:
    browser_page.goto("/contacts/?cols=firstName,lastName,jobTitle")
    answer_slowly(browser_page, EDITORS, ms=300)
    cell(browser_page, "firstName").press("Enter")
    for word in ("Augusta", "King"):
        browser_page.keyboard.type(word)
        browser_page.keyboard.press("Tab")
    browser_page.keyboard.type("Countess\n")
    expect(cell(browser_page, "jobTitle")).to_have_text("Countess")
    ada.refresh_from_db()
    assert (ada.first_name, ada.last_name) == ("Augusta", "King")


def test_a_choice_is_made_by_its_first_letters(browser_page: Page, deal: Deal) -> None:
    browser_page.goto("/deals/")
    answer_slowly(browser_page, EDITORS)
    cell(browser_page, "stage").press("Enter")
    browser_page.keyboard.type("prop\n")
    expect(cell(browser_page, "stage")).to_have_text("Proposal")


def test_escape_before_the_editor_is_there_leaves_all_as_it_was(browser_page: Page, ada: Contact) -> None:
    browser_page.goto("/contacts/")
    answer_slowly(browser_page, EDITORS)
    cell(browser_page, "jobTitle").press("Enter")
    browser_page.keyboard.type("Countess")
    browser_page.keyboard.press("Escape")
    expect(cell(browser_page, "jobTitle")).not_to_have_attribute("aria-busy", "true")
    expect(cell(browser_page, "jobTitle")).to_have_text("Clerk")
    expect(cell(browser_page, "jobTitle")).to_be_focused()


def test_a_name_and_enter_choose_in_a_picker_before_it_answers(browser_page: Page, ada: Contact) -> None:
    browser_page.goto("/contacts/")
    for pattern in (EDITORS, PICKER, "**/options/**"):
        answer_slowly(browser_page, pattern, ms=300)
    cell(browser_page, "organizationIds").dblclick()
    browser_page.keyboard.type("engines\n")
    expect(browser_page.locator(".cell-form .pill .trunc")).to_have_text(["Engines Ltd"])
    browser_page.keyboard.type("mil\n")
    expect(browser_page.locator(".cell-form .pill .trunc")).to_have_text(["Engines Ltd", "Mills & Co"])
    browser_page.keyboard.press("Control+Enter")
    expect(browser_page.locator("tbody .ref", has_text="Mills & Co")).to_be_visible()


def test_a_picker_that_is_only_just_coming_hears_of_the_click_and_the_keys(
    browser_page: Page, deal: Deal
) -> None:
    asked: list[str] = []
    browser_page.on("request", lambda request: asked.append(request.url))
    browser_page.goto(f"/deals/{deal.pk}/")
    assert not any("picker" in url for url in asked)  # nobody needed it yet
    answer_slowly(browser_page, PICKER)
    adder = browser_page.get_by_role("combobox", name="Add a service")
    adder.click()
    expect(browser_page.get_by_role("option")).to_have_count(2)
    browser_page.reload()
    adder.focus()
    browser_page.keyboard.press("ArrowDown")
    expect(browser_page.get_by_role("option")).to_have_count(2)
    browser_page.reload()
    answer_slowly(browser_page, "**/options/**")
    adder.click()  # asks for all; its answer is none to what is typed
    browser_page.keyboard.type("kit\n")
    expect(browser_page.get_by_role("textbox", name="Quantity of Kit")).to_be_focused()


def pressed_while_it_searches(page: Page) -> None:
    """The pointer is down on "New custom column" of the palette while it finds that nothing else is meant."""
    page.goto("/contacts/")
    ready(page)
    page.keyboard.press("Control+k")
    page.locator("#palette").get_by_role("option", name="New custom column").hover()
    answer_slowly(page, "**/palette/?q=*", ms=200)
    page.keyboard.type("new custom")
    with page.expect_response("**/palette/?q=new+custom"):
        page.mouse.down()
    page.wait_for_timeout(100)


def test_a_press_chooses_what_it_was_on_whatever_the_palette_finds_meanwhile(
    browser_page: Page, ada: Contact
) -> None:
    pressed_while_it_searches(browser_page)
    browser_page.mouse.up()
    expect(browser_page.get_by_role("heading", name="New column")).to_be_visible()


def test_after_a_press_that_chose_nothing_the_palette_shows_what_it_found(
    browser_page: Page, ada: Contact
) -> None:
    pressed_while_it_searches(browser_page)
    browser_page.locator("#palette input").hover()
    browser_page.mouse.up()
    expect(browser_page.locator("#palette").get_by_role("option")).to_have_count(1)


def test_a_press_on_a_row_opens_it_whatever_the_search_finds_meanwhile(
    browser_page: Page, ada: Contact
) -> None:
    browser_page.goto("/contacts/")
    ready(browser_page)
    row = browser_page.get_by_role("link", name="Ada")
    browser_page.locator("#q").click()
    answer_slowly(browser_page, "**/contacts/?q=*", ms=200)
    browser_page.keyboard.type("nobody")
    row.hover()
    with browser_page.expect_response("**/contacts/?q=nobody*"):
        browser_page.mouse.down()
    browser_page.wait_for_timeout(100)
    browser_page.mouse.up()
    expect(browser_page).to_have_url(re.compile(f"/contacts/{ada.pk}/"))
