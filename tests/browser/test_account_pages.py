"""Settings, sign-in and first run as people use them: by mouse, by keyboard, and without JavaScript."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.models import ApiKey, Company, User
from accounts.services import change_status
from tests.browser.conftest import Complaints, Opened, overflow, violations
from tests.people import PASSWORD, key_of, signed_in

NEW_PASSWORD = "glass otter hums at noon"
PAGES = (
    *("/settings/profile/", "/settings/password/", "/settings/keys/"),
    *("/settings/connect/", "/settings/members/"),
)


def row(page: Page, text: str) -> Locator:
    return page.locator("tbody tr", has_text=text)


def dialog(page: Page) -> Locator:
    return page.locator("dialog#modal[open]")


def make_key(page: Page, name: str) -> str:
    """The key that the dialog on the page of keys makes under `name`."""
    page.get_by_role("link", name="Create key").first.click()
    dialog(page).get_by_label("Name").fill(name)
    dialog(page).get_by_role("button", name="Create key").click()
    expect(page.get_by_text("Copy it now")).to_be_focused()
    return page.locator("#made-key").inner_text().strip()


def call(server: str, key: str) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    headers = {
        "Authorization": f"Bearer {key}",
        "Content-Type": "application/json",
        "User-Agent": "claude-code/2.0.1 (external, cli)",
    }
    with urlopen(Request(f"{server}/api/v1/mcp", json.dumps(body).encode(), headers)) as answer:  # noqa: S310
        assert answer.status == 200


def test_a_profile_is_changed_and_seen_at_once(browser_page: Page, olivia: User) -> None:
    browser_page.goto("/settings/profile/")
    browser_page.get_by_label("Last name").fill("Otis")
    browser_page.get_by_label("Time zone").fill("Europe/Vienna")
    browser_page.get_by_label("Comfortable").check()
    browser_page.get_by_label("Dark", exact=True).check()
    browser_page.get_by_label("Single-key shortcuts").uncheck()
    browser_page.get_by_role("button", name="Save").click()
    expect(browser_page.get_by_text("Your profile is saved.")).to_be_visible()
    root = browser_page.locator("html")
    expect(root).to_have_attribute("data-theme", "dark")
    expect(root).to_have_attribute("data-density", "comfortable")
    expect(browser_page.get_by_role("navigation", name="Main")).to_contain_text("Olivia Otis")
    browser_page.keyboard.press("?")
    expect(browser_page.locator("#help")).to_be_hidden()


def test_this_devices_time_zone_is_one_click(browser_page: Page) -> None:
    browser_page.goto("/settings/profile/")
    browser_page.get_by_role("button", name="This device").click()
    here = browser_page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone")
    expect(browser_page.get_by_label("Time zone")).to_have_value(here)


def test_a_key_lives_from_the_dialog_to_its_rotation(
    browser_page: Page, complaints: Complaints, olivia: User
) -> None:
    complaints.expected.append("422")
    page = browser_page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/settings/keys/")
    plaintext = make_key(page, "Laptop")
    page.get_by_role("button", name="Copy").first.click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == plaintext
    page.get_by_text("Connect an agent with this key").click()
    page.get_by_label("curl", exact=True).check()
    expect(page.locator("#made-curl-1")).to_contain_text("count_entity")
    expect(page).to_have_url(re.compile(r"/settings/keys/$"))

    row(page, "Laptop").hover()
    row(page, "Laptop").get_by_role("link", name="Rename").click()
    field = page.get_by_label("Name of the key")
    expect(field).to_be_focused()
    page.keyboard.press("Escape")
    expect(field).to_be_hidden()
    row(page, "Laptop").hover()
    row(page, "Laptop").get_by_role("link", name="Rename").click()
    field.fill("Desk")
    page.keyboard.press("Enter")
    expect(row(page, "Desk")).to_be_visible()
    expect(page.get_by_text(plaintext)).to_have_count(0)

    row(page, "Desk").get_by_role("link", name="Rotate").click()
    dialog(page).get_by_label("7 days").check()
    dialog(page).get_by_role("button", name="Rotate key").click()
    expect(row(page, "Replaced")).to_contain_text("works until")


def test_a_key_is_revoked_only_by_its_name(browser_page: Page, complaints: Complaints, olivia: User) -> None:
    complaints.expected.append("422")
    page = browser_page
    key_of(olivia, "*", name="Desk")
    page.goto("/settings/keys/")
    row(page, "Active").get_by_role("link", name="Revoke").click()
    dialog(page).get_by_role("textbox").fill("wrong")
    dialog(page).get_by_role("button", name="Revoke key").click()
    expect(dialog(page).get_by_text("This is not the name of the key.")).to_be_visible()
    expect(dialog(page).get_by_role("textbox")).to_be_focused()
    dialog(page).get_by_role("textbox").fill("Desk")
    page.keyboard.press("Enter")
    expect(page.get_by_text("“Desk” is revoked.")).to_be_visible()
    expect(dialog(page)).to_have_count(0)
    expect(row(page, "Revoked")).to_have_count(1)


def test_a_wrong_form_stays_in_its_dialog(browser_page: Page, complaints: Complaints) -> None:
    complaints.expected.append("422")
    browser_page.goto("/settings/keys/")
    browser_page.get_by_role("link", name="Create key").first.click()
    dialog(browser_page).get_by_label("Choose scopes").check()
    dialog(browser_page).get_by_label("Name").fill("Narrow")
    dialog(browser_page).get_by_role("button", name="Create key").click()
    expect(dialog(browser_page).get_by_text("Choose at least one.")).to_be_visible()
    expect(dialog(browser_page).get_by_label("Name")).to_have_value("Narrow")
    dialog(browser_page).get_by_label("deals:read").check()
    dialog(browser_page).get_by_role("button", name="Create key").click()
    expect(browser_page.locator("#made-key")).to_be_visible()
    assert ApiKey.objects.get().scopes == ["deals:read"]


def test_a_dialog_closes_without_a_trace(browser_page: Page) -> None:
    browser_page.goto("/settings/keys/")
    opener = browser_page.get_by_role("link", name="Create key").first
    for close in ("Escape", "Cancel", "Close"):
        opener.click()
        expect(dialog(browser_page).get_by_label("Name")).to_be_focused()
        if close == "Escape":
            browser_page.keyboard.press("Escape")
        else:
            dialog(browser_page).get_by_text(close, exact=True).or_(
                dialog(browser_page).get_by_label(close, exact=True)
            ).click()
        expect(dialog(browser_page)).to_have_count(0)
        expect(opener).to_be_focused()
    assert not ApiKey.objects.exists()


def test_the_first_call_is_seen_without_reloading(browser_page: Page, live_server: Any) -> None:
    page = browser_page
    page.goto("/settings/connect/")
    expect(page.get_by_text("No key yet")).to_be_visible()
    page.get_by_role("link", name="New key").click()
    dialog(page).get_by_role("button", name="Create key").click()
    expect(page.get_by_text("Waiting for the first call …")).to_be_visible()
    key = page.locator("#made-key").inner_text().strip()
    for client in ("Claude Desktop", "Cursor", "VS Code", "mcporter", "curl", "Claude Code"):
        page.get_by_label(client, exact=True).check()
        shown = page.locator(".client:visible pre").first
        expect(shown).to_contain_text(key)
    call(live_server.url, key)
    expect(page.get_by_text("Claude Code called with “My agent”")).to_be_visible()
    expect(page.locator("#made-key")).to_have_text(key)


def test_another_key_shows_its_own_state(browser_page: Page, olivia: User) -> None:
    key_of(olivia, "*", name="Old one")
    key_of(olivia, "*", name="New one")
    browser_page.goto("/settings/connect/")
    expect(browser_page.get_by_text("with “New one” yet")).to_be_visible()
    picker = browser_page.get_by_label("Key", exact=True)
    picker.select_option(picker.locator("option", has_text="Old one").get_attribute("value"))
    expect(browser_page.get_by_text("with “Old one” yet")).to_be_visible()
    expect(browser_page).to_have_url(re.compile(r"\?key="))


def test_a_new_member_gets_in_by_the_link(
    browser_page: Page, open_page: Opened, live_server: Any, complaints: Complaints
) -> None:
    complaints.expected.append("422")
    page = browser_page
    page.goto("/settings/members/")
    page.get_by_role("link", name="Add member").click()
    dialog(page).get_by_label("E-mail").fill("olivia@northwind.example")
    dialog(page).get_by_role("button", name="Add member").click()
    expect(dialog(page).get_by_text("exists already")).to_be_visible()
    dialog(page).get_by_label("E-mail").fill("nora@northwind.example")
    dialog(page).get_by_label("First name").fill("Nora")
    dialog(page).get_by_role("button", name="Add member").click()
    expect(page.get_by_text("Give Nora this link.")).to_be_focused()
    expect(row(page, "Nora")).to_contain_text("Invited")
    link = page.locator("#made-link").inner_text().strip().replace("http://localhost:8000", live_server.url)

    nora = open_page()
    nora.goto(link)
    expect(nora.get_by_text("Hello Nora")).to_be_visible()
    nora.get_by_label("New password", exact=True).fill(NEW_PASSWORD)
    nora.get_by_label("New password again").fill(NEW_PASSWORD)
    nora.get_by_role("button", name="Choose this password").click()
    nora.get_by_role("link", name="Sign in").click()
    nora.get_by_label("E-mail").fill("nora@northwind.example")
    nora.get_by_label("Password", exact=True).fill(NEW_PASSWORD)
    nora.get_by_role("button", name="Sign in").click()
    expect(nora.get_by_role("navigation", name="Main")).to_contain_text("Nora")


def test_a_member_is_changed_and_shut_out(browser_page: Page, max_: User) -> None:
    page = browser_page
    page.goto("/settings/members/")
    row(page, "Max").get_by_role("button").first.click()
    page.get_by_role("link", name="Change role").locator("visible=true").click()
    dialog(page).get_by_label("Role").select_option("read-only")
    dialog(page).get_by_role("button", name="Change role").click()
    expect(row(page, "Max")).to_contain_text("Read-only")
    row(page, "Max").get_by_role("button").first.click()
    row(page, "Max").get_by_role("link", name="Deactivate").click()
    dialog(page).get_by_role("button", name="Deactivate").click()
    expect(row(page, "Max")).to_contain_text("Inactive")
    row(page, "Max").get_by_role("button").first.click()
    row(page, "Max").get_by_role("button", name="Activate").click()
    expect(row(page, "Max")).to_contain_text("Active")


def test_the_last_administrator_is_told_in_the_dialog(browser_page: Page, complaints: Complaints) -> None:
    complaints.expected.append("422")
    browser_page.goto("/settings/members/")
    row(browser_page, "Olivia").get_by_role("button").first.click()
    row(browser_page, "Olivia").get_by_role("link", name="Change role").click()
    dialog(browser_page).get_by_label("Role").select_option("member")
    dialog(browser_page).get_by_role("button", name="Change role").click()
    expect(dialog(browser_page).get_by_role("alert")).to_contain_text("last active administrator")


def test_a_refusal_is_a_toast_over_the_dialog(
    browser_page: Page, olivia: User, max_: User, complaints: Complaints
) -> None:
    complaints.expected.append("403")
    browser_page.goto("/settings/members/")
    browser_page.get_by_role("link", name="Add member").click()
    dialog(browser_page).get_by_label("E-mail").fill("nora@northwind.example")
    User.objects.filter(pk=olivia.pk).update(role=max_.role)
    dialog(browser_page).get_by_role("button", name="Add member").click()
    expect(browser_page.locator(".toast")).to_contain_text("does not allow it")
    expect(dialog(browser_page)).to_be_visible()


def test_everything_works_without_javascript(open_page: Opened, olivia: User, max_: User) -> None:
    page = open_page(olivia, script=False)
    page.goto("/settings/keys/")
    page.get_by_role("link", name="Create key").first.click()
    page.get_by_label("Name").fill("Laptop")
    page.get_by_role("button", name="Create key").click()
    assert page.locator("#made-key").inner_text().startswith("cm")
    expect(page.get_by_role("button", name="Copy")).to_have_count(0)
    row(page, "Laptop").get_by_role("link", name="Rename").click()
    page.get_by_label("Name of the key").fill("Desk")
    page.get_by_role("button", name="Save").click()
    row(page, "Desk").get_by_role("link", name="Rotate").click()
    page.get_by_role("button", name="Rotate key").click()
    row(page, "Replaced").get_by_role("link", name="Revoke").click()
    page.get_by_role("textbox").last.fill("Desk")
    page.get_by_role("button", name="Revoke key").click()
    expect(page.get_by_text("“Desk” is revoked.")).to_be_visible()
    page.goto("/settings/connect/")
    page.get_by_label("Cursor", exact=True).check()
    expect(page.get_by_text("~/.cursor/mcp.json")).to_be_visible()
    page.goto("/settings/members/")
    row(page, "Max").get_by_role("button").first.click()
    row(page, "Max").get_by_role("link", name="Deactivate").click()
    page.get_by_role("button", name="Deactivate").last.click()
    expect(row(page, "Max")).to_contain_text("Inactive")


def test_the_first_person_sets_the_installation_up(open_page: Opened, db: None) -> None:
    page = open_page()
    page.goto("/")
    page.get_by_label("Company").fill("Northwind Trading")
    here = page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone")
    expect(page.get_by_label("Time zone")).to_have_value(here)
    page.get_by_label("First name").fill("Olivia")
    page.get_by_label("E-mail").fill("olivia@northwind.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Fill it with sample data").uncheck()
    page.get_by_role("button", name="Create company").click()
    expect(page.get_by_role("navigation", name="Main")).to_contain_text("Northwind Trading")
    assert Company.objects.get().time_zone == here


def test_signing_in_tells_what_is_wrong(open_page: Opened, olivia: User) -> None:
    page = open_page()
    page.goto("/settings/keys/")
    page.get_by_label("E-mail").fill(olivia.email)
    page.get_by_label("Password", exact=True).fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("do not belong together")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="API keys", exact=True)).to_be_visible()


# --- For everybody --------------------------------------------------------------------------------------


def dialogs(page: Page) -> Iterator[str]:
    """Opens each dialog of the settings, one after the other."""
    openers: list[tuple[str, Callable[[], Locator]]] = [
        ("/settings/keys/", lambda: page.get_by_role("link", name="Create key").first),
        ("/settings/keys/", lambda: row(page, "Laptop").get_by_role("link", name="Rotate")),
        ("/settings/keys/", lambda: row(page, "Laptop").get_by_role("link", name="Revoke")),
        ("/settings/members/", lambda: page.get_by_role("link", name="Add member")),
        ("/settings/members/", lambda: row(page, "Max").get_by_role("link", name="Change role")),
        ("/settings/members/", lambda: row(page, "Max").get_by_role("link", name="Deactivate")),
    ]
    for path, opener in openers:
        page.goto(path)
        if not opener().is_visible():
            row(page, "Max").get_by_role("button").first.click()
        opener().click()
        expect(dialog(page)).to_be_visible()
        yield path


@pytest.mark.parametrize("size", ["wide", "small"])
def test_every_page_and_dialog_is_for_everybody(
    open_page: Opened, olivia: User, max_: User, rita: User, size: str
) -> None:
    key_of(olivia, "*")
    change_status(signed_in(olivia), rita.pk, status="inactive")
    page = open_page(olivia, size=size)
    found: list[str] = []
    for path in PAGES:
        page.goto(path)
        found += violations(page) + overflow(page)
    for _ in dialogs(page):
        found += violations(page) + overflow(page)
    page.goto("/settings/keys/")
    make_key(page, "Another")
    page.get_by_text("Connect an agent with this key").click()
    found += violations(page) + overflow(page)
    visitor = open_page(size=size)
    for path in ("/account/sign-in/", "/account/password/reset/", "/account/password/reset/sent/"):
        visitor.goto(path)
        found += violations(visitor) + overflow(visitor)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("size", ["wide", "small"])
def test_the_first_page_is_for_everybody(
    open_page: Opened, complaints: Complaints, db: None, size: str
) -> None:
    complaints.expected.append("422")
    page = open_page(size=size)
    page.goto("/welcome/")
    assert not violations(page) + overflow(page)
    page.get_by_label("Company").fill("Northwind")
    page.get_by_label("First name").fill("Olivia")
    page.get_by_label("E-mail").fill("olivia@northwind.example")
    page.get_by_label("Password").fill("password")
    page.get_by_role("button", name="Create company").click()
    expect(page.get_by_text("too common")).to_be_visible()
    assert not violations(page) + overflow(page)
