"""Webhooks over REST: made, changed, tried out, started again; secrets that come out once or never."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Event
from tests import people
from tests.rest.client import NOBODYS_ID, Rest
from webhooks.models import Attempt, Delivery, Endpoint, Secret

pytestmark = pytest.mark.django_db
NEW: dict[str, Any] = {"url": "https://hooks.example/in", "events": ["contact.*"]}
TYPED = "a secret that Olivia typed"
EPOCH = "2026-01-01T00:00:00Z"


@pytest.fixture
def hook(rest: Rest) -> str:
    """The path of a webhook that is told of contacts."""
    return f"webhooks/{rest.ok('POST', 'webhooks', NEW, 201)['id']}"


def delivered(rest: Rest, hook: str, **state: Any) -> Delivery:
    """A delivery of a new contact, as it is after its attempts."""
    rest.ok("POST", "contacts", {"firstName": "Ada"}, 201)
    delivery = Delivery.objects.filter(endpoint_id=hook.partition("/")[2]).latest("pk")
    done = {"status": "failed", "due_at": None, "attempts": 1, "finished_at": timezone.now()}
    Delivery.objects.filter(pk=delivery.pk).update(**{**done, **state})
    return delivery


def test_a_webhook_is_made_looked_at_changed_and_deleted(rest: Rest):
    response = rest.send("POST", "webhooks", NEW)
    made = response.json()
    assert (response.status_code, response["ETag"]) == (201, '"1"')
    path = f"webhooks/{made['id']}"
    assert response["Location"] == f"/api/v1/{path}"
    assert made.pop("secret").startswith("whsec_")
    assert (made["url"], made["events"], made["state"]) == (NEW["url"], ["contact.*"], "new")
    assert rest.ok("GET", "webhooks")["items"] == [made]
    read = rest.ok("GET", path)
    assert made.items() <= read.items()
    assert read["lastSevenDays"] == {"delivered": 0, "failed": 0, "waiting": 0}
    assert [secret["expiresAt"] for secret in read["secrets"]] == [None]
    change = {"id": made["id"], "description": "Ledger", "events": ["deal.*"]}
    changed = rest.ok("PUT", path, change, If_Match='"1"')
    assert (changed["description"], changed["events"], changed["version"]) == ("Ledger", ["deal.*"], 2)
    assert rest.ok("PATCH", path, {"description": None})["description"] is None
    assert rest.send("DELETE", path).json() == made["id"]
    rest.fails(404, "GET", path)
    names = Event.objects.filter(entity="webhook").order_by("sequence").values_list("name", flat=True)
    assert list(names) == ["webhook.created", "webhook.updated", "webhook.updated", "webhook.deleted"]


def test_a_version_that_has_passed_is_refused_where_it_was_named(rest: Rest, hook: str):
    rest.ok("PATCH", hook, {"description": "Mine"})
    by_header = rest.fails(412, "PATCH", hook, {"description": "Late"}, If_Match='"1"')
    assert by_header["code"] == "precondition_failed"
    assert [(i["field"], i["example"]) for i in by_header["issues"]] == [("If-Match", 2)]
    by_body = rest.fails(409, "PATCH", hook, {"description": "Late", "expectedVersion": 1})
    assert [(i["field"], i["code"]) for i in by_body["issues"]] == [("expectedVersion", "stale_webhook")]
    both = rest.fails(422, "PATCH", hook, {"expectedVersion": 1}, If_Match='"2"')
    assert both["issues"][0]["code"] == "contradicts"
    late = rest.fails(412, "DELETE", hook, If_Match='"1"')
    assert [(i["field"], i["code"]) for i in late["issues"]] == [("If-Match", "stale_webhook")]
    assert rest.ok("GET", hook)["version"] == 2
    rest.ok("DELETE", hook, If_Match='"2"')


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "url", "required"),
        ({**NEW, "url": "ftp://hooks.example"}, "url", "url_invalid"),
        ({**NEW, "url": "http://10.0.0.1/in"}, "url", "url_not_https"),
        ({**NEW, "events": ["contact.create"]}, "events[0]", "unknown_event"),
        ({**NEW, "events": ["message.received"]}, "events[0]", "unknown_event"),
        ({**NEW, "event": "contact.*"}, "event", "unknown_argument"),
        ({**NEW, "secret": "short"}, "secret", "secret_form"),
        ({**NEW, "headers": {"Host": "x"}}, "headers.Host", "header_reserved"),
        ({**NEW, "filters": {"deal": []}}, "filters.deal", "filter_of_other_entity"),
        ({**NEW, "enabled": "yes"}, "enabled", "wrong_type"),
    ],
)
def test_a_wrong_webhook_is_told_at_its_place(rest: Rest, body, field, code):
    issues = rest.fails(422, "POST", "webhooks", body)["issues"]
    assert (field, code) in {(issue["field"], issue["code"]) for issue in issues}
    assert not Endpoint.objects.exists()


def test_secrets_and_values_of_headers_go_in_and_never_come_out(rest: Rest):
    values = {**NEW, "secret": TYPED, "headers": {"Authorization": "Bearer of Northwind"}}
    made = rest.ok("POST", "webhooks", values, 201, Idempotency_Key="once")
    assert (made["secret"], made["headerNames"]) == (None, ["Authorization"])
    path = f"webhooks/{made['id']}"
    delivery = delivered(rest, path)
    said = [
        rest.send("POST", "webhooks", values, Idempotency_Key="once"),
        rest.send("GET", "webhooks"),
        rest.send("GET", path),
        rest.send("PATCH", path, {"secret": TYPED}),
        rest.send("PATCH", path, {"headers": {"Authorization": None, "X-Two": "two of them"}}),
        rest.send("POST", f"{path}/rotate-secret", {"secret": f"{TYPED} again"}, Idempotency_Key="twice"),
        rest.send("POST", "webhooks", {**values, "url": "x"}),
        rest.send("GET", f"webhook-deliveries/{delivery.pk}"),
        rest.send("GET", "events?pageSize=100"),
        rest.send("DELETE", path),
    ]
    text = b" ".join(response.content for response in said).decode()
    assert said[0]["Idempotent-Replayed"] == "true"
    for secret in (TYPED, "Bearer of Northwind", "two of them", "whsec_", *_sealed()):
        assert secret not in text


def _sealed() -> list[str]:
    return [*Secret.objects.values_list("sealed", flat=True)]


def test_a_secret_that_is_made_is_in_one_answer(rest: Rest):
    first = rest.ok("POST", "webhooks", NEW, 201)
    path = f"webhooks/{first['id']}"
    second = rest.ok("POST", f"{path}/rotate-secret")
    assert first["secret"] != second["secret"]
    assert second["secret"].startswith("whsec_")
    old, new = rest.ok("GET", path)["secrets"]
    assert (bool(old["expiresAt"]), new["expiresAt"]) == (True, None)
    assert "whsec_" not in json.dumps([rest.ok("GET", path), rest.ok("GET", "webhooks")])
    rest.ok("POST", f"{path}/end-overlap")
    assert len(rest.ok("GET", path)["secrets"]) == 1
    assert rest.fails(409, "POST", f"{path}/end-overlap")["issues"][0]["code"] == "no_overlap"


@pytest.mark.parametrize(("what", "body"), [("", NEW), ("/rotate-secret", None), ("/rotate-secret", {})])
def test_a_secret_that_is_made_is_not_kept_for_a_retry(rest: Rest, hook: str, what: str, body):
    path = "webhooks" if body == NEW else f"{hook}{what}"
    [issue] = rest.fails(422, "POST", path, body, Idempotency_Key="again")["issues"]
    assert (issue["field"], issue["code"]) == ("Idempotency-Key", "secret_not_kept")
    assert (Endpoint.objects.count(), Secret.objects.count()) == (1, 1)


def test_dry_runs_tell_and_change_nothing(rest: Rest, hook: str):
    pk = hook.partition("/")[2]
    before = (rest.ok("GET", hook), Secret.objects.count(), Event.objects.count())
    [made] = rest.ok("POST", "webhooks?dryRun=true", NEW)["records"]
    assert (made["id"], made["outcome"], made["changes"]["url"]["current"]) == (None, "created", NEW["url"])
    for method, path, body, outcome in (
        ("PATCH", hook, {"enabled": False}, "updated"),
        ("PUT", hook, NEW, "unchanged"),
        ("POST", f"{hook}/rotate-secret", None, "updated"),
        ("DELETE", hook, None, "deleted"),
    ):
        [told] = rest.ok(method, f"{path}?dryRun=true", body)["records"]
        assert (told["id"], told["outcome"]) == (pk, outcome)
    assert (rest.ok("GET", hook), Secret.objects.count(), Event.objects.count()) == before


def test_deliveries_are_listed_by_what_is_asked_and_paged(rest: Rest, hook: str):
    made = [delivered(rest, hook, status="failed" if n % 2 else "success") for n in range(7)]
    page = rest.ok("GET", "webhook-deliveries?pageSize=5")
    rest_of_it = rest.ok("GET", f"webhook-deliveries?pageSize=5&cursor={page['nextCursor']}")
    listed = [row["id"] for row in page["items"] + rest_of_it["items"]]
    assert listed == [str(delivery.pk) for delivery in reversed(made)]
    assert rest_of_it["nextCursor"] is None

    def count(asked: str) -> int:
        return len(rest.ok("GET", f"webhook-deliveries?{asked}")["items"])

    assert (count("status=failed"), count("status=pending")) == (3, 0)
    assert (count("event=contact.created"), count("event=deal.created")) == (7, 0)
    assert (count(f"entityId={made[0].entity_id}"), count(f"entityId={uuid4()}")) == (1, 0)
    assert (count(f"webhookId={hook.partition('/')[2]}"), count(f"webhookId={uuid4()}")) == (7, 0)
    assert (count(f"since={EPOCH}"), count("since=2999-01-01T00:00:00Z")) == (7, 0)


def test_lists_cost_the_same_however_long_they_are(rest: Rest, hook: str):
    def costs() -> list[int]:
        found = []
        for path in ("webhooks", "webhook-deliveries", hook):
            with CaptureQueriesContext(connection) as captured:
                rest.ok("GET", path)
            found.append(len(captured.captured_queries))
        return found

    delivered(rest, hook)
    before = costs()
    for _ in range(4):
        rest.ok("POST", "webhooks", NEW, 201)
        delivered(rest, hook)
    assert costs() == before


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        *(("webhookId=x", "webhookId"), ("entityId=1", "entityId"), ("cursor=%00", "cursor")),
        *(("since=yesterday", "since"), ("since=0001-01-01T00:00:00%2B14:00", "since")),
        *(("status=sent", "status"), ("pageSize=7", "pageSize"), ("state=failed", "state")),
        ("event=a%00", "event"),
    ],
)
def test_a_wrong_question_about_deliveries_is_told_at_its_parameter(rest: Rest, asked: str, field: str):
    assert rest.fails(422, "GET", f"webhook-deliveries?{asked}")["issues"][0]["field"] == field


def test_a_delivery_is_shown_with_its_attempts_and_sent_again(rest: Rest, hook: str):
    delivery = delivered(rest, hook, status_code=500)
    Attempt.objects.create(
        company_id=delivery.company_id,
        delivery_id=delivery.pk,
        number=1,
        started_at=delivery.created_at,
        duration_ms=12,
        status_code=500,
        request_headers={"content-type": "application/json"},
        response_excerpt="<b>no</b>",
    )
    path = f"webhook-deliveries/{delivery.pk}"
    shown = rest.ok("GET", path)
    assert json.loads(shown["body"])["data"]["entityId"] == shown["entityId"] == str(delivery.entity_id)
    assert (shown["url"], shown["status"], shown["statusCode"]) == (NEW["url"], "failed", 500)
    [attempt] = shown["log"]
    assert (attempt["durationMs"], attempt["responseExcerpt"]) == (12, "<b>no</b>")
    again = rest.ok("POST", f"{path}/resend", status=202)
    assert (again["id"], again["status"], len(again["log"])) == (str(delivery.pk), "pending", 1)
    rest.ok("PATCH", hook, {"enabled": False})
    assert rest.fails(409, "POST", f"{path}/resend")["issues"][0]["code"] == "webhook_not_sending"


def test_a_test_is_sent_and_is_of_no_record(rest: Rest, hook: str):
    sent = rest.ok("POST", f"{hook}/test", status=202)
    assert (sent["event"], sent["status"], sent["entityId"]) == ("webhook.test", "pending", None)
    assert Delivery.objects.get(pk=sent["id"]).is_test


def test_what_stopped_is_started_again_with_what_failed(rest: Rest, hook: str):
    assert rest.fails(409, "POST", f"{hook}/resume")["issues"][0]["code"] == "not_paused"
    delivered(rest, hook)
    began = timezone.now() - timedelta(days=6)
    Endpoint.objects.update(pause="failing", failing_since=began, paused_at=timezone.now(), failures=30)
    assert rest.ok("GET", hook)["state"] == "paused"
    done = rest.ok("POST", f"{hook}/resume", {"replay": True})
    assert (done["webhook"]["state"], done["deliveries"]) == ("new", 1)
    delivered(rest, hook)
    assert rest.ok("POST", f"{hook}/replay", {"since": EPOCH}, 202) == {"deliveries": 1}
    assert rest.ok("POST", f"{hook}/replay", {"since": EPOCH}, 202) == {"deliveries": 0}
    for body, code in (
        ({}, "required"),
        ({"since": "monday"}, "wrong_type"),
        ({"until": EPOCH}, "unknown_argument"),
    ):
        assert rest.fails(422, "POST", f"{hook}/replay", body)["issues"][0]["code"] == code
    assert rest.fails(422, "POST", f"{hook}/resume", {"replay": "yes"})["issues"][0]["field"] == "replay"


def test_webhooks_need_their_own_scopes(rest: Rest, hook: str, olivia):
    reading = Rest(people.key_of(olivia, "webhooks:read")[1])
    reading.ok("GET", hook)
    reading.ok("GET", "webhook-deliveries")
    assert "webhooks:write" in reading.fails(403, "POST", "webhooks", NEW)["message"]
    assert "webhooks:write" in reading.fails(403, "POST", f"{hook}/test")["message"]
    # Who may not read all contacts gets to see none by a detour.
    narrow = Rest(people.key_of(olivia, "webhooks:read", "webhooks:write")[1])
    [issue] = narrow.fails(403, "POST", "webhooks", NEW)["issues"]
    assert (issue["field"], issue["code"]) == ("events", "event_beyond_yours")
    delivery = delivered(rest, hook)
    assert narrow.ok("GET", f"webhook-deliveries/{delivery.pk}")["body"] is None
    Rest(people.key_of(olivia, "contacts:read")[1]).fails(403, "GET", "webhooks")


@pytest.mark.parametrize("identity", [NOBODYS_ID, "x"])
@pytest.mark.parametrize(
    ("method", "what", "body"),
    [
        *(("GET", "", None), ("PUT", "", {"enabled": False}), ("DELETE", "", None)),
        *(("POST", f"/{act}", None) for act in ("rotate-secret", "end-overlap", "resume", "test")),
        ("POST", "/replay", {"since": EPOCH}),
    ],
)
def test_a_webhook_that_nobody_has_is_not_found(rest: Rest, identity: str, method: str, what: str, body):
    [issue] = rest.fails(404, method, f"webhooks/{identity}{what}", body)["issues"]
    assert (issue["field"], issue["code"]) == ("id", "unknown_webhook")


@pytest.mark.parametrize("identity", [NOBODYS_ID, "x"])
@pytest.mark.parametrize(("method", "what"), [("GET", ""), ("POST", "/resend")])
def test_a_delivery_that_nobody_has_is_not_found(rest: Rest, identity: str, method: str, what: str):
    [issue] = rest.fails(404, method, f"webhook-deliveries/{identity}{what}")["issues"]
    assert (issue["field"], issue["code"]) == ("id", "unknown_delivery")
