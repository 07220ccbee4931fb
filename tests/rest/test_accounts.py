"""People, roles, the company, events and keys over REST."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client

from accounts.limits import KEY_MINTING_BY_USER
from accounts.models import ApiKey, Company, Event, IdempotentRequest, User
from tests import people
from tests.rest.client import Rest

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(signed_in_client: Client) -> Rest:
    """Olivia herself, at a page of ours."""
    return Rest(None, signed_in_client)


def test_users_are_searched_sorted_and_paged(rest: Rest, company: Company, olivia: User, max_: User):
    for number in range(5):
        arne = people.colleague(company, f"Arne{number}", "member")
        User.objects.filter(pk=arne.pk).update(first_name=f"Ärne {number}")
    assert [u["firstName"] for u in rest.ok("POST", "users/search", {"searchTerm": "MAX"})["items"]] == [
        "Max"
    ]
    assert len(rest.ok("POST", "users/search", {"searchTerm": "arne northwind"})["items"]) == 5
    asked = {
        "sortDescriptor": {"field": "email", "direction": "desc"},
        "pagination": {"page": 2, "pageSize": 5},
    }
    found = rest.ok("POST", "users/search", asked)
    assert [user["email"] for user in found["items"]] == sorted(
        User.objects.values_list("email", flat=True), reverse=True
    )[5:]
    assert found["pagination"]["totalPages"] == 2
    assert rest.ok("POST", "users/search", {"pagination": {"page": 9, "pageSize": 5}})["items"] == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"filters": []}, "filters"),
        ({"searchTerm": 5}, "searchTerm"),
        ({"searchTerm": "a " * 11}, "searchTerm"),
        ({"sortDescriptor": {"field": "role"}}, "sortDescriptor.field"),
        ({"sortDescriptor": {"field": "name", "direction": "up"}}, "sortDescriptor.direction"),
        ({"sortDescriptor": {"field": []}}, "sortDescriptor.field"),
        ({"sortDescriptor": 5}, "sortDescriptor"),
        ({"pagination": {"page": 0}}, "pagination.page"),
        ({"pagination": {"pageSize": True}}, "pagination.pageSize"),
        ({"pagination": {"cursor": "x"}}, "pagination.cursor"),
        ({"pagination": 5}, "pagination"),
    ],
)
def test_a_wrong_question_about_users_is_told_at_its_place(rest: Rest, body, field):
    assert field in {issue["field"] for issue in rest.fails(422, "POST", "users/search", body)["issues"]}


def test_everybody_may_look_at_themselves_and_some_at_others(rest: Rest, max_: User, olivia: User):
    assert rest.ok("GET", f"users/{max_.pk}")["email"] == max_.email
    bare = Rest(people.key_of(max_, "contacts:read")[1])
    me = bare.ok("GET", "users/me")
    assert (me["firstName"], me["apiKey"]["scopes"]) == ("Max", ["contacts:read"])
    assert bare.ok("GET", f"users/{max_.pk}")["id"] == str(max_.pk)
    bare.fails(403, "GET", f"users/{olivia.pk}")
    bare.fails(403, "POST", "users/search", {})
    rest.fails(404, "GET", f"users/{uuid4()}")
    rest.fails(404, "GET", "users/x")


def test_roles_tell_what_they_permit(rest: Rest):
    roles = rest.ok("GET", "roles")["items"]
    assert [role["name"] for role in roles] == ["Admin", "Member", "Read-only"]
    assert roles[2]["permissions"]["contacts"] == {"read": "all", "manage": False}
    assert rest.ok("GET", f"roles/{roles[0]['id']}") == roles[0]
    rest.fails(404, "GET", f"roles/{uuid4()}")


def test_the_company_is_the_callers_own(rest: Rest, company: Company):
    found = rest.ok("GET", "company")
    assert (found["id"], found["name"], found["currency"]) == (str(company.pk), "Northwind Trading", "EUR")


# --- Events -----------------------------------------------------------------------------------------------


def test_events_are_followed_without_a_gap(rest: Rest):
    start = rest.ok("GET", "events?order=desc&pageSize=5")["items"][0]["sequence"]
    names = []
    made = [rest.ok("POST", "contacts", {"firstName": f"N {n}"}, 201) for n in range(7)]
    cursor = str(start)
    while True:
        page = rest.ok("GET", f"events?cursor={cursor}&pageSize=5")
        names += [event["entityId"] for event in page["items"] if event["name"] == "contact.created"]
        cursor = page["nextCursor"]
        if not page["hasMore"]:
            break
    assert names == [record["id"] for record in made]
    assert rest.ok("GET", f"events?cursor={cursor}") == {"items": [], "nextCursor": cursor, "hasMore": False}
    rest.ok("DELETE", f"contacts/{made[0]['id']}")
    [event] = rest.ok("GET", f"events?cursor={cursor}")["items"]
    assert (event["name"], event["via"], event["user"]["name"]) == ("contact.deleted", "rest", "Olivia Owner")


def test_events_backwards_end_at_the_first(rest: Rest):
    seen, cursor = [], ""
    while cursor is not None:
        page = rest.ok("GET", f"events?order=desc&pageSize=5{cursor and '&cursor=' + cursor}")
        seen += [event["sequence"] for event in page["items"]]
        cursor = page["nextCursor"]
    assert seen == sorted(seen, reverse=True)
    assert seen[-1] == 1


def test_events_are_narrowed(rest: Rest, olivia: User):
    made = rest.ok("POST", "contacts", {"firstName": "Ada"}, 201)
    rest.ok("PUT", f"contacts/{made['id']}", {"notes": "x"})
    rest.ok("POST", "deals", {"name": "Pilot"}, 201)
    [event] = rest.ok("GET", f"events?entityId={made['id']}&name=contact.updated")["items"]
    assert event["changes"] == {"notes": {"previous": None, "current": "x"}}
    assert rest.ok("GET", f"events?changeSetId={event['changeSetId']}")["items"] == [event]
    assert {e["entity"] for e in rest.ok("GET", "events?entity=deal")["items"]} == {"deal"}
    assert rest.ok("GET", f"events?userId={uuid4()}")["items"] == []


@pytest.mark.parametrize(
    "query",
    ["cursor=x", "cursor=-1", "order=up", "pageSize=7", "entityId=x", "name=%00", "since=1", "cursor=²"],
)
def test_a_wrong_question_about_events_is_told(rest: Rest, query):
    rest.fails(422, "GET", f"events?{query}")


def test_events_are_for_who_may_read_the_audit_log(max_: User, olivia: User):
    Rest(people.key_of(max_, "*")[1]).fails(403, "GET", "events")
    Rest(people.key_of(olivia, "contacts:read")[1]).fails(403, "GET", "events")
    Rest(people.key_of(olivia, "auditLog:read")[1]).ok("GET", "events")


# --- Keys -------------------------------------------------------------------------------------------------


def test_a_person_makes_renames_rotates_and_revokes_a_key(person: Rest):
    body = {"name": "Export", "scopes": ["contacts:read"], "expiresAt": "2030-01-01T00:00:00Z"}
    made = person.ok("POST", "api-keys", body, 201)
    assert Rest(made["key"]).ok("GET", "contacts")["items"] == []
    Rest(made["key"]).fails(403, "GET", "deals")
    assert (made["expiresAt"], made["state"]) == ("2030-01-01T00:00:00Z", "active")
    assert person.ok("PATCH", f"api-keys/{made['id']}", {"name": "Weekly"})["name"] == "Weekly"
    successor = person.ok("POST", f"api-keys/{made['id']}/rotate", {"overlap": "0"}, 201)
    assert successor["replaces"] == made["id"]
    Rest(made["key"]).fails(401, "GET", "contacts")
    person.fails(409, "POST", f"api-keys/{made['id']}/rotate")
    person.fails(422, "POST", f"api-keys/{made['id']}/rotate", {"overlap": ["0"]})
    listed = person.ok("GET", "api-keys")["items"]
    assert {key["id"] for key in listed} == {made["id"], successor["id"]}
    assert all("key" not in key for key in listed)
    assert person.ok("DELETE", f"api-keys/{successor['id']}") == successor["id"]
    Rest(successor["key"]).fails(401, "GET", "contacts")
    assert set(Event.objects.filter(entity="apiKey").values_list("via", flat=True)) == {"rest"}


def test_presets_are_scopes_by_name(person: Rest):
    made = person.ok("POST", "api-keys", {"name": "Reader", "preset": "read"}, 201)
    assert "contacts:read" in made["scopes"]
    assert "contacts:write" not in made["scopes"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": 5, "preset": "read"}, "name"),
        ({"name": "", "preset": "read"}, "name"),
        ({"name": "A"}, "scopes"),
        ({"name": "A", "scopes": [], "preset": "read"}, "scopes"),
        ({"name": "A", "scopes": ["all"]}, "scopes[0]"),
        ({"name": "A", "scopes": "*"}, "scopes"),
        ({"name": "A", "preset": "all"}, "preset"),
        ({"name": "A", "preset": []}, "preset"),
        ({"name": "A", "preset": "read", "expiresAt": "soon"}, "expiresAt"),
        ({"name": "A", "preset": "read", "expiresAt": "2026-01-01T00:00:00"}, "expiresAt"),
        ({"name": "A", "preset": "read", "expiresAt": "2026-13-01T00:00:00Z"}, "expiresAt"),
        ({"name": "A", "preset": "read", "expiresAt": "2020-01-01T00:00:00Z"}, "expiresAt"),
        ({"name": "A", "preset": "read", "allowedIps": ["x"]}, "allowedIps[0]"),
        ({"name": "A", "preset": "read", "toolsets": ["x"]}, "toolsets[0]"),
        ({"name": "A", "preset": "read", "key": "mine"}, "key"),
        ({"name": "A", "scopes": [5]}, "scopes"),
    ],
)
def test_a_wrong_new_key_is_told_at_its_place(person: Rest, body, field):
    assert field in {issue["field"] for issue in person.fails(422, "POST", "api-keys", body)["issues"]}
    assert not ApiKey.objects.exists()


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "api-keys", None),
        ("POST", "api-keys", {"name": "Another", "preset": "full"}),
        ("PATCH", "api-keys/{id}", {"name": "Mine"}),
        ("POST", "api-keys/{id}/rotate", None),
        ("DELETE", "api-keys/{id}", None),
    ],
)
def test_a_key_never_administers_keys(rest: Rest, method, path, body):
    key = ApiKey.objects.get()
    error = rest.fails(403, method, path.format(id=key.pk), body)
    assert error["issues"][0]["code"] == "keys_not_by_key"
    assert ApiKey.objects.filter(name="Laptop", revoked_at=None).count() == ApiKey.objects.count() == 1


def test_a_new_key_is_never_kept_for_a_retry(person: Rest):
    body = {"name": "Export", "preset": "read"}
    [issue] = person.fails(422, "POST", "api-keys", body, Idempotency_Key="once")["issues"]
    assert issue["code"] == "secret_not_kept"
    assert not IdempotentRequest.objects.exists()


def test_a_stolen_session_makes_no_heap_of_keys(person: Rest):
    body = {"name": "Export", "preset": "read"}
    for _ in range(KEY_MINTING_BY_USER.tries):
        person.ok("POST", "api-keys", body, 201)
    person.fails(429, "POST", "api-keys", body)
