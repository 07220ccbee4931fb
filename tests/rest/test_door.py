"""Who is let in, with what, how errors look, and what every answer carries."""

from __future__ import annotations

import gzip
import json

import brotli
import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import ApiKey, Event
from crm.models import Contact
from tests import people
from tests.rest.client import Rest

pytestmark = pytest.mark.django_db
ADA = {"firstName": "Ada"}


def test_a_key_comes_in_either_header_and_not_in_two_forms(rest: Rest, owner_key, stranger_key):
    assert Rest(None).ok("GET", "contacts", Authorization=f"Bearer {owner_key}")
    assert rest.ok("GET", "contacts", Authorization=f"Bearer {owner_key}")
    rest.fails(401, "GET", "contacts", Authorization=f"Bearer {stranger_key}")


@pytest.mark.parametrize("key", [None, "", "cm", "x" * 64])
def test_without_a_key_that_works_nothing_opens(olivia, key):
    for method, path in (
        ("GET", "contacts"),
        ("POST", "contacts"),
        ("PATCH", "contacts"),
        ("DELETE", "deals/x"),
    ):
        response = Rest(key).send(method, path, ADA if method == "POST" else None)
        assert response.status_code == 401
        assert response["WWW-Authenticate"].startswith("Bearer")
        assert "Settings" in response.json()["error"]["message"]
    assert not Contact.objects.exists()


def test_a_key_in_the_address_is_no_key(owner_key):
    assert Rest(None).fails(401, "GET", f"contacts?x-api-key={owner_key}")


def test_a_missing_scope_is_named(olivia):
    reading = Rest(people.key_of(olivia, "contacts:read")[1])
    reading.ok("GET", "contacts")
    error = reading.fails(403, "POST", "contacts", ADA)
    assert (error["code"], error["issues"][0]["code"]) == ("not_allowed", "missing_scope")
    assert "contacts:write" in error["message"]
    assert "deals:read" in reading.fails(403, "GET", "deals")["message"]
    Rest(people.key_of(olivia)[1]).fails(403, "GET", "contacts")


def test_the_session_of_a_person_opens_with_the_token_of_the_page(olivia):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(olivia)
    person = Rest(None, browser)
    assert person.ok("GET", "contacts")["items"] == []
    assert person.fails(403, "POST", "contacts", ADA)["code"] == "csrf"
    assert person.fails(403, "POST", "contacts", ADA, X_CSRFToken="a" * 64)["code"] == "csrf"
    assert not Contact.objects.exists()
    browser.get("/settings/profile/")
    made = person.ok("POST", "contacts", ADA, 201, X_CSRFToken=browser.cookies["csrftoken"].value)
    event = Event.objects.get(entity_id=made["id"])
    assert (event.via, event.user_id, event.api_key_id) == ("rest", olivia.pk, None)


def test_a_dead_key_beside_a_live_session_opens_nothing(olivia, signed_in_client):
    Rest("cm" + "x" * 62, signed_in_client).fails(401, "GET", "contacts")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "malformed_json"),
        (b'{"firstName": NaN}', 400, "malformed_json"),
        (b'{"firstName": "A", "firstName": "B"}', 400, "malformed_json"),
        (b"\xff", 400, "malformed_json"),
        (b"[" * 5000, 400, "malformed_json"),
        (b"[]", 422, "validation"),
        (b"null", 422, "validation"),
        (b'"text"', 422, "validation"),
        (b"{}", 422, "validation"),
        (b" " * (1024 * 1024 + 1), 413, "too_large"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_body_that_is_no_object_is_told_so(rest: Rest, body, status, code):
    assert rest.fails(status, "POST", "contacts", body)["code"] == code


def test_a_write_without_a_body_is_told_so(rest: Rest):
    rest.fails(415, "POST", "contacts")
    rest.fails(400, "POST", "contacts", b" ")


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
def test_other_media_are_refused(rest: Rest, kind):
    rest.fails(415, "POST", "contacts", ADA, Content_Type=kind)


def test_json_may_say_its_charset(rest: Rest):
    rest.ok("POST", "contacts", ADA, 201, Content_Type="application/json; charset=utf-8")


def test_a_body_where_none_is_due_is_not_passed_over(rest: Rest):
    made = rest.ok("POST", "contacts", ADA, 201)
    error = rest.fails(422, "DELETE", f"contacts/{made['id']}", {"force": True})
    assert error["issues"][0]["code"] == "unknown_argument"
    assert rest.ok("DELETE", f"contacts/{made['id']}", {}) == made["id"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PATCH", "contacts", {"GET", "POST"}),
        ("GET", "contacts/search", {"POST"}),
        ("POST", "contacts/x", {"GET", "PUT", "PATCH", "DELETE"}),
        ("TRACE", "contacts", {"GET", "POST"}),
    ],
)
def test_a_method_that_does_nothing_here_is_told(rest: Rest, method, path, allowed):
    response = rest.send(method, path)
    assert response.status_code == 405
    assert set(response["Allow"].split(", ")) - {"HEAD", "OPTIONS"} == allowed
    assert response.json()["error"]["code"] == "method_not_allowed"


@pytest.mark.parametrize("path", ["", "nothing", "contacts/", "contacts/x/y", "messaging/threads/search"])
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_what_is_no_route_is_told_in_json(rest: Rest, path, method):
    error = rest.fails(404, method, path)
    assert "/api/v1/openapi" in error["message"]


def test_head_answers_as_get_without_a_body(rest: Rest):
    response = rest.send("HEAD", "contacts")
    assert (response.status_code, response.content) == (200, b"")


def test_every_answer_carries_the_request_id_and_no_cache_keeps_it(rest: Rest):
    response = rest.send("GET", "contacts", X_Request_Id="mine-1")
    assert response["X-Request-Id"] == "mine-1"
    assert response["Cache-Control"] == "no-store"
    assert rest.fails(404, "GET", "contacts/x", X_Request_Id="mine-2")["requestId"] == "mine-2"
    made = rest.ok("POST", "contacts", ADA, 201, X_Request_Id="mine-3")
    assert Event.objects.get(entity_id=made["id"]).request_id == "mine-3"


def test_limits_are_told_and_kept(rest: Rest, settings: Settings):
    settings.API_CALLS_PER_MINUTE, settings.API_WRITES_PER_MINUTE = 10, 2
    response = rest.send("GET", "contacts")
    assert (response["RateLimit-Limit"], response["RateLimit-Remaining"]) == ("10", "9")
    assert 0 < int(response["RateLimit-Reset"]) <= 60
    rest.ok("POST", "contacts/search", {})  # reads, whatever its method
    statuses = [rest.send("POST", "contacts", ADA).status_code for _ in range(3)]
    assert statuses == [201, 201, 429]
    response = rest.send("DELETE", "contacts/x")
    assert response.status_code == 429
    assert int(response["Retry-After"]) > 0
    assert response["RateLimit-Remaining"] == "0"
    assert response.json()["error"]["code"] == "rate_limited"
    rest.ok("GET", "contacts")


def test_sentences_are_english_whatever_the_caller_reads(rest: Rest, olivia, signed_in_client):
    error = rest.fails(422, "POST", "contacts", {}, Accept_Language="de")
    assert error["issues"][0]["message"].startswith("This is required.")


def test_a_fault_of_ours_is_told_without_its_insides(rest: Rest, monkeypatch, caplog):
    def explode(*_: object, **__: object) -> None:
        raise RuntimeError("the inside")

    monkeypatch.setattr("crm.services.create_records", explode)
    error = rest.fails(500, "POST", "contacts", ADA)
    assert error["code"] == "internal"
    assert "the inside" not in json.dumps(error)
    assert "the inside" in caplog.text


# --- Concurrency and idempotency ------------------------------------------------------------------------


def test_if_match_guards_against_changes_by_others(rest: Rest):
    made = rest.ok("POST", "contacts", ADA, 201)
    path = f"contacts/{made['id']}"
    etag = rest.send("GET", path)["ETag"]
    response = rest.send("PUT", path, {"notes": "x"}, If_Match=etag)
    assert (response.status_code, response["ETag"]) == (200, '"2"')
    for method, body in (("PUT", {"notes": "y"}), ("PATCH", {"notes": "y"}), ("DELETE", None)):
        error = rest.fails(412, method, path, body, If_Match=etag)
        assert (error["code"], error["issues"][0]["field"]) == ("precondition_failed", "If-Match")
    rest.fails(412, "POST", f"{path}/links/users", {"ids": ["me"]}, If_Match=etag)
    rest.ok("PUT", path, {"notes": "y"}, If_Match="*")
    rest.ok("PUT", path, {"notes": "z"}, If_Match='W/"3"')
    rest.fails(422, "PUT", path, {"notes": "z"}, If_Match="3")
    rest.ok("DELETE", path, If_Match='"4"')


def test_a_version_in_the_body_is_a_conflict(rest: Rest):
    made = rest.ok("POST", "contacts", ADA, 201)
    path = f"contacts/{made['id']}"
    error = rest.fails(409, "PUT", path, {"notes": "x", "expectedVersion": 7})
    assert (error["code"], error["issues"][0]["field"]) == ("conflict", "expectedVersion")
    rest.fails(422, "PUT", path, {"notes": "x", "expectedVersion": 7}, If_Match='"1"')
    rest.ok("PUT", path, {"notes": "x", "expectedVersion": 1}, If_Match='"1"')
    rows = [{"id": made["id"], "notes": "y", "expectedVersion": 1}]
    rest.fails(409, "PUT", "contacts/many", {"contacts": rows})


def test_a_write_with_a_key_happens_once_and_is_answered_alike(rest: Rest):
    first = rest.send("POST", "contacts", ADA, Idempotency_Key="action 1")
    again = rest.send("POST", "contacts", ADA, Idempotency_Key="action 1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert {name: again[name] for name in ("ETag", "Location")} == {
        name: first[name] for name in ("ETag", "Location")
    }
    assert ("Idempotent-Replayed" in first, again["Idempotent-Replayed"]) == (False, "true")
    assert Contact.objects.count() == 1
    [issue] = rest.fails(422, "POST", "contacts", {"firstName": "B"}, Idempotency_Key="action 1")["issues"]
    assert (issue["field"], issue["code"]) == ("Idempotency-Key", "idempotency_key_reused")
    path = f"contacts/{first.json()['id']}"
    for _ in range(2):
        assert rest.ok("DELETE", path, Idempotency_Key="action 2") == first.json()["id"]
    many = {"contacts": [ADA, ADA]}
    twice = [rest.send("POST", "contacts/many", many, Idempotency_Key="action 3").content for _ in range(2)]
    assert twice[0] == twice[1]


def test_a_failed_write_is_not_remembered(rest: Rest):
    rest.fails(422, "POST", "contacts", {}, Idempotency_Key="action 1")
    rest.ok("POST", "contacts", ADA, 201, Idempotency_Key="action 1")
    [issue] = rest.fails(422, "POST", "contacts", ADA, Idempotency_Key="x" * 256)["issues"]
    assert issue["code"] == "idempotency_key_invalid"


def test_a_dry_run_uses_up_no_key(rest: Rest):
    rest.ok("POST", "contacts?dryRun=true", ADA, Idempotency_Key="action 1")
    rest.ok("POST", "contacts", ADA, 201, Idempotency_Key="action 1")


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_a_dry_run_tells_of_a_wrong_key(rest: Rest, key: str):
    [issue] = rest.fails(422, "POST", "contacts?dryRun=true", ADA, Idempotency_Key=key)["issues"]
    assert (issue["field"], issue["code"]) == ("Idempotency-Key", "idempotency_key_invalid")


# --- Other origins and compression ------------------------------------------------------------------------


def test_other_origins_read_nothing_unless_they_are_named(rest: Rest, settings: Settings):
    settings.CORS_ALLOWED_ORIGINS = ["https://app.example"]
    response = rest.send("GET", "contacts", Origin="https://app.example")
    assert response["Access-Control-Allow-Origin"] == "https://app.example"
    assert "ETag" in response["Access-Control-Expose-Headers"]
    assert "Access-Control-Allow-Credentials" not in response
    assert "Origin" in response["Vary"]
    other = rest.send("GET", "contacts", Origin="https://evil.example")
    assert "Access-Control-Allow-Origin" not in other
    assert "Origin" in other["Vary"]
    refused = Rest(None).send("GET", "contacts", Origin="https://app.example")
    assert (refused.status_code, refused["Access-Control-Allow-Origin"]) == (401, "https://app.example")


def test_a_browser_may_ask_before_it_calls(settings: Settings):
    settings.CORS_ALLOWED_ORIGINS = ["https://app.example"]
    asked = {"Origin": "https://app.example", "Access_Control_Request_Method": "POST"}
    response = Rest(None).send("OPTIONS", "contacts", **asked)
    assert response.status_code == 204
    assert "POST" in response["Access-Control-Allow-Methods"]
    assert "x-api-key" in response["Access-Control-Allow-Headers"]
    refused = Rest(None).send("OPTIONS", "contacts", **{**asked, "Origin": "https://evil.example"})
    assert not [name for name in refused.headers if name.startswith("Access-Control")]
    settings.CORS_ALLOWED_ORIGINS = []
    silent = Rest(None).send("OPTIONS", "contacts", **asked)
    assert not [name for name in silent.headers if name.startswith("Access-Control")]


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("br, gzip", "br"),
        ("gzip, deflate", "gzip"),
        ("gzip;q=1.0, br;q=0", "gzip"),
        ("gzip;q=0.5", "gzip"),
        ("identity", None),
        ("", None),
    ],
)
def test_long_answers_are_compressed_as_the_caller_likes(rest: Rest, accepted, encoding):
    made = rest.ok("POST", "contacts", {**ADA, "notes": "Long. " * 1000}, 201)
    response = rest.send("GET", f"contacts/{made['id']}", Accept_Encoding=accepted)
    assert response.get("Content-Encoding") == encoding
    undo = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[encoding]
    assert json.loads(undo(response.content))["contact"]["id"] == made["id"]
    assert response["ETag"] == ('W/"1"' if encoding else '"1"')
    assert "Accept-Encoding" in response["Vary"]


def test_a_used_key_is_noted(rest: Rest):
    rest.ok("GET", "contacts", User_Agent="n8n")
    assert ApiKey.objects.get().last_used_client == "n8n"
