"""Custom columns: what a definition takes, keeps and refuses, and who may change it."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest

from accounts.actor import Actor
from accounts.permissions import Access
from crm import field_services, services
from crm.entities import CONTACT
from crm.field_services import create_column, delete_column, restore_column, update_column
from crm.models import CustomColumn, IndexedValue
from crm.queries import ListQuery, list_records
from customermates.kernel.errors import Conflict, NotAllowed, NotFound, ValidationFailed
from tests import people
from tests.crm.columns import TIERS, column, contact, events, found, options_of, refused, shown
from webhooks.catalog import EVENTS

pytestmark = pytest.mark.django_db


@pytest.fixture
def tier(owner: Actor) -> CustomColumn:
    """Gold, Silver or Bronze."""
    return column(owner, "Tier", "singleSelect", options=TIERS)


# --- A new column ---------------------------------------------------------------------------------------


def test_a_column_is_created_and_told(owner):
    made = column(owner, "Lead source", "singleSelect", options=TIERS, description="Where from")
    stored = CustomColumn.objects.get()
    assert (stored.key, stored.number, stored.slots, stored.position) == ("lead_source", 1, "t1", 0)
    assert (stored.required, stored.description, stored.version) == (False, "Where from", 1)
    [(name, changes)] = events(owner, "customColumn")
    assert name == "customColumn.created"
    assert changes["label"] == {"previous": None, "current": "Lead source"}
    assert changes["entityType"]["current"] == "contact"
    assert changes["options"]["current"] == made.options


def test_columns_come_one_after_the_other_unless_told_otherwise(owner):
    column(owner, "First")
    column(owner, "Last", position=7)
    assert column(owner, "Next").position == 8


@pytest.mark.parametrize(
    ("label", "key"),
    [
        ("Lead source", "lead_source"),
        ("Jährliche Größe (€)", "jaehrliche_groesse"),
        ("Ja\u0308hrlich", "jaehrlich"),
        ("Émile & Söhne", "emile_soehne"),
        ("日本", "column"),
        ("2026 budget", "column_2026_budget"),
        ("d" * 32, f"column_{'d' * 32}"),
        ("x" * 255, "x" * 60),
        ("Name", "name_2"),
        ("E-Mails", "e_mails"),
        ("Emails", "emails_2"),
        ("Organizations", "organizations_2"),
        ("Users", "users_2"),
        ("Owner", "owner_2"),
        ("In", "in_2"),
        ("Any", "any_2"),
        ("Today", "today_2"),
        ("isNull", "isnull_2"),
    ],
)
def test_the_key_is_a_slug_that_nothing_else_answers_to(owner, label, key):
    assert column(owner, label).key == key


def test_equal_slugs_are_numbered_and_a_key_outlives_its_label(owner):
    first, second = column(owner, "Lead-Source"), column(owner, "Lead source!")
    assert (first.key, second.key) == ("lead_source", "lead_source_2")
    update_column(owner, first.pk, {"label": "Origin"})
    assert column(owner, "Lead source?").key == "lead_source_3"
    assert CustomColumn.objects.get(pk=first.pk).key == "lead_source"


def test_a_label_is_taken_in_any_case_and_accents_while_its_column_is_in_use(owner):
    first = column(owner, "Größe")
    assert refused(lambda: column(owner, " GRÖSSE ")) == {"label": "duplicate_label"}
    assert column(owner, "Größe", entityType="deal").number == 1
    delete_column(owner, first.pk)
    assert column(owner, "Größe").key == "groesse_2"


def test_a_column_may_be_relabelled_in_its_own_words(owner):
    made = column(owner, "tier")
    assert update_column(owner, made.pk, {"label": "Tier"}).column.label == "Tier"
    column(owner, "Other")
    assert refused(lambda: update_column(owner, made.pk, {"label": "OTHER"})) == {"label": "duplicate_label"}


def test_numbers_and_slots_of_a_deleted_column_are_not_given_again(owner):
    first = column(owner, "A")
    column(owner, "B")
    delete_column(owner, first.pk)
    third = column(owner, "C")
    assert (third.number, third.slots) == (3, "t3")
    CustomColumn.objects.filter(pk=first.pk).update(slots="")  # as purging will do
    assert column(owner, "D").slots == "t1"


def test_each_type_takes_the_slots_it_needs(owner):
    made = {
        "number": "n1",
        "boolean": "n2",
        "date": "d1",
        "dateRange": "d2,d3",
        "dateTimeRange": "d4,d5",
        "dateTime": "d6",
        "user": "t1",
        "email": "t2",
    }
    assert {type: column(owner, type, type).slots for type in made} == made
    assert column(owner, "several", "multiSelect", options=TIERS).slots == ""
    assert column(owner, "mails", "email", options={"allowMultiple": True}).slots == ""


def test_everything_wrong_with_a_new_column_is_told_at_once(owner):
    values = {
        "type": "singleSelect",
        "entityType": "machine",
        "label": " ",
        "options": {"options": [{"label": "A"}, {"label": "a"}]},
        "required": "yes",
        "position": -1,
        "description": "x" * 1_001,
        "colour": "red",
    }
    assert refused(lambda: create_column(owner, values)) == {
        "colour": "unknown_argument",
        "entityType": "unknown_choice",
        "label": "required",
        "description": "too_long",
        "required": "wrong_type",
        "position": "wrong_type",
        "options.options[1].label": "duplicate_label",
    }
    assert refused(lambda: create_column(owner, {"type": "text", "options": []})) == {
        "type": "unknown_type",
        "entityType": "required",
        "label": "required",
    }
    assert refused(lambda: column(owner, "A", "currency", options=[])) == {"options": "wrong_type"}
    assert not CustomColumn.objects.exists()


def test_an_entity_has_only_so_many_columns(owner, monkeypatch):
    monkeypatch.setattr(field_services, "COLUMNS_LIMIT", 2)
    first = column(owner, "A")
    column(owner, "B")
    assert refused(lambda: column(owner, "C")) == {"": "too_many_columns"}
    delete_column(owner, first.pk)
    column(owner, "C")
    assert refused(lambda: restore_column(owner, first.pk)) == {"": "too_many_columns"}


# --- Beyond the pool of slots ---------------------------------------------------------------------------


def test_the_thirteenth_text_column_filters_but_does_not_sort_and_says_so(owner):
    columns = [column(owner, f"Text {number}") for number in range(1, 14)]
    assert [made.slots for made in columns] == [*(f"t{number}" for number in range(1, 13)), ""]
    last = columns[-1]
    ada = contact(owner, text_13="Größe M")
    contact(owner, text_13="Size L")
    contact(owner)
    assert shown(owner, ada) == {"Text 13": "Größe M"}
    assert set(IndexedValue.objects.filter(field="13").values_list("value", flat=True)) == {
        "grosse m",
        "size l",
    }
    assert found(owner, last.key, "contains", "GROSSE") == 1
    assert found(owner, last.key, "in", ["size l", "none"]) == 1
    assert found(owner, last.key, "notIn", ["size l"]) == 2
    assert found(owner, last.key, "isNull") == 1
    with pytest.raises(ValidationFailed) as caught:
        list_records(owner, CONTACT, ListQuery(sort={"field": last.key}), ["id"])
    [issue] = caught.value.issues
    assert issue.code == "not_sortable"
    assert "text_12" in issue.params["allowed"]  # type: ignore[operator]
    assert "text_13" not in issue.params["allowed"]  # type: ignore[operator]
    services.update_records(owner, CONTACT, {ada.pk: {"customFields": {"text_13": None}}})
    assert found(owner, last.key, "isNull") == 2


def test_the_fifth_range_lives_beyond_the_pool(owner):
    ranges = [column(owner, f"R{number}", "dateRange") for number in range(1, 6)]
    assert [made.slots for made in ranges] == ["d1,d2", "d3,d4", "d5,d6", "d7,d8", ""]
    contact(owner, r5="2026-11-20,2026-11-25")
    contact(owner, r5="2026-12-01,2026-12-05")
    assert found(owner, "r5", "contains", "2026-11-22") == 1
    assert found(owner, "r5", "overlaps", "2026-11-25,2026-12-01") == 2
    assert found(owner, "r5", "between", ["2026-11-20", "2026-11-25"]) == 1


def test_numbers_beyond_the_pool_compare_as_numbers(owner):
    for number in range(1, 10):
        column(owner, f"N{number}", "number")
    for value in (-5, 9, 10.5, 100):
        contact(owner, n9=value)
    assert found(owner, "n9", "between", [9, 10.5]) == 2
    assert found(owner, "n9", "lt", 0) == 1


# --- A changed column -----------------------------------------------------------------------------------


def test_a_change_is_told_field_by_field(owner):
    made = column(owner, "Size", "number", options={"decimals": 1})
    receipt = update_column(owner, made.pk, {"options": {"unit": "kg"}, "required": True, "position": 4})
    assert receipt.column.version == 2
    assert events(owner, "customColumn")[-1] == (
        "customColumn.updated",
        {
            "options": {"previous": {"decimals": 1, "unit": ""}, "current": {"decimals": 1, "unit": "kg"}},
            "required": {"previous": False, "current": True},
            "position": {"previous": 0, "current": 4},
        },
    )


def test_what_does_not_differ_is_neither_written_nor_told(owner):
    made = column(owner, "Size", "number")
    same = {"label": "Size", "options": {}, "type": "number", "entityType": "contact"}
    assert update_column(owner, made.pk, same).changes == {}
    assert CustomColumn.objects.get().version == 1
    assert len(events(owner, "customColumn")) == 1


def test_type_entity_and_several_values_never_change(owner):
    made = column(owner, "Mail", "email", options={"allowMultiple": True})
    values = {"type": "phone", "entityType": "deal", "options": {"allowMultiple": False}, "key": "post"}
    assert refused(lambda: update_column(owner, made.pk, values)) == {
        "type": "never_changes",
        "entityType": "never_changes",
        "options.allowMultiple": "never_changes",
        "key": "unknown_argument",
    }


def test_a_column_that_has_moved_on_is_a_conflict(owner):
    made = column(owner)
    update_column(owner, made.pk, {"label": "Rank", "expectedVersion": 1})
    stale = {"label": "Level", "expectedVersion": 1}
    assert refused(lambda: update_column(owner, made.pk, stale), Conflict) == {
        "expectedVersion": "stale_version"
    }


def test_a_column_made_required_leaves_old_records_alone(owner):
    made = column(owner, "Size", "number")
    ada = contact(owner)
    update_column(owner, made.pk, {"required": True})
    services.update_records(owner, CONTACT, {ada.pk: {"firstName": "Ida"}})
    assert refused(lambda: contact(owner)) == {"customFields.size": "required"}
    assert refused(lambda: contact(owner, size=None)) == {"customFields.size": "required"}
    contact(owner, size=4)


# --- Deleted and restored -------------------------------------------------------------------------------


def test_a_deleted_column_is_hidden_everywhere_and_comes_back_with_its_values(owner, tier):
    ada = contact(owner, tier="Silver")
    delete_column(owner, tier.pk)
    assert shown(owner, ada) == {}
    assert refused(lambda: found(owner, "tier", "isNull")) == {"filters[0].field": "unknown_field"}
    assert refused(lambda: contact(owner, tier="Gold")) == {"customFields.tier": "unknown_column"}
    services.update_records(owner, CONTACT, {ada.pk: {"firstName": "Ida"}})
    restore_column(owner, tier.pk)
    assert shown(owner, ada) == {"Tier": "Silver"}
    assert found(owner, "tier", "equals", "Silver") == 1
    told = [name for name, _ in events(owner, "customColumn")]
    assert told == ["customColumn.created", "customColumn.deleted", "customColumn.restored"]


def test_a_column_does_not_come_back_under_a_label_that_is_taken(owner, tier):
    delete_column(owner, tier.pk)
    column(owner, "TIER")
    assert refused(lambda: restore_column(owner, tier.pk)) == {"label": "duplicate_label"}


def test_only_what_is_there_can_be_changed(owner, tier):
    assert refused(lambda: restore_column(owner, tier.pk), NotFound) == {"id": "not_in_trash"}
    delete_column(owner, tier.pk)
    assert refused(lambda: delete_column(owner, tier.pk), NotFound) == {"id": "unknown_column"}
    assert refused(lambda: update_column(owner, tier.pk, {}), NotFound) == {"id": "unknown_column"}
    assert refused(lambda: update_column(owner, uuid4(), {}), NotFound) == {"id": "unknown_column"}


# --- Who, and where -------------------------------------------------------------------------------------


def test_only_who_may_write_columns_changes_them(owner, member, reader, olivia, tier):
    keys = [people.with_key(olivia, "columns:read", "contacts:write"), people.with_key(olivia)]
    for actor in (member, reader, *keys):
        for action in (
            lambda: column(actor, "Mine"),  # noqa: B023 - called at once
            lambda: update_column(actor, tier.pk, {"label": "Mine"}),  # noqa: B023
            lambda: delete_column(actor, tier.pk),  # noqa: B023
            lambda: restore_column(actor, tier.pk),  # noqa: B023
        ):
            refused(action, NotAllowed)
    assert column(people.with_key(olivia, "columns:write"), "By key").number == 2


def test_a_change_of_options_reaches_records_that_its_author_does_not_see(owner, tier, olivia):
    ada = contact(owner, tier="Silver")
    narrow = {**owner.access, "contacts": Access("own", manage=False)}
    author = replace(owner, access=narrow)
    update_column(author, tier.pk, {"options": options_of(tier, "Gold"), "replaceWith": {"Silver": "Gold"}})
    assert shown(owner, ada) == {"Tier": "Gold"}


def test_another_company_neither_sees_nor_changes_nor_shares_anything(owner, stranger, tier):
    theirs = column(stranger, "Tier", "singleSelect", options=TIERS)
    assert (theirs.key, theirs.number, theirs.slots) == (tier.key, tier.number, tier.slots)
    for action in (
        lambda: update_column(stranger, tier.pk, {"label": "Mine"}),
        lambda: delete_column(stranger, tier.pk),
        lambda: restore_column(stranger, tier.pk),
    ):
        refused(action, NotFound)
    ours = contact(owner, tier="Silver")
    gone = {"options": options_of(theirs, "Gold")}
    assert update_column(stranger, theirs.pk, gone).records == 0
    assert shown(owner, ours) == {"Tier": "Silver"}


def test_a_dry_run_tells_what_would_happen_and_does_nothing(owner, tier):
    ada = contact(owner, tier="Silver")
    before = len(events(owner, "customColumn")) + len(events(owner, "contact"))
    values = {"options": options_of(tier, "Gold"), "replaceWith": {"Silver": "Gold"}, "label": "Rank"}
    receipt = update_column(owner, tier.pk, values, dry_run=True)
    assert (receipt.records, receipt.changes["label"]["current"], receipt.dry_run) == (1, "Rank", True)
    create_column(owner, {"entityType": "deal", "type": "plain", "label": "X"}, dry_run=True)
    delete_column(owner, tier.pk, dry_run=True)
    assert shown(owner, ada) == {"Tier": "Silver"}
    assert CustomColumn.objects.get().deleted_at is None
    assert len(events(owner, "customColumn")) + len(events(owner, "contact")) == before


def test_endpoints_can_ask_for_record_events_only():
    subscribable = {kind.name for kind in EVENTS.values() if kind.subscribable}
    assert len(subscribable) == 15
    assert "customColumn.created" in EVENTS
    assert not any(name.startswith("customColumn") for name in subscribable)
