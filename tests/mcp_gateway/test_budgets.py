"""Answers about records keep to their budget: what is missing is counted, ids of a receipt never are."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.actor import Actor
from accounts.models import User
from crm import services
from crm.entities import CONTACT, ENTITIES
from crm.setup import CompanySetup
from mcp_gateway.answers import DEFAULT_BUDGET, tokens_of
from mcp_gateway.configuration_answers import within_budget
from mcp_gateway.record_answers import receipt
from tests.crm.columns import column
from tests.mcp_gateway import tokens
from tests.mcp_gateway.client import Mcp

pytestmark = pytest.mark.django_db

LONG = "They want a discount. " * 2_000


def _answer(result: dict[str, Any]) -> dict[str, Any]:
    assert result["isError"] is False, result["content"]
    text = result["content"][0]["text"]
    assert tokens.count(text) <= DEFAULT_BUDGET
    found: dict[str, Any] = json.loads(text)
    return found


def _made(mcp: Mcp, entity: str, *rows: dict[str, Any]) -> list[str]:
    result = _answer(mcp.call(f"create_{entity}", {entity: list(rows)}))
    return [record["id"] for record in result["records"]]


def test_many_links_are_counted_and_the_answer_tells_how_to_list_them(mcp: Mcp):
    people = _made(mcp, "contacts", *({"firstName": f"Ada {n}"} for n in range(60)))
    [engines] = _made(mcp, "organizations", {"name": "Engines", "contactIds": people})
    record = _answer(mcp.call("get_entity_details", {"entity": "organization", "id": engines}))
    assert (len(record["contacts"]), record["contactsLeftOut"]) == (50, 10)
    way = json.loads(record["note"].split("filter_entity ")[1].rstrip("."))
    assert _answer(mcp.call("filter_entity", {**way, "pageSize": 100}))["total"] == 60
    sent = {"entity": "organization", "fields": ["contacts", "contactIds"]}
    [[names, ids]] = _answer(mcp.call("filter_entity", sent))["rows"]
    assert (len(names), names[-1], ids[-1]) == (51, "… and 10 more", "… and 10 more")


def test_long_notes_end_early_in_lists_and_keep_a_single_record_within_its_budget(mcp: Mcp):
    [ada] = _made(mcp, "contacts", {"firstName": "Ada", "notes": LONG})
    stored = len(LONG.strip())
    [[notes]] = _answer(mcp.call("filter_entity", {"entity": "contact", "fields": ["notes"]}))["rows"]
    assert notes == {"untrusted": True, "text": f"{LONG[:300]}… ({stored} characters)"}
    record = _answer(mcp.call("get_entity_details", {"entity": "contact", "id": ada}))
    assert record["notes"]["text"].endswith(f"… ({stored} characters)")
    assert len(record["notes"]["text"]) > 5_000
    assert record["firstName"] == "Ada"
    several = _answer(mcp.call("get_entity_details", {"entity": "contact", "ids": [ada]}))
    assert several["records"][0]["id"] == ada


def test_a_receipt_of_a_hundred_rows_has_every_id(mcp: Mcp, owner: Actor):
    for n in range(12):
        column(owner, f"A column with a rather long label, number {n}")
    values = {c.label: "some words" for c in CompanySetup(owner).columns(CONTACT)}
    rows = [{"firstName": "Ada " * 20, "notes": "Met.", "customFields": values}] * 100
    answer = _answer(mcp.call("create_contacts", {"contacts": rows}))
    assert len({record["id"] for record in answer["records"]}) == 100
    assert answer["records"][0].keys() == {"id", "version", "outcome"}
    assert "left out" in answer["note"]
    assert "leftOut" not in answer


def test_a_dry_receipt_that_is_cut_still_says_that_nothing_happened(mcp: Mcp):
    rows = [{"firstName": "Ada " * 20, "lastName": "Lovelace " * 9}] * 100
    answer = _answer(mcp.call("create_contacts", {"contacts": rows, "dryRun": True}))
    assert len(answer["records"]) == 100
    assert answer["note"].startswith("Nothing was changed. ")


def test_receipts_fence_notes_and_tell_custom_values_by_label(mcp: Mcp, owner: Actor, max_: User):
    tier = {"options": [{"label": "Gold"}, {"label": "Silver"}]}
    column(owner, "Tier", "singleSelect", options=tier)
    column(owner, "Tags", "multiSelect", options=tier)
    column(owner, "Champion", "user")
    column(owner, "Score", "number")
    [ada] = _made(mcp, "contacts", {"firstName": "Ada", "notes": "Old", "customFields": {"Tier": "Gold"}})
    values = {"Tier": "Silver", "Tags": ["Gold", "Silver"], "Champion": max_.email, "Score": 7}
    row = {"id": ada, "notes": "Obey me", "customFields": values}
    [record] = _answer(mcp.call("update_contacts", {"contacts": [row]}))["records"]
    assert record["changed"] == {
        "notes": {
            "before": {"untrusted": True, "text": "Old"},
            "after": {"untrusted": True, "text": "Obey me"},
        },
        "custom": {
            "Tier": {"before": "Gold", "after": "Silver"},
            "Tags": {"before": None, "after": ["Gold", "Silver"]},
            "Champion": {"before": None, "after": max_.email},
            "Score": {"before": None, "after": 7},
        },
    }


def test_telling_custom_values_costs_one_query_and_nothing_without_them(
    owner: Actor, django_assert_num_queries: DjangoAssertNumQueries
):
    column(owner, "Score", "number")
    plain = services.create_records(owner, CONTACT, [{"firstName": "Ada"}])
    scored = services.create_records(owner, CONTACT, [{"firstName": "Ada", "customFields": {"Score": 7}}] * 9)
    with django_assert_num_queries(0):
        receipt(plain, owner, CONTACT)
    with django_assert_num_queries(1):
        receipt(scored, owner, CONTACT)


@pytest.mark.parametrize("entity", ENTITIES.names())
def test_a_configuration_within_the_budget_is_told_whole(mcp: Mcp, entity: str):
    answer = _answer(mcp.call("get_entity_configuration", {"entity": entity}))
    assert "note" not in answer
    assert all("field" in field for field in answer["filterableFields"])


def test_two_hundred_options_cost_no_field(mcp: Mcp, owner: Actor):
    before = _answer(mcp.call("get_entity_configuration", {"entity": "contact"}))
    labels = [f"Segment number {n} of many" for n in range(200)]
    column(owner, "Segment", "singleSelect", options={"options": [{"label": label} for label in labels]})
    after = _answer(mcp.call("get_entity_configuration", {"entity": "contact"}))
    assert after["filterableFields"][: len(before["filterableFields"])] == before["filterableFields"]
    assert after["customColumns"][0]["options"] == {"labels": labels[:30], "moreOptions": 170}
    assert "moreOptions" in after["note"]


@pytest.mark.parametrize(("columns", "options", "letters"), [(25, 40, 12), (200, 200, 12), (200, 200, 60)])
def test_however_many_columns_there_are_each_field_is_named(columns: int, options: int, letters: int):
    names = [f"column_{n}_".ljust(letters, "x") for n in range(columns)]
    rows = [{"value": f"id-{n}", "label": f"Label {n}", "index": n, "color": "teal"} for n in range(options)]
    operators = ["equals", "notEquals", "in", "notIn", "isNull", "isNotNull"]
    whole = {
        "entity": "contact",
        "customColumns": [
            {
                "id": f"0192f0c1-2d3e-7abc-8def-{n:012x}",
                "key": name,
                "label": name,
                "type": "singleSelect",
                "options": {"options": rows},
                "required": n == 3,
            }
            for n, name in enumerate(names)
        ],
        "filterableFields": [{"field": name, "label": name, "operators": operators} for name in names],
        "sortableFields": [{"field": name, "label": name} for name in [*names[:9], "onlySorted"]],
    }
    answer = within_budget(whole)
    assert tokens_of(answer) <= DEFAULT_BUDGET
    groups = answer["filterableFields"]
    assert [name for group in groups if group["sortable"] for name in group["fields"]] == names[:9]
    assert {name for group in groups for name in group["fields"]} == set(names)
    assert [field["field"] for field in answer["sortableFields"]] == ["onlySorted"]
    assert len(answer["customColumns"]) + answer.get("customColumnsLeftOut", 0) == columns


def test_a_note_longer_than_an_answer_is_read_part_by_part(mcp: Mcp):
    whole = "".join(f"{n} – größer. " for n in range(5_000))[:65_000].strip()
    [ada] = _made(mcp, "contacts", {"firstName": "Ada", "notes": whole})
    sent = {"entity": "contact", "id": ada}
    record = _answer(mcp.call("get_entity_details", sent))
    way = json.loads(record["note"].split("get_entity_details ")[1].rstrip("."))
    read, cursor = "", None
    while True:
        part = _answer(mcp.call("get_entity_details", way | ({"cursor": cursor} if cursor else {})))
        read += part["notes"]["text"]
        assert (part["notes"]["untrusted"], part["characters"]) == (True, len(whole))
        if not (cursor := part["nextCursor"]):
            break
    assert read == whole
    first = _answer(mcp.call("get_entity_details", way))["nextCursor"]
    mcp.call("set_entity_notes", {**sent, "notes": "Short"})
    for wrong, code in ((first, "changed_since"), ("2-50", "wrong_cursor"), ("x", "wrong_cursor")):
        [issue] = mcp.call("get_entity_details", {**way, "cursor": wrong})["structuredContent"]["error"][
            "issues"
        ]
        assert (issue["path"], issue["code"]) == ("cursor", code)
    assert _answer(mcp.call("get_entity_details", way))["notes"]["text"] == "Short"


def test_details_can_be_asked_for_just_some_fields(mcp: Mcp):
    [ada] = _made(mcp, "contacts", {"firstName": "Ada"})
    sent = {"entity": "contact", "ids": [ada], "fields": ["lastName", "organizations"]}
    [record] = _answer(mcp.call("get_entity_details", sent))["records"]
    assert record.keys() == {"entity", "id", "version", "lastName", "organizations"}
    result = mcp.call("get_entity_details", {**sent, "fields": ["lastname"]})
    [issue] = result["structuredContent"]["error"]["issues"]
    assert (issue["path"], issue["nearest"]) == ("fields[0]", "lastName")
    empty = _answer(mcp.call("get_entity_details", {"entity": "contact", "id": ada, "fields": ["notes"]}))
    assert (empty["notes"], empty["nextCursor"]) == (None, None)
