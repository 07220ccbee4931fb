"""Nothing that people or agents write runs in a browser, wherever it is shown.

A real Chromium visits every kind of page of a company whose every text is hostile. Fails on any call
of what the texts call, any dialog, any word on the console (the Content-Security-Policy speaks there),
any element, handler or address that only markup of theirs could have made, any request elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote

import pytest
from playwright.sync_api import Dialog, Page, Request, Response, expect

from accounts.models import User
from crm.models import Contact
from tests.browser.conftest import Complaints, Opened
from tests.browser.hostile_strings import HOSTILE, URLS
from tests.browser.hostile_world import HALF, World, furnish, packed, rename, write_notes
from tests.people import PASSWORD

pytestmark = pytest.mark.one_database

EVALUATED = ("93359", "13416")  # what a template engine would make of some of them
LISTENERS = """
window.__ran = [];
window.__x = (...what) => window.__ran.push(String(what));
for (const name of ["alert", "confirm", "prompt"]) window[name] = window.__x;
"""
# What the product's own markup never has. Templates are looked into as well: scripts make pages of them.
SCAN = r"""() => {
  const found = [...window.__ran].map((what) => `ran: ${what}`);
  const say = (what, element) => found.push(`${what}: ${element.outerHTML.slice(0, 200)}`);
  const strange = "iframe,frame,frameset,object,embed,applet,base,style,image,video,audio,source,picture,"
    + "math,marquee,bgsound,isindex,keygen,plaintext,xmp,listing,foreignObject,animate,set,slot,x,font,area";
  const ours = /^(script|img)$/;
  const addresses = ["href", "xlink:href", "src", "action", "formaction", "data", "poster", "background",
    "srcdoc", "srcset", "ping", "hx-get", "hx-post", "hx-put", "hx-delete", "data-url", "data-undo"];
  const isOurs = (text) => new URL(text, location.href).origin === location.origin;
  const look = (root) => {
    for (const element of root.querySelectorAll("*")) {
      if (element.matches(strange)) say("element", element);
      if (element.localName.includes("-")) say("custom element", element);
      if (ours.test(element.localName) && !element.src.startsWith(`${location.origin}/static/`))
        say("not ours", element);
      if (element.matches("meta[http-equiv]")) say("head", element);
      if (element.matches("link") && !isOurs(element.href)) say("head", element);
      for (const { name, value } of element.attributes) {
        if (/^(on|hx-on|data-hx)/i.test(name)) say("handler", element);
        if (/^hx-(vals|trigger|headers)$/i.test(name) && /js:|javascript:|\[/i.test(value))
          say("expression", element);
        if (name === "style" && /url\(|expression|binding/i.test(value)) say("style", element);
        if (!addresses.includes(name.toLowerCase()) || !value) continue;
        const isLink = element.matches("a[href]");
        const allowed = isLink ? ["http:", "https:", "mailto:", "tel:"] : [location.protocol];
        const { protocol, origin } = new URL(value, location.href);
        if (!allowed.includes(protocol)) say("scheme", element);
        else if (!isLink && origin !== location.origin) say("elsewhere", element);
        else if (isLink && /^https?:$/.test(protocol) && origin !== location.origin
          && !element.rel.includes("noopener")) say("opener", element);
      }
      if (element.content instanceof DocumentFragment) look(element.content);
    }
  };
  look(document);
  return found;
}"""
# Parts that the server makes of a text, taken into the page the way htmx does it.
TAKE_IN = """async (addresses) => {
  for (let start = 0; start < addresses.length; start += 8) {
    await Promise.all(addresses.slice(start, start + 8).map((address) => {
      const box = document.createElement("div");
      document.querySelector("main").append(box);
      return window.htmx.ajax("GET", address, { target: box, swap: "innerHTML" });
    }));
  }
}"""
PREVIEW = """async (texts) => {
  const token = document.querySelector("meta[name=csrf-token]").content;
  const headers = { "X-CSRFToken": token, "HX-Request": "true" };
  for (const text of texts) {
    const body = new URLSearchParams({ text });
    const answer = await fetch("/notes/preview/", { method: "POST", headers, body });
    const box = document.createElement("div");
    document.querySelector("main").append(box);
    box.innerHTML = await answer.text(); // as notes.js does
  }
}"""
TOASTS = """(texts) => document.dispatchEvent(
  new CustomEvent("toasts", { detail: { items: texts.map((text) => ({ text, kind: "ok" })) } }))"""


@dataclass
class Guard:
    """Watches one window while it goes through pages, and remembers what went wrong where."""

    page: Page
    home: str
    wrong: list[str] = field(default_factory=list)
    visits: int = 0

    def __post_init__(self) -> None:
        self.page.add_init_script(LISTENERS)
        self.page.on("request", self._request)
        self.page.on("response", self._response)
        self.page.on("dialog", self._dialog)
        self.page.on("popup", lambda popup: self._note(f"popup: {popup.url}"))

    def visit(self, address: str) -> None:
        """Go there, and look at what came."""
        self.visits += 1
        self.page.goto(address)
        self.look(address)
        if not self.page.url.startswith(self.home):
            self._note(f"led away to {self.page.url}")

    def look(self, what: str) -> None:
        """The page as it stands now is only what the product made."""
        self.wrong += [f"{what}: {one}" for one in self.page.evaluate(SCAN)]
        text = self.page.locator("body").text_content() or ""
        self.wrong += [f"{what}: evaluated {number}" for number in EVALUATED if number in text]

    def _dialog(self, dialog: Dialog) -> None:
        self._note(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.home}/", "data:image/")):
            self._note(f"request: {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 400:
            self._note(f"status {response.status}: {response.url}")

    def _note(self, what: str) -> None:
        self.wrong.append(f"{self.page.url}: {what}")


@pytest.fixture
def world(olivia: User) -> World:
    return furnish(olivia)


@pytest.fixture
def guard(open_page: Opened, olivia: User, live_server) -> Guard:
    return Guard(open_page(olivia), live_server.url)


def addresses(world: World) -> Iterator[str]:
    """Every kind of page, and so many of each that every text is on one."""
    first = {name: f"/{name}s/{records[0].pk}/" for name, records in world.records.items()}
    for plural in ("contacts", "organizations", "deals", "services", "tasks"):
        yield from (f"/{plural}/?size=100&page={number}" for number in (1, 2, 3))
    yield "/services/?size=100&cols=link,email,phone,sku"
    for plural, records in (("contacts", "contact"), ("organizations", "organization")):
        record = world.records[records][0]
        yield f"/{plural}/?size=25&cols=multiselect,jobTitle,website&q={quote(record.title[:40])}"
        yield f"/{plural}/?panel=filter"
    yield from ("/", "/deals/board/", f"/deals/board/?pipeline={world.pipeline.pk}", "/tasks/agenda/")
    yield from first.values()
    yield from (f"{first['contact']}?tab=notes", f"{first['organization']}?tab=notes")
    yield from ("/contacts/new/", "/organizations/new/", "/deals/new/")
    yield from ("/settings/profile/", "/settings/keys/", "/settings/connect/", "/settings/members/")
    yield from ("/settings/members/new/", "/settings/keys/new/", "/settings/sample-data/")
    yield f"{first['contact']}links/organizationIds/"


def test_there_are_two_hundred_at_least_and_no_two_alike() -> None:
    assert len(set(HOSTILE)) == len(HOSTILE) >= 200


@pytest.mark.parametrize(
    "markup",
    [
        "<a href='javascript:__x(1)'>x</a>",
        "<a href=' java\tscript:__x(1)'>x</a>",
        "<p onclick='__x(1)'>x</p>",
        "<iframe srcdoc='x'></iframe>",
        "<form action='https://evil.example/'></form>",
        "<template><p onclick='__x(1)'>x</p></template>",
        "<a href='https://evil.example/'>x</a>",
        "<script>__x(1)</script>",
    ],
)
def test_the_guard_notices(guard: Guard, complaints: Complaints, markup: str) -> None:
    complaints.expected.append("Content Security Policy")
    guard.page.goto("/settings/profile/")
    guard.look("as it is")
    assert not guard.wrong
    taken_in = "(html) => document.querySelector('main').insertAdjacentHTML('beforeend', html)"
    guard.page.evaluate(taken_in, markup)
    guard.look("with markup of others")
    assert guard.wrong


def test_nothing_runs_on_any_page(guard: Guard, world: World) -> None:
    for turn, address in enumerate(addresses(world)):
        rename(world, turn)
        guard.visit(address)
    assert guard.visits > 40
    assert not guard.wrong, guard.wrong


def test_nothing_runs_in_what_comes_after_the_page(guard: Guard, world: World) -> None:
    _open_what_opens(guard, guard.page)
    _take_in_parts(guard, guard.page)
    _hear_of_agents(guard, guard.page, world)
    _delete(guard, guard.page, world)
    assert not guard.wrong, guard.wrong


def _open_what_opens(guard: Guard, page: Page) -> None:
    """Filter, columns, the sheet of a new record with its namesakes, a picker."""
    guard.visit("/contacts/")
    shown = page.locator("tbody a.name").all_text_contents()
    assert len(shown) == 50
    assert all(any(text in name for text in HOSTILE) for name in shown)  # they are there, as text
    page.locator("[data-filter-open]").click()
    page.get_by_label("Add a rule about").select_option("multiselect")
    expect(page.locator("#filter .rule")).to_have_count(1)
    guard.look("filter")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Columns").click()
    guard.look("columns")
    page.keyboard.press("Escape")
    page.keyboard.press("c")
    page.keyboard.press("c")
    for text in HOSTILE[:6]:
        page.locator("#new-firstName").fill(text)
        page.locator("#new-lastName").fill(text)
        expect(page.locator("[data-similar]")).to_contain_text("exists already")
        guard.look(f"namesake of {text}")
    page.locator("#sheet summary").click()
    page.locator("#new-organizationIds").fill("script")
    expect(page.locator("#sheet .options [role=option]").first).to_be_visible()
    guard.look("picker")


def _take_in_parts(guard: Guard, page: Page) -> None:
    """What the server makes of a text that was asked for, toasts, previews of notes."""
    guard.visit("/services/")
    asked = [f"/contacts/similar/?firstName={quote(text)}&lastName={quote(text)}" for text in HOSTILE]
    asked += [f"/contacts/options/organizationIds/?q={quote(text)}" for text in HOSTILE]
    for text in map(quote, packed(200)):
        asked += [f"/palette/?q={text}", f"/contacts/options/userIds/?q={text}"]
        asked += [f"/services/?q={text}", f"/services/?f1=sku&o1=contains&v1={text}", f"/search/?q={text}"]
    page.evaluate(TAKE_IN, [f"/palette/?q={quote(text)}" for text in HOSTILE[:40]])
    page.evaluate(TAKE_IN, asked)
    guard.look("parts")
    guard.visit(
        f"/services/?q={quote(HOSTILE[0])}&f1=sku&o1=contains&v1={quote(HOSTILE[26])}&sort={quote('<b>')}"
    )
    page.evaluate(TOASTS, list(HOSTILE))
    expect(page.locator(".toast")).to_have_count(len(HOSTILE))
    guard.look("toasts")
    page.evaluate(PREVIEW, list(HOSTILE))
    guard.look("previews of notes")


def _hear_of_agents(guard: Guard, page: Page, world: World) -> None:
    """The live notice and the timelines after agents with such names were at work."""
    halves = (slice(0, HALF), slice(HALF, len(HOSTILE)))
    for which, record in zip(halves, world.records["contact"][1:3], strict=True):
        guard.visit("/contacts/")
        write_notes(world, which, record)
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        expect(page.locator(".live")).to_contain_text("__x(")
        guard.look("live notice")
        guard.visit(f"/contacts/{record.pk}/?shown=200")
        expect(page.locator("#timeline > li").nth(which.stop - which.start)).to_be_attached()
        guard.visit(f"/contacts/{record.pk}/?tab=notes")
    guard.visit("/")
    guard.visit("/settings/keys/")


def _delete(guard: Guard, page: Page, world: World) -> None:
    """Toasts that say the name of what went."""
    for record in world.records["contact"][10:13]:
        guard.visit(f"/contacts/{record.pk}/")
        page.get_by_role("button", name="More").click()
        page.get_by_role("button", name="Move to the trash").click()
        expect(page.locator(".toast")).to_contain_text(record.title.split()[0])
        guard.look("toast")
    assert Contact.objects.exclude(deleted_at=None).count() == 3


def test_no_address_to_go_on_to_leads_away(open_page: Opened, olivia: User, live_server) -> None:
    guard = Guard(open_page(), live_server.url)
    for text in URLS:
        guard.visit(f"/account/sign-in/?next={quote(text)}")
    guard.visit(f"/account/sign-in/?next={quote('//evil.example/')}")
    guard.page.get_by_label("E-mail").fill(olivia.email)
    guard.page.get_by_label("Password").fill(PASSWORD)
    guard.page.get_by_role("button", name="Sign in").click()
    expect(guard.page).to_have_url(f"{live_server.url}/")
    assert not guard.wrong, guard.wrong
