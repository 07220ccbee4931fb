"""The pages that change, order, delete and restore custom columns."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client

from accounts.actor import Actor
from crm import field_services
from crm.models import CustomColumn
from tests.crm.column_forms import (
    LIST,
    NEW,
    ROWS,
    assert_near,
    form_of,
    labels_in,
    new,
    options_now,
    url,
    value_of,
    without,
)
from tests.crm.columns import TIERS, column, contact, shown
from tests.crm.pages import HTMX, toast, triggers

pytestmark = pytest.mark.django_db
HOSTILE = "<img src=x onerror=alert(1)>\"'{{ 7|add:7 }}"


@pytest.fixture
def tier(owner: Actor) -> CustomColumn:
    """Gold (the default), Silver or Bronze, of contacts."""
    return column(owner, "Tier", "singleSelect", options=TIERS)


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
def abc(owner: Actor) -> list[CustomColumn]:
    """Columns A, B and C of contacts."""
    return [column(owner, label) for label in "ABC"]


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
    assert not [page for page in pages if "<img src=x" in page]
    assert "{{ 7|add:7 }}" in pages[0]
