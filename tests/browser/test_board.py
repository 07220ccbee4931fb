"""The board of deals and the tasks to do: by drag, by key, by menu, and by touch."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.actor import Actor
from accounts.models import User
from crm import services
from crm.entities import DEAL, TASK
from crm.models import Deal, Stage, Task
from tests.browser.conftest import Complaints, Opened


@pytest.fixture
def deals(owner: Actor) -> list[Deal]:
    rows = [
        {"name": "Pilot", "stage": "New", "amount": 1000, "expectedCloseDate": "2030-01-01"},
        {"name": "Roll-out", "stage": "New", "amount": 500, "expectedCloseDate": "2030-02-01"},
        {"name": "Renewal", "stage": "Proposal", "amount": 20, "currency": "GBP"},
    ]
    return services.create_records(owner, DEAL, rows).records  # type: ignore[return-value]


def lane(page: Page, name: str) -> Locator:
    return page.locator(f"[data-lane][data-name='{name}']")


def card(page: Page, name: str) -> Locator:
    return page.locator("[data-card]", has_text=name)


def stage_of(deal: Deal) -> str:
    return Stage.objects.get(pk=Deal.objects.values_list("stage_id").get(pk=deal.pk)[0]).name


def test_lanes_say_how_many_and_what_they_are_worth(browser_page: Page, deals: list[Deal]) -> None:
    browser_page.goto("/deals/board/")
    expect(lane(browser_page, "New").locator("header")).to_contain_text("2")
    expect(lane(browser_page, "New").locator(".sum")).to_have_text("€1.5K")
    expect(lane(browser_page, "Proposal").locator(".sum")).to_have_text("£20")


def test_a_card_is_moved_by_keyboard_and_back_by_undo(browser_page: Page, deals: list[Deal]) -> None:
    browser_page.goto("/deals/board/")
    card(browser_page, "Pilot").focus()
    browser_page.keyboard.press("Alt+ArrowRight")
    expect(lane(browser_page, "Qualified").locator(".sum")).to_have_text("€1K")
    expect(lane(browser_page, "New").locator(".sum")).to_have_text("€500")
    expect(card(browser_page, "Pilot")).to_be_focused()
    assert stage_of(deals[0]) == "Qualified"
    browser_page.get_by_role("button", name="Undo").click()
    expect(lane(browser_page, "New").locator("[data-card]")).to_have_count(2)
    assert stage_of(deals[0]) == "New"


def test_a_card_is_dragged_to_another_lane(browser_page: Page, deals: list[Deal]) -> None:
    browser_page.goto("/deals/board/")
    browser_page.wait_for_function("window.Sortable !== undefined")
    target = lane(browser_page, "Negotiation").locator("[data-cards]")
    card(browser_page, "Pilot").drag_to(target, steps=12)
    expect(lane(browser_page, "Negotiation").locator(".sum")).to_have_text("€1K")
    assert stage_of(deals[0]) == "Negotiation"


def test_losing_a_deal_asks_why(browser_page: Page, deals: list[Deal]) -> None:
    browser_page.goto("/deals/board/")
    card(browser_page, "Pilot").focus()
    browser_page.keyboard.press("m")
    browser_page.get_by_role("button", name="Lost").click()
    browser_page.keyboard.type("Budget was cut")
    browser_page.keyboard.press("Enter")
    expect(browser_page.locator(".toast")).to_contain_text("Pilot moved to Lost.")
    deal = Deal.objects.get(pk=deals[0].pk)
    assert (deal.status, deal.lost_reason) == ("lost", "Budget was cut")


def test_thinking_better_of_it_leaves_the_card_where_it_was(browser_page: Page, deals: list[Deal]) -> None:
    browser_page.goto("/deals/board/")
    card(browser_page, "Pilot").focus()
    browser_page.keyboard.press("m")
    browser_page.get_by_role("button", name="Won").click()
    browser_page.keyboard.press("Escape")
    expect(lane(browser_page, "New").locator("[data-card]")).to_have_count(2)
    assert stage_of(deals[0]) == "New"


def test_a_move_that_cannot_be_saved_goes_back_and_says_why(
    browser_page: Page, deals: list[Deal], complaints: Complaints
) -> None:
    complaints.expected.append("ERR_FAILED")
    browser_page.goto("/deals/board/")
    browser_page.route("**/move/", lambda route: route.abort())
    card(browser_page, "Pilot").focus()
    browser_page.keyboard.press("Alt+ArrowRight")
    expect(browser_page.locator(".toast.bad")).to_contain_text("nothing was saved")
    expect(lane(browser_page, "New").locator("[data-card]")).to_have_count(2)


def test_an_old_board_moves_no_card_that_others_moved_or_deleted(
    browser_page: Page, deals: list[Deal], owner: Actor, complaints: Complaints
) -> None:
    complaints.expected += ["404", "409"]
    browser_page.goto("/deals/board/")
    services.update_records(owner, DEAL, {deals[0].pk: {"stage": "Negotiation"}})
    services.delete_records(owner, DEAL, [deals[1].pk])
    card(browser_page, "Pilot").focus()
    browser_page.keyboard.press("Alt+ArrowRight")
    expect(browser_page.locator(".toast.bad")).to_contain_text("moved this to Negotiation meanwhile")
    expect(lane(browser_page, "Negotiation").locator("[data-card]")).to_have_text(re.compile("Pilot"))
    expect(card(browser_page, "Pilot")).to_be_focused()
    card(browser_page, "Roll-out").focus()
    browser_page.keyboard.press("Alt+ArrowRight")
    expect(card(browser_page, "Roll-out")).to_have_count(0)
    assert stage_of(deals[0]) == "Negotiation"


def test_a_finger_moves_cards_by_their_menu(open_page: Opened, olivia: User, deals: list[Deal]) -> None:
    page = open_page(olivia, size="small")
    page.goto("/deals/board/")
    card(page, "Pilot").get_by_role("button", name="Move Pilot to …").tap()
    page.get_by_role("button", name="Proposal").tap()
    expect(lane(page, "Proposal").locator("[data-card]")).to_have_count(2)


def test_search_narrows_the_board(browser_page: Page, deals: list[Deal]) -> None:
    browser_page.goto("/deals/board/")
    browser_page.keyboard.press("/")
    browser_page.keyboard.type("roll")
    expect(browser_page.locator("[data-card]")).to_have_count(1)
    expect(lane(browser_page, "New").locator(".sum")).to_have_text("€500")


def test_tasks_are_grouped_by_deadline_and_ticked_off(browser_page: Page, owner: Actor) -> None:
    rows = [
        {"name": "Late", "dueAt": "2020-01-01"},
        {"name": "Far", "dueAt": "2090-01-01"},
        {"name": "Some day"},
    ]
    services.create_records(owner, TASK, rows)
    browser_page.goto("/tasks/agenda/")
    headings = browser_page.locator(".agenda h2")
    expect(headings).to_have_text(["Overdue 1", "Later 1", "Without a date 1"])
    browser_page.get_by_role("button", name="Done: Late").click()
    expect(headings).to_have_text(["Later 1", "Without a date 1"])
    assert Task.objects.get(name="Late").status == "done"
    browser_page.get_by_role("button", name="Undo").click()
    expect(headings).to_have_text(["Overdue 1", "Later 1", "Without a date 1"])


def test_a_new_deal_comes_into_sight_in_a_lane_that_is_full(browser_page: Page, owner: Actor) -> None:
    rows = [{"name": f"Deal {n}", "stage": "New", "expectedCloseDate": "2030-01-01"} for n in range(60)]
    services.create_records(owner, DEAL, rows)
    browser_page.goto("/deals/board/")
    browser_page.keyboard.press("c")
    browser_page.get_by_label("Name").fill("Just made")
    browser_page.locator("#sheet").get_by_role("button", name="Create").click()
    expect(card(browser_page, "Just made")).to_be_in_viewport(ratio=1)
    expect(card(browser_page, "Just made")).to_have_class("deal spot")


def test_a_moved_card_stays_in_sight_and_the_page_on_a_phone_keeps_its_width(
    open_page: Opened, olivia: User, owner: Actor
) -> None:
    mine = [str(olivia.pk)]  # whose name, for screen readers alone, stands in each card
    rows = [
        {"name": f"Deal {n}", "stage": stage, "userIds": mine} for stage in ("New", "Won") for n in range(9)
    ]
    services.create_records(owner, DEAL, rows)
    page = open_page(olivia, size="small")
    page.goto("/deals/board/")
    card(page, "Deal 8").first.focus()
    page.keyboard.press("Alt+ArrowRight")
    expect(lane(page, "Qualified").locator("[data-card]")).to_be_in_viewport(ratio=0.9)
    page.locator(".board").evaluate("board => board.scrollTo(1e6, 0)")
    assert page.evaluate("document.scrollingElement.scrollWidth") == 390
