"""The routes of records: what each answers, in the shapes that clients rely on."""

from __future__ import annotations

from uuid import uuid4

import pytest

from accounts.models import Event
from crm.entities import ENTITIES
from crm.field_services import create_column
from crm.models import Contact
from tests import people
from tests.rest.client import NOBODYS_ID, Rest

pytestmark = pytest.mark.django_db
NEW: dict[str, dict] = {"contact": {"firstName": "Ada"}, "service": {"name": "Workshop day", "amount": 1500}}


def new(entity: str) -> dict:
    return NEW.get(entity, {"name": f"New {entity}"})


@pytest.mark.parametrize("entity", ENTITIES.values(), ids=lambda entity: entity.name)
def test_a_record_is_created_read_changed_deleted_and_restored(rest: Rest, entity):
    root = entity.plural
    response = rest.send("POST", root, new(entity.name))
    assert response.status_code == 201
    made = response.json()
    assert response["Location"] == f"/api/v1/{root}/{made['id']}"
    assert response["ETag"] == '"1"'
    assert {relation.name for relation in entity.relations.values()} <= made.keys()
    assert made.keys() >= {"createdAt", "updatedAt", "version", "notes", "customFieldValues"}
    assert rest.ok("GET", f"{root}/{made['id']}") == {entity.name: made, "customColumns": []}
    for version, method in enumerate(("PUT", "PATCH"), start=2):
        changed = rest.ok(method, f"{root}/{made['id']}", {"notes": f"By {method}"})
        assert (changed["notes"], changed["version"]) == (f"By {method}", version)
    assert rest.ok("DELETE", f"{root}/{made['id']}") == made["id"]
    [issue] = rest.fails(404, "GET", f"{root}/{made['id']}")["issues"]
    assert "restore" in issue["hint"]
    assert rest.ok("POST", f"{root}/{made['id']}/restore")["notes"] == "By PATCH"
    told = Event.objects.filter(entity_id=made["id"]).order_by("sequence")
    assert {event.via for event in told} == {"rest"}
    assert [event.name.split(".")[1] for event in told] == [
        *("created", "updated", "updated", "deleted", "created")
    ]


@pytest.mark.parametrize("entity", ENTITIES.values(), ids=lambda entity: entity.name)
def test_many_are_created_changed_and_deleted_in_the_order_they_came(rest: Rest, entity):
    root = entity.plural
    made = rest.ok("POST", f"{root}/many", {root: [new(entity.name)] * 3}, 201)
    rows = [{"id": record["id"], "notes": f"Row {n}"} for n, record in enumerate(made)]
    changed = rest.ok("PUT", f"{root}/many", {root: rows[::-1]})
    assert [record["notes"] for record in changed] == ["Row 2", "Row 1", "Row 0"]
    ids = [record["id"] for record in made]
    assert rest.ok("DELETE", f"{root}/many", {"ids": ids}) == ids
    assert rest.ok("POST", f"{root}/search", {})["items"] == []


def test_everything_wrong_with_a_batch_is_told_row_by_row(rest: Rest):
    rows = [{"firstName": "Ada"}, {"lastName": "B"}, {"firstName": "C", "emails": ["no"]}]
    issues = rest.fails(422, "POST", "contacts/many", {"contacts": rows})["issues"]
    told = [(issue["row"], issue["field"], issue["code"]) for issue in issues]
    assert told == [(1, "firstName", "required"), (2, "emails[0]", "wrong_email")]
    assert not Contact.objects.exists()


@pytest.mark.parametrize("body", [{}, {"contacts": []}, {"contacts": {}}, {"contacts": [1]}, {"deals": []}])
def test_a_batch_without_rows_is_refused(rest: Rest, body):
    assert rest.fails(422, "POST", "contacts/many", body)["issues"]


def test_a_batch_has_a_hundred_rows_at_most(rest: Rest):
    [issue] = rest.fails(422, "POST", "contacts/many", {"contacts": [new("contact")] * 101})["issues"]
    assert (issue["code"], issue["limit"]) == ("too_many_rows", 100)
    assert len(rest.ok("POST", "contacts/many", {"contacts": [new("contact")] * 100}, 201)) == 100


def test_rows_that_name_no_record_or_one_twice_are_told(rest: Rest):
    [made] = rest.ok("POST", "contacts/many", {"contacts": [new("contact")]}, 201)
    rows = [{"id": made["id"]}, {"id": made["id"]}, {"notes": "x"}, {"id": "x"}]
    issues = rest.fails(422, "PUT", "contacts/many", {"contacts": rows})["issues"]
    assert [(issue["row"], issue["code"]) for issue in issues] == [
        *((1, "same_record_twice"), (2, "required"), (3, "unknown_record"))
    ]
    missing = [{"id": made["id"]}, {"id": str(uuid4())}]
    [issue] = rest.fails(404, "PUT", "contacts/many", {"contacts": missing})["issues"]
    assert (issue["row"], issue["field"]) == (1, "id")


@pytest.mark.parametrize("identity", [NOBODYS_ID, "no-id", "%00", "0"])
@pytest.mark.parametrize(("method", "body"), [("GET", None), ("PUT", {"notes": "x"}), ("DELETE", None)])
def test_an_id_that_nobody_has_is_not_found(rest: Rest, method, body, identity):
    [issue] = rest.fails(404, method, f"contacts/{identity}", body)["issues"]
    assert issue["code"] == "unknown_record"


def test_an_id_in_the_body_is_that_of_the_path(rest: Rest):
    made = rest.ok("POST", "contacts", new("contact"), 201)
    path = f"contacts/{made['id']}"
    assert rest.ok("PUT", path, {"id": made["id"], "notes": "x"})["notes"] == "x"
    [issue] = rest.fails(422, "PUT", path, {"id": str(uuid4()), "notes": "y"})["issues"]
    assert (issue["field"], issue["code"]) == ("id", "contradicts")


def test_links_come_and_go_from_either_end(rest: Rest):
    ada = rest.ok("POST", "contacts", new("contact"), 201)
    engines = rest.ok("POST", "organizations", {"name": "Engines Ltd"}, 201)
    path = f"contacts/{ada['id']}/links"
    linked = rest.ok("POST", f"{path}/organizations", {"ids": [engines["id"]]})
    assert linked["organizations"] == [{"id": engines["id"], "name": "Engines Ltd"}]
    contacts = rest.ok("GET", f"organizations/{engines['id']}")["organization"]["contacts"]
    assert contacts == [{"id": ada["id"], "firstName": "Ada", "lastName": ""}]
    assert rest.ok("DELETE", f"{path}/organizationIds", {"ids": [engines["id"]]})["organizations"] == []
    [issue] = rest.fails(404, "POST", f"{path}/organisations", {"ids": [engines["id"]]})["issues"]
    assert (issue["code"], issue["nearest"]) == ("unknown_relation", "organizations")
    error = rest.fails(422, "POST", f"{path}/organizations", {"ids": [str(uuid4())]})
    assert error["issues"][0]["field"] == "ids[0]"


def test_fields_narrow_what_is_answered(rest: Rest):
    made = rest.ok("POST", "contacts?fields=name,version", new("contact"), 201)
    assert made == {"id": made["id"], "name": "Ada", "version": 1}
    shown = rest.ok("GET", f"contacts/{made['id']}?fields=organizations,customFieldValues")["contact"]
    assert shown == {"id": made["id"], "organizations": [], "customFieldValues": []}
    assert rest.ok("GET", "contacts?fields=id")["items"] == [{"id": made["id"]}]
    searched = rest.ok("POST", "contacts/search?fields=firstName", {})
    assert searched["items"] == [{"id": made["id"], "firstName": "Ada"}]
    [issue] = rest.fails(422, "GET", "contacts?fields=jobTitel")["issues"]
    assert (issue["code"], issue["nearest"]) == ("unknown_field", "jobTitle")


def test_a_dry_run_tells_what_would_be_and_changes_nothing(rest: Rest):
    told = rest.ok("POST", "contacts?dryRun=true", new("contact"))
    changes = {"firstName": {"previous": None, "current": "Ada"}}
    assert told["dryRun"] is True
    assert told["records"][0]["outcome"] == "created"
    assert told["records"][0]["id"] is None
    assert told["records"][0]["changes"].items() >= changes.items()
    made = rest.ok("POST", "contacts", new("contact"), 201)
    for method, path, body in (
        ("PUT", made["id"], {"notes": "x"}),
        ("DELETE", made["id"], None),
        ("DELETE", "many", {"ids": [made["id"]]}),
    ):
        [row] = rest.ok(method, f"contacts/{path}?dryRun=true", body)["records"]
        assert row["id"] == made["id"]
    assert rest.ok("GET", f"contacts/{made['id']}")["contact"] == made
    assert rest.fails(422, "POST", "contacts?dryRun=true", {})["issues"][0]["code"] == "required"


def test_notes_are_markdown_and_a_document_is_told_so(rest: Rest):
    made = rest.ok("POST", "contacts", {**new("contact"), "notes": "**Call**"}, 201)
    assert made["notes"] == "**Call**"
    error = rest.fails(422, "PUT", f"contacts/{made['id']}", {"notes": {"type": "doc", "content": []}})
    assert error["issues"][0]["code"] == "notes_want_markdown"


def test_custom_values_go_in_and_out_by_column_id(rest: Rest, olivia):
    values = {"entityType": "contact", "type": "singleSelect", "label": "Stage"}
    column = create_column(
        people.signed_in(olivia), {**values, "options": {"options": ["Cold", "Warm"]}}
    ).column
    warm = column.options["options"][1]["value"]
    pair = {"columnId": str(column.pk), "value": warm}
    made = rest.ok("POST", "contacts", {**new("contact"), "customFieldValues": [pair]}, 201)
    assert made["customFieldValues"] == [pair]
    [shown] = rest.ok("GET", f"contacts/{made['id']}")["customColumns"]
    assert shown.items() >= {"id": str(column.pk), "label": "Stage", "type": "singleSelect"}.items()
    asked = {"filters": [{"field": str(column.pk), "operator": "in", "value": [warm]}]}
    found = rest.ok("POST", "contacts/search", asked)
    assert [record["id"] for record in found["items"]] == [made["id"]]
    assert found["customColumns"] == [shown]
    assert rest.ok("GET", "contacts/configuration")["customColumns"] == [shown]


def test_money_is_an_exact_plain_number(rest: Rest):
    made = rest.ok("POST", "services", {"name": "Day", "amount": 1500.5}, 201)
    line = {"serviceId": made["id"], "quantity": 3}
    response = rest.send("POST", "deals", {"name": "Pilot", "services": [line]})
    assert b'"totalValue":4501.5' in response.content
    [shown] = response.json()["services"]
    assert shown == {"id": made["id"], "name": "Day", "amount": 1500.5, "quantity": 3, "position": 0}
