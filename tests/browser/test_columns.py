"""Custom columns as people set them up: by mouse, by keyboard, and without JavaScript."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.models import User
from crm import field_services
from crm.models import CustomColumn
from tests.browser.conftest import Complaints, ready
from tests.browser.test_account_pages import dialog, row
from tests.crm.columns import TIERS, column, contact, shown
from tests.people import signed_in

LIST = "/settings/columns/"

# {type: (its word, what is chosen for it, what is typed into a record, what the record then shows)}
TYPES: dict[str, tuple[str, dict[str, str], str, str]] = {
    "plain": ("Text", {}, "By the lake", "By the lake"),
    "number": ("Number", {"Unit": "kg"}, "12.5", "12.5 kg"),
    "currency": ("Money", {"Currency": "CHF"}, "1500", "CHF"),
    "boolean": ("Yes or no", {}, "Yes", "Yes"),
    "date": ("Date", {"Shown as": "4 March 2026"}, "2026-05-06", "6 May 2026"),
    "dateTime": ("Date and time", {}, "2026-05-06T10:30", "6 May 2026, 10:30"),
    "dateRange": ("Date range", {"Shown as": "04/03/26"}, "2026-05-06|2026-05-08", "06/05/26 – 08/05/26"),
    "dateTimeRange": ("Time range", {}, "2026-05-06T08:00|2026-05-06T09:00", "6 May 2026, 08:00"),
    "singleSelect": ("Single select", {"Option 1": "Gold", "Option 2": "Silver"}, "Silver", "Silver"),
    "multiSelect": ("Multi-select", {"Option 1": "North", "Option 2": "South"}, "South", "South"),
    "user": ("Person", {}, "Olivia Owner", "Olivia Owner"),
    "email": ("E-mail", {}, "ada@x.example", "ada@x.example"),
    "phone": ("Phone", {}, "+49 30 901820", "+49 30 901820"),
    "link": ("Link", {}, "x.example", "x.example"),
}


def open_form(page: Page, kind: str) -> Locator:
    """The form for a new column of contacts."""
    page.goto(LIST)
    page.get_by_role("link", name="New column").first.click()
    choose(page, kind)
    expect(dialog(page).get_by_label("Label")).to_be_focused()
    return dialog(page)


def choose(page: Page, kind: str) -> None:
    page.locator(f'.types a[href$="type={kind}"]').click()


def labels(page: Page) -> list[str]:
    fields = page.locator("[data-order] [data-option]").all()
    return [field.input_value() for field in fields]


def save(page: Page, name: str = "Save") -> None:
    dialog(page).get_by_role("button", name=name, exact=True).last.click()
    expect(dialog(page)).to_have_count(0)


@pytest.fixture
def tier(olivia: User) -> CustomColumn:
    """Gold, Silver or Bronze, of contacts."""
    return column(signed_in(olivia), "Tier", "singleSelect", options=TIERS)


# --- Every type -----------------------------------------------------------------------------------------


def fill(page: Page, kind: str, value: str) -> None:
    """The value typed or chosen in the property that is being edited, and saved."""
    control = page.locator("#properties .editing")
    if kind in ("boolean", "singleSelect", "user"):
        control.locator("select").select_option(label=value)
    elif kind == "multiSelect":
        control.get_by_text(value).click()
    elif kind.endswith("Range"):
        expect(control.locator("input.in")).to_have_count(2)
        for field, end in zip(control.locator("input.in").all(), value.split("|"), strict=True):
            field.fill(end)
    else:
        control.locator(".in").first.fill(value)
    page.keyboard.press("Control+Enter" if kind == "plain" else "Enter")


@pytest.mark.parametrize("kind", TYPES)
def test_a_column_of_each_type_is_made_and_takes_a_value(browser_page: Page, olivia: User, kind: str) -> None:
    page = browser_page
    word, chosen, value, then = TYPES[kind]
    ada = contact(signed_in(olivia))
    form = open_form(page, kind)
    form.get_by_label("Label").fill("Something new")
    for label, choice in chosen.items():
        field = form.get_by_label(label, exact=True)
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(field.locator("option", has_text=choice).first.get_attribute("value"))
        else:
            field.fill(choice)
    expect(form.locator(".column-preview")).to_contain_text("something_new")
    save(page, "Create column")
    expect(page.get_by_text("“Something new” was added.")).to_be_visible()
    expect(page.get_by_role("link", name="Something new")).to_be_focused()
    expect(row(page, "Something new")).to_contain_text(word)

    page.goto(f"/contacts/{ada.pk}/")
    page.locator('#properties [data-field="something_new"]').click()
    fill(page, kind, value)
    expect(page.locator('#properties [data-field="something_new"]:not(.editing)')).to_contain_text(then)
    page.goto("/contacts/")
    expect(page.locator("thead")).to_contain_text("Something new")
    expect(page.locator("tbody")).to_contain_text(then)


# --- Options --------------------------------------------------------------------------------------------


PASTE = """(field, text) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text", text);
  field.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
}"""


def drag(page: Page, grips: Locator, start: int, end: int) -> None:
    """The row of one grip to the place of another."""
    first, last = grips.nth(start).bounding_box(), grips.nth(end).bounding_box()
    assert first
    assert last
    page.mouse.move(first["x"] + 8, first["y"] + 8)
    page.mouse.down()
    page.mouse.move(last["x"] + 8, last["y"] + 14, steps=6)
    page.mouse.up()


def test_options_are_typed_and_pasted(browser_page: Page) -> None:
    page = browser_page
    form = open_form(page, "singleSelect")
    form.get_by_label("Option 1", exact=True).click()
    page.keyboard.type("Gold")
    form.get_by_label("Option 3", exact=True).click()
    page.keyboard.type("Bronze\nTin\nLead")  # Enter makes another row at once
    assert labels(page) == ["Gold", "", "Bronze", "Tin", "Lead"]
    form.get_by_label("Option 2", exact=True).evaluate(PASTE, "Silver\nGold\nZinc")
    expect(form.locator("[data-order] [data-option]")).to_have_count(6)
    assert labels(page) == ["Gold", "Silver", "Bronze", "Tin", "Lead", "Zinc"]
    form.get_by_label("Label").fill("Tier")
    save(page, "Create column")
    options = CustomColumn.objects.get().options["options"]
    assert [option["label"] for option in options] == ["Gold", "Silver", "Bronze", "Tin", "Lead", "Zinc"]
    assert len({option["color"] for option in options}) == 6


def test_options_are_ordered_coloured_and_one_is_the_default(browser_page: Page, tier: CustomColumn) -> None:
    page = browser_page
    page.goto(LIST)
    page.get_by_role("link", name="Tier").click()
    form, bronze = dialog(page), page.locator("[data-order] li").nth(2).get_attribute("id")
    form.get_by_label("Move option 3 up").click()
    expect(form.get_by_label("Option 2", exact=True)).to_have_value("Bronze")
    expect(form.get_by_label("Move option 2 up")).to_be_focused()
    page.keyboard.press("Enter")
    expect(form.get_by_label("Option 1", exact=True)).to_have_value("Bronze")
    expect(form.get_by_label("Move option 1 down")).to_be_focused()
    drag(page, form.locator("[data-order] [data-grip]"), 0, 2)
    assert labels(page) == ["Gold", "Silver", "Bronze"]
    drag(page, form.locator("[data-order] [data-grip]"), 1, 0)
    form.locator(f"#{bronze} .swatch").click()
    page.locator(".pop:popover-open").get_by_label("Rose").check()
    expect(form.locator(f"#{bronze} .swatch")).to_have_class(re.compile("h-rose"))
    page.keyboard.press("Escape")
    expect(form).to_be_visible()
    form.locator(f"#{bronze}").get_by_label("Default").check()
    save(page)
    tier.refresh_from_db()
    options = tier.options["options"]
    assert [option["label"] for option in options] == ["Silver", "Gold", "Bronze"]
    assert [option["label"] for option in options if option["isDefault"]] == ["Bronze"]
    assert options[2]["color"] == "rose"


def test_an_option_in_use_goes_for_another(browser_page: Page, olivia: User, tier: CustomColumn) -> None:
    page = browser_page
    ada = contact(signed_in(olivia), tier="Silver")
    page.goto(LIST)
    page.get_by_role("link", name="Tier").click()
    form = dialog(page)
    form.get_by_label("Remove option 2").click()
    choice = form.get_by_label("1 record has it and gets")
    expect(choice).to_be_focused()
    form.get_by_role("button", name="Keep it").click()
    expect(form.get_by_label("Option 2", exact=True)).to_be_focused()
    expect(form.get_by_label("Option 2", exact=True)).to_have_value("Silver")
    form.get_by_label("Remove option 2").click()
    choice.select_option("Bronze")
    save(page)
    expect(page.get_by_text("1 record changed with it.")).to_be_visible()
    assert shown(signed_in(olivia), ada) == {"Tier": "Bronze"}


# --- The list -------------------------------------------------------------------------------------------


def test_columns_are_ordered_by_keyboard_and_by_drag(browser_page: Page, olivia: User) -> None:
    page = browser_page
    for label in "ABC":
        column(signed_in(olivia), label)
    page.goto(LIST)
    order = page.locator(".columns .title")
    page.get_by_label("Move C up").press("Enter")
    expect(order).to_have_text(["A", "C", "B"])
    expect(page.get_by_label("Move C up")).to_be_focused()
    page.keyboard.press("Enter")
    expect(order).to_have_text(["C", "A", "B"])
    expect(page.get_by_label("Move C down")).to_be_focused()
    with page.expect_response(re.compile("/move/")):
        drag(page, page.locator("[data-grip]"), 0, 2)
    expect(order).to_have_text(["A", "B", "C"])
    page.reload()
    expect(order).to_have_text(["A", "B", "C"])


def test_a_column_is_deleted_and_back_by_undo(browser_page: Page, olivia: User, tier: CustomColumn) -> None:
    page = browser_page
    ada = contact(signed_in(olivia), tier="Silver")
    page.goto(LIST)
    page.get_by_label("More about Tier").click()
    page.get_by_role("link", name="Delete").click()
    expect(dialog(page)).to_contain_text("1 record has a value in it.")
    dialog(page).get_by_role("button", name="Delete column").click()
    expect(page.get_by_role("heading", name="Custom columns")).to_be_focused()
    expect(page.get_by_role("button", name="Restore “Tier”")).to_be_visible()
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(page.get_by_role("link", name="Tier")).to_be_visible()
    assert shown(signed_in(olivia), ada) == {"Tier": "Silver"}
    field_services.delete_column(signed_in(olivia), tier.pk)
    page.reload()
    page.get_by_role("button", name="Restore “Tier”").click()
    expect(page.get_by_role("link", name="Tier")).to_be_focused()


def test_what_is_wrong_stays_in_the_dialog_beside_its_field(
    browser_page: Page, complaints: Complaints, tier: CustomColumn
) -> None:
    complaints.expected.append("422")
    form = open_form(browser_page, "singleSelect")
    form.get_by_label("Label").fill("tier")
    for number in (1, 2):
        form.get_by_label(f"Option {number}", exact=True).fill("Gold")
    form.get_by_role("button", name="Create column").click()
    expect(form.get_by_text("The label Tier is taken.")).to_be_visible()
    expect(form.get_by_text("The label Gold is taken.")).to_be_visible()
    expect(form.get_by_label("Label")).to_be_focused()
    form.get_by_label("Label").fill("Rank")
    form.get_by_label("Option 2", exact=True).fill("Silver")
    save(browser_page, "Create column")
    expect(row(browser_page, "Rank")).to_contain_text("Silver")


def test_who_saves_second_sees_what_the_first_changed(
    browser_page: Page, complaints: Complaints, olivia: User, tier: CustomColumn
) -> None:
    complaints.expected.append("409")
    page = browser_page
    page.goto(LIST)
    page.get_by_role("link", name="Tier").click()
    dialog(page).get_by_label("Label").fill("Mine")
    field_services.update_column(signed_in(olivia), tier.pk, {"label": "Theirs"})
    dialog(page).get_by_role("button", name="Save", exact=True).last.click()
    expect(dialog(page).get_by_role("alert")).to_contain_text("Theirs")
    expect(dialog(page).get_by_label("Label")).to_have_value("Mine")
    save(page, "Save over it")
    expect(page.get_by_role("link", name="Mine")).to_be_focused()


def test_what_was_typed_is_not_lost_by_a_slip(browser_page: Page) -> None:
    page = browser_page
    form = open_form(page, "plain")
    page.keyboard.press("Escape")
    expect(dialog(page)).to_have_count(0)
    expect(page.get_by_role("link", name="New column").first).to_be_focused()
    form = open_form(page, "plain")
    form.get_by_label("Label").fill("Long thought about")
    page.mouse.click(5, 5)
    expect(form.get_by_role("button", name="Keep editing")).to_be_focused()
    page.keyboard.press("Enter")
    expect(form.get_by_label("Label")).to_be_focused()
    page.keyboard.press("Escape")
    form.get_by_role("button", name="Discard").click()
    expect(dialog(page)).to_have_count(0)
    assert not CustomColumn.objects.exists()


def test_lists_and_records_lead_to_their_columns(browser_page: Page, olivia: User) -> None:
    page = browser_page
    ada = contact(signed_in(olivia))
    page.goto("/contacts/")
    page.get_by_role("button", name="Columns").click()
    page.get_by_role("link", name="New column").click()
    choose(page, "number")
    page.get_by_label("Label").fill("Weight")
    page.get_by_role("button", name="Create column").click()
    expect(page.get_by_text("“Weight” was added.")).to_be_visible()
    page.locator(".toast").get_by_role("link", name="Open").click()
    expect(page.locator("thead")).to_contain_text("Weight")
    page.goto(f"/contacts/{ada.pk}/")
    page.get_by_role("link", name="Manage columns").click()
    expect(page.get_by_role("heading", name="Custom columns")).to_be_visible()
    ready(page)
    page.keyboard.press("Control+k")
    expect(page.locator("#palette input")).to_be_focused()
    page.keyboard.type("new custom")
    expect(page.locator("#palette").get_by_role("option")).to_have_count(1)
    page.get_by_role("option", name="New custom column").click()
    expect(page.get_by_role("heading", name="New column")).to_be_visible()
