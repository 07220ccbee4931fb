"""The pages of custom columns without JavaScript, to axe, to readers, and with hostile words in them."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Company, User
from crm import field_services, services
from crm.entities import CONTACT
from crm.models import CustomColumn
from tests.browser.conftest import Opened, overflow, violations
from tests.browser.test_account_pages import dialog, row
from tests.browser.test_columns import LIST, choose, open_form, save
from tests.crm.columns import TIERS, column, contact, shown
from tests.people import signed_in

pytestmark = pytest.mark.one_database


@pytest.fixture
def tier(olivia: User) -> CustomColumn:
    """Gold, Silver or Bronze, of contacts."""
    return column(signed_in(olivia), "Tier", "singleSelect", options=TIERS)


def test_columns_are_set_up_without_javascript(open_page: Opened, olivia: User) -> None:
    page = open_page(olivia, script=False)
    ada = contact(signed_in(olivia))
    page.goto(LIST)
    page.get_by_role("link", name="New column").first.click()
    choose(page, "singleSelect")
    page.get_by_label("Label").fill("Tier")
    page.get_by_label("Option 1", exact=True).fill("Gold")
    page.get_by_label("Option 2", exact=True).fill("Silver")
    page.get_by_label("Option 3", exact=True).fill("Bronze")
    page.get_by_role("button", name="Add option").click()
    page.get_by_label("Option 4", exact=True).fill("Tin")
    page.get_by_role("button", name="Move option 4 up").click()
    page.get_by_role("button", name="Remove option 4").click()
    page.get_by_text("Add several at once").click()
    page.get_by_label("Several options, one on each line").fill("Lead\nZinc")
    page.get_by_role("button", name="Make these options").click()
    page.get_by_label("Label").press("Enter")  # the first button in the form is not the one that is meant
    expect(page.get_by_text("“Tier” was added.")).to_be_visible()
    made = CustomColumn.objects.get()
    assert [o["label"] for o in made.options["options"]] == ["Gold", "Silver", "Tin", "Lead", "Zinc"]
    services.update_records(signed_in(olivia), CONTACT, {ada.pk: {"customFields": {"tier": "Silver"}}})
    page.get_by_role("link", name="Tier").click()
    page.get_by_role("button", name="Remove option 2").click()
    page.get_by_label("1 record has it and gets").select_option("Gold")
    page.get_by_role("button", name="Save").last.click()
    assert shown(signed_in(olivia), ada) == {"Tier": "Gold"}
    page.get_by_role("link", name="New column").first.click()
    choose(page, "plain")
    page.get_by_label("Label").fill("Other")
    page.get_by_role("button", name="Create column").click()
    page.get_by_role("button", name="Move Other up").click()
    expect(page.locator(".columns .title")).to_have_text(["Other", "Tier"])
    page.get_by_label("More about Tier").click()
    page.get_by_role("link", name="Delete").click()
    page.get_by_role("button", name="Delete column").click()
    page.get_by_role("button", name="Restore “Tier”").click()
    expect(page.locator(".columns .title")).to_have_text(["Other", "Tier"])


def test_hostile_words_run_nowhere(browser_page: Page, olivia: User) -> None:
    page = browser_page
    hostile = "\"'><img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
    form = open_form(page, "singleSelect")
    form.get_by_label("Label").fill(hostile)
    form.get_by_label("Description").fill(hostile)
    form.get_by_label("Option 1", exact=True).fill(hostile)
    form.get_by_label("Option 1", exact=True).press("Enter")
    save(page, "Create column")
    made = CustomColumn.objects.get()
    ada = contact(signed_in(olivia), **{made.key: hostile})
    page.get_by_role("link", name=hostile).click()
    dialog(page).get_by_label("Remove option 1").click()
    expect(dialog(page).get_by_text("1 record has it and gets")).to_be_visible()
    page.goto(f"{LIST}{made.pk}/delete/")
    for address in ("/contacts/", "/contacts/new/", f"/contacts/{ada.pk}/", "/contacts/?panel=filter"):
        page.goto(address)
        assert page.get_by_text(hostile).count(), address
        assert page.title() != "owned", address
        assert not page.evaluate("[...document.images].some((image) => image.src.endsWith('/x'))"), address


@pytest.mark.parametrize("size", ["wide", "small"])
def test_the_pages_and_their_dialogs_are_for_everybody(
    open_page: Opened, olivia: User, sample: Company, size: str
) -> None:
    page = open_page(olivia, size=size)
    found: list[str] = []

    def check(what: str) -> None:
        found.extend(f"{what}: {one}" for one in violations(page) + overflow(page))

    made = CustomColumn.objects.get(label="Industry")
    field_services.delete_column(signed_in(olivia), CustomColumn.objects.get(label="Regions").pk)
    page.goto(f"{LIST}?entity=organization")
    check("list")
    page.get_by_label("More about Industry").click()
    check("menu")
    page.get_by_role("link", name="Delete").locator("visible=true").click()
    expect(dialog(page)).to_be_visible()
    check("delete")
    page.keyboard.press("Escape")
    page.get_by_role("link", name="New column").first.click()
    expect(dialog(page)).to_be_visible()
    check("types")
    choose(page, "email")
    expect(dialog(page).get_by_label("Label")).to_be_visible()
    check("address")
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Industry").first.click()
    expect(dialog(page).get_by_label("Label")).to_be_visible()
    check("select")
    dialog(page).locator(".swatch").first.click()
    check("colours")
    page.keyboard.press("Escape")
    dialog(page).get_by_label("Remove option 1").click()
    expect(dialog(page).locator("[name=gone]")).to_have_count(1)
    check("gone")
    page.keyboard.press("Escape")
    check("discard")
    page.goto(f"{LIST}{made.pk}/")
    check("page")
    assert not found, "\n".join(found)


def test_readers_see_the_columns_and_no_way_to_change_them(
    open_page: Opened, rita: User, tier: CustomColumn
) -> None:
    page = open_page(rita)
    page.goto(LIST)
    expect(row(page, "Tier")).to_contain_text("Gold")
    main = page.locator("#settings")
    expect(main.get_by_role("button")).to_have_count(0)
    expect(main.locator("[data-grip]")).to_have_count(0)
