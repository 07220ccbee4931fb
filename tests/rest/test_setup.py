"""Custom columns and pipelines over REST."""

from __future__ import annotations

from uuid import uuid4

import pytest

from crm.entities import ENTITIES
from crm.models import CustomColumn
from tests import people
from tests.rest.client import NOBODYS_ID, Rest

pytestmark = pytest.mark.django_db
SOURCE = {"entityType": "contact", "type": "singleSelect", "label": "Source"}
OPTIONS = {"options": [{"label": "Fair"}, {"label": "Web"}]}


def test_a_column_is_made_changed_used_deleted_and_restored(rest: Rest):
    response = rest.send("POST", "custom-columns", {**SOURCE, "options": OPTIONS})
    made = response.json()
    assert (response.status_code, response["ETag"]) == (201, '"1"')
    assert response["Location"] == f"/api/v1/custom-columns/{made['id']}"
    assert (made["key"], made["type"], made["entityType"]) == ("source", "singleSelect", "contact")
    assert [option["label"] for option in made["options"]["options"]] == ["Fair", "Web"]
    path = f"custom-columns/{made['id']}"
    assert rest.ok("GET", path) == made
    changed = rest.ok("PUT", path, {"label": "Lead source"}, If_Match='"1"')
    assert (changed["label"], changed["version"]) == ("Lead source", 2)
    assert rest.fails(412, "PATCH", path, {"label": "X"}, If_Match='"1"')["code"] == "precondition_failed"
    rest.ok("POST", "contacts", {"firstName": "Ada", "customFields": {"lead source": "web"}}, 201)
    fewer = {"options": {"options": [{"label": "Fair"}]}}
    [issue] = rest.fails(422, "PUT", path, fewer)["issues"]
    assert issue["code"] == "option_in_use"
    told = rest.ok("PUT", f"{path}?dryRun=true", {**fewer, "replaceWith": {"Web": "Fair"}})
    assert (told["recordsChanged"], told["records"][0]["outcome"]) == (1, "updated")
    assert rest.ok("DELETE", path) == made["id"]
    rest.fails(404, "GET", path)
    assert rest.ok("GET", "custom-columns")["items"] == []
    assert rest.ok("POST", f"{path}/restore")["label"] == "Lead source"


def test_columns_are_listed_by_entity_in_their_order(rest: Rest):
    for entity in ENTITIES.values():
        for label in ("B", "A"):
            rest.ok(
                "POST", "custom-columns", {"entityType": entity.name, "type": "plain", "label": label}, 201
            )
    found = rest.ok("GET", "custom-columns")["items"]
    assert len(found) == 2 * len(ENTITIES)
    assert [column["label"] for column in rest.ok("GET", "custom-columns?entityType=task")["items"]] == [
        "B",
        "A",
    ]
    [issue] = rest.fails(422, "GET", "custom-columns?entityType=tasks")["issues"]
    assert issue["nearest"] == "task"


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "label", "required"),
        ({**SOURCE, "type": "select"}, "type", "unknown_type"),
        ({**SOURCE, "entityType": "lead"}, "entityType", "unknown_choice"),
        ({**SOURCE, "colour": "red"}, "colour", "unknown_argument"),
        ({**SOURCE, "options": {}}, "options.options", "options_wanted"),
    ],
)
def test_a_wrong_column_is_told_at_its_place(rest: Rest, body, field, code):
    issues = rest.fails(422, "POST", "custom-columns", body)["issues"]
    assert (field, code) in {(issue["field"], issue["code"]) for issue in issues}


def test_a_dry_run_makes_no_column(rest: Rest):
    told = rest.ok("POST", "custom-columns?dryRun=true", {**SOURCE, "options": OPTIONS})
    assert told["records"][0]["id"] is None
    assert not CustomColumn.objects.exists()


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_a_column_that_has_moved_on_is_neither_changed_nor_deleted(rest: Rest, method: str):
    made = rest.ok("POST", "custom-columns", {"entityType": "contact", "type": "plain", "label": "Tier"}, 201)
    path = f"custom-columns/{made['id']}"
    rest.ok("PATCH", path, {"label": "Level"})
    body = {"label": "Late"} if method == "PATCH" else None
    late = rest.fails(412, method, path, body, If_Match='"1"')
    assert [(i["field"], i["code"]) for i in late["issues"]] == [("If-Match", "stale_version")]
    assert rest.ok("GET", path)["label"] == "Level"
    rest.ok(method, path, body, If_Match='"2"')


def test_columns_need_their_own_scopes(olivia):
    reading = Rest(people.key_of(olivia, "columns:read")[1])
    reading.ok("GET", "custom-columns")
    assert "columns:write" in reading.fails(403, "POST", "custom-columns", SOURCE)["message"]
    Rest(people.key_of(olivia, "contacts:read")[1]).fails(403, "GET", "custom-columns")


@pytest.mark.parametrize("identity", [NOBODYS_ID, "x"])
@pytest.mark.parametrize(("method", "body"), [("GET", None), ("PUT", {"label": "X"}), ("DELETE", None)])
def test_a_column_that_nobody_has_is_not_found(rest: Rest, identity, method, body):
    assert (
        rest.fails(404, method, f"custom-columns/{identity}", body)["issues"][0]["code"] == "unknown_column"
    )


def test_pipelines_come_with_their_stages(rest: Rest):
    [pipeline] = rest.ok("GET", "pipelines")["items"]
    assert pipeline["name"] == "Sales"
    assert [(stage["name"], stage["kind"]) for stage in pipeline["stages"]] == [
        *(("New", "open"), ("Qualified", "open"), ("Proposal", "open"), ("Negotiation", "open")),
        *(("Won", "won"), ("Lost", "lost")),
    ]
    assert rest.ok("GET", f"pipelines/{pipeline['id']}") == pipeline
    rest.fails(404, "GET", f"pipelines/{uuid4()}")
    stage = pipeline["stages"][1]
    deal = rest.ok("POST", "deals", {"name": "Pilot", "stageId": stage["id"]}, 201)
    assert (deal["stage"], deal["stageId"], deal["pipelineId"]) == ("Qualified", stage["id"], pipeline["id"])
    for value in (stage["id"], "qualified"):
        asked = {"filters": [{"field": "stage", "operator": "in", "value": [value]}]}
        assert [found["id"] for found in rest.ok("POST", "deals/search", asked)["items"]] == [deal["id"]]
