"""Home as people use it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.actor import Actor
from accounts.models import Company, User
from crm import services
from crm.entities import TASK
from crm.models import Task, TaskStatus
from tests.browser.conftest import Complaints, Opened, violations


@pytest.fixture
def task(owner: Actor) -> Task:
    due = (timezone.now() - timedelta(days=2)).isoformat()
    row = {"name": "Call Mrs Byron", "dueAt": due, "userIds": [str(owner.user_id)]}
    return services.create_records(owner, TASK, [row]).records[0]  # type: ignore[return-value]


def test_a_task_is_ticked_off_in_place(browser_page: Page, task: Task) -> None:
    browser_page.goto("/")
    expect(browser_page.locator(".kpi", has_text="My tasks today")).to_contain_text("1 overdue")
    browser_page.get_by_role("button", name="Done: Call Mrs Byron").click()
    expect(browser_page.locator("#my-tasks")).to_contain_text("Nothing is due within a week.")
    expect(browser_page.locator(".kpi", has_text="My tasks today")).to_contain_text("nothing overdue")
    expect(browser_page.locator(".toast").get_by_role("button", name="Undo")).to_be_visible()
    task.refresh_from_db()
    assert task.status == TaskStatus.DONE


def test_a_stage_leads_to_its_deals(browser_page: Page, sample: Company) -> None:
    browser_page.goto("/")
    stage = browser_page.locator(".stage", has_text="Proposal")
    count = re.search(r"(\d+) deals", stage.inner_text())
    assert count is not None
    stage.click()
    expect(browser_page.locator(".rule-chip")).to_contain_text("Proposal")
    expect(browser_page.locator(".foot")).to_contain_text(f"of {count[1]}")


def test_something_to_ask_is_copied(browser_page: Page, sample: Company) -> None:
    browser_page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    browser_page.goto("/")
    browser_page.locator("[data-copy]").nth(1).click()
    expect(browser_page.locator("[data-copy]").nth(1)).to_contain_text("Copied")
    copied = browser_page.evaluate("navigator.clipboard.readText()")
    assert copied == browser_page.locator("#ask-2").inner_text()


@pytest.mark.parametrize("size", ["wide", "small"])
def test_home_and_what_opens_over_it_are_accessible(
    open_page: Opened, olivia: User, sample: Company, size: str
) -> None:
    page = open_page(olivia, size=size)
    page.goto("/")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.keyboard.press("c")
    expect(page.locator("#create-menu")).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("c")
    expect(page.locator("#new-firstName")).to_be_focused()
    page.locator("#sheet summary").click()
    page.locator("#new-organizationIds").fill("a")
    expect(page.get_by_role("option").first).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.keyboard.type("an")
    expect(page.locator("#palette").get_by_role("option").first).to_be_visible()
    assert violations(page) == []


def test_a_skipped_transition_is_no_error_but_other_failures_are(
    browser_page: Page, complaints: Complaints
) -> None:
    browser_page.goto("/")
    skipped = ("Transition was aborted because of invalid state", "InvalidStateError")
    for failure in (skipped, ("Boom", "Error")):
        browser_page.evaluate("(failure) => void Promise.reject(new DOMException(...failure))", failure)
    browser_page.wait_for_timeout(200)
    assert [text for text in complaints if "Transition" in text] == []
    assert any("Boom" in text for text in complaints)
    complaints.expected.append("Boom")
