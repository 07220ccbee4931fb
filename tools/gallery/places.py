"""What there is to see: pages by address, and what opens over them by the steps that open it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from playwright.sync_api import Page, expect

from crm.entities import ENTITIES
from customermates.kernel.ui.navigation import SETTINGS

Steps = Callable[[Page], None]


@dataclass(frozen=True, slots=True)
class Place:
    """One sight. `address` names records as `{contact}`; `open` does what a person does to see the rest."""

    name: str
    address: str
    open: Steps | None = None
    only: Literal["", "wide", "small"] = ""  # where what it takes is there

    def at(self, ids: Mapping[str, str]) -> str:
        """The address with the ids of real records."""
        return self.address.format_map(ids)

    def show(self, page: Page, ids: Mapping[str, str]) -> None:
        """Goes there and opens it, without what was typed at the place before."""
        page.goto(self.at(ids))
        page.locator("html[data-ready], body.bare").wait_for(state="attached")
        page.evaluate("sessionStorage.clear()")
        if self.open:
            self.open(page)


def pages() -> Iterator[Place]:
    """All pages of a signed-in person; those of entities and settings follow from their registries."""
    yield Place("home", "/")
    for entity in ENTITIES.values():
        yield Place(entity.plural, f"/{entity.plural}/")
        if entity.lanes:
            yield Place(f"{entity.plural}-board", f"/{entity.plural}/board/")
        if entity.has_agenda:
            yield Place(f"{entity.plural}-agenda", f"/{entity.plural}/agenda/")
        yield Place(f"{entity.name}", f"/{entity.plural}/{{{entity.name}}}/")
        yield Place(f"{entity.name}-notes", f"/{entity.plural}/{{{entity.name}}}/?tab=notes")
        yield Place(f"{entity.name}-new", f"/{entity.plural}/new/")
    yield Place("changes", "/changes/{changes}/")
    yield Place("contact-trashed", "/contacts/{trashed}/")
    yield Place("contacts-none-found", "/contacts/?q=nobody-is-called-so")
    yield Place("contacts-narrowed", "/contacts/?f1=jobTitle&o1=contains&v1=a&sort=-updatedAt&size=25")
    yield Place("contacts-wrong-rule", "/contacts/?f1=jobTitle&o1=nonsense&v1=x")
    yield Place("search", "/search/?q=an")
    for page in SETTINGS.values():
        yield Place(f"settings-{page.url_name.removeprefix('settings_').replace('_', '-')}", page.url)
    yield Place("column-new", "/settings/columns/new/?entity=deal&type=multiSelect")
    yield Place("webhook", "/settings/webhooks/{webhook}/")
    yield Place("webhook-paused", "/settings/webhooks/{webhook_paused}/")
    yield Place("webhook-new", "/settings/webhooks/new/")
    yield Place("webhook-edit", "/settings/webhooks/{webhook}/edit/")
    yield Place("webhook-deliveries", "/settings/webhooks/deliveries/")
    yield Place("webhook-deliveries-none", "/settings/webhooks/deliveries/?event=task.deleted")
    yield Place("webhook-delivery", "/settings/webhooks/deliveries/{delivery}/")
    yield Place("webhook-verifying", "/settings/webhooks/verifying/")
    yield Place("not-found", "/no/such/page/")


def first_run() -> Iterator[Place]:
    """What a fresh installation shows."""
    yield Place("first-run", "/welcome/")


def doors() -> Iterator[Place]:
    """Pages of somebody who is not signed in."""
    yield Place("sign-in", "/account/sign-in/")
    yield Place("sign-in-refused", "/account/sign-in/", _sign_in_wrongly)
    yield Place("reset", "/account/password/reset/")
    yield Place("reset-sent", "/account/password/reset/sent/")
    yield Place("sign-up-closed", "/account/sign-up/")
    yield Place("inactive", "/account/inactive/")


def overlays() -> Iterator[Place]:
    """What opens over pages."""
    yield from _overlays_of_the_shell()
    yield from _overlays_of_lists()
    yield from _overlays_of_boards()
    yield from _overlays_of_records()
    yield from _overlays_of_settings()


def _overlays_of_the_shell() -> Iterator[Place]:
    yield Place("palette", "/contacts/", _press("Control+k", "#palette [role=option]"))
    yield Place("palette-search", "/contacts/", _search_palette)
    yield Place("help", "/contacts/", _press("?", "#help[open]"))
    yield Place("create-menu", "/", _press("c", "#create-menu[open]"))
    yield Place("sheet", "/contacts/", _press("c", "#sheet form"))
    yield Place("sheet-namesake", "/contacts/", _meet_a_namesake)
    yield Place("sheet-refused", "/contacts/", _create_nobody)
    yield Place("person-menu", "/contacts/", _press_button("[popovertarget=person-menu]"), only="wide")

    yield Place("side", "/contacts/", _open_side, only="small")


def _overlays_of_lists() -> Iterator[Place]:
    yield Place("filter", "/deals/", _add_a_rule)
    yield Place("columns", "/deals/", _press_button("button[popovertarget=columns]"))
    yield Place("cell-editor", "/deals/", _edit("stage"), only="wide")
    yield Place("cell-date", "/deals/", _edit("expectedCloseDate"), only="wide")
    yield Place("cell-people", "/deals/", _edit("userIds"), only="wide")
    yield Place("selected", "/contacts/", _select_two, only="wide")
    yield Place("bulk-field", "/contacts/", _change_a_field_of_many, only="wide")


def _overlays_of_boards() -> Iterator[Place]:
    yield Place("card-menu", "/deals/board/", _open_card_menu)
    yield Place("won-or-lost", "/deals/board/", _lose_a_deal)
    yield Place("moved", "/deals/board/", _move_a_deal)


def _overlays_of_records() -> Iterator[Place]:
    yield Place("record-menu", "/deals/{deal}/", _press_button("[popovertarget=record-menu]"))
    yield Place("property-editor", "/contacts/{contact}/", _edit_property("jobTitle"))
    yield Place("picker", "/deals/{deal}/", _open_picker)
    yield Place("note-preview", "/deals/{deal}/", _preview_a_note)


def _overlays_of_settings() -> Iterator[Place]:
    yield Place("key-new", "/settings/keys/", _press_link("Create key", "#modal form"))
    yield Place("key-made", "/settings/keys/", _make_a_key)
    yield Place("key-rotate", "/settings/keys/", _from_a_key("Rotate"))
    yield Place("key-revoke", "/settings/keys/", _from_a_key("Revoke"))
    yield Place("member-menu", "/settings/members/", _open_member_menu)
    yield Place("member-role", "/settings/members/", _change_a_role)
    yield Place("column-types", "/settings/columns/", _press_link("New column", "#modal .types, #modal a"))
    yield Place("column-edit", "/settings/columns/?entity=contact", _from_a_column("Edit"))
    yield Place("column-delete", "/settings/columns/?entity=contact", _from_a_column("Delete"))
    yield Place("member-new", "/settings/members/", _press_link("Add member", "#modal form"))
    yield from _overlays_of_webhooks()


def _overlays_of_webhooks() -> Iterator[Place]:
    one = "/settings/webhooks/{webhook}/"
    yield Place("webhook-menu", "/settings/webhooks/", _press_button("[popovertarget^=menu-]"))
    yield Place("webhook-refused", "/settings/webhooks/new/", _send_to_ourselves)
    yield Place("webhook-made", "/settings/webhooks/new/", _make_a_webhook)
    yield Place("webhook-test", one, _test_a_webhook)
    yield Place("webhook-rotate", one, _press_link("Rotate", "#modal form"))
    yield Place("webhook-replay", one, _from_the_menu("Send failed ones again"))
    yield Place("webhook-delete", one, _from_the_menu("Delete"))
    yield Place("webhook-drawer", "/settings/webhooks/deliveries/?status=pending", _open_a_delivery)


def _press(key: str, shows: str) -> Steps:
    def steps(page: Page) -> None:
        page.keyboard.press(key)
        expect(page.locator(shows).first).to_be_visible()

    return steps


def _press_button(button: str) -> Steps:
    def steps(page: Page) -> None:
        page.locator(button).locator("visible=true").first.click()
        expect(page.locator(".pop:popover-open").first).to_be_visible()

    return steps


def _press_link(name: str, shows: str) -> Steps:
    def steps(page: Page) -> None:
        page.get_by_role("link", name=name).first.click()
        expect(page.locator(shows).first).to_be_visible()

    return steps


def _sign_in_wrongly(page: Page) -> None:
    page.get_by_label("E-mail").fill("olivia@northwind.example")
    page.get_by_label("Password", exact=True).fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert").first).to_be_visible()


def _search_palette(page: Page) -> None:
    page.keyboard.press("Control+k")
    expect(page.locator("#palette [role=option]").first).to_be_visible()
    page.keyboard.type("an")
    expect(page.locator("#palette [role=option]", has_text="an").first).to_be_visible()


def _open_sheet(page: Page) -> None:
    page.keyboard.press("c")
    expect(page.locator("#new-firstName")).to_be_focused()


def _meet_a_namesake(page: Page) -> None:
    name = page.locator("tbody [data-field=name] a > span:last-child").first.inner_text().split(maxsplit=1)
    _open_sheet(page)
    page.fill("#new-firstName", name[0])
    page.fill("#new-lastName", name[1])
    expect(page.locator("[data-similar]")).to_contain_text("exists already")


def _create_nobody(page: Page) -> None:
    _open_sheet(page)
    page.locator("#sheet").get_by_role("button", name="Create").click()
    expect(page.locator("#new-firstName-error")).to_be_visible()


def _add_a_rule(page: Page) -> None:
    page.locator("[data-filter-open]").click()
    page.get_by_label("Add a rule about").select_option("stage")
    expect(page.locator("#filter .rule")).to_have_count(1)


def _edit(field: str) -> Steps:
    def steps(page: Page) -> None:
        page.locator(f"tbody td[data-field={field}]").first.dblclick()
        expect(page.locator(".cell-form")).to_be_visible()

    return steps


def _select_two(page: Page) -> None:
    boxes = page.locator("tbody .ck input")
    boxes.nth(0).check()
    boxes.nth(2).check()
    expect(page.get_by_role("button", name="Set a field")).to_be_visible()


def _change_a_field_of_many(page: Page) -> None:
    _select_two(page)
    page.get_by_role("button", name="Set a field").click()
    expect(page.locator("#bulk-form .menu")).to_be_visible()


def _open_card_menu(page: Page) -> None:
    page.locator("[data-card]").first.focus()
    page.keyboard.press("m")
    expect(page.locator(".pop:popover-open")).to_be_visible()


def _lose_a_deal(page: Page) -> None:
    _open_card_menu(page)
    page.get_by_role("button", name="Lost").click()
    expect(page.locator("dialog[open]")).to_be_visible()


def _move_a_deal(page: Page) -> None:
    page.locator("[data-lane]").nth(1).locator("[data-card]").first.focus()
    page.keyboard.press("Alt+ArrowLeft")
    expect(page.locator(".toast").get_by_role("button", name="Undo")).to_be_visible()


def _edit_property(name: str) -> Steps:
    def steps(page: Page) -> None:
        page.locator(f"#properties [data-field={name}]").click()
        expect(page.locator(".cell-form")).to_be_visible()

    return steps


def _open_picker(page: Page) -> None:
    page.get_by_role("button", name="Add Contacts").click()
    page.get_by_role("combobox", name="Find contacts").fill("a")
    expect(page.get_by_role("option").first).to_be_visible()


def _preview_a_note(page: Page) -> None:
    area = page.get_by_role("textbox", name="Write a note")
    area.fill(
        "## Next steps\n\n- [ ] send the **offer**\n- [x] call back\n\nThey like [our plan](https://example.com)."
    )
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#composer [data-preview] strong")).to_be_visible()


def _make_a_key(page: Page) -> None:
    page.get_by_role("link", name="Create key").first.click()
    page.locator("#modal").get_by_label("Name").fill("Sales agent")
    page.locator("#modal").get_by_role("button", name="Create key").click()
    expect(page.locator("#made-key")).to_be_visible()


def _from_a_key(name: str) -> Steps:
    def steps(page: Page) -> None:
        if not page.get_by_role("link", name=name).count():
            _make_a_key(page)
        page.get_by_role("link", name=name).first.click()
        expect(page.locator("#modal form")).to_be_visible()

    return steps


def _from_a_column(name: str) -> Steps:
    def steps(page: Page) -> None:
        page.locator("tbody tr [popovertarget]").first.click()
        page.get_by_role("link", name=name).locator("visible=true").click()
        expect(page.locator("#modal form").first).to_be_visible()

    return steps


def _open_member_menu(page: Page) -> None:
    page.locator("tbody tr").first.get_by_role("button").first.click()
    expect(page.locator(".pop:popover-open")).to_be_visible()


def _change_a_role(page: Page) -> None:
    _open_member_menu(page)
    page.get_by_role("link", name="Change role").locator("visible=true").click()
    expect(page.locator("#modal form")).to_be_visible()


def _make_a_webhook(page: Page) -> None:
    page.get_by_label("Address").fill("https://hooks.example/in")
    page.locator("[name=events][value='*']").check()
    page.get_by_role("button", name="Create webhook").click()
    expect(page.locator("#made-secret")).to_be_visible()


def _send_to_ourselves(page: Page) -> None:
    page.get_by_label("Address").fill("https://169.254.169.254/latest")
    page.get_by_role("button", name="Create webhook").click()
    expect(page.get_by_text("Choose at least one event")).to_be_visible()


def _test_a_webhook(page: Page) -> None:
    page.get_by_role("button", name="Send a test").click()
    expect(page.locator("#drawer .outcome")).to_be_visible()


def _from_the_menu(name: str) -> Steps:
    def steps(page: Page) -> None:
        page.locator("[popovertarget^=menu-]").first.click()
        page.get_by_role("link", name=name).locator("visible=true").click()
        expect(page.locator("#modal form").first).to_be_visible()

    return steps


def _open_a_delivery(page: Page) -> None:
    page.get_by_role("row", name="503").get_by_role("link").click()
    expect(page.locator("#drawer .attempt").first).to_be_visible()


def _open_side(page: Page) -> None:
    page.locator("[data-side-open]").click()
    expect(page.locator("#side.open")).to_be_visible()
