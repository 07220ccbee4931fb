"""The pages of custom columns: the list, a new column, the steps of its form, and who may do what."""

from __future__ import annotations

import re
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
from tests.crm.column_forms import (
    LIST,
    NEW,
    ROWS,
    assert_near,
    browser,
    form_of,
    labels_in,
    new,
    options_now,
    url,
)
from tests.crm.columns import TIERS, column, contact, shown
from tests.crm.pages import HTMX

pytestmark = pytest.mark.django_db


@pytest.fixture
def tier(owner: Actor) -> CustomColumn:
    """Gold (the default), Silver or Bronze, of contacts."""
    return column(owner, "Tier", "singleSelect", options=TIERS)


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
