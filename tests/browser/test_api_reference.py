"""The API reference: Swagger UI under our policy, without a word on the console, trying real calls."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from crm.models import Contact
from tests.browser.conftest import overflow, violations

pytestmark = pytest.mark.one_database

REFERENCE = "/api/docs"


def opened(page: Page, operation: str) -> None:
    """The operation of this summary unfolded."""
    page.goto(REFERENCE)
    page.get_by_text(operation, exact=True).click()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["wide", "small"])
def test_anybody_reads_it(open_page, size: str, scheme: Any):
    page = open_page(size=size)
    page.emulate_media(color_scheme=scheme)
    opened(page, "Create a contact")
    block = page.locator(".opblock.is-open")
    expect(block).to_contain_text("Needs contacts:read and contacts:write")
    expect(block).to_contain_text("Idempotency-Key")
    expect(page.locator("html")).to_have_class("dark-mode" if scheme == "dark" else "")
    assert overflow(page) == []


def test_who_is_signed_in_tries_calls_as_themselves(open_page, olivia):
    page = open_page(olivia)
    opened(page, "Who you are, and whether your key works")
    block = page.locator(".opblock.is-open")
    block.get_by_role("button", name="Try it out").click()
    block.get_by_role("button", name="Execute").click()
    expect(block.locator(".live-responses-table")).to_contain_text("olivia@northwind.example")
    opened(page, "Create a contact")
    block.get_by_role("button", name="Try it out").click()
    block.locator("textarea").first.fill('{"firstName": "Ada"}')
    block.get_by_role("button", name="Execute").click()
    expect(block.locator(".live-responses-table")).to_contain_text("201")
    assert Contact.objects.get().first_name == "Ada"


@pytest.mark.parametrize("size", ["wide", "small"])
def test_everybody_can_use_it(open_page, olivia, size: str):
    page = open_page(olivia, size=size)
    opened(page, "List contacts")
    block = page.locator(".opblock.is-open")
    block.get_by_role("button", name="Try it out").click()
    block.get_by_role("button", name="Execute").click()
    expect(block.locator(".live-responses-table")).to_contain_text("200")
    assert violations(page) == []
    page.get_by_text("Create a contact", exact=True).click()
    expect(page.get_by_role("textbox", name="Idempotency-Key")).to_be_attached()
    page.get_by_role("button", name="Authorize", exact=True).click()
    expect(page.get_by_role("heading", name="Available authorizations")).to_be_visible()
    assert violations(page) == []


def test_the_address_names_the_operation_that_is_open(open_page):
    page = open_page()
    opened(page, "Create a contact")
    expect(page).to_have_url(re.compile(r"#/contacts/createContact$"))
    page.reload()
    expect(page.locator(".opblock.is-open")).to_contain_text("Needs contacts:read and contacts:write")
