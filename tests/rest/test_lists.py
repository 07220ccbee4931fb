"""Searches and plain lists: selection, order, pages by number at any depth and by cursor."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from crm import paging, queries
from crm.entities import ENTITIES
from tests.rest.client import Rest

pytestmark = pytest.mark.django_db
NAMES = ("Anna", "Berta", "Clara", "Dora", "Elsa", "Frida", "Greta")


@pytest.fixture
def contacts(rest: Rest) -> list[str]:
    """Seven contacts, created in an order that is not that of their names."""
    rows = [
        {"firstName": name, "emails": [f"{name.lower()}@engines.example"]} for name in sorted(NAMES)[::-1]
    ]
    rest.ok("POST", "contacts/many", {"contacts": rows}, 201)
    return list(NAMES)


def names(answer: dict) -> list[str]:
    return [record["firstName"] for record in answer["items"]]


def test_a_search_without_a_word_gives_the_first_hundred(rest: Rest, contacts):
    for body in (None, {}, {"filters": None, "searchTerm": None, "sortDescriptor": None, "pagination": None}):
        found = rest.ok("POST", "contacts/search", body)
        assert names(found) == contacts
        assert found["pagination"] == {
            "page": 1,
            "pageSize": 100,
            "totalPages": 1,
            "total": 7,
            "totalIsExact": True,
            "nextCursor": None,
        }
        assert found["filters"] == []
        assert found["sortDescriptor"] == {"field": "name", "direction": "asc"}
        assert "searchTerm" not in found


def test_what_was_asked_is_told_again(rest: Rest, contacts):
    asked = {
        "filters": [{"field": "emails", "operator": "contains", "value": "a@"}],
        "searchTerm": "engines",
        "sortDescriptor": {"field": "createdAt", "direction": "desc"},
        "pagination": {"page": 2, "pageSize": 5},
    }
    found = rest.ok("POST", "contacts/search", asked)
    assert {name: found[name] for name in ("filters", "searchTerm", "sortDescriptor")} == {
        name: asked[name] for name in ("filters", "searchTerm", "sortDescriptor")
    }
    assert (found["pagination"]["page"], found["pagination"]["totalPages"]) == (2, 2)
    assert len(found["items"]) == 2


@pytest.mark.parametrize("entity", ENTITIES.values(), ids=lambda entity: entity.name)
@pytest.mark.parametrize("field", ["name", "createdAt", "updatedAt"])
def test_every_entity_is_sorted_by_name_and_times(rest: Rest, entity, field):
    asked = {
        "sortDescriptor": {"field": field, "direction": "desc"},
        "pagination": {"page": 1, "pageSize": 100},
    }
    assert rest.ok("POST", f"{entity.plural}/search", asked)["sortDescriptor"] == asked["sortDescriptor"]


def test_a_plain_list_takes_the_same_questions(rest: Rest, contacts):
    assert names(rest.ok("GET", "contacts")) == contacts
    assert names(rest.ok("GET", "contacts?sort=-name&pageSize=5&page=2")) == contacts[::-1][5:]
    assert names(rest.ok("GET", "contacts?searchTerm=berta")) == ["Berta"]
    rules = quote(json.dumps([{"field": "firstName", "operator": "startsWith", "value": "g"}]))
    assert names(rest.ok("GET", f"contacts?filters={rules}")) == ["Greta"]
    first = rest.ok("GET", "contacts?pageSize=5")
    cursor = quote(first["pagination"]["nextCursor"])
    second = rest.ok("GET", f"contacts?pageSize=5&cursor={cursor}")
    assert names(first) + names(second) == contacts
    assert second["pagination"]["page"] is None


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ("filters=[", "filters", "wrong_type"),
        ("filters=[{}]", "filters[0].field", "unknown_field"),
        ("sort=nam", "sort", "unknown_field"),
        ("sort=", "sort", "unknown_field"),
        ("page=0", "page", "wrong_type"),
        ("page=x", "page", "wrong_type"),
        ("page=99999999999", "page", "wrong_type"),
        ("pageSize=7", "pageSize", "unknown_choice"),
        ("page=1&page=2", "page", "named_twice"),
        ("cursor=x", "cursor", "wrong_cursor"),
        ("exactTotal=yes", "exactTotal", "wrong_type"),
        ("search=x", "search", "unknown_argument"),
        ("searchTerm=%00", "searchTerm", "nul_character"),
    ],
)
def test_a_wrong_question_is_told_at_its_parameter(rest: Rest, query, field, code):
    issues = rest.fails(422, "GET", f"contacts?{query}")["issues"]
    assert (field, code) in {(issue["field"], issue["code"]) for issue in issues}


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"search": "x"}, "search", "unknown_argument"),
        ({"pagination": {"page": 1, "size": 5}}, "pagination.size", "unknown_argument"),
        ({"pagination": []}, "pagination", "wrong_type"),
        ({"pagination": {"page": "1"}}, "pagination.page", "wrong_type"),
        ({"pagination": {"pageSize": 7}}, "pagination.pageSize", "unknown_choice"),
        ({"pagination": {"page": 1, "cursor": "x"}}, "pagination.page", "page_or_cursor"),
        (
            {"filters": [{"field": "nam", "operator": "equals", "value": "x"}]},
            "filters[0].field",
            "unknown_field",
        ),
        ({"filters": []}, None, None),
        ({"sortDescriptor": {"field": "nam"}}, "sortDescriptor.field", "unknown_field"),
        ({"searchTerm": 5}, "searchTerm", "wrong_type"),
        ({"exactTotal": "yes"}, "exactTotal", "wrong_type"),
    ],
)
def test_a_wrong_search_is_told_at_its_place(rest: Rest, body, field, code):
    if field is None:
        rest.ok("POST", "contacts/search", body)
        return
    issues = rest.fails(422, "POST", "contacts/search", body)["issues"]
    assert (field, code) in {(issue["field"], issue["code"]) for issue in issues}


def test_page_numbers_go_beyond_the_first_rows_that_pages_of_ours_number(rest: Rest, contacts, monkeypatch):
    monkeypatch.setattr(paging, "NUMBERED_ROWS_LIMIT", 5)
    found = rest.ok("GET", "contacts?pageSize=5&page=2")
    assert names(found) == contacts[5:]
    assert rest.ok("GET", "contacts?pageSize=5&page=1000000000")["items"] == []


def test_who_counts_up_to_the_last_page_of_an_inexact_total_reaches_the_end(
    rest: Rest, contacts, monkeypatch
):
    rest.ok("POST", "contacts/many", {"contacts": [{"firstName": f"Hanna {n}"} for n in range(10)]}, 201)
    monkeypatch.setattr(queries, "COUNTED_EXACTLY", 5)
    page, seen, last, found = 1, [], 1, {}
    while page <= last:
        found = rest.ok("POST", "contacts/search", {"pagination": {"page": page, "pageSize": 5}})
        seen += names(found)
        page, last = page + 1, found["pagination"]["totalPages"]
    assert len(seen) == len(set(seen)) == 17
    assert (found["pagination"]["total"], found["pagination"]["totalIsExact"]) == (17, True)
    first = rest.ok("GET", "contacts?pageSize=5")["pagination"]
    assert (first["total"], first["totalIsExact"]) == (6, False)
    exact = rest.ok("GET", "contacts?pageSize=5&exactTotal=true")["pagination"]
    assert (exact["total"], exact["totalIsExact"]) == (17, True)


def test_groups_tell_what_a_filter_finds_again(rest: Rest):
    rows = [{"name": n, "stage": s, "amount": a} for n, s, a in (("A", "Proposal", 5), ("B", "Won", 7.5))]
    rest.ok("POST", "deals/many", {"deals": rows}, 201)
    asked = {
        "filters": [{"field": "name", "operator": "in", "value": ["A", "B"]}],
        "groupBy": [{"field": "stage"}],
        "measures": [{"function": "sum", "field": "amount"}, {"function": "count"}],
    }
    found = rest.ok("POST", "deals/aggregate", asked)
    assert found["groupBy"] == [{"field": "stage", "bucket": None}]
    assert found["measures"] == [
        {"function": "sum", "field": "amount", "currency": None},
        {"function": "count", "field": None, "currency": None},
    ]
    assert [(g["keys"][0]["label"], g["currency"], g["values"]) for g in found["groups"]] == [
        ("Proposal", "EUR", [5, 1]),
        ("Won", "EUR", [7.5, 1]),
    ]
    assert found["isComplete"] is True
    won = {"field": "stage", "operator": "equals", "value": found["groups"][1]["keys"][0]["value"]}
    assert [deal["name"] for deal in rest.ok("POST", "deals/search", {"filters": [won]})["items"]] == ["B"]


def test_an_aggregate_without_a_word_counts_everything(rest: Rest, contacts):
    for body in (None, {}, {"filters": None, "searchTerm": None, "groupBy": None, "measures": None}):
        found = rest.ok("POST", "contacts/aggregate", body)
        assert found["groups"] == [{"keys": [], "currency": None, "values": [7]}]


def test_null_is_as_good_as_nothing_where_nothing_belongs(rest: Rest, contacts):
    asked = {
        "groupBy": [{"field": "jobTitle", "bucket": None}],
        "measures": [{"function": "count", "field": None}],
    }
    found = rest.ok("POST", "contacts/aggregate", asked)
    assert found["groups"] == [{"keys": [{"value": None, "label": None}], "currency": None, "values": [7]}]


def test_what_cannot_be_grouped_is_refused_with_what_can(rest: Rest):
    asked = {"groupBy": [{"field": "amount"}], "measure": []}
    [issue] = rest.fails(422, "POST", "deals/aggregate", asked)["issues"]
    assert (issue["field"], issue["code"], issue["nearest"]) == ("measure", "unknown_argument", "measures")
    [issue] = rest.fails(422, "POST", "deals/aggregate", {"groupBy": asked["groupBy"]})["issues"]
    assert (issue["field"], issue["code"]) == ("groupBy[0].field", "not_groupable")
    offered = rest.ok("GET", "deals/configuration")
    assert issue["allowed"] == [field["field"] for field in offered["groupableFields"]]
    assert {"totalValue", "amount", "weightedValue"} <= set(offered["measurableFields"])
    assert {"field": "createdAt", "takesBucket": True} in offered["groupableFields"]
