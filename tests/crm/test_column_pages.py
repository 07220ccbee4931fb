"""The pages of custom columns: what they show, take, refuse, and to whom."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any, ClassVar
from uuid import uuid4

import pytest
from django.test import Client

from accounts.actor import Actor
from accounts.models import User
from crm import field_services
from crm.entities import ENTITIES
from crm.field_types import CUSTOM_TYPES, PlainType
from crm.field_types.settings import NumberSetting, Setting, SwitchSetting, TextSetting, Words
from crm.models import CustomColumn
from tests.crm.columns import TIERS, column, contact, options_of, shown
from tests.crm.pages import HTMX, toast, triggers

pytestmark = pytest.mark.django_db
LIST = "/settings/columns/"
NEW = "/settings/columns/new/"
HOSTILE = "<img src=x onerror=alert(1)>\"'{{ 7|add:7 }}"


def browser(user: User, *, checks: bool = False) -> Client:
    client = Client(enforce_csrf_checks=checks)
    client.force_login(user)
    return client


@pytest.fixture
def tier(owner: Actor) -> CustomColumn:
    """Gold (the default), Silver or Bronze, of contacts."""
    return column(owner, "Tier", "singleSelect", options=TIERS)


def new(type: str, entity: str = "contact") -> str:
    return f"{NEW}?entity={entity}&type={type}"


def url(made: CustomColumn, what: str = "") -> str:
    return f"{LIST}{made.pk}/{what}"


def value_of(made: CustomColumn, label: str) -> str:
    return str(options_of(made, label)["options"][0]["value"])


def form_of(made: CustomColumn, **changes: Any) -> dict[str, Any]:
    """What the form of a select sends when nothing was touched, with `changes`."""
    rows = made.options["options"]
    form: dict[str, Any] = {"version": made.version, "label": made.label, "description": made.description}
    form["row"] = [row["value"] for row in rows]
    form["default"] = [row["value"] for row in rows if row["isDefault"]] or [""]
    for row in rows:
        form |= {f"label:{row['value']}": row["label"], f"color:{row['value']}": row["color"]}
    return form | changes


def without(form: dict[str, Any], *values: str) -> dict[str, Any]:
    """The form with some rows gone."""
    return form | {"row": [key for key in form["row"] if key not in values], "gone": list(values)}


def options_now(made: CustomColumn) -> list[tuple[str, str, bool]]:
    made.refresh_from_db()
    return [(row["label"], row["color"], row["isDefault"]) for row in made.options["options"]]


# --- The list -------------------------------------------------------------------------------------------


def test_the_list_shows_what_each_column_is(signed_in_client: Client, owner: Actor, tier: CustomColumn):
    column(owner, "Weight", "number", options={"decimals": 1, "unit": "kg"}, required=True)
    contact(owner, tier="Gold", weight=7)
    page = signed_in_client.get(LIST).text
    for words in ("Tier", "Single select", "Gold", "Silver", "Weight", "Decimals: 1", "kg", "Required"):
        assert words in page, words
    assert "Weight" not in signed_in_client.get(f"{LIST}?entity=deal").text


@pytest.mark.parametrize("name", ENTITIES.names())
def test_an_entity_without_columns_says_what_they_are_good_for(signed_in_client: Client, name: str):
    page = signed_in_client.get(f"{LIST}?entity={name}").text
    assert "keeps what matters to your company alone" in page
    assert f"{NEW}?entity={name}" in page


def test_an_unknown_entity_is_the_first_one(signed_in_client: Client, tier: CustomColumn):
    assert "Tier" in signed_in_client.get(f"{LIST}?entity=nonsense").text


def test_readers_look_and_change_nothing(rita: User, max_: User, tier: CustomColumn):
    for user in (rita, max_):
        client = browser(user)
        page = client.get(LIST).text
        assert "Tier" in page
        assert NEW not in page
        assert url(tier) not in page
        for address in (NEW, new("plain"), url(tier), url(tier, "delete/")):
            assert client.get(address).status_code == 403, address
        for address in (
            new("plain"),
            url(tier),
            *(url(tier, f"{act}/") for act in ("delete", "restore", "move")),
        ):
            assert client.post(address, {"label": "Mine", "to": "0"}).status_code == 403, address
        assert "New custom column" not in client.get("/palette/?q=custom", headers=HTMX).text
    tier.refresh_from_db()
    assert (tier.label, tier.deleted_at) == ("Tier", None)


def test_a_stranger_finds_nothing(sven: User, tier: CustomColumn):
    client = browser(sven)
    assert "Tier" not in client.get(LIST).text
    for act in ("", "delete/", "restore/", "move/"):
        assert client.post(url(tier, act), form_of(tier, to="0")).status_code == 404, act
    assert client.get(url(tier)).status_code == client.get(f"{LIST}{uuid4()}/").status_code == 404


@pytest.mark.parametrize("act", ["", "delete/", "restore/", "move/"])
def test_a_form_without_its_token_changes_nothing(olivia: User, tier: CustomColumn, act: str):
    assert browser(olivia, checks=True).post(url(tier, act), form_of(tier, label="X")).status_code == 403


def test_a_list_of_many_columns_costs_no_more_queries(
    signed_in_client: Client, owner: Actor, django_assert_num_queries: Any
):
    for number in range(20):
        column(owner, f"Text {number}")  # eight of them have no slot any more
    # session; person; columns by entity; columns; use in slots; use beyond them; deleted ones
    with django_assert_num_queries(7):
        signed_in_client.get(LIST, headers=HTMX)


# --- A new column ---------------------------------------------------------------------------------------


def test_the_first_step_offers_every_type_for_every_entity(signed_in_client: Client):
    page = unescape(signed_in_client.get(f"{NEW}?entity=deal").text)
    for kind in CUSTOM_TYPES.values():
        assert f"{NEW}?entity=deal&type={kind.name}" in page
        assert str(kind.label) in page
        assert str(kind.about) in page
    for name in ENTITIES.names():
        assert f"{NEW}?entity={name}" in page


GIVEN: dict[str, tuple[dict[str, str], dict[str, Any]]] = {
    "number": ({"options.decimals": "1", "options.unit": " kg "}, {"decimals": 1, "unit": "kg"}),
    "currency": ({"options.currency": "CHF"}, {"currency": "CHF"}),
    **{kind: ({"options.displayFormat": "numericalShort"}, {"displayFormat": "numericalShort"})
       for kind in ("date", "dateTime", "dateRange", "dateTimeRange")},
    **{kind: ({"options.allowMultiple": "on", "options.color": "teal"},
              {"allowMultiple": True, "color": "teal"})
       for kind in ("email", "phone", "link")},
}  # fmt: skip


@pytest.mark.parametrize("kind", [name for name in CUSTOM_TYPES if not name.endswith("Select")])
def test_a_column_of_each_type_is_made(signed_in_client: Client, kind: str):
    sent, kept = GIVEN.get(kind, ({}, {}))
    page = signed_in_client.get(new(kind, "deal")).text
    assert all(f'name="{name}"' in page for name in sent)
    form = {"label": "Anything", "description": "Why", "required": "on", **sent}
    page = signed_in_client.post(new(kind, "deal"), form, follow=True).text
    assert "“Anything” was added." in page
    made = CustomColumn.objects.get()
    assert (made.entity, made.type, made.label, made.options) == ("deal", kind, "Anything", kept)
    assert (made.description, made.required) == ("Why", True)


@pytest.mark.parametrize("kind", ["singleSelect", "multiSelect"])
def test_options_come_in_the_order_of_their_rows(signed_in_client: Client, kind: str):
    form = {
        "label": "Tier",
        "row": ["b", "a", "empty"],
        "label:a": "Gold", "color:a": "amber",
        "label:b": "Silver", "color:b": "slate",
        "label:empty": "", "color:empty": "rose",
        "default": ["a", "b"] if kind == "multiSelect" else ["a"],
        "several": "Tin\n\n gold \nLead,",
    }  # fmt: skip
    signed_in_client.post(new(kind), form)
    made = CustomColumn.objects.get()
    assert [(label, color) for label, color, _ in options_now(made)][:2] == [
        ("Silver", "slate"),
        ("Gold", "amber"),
    ]
    assert [label for label, _, _ in options_now(made)] == ["Silver", "Gold", "Tin", "Lead"]
    assert [is_default for _, _, is_default in options_now(made)] == [
        kind == "multiSelect",
        True,
        False,
        False,
    ]


def test_the_default_is_filled_in_only_when_asked(signed_in_client: Client, owner: Actor):
    ada = contact(owner)
    form = {"row": ["a"], "label:a": "Gold", "default": "a"}
    signed_in_client.post(new("singleSelect"), form | {"label": "First"})
    page = signed_in_client.post(
        new("singleSelect"), form | {"label": "Second", "backfill": "on"}, follow=True
    )
    assert "1 record changed with it." in page.text
    assert set(shown(owner, ada)) == {"Second"}


def test_everything_wrong_is_told_at_once_beside_its_field(signed_in_client: Client, tier: CustomColumn):
    form = {
        "label": " tier ",
        "row": ["a", "b", "c"],
        "label:a": "Gold",
        "label:b": "x" * 256,
        "label:c": "GOLD",
        "backfill": "on",
    }
    answer = signed_in_client.post(new("singleSelect"), form, headers=HTMX)
    page = answer.text
    assert answer.status_code == 422
    assert_near(page, 'id="id_label_error"', "The label Tier is taken.")
    assert_near(page, 'id="option-b-error"', "longer than 255")
    assert_near(page, 'id="option-c-error"', "The label GOLD is taken.")
    assert "[{" not in page  # advice for programs
    assert CustomColumn.objects.count() == 1


def assert_near(page: str, mark: str, words: str) -> None:
    assert mark in page, mark
    assert words in page.split(mark)[1][:300], (mark, words)


@pytest.mark.parametrize(
    ("kind", "change", "told"),
    [
        ("plain", {"label": "  "}, "This is required."),
        ("plain", {"label": "x" * 256}, "longer than 255"),
        ("plain", {"description": "x" * 1001}, "longer than 1000"),
        ("singleSelect", {}, "A list of 1 to 200 options is needed."),
        ("singleSelect", {"row": ["a"], "label:a": "Gold", "backfill": "on"}, "None of the options is"),
        ("number", {"options.decimals": "9", "options.unit": ""}, "Select a valid choice"),
        ("number", {"options.decimals": "2", "options.unit": "u" * 21}, "at most 20 characters"),
        ("currency", {"options.currency": "XXX"}, "Select a valid choice"),
        ("email", {"options.color": "neon"}, "Select a valid choice"),
        ("date", {}, "This field is required."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_in_the_form(
    signed_in_client: Client, kind: str, change: dict[str, Any], told: str
):
    answer = signed_in_client.post(new(kind), {"label": "X", **change})
    assert answer.status_code == 422
    assert told in answer.text
    assert not CustomColumn.objects.exists()


def test_the_limit_of_columns_is_told(signed_in_client: Client, owner: Actor, monkeypatch):
    monkeypatch.setattr(field_services, "COLUMNS_LIMIT", 1)
    column(owner, "First")
    answer = signed_in_client.post(new("plain"), {"label": "Second"})
    assert answer.status_code == 422
    assert "at most 1 custom columns" in answer.text


def test_a_new_column_is_at_once_wherever_fields_are(signed_in_client: Client, owner: Actor):
    ada = contact(owner)
    signed_in_client.post(new("number"), {"label": "Weight", "options.decimals": "1", "options.unit": "kg"})
    for address in ("/contacts/", "/contacts/new/", f"/contacts/{ada.pk}/", "/contacts/filter/"):
        assert "Weight" in signed_in_client.get(address, headers=HTMX if "filter" in address else {}).text, (
            address
        )
    assert f"{NEW}?entity=contact" in signed_in_client.get("/contacts/").text
    assert f"{LIST}?entity=contact" in signed_in_client.get(f"/contacts/{ada.pk}/").text


def test_who_may_not_set_columns_up_is_not_led_there(max_: User, owner: Actor):
    ada = contact(owner)
    client = browser(max_)
    for address in ("/contacts/", f"/contacts/{ada.pk}/"):
        assert LIST not in client.get(address).text


def test_the_preview_shows_key_and_cell(signed_in_client: Client, owner: Actor):
    column(owner, "Annual weight")
    form = {"label": "Annual-weight", "options.decimals": "1", "options.unit": "kg", "do": "preview"}
    answer = signed_in_client.post(new("number"), form, headers=HTMX).text
    assert "annual_weight_2" in answer
    assert "12.5 kg" in answer
    wrong = form | {"options.decimals": "nonsense"}
    assert "12.5" not in signed_in_client.post(new("number"), wrong, headers=HTMX).text
    assert CustomColumn.objects.count() == 1


# --- Steps on the way -----------------------------------------------------------------------------------


def labels_in(page: str) -> list[str]:
    form = page.split("<template")[0]
    return [unescape(found) for found in re.findall(r'name="label:[^"]+" value="([^"]*)"', form)]


ROWS = {"label": "Tier", "row": ["a", "b"], "label:a": "Gold", "label:b": "Silver", "color:a": "amber"}


@pytest.mark.parametrize(
    ("step", "then"),
    [
        ("add", ["Gold", "Silver", ""]),
        ("up:b", ["Silver", "Gold"]),
        ("down:a", ["Silver", "Gold"]),
        ("up:a", ["Gold", "Silver"]),
        ("remove:a", ["Silver"]),
        ("several", ["Gold", "Silver", "Tin", "Lead"]),
        ("keep:a", ["Gold", "Silver"]),
        ("up:nonsense", ["Gold", "Silver"]),
        ("nonsense", ["Gold", "Silver"]),
    ],
)
def test_a_step_changes_the_rows_and_saves_nothing(signed_in_client: Client, step: str, then: list[str]):
    answer = signed_in_client.post(new("singleSelect"), {**ROWS, "several": "Tin\nSILVER\nLead", "do": step})
    assert answer.status_code == 200
    assert labels_in(answer.text) == then
    assert 'name="label" value="Tier"' in answer.text
    assert not CustomColumn.objects.exists()


def test_the_last_row_that_goes_leaves_an_empty_one(signed_in_client: Client):
    form = {"label": "Tier", "row": ["a"], "label:a": "Gold", "do": "remove:a"}
    assert labels_in(signed_in_client.post(new("singleSelect"), form).text) == [""]


def test_a_step_keeps_what_was_typed_and_judges_nothing(signed_in_client: Client):
    form = {"label": "", "required": "on", "description": "Why", "row": ["a"], "label:a": "", "do": "add"}
    page = signed_in_client.post(new("singleSelect"), form).text
    assert "This is required" not in page
    assert "Why</textarea>" in page
    assert re.search(r'name="required"[^>]*checked', page)


# --- Changing -------------------------------------------------------------------------------------------


def test_a_column_is_changed(signed_in_client: Client, owner: Actor, tier: CustomColumn):
    silver = value_of(tier, "Silver")
    rows = [silver, *(key for key in form_of(tier)["row"] if key != silver)]
    form = form_of(tier, label="Rank", description="How dear", required="on", row=rows, default=silver)
    form |= {f"label:{silver}": "Platinum", f"color:{silver}": "pink"}
    answer = signed_in_client.post(url(tier), form, headers=HTMX)
    assert toast(answer) == "“Rank” is saved."
    assert answer.headers["HX-Replace-Url"] == f"{LIST}?entity=contact"
    assert [label for label, _, _ in options_now(tier)] == ["Platinum", "Gold", "Bronze"]
    assert options_now(tier)[0] == ("Platinum", "pink", True)
    assert (tier.key, tier.label, tier.required, tier.version) == ("tier", "Rank", True, 2)


def test_what_never_changes_is_shown_as_fixed(signed_in_client: Client, owner: Actor):
    made = column(owner, "Mail", "email", options={"allowMultiple": True, "color": "blue"})
    page = signed_in_client.get(url(made)).text
    assert re.search(r'name="options.allowMultiple"[^>]*disabled', page)
    assert "Never changes once the column exists." in page
    assert "Type and kind of record stay" in page
    form = {"version": 1, "label": "Mail", "options.color": "rose", "type": "number", "entityType": "deal"}
    signed_in_client.post(url(made), form)
    made.refresh_from_db()
    assert (made.type, made.entity, made.options) == (
        "email",
        "contact",
        {"allowMultiple": True, "color": "rose"},
    )


def test_fewer_decimals_are_refused_at_their_field(signed_in_client: Client, owner: Actor):
    made = column(owner, "Weight", "number", options={"decimals": 3})
    form = {"version": 1, "label": "Weight", "options.decimals": "1", "options.unit": ""}
    answer = signed_in_client.post(url(made), form)
    assert answer.status_code == 422
    assert "a column never gets fewer" in answer.text


def test_an_unused_option_goes_without_a_question(signed_in_client: Client, tier: CustomColumn):
    silver = value_of(tier, "Silver")
    page = signed_in_client.post(url(tier), form_of(tier, do=f"remove:{silver}")).text
    assert labels_in(page) == ["Gold", "Bronze"]
    assert 'name="gone"' not in page


def test_an_option_in_use_asks_what_takes_its_place(
    signed_in_client: Client, owner: Actor, tier: CustomColumn
):
    ada, eve = contact(owner, tier="Silver"), contact(owner, tier="Silver")
    silver, bronze = value_of(tier, "Silver"), value_of(tier, "Bronze")
    page = signed_in_client.post(url(tier), form_of(tier, do=f"remove:{silver}")).text
    assert "2 records have it and get" in page
    assert f'name="replace:{silver}"' in page
    form = without(form_of(tier), silver) | {f"replace:{silver}": bronze}
    again = signed_in_client.post(url(tier), form | {"do": f"keep:{silver}"}).text
    assert labels_in(again) == ["Gold", "Silver", "Bronze"]
    done = signed_in_client.post(url(tier), form, follow=True).text
    assert "2 records changed with it." in done
    assert shown(owner, ada) == shown(owner, eve) == {"Tier": "Bronze"}


@pytest.mark.parametrize(("row", "label"), [("", None), ("new0", "Tin")])
def test_a_new_option_or_none_can_take_the_place(
    signed_in_client: Client, owner: Actor, tier: CustomColumn, row: str, label: str | None
):
    ada, silver = contact(owner, tier="Silver"), value_of(tier, "Silver")
    form = without(form_of(tier), silver)
    form["row"] += ["new0"]
    signed_in_client.post(url(tier), form | {"label:new0": "Tin", f"replace:{silver}": row})
    assert shown(owner, ada) == ({"Tier": label} if label else {})


def test_nothing_cannot_take_the_place_in_a_required_column(
    signed_in_client: Client, owner: Actor, tier: CustomColumn
):
    contact(owner, tier="Silver")
    silver = value_of(tier, "Silver")
    answer = signed_in_client.post(url(tier), without(form_of(tier, required="on"), silver))
    assert answer.status_code == 422
    assert_near(answer.text, f'id="gone-{silver}-error"', "This is required.")
    assert len(options_now(tier)) == 3


def test_an_option_that_went_unseen_is_asked_about_when_saving(
    signed_in_client: Client, owner: Actor, tier: CustomColumn
):
    contact(owner, tier="Silver")
    form = without(form_of(tier), value_of(tier, "Silver"))
    answer = signed_in_client.post(url(tier), form | {"gone": []})
    assert answer.status_code == 422
    assert "1 record has it and gets" in answer.text
    assert "replaceWith" not in answer.text
    assert len(options_now(tier)) == 3


def test_an_option_typed_anew_is_the_same_option(signed_in_client: Client, owner: Actor, tier: CustomColumn):
    ada, silver = contact(owner, tier="Silver"), value_of(tier, "Silver")
    form = without(form_of(tier), silver)
    form["row"] += ["new0"]
    signed_in_client.post(url(tier), form | {"label:new0": "silver", f"replace:{silver}": ""})
    assert shown(owner, ada) == {"Tier": "silver"}
    assert [label for label, _, _ in options_now(tier)] == ["Gold", "Bronze", "silver"]


def test_too_many_records_for_one_change_are_led_to_first(
    signed_in_client: Client, owner: Actor, tier: CustomColumn, monkeypatch
):
    monkeypatch.setattr(field_services, "RECORDS_LIMIT", 1)
    monkeypatch.setattr("crm.views.column_form.RECORDS_LIMIT", 1)
    contact(owner, tier="Silver"), contact(owner, tier="Silver")
    silver = value_of(tier, "Silver")
    page = unescape(signed_in_client.post(url(tier), form_of(tier, do=f"remove:{silver}")).text)
    assert "2 records have it, and at most 1 can change with a column." in page
    link = re.search(r'href="(/contacts/\?f1=[^"]+)"', page)
    assert link
    assert "1–2 of 2" in signed_in_client.get(link[1]).text
    answer = signed_in_client.post(url(tier), without(form_of(tier), silver))
    assert answer.status_code == 422
    assert len(options_now(tier)) == 3


def test_who_saves_over_a_newer_column_sees_what_changed(
    signed_in_client: Client, owner: Actor, member: Actor, tier: CustomColumn
):
    form = form_of(tier, label="Mine")
    options = {"options": [*tier.options["options"], {"label": "Tin"}]}
    field_services.update_column(owner, tier.pk, {"label": "Theirs", "options": options})
    answer = signed_in_client.post(url(tier), form, headers=HTMX)
    assert answer.status_code == 409
    page = answer.text
    assert "Somebody changed this column meanwhile" in page
    assert "Olivia Owner" in page
    assert re.search(r"Tier</span>.*Theirs", page, re.DOTALL)
    assert labels_in(page) == ["Gold", "Silver", "Bronze", "Tin"]
    assert 'name="label" value="Mine"' in page
    assert 'name="version" value="2"' in page
    tier.refresh_from_db()
    assert tier.label == "Theirs"
    signed_in_client.post(url(tier), form_of(tier, label="Mine"))
    tier.refresh_from_db()
    assert (tier.label, len(tier.options["options"])) == ("Mine", 4)


def test_an_option_taken_away_stays_away_in_a_conflict(
    signed_in_client: Client, owner: Actor, tier: CustomColumn
):
    silver = value_of(tier, "Silver")
    page = signed_in_client.post(url(tier), form_of(tier, do=f"remove:{silver}")).text
    assert f'name="dropped" value="{silver}"' in page
    form = without(form_of(tier), silver) | {"gone": [], "dropped": [silver]}
    field_services.update_column(owner, tier.pk, {"label": "Theirs"})
    assert labels_in(signed_in_client.post(url(tier), form).text) == ["Gold", "Bronze"]


def test_a_move_by_somebody_else_is_no_conflict(signed_in_client: Client, owner: Actor, tier: CustomColumn):
    form = form_of(tier, label="Mine")
    column(owner, "Other")
    field_services.move_column(owner, tier.pk, 1)
    assert signed_in_client.post(url(tier), form).status_code == 302


@pytest.mark.parametrize("version", ["", "nonsense", "-1", "9" * 30, "²"])
def test_a_version_that_is_none_is_a_conflict_not_a_failure(
    signed_in_client: Client, tier: CustomColumn, version: str
):
    assert signed_in_client.post(url(tier), form_of(tier, version=version)).status_code == 409


# --- Order, delete, restore -----------------------------------------------------------------------------


@pytest.fixture
def abc(owner: Actor) -> Iterator[list[CustomColumn]]:
    """Columns A, B and C of contacts."""
    return [column(owner, label) for label in "ABC"]  # type: ignore[return-value]


def order() -> str:
    return "".join(CustomColumn.objects.order_by("position").values_list("label", flat=True))


@pytest.mark.parametrize(
    ("to", "then"),
    [
        ("up", "BAC"),
        ("down", "ACB"),
        ("0", "BAC"),
        ("2", "ACB"),
        ("99999", "ACB"),
        ("nonsense", "ABC"),
        ("", "ABC"),
    ],
)
def test_a_column_is_moved(signed_in_client: Client, abc: list[CustomColumn], to: str, then: str):
    assert signed_in_client.post(url(abc[1], "move/"), {"to": to}).status_code == 302
    assert order() == then


@pytest.mark.parametrize(
    ("which", "to", "focus"), [(2, "up", "up"), (1, "up", "down"), (0, "down", "down"), (1, "down", "up")]
)
def test_the_focus_stays_on_a_button_that_still_works(
    signed_in_client: Client, abc: list[CustomColumn], which: int, to: str, focus: str
):
    page = signed_in_client.post(url(abc[which], "move/"), {"to": to}, headers=HTMX).text
    [button] = re.findall(r"<button[^>]*data-focus>", page)
    assert f'value="{focus}"' in button
    assert "disabled" not in button
    assert abc[which].label in button


def test_deleting_says_what_happens_and_is_undone(signed_in_client: Client, owner: Actor, tier: CustomColumn):
    ada = contact(owner, tier="Silver")
    asked = signed_in_client.get(url(tier, "delete/")).text
    assert "1 record has a value in it." in asked
    assert "For 30 days" in asked
    done = signed_in_client.post(url(tier, "delete/"), headers=HTMX)
    assert triggers(done)["toasts"]["items"] == [
        {"text": "“Tier” was deleted.", "kind": "ok", "undo": url(tier, "restore/")}
    ]
    assert shown(owner, ada) == {}
    assert "Restore “Tier”" in signed_in_client.get(LIST).text
    undone = signed_in_client.post(url(tier, "restore/"), headers=HTMX)
    assert undone.status_code == 204
    assert "columns:changed" in triggers(undone)
    assert shown(owner, ada) == {"Tier": "Silver"}


def test_restoring_in_the_list_answers_the_list(signed_in_client: Client, owner: Actor, tier: CustomColumn):
    field_services.delete_column(owner, tier.pk)
    answer = signed_in_client.post(url(tier, "restore/"), headers={**HTMX, "HX-Target": "div#settings"})
    assert re.search(r"<a[^>]*data-focus>Tier</a>", answer.text)
    field_services.delete_column(owner, tier.pk)
    column(owner, "tier")
    assert signed_in_client.post(url(tier, "restore/")).status_code == 422


# --- Whatever it is called ------------------------------------------------------------------------------


def test_hostile_words_stay_words(signed_in_client: Client, owner: Actor):
    made = column(
        owner, HOSTILE, "singleSelect", description=HOSTILE, options={"options": [{"label": HOSTILE}]}
    )
    contact(owner, **{made.key: HOSTILE})
    key = value_of(made, HOSTILE)
    pages = [
        signed_in_client.get(address).text
        for address in (LIST, url(made), url(made, "delete/"), "/contacts/", "/contacts/new/")
    ]
    pages += [
        signed_in_client.post(url(made), form_of(made, do=f"remove:{key}")).text,
        signed_in_client.post(url(made), form_of(made, do="preview")).text,
        signed_in_client.post(url(made), form_of(made, version=HOSTILE, row=[HOSTILE])).text,
        signed_in_client.post(new("singleSelect"), ROWS | {"row": [HOSTILE], "do": "add"}).text,
        signed_in_client.get(f"{NEW}?entity={HOSTILE}&type={HOSTILE}").text,
    ]
    for page in pages:
        assert "<img src=x" not in page
        assert "14" not in re.findall(r"&lt;img[^&]*&gt;[^<]{0,40}", page)


# --- A type of ours -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TemperatureType(PlainType):
    """A type that only this test knows."""

    name: ClassVar[str] = "temperature"
    label: ClassVar[Words] = "Temperature"
    about: ClassVar[Words] = "How warm it is."
    icon: ClassVar[str] = "sun"
    settings: ClassVar[tuple[Setting, ...]] = (
        TextSetting(name="scale", label="Scale", max_length=9),
        NumberSetting(name="digits", label="Digits", limit=3),
        SwitchSetting(name="outside", label="Outside", is_fixed=True),
    )

    @classmethod
    def read_options(cls, raw, previous):
        return {**previous, **raw}


def test_a_new_type_is_asked_for_by_declaring_its_settings(
    signed_in_client: Client, owner: Actor, monkeypatch
):
    monkeypatch.setitem(CUSTOM_TYPES, "temperature", TemperatureType)
    assert "How warm it is." in signed_in_client.get(NEW).text
    form = {"options.scale": "Kelvin", "options.digits": "2", "options.outside": "on"}
    signed_in_client.post(new("temperature"), {"label": "Cellar", **form})
    made = CustomColumn.objects.get()
    assert made.options == {"scale": "Kelvin", "digits": 2, "outside": True}
    page = signed_in_client.get(LIST).text
    assert all(words in page for words in ("Temperature", "Kelvin", "Digits: 2", "Outside"))
    assert re.search(r'name="options.outside"[^>]*disabled', signed_in_client.get(url(made)).text)
