"""A key's life from the page where it is made to the agent that uses it: real pages, real calls."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from crm.models import Contact
from tests.browser.test_account_pages import dialog, make_key, row
from tests.mcp_gateway.client import PATH, Mcp


@dataclass
class Agent:
    """A program that calls tools over HTTP."""

    server: str

    def call(self, key: str, tool: str, **arguments: Any) -> tuple[int, dict[str, Any]]:
        """The status and the answer of one call."""
        mcp, params = Mcp(Client(), key), {"name": tool, "arguments": arguments}
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        headers |= {"Accept": "application/json, text/event-stream"} | mcp.routing("tools/call", params)
        body = json.dumps(mcp.message("tools/call", params)).encode()
        try:
            with urlopen(Request(f"{self.server}{PATH}", body, headers)) as answer:  # noqa: S310 - our own server
                return answer.status, json.load(answer)
        except HTTPError as refused:
            return refused.code, json.load(refused)

    def create(self, key: str, name: str) -> bool:
        """Whether a contact of this name was created."""
        status, answer = self.call(key, "create_contacts", contacts=[{"firstName": name}])
        return status == 200 and not answer["result"].get("isError", False)

    def is_refused(self, key: str) -> bool:
        """Whether the key opens nothing."""
        status, _answer = self.call(key, "filter_entity", entity="contact")
        return status == 401


@pytest.fixture
def agent(live_server: Any) -> Agent:
    return Agent(live_server.url)


def rotate(page: Page, name: str, overlap: str) -> str:
    row(page, name).first.get_by_role("link", name="Rotate").click()
    dialog(page).get_by_label(overlap).check()
    dialog(page).get_by_role("button", name="Rotate key").click()
    expect(dialog(page)).to_have_count(0)
    expect(page.get_by_text("Copy it now")).to_be_focused()
    return page.locator("#made-key").inner_text().strip()


def revoke(page: Page, name: str) -> None:
    row(page, "Active").get_by_role("link", name="Revoke").click()
    dialog(page).get_by_role("textbox").fill(name)
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"“{name}” is revoked.")).to_be_visible()


def names() -> set[str]:
    return {contact.title for contact in Contact.objects.all()}


def test_a_key_made_on_the_page_works_at_once_and_what_it_does_is_seen(
    browser_page: Page, agent: Agent
) -> None:
    page = browser_page
    page.goto("/settings/keys/")
    key = make_key(page, "Laptop")
    assert agent.create(key, "Ada")
    page.reload()
    expect(row(page, "Laptop")).to_contain_text("just now")
    page.goto("/contacts/")
    expect(page.locator("tbody tr")).to_contain_text("Ada")
    page.get_by_role("link", name="Ada").click()
    expect(page.locator("#timeline")).to_contain_text("Laptop")


def test_a_rotated_key_and_its_successor_both_work_until_the_overlap_ends(
    browser_page: Page, agent: Agent
) -> None:
    page = browser_page
    page.goto("/settings/keys/")
    old = make_key(page, "Laptop")
    new = rotate(page, "Laptop", "24 hours")
    assert old != new
    assert agent.create(old, "By the old one")
    assert agent.create(new, "By the new one")
    assert names() == {"By the old one", "By the new one"}
    with time_machine.travel(timezone.now() + timedelta(hours=24, seconds=5)):
        assert agent.is_refused(old)
        assert agent.create(new, "A day later")
    assert "A day later" in names()


def test_a_key_rotated_without_overlap_is_refused_at_the_next_call(browser_page: Page, agent: Agent) -> None:
    page = browser_page
    page.goto("/settings/keys/")
    old = make_key(page, "Laptop")
    assert agent.create(old, "Ada")
    new = rotate(page, "Laptop", "not at all")
    assert agent.is_refused(old)
    assert not agent.create(old, "Too late")
    assert agent.create(new, "Mary")
    assert names() == {"Ada", "Mary"}


def test_a_revoked_key_is_refused_at_the_next_call(browser_page: Page, agent: Agent) -> None:
    page = browser_page
    page.goto("/settings/keys/")
    key = make_key(page, "Laptop")
    assert agent.create(key, "Ada")
    revoke(page, "Laptop")
    assert agent.is_refused(key)
    assert not agent.create(key, "Too late")
    assert names() == {"Ada"}


def test_a_key_with_one_scope_does_that_and_no_more(browser_page: Page, agent: Agent) -> None:
    page = browser_page
    page.goto("/settings/keys/")
    page.get_by_role("link", name="Create key").first.click()
    dialog(page).get_by_label("Name").fill("Reader")
    dialog(page).get_by_label("Choose scopes").check()
    dialog(page).get_by_label("contacts:read").check()
    dialog(page).get_by_role("button", name="Create key").click()
    expect(page.get_by_text("Copy it now")).to_be_focused()
    key = page.locator("#made-key").inner_text().strip()
    status, answer = agent.call(key, "filter_entity", entity="contact")
    assert (status, answer["result"]["isError"]) == (200, False)
    assert not agent.create(key, "Not allowed")
    assert not names()
