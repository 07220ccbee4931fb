"""Webhooks as people use them, with a receiver that really listens and a worker that really sends."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest
import standardwebhooks
from django.db import connections
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect
from pytest_django import Settings

from accounts.models import User
from crm import services
from crm.entities import CONTACT
from tests.browser.conftest import Complaints, Opened, violations
from tests.browser.hostile_strings import HOSTILE
from tests.browser.test_hostile_strings import Guard
from tests.people import signed_in
from tests.webhooks.receiver import OK, Receiver, receiving
from webhooks.delivery_list import visible
from webhooks.models import Attempt, Delivery, Endpoint
from webhooks.services import create_endpoint
from webhooks.worker import Worker


@pytest.fixture(autouse=True)
def _loopback_is_allowed(settings: Settings) -> None:
    settings.WEBHOOK_ALLOWED_NETWORKS = [ip_network("127.0.0.0/8")]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


def drain() -> None:
    """Everything that is due has been sent; in a thread, because the browser's loop runs in this one."""

    def work() -> None:
        asyncio.run(Worker(drain=True).run())
        connections.close_all()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(work).result()


def drawer(page: Page) -> Locator:
    return page.locator("dialog#drawer[open]")


def dialog(page: Page) -> Locator:
    return page.locator("dialog#modal[open]")


def make_webhook(page: Page, url: str) -> str:
    """The secret of a webhook that is made for everything."""
    page.goto("/settings/webhooks/new/")
    page.get_by_label("Address").fill(url)
    page.get_by_label("Everything").check()
    page.get_by_role("button", name="Create webhook").click()
    expect(page.get_by_text("Copy its secret now")).to_be_focused()
    return page.locator("#made-secret").inner_text().strip()


def change_something(olivia: User) -> None:
    services.create_records(signed_in(olivia), CONTACT, [{"firstName": "Ada"}])


def test_a_webhook_is_made_tested_and_told_of_a_change(
    browser_page: Page, olivia: User, receiver: Receiver
) -> None:
    page = browser_page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/settings/webhooks/")
    page.get_by_role("link", name="New webhook").click()
    secret = make_webhook(page, receiver.url)
    page.get_by_role("button", name="Copy").first.click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == secret
    expect(page).to_have_url(re.compile(rf"/settings/webhooks/{Endpoint.objects.get().pk}/$"))
    expect(page).to_have_title(re.compile("^127.0.0.1"))

    page.get_by_role("button", name="Send a test").click()
    expect(drawer(page)).to_contain_text("Waiting")
    drain()
    expect(drawer(page).get_by_role("status")).to_contain_text("Delivered")
    expect(drawer(page)).to_contain_text("thanks")
    standardwebhooks.Webhook(secret).verify(receiver.requests[0].body, receiver.requests[0].headers)
    page.keyboard.press("Escape")
    expect(drawer(page)).to_have_count(0)
    expect(page.locator("#latest tbody tr")).to_have_count(1)  # without a reload

    change_something(olivia)
    drain()
    page.reload()
    expect(page.get_by_text(secret)).to_have_count(0)
    page.get_by_role("link", name="contact.created").click()
    expect(drawer(page)).to_contain_text('"firstName": "Ada"')
    expect(drawer(page)).to_contain_text("X-Webhook-Signature")
    record = json.loads(receiver.requests[1].body)["data"]["entityId"]
    drawer(page).get_by_role("link", name=record).click()
    expect(page.get_by_role("heading", name="Ada", exact=True)).to_be_visible()


def test_looking_again_ends_by_itself(browser_page: Page, receiver: Receiver) -> None:
    page = browser_page
    make_webhook(page, receiver.url)
    page.get_by_role("button", name="Send a test").click()
    expect(drawer(page)).to_contain_text("Waiting")
    drain()
    expect(drawer(page).get_by_role("status")).to_contain_text("Delivered")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(2500)
    assert not [url for url in asked if "part=state" in url]


def test_what_failed_is_seen_and_sent_again(browser_page: Page, olivia: User, receiver: Receiver) -> None:
    page = browser_page
    receiver.replies = [(400, {"X-Why": "closed"}, b"we are closed")]
    make_webhook(page, receiver.url)
    change_something(olivia)
    drain()
    page.goto("/settings/webhooks/deliveries/")
    page.get_by_label("State").select_option("failed")
    expect(page).to_have_url(re.compile("status=failed"))
    page.locator("tbody").get_by_role("link", name="contact.created").press("Enter")
    expect(drawer(page)).to_contain_text("we are closed")
    drawer(page).get_by_role("button", name="Send again").click()
    expect(drawer(page).get_by_role("status")).to_contain_text("Waiting")
    drain()
    expect(drawer(page).get_by_role("status")).to_contain_text("Delivered")
    expect(drawer(page).locator("details")).to_have_count(2)


def test_all_that_failed_is_counted_before_it_is_replayed(
    browser_page: Page, olivia: User, receiver: Receiver
) -> None:
    page = browser_page
    receiver.answer = lambda _: (400, {}, b"")
    make_webhook(page, receiver.url)
    for _ in range(3):
        change_something(olivia)
    drain()
    Delivery.objects.filter(pk=Delivery.objects.earliest("pk").pk).update(
        finished_at=timezone.now() - timedelta(hours=5)
    )
    page.reload()
    page.get_by_role("button", name="Change the webhook").click()
    page.get_by_role("link", name="Send failed ones again").locator("visible=true").click()
    expect(dialog(page)).to_contain_text("3 deliveries failed for good")
    dialog(page).get_by_label("the last hour").check()
    expect(dialog(page)).to_contain_text("2 deliveries failed for good")
    receiver.answer = None
    dialog(page).get_by_role("button", name="Send 2 again").click()
    expect(page.get_by_text("2 deliveries are sent again.")).to_be_visible()
    drain()
    assert Delivery.objects.filter(status="success").count() == 2


def test_a_secret_is_rotated_with_an_overlap(browser_page: Page, olivia: User, receiver: Receiver) -> None:
    page = browser_page
    old = make_webhook(page, receiver.url)
    page.get_by_role("link", name="Rotate").first.click()
    expect(dialog(page)).to_contain_text("24 hours")
    dialog(page).get_by_role("button", name="Rotate the secret").click()
    expect(page.get_by_text("New secret made. Copy it now")).to_be_focused()
    new = page.locator("#made-secret").inner_text().strip()
    change_something(olivia)
    drain()
    for secret in (old, new):
        standardwebhooks.Webhook(secret).verify(receiver.requests[0].body, receiver.requests[0].headers)
    page.reload()
    page.get_by_role("button", name="Stop using it now").click()
    expect(page.get_by_text("The old secret is not used any more.")).to_be_visible()
    change_something(olivia)
    drain()
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(old).verify(receiver.requests[1].body, receiver.requests[1].headers)


def test_a_typed_secret_that_is_wrong_stays_in_the_dialog(
    browser_page: Page, complaints: Complaints, receiver: Receiver
) -> None:
    complaints.expected.append("422")
    page = browser_page
    make_webhook(page, receiver.url)
    page.get_by_role("link", name="Rotate").first.click()
    dialog(page).get_by_label("Use my own").check()
    dialog(page).get_by_label("Your secret").fill("short")
    dialog(page).get_by_role("button", name="Rotate the secret").click()
    expect(dialog(page)).to_contain_text("printable characters")
    dialog(page).get_by_label("Use my own").check()
    expect(dialog(page).get_by_label("Your secret")).to_have_value("")
    dialog(page).get_by_label("Your secret").fill("a secret that Olivia typed")
    dialog(page).get_by_role("button", name="Rotate the secret").click()
    expect(page.get_by_text("signed with your new secret")).to_be_visible()


def test_refused_addresses_and_headers_are_told_where_they_are(
    browser_page: Page, complaints: Complaints, receiver: Receiver
) -> None:
    complaints.expected.append("422")
    page = browser_page
    page.goto("/settings/webhooks/new/")
    page.get_by_label("Address").fill("https://169.254.169.254/latest")
    page.get_by_role("button", name="Create webhook").click()
    expect(page.get_by_label("Address")).to_be_focused()
    expect(page.get_by_text("public addresses by https only")).to_be_visible()
    expect(page.get_by_text("Choose at least one event.")).to_be_visible()
    page.get_by_label("Address").fill(receiver.url)
    page.get_by_label("contact.created").check()
    rows = page.locator("[data-header-rows] > .row")
    expect(rows).to_have_count(2)
    rows.last.locator("input").first.fill("Host")
    expect(rows).to_have_count(3)  # there is always room for one more
    rows.nth(1).locator("input").last.fill("evil.example")
    page.get_by_role("button", name="Create webhook").click()
    expect(page.get_by_text("Host: This header is the product's own.")).to_be_visible()
    page.get_by_label("Name of the header").first.fill("X-Token")
    page.get_by_label("Value of Host").fill("of Northwind")
    page.get_by_role("button", name="Create webhook").click()
    expect(page.get_by_text("Copy its secret now")).to_be_visible()
    expect(page.get_by_text("X-Token")).to_be_visible()
    expect(page.get_by_text("of Northwind", exact=True)).to_have_count(0)


def test_a_paused_webhook_is_resumed_and_a_deleted_one_gone(browser_page: Page, receiver: Receiver) -> None:
    page = browser_page
    make_webhook(page, receiver.url)
    Endpoint.objects.update(pause="failing", paused_at=timezone.now(), failing_since=timezone.now())
    page.goto("/settings/webhooks/")
    page.get_by_role("button", name="Resume and replay").click()
    expect(page.get_by_text("The webhook is resumed.")).to_be_visible()
    expect(page).to_have_url(re.compile("/settings/webhooks/$"))
    page.get_by_role("button", name="Change the webhook").click()
    page.get_by_role("button", name="Switch off").locator("visible=true").click()
    expect(page.locator("tbody")).to_contain_text("Switched off")
    page.get_by_role("button", name="Change the webhook").click()
    page.get_by_role("link", name="Delete").locator("visible=true").click()
    dialog(page).get_by_role("button", name="Delete webhook").click()
    expect(page.get_by_text("No webhooks yet")).to_be_visible()


def test_webhooks_work_without_javascript(open_page: Opened, olivia: User, receiver: Receiver) -> None:
    page = open_page(olivia, script=False)
    page.goto("/settings/webhooks/")
    page.get_by_role("link", name="New webhook").click()
    page.get_by_label("Address").fill(receiver.url)
    page.get_by_label("contact.*", exact=False).first.check()
    page.get_by_role("button", name="Create webhook").click()
    assert page.locator("#made-secret").inner_text().startswith("whsec_")
    page.goto("/settings/webhooks/")
    page.get_by_role("link", name="127.0.0.1").click()
    page.get_by_role("button", name="Send a test").click()
    expect(page.get_by_text("Waiting", exact=True)).to_be_visible()
    drain()
    page.reload()
    expect(page.get_by_role("status").first).to_contain_text("Delivered")
    page.get_by_role("button", name="Send again").click()
    drain()
    page.reload()
    expect(page.locator("details")).to_have_count(2)
    page.goto("/settings/webhooks/deliveries/")
    page.get_by_label("Event").select_option("webhook.test")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.goto(f"/settings/webhooks/{Endpoint.objects.get().pk}/replay/")
    expect(page.get_by_text("0 deliveries failed for good")).to_be_visible()
    page.goto(f"/settings/webhooks/{Endpoint.objects.get().pk}/delete/")
    page.get_by_role("button", name="Delete webhook").click()
    expect(page.get_by_text("No webhooks yet")).to_be_visible()


# --- Hostile receivers ----------------------------------------------------------------------------------


@pytest.fixture
def answered(olivia: User, receiver: Receiver) -> Delivery:
    """A delivery whose attempts got each of the hostile texts, as an answer and in its headers."""
    values = {"url": receiver.url, "description": HOSTILE[0], "events": ["*"]}
    create_endpoint(signed_in(olivia), values)
    change_something(olivia)
    delivery = Delivery.objects.get()
    Delivery.objects.update(status="failed", due_at=None, attempts=len(HOSTILE), status_code=400)
    Attempt.objects.bulk_create(
        Attempt(
            company_id=delivery.company_id,
            delivery=delivery,
            number=number,
            started_at=timezone.now(),
            duration_ms=1,
            status_code=400,
            response_headers={f"x-{number}": text, text: "as a name"},
            response_excerpt=text,
        )
        for number, text in enumerate((text.replace("\0", "\ufffd") for text in HOSTILE), 1)
    )
    return delivery


def test_hostile_answers_run_nowhere(
    open_page: Opened, olivia: User, live_server: Any, answered: Delivery
) -> None:
    assert len(HOSTILE) >= 200
    guard = Guard(open_page(olivia), live_server.url)
    page = guard.page
    one = f"/settings/webhooks/{answered.endpoint_id}/"
    for address in ("/settings/webhooks/", one, f"{one}edit/", f"{one}delete/", f"{one}replay/"):
        guard.visit(address)
    guard.visit(f"/settings/webhooks/deliveries/{answered.pk}/")
    page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
    shown = page.locator(".attempt pre")
    expect(shown).to_have_count(len(HOSTILE))
    assert shown.all_inner_texts()[::-1] == [visible(text.replace("\0", "\ufffd")) for text in HOSTILE]
    guard.look("with every attempt open")
    guard.visit("/settings/webhooks/deliveries/")
    page.locator("tbody").get_by_role("link", name="contact.created").click()
    expect(drawer(page).locator(".attempt")).to_have_count(len(HOSTILE))
    guard.look("in the drawer")
    assert not guard.wrong, guard.wrong


def test_a_real_hostile_receiver_is_shown_as_text(
    browser_page: Page, olivia: User, receiver: Receiver
) -> None:
    page = browser_page
    bad = b"</pre><script>window.ran=1</script>\x00\x1b[31m\xe2\x80\xae\xff"
    receiver.answer = lambda _: (400, {"X-Bad": "<img src=x onerror=window.ran=1>"}, bad)
    make_webhook(page, receiver.url)
    change_something(olivia)
    drain()
    page.goto("/settings/webhooks/deliveries/")
    page.locator("tbody").get_by_role("link", name="contact.created").click()
    expect(drawer(page).locator("details pre")).to_have_text(
        "</pre><script>window.ran=1</script>\ufffd␛[31m⟨U+202E⟩\ufffd"
    )
    expect(drawer(page)).to_contain_text("<img src=x onerror=window.ran=1>")
    assert page.evaluate("window.ran") is None
    receiver.answer = lambda _: OK


# --- For everybody --------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", ["wide", "small"])
def test_nothing_scrolls_sideways_and_axe_finds_nothing(
    open_page: Opened, olivia: User, receiver: Receiver, size: str
) -> None:
    page = open_page(olivia, size=size)
    receiver.replies = [(400, {"X-Long": "x" * 240}, b"y" * 2000)]
    make_webhook(page, f"{receiver.url}/{'z' * 300}")
    found = violations(page)
    change_something(olivia)
    drain()
    one = page.url
    roots = "[...document.querySelectorAll('html, .scroll, dialog[open]')]"
    is_wide = f"{roots}.some((e) => e.scrollWidth > e.clientWidth)"
    for address in ("/settings/webhooks/", one, f"{one}edit/", "/settings/webhooks/deliveries/"):
        page.goto(address)
        assert not page.evaluate(is_wide), address
        found += violations(page)
    page.locator(".log a").first.click()
    expect(drawer(page).locator(".attempt")).to_be_visible()
    assert not page.evaluate(is_wide)
    found += violations(page)
    assert not found
