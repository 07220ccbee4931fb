"""What scripts send carries the token by itself, in a header; without it nothing gets through."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Request, expect

from accounts.actor import Actor
from crm import services
from crm.entities import CONTACT, DEAL, TASK
from crm.models import Contact, Deal, Task
from tests.browser.conftest import Complaints

NO_FIELDS = "document.querySelectorAll('[name=csrfmiddlewaretoken]').forEach((field) => field.remove())"


@pytest.fixture
def world(owner: Actor) -> None:
    services.create_records(owner, CONTACT, [{"firstName": "Ada"}])
    services.create_records(owner, DEAL, [{"name": "Pilot", "stage": "New"}])
    services.create_records(owner, TASK, [{"name": "Call", "dueAt": "2020-01-01"}])


@pytest.fixture
def sent(browser_page: Page) -> list[Request]:
    """The requests of the window that write."""
    found: list[Request] = []
    browser_page.on("request", lambda request: found.append(request) if request.method != "GET" else None)
    return found


@pytest.mark.usefixtures("world")
def test_scripts_send_it_with_whatever_they_write(browser_page: Page, sent: list[Request]) -> None:
    page = browser_page
    page.goto("/tasks/agenda/")
    page.evaluate(NO_FIELDS)
    page.get_by_role("button", name="Done: Call").click()  # htmx
    expect(page.locator(".toast")).to_be_visible()
    page.evaluate(NO_FIELDS)
    page.locator(".toast").get_by_role("button", name="Undo").click()  # a form that a script made
    expect(page.get_by_role("button", name="Done: Call")).to_be_visible()
    page.goto("/deals/board/")
    page.locator("[data-card]").focus()
    page.keyboard.press("Alt+ArrowRight")  # fetch
    expect(page.locator("[data-lane][data-name=Qualified] [data-card]")).to_have_count(1)
    page.goto("/contacts/")
    page.locator("tbody [data-field=jobTitle]").focus()
    page.keyboard.press("Enter")  # the editor of a cell
    expect(page.locator(".cell-form input:visible")).to_be_focused()
    page.keyboard.type("Analyst")
    page.keyboard.press("Enter")
    expect(page.locator("tbody [data-field=jobTitle]")).to_have_text("Analyst")
    assert len(sent) == 4
    assert all(len(request.headers.get("x-csrftoken", "")) == 64 for request in sent)
    assert (Task.objects.get().status, Contact.objects.get().job_title) == ("open", "Analyst")


@pytest.mark.usefixtures("world")
def test_without_it_nothing_gets_through(browser_page: Page, complaints: Complaints) -> None:
    complaints.expected.append("403")
    page = browser_page
    page.goto("/deals/board/")
    page.evaluate("document.querySelector('meta[name=csrf-token]').content = ''")
    page.locator("[data-card]").focus()
    page.keyboard.press("Alt+ArrowRight")
    expect(page.locator("[data-lane][data-name=New] [data-card]")).to_have_count(1)
    assert Deal.objects.get().stage.name == "New"
