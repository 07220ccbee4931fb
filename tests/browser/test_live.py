"""People see agents at work: what is written from outside appears as a notice over the page."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from playwright.sync_api import Page, Response, expect

from accounts.actor import Actor, user_actor
from accounts.models import User
from crm import services
from crm.entities import DEAL
from crm.models import Deal
from customermates.kernel.ids import uuid7
from tests import people
from tests.browser.conftest import Opened

SOON = 9_000  # ms: a little more than one interval of asking


@pytest.fixture
def deals(owner: Actor) -> list[Deal]:
    rows = [{"name": name, "amount": 100} for name in ("Pilot", "Renewal", "Expansion")]
    return services.create_records(owner, DEAL, rows).records  # type: ignore[return-value]


@pytest.fixture
def agent(olivia: User) -> Actor:
    key, _ = people.key_of(olivia, "*", name="Sales agent")
    return user_actor(olivia, via="mcp", api_key=key, client="Claude")


def test_an_agents_changes_appear_and_are_shown_on_demand(
    browser_page: Page, deals: list[Deal], agent: Actor
) -> None:
    browser_page.goto("/deals/")
    expect(browser_page.locator("tbody tr", has_text="Pilot")).to_contain_text("€100")
    services.update_records(agent, DEAL, {deal.pk: {"amount": 7000} for deal in deals[:2]})
    notice = browser_page.locator(".live")
    expect(notice).to_contain_text("Claude (key Sales agent) changed 2 deals.", timeout=SOON)
    expect(browser_page.locator("tbody tr", has_text="Pilot")).to_contain_text(
        "€100"
    )  # not under one's hands
    notice.get_by_role("button", name="Show").click()
    expect(browser_page.locator("tbody tr", has_text="Pilot")).to_contain_text("€7,000")
    expect(browser_page.locator("tr.fresh")).to_have_count(2)
    expect(notice).to_have_count(0)


def test_what_was_dismissed_is_not_told_again(browser_page: Page, deals: list[Deal], agent: Actor) -> None:
    browser_page.goto("/deals/board/")
    services.update_records(agent, DEAL, {deals[0].pk: {"amount": 7000}})
    notice = browser_page.locator(".live")
    expect(notice).to_contain_text("changed 1 deal.", timeout=SOON)
    notice.get_by_role("button", name="Dismiss").click()
    expect(notice).to_have_count(0)
    services.update_records(replace(agent, change_set=uuid7()), DEAL, {deals[1].pk: {"amount": 7000}})
    expect(notice).to_contain_text("changed 1 deal.", timeout=SOON)


def test_what_one_does_oneself_is_no_news(open_page: Opened, olivia: User, deals: list[Deal]) -> None:
    page = open_page(olivia)
    page.goto("/deals/")
    asked: list[str] = []

    def note(response: Response) -> None:
        if "/live/" in response.url:
            asked.append(str(response.status))

    page.on("response", note)
    cell = page.locator("tbody tr", has_text="Pilot").locator("[data-field=name]")
    cell.dblclick(position={"x": 180, "y": 10})
    page.locator(".cell-form .controls input").first.fill("Pilot two")
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr", has_text="Pilot two")).to_be_visible()
    page.wait_for_event("response", lambda response: "/live/" in response.url, timeout=SOON)
    assert asked == ["204"]
    expect(page.locator(".live")).to_have_count(0)


def test_home_shows_the_news_in_place(browser_page: Page, deals: list[Deal], agent: Actor) -> None:
    browser_page.goto("/")
    services.update_records(agent, DEAL, {deals[0].pk: {"stage": "Won"}})
    notice = browser_page.locator(".live")
    expect(notice).to_be_visible(timeout=SOON)
    notice.get_by_role("button", name="Show").click()
    expect(browser_page.locator(".feed li").first).to_have_text(
        re.compile(r"Claude \(key Sales agent\)\s+changed stage of deal Pilot")
    )
