"""What a changed definition does to the records that have values: defaults, and options that go."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest

from accounts.actor import Actor
from accounts.models import Event
from crm import field_services, services
from crm.entities import CONTACT
from crm.field_services import update_column
from crm.models import Contact, CustomColumn, IndexedValue
from crm.queries import ListQuery, list_records
from crm.writing import values
from customermates.kernel.errors import ValidationFailed
from customermates.kernel.sentences import sentence
from tests.crm.columns import TIERS, column, contact, found, options_of, refused, shown

pytestmark = pytest.mark.django_db


@pytest.fixture
def tier(owner: Actor) -> CustomColumn:
    """Gold, Silver or Bronze."""
    return column(owner, "Tier", "singleSelect", options=TIERS)


# --- Defaults ---


def test_a_default_applies_to_new_records_and_to_old_ones_only_when_asked(owner):
    old = contact(owner)
    made = column(owner, "Tier", "singleSelect", options=TIERS)
    assert shown(owner, contact(owner)) == {"Tier": "Gold"}
    assert shown(owner, old) == {}
    receipt = update_column(owner, made.pk, {"backfill": True})
    assert receipt.records == 1
    assert shown(owner, old) == {"Tier": "Gold"}
    assert (old.version, vars(old)["t1"]) == (2, made.options["options"][0]["value"])
    assert update_column(owner, made.pk, {"backfill": True}).records == 0


def test_a_new_column_may_fill_its_default_in_at_once(owner):
    old, gone = contact(owner), contact(owner)
    services.delete_records(owner, CONTACT, [gone.pk])
    made = column(owner, "Tags", "multiSelect", backfill=True, options={
        "options": [{"label": "A", "isDefault": True}, {"label": "B", "isDefault": True}, {"label": "C"}]
    })  # fmt: skip
    assert shown(owner, old) == {"Tags": ["A", "B"]}
    assert shown(owner, gone) == {}
    assert found(owner, made.key, "in", ["B"]) == 1
    assert refused(lambda: column(owner, "Text", backfill=True)) == {"backfill": "no_default"}
    assert refused(lambda: column(owner, "Text", backfill="yes")) == {"backfill": "wrong_type"}


def test_no_more_records_are_filled_at_once_than_can_change_with_a_column(owner, monkeypatch):
    monkeypatch.setattr(field_services, "RECORDS_LIMIT", 1)
    first, _second = contact(owner), contact(owner)

    def fill_all() -> CustomColumn:
        return column(owner, "Tier", "singleSelect", options=TIERS, backfill=True)

    assert refused(fill_all) == {"backfill": "fills_too_many"}
    made = column(owner, "Tier", "singleSelect", options=TIERS)
    assert refused(lambda: update_column(owner, made.pk, {"backfill": True})) == {
        "backfill": "fills_too_many"
    }
    services.update_records(owner, CONTACT, {first.pk: {"customFields": {"tier": "Silver"}}})
    assert update_column(owner, made.pk, {"backfill": True}).records == 1


# --- Options that go ------------------------------------------------------------------------------------


def test_an_option_in_use_goes_only_with_a_replacement(owner, tier):
    for _ in range(3):
        contact(owner, tier="Silver")
    services.delete_records(owner, CONTACT, [Contact.objects.all()[0].pk])
    with pytest.raises(ValidationFailed) as caught:
        update_column(owner, tier.pk, {"options": options_of(tier, "Gold")})
    [issue] = caught.value.issues
    assert (issue.field, issue.code) == ("replaceWith", "option_in_use")
    assert issue.params["count"] == 3
    assert issue.params["label"] == "Silver"
    assert issue.params["allowed"] == ["Gold"]
    assert sentence(issue).startswith("3 records use the option Silver")


def test_an_unused_option_goes_without_a_word(owner, tier):
    contact(owner, tier="Gold")
    update_column(owner, tier.pk, {"options": options_of(tier, "Gold", "Silver")})
    assert [row["label"] for row in CustomColumn.objects.get().options["options"]] == ["Gold", "Silver"]


def test_a_replacement_reaches_every_record_with_versions_index_and_events(owner, tier, monkeypatch):
    monkeypatch.setattr(values, "BATCH", 2)
    touched = [contact(owner, tier="Silver") for _ in range(5)]
    emptied, kept = contact(owner, tier="Bronze"), contact(owner, tier="Gold")
    services.delete_records(owner, CONTACT, [touched[0].pk])
    agent = replace(owner, change_set=uuid4(), reason="Fewer tiers")
    gold, silver, bronze = (row["value"] for row in tier.options["options"])
    replacement = {"silver": gold, bronze: None}
    receipt = update_column(agent, tier.pk, {"options": options_of(tier, "Gold"), "replaceWith": replacement})
    assert receipt.records == 6
    for record in touched[1:]:
        record.refresh_from_db()
        assert (record.custom["1"], vars(record)["t1"], record.version) == (gold, gold, 2)
    assert shown(owner, emptied) == {}
    assert vars(emptied)["t1"] is None
    assert shown(owner, kept) == {"Tier": "Gold"}
    assert kept.version == 1
    told = Event.objects.filter(change_set=agent.change_set).order_by("sequence")
    assert [event.name for event in told] == ["customColumn.updated", *["contact.updated"] * 6]
    assert {event.reason for event in told} == {"Fewer tiers"}
    change = next(event.changes for event in told if event.entity_id == touched[1].pk)
    assert change["customFieldValues"] == {
        "previous": [{"columnId": str(tier.pk), "value": silver}],
        "current": [{"columnId": str(tier.pk), "value": gold}],
    }
    services.restore_records(owner, CONTACT, [touched[0].pk])
    assert shown(owner, touched[0]) == {"Tier": "Gold"}
    assert found(owner, "tier", "equals", "Gold") == 6


def test_options_of_more_records_than_one_call_changes_are_not_replaced(owner, tier, monkeypatch):
    monkeypatch.setattr(field_services, "RECORDS_LIMIT", 2)
    people = [contact(owner, tier=label) for label in ("Silver", "Silver", "Bronze")]
    values = {"options": options_of(tier, "Gold"), "replaceWith": {"Silver": "Gold", "Bronze": None}}
    with pytest.raises(ValidationFailed) as caught:
        update_column(owner, tier.pk, values)
    [issue] = caught.value.issues
    assert (issue.field, issue.code) == ("replaceWith", "option_in_much_use")
    assert "3 records" in sentence(issue)
    assert "at most 2" in sentence(issue)
    services.update_records(owner, CONTACT, {people[0].pk: {"customFields": {"tier": "Gold"}}})
    assert update_column(owner, tier.pk, values).records == 2


def test_a_replacement_in_a_list_of_options_keeps_the_others(owner):
    tags = column(owner, "Tags", "multiSelect", options={"options": ["A", "B", "C"]})
    both, one = contact(owner, tags=["A", "B"]), contact(owner, tags=["B"])
    new = {"options": [*options_of(tags, "A", "C")["options"], {"label": "D"}]}
    update_column(owner, tags.pk, {"options": new, "replaceWith": {"B": "D"}})
    assert shown(owner, both) == {"Tags": ["A", "D"]}
    assert shown(owner, one) == {"Tags": ["D"]}
    stored = CustomColumn.objects.get()
    update_column(owner, tags.pk, {"options": options_of(stored, "A", "C"), "replaceWith": {"D": "A"}})
    assert shown(owner, both) == {"Tags": ["A"]}
    update_column(owner, tags.pk, {"options": options_of(stored, "C"), "replaceWith": {"A": None}})
    assert shown(owner, both) == {}
    assert not IndexedValue.objects.filter(field=str(tags.number)).exists()
    assert found(owner, "tags", "isNull") == 2


def test_wrong_replacements_are_told_at_their_place(owner, tier):
    contact(owner, tier="Silver")
    wrong = {"Silver": "Platinum", "Gold": "Bronze", "Copper": None}
    values = {"options": options_of(tier, "Gold", "Bronze"), "replaceWith": wrong}
    assert refused(lambda: update_column(owner, tier.pk, values)) == {
        "replaceWith.Silver": "unknown_choice",
        "replaceWith.Gold": "option_stays",
        "replaceWith.Copper": "option_stays",
        "replaceWith": "option_in_use",
    }
    text = {"options": options_of(tier, "Gold"), "replaceWith": "Gold"}
    assert refused(lambda: update_column(owner, tier.pk, text))["replaceWith"] in (
        "wrong_type",
        "option_in_use",
    )


def test_a_required_column_is_not_emptied_by_a_replacement(owner, tier):
    update_column(owner, tier.pk, {"required": True})
    contact(owner, tier="Silver")
    values = {"options": options_of(tier, "Gold", "Bronze"), "replaceWith": {"Silver": None}}
    assert refused(lambda: update_column(owner, tier.pk, values))["replaceWith.Silver"] == "required"


def test_a_new_label_is_the_same_option(owner, tier):
    ada = contact(owner, tier="Silver")
    rows = [{"value": row["value"], "label": row["label"].upper()} for row in tier.options["options"]]
    assert update_column(owner, tier.pk, {"options": {"options": rows}}).records == 0
    assert shown(owner, ada) == {"Tier": "SILVER"}
    assert ada.version == 1


def test_a_value_that_is_no_option_any_more_still_has_its_place_in_a_sorted_list(
    owner: Actor, tier: CustomColumn
):
    kept = [contact(owner, Tier=label).pk for label in ("Gold", "Silver", "Bronze")]
    stray = contact(owner, Tier="Gold")
    # What a write could leave that read the column just before the option went.
    Contact.objects.filter(pk=stray.pk).update(**{tier.slots: "gone"})
    page = list_records(owner, CONTACT, ListQuery(sort={"field": tier.key, "direction": "asc"}), [])
    assert [row["id"] for row in page.rows] == [*kept, stray.pk]
