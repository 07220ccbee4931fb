"""A real Chromium against a real server. Any console error, page error or refused resource fails a test."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    Response,
    Route,
    expect,
    sync_playwright,
)

from accounts.actor import system_actor
from accounts.models import Company, User
from accounts.services import SAMPLE_DATA

expect.set_options(timeout=20_000)  # two tests share two cores, with a server each
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
SIZES = {"wide": (1440, 900), "small": (390, 844)}
AXE = Path(__file__).parent / "vendor" / "axe-4.14.1.min.js"
FINDINGS = """(options) => axe.run(options).then(({ violations }) =>
    violations.map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 200)}`))"""
RULES_OF_COLOUR = {"runOnly": ["color-contrast", "link-in-text-block"]}  # all others see no colours


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db(transaction=True))
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="no Chromium on this machine"))


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """Playwright for one module: while it runs, its loop is this thread's, where others run theirs."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # the tests themselves are ordinary synchronous code
    with sync_playwright() as running:
        yield running
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="module")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    yield browser
    browser.close()


@pytest.fixture(scope="session", autouse=True)
def _loaded_pages() -> None:
    """All views are loaded: the first request would outlast a browser's patience on a busy machine."""
    import_module(settings.ROOT_URLCONF)


class Complaints(list[str]):
    """What the browser had to say that it should not have; `expected` are parts of what a test provokes."""

    def __init__(self) -> None:
        super().__init__()
        self.expected: list[str] = []

    def hear(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.append(f"page error: {error}"))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.append(f"{message.type}: {message.text}")

    @property
    def unexpected(self) -> list[str]:
        return [text for text in self if not any(part in text for part in self.expected)]


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    heard = Complaints()
    yield heard
    assert not heard.unexpected, heard.unexpected


Opened = Callable[..., Page]


@pytest.fixture
def open_page(live_server, chromium: Browser, complaints: Complaints) -> Iterator[Opened]:
    """Opens a window: `open_page(user)` is signed in; `size` and `script` choose what kind."""
    contexts: list[BrowserContext] = []

    def open_window(user: User | None = None, *, size: str = "wide", script: bool = True) -> Page:
        width, height = SIZES[size]
        context = chromium.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": height},
            color_scheme="light",
            reduced_motion="reduce",
            java_script_enabled=script,
            has_touch=size == "small",
        )
        context.set_default_timeout(20_000)
        contexts.append(context)
        if user:
            context.add_cookies([{"name": "sessionid", "value": session_of(user), "url": live_server.url}])
        page = context.new_page()
        complaints.hear(page)
        if script:
            wait_after_going(page)
        return page

    yield open_window
    for context in contexts:
        context.close()


def session_of(user: User) -> str:
    """The key of a session of `user`, as signing in would make it."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "accounts.backends.EmailBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


@pytest.fixture
def browser_page(open_page: Opened, olivia: User) -> Page:
    """Olivia's window, 1440 × 900, light."""
    return open_page(olivia)


@pytest.fixture
def sample(company: Company) -> Company:
    """Northwind with the sample company's data."""
    for load in SAMPLE_DATA.values():
        load(system_actor(company))
    return company


def wait_after_going(page: Page) -> None:
    """Have `page.goto` wait until the scripts of a page listen; a person is never faster."""
    go = page.goto

    def goto(url: str, **options: Any) -> Response | None:
        response = go(url, **options)
        page.locator("html[data-ready], body.bare").wait_for(state="attached")
        return response

    page.goto = goto  # type: ignore[method-assign]  # for this one window


def ready(page: Page) -> None:
    """Wait until all scripts of the page listen: keys pressed before would be nobody's."""
    expect(page.locator("html[data-ready]")).to_be_attached()


def answer_slowly(page: Page, pattern: str, *, ms: int = 500) -> None:
    """Answers to `pattern` come as a busy network brings them, while the page goes on."""

    def slowly(route: Route) -> None:
        page.wait_for_timeout(ms)
        route.continue_()

    page.route(pattern, slowly)


def violations(page: Page) -> list[str]:
    """What axe finds wrong with the page as it stands, overlays included, in light and in dark."""
    page.evaluate(AXE.read_text())
    found = [f"{page.url} {finding}" for finding in page.evaluate(FINDINGS, {})]
    page.emulate_media(color_scheme="dark")
    found += [f"{page.url} in dark {finding}" for finding in page.evaluate(FINDINGS, RULES_OF_COLOUR)]
    page.emulate_media(color_scheme="light")
    return found


def overflow(page: Page) -> list[str]:
    """Whether more than a table or the lanes of a board scrolls sideways."""
    roots = "[...document.querySelectorAll('html, .scroll, dialog[open]')]"
    wide = (
        f"{roots}.filter((e) => e.scrollWidth > e.clientWidth).map((e) => e.id || e.className || e.tagName)"
    )
    return [f"{page.url} scrolls {root} sideways" for root in page.evaluate(wide)]
